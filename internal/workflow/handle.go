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
