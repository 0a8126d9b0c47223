package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// startMap works out the items of a Map and how many run at once.
func (r *run) startMap(f *flow, env asl.Env, now time.Time) (*record, *failure) {
	m := f.state.Map
	o := own{}
	var length int64
	var err error
	if m.Concurrency != nil {
		if o.Limit, err = m.Concurrency.Count(env); err == nil && o.Limit < 0 {
			err = &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("Expected non-negative integer for MaxConcurrency, got '%d' instead.", o.Limit)}
		}
	}
	if err == nil && m.Reader == nil {
		var items []any
		if items, err = f.state.Items(env); err == nil {
			o.Input, length = asl.Encode(items), int64(len(items))
		}
	}
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	if !m.Distributed && (o.Limit == 0 || o.Limit > maxInline) {
		o.Limit = maxInline
	}
	return r.record(f, "MapStateStarted", f.last, Details{Length: &length}, o, now), nil
}

// mapPlan is how the run of a distributed Map goes about its items, worked out
// once so that a resumed run does the same.
type mapPlan struct {
	// Tolerated are how many items may fail, and how many in a hundred.
	ToleratedCount      int64   `json:"toleratedCount,omitempty"`
	ToleratedPercentage float64 `json:"toleratedPercentage,omitempty"`
	// Read is the request of the ItemReader, MaxItems how many items it takes
	// at most (0: all), Write the request of the ResultWriter.
	Read     map[string]any `json:"read,omitempty"`
	MaxItems int64          `json:"maxItems,omitempty"`
	Write    map[string]any `json:"write,omitempty"`
	// BatchItems and BatchBytes bound a batch; 0: no bound. BatchInput is what
	// each gets beside its items.
	BatchItems int64           `json:"batchItems,omitempty"`
	BatchBytes int64           `json:"batchBytes,omitempty"`
	BatchInput json.RawMessage `json:"batchInput,omitempty"`
	// Fault is why the run cannot begin.
	Fault *asl.Fault `json:"fault,omitempty"`
}

// maxReadItems is how many items an ItemReader takes at most.
const maxReadItems = 100_000_000

// startMapRun begins the run of a distributed Map, or goes on with it after a redrive.
func (r *run) startMapRun(f *flow, now time.Time) (*record, *failure) {
	if f.run.redrives > 0 {
		return r.record(f, "MapRunRedriven", f.last, Details{MapRunArn: f.run.arn, RedriveCount: f.run.redrives}, own{}, now), nil
	}
	env := r.env(f, f.input)
	in, err := f.state.EffectiveInput(env)
	if err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	env.Input = in
	plan := &mapPlan{}
	if err := r.tolerance(f.state.Map, plan, env); err != nil {
		return r.handle(f, r.fault(f, err), now)
	}
	if err := planRequests(f.state.Map, plan, env); err != nil {
		fail := r.fault(f, err)
		if fail.evaluation {
			return r.handle(f, fail, now)
		}
		if !errors.As(err, &plan.Fault) {
			plan.Fault = &asl.Fault{Name: *fail.name, Cause: err.Error()}
		}
	}
	var id [2]uuid.UUID
	for i := range id {
		if id[i], err = uuid.NewRandomFromReader(r.setup.random); err != nil {
			return r.handle(f, r.fault(f, err), now)
		}
	}
	label := f.state.Map.Label
	if label == "" {
		label = id[0].String()
	}
	arn := r.setup.arn("mapRun:" + r.exec.Workflow + "/" + label + ":" + id[1].String())
	return r.record(f, "MapRunStarted", f.last, Details{MapRunArn: arn}, own{Plan: plan}, now), nil
}

