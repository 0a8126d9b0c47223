package trino

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// registry holds the statements that clients may ask for.
type registry struct {
	clock base.Clock
	mu    sync.Mutex // guards all; taken before a statement's
	all   map[string]*statement
}

// Statements that have ended stay for a while, so that the last page can be
// asked for again: so many of them at most.
const (
	endedStay = time.Minute
	endedMost = 256
)

// newRegistry watches over its statements until ctx ends, then stops them.
func newRegistry(ctx context.Context, clock base.Clock, abandoned time.Duration) *registry {
	g := &registry{clock: clock, all: map[string]*statement{}}
	go g.watch(ctx, min(abandoned, time.Second))
	return g
}

func (g *registry) watch(ctx context.Context, every time.Duration) {
	for {
		select {
		case <-ctx.Done():
			return // statements run under ctx
		case <-g.clock.After(every):
			g.sweep(g.clock.Now())
		}
	}
}

func (g *registry) add(s *statement) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all[s.id] = s
}

func (g *registry) get(id string) *statement {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.all[id]
}

// asked tells that a client waits for a page of s, until left is called.
func (g *registry) asked(s *statement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asking++
}

// left tells that nobody waits any more: s counts as abandoned if it is not
// asked for within so long.
func (g *registry) left(s *statement, long time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asking--; s.asking == 0 {
		s.due = g.clock.Now().Add(long)
	}
}

// soon sweeps after so long.
func (g *registry) soon(s *statement, long time.Duration) {
	select {
	case <-s.ctx.Done():
	case <-g.clock.After(long):
		g.sweep(g.clock.Now())
	}
}

// sweep stops abandoned statements and forgets those that ended.
func (g *registry) sweep(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var done []*statement
	for id, s := range g.all {
		s.mu.Lock()
		over, read := s.state == ended, s.last != nil && s.last.final
		late := s.asking == 0 && !now.Before(s.due)
		old := over && (late || read && now.After(s.made.Add(s.took+endedStay)))
		s.mu.Unlock()
		switch {
		case old:
			delete(g.all, id)
		case late:
			s.stop(errAbandoned)
		case over && read:
			done = append(done, s)
		}
	}
	if len(done) <= endedMost {
		return
	}
	slices.SortFunc(done, func(a, b *statement) int { return a.made.Compare(b.made) })
	for _, s := range done[:len(done)-endedMost] {
		delete(g.all, s.id)
	}
}

// describe answers with what is known of a statement.
func (h *handler) describe(w http.ResponseWriter, r *http.Request) {
	s := h.registry.get(r.PathValue("id"))
	if s == nil {
		refuse(w, http.StatusGone, "this statement is not known here any more: see mulgil history")
		return
	}
	s.mu.Lock()
	st, failed := s.stats(s.state), s.err
	s.mu.Unlock()
	out := map[string]any{
		"queryId": s.id, "query": s.sql, "state": st.State, "session": map[string]any{"user": s.user}, "queryStats": st,
		"createTime": stamp(s.made), "scheduled": st.Scheduled, "self": origin(r) + r.URL.Path,
	}
	if failed != nil {
		e := h.failure(failed)
		out["failureInfo"], out["errorType"], out["errorCode"] = e.Failure, e.ErrorType, map[string]any{"code": e.ErrorCode, "name": e.ErrorName, "type": e.ErrorType}
	}
	writeJSON(w, out)
}

// kill stops a statement that need not be the caller's.
func (h *handler) kill(w http.ResponseWriter, r *http.Request) {
	if s := h.registry.get(r.PathValue("id")); s != nil {
		s.stop(errCanceled)
	}
	w.WriteHeader(http.StatusNoContent)
}
