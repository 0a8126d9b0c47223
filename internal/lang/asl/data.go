package asl

import (
	"errors"
	"fmt"
)

func (f pathField) apply(env Env) (any, error) {
	if f.null {
		return map[string]any{}, nil
	}
	if f.loc == nil {
		return env.Input, nil
	}
	v, err := f.loc.Eval(env)
	return v, pathFault(f.loc, err)
}

// pathFault turns a missing path into the fault a field without "of field" text gives.
func pathFault(l *Location, err error) error {
	var missing *PathError
	if errors.As(err, &missing) {
		return runtimeFault("Invalid path '%s' : %s", l.text, missing.Reason)
	}
	return err
}

// EffectiveInput applies InputPath to the state's raw input (env.Input). Like
// the other steps of the data flow it fails with a *Fault.
func (s *State) EffectiveInput(env Env) (any, error) { return s.input.apply(env) }

// Argument applies Parameters to the effective input (env.Input).
func (s *State) Argument(env Env) (any, error) {
	if s.parameters == nil {
		return env.Input, nil
	}
	return s.parameters.Eval(env)
}

// SelectResult applies ResultSelector to the result (env.Input).
func (s *State) SelectResult(env Env) (any, error) {
	if s.resultSelector == nil {
		return env.Input, nil
	}
	return s.resultSelector.Eval(env)
}

// PlaceResult puts the result into the raw input as ResultPath says.
func (s *State) PlaceResult(raw, result any) (any, error) { return s.resultPath.place(raw, result) }

// EffectiveOutput applies OutputPath to env.Input.
func (s *State) EffectiveOutput(env Env) (any, error) { return s.output.apply(env) }

// PlaceError puts the error object into the raw input as the catcher's ResultPath says.
func (c *Catcher) PlaceError(raw, errorObject any) (any, error) {
	return c.resultPath.place(raw, errorObject)
}

func (f pathField) place(raw, result any) (any, error) {
	if f.null {
		return raw, nil
	}
	if f.loc == nil {
		return result, nil
	}
	v, err := put(f.loc.path.steps, raw, result)
	if err != nil {
		return nil, &Fault{Name: "States.ResultPathMatchFailure",
			Cause: fmt.Sprintf("Unable to apply step \"%s\" to input %s", f.loc.text, Encode(raw))}
	}
	return v, nil
}

// put returns a copy of v with x at the path; missing objects are made.
func put(steps []step, v, x any) (any, error) {
	if len(steps) == 0 {
		return x, nil
	}
	if s := steps[0]; s.kind == indexStep {
		l, ok := v.([]any)
		if !ok || s.indexes[0] >= len(l) {
			return nil, errors.New("no such element")
		}
		inner, err := put(steps[1:], l[s.indexes[0]], x)
		out := append([]any{}, l...)
		out[s.indexes[0]] = inner
		return out, err
	}
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, errors.New("not an object")
	}
	out := make(map[string]any, len(m)+1)
	for k, y := range m {
		out[k] = y
	}
	name := steps[0].names[0]
	inner, err := put(steps[1:], m[name], x)
	out[name] = inner
	return out, err
}
