package trino

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// state is how far a statement is.
type state int

const (
	queued state = iota
	running
	ended
)

// statement is one that a client asked for: the receiver of its rows, and the
// pages made of them.
type statement struct {
	// id is the one of the history; slug keeps others from guessing addresses.
	id, slug   string
	user, sql  string
	parametric bool
	limit      int
	clock      base.Clock
	made       time.Time
	ctx        context.Context
	stop       context.CancelCauseFunc
	// named is closed once id is known.
	named chan struct{}

	// turn is held by the request that makes the next page.
	turn chan struct{}

	mu      sync.Mutex // guards the fields below
	state   state
	columns []byte // as JSON; nil until known
	rewrite func([]byte) ([]byte, error)
	unread  [][]byte // batches that wait for their reader, size bytes together
	size    int
	rows    int64 // handed to pages
	stages  map[string]base.Progress
	out     *query.Outcome
	err     error
	took    time.Duration // from made to the end
	// changed is closed and made anew when any of the above changes.
	changed chan struct{}
	// token is that of last, the page that can be asked for again.
	token int
	last  *page
	// asking is how many requests wait for a page.
	asking int
	// due is when the statement counts as abandoned if nobody asks.
	due time.Time
}

func (h *handler) newStatement(a asked, sql string) *statement {
	ctx, stop := context.WithCancelCause(h.life)
	now := h.Clock.Now()
	s := &statement{
		slug: rand.Text(), user: a.session.User, sql: sql, parametric: a.parametric, limit: h.Unread, clock: h.Clock, made: now, ctx: ctx, stop: stop,
		named: make(chan struct{}), turn: make(chan struct{}, 1), stages: map[string]base.Progress{}, changed: make(chan struct{}), due: now.Add(min(silent, h.Abandoned)),
	}
	return s
}

// run runs the statement to its end.
func (h *handler) run(s *statement, req query.Request) {
	defer func() {
		if p := recover(); p != nil {
			h.Log.Error("statement panicked", "statement", s.id, "panic", p, "stack", string(debug.Stack()))
			if s.ID() == "" {
				s.Queued(uuid.NewString())
			}
			s.end(nil, base.Errorf(base.Internal, "a fault in mulgil ended the statement: %v", p))
		}
	}()
	out, err := h.Query.Execute(s.ctx, req, s)
	if s.ID() == "" { // it never began
		s.Queued(uuid.NewString())
	}
	s.end(out, err)
}

// ID is the statement's, "" before it is known.
func (s *statement) ID() string {
	select {
	case <-s.named:
		return s.id
	default:
		return ""
	}
}

// Queued implements query.Receiver.
func (s *statement) Queued(id string) {
	s.id = id
	close(s.named)
}

// Running implements query.Receiver.
func (s *statement) Running() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == queued {
		s.state = running
		s.tell()
	}
}

// tell wakes those who wait; s.mu is held.
func (s *statement) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Columns implements query.Receiver.
func (s *statement) Columns(cols []query.Column) error {
	text, list, err := columnsJSON(cols, s.parametric)
	if err != nil {
		return fmt.Errorf("describe the result: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.columns = text
	if !s.parametric {
		s.rewrite = plainer(list)
	}
	s.tell()
	return nil
}

// Rows implements query.Receiver: it waits while too much is unread.
func (s *statement) Rows(batch []byte, n int) error {
	if n == 0 {
		return nil
	}
	if s.rewrite != nil { // set before the first rows, by the same goroutine
		var err error
		if batch, err = s.rewrite(batch); err != nil {
			return err
		}
	}
	for {
		s.mu.Lock()
		if s.size == 0 || s.size+len(batch) <= s.limit {
			s.unread, s.size, s.rows = append(s.unread, batch), s.size+len(batch), s.rows+int64(n)
			s.tell()
			s.mu.Unlock()
			return nil
		}
		wait := s.changed
		s.mu.Unlock()
		select {
		case <-wait:
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		}
	}
}

// report notes what the statement's stages have done.
func (s *statement) report(p base.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stages[p.Stage] = p
}

// end is the statement's end, well or not.
func (s *statement) end(out *query.Outcome, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == ended {
		return
	}
	s.state, s.out, s.err, s.took = ended, out, err, s.clock.Now().Sub(s.made)
	if err != nil {
		s.unread, s.size = nil, 0
	}
	s.stop(nil)
	s.tell()
}

// errCanceled is why a client's statement stops when the client says so.
var errCanceled = base.Errorf(base.Canceled, "query was canceled").WithCode("USER_CANCELED")

// errAbandoned is why a statement stops that nobody asks for.
var errAbandoned = base.Errorf(base.Canceled, "query was abandoned: its client has not asked for the answer any more").WithCode("ABANDONED_QUERY")
