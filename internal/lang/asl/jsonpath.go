package asl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Path is a compiled JSONPath. Safe for concurrent use.
type Path struct {
	text  string
	steps []step
	// function is the aggregate at the end ("length", "sum", ...), or empty.
	function string
}

type stepKind int

const (
	propertyStep stepKind = iota // names
	indexStep                    // indexes
	sliceStep
	wildcardStep
	descendStep // .. applied to the following steps
	filterStep
)

type step struct {
	kind     stepKind
	names    []string
	indexes  []int
	from, to *int
	filter   condition
}

// PathError says why a definite path gave nothing. Its text follows Jayway's.
type PathError struct{ Reason string }

func (e *PathError) Error() string { return e.Reason }

// String is the path as it was written.
func (p *Path) String() string { return p.text }

// Definite tells whether the path names at most one value.
func (p *Path) Definite() bool { return definite(p.steps) }

func definite(steps []step) bool {
	for i, s := range steps {
		switch s.kind {
		case propertyStep:
			if len(s.names) > 1 && i < len(steps)-1 {
				return false
			}
		case indexStep:
			if len(s.indexes) > 1 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// Reference tells whether the path is a reference path: names and single
// indexes only, as ResultPath wants.
func (p *Path) Reference() bool {
	for _, s := range p.steps {
		if s.kind == propertyStep && len(s.names) == 1 {
			continue
		}
		if s.kind == indexStep && len(s.indexes) == 1 && s.indexes[0] >= 0 {
			continue
		}
		return false
	}
	return p.function == ""
}

// Eval finds what the path names in root. A missing definite path is a
// *PathError; an indefinite one gives a list, empty if nothing is there.
func (p *Path) Eval(root any) (any, error) {
	v, err := evalSteps(p.steps, root, root, "$")
	if err != nil || p.function == "" {
		return v, err
	}
	return aggregate(p.function, v)
}

func evalSteps(steps []step, root, v any, at string) (any, error) {
	if definite(steps) {
		return evalDefinite(steps, v, at)
	}
	out := []any{}
	walk(steps, root, v, &out)
	if len(out) > maxResults {
		return nil, &PathError{fmt.Sprintf("more than %d results", maxResults)}
	}
	return out, nil
}

// maxResults bounds what an indefinite path may find ($..*..*..* multiplies).
const maxResults = 100_000

func evalDefinite(steps []step, v any, at string) (any, error) {
	for i, s := range steps {
		next, ok := child(s, v)
		here := at + s.String()
		if !ok {
			if i < len(steps)-1 {
				return nil, &PathError{"Missing property in path " + here}
			}
			return nil, &PathError{"No results for path: " + here}
		}
		v, at = next, here
	}
	return v, nil
}

// String is the step in bracket notation, for messages.
func (s step) String() string {
	if s.kind == indexStep {
		w := make([]string, len(s.indexes))
		for i, n := range s.indexes {
			w[i] = strconv.Itoa(n)
		}
		return "[" + strings.Join(w, ",") + "]"
	}
	return "['" + strings.Join(s.names, "','") + "']"
}

// child applies a step of a definite path.
func child(s step, v any) (any, bool) {
	if s.kind == indexStep {
		l, _ := v.([]any)
		return element(l, s.indexes[0])
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	if len(s.names) == 1 {
		x, ok := m[s.names[0]]
		return x, ok
	}
	out := map[string]any{}
	for _, n := range s.names {
		if x, ok := m[n]; ok {
			out[n] = x
		}
	}
	return out, true
}

func element(l []any, i int) (any, bool) {
	if i < 0 {
		i += len(l)
	}
	if i < 0 || i >= len(l) {
		return nil, false
	}
	return l[i], true
}

// walk collects every match of steps below v.
func walk(steps []step, root, v any, out *[]any) {
	if len(*out) > maxResults {
		return
	}
	if len(steps) == 0 {
		*out = append(*out, v)
		return
	}
	s, rest := steps[0], steps[1:]
	switch s.kind {
	case propertyStep:
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		if len(s.names) > 1 && len(rest) == 0 {
			x, _ := child(s, v)
			*out = append(*out, x)
			return
		}
		for _, n := range s.names {
			if x, ok := m[n]; ok {
				walk(rest, root, x, out)
			}
		}
	case indexStep:
		l, _ := v.([]any)
		for _, i := range s.indexes {
			if x, ok := element(l, i); ok {
				walk(rest, root, x, out)
			}
		}
	case sliceStep:
		if l, ok := v.([]any); ok {
			for _, x := range slice(l, s.from, s.to) {
				walk(rest, root, x, out)
			}
		}
	case wildcardStep:
		for _, x := range children(v) {
			walk(rest, root, x, out)
		}
	case descendStep:
		descend(rest, root, v, out)
	case filterStep:
		items := []any{v}
		if l, ok := v.([]any); ok {
			items = l
		}
		for _, x := range items {
			if s.filter.holds(root, x) {
				walk(rest, root, x, out)
			}
		}
	}
}

func descend(rest []step, root, v any, out *[]any) {
	if s := rest[0]; !(s.kind == filterStep && !isList(v)) {
		walk(rest, root, v, out)
	}
	for _, x := range children(v) {
		descend(rest, root, x, out)
	}
}

func isList(v any) bool { _, ok := v.([]any); return ok }

func slice(l []any, from, to *int) []any {
	lo, hi := 0, len(l)
	if from != nil {
		if lo = *from; lo < 0 {
			lo += len(l)
		}
	}
	if to != nil {
		if hi = *to; hi < 0 {
			hi += len(l)
		}
	}
	lo, hi = max(lo, 0), min(hi, len(l))
	if lo >= hi {
		return nil
	}
	return l[lo:hi]
}

// children lists members (by key, so that the order is always the same) or elements.
func children(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		out := make([]any, len(keys))
		for i, k := range keys {
			out[i] = v[k]
		}
		return out
	}
	return nil
}

var aggregates = map[string]bool{"length": true, "size": true, "min": true, "max": true, "sum": true, "avg": true, "keys": true}

func aggregate(name string, v any) (any, error) {
	switch name {
	case "length", "size":
		switch x := v.(type) {
		case []any:
			return json.Number(strconv.Itoa(len(x))), nil
		case map[string]any:
			return json.Number(strconv.Itoa(len(x))), nil
		case string:
			return json.Number(strconv.Itoa(utf8.RuneCountInString(x))), nil
		}
		return nil, &PathError{"length() needs an array, an object or a string"}
	case "keys":
		m, ok := v.(map[string]any)
		if !ok {
			return nil, &PathError{"keys() needs an object"}
		}
		keys := slices.Sorted(maps.Keys(m))
		out := make([]any, len(keys))
		for i, k := range keys {
			out[i] = k
		}
		return out, nil
	}
	var nums []float64
	l, _ := v.([]any)
	for _, x := range l {
		if n, ok := x.(json.Number); ok {
			f, err := n.Float64()
			if err != nil {
				return nil, &PathError{"a number is out of range in " + name + "()"}
			}
			nums = append(nums, f)
		}
	}
	if len(nums) == 0 {
		return nil, &PathError{"Aggregation function attempted to calculate value using empty array"}
	}
	total, low, high := 0.0, nums[0], nums[0]
	for _, f := range nums {
		total, low, high = total+f, min(low, f), max(high, f)
	}
	switch name {
	case "min":
		total = low
	case "max":
		total = high
	case "avg":
		total /= float64(len(nums))
	}
	return doubleNumber(total), nil
}

// doubleNumber writes f as Java writes a double: 6.0, not 6.
func doubleNumber(f float64) json.Number {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return json.Number(s)
}
