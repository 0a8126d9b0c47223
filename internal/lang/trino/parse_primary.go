package trino

// primary reads a literal, a name, a call or what stands in parentheses. Every
// level of nesting passes through here.
func (p *parser) primary() Expr {
	if !p.enter() {
		return &NullLit{}
	}
	x := p.operand()
	p.leave()
	return x
}

func (p *parser) operand() Expr {
	k := p.kind()
	switch {
	case k == tOpen:
		return p.paren()
	case k >= tString && k <= tParam:
		return p.literal()
	case k.named():
		return p.named()
	}
	start := p.start()
	switch k {
	case kNull:
		p.next()
		return &NullLit{p.from(start)}
	case kTrue, kFalse:
		p.next()
		return &BoolLit{p.from(start), k == kTrue}
	case kCase:
		return p.caseExpr()
	case kCast:
		return p.cast(false)
	case kExists:
		p.next()
		q := p.parenQuery()
		return &Exists{p.from(start), q}
	case kGrouping:
		return p.grouping()
	case kJSONArray, kJSONExists, kJSONObject, kJSONQuery, kJSONValue:
		return p.jsonCall()
	case kExtract, kTrim, kNormalize, kListagg:
		return p.special()
	case kCurrentCatalog, kCurrentDate, kCurrentPath, kCurrentSchema, kCurrentTime, kCurrentTimestamp, kCurrentUser, kLocaltime, kLocaltimestamp:
		return p.current()
	}
	p.want("<expression>")
	p.fail()
	return &NullLit{}
}

// named reads what starts with a name: a column, a call, a typed literal, a
// lambda, or a form whose word is not reserved.
func (p *parser) named() Expr {
	start := p.start()
	switch next := p.ahead(1); {
	case next == tArrow:
		params := []Name{p.name()}
		return p.lambda(start, params)
	case next == tOpen || next == tOpenSquare || p.kind() == kInterval || p.kind() == kDouble:
		if x := p.form(); x != nil {
			return x
		}
	}
	if next := p.ahead(1); next == tString || next == tUnicode {
		n := p.name()
		return p.typed(start, TypeName{n.Span, p.quoteType(n)})
	}
	if p.callAhead() {
		name := p.qname()
		return p.call(name)
	}
	n := p.name()
	return &Ident{n.Span, n}
}

// form reads ROW(...), ARRAY[...] and their like; nil if the word is a plain name here.
func (p *parser) form() Expr {
	start, next := p.start(), p.ahead(1)
	switch k := p.kind(); {
	case k == kArray && next == tOpenSquare:
		return p.array()
	case k == kRow && next == tOpen && p.ahead(2) != tClose:
		p.next()
		elems := inParens(p, p.expr)
		return &Row{p.from(start), elems}
	case k == kTryCast && next == tOpen:
		return p.cast(true)
	case k == kPosition && next == tOpen:
		return p.position()
	case k == kSubstring && next == tOpen:
		return p.substring()
	case k == kInterval && (next == tString || next == tUnicode || (next == tMinus || next == tPlus) && p.ahead(2) == tString):
		return p.interval()
	case k == kDouble && next == kPrecision && p.ahead(2) == tString:
		p.next()
		p.next()
		return p.typed(start, TypeName{p.from(start), "double"})
	}
	return nil
}

// callAhead says whether a dotted name followed by ( stands here.
func (p *parser) callAhead() bool {
	j := 1
	for p.ahead(j) == tDot && p.ahead(j+1).named() {
		j += 2
	}
	return p.ahead(j) == tOpen
}

func (p *parser) lambda(start int, params []Name) Expr {
	p.expect(tArrow)
	body := p.expr()
	return &Lambda{p.from(start), params, body}
}

// lambdaAhead says whether ( names ) -> stands here.
func (p *parser) lambdaAhead() bool {
	j := 1
	for p.ahead(j).named() {
		j++
		if p.ahead(j) != tComma {
			break
		}
		j++
	}
	return p.ahead(j) == tClose && p.ahead(j+1) == tArrow
}

