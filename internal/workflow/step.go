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
}

// decide returns the one record that follows from the state at the time now,
// nil if the run has to wait (for a task or until nextDue) or is over.
func (r *run) decide(now time.Time) *record {
	if r.over() {
		return nil
	}
	if r.root == nil {
		in := string(r.exec.Input)
		return r.bound(r.record(nil, "ExecutionStarted", 0, Details{Input: &in}, own{}, now))
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

func ptr(s string) *string { return &s }

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
			return r.exit(f, f.input, f.state.Next, now)
		}
	case retrying:
		if due(f.due, now) {
			return r.work(f, now)
		}
	case scheduled:
		res := parseResource(f.state.Resource)
		return r.record(f, res.event("Started"), f.last, res.details(), own{}, now), nil
	case started:
		if due(f.due, now) {
			res := parseResource(f.state.Resource)
			d := res.details()
			d.Error = ptr("States.Timeout")
			return r.record(f, res.event("TimedOut"), f.last, d, own{}, now), nil
		}
	case inside:
		return r.stepBranches(f, now)
	case succeeded:
		return r.finish(f, now)
	case failed:
		return r.handle(f, f.failure, now)
	}
	return nil, nil
}

func (r *run) enter(f *flow, now time.Time) *record {
	s := f.def.States[f.next]
	d := Details{Name: s.Name, Input: text(f.value)}
	o := own{}
	if s.Type == "Wait" {
		// the time is worked out here, so that it is stored as an absolute one
		probe := &flow{state: s, input: f.value, enteredAt: now}
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
	case "Pass":
		return r.pass(f, env, now)
	case "Choice":
		next, err := s.Choose(env)
		if err != nil {
			return nil, r.fault(f, err)
		}
		return r.exit(f, in, next, now)
	case "Wait":
		_, err := r.waitUntil(f, now) // it failed when the state was entered, too
		if err == nil {
			err = errors.New("the time to wait until was not recorded")
		}
		return nil, r.fault(f, err)
	case "Fail":
		return nil, r.failState(f, env)
	}
	return r.exit(f, in, "", now) // Succeed
}

func (r *run) pass(f *flow, env asl.Env, now time.Time) (*record, *failure) {
	result, err := f.state.Argument(env)
	if f.state.Result != nil {
		result, err = *f.state.Result, nil
	}
	if err == nil {
		result, err = f.state.PlaceResult(f.input, result)
	}
	if err != nil {
		return nil, r.fault(f, err)
	}
	return r.exit(f, result, f.state.Next, now)
}

func (r *run) failState(f *flow, env asl.Env) *failure {
	out := &failure{name: f.state.Error, cause: f.state.Cause}
	for _, x := range []struct {
		expr  *asl.Expr
		field string
		to    **string
	}{{f.state.ErrorPath, "ErrorPath", &out.name}, {f.state.CausePath, "CausePath", &out.cause}} {
		if x.expr == nil {
			continue
		}
		v, err := x.expr.Eval(env, x.field)
		if err != nil {
			return r.fault(f, err)
		}
		s, ok := v.(string)
		if !ok {
			return r.fault(f, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter does not reference a string: %s == %s", x.field, x.expr, asl.Encode(v))})
		}
		*x.to = &s
	}
	return out
}

func (r *run) schedule(f *flow, env asl.Env, now time.Time) (*record, *failure) {
	arg, err := f.state.Argument(env)
	timeout := f.state.Timeout
	if err == nil && f.state.TimeoutPath != nil {
		timeout, err = r.seconds(f, f.state.TimeoutPath, env, "TimeoutSecondsPath")
	}
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	res := parseResource(f.state.Resource)
	if r.tooLarge(*text(arg)) {
		return r.handle(f, r.tooLargeFailure(f.state.Name), now)
	}
	d := Details{ResourceType: res.kind, Resource: res.name, Region: r.setup.region, Parameters: text(arg), TimeoutInSeconds: int64(timeout / time.Second)}
	if res.lambda {
		d = Details{Resource: res.name, Input: d.Parameters, TimeoutInSeconds: d.TimeoutInSeconds}
	}
	o := own{}
	if timeout > 0 {
		o.Due = now.Add(timeout).UnixMicro()
	}
	return r.record(f, res.event("Scheduled"), f.last, d, o, now), nil
}

// finish leaves a Task or Parallel with its result.
func (r *run) finish(f *flow, now time.Time) (*record, *failure) {
	v, err := f.state.SelectResult(r.env(f, f.result))
	if err == nil {
		v, err = f.state.PlaceResult(f.input, v)
	}
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	return r.exit(f, v, f.state.Next, now)
}

// exit applies OutputPath and leaves the state.
func (r *run) exit(f *flow, v any, next string, now time.Time) (*record, *failure) {
	if f.phase == waiting { // a Wait passes its effective input on
		in, err := f.state.EffectiveInput(r.env(f, v))
		if err != nil {
			return nil, r.fault(f, err)
		}
		v = in
	}
	out, err := f.state.EffectiveOutput(r.env(f, v))
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	t := text(out)
	if r.tooLarge(*t) {
		return r.handle(f, r.tooLargeFailure(f.state.Name), now)
	}
	return r.record(f, f.state.Type+"StateExited", f.last, Details{Name: f.state.Name, Output: t}, own{Next: next}, now), nil
}

func (r *run) tooLarge(s string) bool { return r.setup.maxPayload > 0 && len(s) > r.setup.maxPayload }

func (r *run) tooLargeFailure(what string) *failure {
	return &failure{name: ptr("States.DataLimitExceeded"),
		cause: ptr(fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", what))}
}

// stepBranches lets each branch in turn go as far as it can.
func (r *run) stepBranches(f *flow, now time.Time) (*record, *failure) {
	all := true
	for _, b := range f.branches {
		rec, fail := r.step(b, now)
		if rec != nil {
			return rec, nil
		}
		if fail != nil {
			return r.branchFailed(f, b, fail, now), nil
		}
		all = all && b.phase == ended
	}
	if !all {
		return nil, nil
	}
	return r.record(f, "ParallelStateSucceeded", f.lastEnded, Details{}, own{Last: f.lastEnded}, now), nil
}

// branchFailed stops the other branches one by one, then retries the whole
// state or lets it fail.
func (r *run) branchFailed(f, failing *flow, fail *failure, now time.Time) *record {
	for _, b := range f.branches {
		if b != failing {
			if rec := r.abort(b, now); rec != nil {
				return rec
			}
		}
	}
	if rec := r.retry(f, fail, failing.last, now); rec != nil {
		return rec
	}
	return r.record(f, "ParallelStateFailed", failing.last, Details{}, own{Error: fail.name, Cause: fail.cause, FromTask: fail.fromTask}, now)
}

// abort stops what runs in a flow, inner flows first.
func (r *run) abort(f *flow, now time.Time) *record {
	for _, b := range f.branches {
		if rec := r.abort(b, now); rec != nil {
			return rec
		}
	}
	switch f.phase {
	case waiting, retrying, scheduled, started, inside:
		return r.record(f, f.state.Type+"StateAborted", f.last, Details{}, own{}, now)
	}
	return nil
}
