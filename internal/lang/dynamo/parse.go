package dynamo

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
)

// node is a part of an expression: "path", "value", "function", an operator
// ("=", "BETWEEN", "IN", "+", ...) or "AND", "OR", "NOT".
type node struct {
	op   string
	name string // of a function, or of a value with its colon
	args []*node
	path Path // names with # as written until they are resolved
	val  attribute.Value
	// parens counts the pairs around it; end is the token after it.
	parens, end int
}

// operand tells whether n stands for a value; a function may.
func (n *node) operand() bool { return n.op == "path" || n.op == "value" || n.op == "function" }

// condition tells whether n can be true or false; a function may.
func (n *node) condition() bool { return n.op == "function" || !n.operand() }

// parser reads one expression. A syntax error ends it by panic, see guard.
type parser struct {
	src    string
	tokens []token
	pos    int
	// keywords cannot be names in this expression.
	keywords map[string]bool
}

var (
	conditionWords = map[string]bool{"BETWEEN": true, "IN": true, "AND": true, "OR": true, "NOT": true}
	sectionWords   = map[string]bool{"SET": true, "REMOVE": true, "ADD": true, "DELETE": true}
)

// maxExpression is how long an expression may be, in bytes.
const maxExpression = 4096

// open begins an expression; its error lacks the name of the parameter.
func open(src string, keywords map[string]bool) (*parser, *base.Error) {
	if src == "" {
		return nil, attribute.Invalid("The expression can not be empty;")
	}
	if len(src) > maxExpression {
		return nil, attribute.Invalid("Expression size has exceeded the maximum allowed size; expression size: %d", len(src))
	}
	return &parser{src: src, tokens: lex(src), keywords: keywords}, nil
}

// guard turns the panic of a syntax error into an error.
func guard(err **base.Error) {
	if p := recover(); p != nil {
		e, ok := p.(*base.Error)
		if !ok {
			panic(p)
		}
		*err = e
	}
}

// fail reports the token at i with its neighbours.
func (p *parser) fail(i int) {
	from, to := p.tokens[max(i-1, 0)].from, p.tokens[min(i+1, len(p.tokens)-1)].to
	panic(attribute.Invalid(`Syntax error; token: "%s", near: "%s"`, p.tokens[i].text, strings.TrimRight(p.src[from:to], " \t\r\n")))
}

func (p *parser) peek() token { return p.tokens[p.pos] }

// mark takes one of the marks if it is next.
func (p *parser) mark(any ...string) (string, bool) {
	for _, m := range any {
		if t := p.peek(); t.kind == markToken && t.text == m {
			p.pos++
			return m, true
		}
	}
	return "", false
}

func (p *parser) wantMark(m string) {
	if _, ok := p.mark(m); !ok {
		p.fail(p.pos)
	}
}

// keyword takes one of the keywords if it is next and returns it in capitals.
func (p *parser) keyword(any ...string) (string, bool) {
	for _, k := range any {
		if t := p.peek(); t.kind == wordToken && strings.EqualFold(t.text, k) {
			p.pos++
			return k, true
		}
	}
	return "", false
}

func (p *parser) wantEnd() {
	if p.peek().kind != endToken {
		p.fail(p.pos)
	}
}

// isName tells whether a token can begin a path.
func (p *parser) isName(t token) bool {
	return t.kind == wordToken && !p.keywords[strings.ToUpper(t.text)] || t.kind == nameToken && len(t.text) > 1
}

// readPath reads name(.name|[index])*.
func (p *parser) readPath() Path {
	if !p.isName(p.peek()) {
		p.fail(p.pos)
	}
	out := Path{{name: p.peek().text}}
	p.pos++
	return p.steps(out)
}

func (p *parser) steps(out Path) Path {
	for {
		if _, ok := p.mark("."); ok {
			if !p.isName(p.peek()) {
				p.fail(p.pos)
			}
			out = append(out, step{name: p.peek().text})
			p.pos++
			continue
		}
		if _, ok := p.mark("["); !ok {
			return out
		}
		i, err := strconv.ParseInt(p.peek().text, 10, 32)
		if p.peek().kind != numberToken || err != nil {
			p.fail(p.pos)
		}
		p.pos++
		p.wantMark("]")
		out = append(out, step{index: int(i), list: true})
	}
}

// readOperand reads a path, a value or a function.
func (p *parser) readOperand(argument func() *node) *node {
	t := p.peek()
	n := &node{}
	switch {
	case t.kind == valueToken && len(t.text) > 1:
		p.pos++
		n.op, n.name = "value", t.text
	case t.kind == wordToken && p.isName(t) && p.tokens[p.pos+1].text == "(":
		p.pos += 2
		n.op, n.name = "function", t.text
		for {
			n.args = append(n.args, argument())
			if _, more := p.mark(","); !more {
				break
			}
		}
		p.wantMark(")")
	default:
		n.op, n.path = "path", p.readPath()
	}
	n.end = p.pos
	return n
}
