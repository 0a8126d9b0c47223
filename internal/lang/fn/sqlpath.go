package fn

import (
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// pathOp is what a node of an SQL/JSON path does.
type pathOp byte

const (
	pLiteral pathOp = iota
	pContext
	pVariable
	pCurrent // @
	pLast
	pMember
	pAnyMember
	pDescendant
	pAnyElement
	pSubscript
	pFilter
	pMethod
	pNegate
	pPlus
	pArithmetic // text is the operator
	pCompare
	pAnd
	pOr
	pNot
	pExists
	pUnknown
	pStartsWith
)

type pathNode struct {
	op    pathOp
	text  string
	value jsonValue
	args  []*pathNode
	// subs are subscripts: one node, or two for a range.
	subs [][]*pathNode
}

// sqlPath is a path of the SQL standard: lax $.a[*] ? (@ > 1).
type sqlPath struct {
	strict bool
	root   *pathNode
}

type pathParser struct {
	s     string
	at    int
	depth int
	err   error
}

func pathSyntax(s, why string) error {
	return base.Errorf(base.Invalid, "JSON path %q: %s", shorten(s), why).WithCode("SYNTAX_ERROR")
}

func parseSQLPath(s string) (sqlPath, error) {
	s = strings.Clone(s)
	p := &pathParser{s: s}
	var out sqlPath
	switch {
	case p.word("strict"):
		out.strict = true
	case !p.word("lax"):
		return out, pathSyntax(s, "it begins with lax or strict")
	}
	out.root = p.sum()
	if p.err == nil && p.peek() != 0 {
		p.fail("unexpected " + shorten(p.s[p.at:]))
	}
	return out, p.err
}

func (p *pathParser) fail(why string) *pathNode {
	if p.err == nil {
		p.err = pathSyntax(p.s, why)
	}
	p.at = len(p.s)
	return &pathNode{op: pContext}
}

func (p *pathParser) peek() byte {
	for p.at < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.at]) >= 0 {
		p.at++
	}
	if p.at >= len(p.s) {
		return 0
	}
	return p.s[p.at]
}

func (p *pathParser) take(sign string) bool {
	p.peek()
	if !strings.HasPrefix(p.s[p.at:], sign) {
		return false
	}
	p.at += len(sign)
	return true
}

// word takes a key word, not the beginning of a longer one.
func (p *pathParser) word(w string) bool {
	start := p.at
	if p.take(w) && (p.at == len(p.s) || !nameByte(p.s[p.at:])) {
		return true
	}
	p.at = start
	return false
}

// nameByte says whether s goes on with a letter of a name; names of other
// letters are quoted.
func nameByte(s string) bool { return s[0] < utf8.RuneSelf && wordByte(s[0]) }

func (p *pathParser) name() string {
	p.peek()
	start := p.at
	for p.at < len(p.s) && nameByte(p.s[p.at:]) {
		p.at++
	}
	return p.s[start:p.at]
}

func (p *pathParser) deeper() func() {
	if p.depth++; p.depth > maxPatternDepth {
		p.fail("it is nested too deeply")
	}
	return func() { p.depth-- }
}

func (p *pathParser) binary(signs string, next func() *pathNode) *pathNode {
	left := next()
	for c := p.peek(); c != 0 && strings.IndexByte(signs, c) >= 0; c = p.peek() {
		p.at++
		left = &pathNode{op: pArithmetic, text: string(c), args: []*pathNode{left, next()}}
	}
	return left
}

func (p *pathParser) sum() *pathNode { return p.binary("+-", p.product) }

func (p *pathParser) product() *pathNode { return p.binary("*/%", p.unary) }

func (p *pathParser) unary() *pathNode {
	defer p.deeper()()
	switch {
	case p.take("-"):
		return &pathNode{op: pNegate, args: []*pathNode{p.unary()}}
	case p.take("+"):
		return &pathNode{op: pPlus, args: []*pathNode{p.unary()}}
	}
	return p.accessor()
}

func (p *pathParser) accessor() *pathNode {
	n := p.primary()
	for p.err == nil {
		switch {
		case p.take(".."):
			n = &pathNode{op: pDescendant, text: p.member(), args: []*pathNode{n}}
		case p.take("."):
			n = p.afterPoint(n)
		case p.take("["):
			n = p.subscripts(n)
		case p.take("?"):
			if !p.take("(") {
				return p.fail("a filter needs parentheses")
			}
			n = &pathNode{op: pFilter, args: []*pathNode{n, p.or()}}
			if !p.take(")") {
				return p.fail("a filter does not end")
			}
		default:
			return n
		}
	}
	return n
}

var pathMethods = map[string]bool{"type": true, "size": true, "double": true, "ceiling": true, "floor": true, "abs": true, "keyvalue": true}

func (p *pathParser) afterPoint(n *pathNode) *pathNode {
	if p.take("*") {
		return &pathNode{op: pAnyMember, args: []*pathNode{n}}
	}
	quoted := p.peek() == '"'
	name := p.member()
	if quoted || p.peek() != '(' {
		return &pathNode{op: pMember, text: name, args: []*pathNode{n}}
	}
	p.take("(")
	if name == "datetime" {
		p.fail("")
		p.err = notSupported("datetime method in JSON path")
		return n
	}
	if !pathMethods[name] || !p.take(")") {
		return p.fail("no method " + name)
	}
	return &pathNode{op: pMethod, text: name, args: []*pathNode{n}}
}

