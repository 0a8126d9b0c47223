package schedule

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const (
	// recheck bounds how long the wall clock is not looked at: someone may set it.
	recheck = 2 * time.Second
	// onTime is how late a fire may be without being missed; AWS's precision.
	onTime = time.Minute
	// retryStore is the wait after the store refused a record.
	retryStore = time.Second
	// chunk is how many missed fires are recorded in one transaction.
	chunk = 250
)

// runner works for one schedule. All but wake belongs to its goroutine.
type runner struct {
	s    *Service
	d    *Schedule
	wake chan struct{} // holds one: something outside changed

	entry
	seen time.Time // what the wall clock showed last
}

// runner registers d and takes up what an earlier process left.
func (s *Service) runner(ctx context.Context, d *Schedule) (*runner, error) {
	e, err := s.register(ctx, d)
	if err != nil {
		return nil, err
	}
	r := &runner{s: s, d: d, wake: make(chan struct{}, 1), entry: e, seen: s.now()}
	if r.cursor.After(r.seen) { // the clock was set back meanwhile
		r.cursor = r.seen
	}
	left, err := queryFires(ctx, s.o.Store.Reader(), `WHERE schedule = ? AND state = ?`, d.Name, Started)
	if err != nil {
		return nil, err
	}
	for _, f := range left {
		r.await(ctx, f, true)
	}
	s.mu.Lock()
	s.runners[d.Name] = r
	s.mu.Unlock()
	return r, nil
}

// reload has the runner look again at once. It never blocks.
func (r *runner) reload() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *runner) loop(ctx context.Context) {
	for {
		wait, err := r.step(ctx)
		if err != nil && ctx.Err() == nil {
			r.s.o.Log.Error("schedule", "schedule", r.d.Name, "error", err)
			wait = retryStore
		}
		timer := r.s.o.Clock.After(wait)
		r.s.looked(r.d.Name, wait)
		select {
		case <-ctx.Done():
			return
		case <-timer:
		case <-r.wake:
			e, known, err := readEntry(ctx, r.s.o.Store.Reader(), r.d)
			if err == nil && known {
				if e.enabled && !r.enabled {
					r.cursor = e.cursor
				}
				r.enabled = e.enabled
			}
		}
	}
}

// step does all that is due and returns how long there is nothing to do.
func (r *runner) step(ctx context.Context) (time.Duration, error) {
	now := r.s.now()
	if now.Before(r.seen) && r.cursor.After(now) {
		// The clock was set back: its times come again, and those that have
		// fired are known by their rows.
		r.cursor = now
	}
	r.seen = now
	next := now.Add(recheck)
	if r.enabled {
		upcoming, err := r.pass(ctx, now)
		if err != nil {
			return 0, err
		}
		next = earlier(next, upcoming)
	}
	due, err := r.waiting(ctx)
	if err != nil {
		return 0, err
	}
	// The clock may have been set back since now was read.
	return min(recheck, max(0, earlier(next, due).Sub(r.s.now()))), nil
}

// earlier is the earlier of two times, zero being none.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

// pass settles every nominal time up to now and returns the one after it.
func (r *runner) pass(ctx context.Context, now time.Time) (time.Time, error) {
	t, ok := r.d.next(r.cursor, r.anchor)
	if !ok || t.After(now) {
		return t, nil
	}
	taken, err := r.s.taken(ctx, r.d.Name, r.cursor, now)
	if err != nil {
		return t, err
	}
	var m missed
	for ; ok && !t.After(now); t, ok = r.d.next(t, r.anchor) {
		switch {
		case taken[micros(t)]: // the clock was set back
			m.cursor = t
		case now.Sub(t) > onTime+r.d.Window:
			m.add(t, r.d.CatchUp)
			if len(m.due) >= chunk {
				err = r.makeUp(ctx, &m)
			}
		default:
			if err = r.makeUp(ctx, &m); err == nil {
				err = r.fire(ctx, t)
			}
		}
		if err != nil {
			return t, err
		}
	}
	return t, r.makeUp(ctx, &m)
}

