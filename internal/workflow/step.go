package workflow

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// setup is what the step function needs to know of the world.
type setup struct {
	region, account string
	maxPayload      int   // bytes; 0: no bound
	maxEvents       int64 // 0: no bound
	random          io.Reader
	query           asl.Evaluator // nil: JSONata is not supported
	// token makes the task token of an attempt.
	token func(execution string, event int64, attempt int) string
	// activity tells whether an activity exists; nil: none does.
	activity func(arn string) bool
}

// maxInline is how many iterations of an inline Map run at once at most, as in
// Step Functions.
const maxInline = 40

// decide returns the one record that follows from the state at the time now,
// nil if the run has to wait (for a task or until nextDue) or is over.
func (r *run) decide(now time.Time) *record {
	if r.over() {
		return nil
	}
	if r.root == nil {
		in := string(r.exec.Input)
		return r.bound(r.record(nil, "ExecutionStarted", 0, Details{Input: &in, From: r.exec.From}, own{}, now))
	}
	if r.root.phase != ended && due(r.deadline, now) {
		return r.record(nil, "ExecutionTimedOut", r.lastID, Details{}, own{}, now)
	}
	rec, fail := r.step(r.root, now)
	switch {
	case fail != nil:
		return r.record(nil, "ExecutionFailed", r.root.last, Details{Error: fail.name, Cause: fail.cause}, own{}, now)
	case rec == nil && r.root.phase == ended:
		return r.record(nil, "ExecutionSucceeded", r.root.last, Details{Output: text(r.root.value)}, own{}, now)
	}
	return r.bound(rec)
}

// bound turns the record that would pass the limit of events into the failure of the execution.
func (r *run) bound(rec *record) *record {
	if rec == nil || r.setup.maxEvents == 0 || rec.ID < r.setup.maxEvents || terminal(rec.Type) {
		return rec
	}
	cause := fmt.Sprintf("The execution reached the maximum number of history events (%d).", r.setup.maxEvents)
	return r.record(nil, "ExecutionFailed", r.lastID, Details{Error: ptr("States.Runtime"), Cause: &cause}, own{}, rec.Time)
}

