package airflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// value is what is known of a JSON value while the DAG is written.
type value struct {
	kind kind
	// lit is a literal's nil, bool, json.Number or string.
	lit any
	// path leads to a given value in the execution's input.
	path []string
	// items are a list's, or the pieces of a joined text.
	items []value
	// fields are an object's that are known; rest, if not nil, has the others.
	fields map[string]value
	rest   *value
	// text is the Python expression of a run's fact, or why a result is not known.
	text string
}

type kind int

const (
	literal kind = iota
	given        // a part of the execution's input
	joined       // texts one after the other
	list
	object
	fact   // something the run knows of itself
	result // only known once a task has run
)

func text(s string) value { return value{kind: literal, lit: s} }

func unknown(format string, args ...any) value {
	return value{kind: result, text: fmt.Sprintf(format, args...)}
}

// fromJSON is a value all of which is literal.
func fromJSON(v any) value {
	switch v := v.(type) {
	case []any:
		out := value{kind: list}
		for _, x := range v {
			out.items = append(out.items, fromJSON(x))
		}
		return out
	case map[string]any:
		out := value{kind: object, fields: map[string]value{}}
		for k, x := range v {
			out.fields[k] = fromJSON(x)
		}
		return out
	}
	return value{kind: literal, lit: v}
}

// field is v.name.
func (v value) field(name string) (value, error) {
	switch v.kind {
	case given:
		return value{kind: given, path: append(slices.Clone(v.path), name)}, nil
	case object:
		if f, ok := v.fields[name]; ok {
			return f, nil
		}
		if v.rest != nil {
			return v.rest.field(name)
		}
	case result:
		return v, nil
	}
	return v, fmt.Errorf("there is no field %q", name)
}

// at is v[n].
func (v value) at(n int) (value, error) {
	switch {
	case v.kind == list && n < len(v.items):
		return v.items[n], nil
	case v.kind == result:
		return v, nil
	case v.kind == given:
		return v, fmt.Errorf("an element of a list in the input cannot be taken")
	}
	return v, fmt.Errorf("there is no element %d", n)
}

// with is v with the value at names replaced by x.
func (v value) with(names []string, x value) value {
	if len(names) == 0 {
		return x
	}
	out := value{kind: object, fields: map[string]value{}}
	switch v.kind {
	case object:
		out.fields, out.rest = maps.Clone(v.fields), v.rest
	case given, result:
		out.rest = &v
	}
	inner, err := v.field(names[0])
	if err != nil {
		inner = value{kind: object, fields: map[string]value{}}
	}
	out.fields[names[0]] = inner.with(names[1:], x)
	return out
}

// either is what is known when a value may be a or b.
func either(a, b value) value {
	if reflect.DeepEqual(a, b) {
		return a
	}
	if a.kind == object && b.kind == object && reflect.DeepEqual(a.rest, b.rest) {
		out := value{kind: object, fields: map[string]value{}, rest: a.rest}
		for _, v := range []value{a, b} {
			for name := range v.fields {
				x, errX := a.field(name)
				y, errY := b.field(name)
				if errX != nil || errY != nil {
					out.fields[name] = unknown("the ways that lead here do not all have it")
				} else {
					out.fields[name] = either(x, y)
				}
			}
		}
		return out
	}
	if a.kind == given && b.kind == object && b.rest != nil && reflect.DeepEqual(a, *b.rest) {
		return either(value{kind: object, fields: map[string]value{}, rest: &a}, b)
	}
	if b.kind == given && a.kind == object {
		return either(b, a)
	}
	return unknown("it differs between the ways that lead here")
}

// known reports why a value cannot be written into the DAG, "" if it can.
func (v value) known() string {
	if v.kind == result {
		return v.text
	}
	for _, x := range v.items {
		if why := x.known(); why != "" {
			return why
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.fields)) {
		if why := v.fields[name].known(); why != "" {
			return why
		}
	}
	if v.rest != nil {
		return v.rest.known()
	}
	return ""
}

// python is the value as an expression that Python and Jinja both take; the
// names params and dag_run must be in reach.
func (v value) python() string {
	switch v.kind {
	case given:
		args := []string{"params", "dag_run"}
		for _, p := range v.path {
			args = append(args, pyText(p))
		}
		return "given(" + strings.Join(args, ", ") + ")"
	case joined:
		parts := make([]string, len(v.items))
		for i, x := range v.items {
			parts[i] = "text(" + x.python() + ")"
		}
		return `"".join([` + strings.Join(parts, ", ") + "])"
	case list:
		parts := make([]string, len(v.items))
		for i, x := range v.items {
			parts[i] = x.python()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case object:
		parts := make([]string, 0, len(v.fields))
		for _, name := range slices.Sorted(maps.Keys(v.fields)) {
			parts = append(parts, pyText(name)+": "+v.fields[name].python())
		}
		fields := "{" + strings.Join(parts, ", ") + "}"
		if v.rest != nil {
			return "dict(" + v.rest.python() + ", **" + fields + ")"
		}
		return fields
	case fact:
		return v.text
	}
	switch x := v.lit.(type) {
	case nil:
		return "None"
	case bool:
		if x {
			return "True"
		}
		return "False"
	case json.Number:
		return x.String()
	case string:
		return pyText(x)
	}
	return "None"
}

// template is the value's text as an Airflow template; what is no text is JSON.
func (v value) template() string {
	if s, ok := v.lit.(string); ok && !strings.Contains(s, "{{") && !strings.Contains(s, "{%") && !strings.Contains(s, "{#") {
		return s
	}
	return "{{ text(" + v.python() + ") }}"
}

// plain tells whether the value is literal text.
func (v value) plain() (string, bool) {
	s, ok := v.lit.(string)
	return s, ok && v.kind == literal
}

// given collects the fields of the input that a value needs.
func (v value) inputs(see func(name string)) {
	if v.kind == given && len(v.path) > 0 {
		see(v.path[0])
	}
	for _, x := range v.items {
		x.inputs(see)
	}
	for _, x := range v.fields {
		x.inputs(see)
	}
	if v.rest != nil {
		v.rest.inputs(see)
	}
}

// pyText is a Python string literal, which Jinja reads alike.
func pyText(s string) string {
	quote := `"`
	if strings.Contains(s, `"`) && !strings.Contains(s, "'") {
		quote = "'"
	}
	var b strings.Builder
	b.WriteString(quote)
	for _, r := range s {
		switch {
		case r == '\\' || string(r) == quote:
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(quote)
	return b.String()
}