// missed collects nominal times that passed unnoticed.
type missed struct {
	due     []time.Time // to be made up for
	skipped int
	last    time.Time // the newest that was skipped
	cursor  time.Time
}

func (m *missed) add(t time.Time, policy string) {
	m.cursor = t
	if policy != Skip {
		if policy == Last && len(m.due) > 0 {
			m.skip(m.due[0])
			m.due = m.due[:0]
		}
		m.due = append(m.due, t)
		return
	}
	m.skip(t)
}

func (m *missed) skip(t time.Time) { m.skipped, m.last = m.skipped+1, t }

// makeUp records missed fires, those that the policy wants as WAITING.
func (r *runner) makeUp(ctx context.Context, m *missed) error {
	if m.cursor.IsZero() {
		return nil
	}
	now := r.s.now()
	skipped := Fire{Schedule: r.d.Name, Nominal: m.last, Target: r.d.Target, State: Skipped, Ended: now, Missed: m.skipped}
	if m.skipped > 0 {
		r.s.o.Log.Warn("fires of a schedule were missed", "schedule", r.d.Name, "missed", m.skipped, "last", m.last)
	}
	err := r.s.o.Store.Update(ctx, func(tx *sql.Tx) error {
		for _, t := range m.due {
			f := Fire{Schedule: r.d.Name, Nominal: t, Target: r.d.Target, State: Waiting, CatchUp: true, Due: now}
			if err := insertFire(tx, &f); err != nil && !errors.Is(err, errTaken) {
				return err
			}
		}
		if m.skipped > 0 {
			if err := insertFire(tx, &skipped); err != nil && !errors.Is(err, errTaken) {
				return err
			}
		}
		return moveCursor(tx, r.d.Name, m.cursor)
	})
	if err != nil {
		return err
	}
	if m.skipped > 0 {
		r.notify(ctx, OnMissed, skipped)
	}
	r.cursor = m.cursor
	*m = missed{}
	return nil
}

// fire starts what is due at t, or has it wait for its place in the window.
func (r *runner) fire(ctx context.Context, t time.Time) error {
	f := Fire{Schedule: r.d.Name, Nominal: t, Target: r.d.Target}
	settle := func(tx *sql.Tx) error { return moveCursor(tx, r.d.Name, t) }
	var err error
	if r.d.Window > 0 {
		f.State, f.Due = Waiting, t.Add(r.d.offset(t))
		err = r.s.o.Store.Update(ctx, func(tx *sql.Tx) error { return errors.Join(insertFire(tx, &f), settle(tx)) })
	} else {
		err = r.attempt(ctx, f, "", settle)
	}
	if err == nil {
		r.cursor = t
	}
	return err
}

// waiting starts recorded fires that have come due and returns when the next
// one does. Of a catch-up only one is at work at a time, in order.
func (r *runner) waiting(ctx context.Context) (next time.Time, err error) {
	open, err := queryFires(ctx, r.s.o.Store.Reader(), `WHERE schedule = ? AND state IN ('WAITING', 'STARTED') ORDER BY nominal LIMIT ?`, r.d.Name, chunk)
	if err != nil {
		return next, err
	}
	busy := false
	for _, f := range open {
		if f.State == Started {
			busy = busy || f.CatchUp
			continue
		}
		if f.CatchUp && busy {
			continue
		}
		busy = busy || f.CatchUp
		if !f.isDue(r.s.now()) {
			next = earlier(next, f.Due)
			continue
		}
		if err := r.attempt(ctx, f, Waiting, func(*sql.Tx) error { return nil }); err != nil {
			return next, err
		}
	}
	return next, nil
}

// isDue tells whether a WAITING fire may start. What does not wait for its
// window goes by how long it waits, not by the hour, which someone may set back.
func (f *Fire) isDue(now time.Time) bool {
	wait := f.Due.Sub(now)
	return wait <= 0 || f.CatchUp && f.Attempts == 0 || f.Attempts > 0 && wait > longestBackoff
}
