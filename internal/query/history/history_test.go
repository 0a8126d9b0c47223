package history_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/query/history"
)

var start = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

type project struct {
	path  string
	clock *base.FakeClock
}

func newProject(t *testing.T) project {
	return project{filepath.Join(t.TempDir(), "state.db"), base.NewFakeClock(start)}
}

// open opens the history as another owner would.
func (p project) open(t *testing.T, owner string) (*history.Log, func()) {
	t.Helper()
	store, err := sqlite.OpenStore(p.path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := history.Open(t.Context(), history.Options{Store: store, Owner: owner, Clock: p.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	closed := sync.OnceFunc(func() { l.Close(); store.Close() })
	t.Cleanup(closed)
	return l, closed
}

func (p project) record(id, user string) history.Record {
	p.clock.Advance(time.Second)
	return history.Record{ID: id, SQL: "SELECT '한글'", User: user, State: history.Queued, SubmittedAt: p.clock.Now()}
}

func nothing(error) {}

func TestRecordsOutliveTheirOwner(t *testing.T) {
	p := newProject(t)
	l, done := p.open(t, "first")
	l.Begin(p.record("a", "김"), nothing)
	l.End("a", func(r *history.Record) { r.State, r.Rows, r.PriceUSD = history.Succeeded, 3, 0.25 })
	l.Begin(p.record("b", "이"), nothing)
	l.Update("b", func(r *history.Record) { r.State = history.Running })
	if r, err := l.Get(t.Context(), "b"); err != nil || r.State != history.Running {
		t.Errorf("%+v %v", r, err)
	}
	done() // b is still running: its owner dies here
	l, _ = p.open(t, "second")
	r, err := l.Get(t.Context(), "a")
	if err != nil || r.State != history.Succeeded || r.Rows != 3 || r.PriceUSD != 0.25 || r.SQL != "SELECT '한글'" || r.Owner != "first" {
		t.Errorf("%+v %v", r, err)
	}
	r, err = l.Get(t.Context(), "b")
	if err != nil || r.State != history.Failed || r.Error == nil || r.Error.Code != "OWNER_DIED" || r.EndedAt == nil {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := l.Get(t.Context(), "c"); base.KindOf(err) != base.NotFound {
		t.Errorf("%v", err)
	}
}

func TestListIsNewestFirstAndFiltered(t *testing.T) {
	p := newProject(t)
	l, _ := p.open(t, "o")
	for i := range 300 {
		id := fmt.Sprint("s", i)
		l.Begin(p.record(id, map[bool]string{true: "김", false: "이"}[i%3 == 0]), nothing)
		if i != 299 {
			l.End(id, func(r *history.Record) { r.State = history.Succeeded })
		}
	}
	list, err := l.List(t.Context(), history.Filter{Limit: 250})
	if err != nil || len(list) != 250 || list[0].ID != "s299" || list[0].State != history.Queued || list[249].ID != "s50" {
		t.Errorf("%d, %v", len(list), err)
	}
	list, err = l.List(t.Context(), history.Filter{User: "김", State: history.Succeeded, Limit: 2})
	if err != nil || len(list) != 2 || list[0].ID != "s297" || list[1].ID != "s294" {
		t.Errorf("%v, %v", list, err)
	}
}

func TestStopReachesTheStatementAndWaits(t *testing.T) {
	p := newProject(t)
	l, _ := p.open(t, "o")
	ctx, stop := context.WithCancelCause(t.Context())
	l.Begin(p.record("a", "김"), stop)
	why := errors.New("그만")
	go func() {
		<-ctx.Done()
		l.End("a", func(r *history.Record) { r.State = history.Cancelled })
	}()
	r, err := l.Stop(t.Context(), "a", why)
	if err != nil || r.State != history.Cancelled || !errors.Is(context.Cause(ctx), why) {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := l.Stop(t.Context(), "a", why); err != nil || r.State != history.Cancelled {
		t.Errorf("stopping again: %+v %v", r, err)
	}
}

func TestOldRecordsAreRemoved(t *testing.T) {
	p := newProject(t)
	l, done := p.open(t, "o")
	for i := range 600 {
		l.Begin(p.record(fmt.Sprint("old", i), ""), nothing)
		l.End(fmt.Sprint("old", i), func(r *history.Record) { r.State = history.Succeeded })
	}
	p.clock.Advance(time.Hour)
	old := p.clock.Now()
	l.Begin(p.record("new", ""), nothing)
	l.End("new", func(r *history.Record) { r.State = history.Succeeded })
	done()
	l, _ = p.open(t, "o")
	if err := l.Expire(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if list, err := l.List(t.Context(), history.Filter{Limit: 1000}); err != nil || len(list) != 1 || list[0].ID != "new" {
		t.Errorf("%d records left, %v", len(list), err)
	}
}
