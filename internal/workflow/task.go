package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// TaskFunc does what a Task state asks for and returns its result as JSON. An
// error that is or wraps a *TaskError becomes the States error it names; any
// other becomes States.TaskFailed with its text as cause. When ctx ends (time
// limit, a failed sibling, a stop) it should end its work and return.
//
// How it serves the three ways of waiting that a resource's name asks for:
//
//   - "x:y" returns the answer to the request;
//   - "x:y.sync" and "x:y.sync:2" call Submit with the first answer (which job
//     was started), wait for the job and return its description;
//   - "x:y.waitForTaskToken" returns the first answer; the task then goes on
//     until its Token comes back. It is not called again after a resume once
//     that answer is recorded.
type TaskFunc func(ctx context.Context, t Task) (output json.RawMessage, err error)

// Task is one attempt of a Task state.
type Task struct {
	// Execution, Workflow and State say who asks.
	Execution, Workflow, State string
	// EventID is the scheduled event's number, Attempt counts from 0.
	EventID int64
	Attempt int
	// ID names this attempt for ever: "execution/event/attempt". It stays the
	// same when the attempt is resumed and serves as client token and as key of
	// child runs and commits.
	ID       string
	Resource string
	// Input is the argument: the Parameters or Arguments filled in.
	Input json.RawMessage
	// Token is the task token of a .sync or .waitForTaskToken task, empty for
	// others: whoever has it can end the task with Engine.SendTaskSuccess or
	// SendTaskFailure.
	Token string
	// Timeout and Heartbeat are the state's limits, 0 for none; the engine keeps
	// watch over them itself.
	Timeout, Heartbeat time.Duration
	// Credentials is the state's Credentials, nil if it has none.
	Credentials json.RawMessage
	// Resumed says that this attempt was handed out before the engine last
	// stopped: attach to what runs, or ran, under ID. Only if there is nothing
	// (the process died just before it began) start it.
	Resumed bool
	// Submitted is what Submit recorded before, nil if nothing.
	Submitted json.RawMessage
	// Submit records (TaskSubmitted) what a .sync task started, durably, before
	// it returns. Call it at most once; after a resume only if Submitted is nil.
	Submit func(output json.RawMessage) error
	// Beat is a sign of life: it starts the state's HeartbeatSeconds anew.
	Beat func()
}

// errStopped ends a task that its execution no longer waits for.
var errStopped = errors.New("the execution no longer waits for the task")

// Stopped tells whether a task's ctx ended because its execution does not wait
// for it any more, and not because the program ends: what it started should
// then end too.
func Stopped(ctx context.Context) bool { return context.Cause(ctx) == errStopped }

// TaskError is an error with the name that Retry and Catch see, such as
// "Glue.EntityNotFoundException".
type TaskError struct {
	Name  string
	Cause string
}

func (e *TaskError) Error() string {
	if e.Cause == "" {
		return e.Name
	}
	return e.Name + ": " + e.Cause
}

// taskFlow returns the flow whose running task has the scheduled event id.
func (r *run) taskFlow(id int64) *flow {
	var found *flow
	r.flows(func(f *flow) {
		if f.phase == started && f.task.id == id {
			found = f
		}
	})
	return found
}

// taskEnded is the record of a task's end; nil if the task is no longer awaited.
func (r *run) taskEnded(id int64, output json.RawMessage, err error, now time.Time) *record {
	f := r.taskFlow(id)
	if f == nil {
		return nil
	}
	res := parseResource(f.state.Resource)
	d := res.details()
	if err == nil {
		var v any
		if len(output) == 0 {
			output = json.RawMessage("null")
		}
		if v, err = asl.Decode(output); err == nil {
			d.Output = text(v)
			if !r.tooLarge(*d.Output) {
				return r.bound(r.record(f, res.event("Succeeded"), f.last, d, own{}, now))
			}
			d.Output = nil
			what := res.kind
			if what == "" {
				what = res.name
			}
			fail := r.tooLargeFailure(what)
			err = &TaskError{Name: *fail.name, Cause: *fail.cause}
		} else {
			err = fmt.Errorf("the task's output is not JSON: %w", err)
		}
	}
	var te *TaskError
	if !errors.As(err, &te) {
		te = &TaskError{Name: "States.TaskFailed", Cause: err.Error()}
	}
	if te.Name != "" {
		d.Error = &te.Name
	}
	if te.Cause != "" {
		d.Cause = &te.Cause
	}
	return r.bound(r.record(f, res.event("Failed"), f.last, d, own{}, now))
}

// taskAnswered is the record of what a task's function returned: the end of
// the task, or the first answer of one that waits for its token.
func (r *run) taskAnswered(id int64, output json.RawMessage, err error, now time.Time) (*record, error) {
	if f := r.taskFlow(id); err == nil && f != nil {
		if kind, _ := asl.IntegrationOf(f.state.Resource); kind == asl.WaitForToken {
			if len(output) == 0 {
				output = json.RawMessage("null")
			}
			return r.taskSubmitted(id, output, now)
		}
	}
	return r.taskEnded(id, output, err, now), nil
}

// taskSubmitted is the record of what a task started.
func (r *run) taskSubmitted(id int64, output json.RawMessage, now time.Time) (*record, error) {
	f := r.taskFlow(id)
	if f == nil || f.task.submitted != nil {
		return nil, context.Canceled
	}
	v, err := asl.Decode(output)
	if err != nil {
		return nil, fmt.Errorf("submitted output: %w", err)
	}
	res := parseResource(f.state.Resource)
	d := res.details()
	d.Output = text(v)
	return r.bound(r.record(f, res.event("Submitted"), f.last, d, own{}, now)), nil
}

// task describes the attempt that f is running.
func (r *run) task(f *flow) Task {
	t := Task{
		Execution: r.exec.ID, Workflow: r.exec.Workflow, State: f.state.Name,
		EventID: f.task.id, Attempt: f.task.attempt,
		ID:       fmt.Sprintf("%s/%d/%d", r.exec.ID, f.task.id, f.task.attempt),
		Resource: f.state.Resource, Input: f.task.input, Submitted: f.task.submitted,
		Timeout: f.task.timeout, Heartbeat: f.task.heartbeat, Credentials: f.task.credentials,
	}
	if kind, _ := asl.IntegrationOf(f.state.Resource); kind != asl.RequestResponse {
		t.Token = r.setup.token(r.exec.ID, t.EventID, t.Attempt)
	}
	return t
}

// activityStarted is the record of a worker that took a task; nil if it is not
// to be had any more.
func (r *run) activityStarted(f *flow, worker string, now time.Time) *record {
	if f == nil || f.phase != scheduled {
		return nil
	}
	return r.bound(r.record(f, "ActivityStarted", f.last, Details{WorkerName: worker}, own{}, now))
}
