package js

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

type literal struct{ value any }

func (l literal) eval(map[string]any) fastResult { return sure(l.value) }

// pathNode is $name.a.b[0].c
type pathNode struct {
	name  string
	steps []pathStep
}

type pathStep struct {
	name    string
	index   int
	indexed bool
}

func (p pathNode) eval(bindings map[string]any) fastResult {
	v, ok := bindings[p.name]
	if !ok {
		return unsure // undefined, or a function of the library
	}
	for _, s := range p.steps {
		var r fastResult
		if s.indexed {
			r = element(v, s.index)
		} else {
			r = memberOf(v, s.name)
		}
		if r.kind != fastValue {
			return r
		}
		v = r.json
	}
	switch v.(type) {
	case nil, bool, string, json.Number, []any, map[string]any:
		return sure(v)
	}
	return unsure
}

func memberOf(v any, name string) fastResult {
	switch v := v.(type) {
	case map[string]any:
		if x, ok := v[name]; ok {
			return sure(x)
		}
		return nothing
	case []any:
		return unsure // the library maps over it
	}
	return nothing
}

func element(v any, index int) fastResult {
	list, ok := v.([]any)
	if !ok {
		return unsure
	}
	if index >= len(list) {
		return nothing
	}
	if _, nested := list[index].([]any); nested {
		return unsure // the library flattens it
	}
	return sure(list[index])
}

// binary is one operator between two operands.
type binary struct {
	op          string
	left, right fastNode
}

func (b binary) eval(bindings map[string]any) fastResult {
	l := b.left.eval(bindings)
	if l.kind == fastUnsure {
		return unsure
	}
	if b.op == "and" || b.op == "or" {
		return b.logic(l, bindings)
	}
	r := b.right.eval(bindings)
	if r.kind == fastUnsure {
		return unsure
	}
	switch b.op {
	case "=":
		return equal(l, r, true)
	case "!=":
		return equal(l, r, false)
	case "&":
		return join(l, r)
	case "+", "-":
		return add(l, r, b.op)
	}
	return order(l, r, b.op)
}

func (b binary) logic(l fastResult, bindings map[string]any) fastResult {
	lt, ok := truth(l)
	if !ok {
		return unsure
	}
	if lt == (b.op == "or") {
		return sure(lt)
	}
	rt, ok := truth(b.right.eval(bindings))
	if !ok {
		return unsure
	}
	return sure(rt)
}

// truth is $boolean, with nothing as false.
func truth(r fastResult) (is, ok bool) {
	if r.kind != fastValue {
		return false, r.kind == fastUndefined
	}
	switch v := r.json.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case string:
		return v != "", true
	case json.Number:
		f, err := v.Float64()
		return f != 0, err == nil
	case map[string]any:
		return len(v) > 0, true
	}
	return false, false
}

func equal(l, r fastResult, want bool) fastResult {
	if l.kind == fastUndefined || r.kind == fastUndefined {
		return sure(false)
	}
	switch a := l.json.(type) {
	case map[string]any, []any:
		return unsure
	case json.Number:
		switch b := r.json.(type) {
		case json.Number:
			x, err1 := a.Float64()
			y, err2 := b.Float64()
			if err1 != nil || err2 != nil {
				return unsure
			}
			return sure((x == y) == want)
		case map[string]any, []any:
			return unsure
		}
		return sure(!want)
	}
	switch r.json.(type) {
	case map[string]any, []any:
		return unsure
	}
	return sure((l.json == r.json) == want)
}

// order compares two numbers or two texts of ASCII.
func order(l, r fastResult, op string) fastResult {
	if l.kind != fastValue || r.kind != fastValue {
		return unsure
	}
	var less, same bool
	switch a := l.json.(type) {
	case json.Number:
		b, ok := r.json.(json.Number)
		x, err1 := a.Float64()
		y, err2 := b.Float64()
		if !ok || err1 != nil || err2 != nil {
			return unsure
		}
		less, same = x < y, x == y
	case string:
		b, ok := r.json.(string)
		if !ok || !ascii(a) || !ascii(b) {
			return unsure
		}
		less, same = a < b, a == b
	default:
		return unsure
	}
	switch op {
	case "<":
		return sure(less)
	case "<=":
		return sure(less || same)
	case ">":
		return sure(!less && !same)
	}
	return sure(!less)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// longText keeps big texts with the library, which meters them.
const longText = 1 << 20

func join(l, r fastResult) fastResult {
	a, ok1 := plainText(l)
	b, ok2 := plainText(r)
	if !ok1 || !ok2 || len(a)+len(b) > longText {
		return unsure
	}
	return sure(a + b)
}

// plainText is $string of what is spelled the same in JSON and in JavaScript.
func plainText(r fastResult) (string, bool) {
	if r.kind == fastUndefined {
		return "", true
	}
	switch v := r.json.(type) {
	case nil:
		return "null", true
	case bool:
		return strconv.FormatBool(v), true
	case string:
		return v, true
	case json.Number:
		_, ok := smallInt(v)
		return string(v), ok
	}
	return "", false
}

// smallInt reads an integer of at most 15 digits in its plain spelling.
func smallInt(n json.Number) (int64, bool) {
	if len(n) > 15 || n == "-0" {
		return 0, false
	}
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

func add(l, r fastResult, op string) fastResult {
	x, ok1 := l.json.(json.Number)
	y, ok2 := r.json.(json.Number)
	if !ok1 || !ok2 {
		return unsure
	}
	a, ok1 := smallInt(x)
	b, ok2 := smallInt(y)
	if !ok1 || !ok2 {
		return unsure
	}
	if op == "-" {
		b = -b
	}
	return sure(json.Number(strconv.FormatInt(a+b, 10)))
}
