package trino

// relation reads an item of FROM with its joins.
func (p *parser) relation() TableRef {
	if !p.enter() {
		return &Table{}
	}
	defer p.leave()
	start := p.start()
	left := p.sampled()
	for n := 1; p.joinAhead(); n++ {
		p.chain(n, p.span())
		left = p.join(start, left)
	}
	return left
}

func (p *parser) joinAhead() bool {
	return p.at(kCross) || p.at(kNatural) || p.at(kJoin) || p.at(kInner) || p.at(kLeft) || p.at(kRight) || p.at(kFull)
}

// join reads one join whose left side is known.
func (p *parser) join(start int, left TableRef) TableRef {
	j := &Join{Left: left, Kind: "inner"}
	if p.accept(kCross) {
		p.expect(kJoin)
		j.Kind = "cross"
		j.Right = p.sampled()
		j.Span = p.from(start)
		return j
	}
	j.Natural = p.accept(kNatural)
	switch {
	case p.accept(kInner):
	case p.at(kLeft), p.at(kRight), p.at(kFull):
		j.Kind = fold(p.text())
		p.next()
		p.accept(kOuter)
	}
	p.expect(kJoin)
	if j.Natural {
		j.Right = p.sampled()
	} else {
		j.Right = p.joined()
		p.criteria(j)
	}
	j.Span = p.from(start)
	return j
}

// joined reads the right side of a join up to its ON or USING: in
// a JOIN b JOIN c ON x ON y, the right side of the first join is b JOIN c ON x.
func (p *parser) joined() TableRef {
	start := p.start()
	right := p.sampled()
	for n := 1; p.kind() != kOn && p.kind() != kUsing && p.joinAhead(); n++ {
		if !p.enter() {
			break
		}
		p.chain(n, p.span())
		right = p.join(start, right)
		p.leave()
	}
	return right
}

func (p *parser) criteria(j *Join) {
	if p.accept(kUsing) {
		j.Using = inParens(p, p.name)
		return
	}
	p.expect(kOn)
	j.On = p.expr()
}

// sampled reads a table with its alias, MATCH_RECOGNIZE and TABLESAMPLE.
func (p *parser) sampled() TableRef {
	start := p.start()
	t := p.aliased(p.tablePrimary())
	if p.at(kMatchRecognize) && p.ahead(1) == tOpen {
		p.next()
		pattern := p.start()
		p.skipParens()
		t = p.aliased(&MatchRecognize{p.from(start), t, p.textIn(p.from(pattern))})
	}
	if !p.at(kTablesample) {
		return t
	}
	p.next()
	s := &Sampled{Of: t}
	switch {
	case p.acceptWord("BERNOULLI"):
		s.Method = "bernoulli"
	case p.acceptWord("SYSTEM"):
		s.Method = "system"
	default:
		p.fail()
	}
	p.expect(tOpen)
	s.Percent = p.expr()
	p.expect(tClose)
	s.Span = p.from(start)
	return s
}

func (p *parser) aliased(t TableRef) TableRef {
	if !p.aliasAhead() {
		return t
	}
	a := &Aliased{Of: t, Alias: p.alias()}
	a.Columns = p.columnNames()
	a.Span = p.from(t.Pos().Start)
	return a
}

// skipParens moves behind the parenthesis that closes the one here.
func (p *parser) skipParens() {
	p.expect(tOpen)
	for depth := 1; depth > 0; p.next() {
		switch p.kind() {
		case tOpen:
			depth++
		case tClose:
			depth--
		case tEOF:
			p.expect(tClose)
			return
		}
	}
}

func (p *parser) tablePrimary() TableRef {
	start, next := p.start(), p.ahead(1)
	switch {
	case p.at(tOpen):
		return p.parenTable()
	case p.at(kUnnest):
		return p.unnest()
	case p.at(kLateral) && next == tOpen:
		p.next()
		q := p.parenQuery()
		return &SubqueryRef{p.from(start), q, true}
	case p.at(kTable):
		return p.tableCall()
	case p.at(kJSONTable):
		p.notSupported(p.span(), "JSON_TABLE", "unnest CAST(json_parse(x) AS array(...)) instead")
		return &Table{}
	}
	return p.table()
}

// table reads a name and the time as of which it is to be read.
func (p *parser) table() TableRef {
	start := p.start()
	t := &Table{Name: p.qname()}
	if p.accept(kFor) {
		switch {
		case p.accept(kTimestamp), p.acceptWord("SYSTEM_TIME"):
			t.Travel = "timestamp"
		case p.acceptWord("VERSION"), p.acceptWord("SYSTEM_VERSION"):
			t.Travel = "version"
		default:
			p.fail()
		}
		p.expect(kAs)
		p.expectWord("OF")
		t.At = p.value(1)
	}
	t.Span = p.from(start)
	return t
}

// parenTable reads ( query ) or ( relation ). Which of the two ((SELECT ...
// begins is known only after the inner parenthesis.
func (p *parser) parenTable() TableRef {
	start := p.start()
	if p.queryStart(1) {
		q := p.parenQuery()
		return &SubqueryRef{Span: p.from(start), Query: q}
	}
	p.next()
	inner := p.start()
	r := p.relation()
	s, query := r.(*SubqueryRef)
	query = query && !s.Lateral && s.Span == p.from(inner)
	if query && p.queryGoesOn() {
		q := p.queryAfter(inner, &ParenBody{s.Span, s.Query})
		p.expect(tClose)
		return &SubqueryRef{Span: p.from(start), Query: q}
	}
	p.expect(tClose)
	if query {
		s.Span = p.from(start)
		return s
	}
	return &Paren{p.from(start), r}
}

func (p *parser) unnest() TableRef {
	start := p.start()
	p.next()
	u := &Unnest{Args: inParens(p, p.expr)}
	if p.at(kWith) && p.ahead(1) == kOrdinality {
		p.next()
		p.next()
		u.Ordinality = true
	}
	u.Span = p.from(start)
	return u
}

// tableCall reads TABLE(f(...)).
func (p *parser) tableCall() TableRef {
	start := p.start()
	p.next()
	p.expect(tOpen)
	c := &Call{Name: p.qname()}
	p.expect(tOpen)
	if !p.at(tClose) {
		p.tableArgs(c)
	}
	p.expect(tClose)
	c.Span = p.from(c.Name.Start)
	p.expect(tClose)
	return &TableCall{p.from(start), c}
}
