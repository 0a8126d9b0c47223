package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// longestSleep bounds a timer: due times are wall-clock times, and a machine
// that slept or whose clock was set must notice soon.
const longestSleep = time.Minute

// batch is how many records at most are written in one transaction.
const batch = 64

// runner drives one execution. All but inbox and done belong to its goroutine.
type runner struct {
	e     *Engine
	run   *run
	inbox chan message
	done  chan struct{} // closed at the end; err is valid then
	err   error

	tasks    map[int64]context.CancelCauseFunc // by scheduled event
	timerAt  time.Time
	timer    <-chan time.Time
	resuming bool                 // tasks found running now were started by an earlier engine
	entered  map[string]time.Time // by flow, for reports
}

// message brings the runner something from outside: build makes its record
// (nil: no longer wanted), reply hears when it is durable.
type message struct {
	build func(r *run, now time.Time) (*record, error)
	reply chan error
}

// launch starts a runner; r is nil for a new execution.
func (e *Engine) launch(x Execution, m *asl.Machine, r *run) error {
	resumed := r != nil
	if !resumed {
		var err error
		if r, err = newRun(m, x, e.setup); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return errClosed()
	}
	if e.runners[x.ID] != nil {
		return nil
	}
	w := &runner{e: e, run: r, inbox: make(chan message), done: make(chan struct{}), tasks: map[int64]context.CancelCauseFunc{}, resuming: resumed, entered: map[string]time.Time{}}
	r.flows(func(f *flow) { w.entered[f.path] = f.enteredAt })
	e.runners[x.ID] = w
	e.idle.Add(1)
	go w.loop()
	return nil
}

func (w *runner) loop() {
	defer w.e.idle.Done()
	err := w.drive()
	for _, cancel := range w.tasks {
		cancel(errStopped) // no cause while the engine closes: that came first
	}
	if err != nil && w.e.ctx.Err() == nil {
		w.e.opts.Log.Error("workflow stopped", "execution", w.run.exec.ID, "error", err)
	}
	w.e.mu.Lock()
	delete(w.e.runners, w.run.exec.ID)
	w.e.mu.Unlock()
	w.err = err
	close(w.done)
}

// drive decides, writes and acts until the execution is over.
func (w *runner) drive() error {
	w.syncTasks()
	w.resuming = false
	for !w.run.over() {
		records, err := w.decideBatch()
		if err != nil {
			return err
		}
		if len(records) > 0 {
			if err := w.write(records); err != nil {
				return err
			}
			continue
		}
		if err := w.wait(); err != nil {
			return err
		}
	}
	return nil
}

