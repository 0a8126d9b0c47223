package workflow

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

type phase int

const (
	entering  phase = iota // next state is to be entered with value
	entered                // the state is to be worked out
	waiting                // a Wait, until due
	retrying               // a retry, from due on
	scheduled              // a task, not started yet
	started                // a task, running
	inside                 // a Parallel, its branches running
	succeeded              // result is there, the state is to be left
	failed                 // failure is there, Retry and Catch have the word
	ended                  // the flow is over, value is its output
	aborted                // stopped from outside
)

// failure is an error a state met. Name and cause may be absent (a Fail
// without them), which differs from being empty.
type failure struct {
	name, cause *string
	fromTask    bool
}

// flow is one line of states being run: the machine or a branch.
type flow struct {
	path   string
	parent *flow
	def    *asl.Flow

	phase phase
	next  string // entering
	value any    // input of the next state; output once ended
	last  int64  // event the next one refers to

	// of the present state
	state      *asl.State
	input      any // raw
	entered    int64
	enteredAt  time.Time
	retries    map[int]int // by retrier
	retryCount int
	due        time.Time // zero: none
	result     any
	failure    *failure
	noRetry    bool

	task     taskState
	branches []*flow
	// lastEnded is the last event of the branch that ended last.
	lastEnded int64
}

// taskState is what is known of a task between scheduled and its end.
type taskState struct {
	id        int64 // event id of ...Scheduled
	attempt   int
	input     json.RawMessage
	submitted json.RawMessage
}

// run is the state of an execution, folded from its journal.
type run struct {
	machine *asl.Machine
	exec    Execution
	input   any // of the execution
	setup   setup

	root     *flow
	lastID   int64
	lastSeq  int64
	deadline time.Time // zero: none
}

func newRun(m *asl.Machine, ex Execution, s setup) (*run, error) {
	in, err := asl.Decode(ex.Input)
	if err != nil {
		return nil, fmt.Errorf("input of execution %s: %w", ex.ID, err)
	}
	return &run{machine: m, exec: ex, input: in, setup: s}, nil
}

func (r *run) over() bool { return r.exec.Status != Running }

// find returns the flow at path.
func (r *run) find(path string) (*flow, error) {
	f := r.root
	for _, w := range strings.Split(path, "/")[1:] {
		i, err := strconv.Atoi(w)
		if f == nil || err != nil || i >= len(f.branches) {
			return nil, fmt.Errorf("journal of %s names the branch %q, which is not running", r.exec.ID, path)
		}
		f = f.branches[i]
	}
	return f, nil
}

// apply folds one record in.
func (r *run) apply(rec *record) error {
	r.lastSeq = rec.seq
	if rec.ID > 0 {
		r.lastID = rec.ID
	}
	if strings.HasPrefix(rec.Type, "Execution") {
		r.applyExecution(rec)
		return nil
	}
	f, err := r.find(rec.flow)
	if err != nil {
		return err
	}
	if rec.ID > 0 {
		f.last = rec.ID
	}
	if rec.own.Last > 0 {
		f.last = rec.own.Last
	}
	switch {
	case strings.HasSuffix(rec.Type, "StateEntered"):
		return f.enter(rec)
	case strings.HasSuffix(rec.Type, "StateExited"):
		return f.leave(rec)
	case strings.HasSuffix(rec.Type, "StateAborted"):
		f.phase = aborted
		return nil
	}
	return r.applyInside(f, rec)
}

func (r *run) applyExecution(rec *record) {
	switch rec.Type {
	case "ExecutionStarted":
		r.root = &flow{def: &r.machine.Flow, next: r.machine.StartAt, value: r.input}
		if r.machine.Timeout > 0 {
			r.deadline = rec.Time.Add(r.machine.Timeout)
		}
		return
	case "ExecutionSucceeded":
		r.exec.Status = Succeeded
		r.exec.Output = json.RawMessage(*rec.Details.Output)
	case "ExecutionFailed":
		r.exec.Status = Failed
	case "ExecutionAborted":
		r.exec.Status = Aborted
	case "ExecutionTimedOut":
		r.exec.Status = TimedOut
	}
	r.exec.Error, r.exec.Cause, r.exec.Stopped = rec.Details.Error, rec.Details.Cause, rec.Time
}

