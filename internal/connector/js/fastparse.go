package js

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// fastToken is one token of the part of JSONata that the fast path knows, with
// the blanks before it.
var fastToken = regexp.MustCompile(`^[ \t\r\n]*(?:` + strings.Join([]string{
	`(\$[A-Za-z_][A-Za-z0-9_]*)`,                 // 1 variable
	`("[^"\\\x00-\x1f]*"|'[^'\\\x00-\x1f]*')`,    // 2 text without escapes
	`((?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?)`, // 3 number
	`([A-Za-z_][A-Za-z0-9_]*)`,                   // 4 name or word
	`(!=|<=|>=|[=<>&+\-.\[\]()])`,                // 5 sign
}, "|") + `)`)

const (
	variableToken = 1 + iota
	textToken
	numberToken
	nameToken
	signToken
)

type fastReader struct {
	rest string
	kind int
	text string
	fail bool
}

// parseFast reads an expression; nil when the fast path does not know it.
func parseFast(expr string) fastNode {
	r := &fastReader{rest: expr}
	r.next()
	n := r.chain(0)
	if r.fail || r.kind != 0 {
		return nil
	}
	return n
}

// next reads a token; kind 0 is the end.
func (r *fastReader) next() {
	m := fastToken.FindStringSubmatchIndex(r.rest)
	if m == nil {
		r.fail = r.fail || strings.Trim(r.rest, " \t\r\n") != ""
		r.kind, r.text, r.rest = 0, "", ""
		return
	}
	for k := variableToken; k <= signToken; k++ {
		if m[2*k] >= 0 {
			r.kind, r.text = k, r.rest[m[2*k]:m[2*k+1]]
		}
	}
	r.rest = r.rest[m[1]:]
}

// levels are the operators by binding power, weakest first.
var levels = []map[string]bool{
	{"or": true}, {"and": true},
	{"=": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true},
	{"&": true, "+": true, "-": true},
}

// chain reads operands of one level, from left to right.
func (r *fastReader) chain(level int) fastNode {
	if level == len(levels) {
		return r.operand()
	}
	left := r.chain(level + 1)
	for !r.fail && (r.kind == signToken || r.kind == nameToken) && levels[level][r.text] {
		op := r.text
		r.next()
		left = binary{op, left, r.chain(level + 1)}
	}
	return left
}

func (r *fastReader) operand() fastNode {
	kind, text := r.kind, r.text
	r.next()
	switch {
	case kind == variableToken:
		return r.path(text[1:])
	case kind == textToken:
		return r.alone(literal{text[1 : len(text)-1]})
	case kind == numberToken:
		f, _ := strconv.ParseFloat(text, 64)
		return r.alone(literal{json.Number(numberText(f))})
	case kind == nameToken && (text == "true" || text == "false"):
		return r.alone(literal{text == "true"})
	case kind == nameToken && text == "null":
		return r.alone(literal{nil})
	case kind == signToken && text == "(":
		n := r.chain(0)
		if r.kind != signToken || r.text != ")" {
			r.fail = true
		}
		r.next()
		return r.alone(n)
	}
	r.fail = true
	return nil
}

// alone refuses a path that goes on from n.
func (r *fastReader) alone(n fastNode) fastNode {
	if r.kind == signToken && strings.Contains(".[(", r.text) {
		r.fail = true
	}
	return n
}

// words mean something else than a name in some places.
var words = map[string]bool{"and": true, "or": true, "in": true, "true": true, "false": true, "null": true, "function": true}

func (r *fastReader) path(name string) fastNode {
	p := pathNode{name: name}
	for r.kind == signToken && (r.text == "." || r.text == "[") {
		open := r.text
		r.next()
		switch {
		case open == "." && r.kind == nameToken && !words[r.text]:
			p.steps = append(p.steps, pathStep{name: r.text})
		case open == "[" && r.kind == numberToken && len(p.steps) > 0 && !p.steps[len(p.steps)-1].indexed:
			i, err := strconv.Atoi(r.text)
			r.next()
			if err != nil || r.kind != signToken || r.text != "]" {
				r.fail = true
			}
			p.steps = append(p.steps, pathStep{index: i, indexed: true})
		default:
			r.fail = true
		}
		r.next()
		if r.fail {
			return nil
		}
	}
	return r.alone(p)
}
