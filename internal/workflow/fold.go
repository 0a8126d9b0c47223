package workflow

import (
	"encoding/json"
	"fmt"
	"slices"
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
	inside                 // a Parallel or inline Map, its crew at work
	listed                 // a distributed Map, its items known, its run not started
	mapping                // a distributed Map, its run at work
	halted                 // a distributed Map, its run stopped from outside, itself about to be
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
	heartbeat   bool // a time-out for want of a heartbeat
	// evaluation is a JSONata expression that failed, in the field location; it
	// has an event of its own.
	evaluation bool
	location   string
	// final: neither Retry nor Catch have the word any more.
	final bool
}

// flow is one line of states being run: the machine, a branch, an iteration.
type flow struct {
	path   string
	index  int // among the parent's
	parent *flow
	def    *asl.Flow
	item   map[string]any // Map.Item of an iteration
	// reported says that the failure or stop of a flow inside another has its event.
	reported bool

	phase phase
	next  string // entering
	value any    // input of the next state; output once ended
	last  int64  // event the next one refers to
	vars  map[string]any

	// of the present state
	state      *asl.State
	input      any // raw
	entered    int64
	before     int64 // the event before it was entered
	enteredAt  time.Time
	retries    map[int]int // by retrier
	retryCount int
	due        time.Time // zero: none
	result     any
	failure    *failure
	noRetry    bool

	task taskState
	crew *crew
	run  mapRunState
	// lastEnded is the last event of the flow inside that ended last.
	lastEnded int64
}

// taskState is what is known of a task between scheduled and its end.
type taskState struct {
	id          int64 // event id of ...Scheduled
	attempt     int
	input       json.RawMessage
	submitted   json.RawMessage
	credentials json.RawMessage
	timeout     time.Duration // 0: none
	heartbeat   time.Duration // 0: none
	beat        time.Time     // last sign of life
}

// crew is the flows inside a Parallel or an inline Map. Flows that have ended
// leave only their result, so that the memory of a Map is its items', its
// results' and that of the iterations at work.
type crew struct {
	active  []*flow // in the order they began
	last    int64   // event that the next iteration refers to
	results []any
	ended   int
	begun   int
	limit   int   // at once; 0: all
	items   []any // of a Map
}

// mapRunState is what is known of a distributed Map's run.
type mapRunState struct {
	id       int64 // event id of MapRunStarted
	arn      string
	items    json.RawMessage // nil: an ItemReader gives them
	limit    int64
	plan     mapPlan
	redrives int
}

// run is the state of an execution, folded from its journal.
type run struct {
	machine *asl.Machine
	exec    Execution
	input   any // of the execution
	setup   *setup

	root     *flow
	lastID   int64
	lastSeq  int64
	redrives int
	deadline time.Time     // zero: none
	limit    time.Duration // of the whole execution beside the machine's own; 0: none
}

func newRun(m *asl.Machine, ex Execution, s *setup) (*run, error) {
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
		var inner *flow
		if f != nil && f.crew != nil && err == nil {
			inner = f.crew.get(i)
		}
		if inner == nil {
			return nil, fmt.Errorf("journal of %s names the flow %q, which is not running", r.exec.ID, path)
		}
		f = inner
	}
	return f, nil
}

func (c *crew) get(index int) *flow {
	for _, f := range c.active {
		if f.index == index {
			return f
		}
	}
	return nil
}

// end takes a flow that has ended out, keeping its result.
func (c *crew) end(f *flow) {
	c.results[f.index] = f.value
	c.ended++
	c.active = slices.DeleteFunc(c.active, func(x *flow) bool { return x == f })
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
		f.reported = true
		if f.phase != failed { // a failure stays known
			f.phase = aborted
		}
		return nil
	}
	return r.applyInside(f, rec)
}