func (f *flow) enter(rec *record) error {
	s := f.def.States[rec.Details.Name]
	if s == nil {
		return fmt.Errorf("journal enters the state %q, which the definition does not have", rec.Details.Name)
	}
	v, err := asl.Decode([]byte(*rec.Details.Input))
	if err != nil {
		return fmt.Errorf("event %d: %w", rec.ID, err)
	}
	f.state, f.input, f.entered, f.enteredAt = s, v, rec.ID, rec.Time
	f.retries, f.retryCount, f.failure, f.noRetry, f.result = map[int]int{}, 0, nil, false, nil
	f.setPhase(entered, rec)
	if rec.own.Due != 0 {
		f.phase = waiting
	}
	return nil
}

func (f *flow) leave(rec *record) error {
	v, err := asl.Decode([]byte(*rec.Details.Output))
	if err != nil {
		return fmt.Errorf("event %d: %w", rec.ID, err)
	}
	f.value, f.next, f.branches = v, rec.own.Next, nil
	f.setPhase(entering, rec)
	if f.next == "" {
		f.phase = ended
		if f.parent != nil {
			f.parent.lastEnded = rec.ID
		}
	}
	return nil
}

func (f *flow) setPhase(p phase, rec *record) {
	f.phase, f.due = p, time.Time{}
	if rec.own.Due != 0 {
		f.due = time.UnixMicro(rec.own.Due).UTC()
	}
}

// applyInside folds what happens between a state's entry and its exit.
func (r *run) applyInside(f *flow, rec *record) error {
	switch strings.TrimPrefix(strings.TrimPrefix(rec.Type, "LambdaFunction"), "Task") {
	case "Scheduled":
		f.task = taskState{id: rec.ID, attempt: f.retryCount}
		if p := rec.Details.Parameters; p != nil {
			f.task.input = json.RawMessage(*p)
		} else if rec.Details.Input != nil {
			f.task.input = json.RawMessage(*rec.Details.Input)
		}
		f.setPhase(scheduled, rec)
	case "Started":
		f.phase = started // the time that is left stays
	case "Submitted":
		f.task.submitted = json.RawMessage(*rec.Details.Output)
	case "Succeeded":
		v, err := asl.Decode([]byte(*rec.Details.Output))
		if err != nil {
			return fmt.Errorf("event %d: %w", rec.ID, err)
		}
		f.result = v
		f.setPhase(succeeded, rec)
	case "Failed", "TimedOut":
		f.failure = &failure{name: rec.Details.Error, cause: rec.Details.Cause, fromTask: true}
		f.setPhase(failed, rec)
	case retryScheduled:
		f.retries[rec.own.Retrier]++
		f.retryCount++
		f.branches = nil
		f.setPhase(retrying, rec)
	case "ParallelStateStarted":
		return f.startBranches(rec)
	case "ParallelStateSucceeded":
		list := make([]any, len(f.branches))
		for i, b := range f.branches {
			list[i] = b.value
		}
		f.result, f.branches = list, nil
		f.setPhase(succeeded, rec)
	case "ParallelStateFailed":
		f.failure = &failure{name: rec.own.Error, cause: rec.own.Cause, fromTask: rec.own.FromTask}
		f.noRetry, f.branches = true, nil
		f.setPhase(failed, rec)
	default:
		return fmt.Errorf("journal of %s has a record of the unknown type %s", r.exec.ID, rec.Type)
	}
	return nil
}

func (f *flow) startBranches(rec *record) error {
	v, err := asl.Decode(rec.own.Input)
	if err != nil {
		return fmt.Errorf("event %d: %w", rec.ID, err)
	}
	f.branches = nil
	for i, def := range f.state.Branches {
		f.branches = append(f.branches, &flow{
			path: f.path + "/" + strconv.Itoa(i), parent: f, def: def,
			next: def.StartAt, value: v, last: rec.ID,
		})
	}
	f.setPhase(inside, rec)
	return nil
}

// flows calls visit for every flow that is running, outer ones first.
func (r *run) flows(visit func(*flow)) {
	var walk func(*flow)
	walk = func(f *flow) {
		visit(f)
		for _, b := range f.branches {
			walk(b)
		}
	}
	if r.root != nil && !r.over() {
		walk(r.root)
	}
}

// nextDue is when the next wait, retry or time limit is over; zero if none.
func (r *run) nextDue() time.Time {
	due := r.deadline
	r.flows(func(f *flow) {
		switch f.phase {
		case waiting, retrying, started:
			if !f.due.IsZero() && (due.IsZero() || f.due.Before(due)) {
				due = f.due
			}
		}
	})
	return due
}