// paren reads what starts with (: a query, a lambda, a row or an expression.
func (p *parser) paren() Expr {
	start := p.start()
	if p.queryStart(1) {
		q := p.parenQuery()
		return &Subquery{p.from(start), q}
	}
	if p.lambdaAhead() {
		p.next()
		var params []Name
		if !p.at(tClose) {
			params = list(p, p.name)
		}
		p.expect(tClose)
		return p.lambda(start, params)
	}
	p.next()
	first := p.start()
	x := p.expr()
	if q := p.queryAround(x, first); q != nil {
		p.expect(tClose)
		return &Subquery{p.from(start), q}
	}
	if p.at(tComma) {
		elems := []Expr{x}
		for p.accept(tComma) {
			elems = append(elems, p.expr())
		}
		p.expect(tClose)
		return &Row{p.from(start), elems}
	}
	p.expect(tClose)
	if s, ok := x.(*Subquery); ok {
		s.Span = p.from(start)
	}
	return x
}

// queryStart says whether a query without parentheses starts at the n-th token.
func (p *parser) queryStart(n int) bool {
	switch p.ahead(n) {
	case kSelect, kWith, kValues:
		return true
	case kTable:
		return p.ahead(n+1) != tOpen
	}
	return false
}

// queryAhead says whether the n-th token opens a parenthesis around a query,
// however many more it may be in.
func (p *parser) queryAhead(n int) bool {
	if p.ahead(n) != tOpen {
		return false
	}
	for p.ahead(n) == tOpen {
		n++
	}
	return p.queryStart(n)
}

// parenQuery reads ( query ).
func (p *parser) parenQuery() *Query {
	p.expect(tOpen)
	q := p.query()
	p.expect(tClose)
	return q
}

// queryAround goes on with x, which was read as a value from start on, as the
// first part of a query: ((SELECT 1) UNION SELECT 2). Nil if it is none.
func (p *parser) queryAround(x Expr, start int) *Query {
	s, ok := x.(*Subquery)
	if !ok || s.Span != p.from(start) || !p.queryGoesOn() {
		return nil
	}
	return p.queryAfter(start, &ParenBody{s.Span, s.Query})
}

// queryGoesOn says whether what follows makes a query of a parenthesized one.
func (p *parser) queryGoesOn() bool {
	switch p.kind() {
	case kUnion, kIntersect, kExcept, kOrder, kLimit, kOffset, kFetch:
		return true
	}
	return false
}

func (p *parser) caseExpr() Expr {
	start := p.start()
	p.next()
	c := &Case{}
	if !p.at(kWhen) {
		c.Operand = p.expr()
	}
	for {
		p.expect(kWhen)
		cond := p.expr()
		p.expect(kThen)
		c.Whens = append(c.Whens, When{cond, p.expr()})
		if !p.at(kWhen) {
			break
		}
	}
	if p.accept(kElse) {
		c.Else = p.expr()
	}
	p.expect(kEnd)
	c.Span = p.from(start)
	return c
}

func (p *parser) cast(try bool) Expr {
	start := p.start()
	p.next()
	p.expect(tOpen)
	x := p.expr()
	p.expect(kAs)
	t := p.typeName()
	p.expect(tClose)
	return &Cast{p.from(start), try, x, t}
}

func (p *parser) array() Expr {
	start := p.start()
	p.next()
	p.next()
	var elems []Expr
	if !p.at(tCloseSquare) {
		elems = list(p, p.expr)
	}
	p.expect(tCloseSquare)
	return &Array{p.from(start), elems}
}

func (p *parser) grouping() Expr {
	start := p.start()
	p.next()
	p.expect(tOpen)
	g := &Grouping{}
	if !p.at(tClose) {
		g.Args = list(p, p.column)
	}
	p.expect(tClose)
	g.Span = p.from(start)
	return g
}

// column reads a dotted name as an expression.
func (p *parser) column() Expr {
	q := p.qname()
	var x Expr = &Ident{q.Parts[0].Span, q.Parts[0]}
	for _, f := range q.Parts[1:] {
		x = &Deref{Span{q.Start, f.End}, x, f}
	}
	return x
}

// current reads CURRENT_DATE and its like, which stand without parentheses.
func (p *parser) current() Expr {
	start, k := p.start(), p.kind()
	name := Name{Span: p.span(), Text: fold(p.text()), Raw: p.text()}
	p.next()
	c := &Call{Name: QName{name.Span, []Name{name}}, NoParens: true}
	if precise(k) && p.accept(tOpen) {
		if p.at(tInt) {
			c.Args = []Expr{p.literal()}
		} else {
			p.fail()
		}
		p.expect(tClose)
	}
	c.Span = p.from(start)
	return c
}

func precise(k kind) bool {
	return k == kCurrentTime || k == kCurrentTimestamp || k == kLocaltime || k == kLocaltimestamp
}
