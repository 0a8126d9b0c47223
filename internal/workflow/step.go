package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
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
		_, err := r.waitUntil(f, now)
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

// handle gives a failure to Retry, then to Catch; what neither takes is
// returned.
func (r *run) handle(f *flow, fail *failure, now time.Time) (*record, *failure) {
	if !f.noRetry {
		if rec := r.retry(f, fail, 0, now); rec != nil {
			return rec, nil
		}
	}
	name := ""
	if fail.name != nil {
		name = *fail.name
	}
	for i := range f.state.Catch {
		c := &f.state.Catch[i]
		if !asl.Matches(c.ErrorEquals, name, fail.fromTask) {
			continue
		}
		v, err := c.PlaceError(f.input, errorObject(fail))
		if err != nil {
			return nil, r.fault(f, err)
		}
		d := Details{Name: f.state.Name, Output: text(v)}
		if r.tooLarge(*d.Output) {
			return nil, r.tooLargeFailure(f.state.Name)
		}
		return r.record(f, f.state.Type+"StateExited", f.last, d, own{Next: c.Next}, now), nil
	}
	return nil, fail
}

// errorObject is what Catch hands on. An error without a cause has an empty
// one; a Fail without both has nulls.
func errorObject(f *failure) map[string]any {
	out := map[string]any{"Error": nil, "Cause": nil}
	if f.name != nil {
		out["Error"], out["Cause"] = *f.name, ""
	}
	if f.cause != nil {
		out["Cause"] = *f.cause
	}
	return out
}

// retry schedules another attempt if the first retrier that names the error has one left.
func (r *run) retry(f *flow, fail *failure, last int64, now time.Time) *record {
	name := ""
	if fail.name != nil {
		name = *fail.name
	}
	for i, x := range f.state.Retry {
		if !asl.Matches(x.ErrorEquals, name, fail.fromTask) {
			continue
		}
		n := f.retries[i]
		if n >= x.MaxAttempts {
			return nil
		}
		at := now.Add(r.backoff(x, n))
		return r.record(f, retryScheduled, 0, Details{}, own{Due: at.UnixMicro(), Retrier: i, Last: last}, now)
	}
	return nil
}

// backoff is how long the retry after n earlier ones waits.
func (r *run) backoff(x asl.Retrier, n int) time.Duration {
	d := float64(x.Interval) * math.Pow(x.BackoffRate, float64(n))
	if limit := float64(100 * 365 * 24 * time.Hour); d > limit {
		d = limit
	}
	if x.MaxDelay > 0 {
		d = min(d, float64(x.MaxDelay))
	}
	if x.Jitter {
		var b [4]byte
		if _, err := io.ReadFull(r.setup.random, b[:]); err == nil {
			d *= float64(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24) / math.MaxUint32
		}
	}
	return time.Duration(d)
}

// waitUntil works out when a Wait ends.
func (r *run) waitUntil(f *flow, now time.Time) (time.Time, error) {
	s := f.state
	env := r.env(f, f.input)
	in, err := s.EffectiveInput(env)
	if err != nil {
		return now, err
	}
	env.Input = in
	switch {
	case s.Seconds != nil:
		return now.Add(time.Duration(*s.Seconds) * time.Second), nil
	case s.SecondsPath != nil:
		d, err := r.seconds(f, s.SecondsPath, env, "SecondsPath")
		return now.Add(d), err
	case s.Timestamp != nil:
		return *s.Timestamp, nil
	}
	v, err := s.TimestampPath.Eval(env)
	if err != nil {
		return now, missing(s.TimestampPath, err)
	}
	stamp, ok := v.(string)
	t, err := asl.ParseTime(stamp)
	if !ok || err != nil {
		return now, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", s.TimestampPath, plain(v))}
	}
	return t, nil
}

func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(asl.Encode(v))
}

func missing(l *asl.Location, err error) error {
	var p *asl.PathError
	if errors.As(err, &p) {
		return &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("Invalid path '%s' : %s", l, p.Reason)}
	}
	return err
}

// seconds reads a number of seconds that a path names.
func (r *run) seconds(f *flow, l *asl.Location, env asl.Env, field string) (time.Duration, error) {
	v, err := l.Eval(env)
	if err != nil {
		return 0, missing(l, err)
	}
	n, ok := v.(json.Number)
	i, err := n.Int64()
	switch {
	case !ok || err != nil:
		return 0, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter cannot be parsed as a long value: %s == %s", field, l, plain(v))}
	case i < 0:
		return 0, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter references a negative value: %s == %s", field, l, plain(v))}
	case i > 99999999:
		return 0, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter references a value over 99999999: %s == %s", field, l, plain(v))}
	}
	return time.Duration(i) * time.Second, nil
}

// fault turns an error of an expression into a failure of the state.
func (r *run) fault(f *flow, err error) *failure {
	var x *asl.Fault
	if !errors.As(err, &x) {
		x = &asl.Fault{Name: "States.Runtime", Cause: err.Error()}
	}
	cause := x.Cause
	if strings.HasPrefix(x.Name, "States.") {
		cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s", f.state.Name, f.entered, x.Cause)
	}
	return &failure{name: ptr(x.Name), cause: &cause}
}