func due(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

func ptr[T any](v T) *T { return &v }

func text(v any) *string { return ptr(string(asl.Encode(v))) }

// record makes the next record; f is nil for the execution itself.
func (r *run) record(f *flow, eventType string, prev int64, d Details, o own, now time.Time) *record {
	rec := &record{seq: r.lastSeq + 1, own: o}
	rec.Event = Event{ID: r.lastID + 1, PreviousID: prev, Type: eventType, Time: now.UTC(), Details: d}
	if f != nil {
		rec.flow = f.path
		rec.State = d.Name
		if f.state != nil && d.Name == "" {
			rec.State = f.state.Name
		}
	}
	if eventType == retryScheduled {
		rec.ID, rec.PreviousID = 0, 0
	}
	return rec
}

// step decides for one flow: a record, or a failure nothing in the flow caught.
func (r *run) step(f *flow, now time.Time) (*record, *failure) {
	switch f.phase {
	case entering:
		return r.enter(f, now), nil
	case entered:
		return r.work(f, now)
	case waiting:
		if due(f.due, now) {
			return r.waited(f, now)
		}
	case retrying:
		if due(f.due, now) {
			return r.work(f, now)
		}
	case scheduled:
		res := parseResource(f.state.Resource)
		if res.prefix != "Activity" {
			return r.record(f, res.event("Started"), f.last, res.details(), own{}, now), nil
		}
		if due(f.due, now) {
			return r.timedOut(f, now), nil
		}
	case started:
		if due(f.timer(), now) {
			return r.timedOut(f, now), nil
		}
	case inside:
		return r.stepCrew(f, now)
	case listed:
		return r.startMapRun(f, now)
	case mapping:
		if x := f.run.plan.Fault; x != nil {
			return r.mapRunEnded(f, nil, x, now), nil
		}
	case succeeded:
		return r.finish(f, now)
	case failed:
		return r.afterFailure(f, now)
	}
	return nil, nil
}

func (r *run) timedOut(f *flow, now time.Time) *record {
	res := parseResource(f.state.Resource)
	d := res.details()
	d.Error = ptr("States.Timeout")
	return r.record(f, res.event("TimedOut"), f.last, d, own{Heartbeat: !due(f.due, now)}, now)
}

func (r *run) enter(f *flow, now time.Time) *record {
	s := f.def.States[f.next]
	d := Details{Name: s.Name, Input: text(f.value)}
	o := own{}
	if s.Type == "Wait" {
		// the time is worked out here, so that it is stored as an absolute one
		probe := &flow{state: s, input: f.value, enteredAt: now, vars: f.vars, item: f.item}
		if t, err := r.waitUntil(probe, now); err == nil {
			o.Due = max(t.UnixMicro(), 1)
		}
	}
	return r.record(f, s.Type+"StateEntered", f.last, d, o, now)
}

// work does what the type of the state asks, once it is entered or to be tried again.
func (r *run) work(f *flow, now time.Time) (*record, *failure) {
	s := f.state
	env := r.env(f, f.input)
	in, err := s.EffectiveInput(env)
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	env.Input = in
	switch s.Type {
	case "Task":
		return r.schedule(f, env, now)
	case "Parallel":
		arg, err := s.Argument(env)
		if err != nil {
			return r.handle(f, r.fault(f, err), now)
		}
		return r.record(f, "ParallelStateStarted", f.last, Details{}, own{Input: asl.Encode(arg)}, now), nil
	case "Map":
		return r.startMap(f, env, now)
	case "Pass":
		result, err := s.Argument(env)
		if s.Result != nil {
			result, err = *s.Result, nil
		}
		if err != nil {
			return r.handle(f, r.fault(f, err), now)
		}
		return r.exit(f, done{value: result, place: true, next: s.Next}, now)
	case "Choice":
		way, err := s.Choose(env)
		if err != nil {
			return r.handle(f, r.fault(f, err), now)
		}
		return r.exit(f, done{value: in, way: way, next: way.Next}, now)
	case "Wait":
		_, err := r.waitUntil(f, now) // it failed when the state was entered, too
		if err == nil {
			err = errors.New("the time to wait until was not recorded")
		}
		return r.handle(f, r.fault(f, err), now)
	case "Fail":
		return r.failState(f, env, now)
	}
	return r.exit(f, done{value: in}, now) // Succeed
}

// waited leaves a Wait, which passes its effective input on.
func (r *run) waited(f *flow, now time.Time) (*record, *failure) {
	in, err := f.state.EffectiveInput(r.env(f, f.input))
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	return r.exit(f, done{value: in, next: f.state.Next}, now)
}

func (r *run) failState(f *flow, env asl.Env, now time.Time) (*record, *failure) {
	out := &failure{}
	for _, x := range []struct {
		value *asl.Value
		to    **string
	}{{f.state.Error, &out.name}, {f.state.Cause, &out.cause}} {
		if x.value == nil {
			continue
		}
		s, err := x.value.Text(env)
		if err != nil {
			return r.handle(f, r.fault(f, err), now)
		}
		*x.to = &s
	}
	return nil, out
}

func (r *run) schedule(f *flow, env asl.Env, now time.Time) (*record, *failure) {
	s := f.state
	res := parseResource(s.Resource)
	if res.prefix == "Activity" && (r.setup.activity == nil || !r.setup.activity(s.Resource)) {
		return r.handle(f, r.fault(f, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The activity %s does not exist.", s.Resource)}), now)
	}
	env.Context = r.taskContext(f, r.lastID+1, f.retryCount)
	arg, err := s.Argument(env)
	d := Details{ResourceType: res.kind, Resource: res.name, Region: r.setup.region}
	o := own{}
	if err == nil && s.Timeout != nil {
		d.TimeoutInSeconds, err = s.Timeout.Seconds(env, 1)
	}
	if err == nil && s.Heartbeat != nil {
		d.HeartbeatInSeconds, err = s.Heartbeat.Seconds(env, 1)
	}
	if err == nil && s.Credentials != nil {
		var v any
		if v, err = s.Credentials.Eval(env); err == nil {
			o.Credentials = asl.Encode(v)
		}
	}
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	t := text(arg)
	if r.tooLarge(*t) {
		return r.handle(f, r.tooLargeFailure(s.Name), now)
	}
	if res.prefix == "Task" {
		d.Parameters = t
	} else {
		d.ResourceType, d.Region, d.Input = "", "", t
	}
	if d.TimeoutInSeconds > 0 {
		o.Due = now.Add(time.Duration(d.TimeoutInSeconds) * time.Second).UnixMicro()
	}
	return r.record(f, res.event("Scheduled"), f.last, d, o, now), nil
}

// finish leaves a Task, Parallel or Map with its result.
func (r *run) finish(f *flow, now time.Time) (*record, *failure) {
	env := r.env(f, f.result)
	if f.state.Type == "Task" {
		env.Context = r.taskContext(f, f.task.id, f.task.attempt)
	}
	v, err := f.state.SelectResult(env)
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	return r.exit(f, done{value: v, place: true, result: true, next: f.state.Next}, now)
}

// done is what a state that did its work hands on.
type done struct {
	// value is what Assign sees as $; in JSONata the output unless Output is given.
	value any
	// place says that ResultPath applies, result that $states.result exists.
	place, result bool
	next          string
	way           *asl.Chosen // of a Choice
}

// exit works out variables and output and leaves the state.
func (r *run) exit(f *flow, d done, now time.Time) (*record, *failure) {
	out, vars, err := r.outcome(f, d)
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	if rec := r.exited(f, out, vars, d.next, now); rec != nil {
		rec.way = d.way
		return rec, nil
	}
	return r.handle(f, r.tooLargeFailure(f.state.Name), now)
}

func (r *run) outcome(f *flow, d done) (out any, vars map[string]any, err error) {
	context := r.context(f)
	if f.state.Type == "Task" {
		context = r.taskContext(f, f.task.id, f.task.attempt)
	}
	return r.outcomeIn(f, d, context)
}

// outcomeIn is outcome with the context object given.
func (r *run) outcomeIn(f *flow, d done, context map[string]any) (out any, vars map[string]any, err error) {
	s := f.state
	env := r.env(f, d.value)
	env.Context = context
	if s.JSONata {
		env.Input = f.input
		if d.result {
			env.Result, env.HasResult = d.value, true
		}
	}
	if d.way != nil {
		vars, err = d.way.Assigned(env)
	} else {
		vars, err = s.Assigned(env)
	}
	if err != nil {
		return nil, nil, err
	}
	switch {
	case s.JSONata && d.way != nil:
		out, err = d.way.Output(env, d.value)
		return out, vars, err
	case s.JSONata:
		out, err = s.Output(env, d.value)
		return out, vars, err
	}
	if d.place {
		if env.Input, err = s.PlaceResult(f.input, d.value); err != nil {
			return nil, nil, err
		}
	}
	out, err = s.EffectiveOutput(env)
	return out, vars, err
}

// maxVariables bounds all variables of a scope together, in bytes of JSON.
const maxVariables = 10 << 20

// exited is the record of an exit; nil if output or variables are too large.
func (r *run) exited(f *flow, out any, vars map[string]any, next string, now time.Time) *record {
	d := Details{Name: f.state.Name, Output: text(out)}
	if r.tooLarge(*d.Output) {
		return nil
	}
	if len(vars) > 0 {
		d.AssignedVariables, d.AssignedDetails = make(map[string]string, len(vars)), &Truncated{}
	}
	total := 0
	for k, v := range vars {
		t := string(asl.Encode(v))
		d.AssignedVariables[k] = t
		if total += len(t); r.tooLarge(t) || r.setup.maxPayload > 0 && total > maxVariables {
			return nil
		}
	}
	return r.record(f, f.state.Type+"StateExited", f.last, d, own{Next: next}, now)
}

func (r *run) tooLarge(s string) bool { return r.setup.maxPayload > 0 && len(s) > r.setup.maxPayload }

func (r *run) tooLargeFailure(what string) *failure {
	return &failure{name: ptr("States.DataLimitExceeded"),
		cause: ptr(fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", what))}
}
