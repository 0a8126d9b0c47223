package workflow

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// handle gives a failure to Retry, then to Catch; what neither takes is
// returned. A JSONata expression that failed is recorded first.
func (r *run) handle(f *flow, fail *failure, now time.Time) (*record, *failure) {
	if fail.evaluation {
		return r.evaluationFailed(f, fail, now), nil
	}
	if !f.noRetry {
		if rec := r.retry(f, fail, 0, now); rec != nil {
			return rec, nil
		}
	}
	if fail.final {
		return nil, fail
	}
	for i := range f.state.Catch {
		c := &f.state.Catch[i]
		if !asl.Matches(c.ErrorEquals, nameOf(fail), fail.fromTask, fail.heartbeat) {
			continue
		}
		env := r.env(f, f.input)
		env.ErrorOutput = errorObject(fail)
		out, vars, err := c.Caught(env, f.state.JSONata)
		if err != nil {
			inner := r.fault(f, err)
			inner.final = true
			if inner.evaluation {
				return r.evaluationFailed(f, inner, now), nil
			}
			return nil, inner
		}
		rec := r.exited(f, out, vars, c.Next, now)
		if rec == nil {
			return nil, r.tooLargeFailure(f.state.Name)
		}
		return rec, nil
	}
	return nil, fail
}

func nameOf(f *failure) string {
	if f.name == nil {
		return ""
	}
	return *f.name
}

// evaluationFailed is the event of a failed expression. It follows what came
// before the state unless the state has done something already.
func (r *run) evaluationFailed(f *flow, fail *failure, now time.Time) *record {
	prev := f.last
	if f.last == f.entered && f.state.Type != "Wait" {
		prev = f.before
	}
	d := Details{Error: fail.name, Cause: fail.cause, State: f.state.Name, Location: fail.location}
	return r.record(f, "EvaluationFailed", prev, d, own{Final: fail.final}, now)
}

// afterFailure goes on with a failure that the journal has.
func (r *run) afterFailure(f *flow, now time.Time) (*record, *failure) {
	whole := f.state.Type == "Parallel" || f.state.Type == "Map"
	if whole && !f.noRetry && !f.failure.final {
		return r.wholeFailed(f, f.failure, f.last, now), nil
	}
	return r.handle(f, f.failure, now)
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
	if fail.final {
		return nil
	}
	for i, x := range f.state.Retry {
		if !asl.Matches(x.ErrorEquals, nameOf(fail), fail.fromTask, fail.heartbeat) {
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
	return &failure{name: ptr(x.Name), cause: &cause, evaluation: x.Evaluation, location: x.Location}
}
