package workflow

import (
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// stepCrew lets each flow inside a Parallel or inline Map in turn go as far as
// it can, and begins iterations while there is room.
func (r *run) stepCrew(f *flow, now time.Time) (*record, *failure) {
	c := f.crew
	if c == nil { // a distributed Map whose run has succeeded
		return r.record(f, "MapStateSucceeded", f.lastEnded, Details{}, own{Last: f.lastEnded}, now), nil
	}
	for _, x := range c.active {
		if x.phase == ended {
			return r.record(f, "MapIterationSucceeded", x.last, r.iteration(f, x.index), own{Last: x.last}, now), nil
		}
		rec, fail := r.step(x, now)
		if rec != nil {
			return rec, nil
		}
		if fail != nil {
			return r.memberFailed(f, x, fail, now)
		}
	}
	switch {
	case c.ended == len(c.results):
		return r.record(f, f.state.Type+"StateSucceeded", f.lastEnded, Details{}, own{Last: f.lastEnded}, now), nil
	case c.begun < len(c.items) && (c.limit == 0 || len(c.active) < c.limit):
		return r.beginIteration(f, now)
	}
	return nil, nil
}

func (r *run) iteration(f *flow, index int) Details {
	return Details{Name: f.state.Name, Index: ptr(int64(index))}
}

func (r *run) beginIteration(f *flow, now time.Time) (*record, *failure) {
	c, m := f.crew, f.state.Map
	o := own{}
	if m.HasSelector() {
		env := r.env(f, f.input)
		in, err := f.state.EffectiveInput(env)
		if err == nil {
			env.Input = in
			env.Context = asl.ItemContext(r.context(f), c.begun, c.items[c.begun], "")
			in, err = m.ItemInput(env, c.items[c.begun])
		}
		if err != nil {
			return r.crewFailed(f, nil, r.fault(f, err), c.last, now)
		}
		o.Input = asl.Encode(in)
	}
	return r.record(f, "MapIterationStarted", c.last, r.iteration(f, c.begun), o, now), nil
}

// memberFailed ends the iteration that failed, then the state.
func (r *run) memberFailed(f, failing *flow, fail *failure, now time.Time) (*record, *failure) {
	switch {
	case failing.reported:
	case f.state.Map != nil:
		return r.record(f, "MapIterationFailed", failing.last, r.iteration(f, failing.index), own{Last: failing.last}, now), nil
	case failing.state.Type == "Task": // as recorded, for the task that failed itself
		return r.record(failing, "TaskStateAborted", failing.last, Details{}, own{Last: failing.last}, now), nil
	}
	return r.crewFailed(f, failing, fail, failing.last, now)
}

// crewFailed stops the other flows one by one, then retries the whole state or
// lets it fail.
func (r *run) crewFailed(f, failing *flow, fail *failure, last int64, now time.Time) (*record, *failure) {
	for _, x := range f.crew.active {
		if x == failing {
			continue
		}
		if rec := r.abort(x, now); rec != nil {
			return rec, nil
		}
		if f.state.Map != nil && !x.reported {
			return r.record(f, "MapIterationAborted", x.last, r.iteration(f, x.index), own{Last: x.last}, now), nil
		}
	}
	if fail.evaluation {
		return r.handle(f, fail, now)
	}
	return r.wholeFailed(f, fail, last, now), nil
}

// wholeFailed retries a Parallel or Map or records that it failed.
func (r *run) wholeFailed(f *flow, fail *failure, last int64, now time.Time) *record {
	if rec := r.retry(f, fail, last, now); rec != nil {
		return rec
	}
	return r.record(f, f.state.Type+"StateFailed", last, Details{},
		own{Error: fail.name, Cause: fail.cause, FromTask: fail.fromTask, Heartbeat: fail.heartbeat}, now)
}

// abort stops what runs in a flow, inner flows first.
func (r *run) abort(f *flow, now time.Time) *record {
	if f.phase == inside && f.crew != nil {
		for _, x := range f.crew.active {
			if rec := r.abort(x, now); rec != nil {
				return rec
			}
			if f.state.Map != nil && !x.reported {
				return r.record(f, "MapIterationAborted", x.last, r.iteration(f, x.index), own{Last: x.last}, now)
			}
		}
	}
	switch f.phase {
	case mapping:
		return r.record(f, "MapRunAborted", f.last, Details{}, own{}, now)
	case waiting, retrying, scheduled, started, inside, listed, halted:
		return r.record(f, f.state.Type+"StateAborted", f.last, Details{}, own{}, now)
	}
	return nil
}