func (w *runner) decideBatch() ([]*record, error) {
	var out []*record
	for len(out) < batch {
		rec := w.run.decide(w.e.opts.Clock.Now())
		if rec == nil {
			break
		}
		if err := w.run.apply(rec); err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// write makes records durable, then starts and stops tasks accordingly.
func (w *runner) write(records []*record) error {
	id := w.run.exec.ID
	err := w.e.opts.Store.Update(w.e.ctx, func(tx *sql.Tx) error { return insertRecords(tx, id, records) })
	if err != nil {
		return fmt.Errorf("write history of %s: %w", id, err)
	}
	for _, rec := range records {
		w.report(rec)
	}
	w.syncTasks()
	return nil
}

func (w *runner) report(rec *record) {
	p := base.Progress{Run: w.run.exec.ID}
	switch {
	case terminal(rec.Type):
		p.Stage, p.Done, p.Failed = "workflow "+w.run.exec.Workflow, true, rec.Type != "ExecutionSucceeded"
		p.Elapsed = rec.Time.Sub(w.run.exec.Started)
		if rec.Details.Error != nil {
			p.Note = *rec.Details.Error
		}
	case strings.HasSuffix(rec.Type, "StateEntered"):
		p.Stage = "state " + rec.State
		w.entered[rec.flow] = rec.Time
	case strings.HasSuffix(rec.Type, "StateExited"):
		p.Stage, p.Done, p.Elapsed = "state "+rec.State, true, rec.Time.Sub(w.entered[rec.flow])
	case strings.HasSuffix(rec.Type, "StateAborted"):
		p.Stage, p.Done, p.Failed, p.Note = "state "+rec.State, true, true, "stopped"
	case rec.Details.Error != nil: // a failed attempt
		p.Stage, p.Note = "state "+rec.State, *rec.Details.Error
	case rec.Type == retryScheduled:
		p.Stage, p.Note = "state "+rec.State, "retry at "+time.UnixMicro(rec.own.Due).UTC().Format(time.RFC3339)
	default:
		return
	}
	w.e.opts.Report.Do(p)
}

// syncTasks starts the tasks that the state says are running and cancels those
// it does not know any more.
func (w *runner) syncTasks() {
	live := map[int64]bool{}
	w.run.flows(func(f *flow) {
		if f.phase != started {
			return
		}
		live[f.task.id] = true
		if w.tasks[f.task.id] == nil {
			t := w.run.task(f)
			t.Resumed = w.resuming
			w.startTask(t)
		}
	})
	for id, cancel := range w.tasks {
		if !live[id] {
			cancel(errStopped)
			delete(w.tasks, id)
		}
	}
}

func (w *runner) startTask(t Task) {
	ctx, cancel := context.WithCancelCause(w.e.ctx)
	w.tasks[t.EventID] = cancel
	t.Submit = func(output json.RawMessage) error {
		return w.send(ctx, func(r *run, now time.Time) (*record, error) { return r.taskSubmitted(t.EventID, output, now) })
	}
	w.e.idle.Add(1)
	go func() {
		defer w.e.idle.Done()
		output, err := w.call(ctx, t)
		if ctx.Err() != nil {
			return // cancelled: nobody waits for this attempt, or a resume attaches to it
		}
		_ = w.send(ctx, func(r *run, now time.Time) (*record, error) { return r.taskEnded(t.EventID, output, err, now), nil })
	}()
}

func (w *runner) call(ctx context.Context, t Task) (out json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.e.opts.Log.Error("task panicked", "task", t.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the task panicked: %v", p)
		}
	}()
	fn := w.e.taskFunc(t.Resource)
	if fn == nil {
		return nil, fmt.Errorf("no task serves the resource %s", t.Resource)
	}
	return fn(ctx, t)
}

// send hands a message to the runner and waits until its record is durable.
func (w *runner) send(ctx context.Context, build func(*run, time.Time) (*record, error)) error {
	m := message{build: build, reply: make(chan error, 1)}
	select {
	case w.inbox <- m:
	case <-w.done:
		return context.Canceled
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-m.reply:
		return err
	case <-w.done:
		select {
		case err := <-m.reply:
			return err
		default:
			return context.Canceled
		}
	}
}

func (w *runner) stop(ctx context.Context, d Details) error {
	err := w.send(ctx, func(r *run, now time.Time) (*record, error) {
		return r.record(nil, "ExecutionAborted", r.lastID, d, own{}, now), nil
	})
	select {
	case <-w.done:
		if w.err == nil {
			return nil // over: by this stop, or by itself just before
		}
	default:
	}
	return err
}

// wait sleeps until a message, the next due time or the end of the engine.
func (w *runner) wait() error {
	if at := w.run.nextDue(); !at.Equal(w.timerAt) {
		w.timerAt, w.timer = at, nil
		if !at.IsZero() {
			w.timer = w.e.opts.Clock.After(min(at.Sub(w.e.opts.Clock.Now()), longestSleep))
		}
	}
	select {
	case <-w.e.ctx.Done():
		return w.e.ctx.Err()
	case <-w.timer:
		w.timerAt = time.Time{}
		return nil
	case m := <-w.inbox:
		if w.e.ctx.Err() != nil {
			return w.e.ctx.Err()
		}
		rec, err := m.build(w.run, w.e.opts.Clock.Now())
		if rec == nil || err != nil {
			m.reply <- err
			return nil
		}
		if err := w.run.apply(rec); err != nil {
			return err
		}
		err = w.write([]*record{rec})
		m.reply <- err
		return err
	}
}
