package trino

// expr reads an expression: OR binds weakest, then AND, NOT, one predicate,
// then values.
func (p *parser) expr() Expr { return p.logical("or", kOr, (*parser).conjunction) }

func (p *parser) conjunction() Expr { return p.logical("and", kAnd, (*parser).negation) }

// logical reads terms joined by one word into a flat node.
func (p *parser) logical(op string, word kind, term func(*parser) Expr) Expr {
	start := p.start()
	first := term(p)
	if !p.at(word) {
		return first
	}
	l := &Logical{Op: op, Terms: []Expr{first}}
	for p.accept(word) {
		l.Terms = append(l.Terms, term(p))
	}
	l.Span = p.from(start)
	return l
}

func (p *parser) negation() Expr {
	if !p.at(kNot) {
		return p.predicate()
	}
	if !p.enter() {
		return &NullLit{}
	}
	defer p.leave()
	start := p.start()
	p.next()
	x := p.negation()
	return &Not{Span: p.from(start), X: x}
}

// predicate reads a value and at most one comparison or test of it.
func (p *parser) predicate() Expr {
	start := p.start()
	x := p.value(1)
	if op := compareOp(p.kind()); op != "" {
		return p.compare(start, x, op)
	}
	switch {
	case p.at(kIs):
		return p.is(start, x)
	case p.at(kNot):
		if !p.testAhead() {
			p.next()
			p.want("'BETWEEN'")
			p.want("'IN'")
			p.want("'LIKE'")
			p.fail()
			return x
		}
		p.next()
		return p.test(start, x, true)
	case p.at(kBetween), p.at(kIn), p.at(kLike):
		return p.test(start, x, false)
	}
	p.wantSigns(tEq, tGte)
	return x
}

func (p *parser) testAhead() bool {
	k := p.ahead(1)
	return k == kBetween || k == kIn || k == kLike
}

func compareOp(k kind) string {
	switch k {
	case tEq:
		return "="
	case tNeq:
		return "<>"
	case tLt:
		return "<"
	case tLte:
		return "<="
	case tGt:
		return ">"
	case tGte:
		return ">="
	}
	return ""
}

func (p *parser) compare(start int, x Expr, op string) Expr {
	pos := p.span()
	p.next()
	if (p.at(kAll) || p.at(kAny) || p.at(kSome)) && p.queryAhead(1) {
		all := p.kind() == kAll
		p.next()
		q := p.parenQuery()
		return &Quantified{Span: p.from(start), Op: op, OpPos: pos, All: all, X: x, Query: q}
	}
	y := p.value(1)
	return &Compare{Span: p.from(start), Op: op, OpPos: pos, X: x, Y: y}
}

// is reads IS [NOT] NULL and IS [NOT] DISTINCT FROM.
func (p *parser) is(start int, x Expr) Expr {
	pos := p.start()
	p.next()
	not := p.accept(kNot)
	if p.accept(kNull) {
		return &IsNull{Span: p.from(start), Not: not, X: x}
	}
	p.expect(kDistinct)
	p.expect(kFrom)
	op := "is distinct from"
	if not {
		op = "is not distinct from"
	}
	opPos := p.from(pos)
	y := p.value(1)
	return &Compare{Span: p.from(start), Op: op, OpPos: opPos, X: x, Y: y}
}

// test reads BETWEEN, IN or LIKE.
func (p *parser) test(start int, x Expr, not bool) Expr {
	switch {
	case p.accept(kBetween):
		low := p.value(1)
		p.expect(kAnd)
		high := p.value(1)
		return &Between{Span: p.from(start), Not: not, X: x, Low: low, High: high}
	case p.accept(kLike):
		l := &Like{Not: not, X: x, Pattern: p.value(1)}
		if p.accept(kEscape) {
			l.Escape = p.value(1)
		}
		l.Span = p.from(start)
		return l
	}
	p.next()
	return p.in(start, x, not)
}

func (p *parser) in(start int, x Expr, not bool) Expr {
	if !p.enter() {
		return x
	}
	defer p.leave()
	if p.at(tOpen) && p.queryStart(1) {
		q := p.parenQuery()
		return &InQuery{Span: p.from(start), Not: not, X: x, Query: q}
	}
	p.expect(tOpen)
	first := p.start()
	l := []Expr{p.expr()}
	if q := p.queryAround(l[0], first); q != nil {
		p.expect(tClose)
		return &InQuery{Span: p.from(start), Not: not, X: x, Query: q}
	}
	for p.accept(tComma) {
		l = append(l, p.expr())
	}
	p.expect(tClose)
	return &InList{Span: p.from(start), Not: not, X: x, List: l}
}

// How tight the operators between values bind; signs and AT TIME ZONE bind
// tighter than any of them.
const (
	bindConcat = 1 + iota
	bindSum
	bindProduct
)

func binaryOp(k kind) (op string, bind int) {
	switch k {
	case tConcat:
		return "||", bindConcat
	case tPlus:
		return "+", bindSum
	case tMinus:
		return "-", bindSum
	case tStar:
		return "*", bindProduct
	case tSlash:
		return "/", bindProduct
	case tPercent:
		return "%", bindProduct
	}
	return "", 0
}

// value reads operands joined by operators that bind at least as tight as bind.
func (p *parser) value(bind int) Expr {
	start := p.start()
	x := p.signed()
	for n := 1; ; n++ {
		op, b := binaryOp(p.kind())
		if b < bind || b == 0 {
			break
		}
		pos := p.span()
		p.chain(n, pos)
		p.next()
		y := p.value(b + 1)
		x = &Binary{Span: p.from(start), Op: op, OpPos: pos, X: x, Y: y}
	}
	p.wantSigns(tPlus, tConcat)
	return x
}

// signed reads signs before a value.
func (p *parser) signed() Expr {
	k := p.kind()
	if k != tMinus && k != tPlus {
		return p.zoned()
	}
	if !p.enter() {
		return &NullLit{}
	}
	defer p.leave()
	start, op := p.start(), p.text()
	p.next()
	x := p.signed()
	return &Unary{Span: p.from(start), Op: op, X: x}
}

// zoned reads AT TIME ZONE after a value.
func (p *parser) zoned() Expr {
	start := p.start()
	x := p.postfix()
	for n := 1; p.at(kAt) && p.ahead(1) == kTime && p.ahead(2) == kZone; n++ {
		p.chain(n, p.span())
		p.next()
		p.next()
		p.next()
		zone := p.zone()
		x = &AtZone{Span: p.from(start), X: x, Zone: zone}
	}
	return x
}

// zone reads what may follow AT TIME ZONE: a string or an interval, no column.
func (p *parser) zone() Expr {
	switch {
	case p.kind() == tString || p.kind() == tUnicode:
		return p.stringLit()
	case p.at(kInterval):
		return p.interval()
	}
	p.want("<string>")
	p.fail()
	return &NullLit{}
}

// postfix reads fields and subscripts after a primary expression.
func (p *parser) postfix() Expr {
	start := p.start()
	x := p.primary()
	for n := 1; ; n++ {
		switch {
		case p.at(tDot) && p.ahead(1) != tStar:
			p.next()
			field := p.name()
			x = &Deref{Span: p.from(start), Base: x, Field: field}
		case p.at(tOpenSquare):
			if !p.enter() {
				return x
			}
			p.next()
			index := p.value(1)
			p.expect(tCloseSquare)
			x = &Subscript{Span: p.from(start), Base: x, Index: index}
			p.leave()
		default:
			return x
		}
		p.chain(n, p.span())
	}
}
