package asl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// condition is the expression of a filter step, [?( ... )].
type condition interface{ holds(root, item any) bool }

type (
	allOf  []condition
	anyOf  []condition
	negate struct{ c condition }
	exists struct{ o operand }
	// relation compares two operands.
	relation struct {
		left, right operand
		op          string
		re          *regexp.Regexp
	}
)

func (c allOf) holds(root, item any) bool {
	for _, x := range c {
		if !x.holds(root, item) {
			return false
		}
	}
	return true
}

func (c anyOf) holds(root, item any) bool {
	for _, x := range c {
		if x.holds(root, item) {
			return true
		}
	}
	return false
}

func (c negate) holds(root, item any) bool { return !c.c.holds(root, item) }

func (c exists) holds(root, item any) bool {
	_, ok := c.o.value(root, item)
	return ok
}

func (c relation) holds(root, item any) bool {
	l, okL := c.left.value(root, item)
	if c.op == "=~" {
		s, ok := l.(string)
		return okL && ok && c.re.MatchString(s)
	}
	r, okR := c.right.value(root, item)
	if !okL || !okR {
		return c.op == "!=" && okL != okR
	}
	switch c.op {
	case "==":
		return equal(l, r)
	case "!=":
		return !equal(l, r)
	case "in", "contains", "nin":
		if c.op == "contains" {
			l, r = r, l
		}
		if s, ok := r.(string); ok && c.op == "contains" {
			sub, ok := l.(string)
			return ok && strings.Contains(s, sub)
		}
		list, ok := r.([]any)
		return ok && contains(list, l) != (c.op == "nin")
	}
	o, ok := order(l, r)
	if !ok {
		return false
	}
	switch c.op {
	case "<":
		return o < 0
	case "<=":
		return o <= 0
	case ">":
		return o > 0
	}
	return o >= 0
}

func contains(list []any, v any) bool {
	for _, x := range list {
		if equal(x, v) {
			return true
		}
	}
	return false
}

// equal compares values, numbers by value.
func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && compareNumbers(a, b) == 0
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, x := range a {
			if y, ok := b[k]; !ok || !equal(x, y) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// order compares two numbers or two strings.
func order(a, b any) (int, bool) {
	switch a := a.(type) {
	case json.Number:
		if b, ok := b.(json.Number); ok {
			return compareNumbers(a, b), true
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), true
		}
	}
	return 0, false
}

// compareNumbers compares by value: exactly for 64-bit integers, as doubles otherwise.
func compareNumbers(a, b json.Number) int {
	i, errI := strconv.ParseInt(string(a), 10, 64)
	j, errJ := strconv.ParseInt(string(b), 10, 64)
	if errI == nil && errJ == nil {
		switch {
		case i < j:
			return -1
		case i > j:
			return 1
		}
		return 0
	}
	x, _ := a.Float64()
	y, _ := b.Float64()
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// operand is a literal or a path from the item (@) or the root ($).
type operand struct {
	literal  any
	steps    []step
	function string
	isPath   bool
	fromRoot bool
}

func (o operand) value(root, item any) (any, bool) {
	if !o.isPath {
		return o.literal, true
	}
	v := item
	if o.fromRoot {
		v = root
	}
	v, err := evalSteps(o.steps, root, v, "@")
	if err == nil && o.function != "" {
		v, err = aggregate(o.function, v)
	}
	return v, err == nil
}

func (p *pathParser) or() (condition, error) { return p.chain("||", p.and) }

func (p *pathParser) and() (condition, error) { return p.chain("&&", p.unary) }

func (p *pathParser) chain(op string, next func() (condition, error)) (condition, error) {
	var list []condition
	for {
		c, err := next()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		p.space()
		if !strings.HasPrefix(p.s[p.pos:], op) {
			break
		}
		p.pos += len(op)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	if op == "||" {
		return anyOf(list), nil
	}
	return allOf(list), nil
}

func (p *pathParser) unary() (condition, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("nested too deeply")
	}
	defer func() { p.depth-- }()
	p.space()
	switch {
	case p.peek() == '!':
		p.pos++
		c, err := p.unary()
		return negate{c}, err
	case p.peek() == '(':
		p.pos++
		c, err := p.or()
		if err == nil {
			err = p.expect(')')
		}
		return c, err
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	op := p.operator()
	if op == "" {
		if !left.isPath {
			return nil, fmt.Errorf("expected a comparison at character %d", p.pos+1)
		}
		return exists{left}, nil
	}
	p.space()
	if op == "=~" {
		re, err := p.regexp()
		return relation{left: left, op: op, re: re}, err
	}
	right, err := p.operand()
	return relation{left: left, right: right, op: op}, err
}

func (p *pathParser) operator() string {
	p.space()
	for _, op := range []string{"==", "!=", "<=", ">=", "=~", "<", ">"} {
		if strings.HasPrefix(p.s[p.pos:], op) {
			p.pos += len(op)
			return op
		}
	}
	for _, op := range []string{"in", "nin", "contains"} {
		if strings.HasPrefix(strings.ToLower(p.s[p.pos:]), op+" ") {
			p.pos += len(op)
			return op
		}
	}
	return ""
}

func (p *pathParser) regexp() (*regexp.Regexp, error) {
	if p.peek() != '/' {
		return nil, fmt.Errorf("expected /expression/ at character %d", p.pos+1)
	}
	end := strings.IndexByte(p.s[p.pos+1:], '/')
	if end < 0 {
		return nil, fmt.Errorf("the expression at character %d is not closed", p.pos+1)
	}
	text := p.s[p.pos+1 : p.pos+1+end]
	p.pos += end + 2
	flags := ""
	for strings.IndexByte("ims", p.peek()) >= 0 && p.peek() != 0 {
		flags += string(p.peek())
		p.pos++
	}
	if flags != "" {
		flags = "(?" + flags + ")"
	}
	return regexp.Compile(flags + "^(?:" + text + ")$")
}

func (p *pathParser) operand() (operand, error) {
	p.space()
	switch c := p.peek(); {
	case c == '@' || c == '$':
		p.pos++
		steps, fn, err := p.steps(true)
		return operand{steps: steps, function: fn, isPath: true, fromRoot: c == '$'}, err
	case c == '\'' || c == '"':
		s, err := p.quoted()
		return operand{literal: s}, err
	case c == '[':
		return p.literalList()
	}
	start := p.pos
	for p.pos < len(p.s) && strings.IndexByte(" )=!<>&|,]~", p.s[p.pos]) < 0 {
		p.pos++
	}
	switch word := p.s[start:p.pos]; word {
	case "true", "false":
		return operand{literal: word == "true"}, nil
	case "null":
		return operand{}, nil
	default:
		if !json.Valid([]byte(word)) {
			return operand{}, fmt.Errorf("expected a value at character %d", start+1)
		}
		return operand{literal: json.Number(word)}, nil
	}
}

func (p *pathParser) literalList() (operand, error) {
	if p.depth++; p.depth > maxDepth {
		return operand{}, fmt.Errorf("nested too deeply")
	}
	defer func() { p.depth-- }()
	p.pos++
	list := []any{}
	for {
		p.space()
		if p.peek() == ']' && len(list) == 0 {
			break
		}
		o, err := p.operand()
		if err != nil {
			return o, err
		}
		if o.isPath {
			return o, fmt.Errorf("a list in a filter holds values only")
		}
		list = append(list, o.literal)
		p.space()
		if p.peek() != ',' {
			break
		}
		p.pos++
	}
	return operand{literal: list}, p.expect(']')
}
