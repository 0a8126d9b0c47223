package trino

import "strings"

func (p *parser) show() Statement {
	start := p.start()
	p.next()
	s := &Show{}
	switch {
	case p.acceptWord("CATALOGS"):
		s.What = "catalogs"
	case p.acceptWord("SCHEMAS"), p.acceptWord("DATABASES"):
		s.What = "schemas"
		p.showFrom(s)
	case p.acceptWord("TABLES"):
		s.What = "tables"
		p.showFrom(s)
	case p.acceptWord("COLUMNS"):
		s.What = "columns"
		if !p.showFrom(s) {
			p.fail()
		}
	case p.acceptWord("FUNCTIONS"):
		s.What = "functions"
		p.showFrom(s)
	case p.acceptWord("SESSION"):
		s.What = "session"
	case p.accept(kCreate):
		p.showCreate(s)
	case p.acceptWord("STATS"):
		p.showStats(s)
	default:
		p.refuseShow()
		p.fail()
	}
	p.showLike(s)
	s.Span = p.from(start)
	return s
}

func (p *parser) refuseShow() {
	for _, w := range []string{"GRANTS", "ROLES", "ROLE"} {
		if p.isWord(0, w) {
			p.notSupported(p.span(), "SHOW "+w, "access is set in the project")
		}
	}
}

func (p *parser) showFrom(s *Show) bool {
	if !p.accept(kFrom) && !p.accept(kIn) {
		return false
	}
	s.Name = p.qname()
	return true
}

func (p *parser) showLike(s *Show) {
	if strings.HasPrefix(s.What, "create") || s.What == "stats" || !p.accept(kLike) {
		return
	}
	s.HasLike = true
	s.Like = p.str()
	if p.accept(kEscape) {
		s.Escape = p.str()
	}
}

func (p *parser) showCreate(s *Show) {
	switch {
	case p.accept(kTable):
		s.What = "create table"
	case p.acceptWord("VIEW"):
		s.What = "create view"
	case p.acceptWord("SCHEMA"):
		s.What = "create schema"
	default:
		p.refuseObject("SHOW CREATE")
		p.fail()
	}
	s.Name = p.qname()
}

func (p *parser) showStats(s *Show) {
	s.What = "stats"
	p.expect(kFor)
	if p.at(tOpen) {
		s.Query = p.parenQuery()
		return
	}
	s.Name = p.qname()
}

// describe reads DESCRIBE t and DESCRIBE INPUT|OUTPUT name.
func (p *parser) describe() Statement {
	start := p.start()
	full := p.at(kDescribe)
	p.next()
	if full && p.ahead(1).named() {
		input := p.acceptWord("INPUT")
		if input || p.acceptWord("OUTPUT") {
			name := p.name()
			return &DescribePrepared{p.from(start), input, name}
		}
	}
	name := p.qname()
	return &Show{Span: p.from(start), What: "columns", Name: name}
}

func (p *parser) explain() Statement {
	start := p.start()
	p.next()
	e := &Explain{}
	if p.acceptWord("ANALYZE") {
		e.Analyze = true
		e.Verbose = p.acceptWord("VERBOSE")
	}
	if p.kind() == tOpen && (p.isWord(1, "TYPE") || p.isWord(1, "FORMAT")) {
		p.next()
		p.explainOption(e)
		for p.accept(tComma) {
			p.explainOption(e)
		}
		p.expect(tClose)
	}
	e.Of = p.statement()
	e.Span = p.from(start)
	return e
}

func (p *parser) explainOption(e *Explain) {
	into, words := &e.Type, []string{"LOGICAL", "DISTRIBUTED", "VALIDATE", "IO"}
	if p.acceptWord("FORMAT") {
		into, words = &e.Format, []string{"TEXT", "GRAPHVIZ", "JSON"}
	} else {
		p.expectWord("TYPE")
	}
	for _, w := range words {
		if p.acceptWord(w) {
			*into = strings.ToLower(w)
			return
		}
	}
	p.fail()
}

func (p *parser) use() Statement {
	start := p.start()
	p.next()
	name := p.qname()
	if len(name.Parts) > 2 {
		p.failAt(name.Span, "USE takes a schema or catalog.schema")
	}
	return &Use{p.from(start), name}
}

func (p *parser) set() Statement {
	start := p.start()
	p.next()
	switch {
	case p.accept(kTime):
		p.expect(kZone)
		z := &SetZone{}
		if !p.isWord(0, "LOCAL") || p.ahead(1) != tEOF && p.ahead(1) != tSemicolon {
			z.Value = p.expr()
		} else {
			p.next()
		}
		z.Span = p.from(start)
		return z
	case p.isWord(0, "ROLE"), p.isWord(0, "PATH"):
		p.notSupported(p.span(), "SET "+strings.ToUpper(p.text()), "")
	}
	p.expectWord("SESSION")
	p.refuseAuthorization("SET")
	s := &SetSession{Name: p.qname()}
	p.expect(tEq)
	s.Value = p.expr()
	s.Span = p.from(start)
	return s
}

func (p *parser) reset() Statement {
	start := p.start()
	p.next()
	p.expectWord("SESSION")
	p.refuseAuthorization("RESET")
	name := p.qname()
	return &SetSession{Span: p.from(start), Name: name, Reset: true}
}

func (p *parser) refuseAuthorization(verb string) {
	if next := p.ahead(1); p.isWord(0, "AUTHORIZATION") && next != tEq && next != tDot {
		p.notSupported(p.span(), verb+" SESSION AUTHORIZATION", "access is set in the project")
	}
}
