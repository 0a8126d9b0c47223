package trino

import "strings"

func (p *printer) call(c *Call) {
	p.callee(c.Name)
	if c.NoParens && len(c.Args) == 0 {
		return
	}
	p.put("(")
	p.putIf(c.Star, "*")
	p.putIf(c.Distinct, "DISTINCT ")
	if !p.worded(c) {
		p.args(c.Args, c.ArgNames)
	}
	if !c.WithinGroup && len(c.OrderBy) > 0 {
		p.putIf(len(c.Args) > 0, " ")
		p.orderBy(c.OrderBy)
	}
	p.put(")")
	if c.WithinGroup {
		p.put(" WITHIN GROUP (")
		p.orderBy(c.OrderBy)
		p.put(")")
	}
	if c.Filter != nil {
		p.put(" FILTER (WHERE ")
		p.expr(c.Filter, lowest)
		p.put(")")
	}
	p.putIf(c.IgnoreNulls, " IGNORE NULLS")
	p.putIf(c.RespectNull, " RESPECT NULLS")
	if c.Over != nil {
		p.put(" OVER ")
		p.window(c.Over)
	}
}

// callee writes a function's name: TRIM and the like are reserved, yet bare
// here; a function DESCRIPTOR would be taken for that form.
func (p *printer) callee(q QName) {
	n := q.Parts[0]
	switch {
	case len(q.Parts) == 1 && !n.Quoted && startsOnly(lookup(n.Text)):
		p.put(strings.ToUpper(n.Text))
	case len(q.Parts) == 1 && n.Text == "descriptor":
		p.name(Name{Text: n.Text, Quoted: true})
	default:
		p.qname(q)
	}
}

// worded writes the arguments that have words between them.
func (p *printer) worded(c *Call) bool {
	unit := strings.ToUpper(c.Unit)
	switch {
	case c.OnOverflow != nil:
		p.args(c.Args, nil)
		p.overflow(c.OnOverflow)
	case unit == "":
		return false
	case c.Name.String() == "extract":
		p.put(unit, " FROM ")
		p.expr(c.Args[0], valueLevel)
	case c.Name.String() == "trim":
		p.put(unit, " ")
		if len(c.Args) > 1 {
			p.expr(c.Args[1], valueLevel)
			p.put(" ")
		}
		p.put("FROM ")
		p.expr(c.Args[0], valueLevel)
	default:
		p.expr(c.Args[0], valueLevel)
		p.put(", ", unit)
	}
	return true
}

func (p *printer) args(args []Expr, names []string) {
	// The words of these forms take values only, no predicates.
	for i, a := range args {
		p.putIf(i > 0, ", ")
		if i < len(names) && names[i] != "" {
			p.name(Name{Text: names[i]})
			p.put(" => ")
		}
		p.expr(a, lowest)
	}
}

func (p *printer) overflow(t *Trunc) {
	if t.Error {
		p.put(" ON OVERFLOW ERROR")
		return
	}
	p.put(" ON OVERFLOW TRUNCATE ", FormatString(t.Filler), " WITH")
	p.putIf(!t.WithCount, "OUT")
	p.put(" COUNT")
}

func (p *printer) orderBy(l []SortItem) {
	p.put("ORDER BY ")
	joined(p, l, func(s SortItem) {
		p.expr(s.X, lowest)
		p.putIf(s.Desc, " DESC")
		if s.Nulls != "" {
			p.put(" NULLS ", strings.ToUpper(s.Nulls))
		}
	})
}

func (p *printer) window(o *Over) {
	if o.Bare {
		p.name(Name{Text: o.Ref})
		return
	}
	p.put("(")
	sep := ""
	part := func(write func()) {
		p.put(sep)
		write()
		sep = " "
	}
	if o.Ref != "" {
		part(func() { p.name(Name{Text: o.Ref}) })
	}
	if len(o.PartitionBy) > 0 {
		part(func() { p.put("PARTITION BY "); p.exprs(o.PartitionBy) })
	}
	if len(o.OrderBy) > 0 {
		part(func() { p.orderBy(o.OrderBy) })
	}
	if o.Frame != nil {
		part(func() { p.frame(o.Frame) })
	}
	p.put(")")
}

