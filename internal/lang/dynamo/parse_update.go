package dynamo

import "github.com/mulgil/mulgil/internal/base"

// action is one change of an update: SET, REMOVE, ADD or DELETE of a path.
type action struct {
	section string
	path    Path
	value   *node // nil for REMOVE
}

// parseUpdate reads the sections in order; twice is the first that is there
// more than once.
func parseUpdate(src string) (out []*action, twice string, err *base.Error) {
	p, err := open(src, sectionWords)
	if err != nil {
		return nil, "", err
	}
	defer guard(&err)
	seen := map[string]bool{}
	for {
		section, ok := p.keyword("SET", "REMOVE", "ADD", "DELETE")
		if !ok {
			p.fail(p.pos)
		}
		if seen[section] && twice == "" {
			twice = section
		}
		seen[section] = true
		for {
			out = append(out, p.action(section))
			if _, more := p.mark(","); !more {
				break
			}
		}
		if p.peek().kind == endToken {
			return out, twice, nil
		}
	}
}

func (p *parser) action(section string) *action {
	a := &action{section: section, path: p.readPath()}
	switch section {
	case "SET":
		p.wantMark("=")
		a.value = p.assigned()
	case "ADD", "DELETE":
		t := p.peek()
		if t.kind != valueToken || len(t.text) == 1 {
			p.fail(p.pos)
		}
		p.pos++
		a.value = &node{op: "value", name: t.text, end: p.pos}
	}
	return a
}

// assigned reads the right side of SET: an operand, a sum or a difference,
// perhaps in parentheses.
func (p *parser) assigned() *node {
	if _, ok := p.mark("("); ok {
		n := p.sum()
		p.wantMark(")")
		if n.operand() { // (a) + b
			return p.more(n)
		}
		return n
	}
	return p.sum()
}

func (p *parser) sum() *node { return p.more(p.updateOperand()) }

// more reads what may follow the first operand.
func (p *parser) more(left *node) *node {
	op, ok := p.mark("+", "-")
	if !ok {
		return left
	}
	return &node{op: op, name: op, args: []*node{left, p.updateOperand()}, end: p.pos}
}

func (p *parser) updateOperand() *node {
	if _, ok := p.mark("("); !ok {
		return p.readOperand(p.updateOperand)
	}
	n := p.readOperand(p.updateOperand)
	p.wantMark(")")
	return n
}

// parseProjection reads paths with commas between them.
func parseProjection(src string) (out []Path, err *base.Error) {
	p, err := open(src, nil)
	if err != nil {
		return nil, err
	}
	defer guard(&err)
	for {
		out = append(out, p.readPath())
		if _, more := p.mark(","); !more {
			break
		}
	}
	p.wantEnd()
	return out, nil
}
