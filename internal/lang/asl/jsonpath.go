package asl

import (
	"encoding/json"
	"fmt"
	"sort"
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
	return out, nil
}

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
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
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
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		sort.Strings(keys)
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

// ParsePath compiles a JSONPath that starts with $. The caller takes a
// leading second $ (context object) off first.
func ParsePath(s string) (*Path, error) {
	if !strings.HasPrefix(s, "$") {
		return nil, fmt.Errorf("path %q must start with $", s)
	}
	p := &pathParser{s: s, pos: 1}
	steps, fn, err := p.steps(false)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", s, err)
	}
	if p.pos < len(s) {
		return nil, fmt.Errorf("path %q: unexpected %q", s, s[p.pos:])
	}
	return &Path{text: s, steps: steps, function: fn}, nil
}

type pathParser struct {
	s     string
	pos   int
	depth int
}

func (p *pathParser) peek() byte {
	if p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

func (p *pathParser) space() {
	for p.peek() == ' ' {
		p.pos++
	}
}

// steps reads what follows $ or @. Inside a filter names end at more characters.
func (p *pathParser) steps(inFilter bool) (out []step, fn string, err error) {
	for p.pos < len(p.s) {
		var s step
		switch {
		case strings.HasPrefix(p.s[p.pos:], ".."):
			p.pos += 2
			out = append(out, step{kind: descendStep})
			if p.peek() == '[' {
				s, err = p.bracket()
			} else {
				s, fn, err = p.dotted(inFilter)
			}
		case p.peek() == '.':
			p.pos++
			s, fn, err = p.dotted(inFilter)
		case p.peek() == '[':
			s, err = p.bracket()
		default:
			return out, "", nil
		}
		if err != nil || fn != "" {
			return out, fn, err
		}
		out = append(out, s)
	}
	return out, "", nil
}

func (p *pathParser) dotted(inFilter bool) (step, string, error) {
	if p.peek() == '*' {
		p.pos++
		return step{kind: wildcardStep}, "", nil
	}
	stop := ".[( ]\t\n\r"
	if inFilter {
		stop = ".[( ]\t\n\r)=!<>&|,~"
	}
	start := p.pos
	for p.pos < len(p.s) && strings.IndexByte(stop, p.s[p.pos]) < 0 {
		p.pos++
	}
	name := p.s[start:p.pos]
	if name == "" {
		return step{}, "", fmt.Errorf("a name is missing at character %d", start+1)
	}
	if p.peek() == '(' {
		if !aggregates[name] || !strings.HasPrefix(p.s[p.pos:], "()") {
			return step{}, "", fmt.Errorf("unknown function %s()", name)
		}
		p.pos += 2
		return step{}, name, nil
	}
	return step{kind: propertyStep, names: []string{name}}, "", nil
}

func (p *pathParser) bracket() (step, error) {
	p.pos++
	p.space()
	switch c := p.peek(); {
	case c == '*':
		p.pos++
		return step{kind: wildcardStep}, p.expect(']')
	case c == '\'' || c == '"':
		return p.nameList()
	case c == '?':
		p.pos++
		p.space()
		if err := p.expect('('); err != nil {
			return step{}, err
		}
		c, err := p.or()
		if err == nil {
			err = p.expect(')')
		}
		if err == nil {
			err = p.expect(']')
		}
		return step{kind: filterStep, filter: c}, err
	}
	return p.numbers()
}

func (p *pathParser) expect(c byte) error {
	p.space()
	if p.peek() != c {
		return fmt.Errorf("expected %c at character %d", c, p.pos+1)
	}
	p.pos++
	return nil
}

func (p *pathParser) nameList() (step, error) {
	s := step{kind: propertyStep}
	for {
		p.space()
		name, err := p.quoted()
		if err != nil {
			return s, err
		}
		s.names = append(s.names, name)
		p.space()
		if p.peek() != ',' {
			return s, p.expect(']')
		}
		p.pos++
	}
}

// quoted reads a string in either kind of quotes. A backslash before that
// quote or a backslash takes it literally; elsewhere it stands for itself.
func (p *pathParser) quoted() (string, error) {
	q := p.peek()
	if q != '\'' && q != '"' {
		return "", fmt.Errorf("expected a quoted name at character %d", p.pos+1)
	}
	var b strings.Builder
	for i := p.pos + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '\\' && i+1 < len(p.s) && (p.s[i+1] == q || p.s[i+1] == '\\'):
			i++
			b.WriteByte(p.s[i])
		case c == q:
			p.pos = i + 1
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
	return "", fmt.Errorf("the quote at character %d is not closed", p.pos+1)
}

func (p *pathParser) numbers() (step, error) {
	first, err := p.integer()
	if err != nil {
		return step{}, err
	}
	p.space()
	if p.peek() == ':' {
		p.pos++
		p.space()
		last, err := p.integer()
		if err != nil {
			return step{}, err
		}
		return step{kind: sliceStep, from: first, to: last}, p.expect(']')
	}
	s := step{kind: indexStep}
	for {
		if first == nil {
			return s, fmt.Errorf("expected a number at character %d", p.pos+1)
		}
		s.indexes = append(s.indexes, *first)
		p.space()
		if p.peek() != ',' {
			return s, p.expect(']')
		}
		p.pos++
		p.space()
		if first, err = p.integer(); err != nil {
			return s, err
		}
	}
}

// integer reads a whole number, nil if none stands here.
func (p *pathParser) integer() (*int, error) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.pos++
	}
	if p.pos == start {
		return nil, nil
	}
	n, err := strconv.Atoi(p.s[start:p.pos])
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", p.s[start:p.pos])
	}
	return &n, nil
}