func (r *run) tolerance(m *asl.Map, plan *mapPlan, env asl.Env) (err error) {
	if m.ToleratedCount != nil {
		if plan.ToleratedCount, err = m.ToleratedCount.Count(env); err == nil && plan.ToleratedCount < 0 {
			err = &asl.Fault{Name: "States.Runtime", Cause: "ToleratedFailureCount cannot be negative."}
		}
	}
	if err == nil && m.ToleratedPercentage != nil {
		if plan.ToleratedPercentage, err = m.ToleratedPercentage.Float(env); err == nil && !(plan.ToleratedPercentage >= 0 && plan.ToleratedPercentage <= 100) {
			err = &asl.Fault{Name: "States.Runtime", Cause: "ToleratedFailurePercentage must be between 0 and 100."}
		}
	}
	return err
}

// planRequests works out what is read, how it is batched and what is written.
func planRequests(m *asl.Map, plan *mapPlan, env asl.Env) (err error) {
	if m.Reader != nil {
		if plan.Read, err = m.Reader.Argument(env); err != nil {
			return err
		}
		if m.Reader.MaxItems != nil {
			if plan.MaxItems, err = m.Reader.MaxItems.Count(env); err != nil {
				return renamed(err, "States.ItemReaderFailed")
			}
			if plan.MaxItems < 0 {
				return &asl.Fault{Name: "States.ItemReaderFailed", Cause: "field MaxItems must be positive"}
			}
			plan.MaxItems = min(plan.MaxItems, maxReadItems)
		}
	}
	if b := m.Batcher; b != nil {
		if b.MaxItems != nil {
			plan.BatchItems, err = positive(b.MaxItems, env)
		}
		if err == nil && b.MaxBytes != nil {
			plan.BatchBytes, err = positive(b.MaxBytes, env)
		}
		if err != nil {
			return err
		}
		in, err := b.BatchInput(env)
		if err != nil {
			return err
		}
		if in != nil {
			plan.BatchInput = asl.Encode(in)
		}
	}
	if m.Writer != nil && m.Writer.Resource != "" {
		plan.Write, err = m.Writer.Argument(env)
	}
	return err
}

func positive(v *asl.Value, env asl.Env) (int64, error) {
	n, err := v.Count(env)
	if err == nil && n < 1 {
		err = &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("%s must be positive, but was %d.", v.Field(), n)}
	}
	return n, err
}

// renamed gives a fault of Step Functions' own another name.
func renamed(err error, name string) error {
	if f, ok := err.(*asl.Fault); ok && f.Name == "States.Runtime" {
		return &asl.Fault{Name: name, Cause: f.Cause}
	}
	return err
}

// mapRunEnded is the record of the end of a distributed Map's run.
func (r *run) mapRunEnded(f *flow, output json.RawMessage, fault *asl.Fault, now time.Time) *record {
	if fault != nil {
		return r.record(f, "MapRunFailed", f.last, Details{Error: &fault.Name, Cause: &fault.Cause}, own{}, now)
	}
	return r.record(f, "MapRunSucceeded", f.last, Details{}, own{Output: output}, now)
}

// mapFlow returns the flow whose map run was started by the event id.
func (r *run) mapFlow(id int64) *flow {
	var found *flow
	r.flows(func(f *flow) {
		if f.phase == mapping && f.run.id == id {
			found = f
		}
	})
	return found
}

// mapWork puts together what gives the items of a map run and what takes its results.
func (r *run) mapWork(f *flow, objects Objects) (*mapSource, *mapResult, error) {
	env := r.env(f, f.input)
	in, err := f.state.EffectiveInput(env)
	if err != nil {
		return nil, nil, err
	}
	env.Input = in
	plan := f.run.plan // a copy: the work goes on beside the flow
	source := &mapSource{spec: f.state.Map, plan: &plan, objects: objects, env: env, context: r.context(f)}
	if f.run.items != nil {
		v, err := asl.Decode(f.run.items)
		if err != nil {
			return nil, nil, err
		}
		source.items, _ = v.([]any)
	}
	result := &mapResult{spec: f.state.Map, plan: &plan, arn: f.run.arn, setup: r.setup, objects: objects,
		machineARN: r.setup.arn("stateMachine:" + r.exec.Workflow)}
	return source, result, nil
}
