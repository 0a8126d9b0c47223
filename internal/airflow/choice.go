package airflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// rule is a condition of a Choice: And, Or, Not or one comparison.
type rule struct {
	And, Or  []rule
	Not      *rule
	Variable string
	Next     string
	// Op is the comparison's name, Operand what Variable is compared with.
	Op      string
	Operand any
}

func (r *rule) UnmarshalJSON(b []byte) error {
	type plain rule
	if err := json.Unmarshal(b, (*plain)(r)); err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return err
	}
	for _, known := range []string{"And", "Or", "Not", "Variable", "Next", "Comment"} {
		delete(fields, known)
	}
	for op, operand := range fields { // a checked rule has one at most
		r.Op = op
		d := json.NewDecoder(bytes.NewReader(operand))
		d.UseNumber()
		if err := d.Decode(&r.Operand); err != nil {
			return err
		}
	}
	return nil
}

// python is the rule as a Python condition.
func (r *rule) python(s scope, see func(value)) (string, error) {
	several := func(list []rule, glue string) (string, error) {
		parts := make([]string, len(list))
		for i := range list {
			var err error
			if parts[i], err = list[i].python(s, see); err != nil {
				return "", err
			}
		}
		return "(" + strings.Join(parts, glue) + ")", nil
	}
	switch {
	case r.And != nil:
		return several(r.And, " and ")
	case r.Or != nil:
		return several(r.Or, " or ")
	case r.Not != nil:
		inner, err := r.Not.python(s, see)
		return "not " + inner, err
	}
	v, err := s.eval(r.Variable)
	if err == nil && v.known() != "" {
		err = fmt.Errorf("it looks at %s: %s", r.Variable, v.known())
	}
	if err != nil {
		return "", err
	}
	see(v)
	if r.Op == "IsPresent" {
		not := ""
		if r.Operand == false {
			not = "not "
		}
		return not + "present(lambda: " + v.python() + ")", nil
	}
	op, byPath := strings.CutSuffix(r.Op, "Path")
	with := fromJSON(r.Operand)
	if byPath {
		if with, err = s.eval(r.Operand.(string)); err != nil {
			return "", err
		}
		if why := with.known(); why != "" {
			return "", fmt.Errorf("it looks at %v: %s", r.Operand, why)
		}
		see(with)
	}
	return fmt.Sprintf("holds(%s, %s, %s)", v.python(), pyText(op), with.python()), nil
}

// decide answers the rule where everything it looks at is literal text; ok is
// false for what it cannot answer.
func (r *rule) decide(s scope) (holds, ok bool) {
	switch {
	case r.And != nil:
		holds = true
		for i := range r.And {
			h, known := r.And[i].decide(s)
			if !known {
				return false, false
			}
			holds = holds && h
		}
		return holds, true
	case r.Or != nil:
		for i := range r.Or {
			h, known := r.Or[i].decide(s)
			if !known {
				return false, false
			}
			holds = holds || h
		}
		return holds, true
	case r.Not != nil:
		h, known := r.Not.decide(s)
		return !h, known
	}
	v, err := s.eval(r.Variable)
	have, plain := v.plain()
	want, isText := r.Operand.(string)
	return have == want, err == nil && plain && isText && r.Op == "StringEquals"
}