func (p *pathParser) member() string {
	if p.peek() == '"' {
		return p.quoted()
	}
	name := p.name()
	if name == "" || digits(name[:1]) {
		p.fail("a member's name is missing; quote names that are not ASCII letters and digits")
	}
	return name
}

func (p *pathParser) quoted() string {
	r := jsonReader{s: p.s, at: p.at}
	s, ok := r.str()
	if !ok {
		p.fail("a string does not end")
		return ""
	}
	p.at = r.at
	return s
}

func (p *pathParser) subscripts(n *pathNode) *pathNode {
	if p.take("*") {
		if !p.take("]") {
			return p.fail("] is missing")
		}
		return &pathNode{op: pAnyElement, args: []*pathNode{n}}
	}
	out := &pathNode{op: pSubscript, args: []*pathNode{n}}
	for p.err == nil {
		sub := []*pathNode{p.sum()}
		if p.word("to") {
			sub = append(sub, p.sum())
		}
		out.subs = append(out.subs, sub)
		if p.take("]") {
			return out
		}
		if !p.take(",") {
			return p.fail("] is missing")
		}
	}
	return out
}

func (p *pathParser) primary() *pathNode {
	c := p.peek()
	switch {
	case c == '"':
		return &pathNode{op: pLiteral, value: jsonValue{kind: jString, text: p.quoted()}}
	case c == '$':
		p.at++
		if p.at < len(p.s) && nameByte(p.s[p.at:]) {
			return &pathNode{op: pVariable, text: p.name()}
		}
		if p.at < len(p.s) && p.s[p.at] == '"' {
			return &pathNode{op: pVariable, text: p.quoted()}
		}
		return &pathNode{op: pContext}
	case c == '@':
		p.at++
		return &pathNode{op: pCurrent}
	case c == '(':
		p.at++
		n := p.sum()
		if !p.take(")") {
			return p.fail(") is missing")
		}
		return n
	case c >= '0' && c <= '9' || c == '.':
		return p.numberLiteral()
	case p.word("last"):
		return &pathNode{op: pLast}
	}
	for w, k := range map[string]jsonKind{"null": jNull, "true": jTrue, "false": jFalse} {
		if p.word(w) {
			return &pathNode{op: pLiteral, value: jsonValue{kind: k}}
		}
	}
	return p.fail("unexpected " + shorten(p.s[p.at:]))
}

func (p *pathParser) numberLiteral() *pathNode {
	r := jsonReader{s: p.s, at: p.at}
	text, _ := r.number()
	if text == "" {
		return p.fail("not a number")
	}
	p.at = r.at
	v := jsonValue{kind: jNumber, text: text}
	v.exact = !v.isInteger() && !strings.ContainsAny(text, "eE")
	return &pathNode{op: pLiteral, value: v}
}

func (p *pathParser) or() *pathNode {
	left := p.and()
	for p.take("||") {
		left = &pathNode{op: pOr, args: []*pathNode{left, p.and()}}
	}
	return left
}

func (p *pathParser) and() *pathNode {
	left := p.predicate()
	for p.take("&&") {
		left = &pathNode{op: pAnd, args: []*pathNode{left, p.predicate()}}
	}
	return left
}

func (p *pathParser) predicate() *pathNode {
	defer p.deeper()()
	switch {
	case p.peek() == '!' && !strings.HasPrefix(p.s[p.at:], "!="):
		p.at++
		return &pathNode{op: pNot, args: []*pathNode{p.predicate()}}
	case p.word("exists"):
		if !p.take("(") {
			return p.fail("exists needs parentheses")
		}
		n := &pathNode{op: pExists, args: []*pathNode{p.sum()}}
		if !p.take(")") {
			return p.fail(") is missing")
		}
		return n
	case p.peek() == '(':
		if n := p.parenthesized(); n != nil {
			return n
		}
	}
	return p.comparison()
}

// parenthesized reads a predicate in parentheses, nil if they hold a value.
func (p *pathParser) parenthesized() *pathNode {
	start, err := p.at, p.err
	p.at++
	n := p.or()
	if p.err != nil || !p.take(")") {
		p.at, p.err = start, err
		return nil
	}
	if p.word("is") {
		if !p.word("unknown") {
			return p.fail("is unknown expected")
		}
		return &pathNode{op: pUnknown, args: []*pathNode{n}}
	}
	return n
}

func (p *pathParser) comparison() *pathNode {
	left := p.sum()
	for _, op := range []string{"==", "!=", "<>", "<=", ">=", "<", ">", "="} {
		if p.take(op) {
			return &pathNode{op: pCompare, text: op, args: []*pathNode{left, p.sum()}}
		}
	}
	switch {
	case p.word("starts"):
		if !p.word("with") {
			return p.fail("starts with expected")
		}
		return &pathNode{op: pStartsWith, args: []*pathNode{left, p.primary()}}
	case p.word("like_regex"):
		p.fail("")
		p.err = notSupported("like_regex predicate in JSON path")
		return left
	}
	return p.fail("a predicate is missing")
}
