package hive

func (p *parser) show() Node {
	switch {
	case p.word("PARTITIONS"):
		n := &ShowPartitions{Name: p.name()}
		if p.sees("PARTITION") {
			s := p.partition()
			n.Spec = &s
		}
		return n
	case p.word("CREATE"):
		p.need("TABLE")
		return &ShowCreateTable{p.name()}
	case p.word("TABLES"):
		n := &ShowTables{}
		n.Database, n.At, n.Pattern = p.listed()
		return n
	case p.word("VIEWS"):
		n := &ShowViews{}
		n.Database, n.At, n.Pattern = p.listed()
		return n
	case p.word("DATABASES"), p.word("SCHEMAS"):
		return &ShowDatabases{p.pattern()}
	case p.word("COLUMNS"):
		return p.showColumns()
	case p.word("TBLPROPERTIES"):
		n := &ShowProperties{Name: p.name()}
		if p.accept("(") {
			n.Key = p.text()
			p.symbol(")")
		}
		return n
	}
	p.unexpected()
	return nil
}

func (p *parser) in() bool { return p.word("IN") || p.word("FROM") }

func (p *parser) listed() (db string, at Span, pattern string) {
	if p.in() {
		db, at = p.database()
	}
	return db, at, p.pattern()
}

func (p *parser) pattern() string {
	if p.word("LIKE") || p.peek().kind == tokString {
		return p.text()
	}
	return ""
}

func (p *parser) showColumns() Node {
	if !p.in() {
		p.unexpected()
	}
	n := &ShowColumns{p.name()}
	at := p.peek()
	if !p.in() {
		return n
	}
	db, _ := p.database()
	if n.Name.Database != "" && p.err == nil {
		p.fail(at, "the database is named twice")
	}
	n.Name.Database = db
	return n
}

func (p *parser) describe() Node {
	n := &Describe{}
	// a table may be called extended: then nothing that can be a name follows
	if k := p.ahead(1).kind; k == tokWord && !p.ahead(1).is("PARTITION") || k == tokQuoted {
		n.Extended = p.word("EXTENDED")
		n.Formatted = !n.Extended && p.word("FORMATTED")
	}
	n.Name = p.name()
	if p.sees("PARTITION") {
		s := p.partition()
		for _, t := range s.Terms {
			p.assigned(t)
		}
		n.Partition = &s
	}
	if t := p.peek(); t.kind == tokWord || t.kind == tokQuoted {
		p.columnPath(n)
	}
	return n
}

// columnPath reads column[.field|.'$elem$'|.'$key$'|.'$value$'].
func (p *parser) columnPath(n *Describe) {
	n.PathAt.From = p.peek().from
	for p.err == nil {
		n.PathAt.To = p.peek().to
		if p.peek().kind == tokString && len(n.Path) > 0 {
			n.Path = append(n.Path, p.text())
		} else {
			n.Path = append(n.Path, p.ident("a column name"))
		}
		if !p.accept(".") {
			return
		}
	}
}
