package trino

func (p *parser) alter() Statement {
	start := p.start()
	p.next()
	if !p.at(kTable) {
		p.refuseObject("ALTER")
		for _, w := range []string{"SCHEMA", "VIEW"} {
			if p.isWord(0, w) {
				p.notSupported(p.span(), "ALTER "+w, "create it anew under the other name")
			}
		}
	}
	p.expect(kTable)
	a := &AlterTable{IfExists: p.ifExists()}
	a.Name = p.qname()
	switch {
	case p.acceptWord("RENAME"):
		p.alterRename(a)
	case p.acceptWord("ADD"):
		p.expectWord("COLUMN")
		a.Action = "add column"
		a.ColumnIfNotExists = p.ifNotExists()
		a.Def = p.columnDef()
	case p.accept(kDrop):
		p.expectWord("COLUMN")
		a.Action = "drop column"
		a.ColumnIfExists = p.ifExists()
		a.Column = p.alteredColumn()
	case p.accept(kAlter):
		p.alterColumn(a)
	case p.accept(kSet):
		p.alterSet(a)
	case p.accept(kExecute):
		p.alterExecute(a)
	default:
		p.fail()
	}
	a.Span = p.from(start)
	if a.Procedure == "optimize" {
		return &Optimize{a.Span, a.Name, a.Args, a.Where}
	}
	return a
}

// alteredColumn reads a column; a field of one is refused.
func (p *parser) alteredColumn() Name {
	n := p.name()
	if p.at(tDot) {
		p.notSupported(p.span(), "changing a field of a row", "change the type of the whole column")
	}
	return n
}

func (p *parser) alterRename(a *AlterTable) {
	if p.acceptWord("COLUMN") {
		a.Action = "rename column"
		a.ColumnIfExists = p.ifExists()
		a.Column = p.alteredColumn()
		p.expectWord("TO")
		a.NewName = p.name()
		return
	}
	a.Action = "rename"
	p.expectWord("TO")
	a.To = p.qname()
}

func (p *parser) alterColumn(a *AlterTable) {
	p.expectWord("COLUMN")
	a.Column = p.alteredColumn()
	if p.at(kDrop) {
		p.notSupported(p.span(), "DROP NOT NULL", "")
	}
	p.expect(kSet)
	p.expectWord("DATA", "TYPE")
	a.Action = "set type"
	a.Type = p.typeName()
}

func (p *parser) alterSet(a *AlterTable) {
	if p.isWord(0, "AUTHORIZATION") {
		p.notSupported(p.span(), "SET AUTHORIZATION", "access is set in the project")
	}
	p.expectWord("PROPERTIES")
	a.Action = "set properties"
	a.Properties = list(p, p.property)
}

func (p *parser) alterExecute(a *AlterTable) {
	a.Action = "execute"
	a.Procedure = p.name().Text
	if p.accept(tOpen) {
		if !p.at(tClose) {
			a.Args = list(p, p.procedureArg)
		}
		p.expect(tClose)
	}
	if p.accept(kWhere) {
		a.Where = p.expr()
	}
}

func (p *parser) procedureArg() Property {
	start := p.start()
	a := Property{}
	if p.kind().named() && p.ahead(1) == tFatArrow {
		a.Name = p.name().Text
		p.next()
	}
	a.Value = p.expr()
	a.Span = p.from(start)
	return a
}

// optimize reads Athena's OPTIMIZE t REWRITE DATA USING BIN_PACK [WHERE x].
func (p *parser) optimize() Statement {
	start := p.start()
	p.next()
	o := &Optimize{Name: p.qname()}
	p.expectWord("REWRITE", "DATA")
	p.expect(kUsing)
	p.expectWord("BIN_PACK")
	if p.accept(kWhere) {
		o.Where = p.expr()
	}
	o.Span = p.from(start)
	return o
}

func (p *parser) vacuum() Statement {
	start := p.start()
	p.next()
	name := p.qname()
	return &Vacuum{p.from(start), name}
}
