package history

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/mulgil/mulgil/internal/base"
)

// Begin records a statement that was just submitted. stop ends it; End must be
// called once it has ended.
func (l *Log) Begin(r Record, stop context.CancelCauseFunc) {
	r.Owner = l.o.Owner
	l.mu.Lock()
	l.live[r.ID] = &statement{record: r, stop: stop, done: make(chan struct{})}
	l.mu.Unlock()
	l.changed(r)
}

// Update changes the record of a statement at work.
func (l *Log) Update(id string, change func(*Record)) {
	l.mu.Lock()
	s, ok := l.live[id]
	if !ok {
		l.mu.Unlock()
		return
	}
	change(&s.record)
	r := s.record
	l.mu.Unlock()
	l.changed(r)
}

// End is the last Update: the statement is no longer at work.
func (l *Log) End(id string, change func(*Record)) {
	l.Update(id, change)
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.live[id]; ok {
		close(s.done)
		delete(l.live, id)
	}
}

func (l *Log) changed(r Record) {
	l.mu.Lock()
	l.dirty[r.ID] = &r
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Get returns one record.
func (l *Log) Get(ctx context.Context, id string) (Record, error) {
	if r, ok := l.unwritten(id); ok {
		return r, nil
	}
	list, err := l.query(ctx, `WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = base.Errorf(base.NotFound, "no statement %q in the history", id).WithHint("mulgil history lists them")
	}
	if err != nil {
		return Record{}, err
	}
	return list[0], nil
}

func (l *Log) unwritten(id string) (Record, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.live[id]; ok {
		return s.record, true
	}
	if r, ok := l.dirty[id]; ok {
		return *r, true
	}
	return Record{}, false
}

// Filter chooses records; zero fields do not.
type Filter struct {
	State State
	User  string
	// Limit is the number of records, 0 means 20.
	Limit int
}

func (f Filter) takes(r Record) bool {
	return (f.State == "" || r.State == f.State) && (f.User == "" || r.User == f.User)
}

// List returns the newest records first.
func (l *Log) List(ctx context.Context, f Filter) ([]Record, error) {
	if f.Limit <= 0 {
		f.Limit = 20
	}
	l.mu.Lock()
	all := make(map[string]Record, len(l.dirty)+len(l.live))
	for id, r := range l.dirty {
		all[id] = *r
	}
	for id, s := range l.live {
		all[id] = s.record
	}
	l.mu.Unlock()
	// Records in memory may stand for written ones of another state.
	written, err := l.query(ctx, `WHERE (? = '' OR state = ?) AND (? = '' OR record ->> '$.user' = ?) ORDER BY submitted DESC, id LIMIT ?`,
		f.State, f.State, f.User, f.User, f.Limit+len(all))
	if err != nil {
		return nil, err
	}
	for _, r := range written {
		if _, ok := all[r.ID]; !ok {
			all[r.ID] = r
		}
	}
	out := slices.DeleteFunc(slices.Collect(maps.Values(all)), func(r Record) bool { return !f.takes(r) })
	slices.SortFunc(out, func(a, b Record) int {
		return cmp.Or(b.SubmittedAt.Compare(a.SubmittedAt), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), f.Limit)], nil
}

// Stop ends a statement with cause and waits for its end. One that has ended
// already stays as it is.
func (l *Log) Stop(ctx context.Context, id string, cause error) (Record, error) {
	l.mu.Lock()
	s, ok := l.live[id]
	l.mu.Unlock()
	if ok {
		s.stop(cause)
	}
	return l.Wait(ctx, id)
}

// Wait returns a statement once it has ended.
func (l *Log) Wait(ctx context.Context, id string) (Record, error) {
	l.mu.Lock()
	s, ok := l.live[id]
	l.mu.Unlock()
	if ok {
		select {
		case <-s.done:
		case <-ctx.Done():
			return Record{}, ctx.Err()
		}
	}
	return l.Get(ctx, id)
}

// StopAll ends every statement at work and waits for their end.
func (l *Log) StopAll(cause error) {
	l.mu.Lock()
	var left []*statement
	for _, s := range l.live {
		left = append(left, s)
	}
	l.mu.Unlock()
	for _, s := range left {
		s.stop(cause)
	}
	for _, s := range left {
		<-s.done
	}
}
