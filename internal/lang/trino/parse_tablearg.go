package trino

// tableArgs reads the arguments of a table function: expressions, tables and
// descriptors, each with or without a name.
func (p *parser) tableArgs(c *Call) {
	for {
		name := ""
		if p.kind().named() && p.ahead(1) == tFatArrow {
			name = p.name().Text
			p.next()
		}
		c.ArgNames = append(c.ArgNames, name)
		c.Args = append(c.Args, p.tableArg())
		if !p.accept(tComma) {
			break
		}
	}
	if p.isWord(0, "COPARTITION") {
		p.notSupported(p.span(), "COPARTITION", "")
	}
	for _, n := range c.ArgNames {
		if n != "" {
			return
		}
	}
	c.ArgNames = nil
}

func (p *parser) tableArg() Expr {
	start := p.start()
	switch {
	case p.isWord(0, "DESCRIPTOR") && p.ahead(1) == tOpen:
		p.next()
		fields := inParens(p, p.name)
		return &Descriptor{p.from(start), fields}
	case p.at(kTable) && p.ahead(1) == tOpen:
		p.next()
		var of TableRef
		if p.queryStart(1) {
			of = &SubqueryRef{Query: p.parenQuery()}
		} else {
			p.expect(tOpen)
			of = &Table{Name: p.qname()}
			p.expect(tClose)
		}
		return p.tableOf(start, of)
	}
	return p.expr()
}

// tableOf finishes a table argument.
func (p *parser) tableOf(start int, of TableRef) Expr {
	switch t := of.(type) {
	case *SubqueryRef:
		t.Span = p.from(start)
	case *Table:
		t.Span = t.Name.Span
	}
	for _, w := range []string{"PARTITION", "PRUNE", "KEEP", "ORDER"} {
		if p.isWord(0, w) {
			p.notSupported(p.span(), w+" of a table argument", "order and partition in a subquery: TABLE(SELECT ...)")
		}
	}
	of = p.aliased(of)
	return &TableArg{p.from(start), of}
}
