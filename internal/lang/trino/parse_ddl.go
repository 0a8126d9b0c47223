package trino

func (p *parser) create() Statement {
	start := p.start()
	p.next()
	replace := p.accept(kOr)
	if replace {
		p.expectWord("REPLACE")
	}
	switch {
	case p.accept(kTable):
		return p.createTable(start, replace)
	case p.acceptWord("VIEW"):
		return p.createView(start, replace)
	case !replace && (p.acceptWord("SCHEMA") || p.acceptWord("DATABASE")):
		return p.createSchema(start)
	}
	p.refuseObject("CREATE")
	p.fail()
	return &CreateSchema{}
}

// refuseObject refuses the kinds of things that Trino has and we do not.
func (p *parser) refuseObject(verb string) {
	for word, instead := range map[string]string{
		"CATALOG":      "connections are declared in the project",
		"FUNCTION":     "functions of one's own are not part of this dialect",
		"MATERIALIZED": "write the query into a job and run it",
		"ROLE":         "there are no SQL roles; access is set in the project",
	} {
		if p.atWord(word) {
			what := verb + " " + word
			if word == "MATERIALIZED" {
				what += " VIEW"
			}
			p.notSupported(p.span(), what, instead)
		}
	}
}

func (p *parser) createSchema(start int) Statement {
	c := &CreateSchema{IfNotExists: p.ifNotExists()}
	c.Name = p.qname()
	if p.isWord(0, "AUTHORIZATION") {
		p.notSupported(p.span(), "AUTHORIZATION", "access is set in the project")
	}
	c.Properties = p.properties()
	c.Span = p.from(start)
	return c
}

func (p *parser) createView(start int, replace bool) Statement {
	c := &CreateView{Name: p.qname(), OrReplace: replace, Comment: p.commentText()}
	if p.acceptWord("SECURITY") {
		switch {
		case p.acceptWord("DEFINER"):
			c.Security = "definer"
		case p.acceptWord("INVOKER"):
			c.Security = "invoker"
		default:
			p.fail()
		}
	}
	p.expect(kAs)
	c.Query = p.query()
	c.Text = p.src[c.Query.Start:c.Query.End]
	c.Span = p.from(start)
	return c
}

// createTable reads both forms: with columns and their types, or AS query.
func (p *parser) createTable(start int, replace bool) Statement {
	exists := p.ifNotExists()
	name := p.qname()
	if p.kind() == tOpen && !p.namesAhead() {
		c := &CreateTable{Name: name, OrReplace: replace, IfNotExists: exists}
		p.expect(tOpen)
		p.tableElement(c)
		for p.accept(tComma) {
			p.tableElement(c)
		}
		p.expect(tClose)
		c.Comment = p.commentText()
		c.Properties = p.properties()
		c.Span = p.from(start)
		return c
	}
	return p.createAs(start, &CreateTableAs{Name: name, OrReplace: replace, IfNotExists: exists})
}

// namesAhead says whether ( a, b ) stands here: names without types.
func (p *parser) namesAhead() bool {
	return p.ahead(0) == tOpen && p.ahead(1).named() && (p.ahead(2) == tComma || p.ahead(2) == tClose)
}

func (p *parser) createAs(start int, c *CreateTableAs) Statement {
	c.Columns = p.columnNames()
	c.Comment = p.commentText()
	c.Properties = p.properties()
	p.expect(kAs)
	if p.kind() == tOpen && p.queryStart(1) {
		c.Query = p.tableQuery()
	} else {
		c.Query = p.query()
	}
	if p.at(kWith) {
		p.next()
		c.NoData = p.acceptWord("NO")
		p.expectWord("DATA")
	}
	c.Span = p.from(start)
	return c
}

// tableQuery reads a query that starts with a parenthesis. As a whole it may
// stand in parentheses even with WITH inside, which an inner one may not.
func (p *parser) tableQuery() *Query {
	start := p.start()
	q := p.parenQuery()
	body := &ParenBody{p.from(start), q}
	if p.queryGoesOn() {
		return p.queryAfter(start, body)
	}
	return q
}

func (p *parser) tableElement(c *CreateTable) {
	if !p.accept(kLike) {
		c.Columns = append(c.Columns, p.columnDef())
		return
	}
	c.Like = append(c.Like, p.qname())
	including := p.acceptWord("INCLUDING")
	if including || p.acceptWord("EXCLUDING") {
		p.expectWord("PROPERTIES")
	}
	c.LikeProperties = append(c.LikeProperties, including)
}

func (p *parser) columnDef() ColumnDef {
	start := p.start()
	d := ColumnDef{Name: p.name(), Type: p.typeName()}
	if p.accept(kNot) {
		p.expect(kNull)
		d.NotNull = true
	}
	d.Comment = p.commentText()
	d.Properties = p.properties()
	d.Span = p.from(start)
	return d
}

func (p *parser) drop() Statement {
	start := p.start()
	p.next()
	d := &Drop{}
	switch {
	case p.accept(kTable):
		d.Kind = "table"
	case p.acceptWord("VIEW"):
		d.Kind = "view"
	case p.acceptWord("SCHEMA"), p.acceptWord("DATABASE"):
		d.Kind = "schema"
	default:
		p.refuseObject("DROP")
		p.fail()
		return d
	}
	d.IfExists = p.ifExists()
	d.Name = p.qname()
	if d.Kind == "schema" {
		d.Cascade = p.acceptWord("CASCADE")
		if !d.Cascade {
			p.acceptWord("RESTRICT")
		}
	}
	d.Span = p.from(start)
	return d
}

func (p *parser) comment() Statement {
	start := p.start()
	p.next()
	p.expect(kOn)
	c := &Comment{}
	switch {
	case p.accept(kTable):
		c.Kind = "table"
	case p.acceptWord("VIEW"):
		c.Kind = "view"
	case p.acceptWord("COLUMN"):
		c.Kind = "column"
	default:
		p.fail()
	}
	c.Name = p.qname()
	p.expect(kIs)
	if !p.accept(kNull) {
		text := p.str()
		c.Text = &text
	}
	c.Span = p.from(start)
	return c
}
