package schedule

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// start starts f's run and records f as STARTED in the same transaction, with
// what also does. from is f's state so far, empty for a new fire. errTaken
// means that the fire has a run already.
func (s *Service) start(ctx context.Context, d *Schedule, f *Fire, from State, also func(tx *sql.Tx) error) error {
	c := Call{ID: f.ID(), RunName: f.RunName(), Target: d.Target}
	if text := d.Input.Fill(f.moment(d.Location())); text != "" {
		c.Input = json.RawMessage(text)
	}
	done := *f
	recorded := false
	record := func(tx *sql.Tx, run string) error {
		recorded = true
		done.State, done.Run, done.Started, done.Error = Started, run, s.now(), ""
		err := s.put(tx, &done, from)
		if err != nil {
			return err
		}
		return also(tx)
	}
	run, err := s.o.Starter.Start(ctx, c, record)
	if err == nil && !recorded { // the run was there: only the fire was not told of
		err = s.o.Store.Update(ctx, func(tx *sql.Tx) error { return record(tx, run) })
	}
	if err != nil {
		return err
	}
	*f = done
	return nil
}

// put inserts a new fire or changes one that is in state from.
func (s *Service) put(tx *sql.Tx, f *Fire, from State) error {
	if from == "" {
		return insertFire(tx, f)
	}
	return updateFire(tx, f, from)
}

// attempt tries to start a fire. What comes of it is recorded, with also in the
// same transaction; an error means that it could not be recorded.
func (r *runner) attempt(ctx context.Context, f Fire, from State, also func(tx *sql.Tx) error) error {
	f.Attempts++
	if f.First.IsZero() {
		f.First = r.s.now()
	}
	err := r.s.start(ctx, r.d, &f, from, also)
	switch {
	case err == nil:
		r.await(ctx, f, false)
		return nil
	case errors.Is(err, errTaken):
		return r.s.o.Store.Update(ctx, also)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return r.failed(ctx, f, from, err, also)
}

// failed plans the next attempt of a fire that could not be started, or gives it up.
func (r *runner) failed(ctx context.Context, f Fire, from State, cause error, also func(tx *sql.Tx) error) error {
	now := r.s.now()
	f.Error, f.State, f.Due = base.Render(cause), Waiting, now.Add(backoff(f.Attempts))
	why := ""
	switch {
	case !passing(cause):
	case f.Attempts > r.d.Retries:
		why = "MaximumRetryAttempts"
	case f.Due.Sub(f.First) > r.d.Age:
		why = "MaximumEventAgeInSeconds"
	default:
		r.s.o.Log.Warn("a schedule's target did not start; it is tried again", "schedule", f.Schedule, "time", f.Nominal, "attempt", f.Attempts, "error", cause)
		return r.s.o.Store.Update(ctx, func(tx *sql.Tx) error { return errors.Join(r.s.put(tx, &f, from), also(tx)) })
	}
	f.State, f.Ended, f.Due = Dropped, now, time.Time{}
	r.s.o.Log.Error("a schedule's fire is given up", "schedule", f.Schedule, "time", f.Nominal, "attempts", f.Attempts, "error", cause)
	if err := r.bury(f, why, cause); err != nil {
		return err
	}
	r.notify(ctx, OnDropped, f)
	return r.s.o.Store.Update(ctx, func(tx *sql.Tx) error { return errors.Join(r.s.put(tx, &f, from), also(tx)) })
}

// passing tells whether trying again may help.
func passing(err error) bool {
	return slices.Contains([]base.Kind{base.Conflict, base.Unavailable, base.Internal, base.Canceled}, base.KindOf(err))
}

// longestBackoff bounds the wait between attempts.
const longestBackoff = 5 * time.Minute

// backoff is how long the attempt after n failed ones waits: 1 s, doubled each time.
func backoff(n int) time.Duration {
	if n > 9 {
		return longestBackoff
	}
	return min(time.Second<<(n-1), longestBackoff)
}

// await records the end of a run when it comes. left says that an earlier
// process started it.
func (r *runner) await(ctx context.Context, f Fire, left bool) {
	r.s.idle.Go(func() {
		defer r.reload()
		outcome, reason, err := r.s.o.Starter.Wait(ctx, f.Target, f.Run, left)
		if ctx.Err() != nil {
			return // whoever runs the schedules next asks again
		}
		switch {
		case err != nil:
			err = r.s.end(ctx, &f, RunFailed, base.Render(err))
		case outcome == RunInterrupted:
			err = r.failed(ctx, f, Started, base.Errorf(base.Unavailable, "the process that ran it went away"), func(*sql.Tx) error { return nil })
		default:
			if outcome == RunFailed {
				f.Error = reason
				r.notify(ctx, OnFailed, f)
			}
			err = r.s.end(ctx, &f, outcome, reason)
		}
		if err != nil && ctx.Err() == nil {
			r.s.o.Log.Error("the end of a schedule's run is not recorded", "schedule", f.Schedule, "run", f.Run, "error", err)
		}
	})
}

// notice is the input of a workflow that is told of a fire.
type notice struct {
	Occasion string    `json:"occasion"`
	Schedule string    `json:"schedule"`
	Time     time.Time `json:"time"`
	Target   Target    `json:"target"`
	Run      string    `json:"run,omitempty"`
	Missed   int       `json:"missed,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// notify starts the workflow that wants to know. Its execution is named after
// the fire, so that telling twice starts it once.
func (r *runner) notify(ctx context.Context, occasion string, f Fire) {
	if r.s.o.Told != nil {
		r.s.o.Told(ctx, occasion, f)
	}
	n := r.d.Notify
	if n.Workflow == "" || !slices.Contains(n.On, occasion) {
		return
	}
	input, err := json.Marshal(notice{occasion, f.Schedule, f.Nominal, f.Target, f.Run, f.Missed, f.Error})
	if err == nil {
		name := cut(f.RunName(), longestName-len(occasion)-1) + "-" + occasion
		_, err = r.s.o.Starter.Start(ctx, Call{ID: f.ID() + "/" + occasion, RunName: name, Target: Target{Workflow, n.Workflow}, Input: input},
			func(*sql.Tx, string) error { return nil })
	}
	if err != nil {
		r.s.o.Log.Error("nobody was told of a schedule", "schedule", f.Schedule, "occasion", occasion, "workflow", n.Workflow, "error", fmt.Errorf("notify: %w", err))
	}
}
