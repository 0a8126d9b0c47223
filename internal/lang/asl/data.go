package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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

// Argument applies Parameters to the effective input (env.Input), or gives the
// Arguments.
func (s *State) Argument(env Env) (any, error) {
	if s.argument == nil {
		return env.Input, nil
	}
	return s.argument.Eval(env)
}

// HasArgument tells whether the state has Parameters or Arguments.
func (s *State) HasArgument() bool { return s.argument != nil }

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

// Output is what a JSONata state hands on: its Output, or v if it has none.
func (s *State) Output(env Env, v any) (any, error) {
	if s.result == nil {
		return v, nil
	}
	return s.result.Eval(env)
}

// Assigned computes the variables that the state sets when it is left; nil if
// it sets none. In JSONPath env.Input is the result, before ResultPath.
func (s *State) Assigned(env Env) (map[string]any, error) { return assigned(s.assign, env) }

func assigned(p *Payload, env Env) (map[string]any, error) {
	if p == nil {
		return nil, nil
	}
	v, err := p.Eval(env)
	m, _ := v.(map[string]any)
	if err != nil || len(m) == 0 {
		return nil, err
	}
	return m, nil
}

// Caught computes what a state hands on when the catcher takes an error: in
// JSONPath the error object is put into the raw input, in JSONata it is the
// output unless the catcher has one. env.ErrorOutput is the error object.
func (c *Catcher) Caught(env Env, jsonata bool) (output any, vars map[string]any, err error) {
	if jsonata {
		if vars, err = assigned(c.assign, env); err != nil {
			return nil, nil, err
		}
		if c.output == nil {
			return env.ErrorOutput, vars, nil
		}
		output, err = c.output.Eval(env)
		return output, vars, err
	}
	raw := env.Input
	env.Input = env.ErrorOutput
	if vars, err = assigned(c.assign, env); err != nil {
		return nil, nil, err
	}
	output, err = c.resultPath.place(raw, env.ErrorOutput)
	return output, vars, err
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

// Items computes the list that an inline Map, or a distributed one without an
// ItemReader, works through. env.Input is the effective input.
func (s *State) Items(env Env) ([]any, error) {
	m := s.Map
	if s.JSONata {
		if m.items == nil {
			if l, ok := env.Input.([]any); ok {
				return l, nil
			}
			return nil, &Fault{Name: "States.QueryEvaluationError", Evaluation: true,
				Cause: fmt.Sprintf("Map state input must be an array but was: %s", Encode(env.Input))}
		}
		v, err := m.items.Eval(env)
		if err != nil {
			return nil, err
		}
		if l, ok := v.([]any); ok {
			return l, nil
		}
		return nil, m.items.wrongType("array", v)
	}
	v, err := m.itemsPath.apply(env)
	if err != nil {
		return nil, err
	}
	if l, ok := v.([]any); ok {
		return l, nil
	}
	path := "$"
	if l := m.itemsPath.loc; l != nil {
		path = "$" + l.text[len(l.text)-len(l.path.text)+1:]
	}
	return nil, runtimeFault("Reference path \"%s\" must point to array.", path)
}

// HasSelector tells whether the input of an item's run is computed.
func (m *Map) HasSelector() bool { return m.selector != nil }

// ItemInput computes what one item's run gets. env.Input is the state's
// effective input and env.Context has Map.Item (see ItemContext).
func (m *Map) ItemInput(env Env, item any) (any, error) {
	if m.selector == nil {
		return item, nil
	}
	return m.selector.Eval(env)
}

// ItemContext is a context object with Map.Item added; source is "" for items
// of the state's input, else where the item was read from.
func ItemContext(context map[string]any, index int, item any, source string) map[string]any {
	out := make(map[string]any, len(context)+1)
	for k, v := range context {
		out[k] = v
	}
	x := map[string]any{"Index": json.Number(strconv.Itoa(index)), "Value": item}
	if source != "" {
		x["Source"] = source
	}
	out["Map"] = map[string]any{"Item": x}
	return out
}

// Argument computes the parameters of the request that reads the items.
func (r *Reader) Argument(env Env) (map[string]any, error) { return object(r.argument, env) }

// Argument computes the parameters of the request that writes the results.
func (w *Writer) Argument(env Env) (map[string]any, error) { return object(w.argument, env) }

// BatchInput computes what each batch gets beside its items; nil if nothing.
func (b *Batcher) BatchInput(env Env) (any, error) {
	if b.input == nil {
		return nil, nil
	}
	return b.input.Eval(env)
}

func object(p *Payload, env Env) (map[string]any, error) {
	if p == nil {
		return map[string]any{}, nil
	}
	v, err := p.Eval(env)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, runtimeFault("An object with the parameters of the request is expected, not %s", Encode(v))
	}
	return m, nil
}
