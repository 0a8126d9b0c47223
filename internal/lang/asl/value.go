package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Value is a single field that is given literally, by a path (in the field
// whose name ends in Path) or by a JSONata expression. nil stands for an
// absent field.
type Value struct {
	name    string
	literal any
	path    *Expr
	query   *Query
}

// Literal returns the value if it is written in the definition.
func (v *Value) Literal() (any, bool) {
	if v == nil || v.path != nil || v.query != nil {
		return nil, false
	}
	return v.literal, true
}

// wholeOf is a literal whole number; false if there is none.
func wholeOf(v *Value) (int64, bool) {
	x, ok := v.Literal()
	n, isNumber := x.(json.Number)
	i, err := n.Int64()
	return i, ok && isNumber && err == nil
}

// Path is the path as written, empty if the value is not given by one.
func (v *Value) Path() string {
	if v.path == nil {
		return ""
	}
	return v.path.String()
}

// Field is the field's name as written: with Path at its end if it holds one.
func (v *Value) Field() string {
	if v.path != nil {
		return v.name + "Path"
	}
	return v.name
}

// eval computes the value; a missing path is a *PathError.
func (v *Value) eval(env Env) (any, error) {
	switch {
	case v.query != nil:
		return v.query.Eval(env)
	case v.path != nil && v.path.loc != nil:
		return v.path.loc.Eval(env)
	case v.path != nil:
		return v.path.Eval(env, v.name+"Path")
	}
	return v.literal, nil
}

// shown is a value as it stands in messages: text bare.
func shown(x any) string {
	if s, ok := x.(string); ok {
		return s
	}
	return string(Encode(x))
}

// Seconds computes a number of seconds, at least least. Its faults are worded
// as Step Functions words them for waits and time limits.
func (v *Value) Seconds(env Env, least int64) (int64, error) {
	x, err := v.eval(env)
	var missing *PathError
	if errors.As(err, &missing) {
		if v.name == "Seconds" { // of a Wait; time limits are worded otherwise
			return 0, runtimeFault("The %sPath parameter does not reference an input value: %s", v.name, v.path)
		}
		return 0, runtimeFault("Invalid path '%s' : %s", v.path, missing.Reason)
	}
	if err != nil {
		return 0, err
	}
	if v.query != nil {
		n, ok := x.(json.Number)
		if !ok {
			return 0, v.query.wrongType("number", x)
		}
		i, err := n.Int64()
		if err != nil || i < least || i > maxSeconds {
			return 0, &Fault{Name: "States.QueryEvaluationError", Evaluation: true, Location: v.name,
				Cause: fmt.Sprintf("The %s field must be a whole number from %d to %d but was: %s", v.name, least, maxSeconds, n)}
		}
		return i, nil
	}
	at := fmt.Sprintf("%s == %s", v.Path(), shown(x))
	i, err := strconv.ParseInt(shown(x), 10, 64)
	switch {
	case err != nil:
		return 0, runtimeFault("The %sPath parameter cannot be parsed as a long value: %s", v.name, at)
	case i < 0:
		return 0, runtimeFault("The %sPath parameter references a negative value: %s", v.name, at)
	case i < least:
		return 0, runtimeFault("The %sPath parameter references a value that is not positive: %s", v.name, at)
	case i > maxSeconds:
		return 0, runtimeFault("The %sPath parameter references a value over %d: %s", v.name, maxSeconds, at)
	}
	return i, nil
}

// Count computes a whole number of at least 0.
func (v *Value) Count(env Env) (int64, error) {
	x, err := v.number(env, "integer")
	if err != nil {
		return 0, err
	}
	i, err := strconv.ParseInt(shown(x), 10, 64)
	if err != nil {
		return 0, v.notA(x, "integer")
	}
	return i, nil
}

// Float computes a number.
func (v *Value) Float(env Env) (float64, error) {
	x, err := v.number(env, "float")
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(shown(x), 64)
	if err != nil {
		return 0, v.notA(x, "float")
	}
	return f, nil
}

func (v *Value) number(env Env, kind string) (any, error) {
	x, err := v.eval(env)
	var missing *PathError
	if errors.As(err, &missing) {
		return nil, runtimeFault("Invalid path '%s' : %s", v.Path(), missing.Reason)
	}
	if err != nil {
		return nil, err
	}
	if _, ok := x.(json.Number); !ok && v.query != nil {
		return nil, v.query.wrongType("number", x)
	}
	return x, nil
}

func (v *Value) notA(x any, kind string) error {
	if v.query != nil {
		return v.query.wrongType(kind, x)
	}
	return runtimeFault("The %sPath field refers to value \"%s\" which is not a valid %s: %s", v.name, shown(x), kind, v.Path())
}

// Text computes a string, as the Error and Cause of a Fail are.
func (v *Value) Text(env Env) (string, error) {
	x, err := v.eval(env)
	var missing *PathError
	if errors.As(err, &missing) {
		return "", runtimeFault("The JSONPath '%s' specified for the field '%sPath' could not be found in the input '%s'", v.Path(), v.name, Encode(env.Input))
	}
	if err != nil {
		return "", err
	}
	s, ok := x.(string)
	switch {
	case ok:
		return s, nil
	case v.query != nil:
		return "", v.query.wrongType("string", x)
	}
	return "", runtimeFault("The %sPath parameter does not reference a string: %s == %s", v.name, v.Path(), Encode(x))
}

// Time computes a moment, as Wait's Timestamp is.
func (v *Value) Time(env Env) (time.Time, error) {
	x, err := v.eval(env)
	var missing *PathError
	if errors.As(err, &missing) {
		return time.Time{}, runtimeFault("The %sPath parameter does not reference an input value: %s", v.name, v.Path())
	}
	if err != nil {
		return time.Time{}, err
	}
	s, ok := x.(string)
	if v.query != nil && !ok {
		return time.Time{}, v.query.wrongType("string", x)
	}
	t, err := ParseTime(s)
	switch {
	case err == nil:
		return t, nil
	case v.query != nil:
		return t, &Fault{Name: "States.QueryEvaluationError", Evaluation: true, Location: v.name,
			Cause: fmt.Sprintf("The %s field cannot be parsed as an ISO-8601 extended offset date-time format string: %s", v.name, s)}
	}
	return t, runtimeFault("The %sPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", v.name, v.Path(), shown(x))
}