func (r *run) applyExecution(rec *record) {
	switch rec.Type {
	case "ExecutionStarted":
		r.root = &flow{def: &r.machine.Flow, next: r.machine.StartAt, value: r.input}
		if r.exec.From != "" {
			r.root.next = r.exec.From
		}
		r.limitTime(rec.Time)
		return
	case "ExecutionRedriven":
		r.redrives++
		r.exec.Status, r.exec.Error, r.exec.Cause, r.exec.Stopped = Running, nil, nil, time.Time{}
		r.limitTime(rec.Time)
		r.root.last = rec.ID
		r.root.redrive()
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

func (r *run) limitTime(from time.Time) {
	r.deadline = time.Time{}
	if t := r.machine.Timeout; t > 0 && (r.limit == 0 || t < r.limit) {
		r.deadline = from.Add(t)
	} else if r.limit > 0 {
		r.deadline = from.Add(r.limit)
	}
}

// redrive makes a flow that failed or was stopped try its state again. Of a
// Parallel or Map the flows that ended keep their results.
func (f *flow) redrive() {
	if f.phase == ended || f.phase == entering {
		return
	}
	inner := f.crew != nil && len(f.crew.active) > 0
	wait := f.state.Type == "Wait" && !f.due.IsZero()
	f.retries, f.retryCount, f.failure, f.noRetry, f.reported = nil, 0, nil, false, false
	switch {
	case inner:
		f.phase = inside
		for _, x := range f.crew.active {
			x.redrive()
		}
	case f.run.id > 0:
		f.phase = listed
		f.run.redrives++
	case wait:
		f.phase = waiting
	default:
		f.phase, f.due = entered, time.Time{}
	}
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
	f.state, f.input, f.entered, f.before, f.enteredAt = s, v, rec.ID, rec.PreviousID, rec.Time
	f.retries, f.retryCount, f.failure, f.noRetry, f.result = nil, 0, nil, false, nil
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
	if err := f.assign(rec.Details.AssignedVariables); err != nil {
		return fmt.Errorf("event %d: %w", rec.ID, err)
	}
	f.value, f.next, f.crew, f.run, f.result = v, rec.own.Next, nil, mapRunState{}, nil
	f.setPhase(entering, rec)
	if f.next != "" {
		return nil
	}
	f.phase = ended
	if p := f.parent; p != nil {
		p.lastEnded, p.crew.last = rec.ID, rec.ID
		if p.state.Map == nil {
			p.crew.end(f)
		}
	}
	return nil
}

// assign sets variables. The map is replaced, since flows inside share it.
func (f *flow) assign(texts map[string]string) error {
	if len(texts) == 0 {
		return nil
	}
	vars := make(map[string]any, len(f.vars)+len(texts))
	for k, v := range f.vars {
		vars[k] = v
	}
	for k, t := range texts {
		v, err := asl.Decode([]byte(t))
		if err != nil {
			return fmt.Errorf("variable %s: %w", k, err)
		}
		vars[k] = v
	}
	f.vars = vars
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
	switch rec.Type {
	case "EvaluationFailed":
		f.failure = &failure{name: rec.Details.Error, cause: rec.Details.Cause, final: rec.own.Final}
		f.setPhase(failed, rec)
		return nil
	case retryScheduled:
		if f.retries == nil {
			f.retries = map[int]int{}
		}
		f.retries[rec.own.Retrier]++
		f.retryCount++
		f.crew, f.run = nil, mapRunState{}
		f.setPhase(retrying, rec)
		return nil
	}
	switch {
	case strings.HasPrefix(rec.Type, "Parallel"), strings.HasPrefix(rec.Type, "Map"):
		return r.applyCrew(f, rec)
	}
	for _, prefix := range []string{"LambdaFunction", "Activity", "Task"} {
		if what, ok := strings.CutPrefix(rec.Type, prefix); ok {
			return r.applyTask(f, rec, what)
		}
	}
	return fmt.Errorf("journal of %s has a record of the unknown type %s", r.exec.ID, rec.Type)
}

func (r *run) applyTask(f *flow, rec *record, what string) error {
	switch what {
	case "Scheduled":
		f.task = taskState{id: rec.ID, attempt: f.retryCount, credentials: rec.own.Credentials,
			timeout: time.Duration(rec.Details.TimeoutInSeconds) * time.Second, heartbeat: time.Duration(rec.Details.HeartbeatInSeconds) * time.Second}
		if p := rec.Details.Parameters; p != nil {
			f.task.input = json.RawMessage(*p)
		} else if rec.Details.Input != nil {
			f.task.input = json.RawMessage(*rec.Details.Input)
		}
		f.setPhase(scheduled, rec)
	case "Started":
		f.phase = started // the time that is left stays
		f.task.beat = rec.Time
	case "Submitted":
		f.task.submitted = json.RawMessage(*rec.Details.Output)
		f.task.beat = rec.Time
	case "Succeeded":
		v, err := asl.Decode([]byte(*rec.Details.Output))
		if err != nil {
			return fmt.Errorf("event %d: %w", rec.ID, err)
		}
		f.result = v
		f.setPhase(succeeded, rec)
	case "Failed", "TimedOut":
		f.failure = &failure{name: rec.Details.Error, cause: rec.Details.Cause, fromTask: true, heartbeat: rec.own.Heartbeat}
		f.setPhase(failed, rec)
	default:
		return fmt.Errorf("journal of %s has a record of the unknown type %s", r.exec.ID, rec.Type)
	}
	return nil
}

// applyCrew folds what happens to a Parallel or Map as a whole and to its iterations.
func (r *run) applyCrew(f *flow, rec *record) error {
	switch rec.Type {
	case "ParallelStateStarted":
		return f.startBranches(rec)
	case "MapStateStarted":
		return f.startMap(rec)
	case "MapIterationStarted":
		return f.startIteration(rec)
	case "MapIterationSucceeded":
		f.crew.end(f.crew.get(int(*rec.Details.Index)))
		f.lastEnded = rec.ID
	case "MapIterationFailed", "MapIterationAborted":
		f.crew.get(int(*rec.Details.Index)).reported = true
	case "MapRunStarted", "MapRunRedriven":
		return f.startRun(rec)
	case "MapRunSucceeded":
		v, err := asl.Decode(rec.own.Output)
		if err != nil {
			return fmt.Errorf("event %d: %w", rec.ID, err)
		}
		f.result, f.lastEnded = v, rec.ID
		f.phase = inside
	case "MapRunFailed":
		f.failure = &failure{name: rec.Details.Error, cause: rec.Details.Cause}
		f.setPhase(failed, rec)
	case "MapRunAborted":
		f.phase = halted
	case "ParallelStateSucceeded", "MapStateSucceeded":
		if f.crew != nil {
			f.result = f.crew.results
		}
		f.crew = nil
		f.setPhase(succeeded, rec)
	case "ParallelStateFailed", "MapStateFailed":
		f.failure = &failure{name: rec.own.Error, cause: rec.own.Cause, fromTask: rec.own.FromTask, heartbeat: rec.own.Heartbeat}
		f.noRetry = true
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
	f.crew = &crew{results: make([]any, len(f.state.Branches))}
	for i, def := range f.state.Branches {
		f.crew.active = append(f.crew.active, f.member(i, def, v, rec.ID))
	}
	f.crew.begun = len(f.crew.active)
	f.setPhase(inside, rec)
	return nil
}

// member is a new flow inside f.
func (f *flow) member(i int, def *asl.Flow, input any, last int64) *flow {
	return &flow{path: f.path + "/" + strconv.Itoa(i), index: i, parent: f, def: def,
		next: def.StartAt, value: input, last: last, vars: f.vars, item: f.item}
}

func (f *flow) startMap(rec *record) error {
	f.run = mapRunState{items: rec.own.Input, limit: rec.own.Limit}
	f.lastEnded = rec.ID
	if f.state.Map.Distributed {
		f.setPhase(listed, rec)
		return nil
	}
	v, err := asl.Decode(rec.own.Input)
	if err != nil {
		return fmt.Errorf("event %d: %w", rec.ID, err)
	}
	items, _ := v.([]any)
	f.run = mapRunState{}
	f.crew = &crew{last: rec.ID, items: items, results: make([]any, len(items)), limit: int(rec.own.Limit)}
	f.setPhase(inside, rec)
	return nil
}

func (f *flow) startIteration(rec *record) error {
	i := int(*rec.Details.Index)
	if f.crew == nil || i >= len(f.crew.items) {
		return fmt.Errorf("event %d: there is no item %d", rec.ID, i)
	}
	in := f.crew.items[i]
	item := map[string]any{"Index": json.Number(strconv.Itoa(i)), "Value": in}
	if rec.own.Input != nil {
		var err error
		if in, err = asl.Decode(rec.own.Input); err != nil {
			return fmt.Errorf("event %d: %w", rec.ID, err)
		}
	}
	x := f.member(i, f.state.Map.Processor, in, rec.ID)
	x.item = item
	f.crew.active = append(f.crew.active, x)
	f.crew.begun++
	return nil
}

func (f *flow) startRun(rec *record) error {
	f.run.id, f.run.arn = rec.ID, rec.Details.MapRunArn
	if rec.own.Plan != nil {
		f.run.plan = *rec.own.Plan
	}
	f.setPhase(mapping, rec)
	return nil
}

// flows calls visit for every flow that is running, outer ones first.
func (r *run) flows(visit func(*flow)) {
	var walk func(*flow)
	walk = func(f *flow) {
		visit(f)
		if f.phase == inside && f.crew != nil {
			for _, x := range f.crew.active {
				walk(x)
			}
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
		if at := f.timer(); !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	})
	return due
}

// timer is when something happens to a flow by itself; zero: never.
func (f *flow) timer() time.Time {
	switch f.phase {
	case waiting, retrying, scheduled:
		return f.due
	case started:
		beat := f.task.beat.Add(f.task.heartbeat)
		if f.task.heartbeat > 0 && (f.due.IsZero() || beat.Before(f.due)) {
			return beat
		}
		return f.due
	}
	return time.Time{}
}
