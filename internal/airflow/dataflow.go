package airflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// scope is what paths of a state see: "$" and "$$".
type scope struct{ input, context value }

// contextOf is the context object: what a run of a DAG knows of it.
func contextOf(machine, state string) value {
	obj := func(fields map[string]value) value { return value{kind: object, fields: fields} }
	return obj(map[string]value{
		"Execution": obj(map[string]value{
			"Id": {kind: fact, text: "dag_run.run_id"}, "Name": {kind: fact, text: "dag_run.run_id"},
			"StartTime": {kind: fact, text: "dag_run.start_date.isoformat()"},
			"Input":     {kind: given},
		}),
		"State":        obj(map[string]value{"Name": text(state)}),
		"StateMachine": obj(map[string]value{"Name": text(machine)}),
	})
}

// eval follows a path.
func (s scope) eval(path string) (value, error) {
	v, rest := s.input, strings.TrimPrefix(path, "$")
	if after, ok := strings.CutPrefix(path, "$$"); ok {
		v, rest = s.context, after
	}
	steps, err := steps(rest)
	if err != nil {
		return value{}, fmt.Errorf("path %s: %w", path, err)
	}
	for _, step := range steps {
		if n, err := strconv.Atoi(step.index); err == nil {
			v, err = v.at(n)
			if err != nil {
				return value{}, fmt.Errorf("path %s: %w", path, err)
			}
			continue
		}
		if v, err = v.field(step.name); err != nil {
			return value{}, fmt.Errorf("path %s: %w", path, err)
		}
	}
	return v, nil
}

// step is .name, ['name'] or [index].
type step struct{ name, index string }

// steps takes a path behind its "$" apart; only paths to one value are read.
func steps(rest string) (out []step, err error) {
	for rest != "" {
		var s step
		switch {
		case strings.HasPrefix(rest, ".."), strings.HasPrefix(rest, ".*"):
			return nil, fmt.Errorf("only paths to one value can be followed")
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			s.name, rest = rest[1:end], rest[end:]
		case strings.HasPrefix(rest, "['"), strings.HasPrefix(rest, `["`):
			end := strings.Index(rest, rest[1:2]+"]")
			if end < 2 {
				return nil, fmt.Errorf("only paths to one value can be followed")
			}
			s.name, rest = rest[2:end], rest[end+2:]
		default:
			end := strings.Index(rest, "]")
			if end < 0 {
				return nil, fmt.Errorf("only paths to one value can be followed")
			}
			s.index, rest = rest[1:end], rest[end+1:]
			if _, err := strconv.ParseUint(s.index, 10, 31); err != nil {
				return nil, fmt.Errorf("only paths to one value can be followed")
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// expr is a path or an intrinsic function.
func (s scope) expr(text string) (value, error) {
	if strings.HasPrefix(text, "$") {
		return s.eval(text)
	}
	name, args, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(text), ")"), "(")
	if !ok || name != "States.Format" && name != "States.Array" && name != "States.JsonToString" {
		return value{}, fmt.Errorf("%s has no counterpart in Airflow; only States.Format, States.Array and States.JsonToString have", name)
	}
	var values []value
	for _, a := range arguments(args) {
		v, err := s.argument(a)
		if err != nil {
			return v, err
		}
		values = append(values, v)
	}
	switch name {
	case "States.Array":
		return value{kind: list, items: values}, nil
	case "States.JsonToString":
		return value{kind: joined, items: values}, nil
	}
	return format(values)
}

func (s scope) argument(a string) (value, error) {
	if inner, ok := strings.CutPrefix(a, "'"); ok {
		return text(strings.NewReplacer(`\\`, `\`, `\'`, "'").Replace(strings.TrimSuffix(inner, "'"))), nil
	}
	if strings.HasPrefix(a, "$") || strings.HasPrefix(a, "States.") {
		return s.expr(a)
	}
	var v any
	d := json.NewDecoder(strings.NewReader(a))
	d.UseNumber()
	err := d.Decode(&v)
	return value{kind: literal, lit: v}, err
}

// arguments splits at commas outside quotes and parentheses.
func arguments(text string) (out []string) {
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	if last := strings.TrimSpace(text[start:]); last != "" {
		out = append(out, last)
	}
	return out
}

func format(values []value) (value, error) {
	if len(values) == 0 {
		return value{}, fmt.Errorf("States.Format needs a text")
	}
	pattern, ok := values[0].plain()
	pieces := strings.Split(pattern, "{}")
	if !ok || len(pieces) != len(values) {
		return value{}, fmt.Errorf("States.Format needs a literal text with one {} for each value")
	}
	out := value{kind: joined}
	for i, p := range pieces {
		if i > 0 {
			out.items = append(out.items, values[i])
		}
		if p != "" {
			out.items = append(out.items, text(p))
		}
	}
	return out, nil
}

// template fills a payload template (Parameters, ResultSelector).
func (s scope) template(raw json.RawMessage) (value, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return value{}, err
	}
	return s.fill(v)
}

func (s scope) fill(v any) (value, error) {
	switch v := v.(type) {
	case map[string]any:
		out := value{kind: object, fields: map[string]value{}}
		for k, x := range v {
			name, path := strings.CutSuffix(k, ".$")
			var err error
			if text, ok := x.(string); path && ok {
				out.fields[name], err = s.expr(text)
			} else {
				out.fields[k], err = s.fill(x)
			}
			if err != nil {
				return out, err
			}
		}
		return out, nil
	case []any:
		out := value{kind: list}
		for _, x := range v {
			y, err := s.fill(x)
			if err != nil {
				return out, err
			}
			out.items = append(out.items, y)
		}
		return out, nil
	}
	return fromJSON(v), nil
}

// narrowed applies InputPath or OutputPath.
func (s scope) narrowed(p path) (value, error) {
	switch {
	case !p.set:
		return s.input, nil
	case p.text == nil:
		return value{kind: object, fields: map[string]value{}}, nil
	}
	return s.eval(*p.text)
}

// placed applies ResultPath: where in raw a result goes.
func placed(raw, result value, p path) (value, error) {
	switch {
	case !p.set:
		return result, nil
	case p.text == nil:
		return raw, nil
	}
	steps, err := steps(strings.TrimPrefix(*p.text, "$"))
	var names []string
	for _, st := range steps {
		if st.index != "" {
			err = fmt.Errorf("a result cannot be put into a list")
		}
		names = append(names, st.name)
	}
	if err != nil {
		return value{}, fmt.Errorf("ResultPath %s: %w", *p.text, err)
	}
	return raw.with(names, result), nil
}

// argument is what a state's work is given.
func (m *writer) argument(s *state, raw value) (value, error) {
	sc := scope{raw, contextOf(m.o.Name, s.name)}
	in, err := sc.narrowed(s.InputPath)
	if err != nil || s.Parameters == nil {
		return in, err
	}
	return scope{in, sc.context}.template(s.Parameters)
}

// output is what a state hands on, given its result.
func (m *writer) output(s *state, raw, result value) (value, error) {
	ctx := contextOf(m.o.Name, s.name)
	var err error
	if s.ResultSelector != nil {
		if result, err = (scope{result, ctx}).template(s.ResultSelector); err != nil {
			return result, err
		}
	}
	if result, err = placed(raw, result, s.ResultPath); err != nil {
		return result, err
	}
	return scope{result, ctx}.narrowed(s.OutputPath)
}
