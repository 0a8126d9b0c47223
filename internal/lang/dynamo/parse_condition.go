package dynamo

import "github.com/mulgil/mulgil/internal/base"

// parseCondition reads a condition; the whole is one tree.
func parseCondition(src string) (n *node, err *base.Error) {
	p, err := open(src, conditionWords)
	if err != nil {
		return nil, err
	}
	defer guard(&err)
	n = p.or()
	if !n.condition() {
		p.fail(n.end)
	}
	p.wantEnd()
	return n, nil
}

func (p *parser) or() *node  { return p.chain("OR", p.and) }
func (p *parser) and() *node { return p.chain("AND", p.not) }

func (p *parser) chain(word string, part func() *node) *node {
	left := part()
	for {
		if _, ok := p.keyword(word); !ok {
			return left
		}
		if !left.condition() {
			p.fail(left.end)
		}
		right := part()
		if !right.condition() {
			p.fail(right.end)
		}
		left = &node{op: word, args: []*node{left, right}, end: p.pos}
	}
}

func (p *parser) not() *node {
	if _, ok := p.keyword("NOT"); !ok {
		return p.comparison()
	}
	n := p.not()
	if !n.condition() {
		p.fail(n.end)
	}
	return &node{op: "NOT", args: []*node{n}, end: p.pos}
}

// comparison reads x = y, x BETWEEN y AND z, x IN (...), or what has no operator.
func (p *parser) comparison() *node {
	left := p.primary()
	at := p.pos
	if op, ok := p.mark("=", "<>", "<", "<=", ">", ">="); ok {
		return p.operation(op, at, left, p.value())
	}
	if _, ok := p.keyword("BETWEEN"); ok {
		low := p.value()
		if _, ok := p.keyword("AND"); !ok {
			p.fail(p.pos)
		}
		return p.operation("BETWEEN", at, left, low, p.value())
	}
	if _, ok := p.keyword("IN"); ok {
		args := []*node{left}
		p.wantMark("(")
		for {
			args = append(args, p.value())
			if _, more := p.mark(","); !more {
				break
			}
		}
		p.wantMark(")")
		return p.operation("IN", at, args...)
	}
	return left
}

// operation joins operands; at is the operator's token.
func (p *parser) operation(op string, at int, args ...*node) *node {
	if !args[0].operand() {
		p.fail(at)
	}
	return &node{op: op, args: args, end: p.pos}
}

// value reads an operand, perhaps in parentheses.
func (p *parser) value() *node {
	at := p.pos
	n := p.primary()
	if !n.operand() {
		p.fail(at)
	}
	return n
}

// primary reads an operand or anything in parentheses.
func (p *parser) primary() *node {
	if _, ok := p.mark("("); !ok {
		return p.readOperand(p.value)
	}
	n := p.or()
	p.wantMark(")")
	n.parens++
	if n.op == "path" {
		n.path = p.steps(n.path)
	}
	n.end = p.pos
	return n
}
