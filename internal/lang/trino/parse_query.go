package trino

// query reads [WITH ...] body [ORDER BY ...] [OFFSET ...] [LIMIT ...].
func (p *parser) query() *Query {
	if !p.enter() {
		return &Query{}
	}
	defer p.leave()
	start := p.start()
	var with *With
	if p.at(kWith) {
		with = p.with()
	}
	q := p.queryAfter(start, nil)
	q.With = with
	return q
}

// queryAfter reads a query whose first body has been read already, or none of it yet (nil).
func (p *parser) queryAfter(start int, left Body) *Query {
	q := &Query{Body: p.unions(left)}
	q.OrderBy = p.orderBy()
	if p.accept(kOffset) {
		q.Offset = p.rowCount()
		if !p.accept(kRow) {
			p.accept(kRows)
		}
	}
	switch {
	case p.accept(kLimit):
		if !p.accept(kAll) {
			q.Limit = p.rowCount()
		}
	case p.accept(kFetch):
		p.fetch(q)
	}
	q.Span = p.from(start)
	return q
}

func (p *parser) rowCount() Expr {
	if k := p.kind(); k == tInt || k == tParam {
		return p.literal()
	}
	p.want("<integer>")
	p.want("'?'")
	p.fail()
	return nil
}

// fetch reads FIRST|NEXT [n] ROW|ROWS ONLY|WITH TIES.
func (p *parser) fetch(q *Query) {
	if !p.accept(kFirst) {
		p.expect(kNext)
	}
	pos := p.start()
	if p.at(kRow) || p.at(kRows) {
		q.Limit = &IntLit{Span{pos, pos}, "1"}
	} else {
		q.Limit = p.rowCount()
	}
	if !p.accept(kRow) {
		p.expect(kRows)
	}
	if !p.accept(kOnly) {
		p.expect(kWith)
		p.expect(kTies)
		q.WithTies = true
	}
}

func (p *parser) with() *With {
	start := p.start()
	p.next()
	w := &With{Recursive: p.accept(kRecursive)}
	if (p.isWord(0, "FUNCTION") || p.isWord(0, "SESSION")) && p.ahead(1).named() {
		p.notSupported(p.span(), "WITH "+p.text(), "")
	}
	w.CTEs = list(p, p.cte)
	w.Span = p.from(start)
	return w
}

func (p *parser) cte() CTE {
	start := p.start()
	c := CTE{Name: p.name(), Columns: p.columnNames()}
	p.expect(kAs)
	c.Query = p.parenQuery()
	c.Span = p.from(start)
	return c
}

// unions reads bodies joined by UNION and EXCEPT; INTERSECT binds tighter.
func (p *parser) unions(left Body) Body {
	start := p.bodyStart(left)
	left = p.intersects(left)
	for p.at(kUnion) || p.at(kExcept) {
		op := fold(p.text())
		p.next()
		all := p.setAll()
		right := p.intersects(nil)
		left = &SetOp{p.from(start), op, all, left, right}
	}
	return left
}

func (p *parser) intersects(left Body) Body {
	start := p.bodyStart(left)
	if left == nil {
		left = p.body()
	}
	for p.accept(kIntersect) {
		all := p.setAll()
		right := p.body()
		left = &SetOp{p.from(start), "intersect", all, left, right}
	}
	return left
}

func (p *parser) bodyStart(left Body) int {
	if left != nil {
		return left.Pos().Start
	}
	return p.start()
}

func (p *parser) setAll() bool {
	if p.accept(kAll) {
		return true
	}
	p.accept(kDistinct)
	return false
}

// body reads SELECT, VALUES, TABLE or a query in parentheses.
func (p *parser) body() Body {
	start := p.start()
	switch {
	case p.at(kSelect):
		return p.selectBody()
	case p.at(kTable):
		p.next()
		name := p.qname()
		return &TableBody{p.from(start), name}
	case p.at(kValues):
		p.next()
		rows := list(p, p.expr)
		return &Values{p.from(start), rows}
	case p.at(tOpen):
		q := p.parenQuery()
		return &ParenBody{p.from(start), q}
	}
	p.fail()
	return &Select{}
}