func (p *printer) frame(f *Frame) {
	p.put(strings.ToUpper(f.Mode), " BETWEEN ")
	p.bound(f.Start)
	p.put(" AND ")
	p.bound(f.End)
}

func (p *printer) bound(b Bound) {
	if b.Value != nil {
		p.operandNotWord(b.Value)
		p.put(" ")
	}
	p.put(strings.ToUpper(b.Kind))
}

func (p *printer) json(j *JSONCall) {
	p.put(strings.ToUpper(j.Name), "(")
	if j.Input != nil {
		p.jsonPath(j)
	}
	joined(p, j.Members, func(m JSONMember) {
		if m.Key != nil {
			p.put("KEY ")
			p.expr(m.Key, primaryLevel) // KEY -k would be a difference
			p.put(" VALUE ")
		}
		p.formatted(m.Value, m.Format)
	})
	if j.NullHandling != "" {
		p.put(" ", strings.ToUpper(j.NullHandling), " ON NULL")
	}
	p.putIf(j.UniqueKeys, " WITH UNIQUE KEYS")
	if j.Returning != nil {
		p.putIf(j.Input != nil || len(j.Members) > 0, " ")
		p.put("RETURNING ", j.Returning.Text)
		p.format(j.ReturningFormat)
	}
	p.jsonClauses(j)
	p.put(")")
}

func (p *printer) jsonPath(j *JSONCall) {
	p.formatted(j.Input, j.InputFormat)
	p.put(", ", FormatString(j.Path))
	if j.PathName != "" {
		p.put(" AS ")
		p.name(Name{Text: j.PathName, Quoted: true})
	}
	if len(j.Passing) > 0 {
		p.put(" PASSING ")
		joined(p, j.Passing, func(a JSONArg) {
			p.formatted(a.Value, a.Format)
			p.put(" AS ")
			p.name(Name{Text: a.Name, Quoted: true})
		})
	}
}

func (p *printer) formatted(x Expr, format string) {
	p.expr(x, lowest)
	p.format(format)
}

func (p *printer) format(format string) {
	if format != "" {
		p.put(" FORMAT ", strings.ToUpper(format))
	}
}

func (p *printer) jsonClauses(j *JSONCall) {
	if j.Wrapper != "" {
		word := map[string]string{"without": "WITHOUT", "conditional": "WITH CONDITIONAL", "unconditional": "WITH UNCONDITIONAL"}[j.Wrapper]
		p.put(" ", word, " ARRAY WRAPPER")
	}
	if j.Quotes != "" {
		p.put(" ", strings.ToUpper(j.Quotes), " QUOTES")
	}
	p.behavior(j.OnEmpty, j.OnEmptyDefault, "EMPTY")
	p.behavior(j.OnError, j.OnErrorDefault, "ERROR")
}

func (p *printer) behavior(what string, value Expr, event string) {
	if what == "" {
		return
	}
	p.put(" ", strings.ToUpper(what))
	if value != nil {
		p.put(" ")
		p.expr(value, lowest)
	}
	p.put(" ON ", event)
}

func (p *printer) tableArg(x *TableArg) {
	of := x.Of
	a, aliased := of.(*Aliased)
	if aliased {
		of = a.Of
	}
	p.put("TABLE")
	if q, ok := of.(*SubqueryRef); ok {
		p.parenQuery(q.Query)
	} else {
		p.put("(")
		p.table(of)
		p.put(")")
	}
	if aliased {
		p.put(" AS ")
		p.name(a.Alias)
		p.columns(a.Columns)
	}
}
