package workflow

import (
	"context"
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
	done  chan struct{} // closed at the end; err and the run's outcome are valid then
	err   error

	// volatile executions (EXPRESS) leave no journal.
	volatile bool
	pending  []*record    // decided, not written yet
	replies  []chan error // who waits for that

	tasks    map[int64]context.CancelCauseFunc // tasks and map runs, by their first event
	offered  map[int64]bool                    // activities that workers may fetch
	timerAt  time.Time
	timer    <-chan time.Time
	resuming bool                 // tasks found running now were started by an earlier engine
	entered  map[string]time.Time // by flow, for reports
}

// message brings the runner something from outside: build makes its record
// (nil: no longer wanted, or nothing to record), reply hears when it is durable.
type message struct {
	build func(r *run, now time.Time) (*record, error)
	reply chan error
}

// launch starts a runner; r is nil for a new execution.
func (e *Engine) launch(x Execution, m *asl.Machine, r *run) (*runner, error) {
	resumed := r != nil
	if !resumed {
		var err error
		if r, err = newRun(m, x, &e.setup); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errClosed()
	}
	if w := e.runners[x.ID]; w != nil {
		return w, nil
	}
	w := &runner{e: e, run: r, inbox: make(chan message), done: make(chan struct{}), volatile: m.Express,
		tasks: map[int64]context.CancelCauseFunc{}, offered: map[int64]bool{}, resuming: resumed, entered: map[string]time.Time{}}
	now := e.opts.Clock.Now()
	r.flows(func(f *flow) {
		w.entered[f.path] = f.enteredAt
		f.task.beat = now // nobody could send a heartbeat meanwhile
	})
	if w.volatile && r.deadline.IsZero() {
		r.limit = longestExpress
	}
	e.runners[x.ID] = w
	e.idle.Add(1)
	go w.loop()
	return w, nil
}

// longestExpress bounds EXPRESS executions, as in Step Functions.
const longestExpress = 5 * time.Minute

func (w *runner) loop() {
	defer w.e.idle.Done()
	err := w.drive()
	for _, cancel := range w.tasks {
		cancel(errStopped) // without effect while the engine closes: that came first
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
	for {
		if err := w.decide(); err != nil {
			return err
		}
		if len(w.pending) > 0 {
			if err := w.write(); err != nil {
				return err
			}
			continue
		}
		if w.run.over() {
			return nil
		}
		if err := w.wait(); err != nil {
			return err
		}
	}
}

// decide adds what follows to the pending records, which are written together.
func (w *runner) decide() error {
	for len(w.pending) < batch {
		rec := w.run.decide(w.e.opts.Clock.Now())
		if rec == nil {
			return nil
		}
		if err := w.run.apply(rec); err != nil {
			return err
		}
		w.pending = append(w.pending, rec)
	}
	return nil
}

// write makes the pending records durable, then starts and stops tasks accordingly.
func (w *runner) write() error {
	id, records := w.run.exec.ID, w.pending
	var err error
	if !w.volatile {
		err = w.e.journal.write(w.e.ctx, w.run.exec, records)
	}
	for _, reply := range w.replies {
		reply <- err
	}
	w.pending, w.replies = nil, nil
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
	if w.run.exec.MapRun != "" {
		return // the Map it belongs to is reported
	}
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

// syncTasks starts the tasks and map runs that the state says are running and
// cancels those it does not know any more.
func (w *runner) syncTasks() {
	live := map[int64]bool{}
	w.run.flows(func(f *flow) {
		switch f.phase {
		case scheduled:
			if asl.IsActivity(f.state.Resource) {
				w.offer(f)
			}
		case started:
			live[f.task.id] = true
			if w.tasks[f.task.id] == nil && w.callable(f) {
				t := w.run.task(f)
				t.Resumed = w.resuming
				w.startTask(t)
			}
		case mapping:
			live[f.run.id] = true
			if w.tasks[f.run.id] == nil && f.run.plan.Fault == nil {
				w.startMapRun(f)
			}
		}
	})
	for id, cancel := range w.tasks {
		if !live[id] {
			cancel(errStopped)
			delete(w.tasks, id)
		}
	}
}

// callable tells whether a function does a task: an activity's work is done by
// workers, and who has the token of a task that gave its first answer ends it.
func (w *runner) callable(f *flow) bool {
	kind, _ := asl.IntegrationOf(f.state.Resource)
	return !asl.IsActivity(f.state.Resource) && !(kind == asl.WaitForToken && f.task.submitted != nil)
}

func (w *runner) startTask(t Task) {
	ctx, cancel := context.WithCancelCause(w.e.ctx)
	w.tasks[t.EventID] = cancel
	t.Submit = func(output json.RawMessage) error {
		return w.send(ctx, func(r *run, now time.Time) (*record, error) { return r.taskSubmitted(t.EventID, output, now) })
	}
	t.Beat = func() { _ = w.beat(ctx, t.EventID) }
	w.e.idle.Add(1)
	go func() {
		defer w.e.idle.Done()
		output, err := w.call(ctx, t)
		if ctx.Err() != nil {
			return // cancelled: nobody waits for this attempt, or a resume attaches to it
		}
		_ = w.send(ctx, func(r *run, now time.Time) (*record, error) { return r.taskAnswered(t.EventID, output, err, now) })
	}()
}

// beat starts a task's heartbeat time anew; an error if nobody waits for it.
func (w *runner) beat(ctx context.Context, event int64) error {
	return w.send(ctx, func(r *run, now time.Time) (*record, error) {
		f := r.taskFlow(event)
		if f == nil {
			return nil, errTaskGone()
		}
		f.task.beat = now
		return nil, nil
	})
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
		return w.receive(m)
	}
}

// receive takes a message and those that wait behind it, so that one
// transaction serves them all.
func (w *runner) receive(m message) error {
	for {
		if w.e.ctx.Err() != nil {
			return w.e.ctx.Err()
		}
		rec, err := m.build(w.run, w.e.opts.Clock.Now())
		if rec == nil || err != nil {
			m.reply <- err
		} else {
			if err := w.run.apply(rec); err != nil {
				return err
			}
			w.pending, w.replies = append(w.pending, rec), append(w.replies, m.reply)
		}
		if w.run.over() || len(w.pending) >= batch {
			return nil
		}
		select {
		case m = <-w.inbox:
		default:
			return nil
		}
	}
}
