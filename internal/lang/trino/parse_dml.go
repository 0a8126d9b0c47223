package trino

func (p *parser) insert() Statement {
	start := p.start()
	p.next()
	p.expect(kInto)
	s := &Insert{Name: p.qname()}
	if p.kind() == tOpen && p.ahead(1).named() {
		s.Columns = p.columnNames()
	}
	s.Query = p.query()
	s.Span = p.from(start)
	return s
}

func (p *parser) deleteFrom() Statement {
	start := p.start()
	p.next()
	p.expect(kFrom)
	d := &Delete{Name: p.qname()}
	if p.accept(kWhere) {
		d.Where = p.expr()
	}
	d.Span = p.from(start)
	return d
}

func (p *parser) update() Statement {
	start := p.start()
	p.next()
	u := &Update{Name: p.qname()}
	p.expect(kSet)
	u.Set = list(p, p.assignment)
	if p.accept(kWhere) {
		u.Where = p.expr()
	}
	u.Span = p.from(start)
	return u
}

func (p *parser) assignment() Assignment {
	a := Assignment{Column: p.name()}
	p.expect(tEq)
	a.Value = p.expr()
	return a
}

func (p *parser) merge() Statement {
	start := p.start()
	p.next()
	p.expect(kInto)
	m := &Merge{Name: p.qname()}
	if p.at(kAs) || p.kind().named() {
		n := p.alias()
		m.Alias = &n
	}
	p.expect(kUsing)
	m.Source = p.relation()
	p.expect(kOn)
	m.On = p.expr()
	for {
		m.Cases = append(m.Cases, p.mergeCase())
		if !p.at(kWhen) {
			break
		}
	}
	m.Span = p.from(start)
	return m
}

func (p *parser) mergeCase() MergeCase {
	start := p.start()
	p.expect(kWhen)
	c := MergeCase{Matched: !p.accept(kNot)}
	p.expectWord("MATCHED")
	if p.accept(kAnd) {
		c.Cond = p.expr()
	}
	p.expect(kThen)
	switch {
	case !c.Matched:
		p.expect(kInsert)
		p.mergeInsert(&c)
	case p.acceptWord("UPDATE"):
		c.Action = "update"
		p.expect(kSet)
		c.Set = list(p, p.assignment)
	default:
		p.expect(kDelete)
		c.Action = "delete"
	}
	c.Span = p.from(start)
	return c
}

func (p *parser) mergeInsert(c *MergeCase) {
	c.Action = "insert"
	c.Columns = p.columnNames()
	p.expect(kValues)
	c.Values = inParens(p, p.expr)
}

// unload reads Athena's UNLOAD (query) TO 'location' WITH (...).
func (p *parser) unload() Statement {
	start := p.start()
	p.next()
	u := &Unload{Query: p.parenQuery()}
	p.expectWord("TO")
	u.Location = p.str()
	u.Properties = p.properties()
	u.Span = p.from(start)
	return u
}

func (p *parser) prepare() Statement {
	start := p.start()
	p.next()
	s := &Prepare{Name: p.name()}
	p.expect(kFrom)
	s.Of = p.statement()
	s.Text = p.textIn(s.Of.Pos())
	s.Span = p.from(start)
	return s
}

// textIn is the text of a node, empty after a mistake.
func (p *parser) textIn(s Span) string {
	if p.failed() {
		return ""
	}
	return p.src[s.Start:s.End]
}

func (p *parser) execute() Statement {
	start := p.start()
	p.next()
	e := &Execute{}
	if next := p.ahead(1); p.atWord("IMMEDIATE") && (next == tString || next == tUnicode) {
		p.next()
		e.Immediate, e.IsText = p.str(), true
	} else {
		e.Name = p.name()
	}
	if p.accept(kUsing) {
		e.Using = list(p, p.expr)
	}
	e.Span = p.from(start)
	return e
}

func (p *parser) callStatement() Statement {
	start := p.start()
	p.next()
	s := &CallStatement{Name: p.qname()}
	p.expect(tOpen)
	if !p.at(tClose) {
		c := &Call{}
		p.args(c)
		s.Args, s.ArgNames = c.Args, c.ArgNames
	}
	p.expect(tClose)
	s.Span = p.from(start)
	return s
}
