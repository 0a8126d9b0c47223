package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Rule is the condition of a choice: a comparison or And, Or, Not of others.
type Rule struct {
	and, or []*Rule
	not     *Rule

	variable *Location
	op       string
	operand  any
	path     *Location // the operand of a ...Path operator
	node     *node
}

// operators maps each comparison to the kind of its operand: s, n, b, t (timestamp).
func operators() map[string]byte {
	ops := map[string]byte{"StringMatches": 's', "BooleanEquals": 'b', "BooleanEqualsPath": 'p'}
	for _, is := range []string{"Null", "Present", "Numeric", "String", "Boolean", "Timestamp"} {
		ops["Is"+is] = 'b'
	}
	for name, kind := range map[string]byte{"String": 's', "Numeric": 'n', "Timestamp": 't'} {
		for _, rel := range []string{"Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"} {
			ops[name+rel] = kind
			ops[name+rel+"Path"] = 'p'
		}
	}
	return ops
}

// Holds evaluates the rule. A value of another type than the operator's is
// false; a missing one is a *Fault, except for IsPresent.
func (r *Rule) Holds(env Env) (bool, error) {
	switch {
	case r.and != nil:
		for _, x := range r.and {
			if ok, err := x.Holds(env); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	case r.or != nil:
		for _, x := range r.or {
			if ok, err := x.Holds(env); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	case r.not != nil:
		ok, err := r.not.Holds(env)
		return !ok && err == nil, err
	}
	return r.compare(env)
}

func (r *Rule) compare(env Env) (bool, error) {
	v, err := r.variable.Eval(env)
	var missing *PathError
	if r.op == "IsPresent" {
		return (err == nil) == (r.operand == true), nil
	}
	if errors.As(err, &missing) {
		return false, runtimeFault("Invalid path '%s': The choice state's condition path references an invalid value.", r.variable)
	}
	if err != nil {
		return false, err
	}
	if strings.HasPrefix(r.op, "Is") {
		return is(r.op[2:], v) == (r.operand == true), nil
	}
	want := r.operand
	if r.path != nil {
		if want, err = r.path.Eval(env); err != nil {
			if errors.As(err, &missing) {
				err = runtimeFault("Invalid path '%s': The choice state's condition path references an invalid value.", r.path)
			}
			return false, err
		}
	}
	return relate(strings.TrimSuffix(r.op, "Path"), v, want), nil
}

func is(kind string, v any) bool {
	switch x := v.(type) {
	case nil:
		return kind == "Null"
	case json.Number:
		return kind == "Numeric"
	case bool:
		return kind == "Boolean"
	case string:
		if kind == "Timestamp" {
			_, err := ParseTime(x)
			return err == nil
		}
		return kind == "String"
	}
	return false
}

func relate(op string, v, want any) bool {
	var o int
	var rel string
	switch {
	case op == "BooleanEquals":
		a, ok := v.(bool)
		b, okB := want.(bool)
		return ok && okB && a == b
	case op == "StringMatches":
		a, ok := v.(string)
		b, okB := want.(string)
		return ok && okB && Wildcard(b, a)
	case strings.HasPrefix(op, "String"):
		a, ok := v.(string)
		b, okB := want.(string)
		if !ok || !okB {
			return false
		}
		o, rel = strings.Compare(a, b), op[len("String"):]
	case strings.HasPrefix(op, "Numeric"):
		a, ok := v.(json.Number)
		b, okB := want.(json.Number)
		if !ok || !okB {
			return false
		}
		o, rel = compareNumbers(a, b), op[len("Numeric"):]
	default:
		a, okA := timeOf(v)
		b, okB := timeOf(want)
		if !okA || !okB {
			return false
		}
		o, rel = a.Compare(b), op[len("Timestamp"):]
	}
	switch rel {
	case "Equals":
		return o == 0
	case "LessThan":
		return o < 0
	case "LessThanEquals":
		return o <= 0
	case "GreaterThan":
		return o > 0
	}
	return o >= 0
}

func timeOf(v any) (time.Time, bool) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	t, err := ParseTime(s)
	return t, err == nil
}

// ParseTime reads a timestamp as the States Language wants it: ISO-8601 with
// T and a zone, fractions of a second allowed.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || len(s) < 20 || s[10] != 'T' {
		return t, fmt.Errorf("%q is not a timestamp like 2016-03-14T01:59:00Z", s)
	}
	return t, nil
}

// Wildcard matches s against a pattern in which * stands for any text and a
// backslash takes the next character literally.
func Wildcard(pattern, s string) bool {
	type piece struct {
		star bool
		text string
	}
	var pieces []piece
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			b.WriteByte(pattern[i])
		case pattern[i] == '*':
			pieces = append(pieces, piece{text: b.String()}, piece{star: true})
			b.Reset()
		default:
			b.WriteByte(pattern[i])
		}
	}
	pieces = append(pieces, piece{text: b.String()})
	if len(pieces) == 1 {
		return s == pieces[0].text
	}
	first, last := pieces[0].text, pieces[len(pieces)-1].text
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for _, p := range pieces[1 : len(pieces)-1] {
		if p.star {
			continue
		}
		i := strings.Index(s, p.text)
		if i < 0 {
			return false
		}
		s = s[i+len(p.text):]
	}
	return strings.HasSuffix(s, last)
}

// ByDefault is the index of the way that Default is.
const ByDefault = -1

// Chosen is the way a Choice state takes.
type Chosen struct {
	// Index is the choice's among Choices, or ByDefault.
	Index int
	Next  string
	// of the choice that holds, or of the state if none does
	assign, output *Payload
}

// Choose evaluates the choices in order and returns the first that holds, else
// Default, else the fault States.NoChoiceMatched. env.Input is the effective input.
func (s *State) Choose(env Env) (*Chosen, error) {
	for i, c := range s.Choices {
		ok, err := c.holds(env)
		if err != nil {
			return nil, err
		}
		if ok {
			return &Chosen{Index: i, Next: c.Next, assign: c.assign, output: c.output}, nil
		}
	}
	if s.Default == "" {
		return nil, &Fault{Name: "States.NoChoiceMatched", Cause: "Failed to transition out of the state. The state does not point to a next state."}
	}
	return &Chosen{Index: ByDefault, Next: s.Default, assign: s.assign, output: s.result}, nil
}

func (c *Choice) holds(env Env) (bool, error) {
	if c.condition == nil {
		return c.Rule.Holds(env)
	}
	v, err := c.condition.Eval(env)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, c.condition.wrongType("boolean", v)
	}
	return b, nil
}

// Assigned computes the variables set on this way; nil if none.
func (c *Chosen) Assigned(env Env) (map[string]any, error) { return assigned(c.assign, env) }

// Output computes what a JSONata state hands on; v if it says nothing.
func (c *Chosen) Output(env Env, v any) (any, error) {
	if c.output == nil {
		return v, nil
	}
	return c.output.Eval(env)
}