func (p *parser) selectBody() Body {
	start := p.start()
	p.next()
	s := &Select{}
	p.quantifier(&s.Distinct)
	s.Items = list(p, p.selectItem)
	if p.accept(kFrom) {
		s.From = list(p, p.relation)
	}
	if p.accept(kWhere) {
		s.Where = p.expr()
	}
	if p.accept(kGroup) {
		p.expect(kBy)
		s.GroupBy = p.groupBy()
	}
	if p.accept(kHaving) {
		s.Having = p.expr()
	}
	if p.windowAhead() {
		p.next()
		s.Windows = list(p, p.namedWindow)
	}
	s.Span = p.from(start)
	return s
}

// windowAhead tells the clause WINDOW w AS ( from an alias of that name.
func (p *parser) windowAhead() bool {
	return p.at(kWindow) && p.ahead(1).named() && p.ahead(2) == kAs
}

func (p *parser) selectItem() SelectItem {
	start := p.start()
	if p.accept(tStar) {
		return SelectItem{Span: p.from(start), Star: true}
	}
	item := SelectItem{X: p.expr()}
	switch {
	case p.kind() == tDot && p.ahead(1) == tStar && dotted(item.X):
		p.next()
		p.next()
		item.X, item.Of, item.Star = nil, item.X, true
		if p.accept(kAs) {
			item.Aliases = inParens(p, p.name)
		}
	case p.aliasAhead():
		n := p.alias()
		item.Alias = &n
	}
	item.Span = p.from(start)
	return item
}

// dotted says whether .* may follow x: anything but what operators made.
func dotted(x Expr) bool {
	switch x.(type) {
	case *Binary, *Unary, *Not, *Logical, *Compare, *Between, *InList, *InQuery, *Like, *IsNull, *AtZone, *Lambda, *Quantified:
		return false
	}
	return true
}

// aliasAhead says whether an alias, with or without AS, stands here.
func (p *parser) aliasAhead() bool {
	if p.at(kAs) {
		return true
	}
	if !p.kind().named() {
		p.want("<identifier>")
		return false
	}
	return !p.clauseAhead()
}

func (p *parser) alias() Name {
	p.accept(kAs)
	return p.name()
}

// clauseAhead says whether a word that could be an alias starts a clause instead.
func (p *parser) clauseAhead() bool {
	next := p.ahead(1)
	switch p.kind() {
	case kLimit:
		return next == tInt || next == tParam || next == kAll
	case kOffset:
		return next == tInt || next == tParam
	case kFetch:
		return next == kFirst || next == kNext
	case kWindow:
		return next.named() && p.ahead(2) == kAs
	case kTablesample:
		return (p.isWord(1, "BERNOULLI") || p.isWord(1, "SYSTEM")) && p.ahead(2) == tOpen
	case kMatchRecognize:
		return next == tOpen
	}
	return false
}

func (p *parser) groupBy() *GroupBy {
	start := p.start()
	g := &GroupBy{}
	p.quantifier(&g.Distinct)
	g.Elems = list(p, p.groupElem)
	g.Span = p.from(start)
	return g
}

func (p *parser) groupElem() GroupElem {
	start := p.start()
	e := GroupElem{}
	switch {
	case p.at(kRollup), p.at(kCube):
		e.Kind = fold(p.text())
		p.next()
		p.expect(tOpen)
		if !p.at(tClose) {
			e.Sets = list(p, p.groupSet)
		}
		p.expect(tClose)
	case p.at(kGrouping) && p.ahead(1) == kSets:
		e.Kind = "sets"
		p.next()
		p.next()
		e.Sets = inParens(p, p.groupSet)
	default:
		e.Kind = "simple"
		e.Sets = [][]Expr{p.groupSet()}
	}
	e.Span = p.from(start)
	return e
}

// groupSet reads one expression, (a, b) or ().
func (p *parser) groupSet() []Expr {
	start := p.start()
	if p.kind() == tOpen && p.ahead(1) == tClose && p.ahead(2) != tArrow {
		p.next()
		p.next()
		return nil
	}
	x := p.expr()
	if r, ok := x.(*Row); ok && r.Span == p.from(start) && p.src[r.Start] == '(' {
		return r.Elems
	}
	return []Expr{x}
}

func (p *parser) namedWindow() NamedWindow {
	w := NamedWindow{Name: p.name()}
	p.expect(kAs)
	w.Spec = *p.windowSpec(p.start())
	return w
}
