package trino

import "strings"

func (p *printer) statement(s Statement) {
	switch s := s.(type) {
	case *QueryStatement:
		p.query(s.Query)
	case *CreateTableAs:
		p.createAs(s)
	case *CreateTable:
		p.createTable(s)
	case *CreateView:
		p.createView(s)
	case *CreateSchema:
		p.put("CREATE SCHEMA ")
		p.putIf(s.IfNotExists, "IF NOT EXISTS ")
		p.qname(s.Name)
		p.properties(s.Properties)
	case *Drop:
		p.put("DROP ", strings.ToUpper(s.Kind), " ")
		p.putIf(s.IfExists, "IF EXISTS ")
		p.qname(s.Name)
		p.putIf(s.Cascade, " CASCADE")
	case *Insert:
		p.put("INSERT INTO ")
		p.qname(s.Name)
		p.putIf(len(s.Columns) > 0, " ")
		p.columns(s.Columns)
		p.put(" ")
		p.query(s.Query)
	case *Delete:
		p.put("DELETE FROM ")
		p.qname(s.Name)
		p.clause("WHERE", s.Where)
	case *Update:
		p.put("UPDATE ")
		p.qname(s.Name)
		p.put(" SET ")
		joined(p, s.Set, p.assignment)
		p.clause("WHERE", s.Where)
	case *Merge:
		p.merge(s)
	case *Unload:
		p.put("UNLOAD ")
		p.parenQuery(s.Query)
		p.put(" TO ", FormatString(s.Location))
		p.properties(s.Properties)
	default:
		p.alteration(s)
	}
}

func (p *printer) createHead(replace, exists bool, name QName) {
	p.put("CREATE ")
	p.putIf(replace, "OR REPLACE ")
	p.put("TABLE ")
	p.putIf(exists, "IF NOT EXISTS ")
	p.qname(name)
}

func (p *printer) createAs(s *CreateTableAs) {
	p.createHead(s.OrReplace, s.IfNotExists, s.Name)
	p.putIf(len(s.Columns) > 0, " ")
	p.columns(s.Columns)
	p.comment(s.Comment)
	p.properties(s.Properties)
	p.put(" AS ")
	p.query(s.Query)
	p.putIf(s.NoData, " WITH NO DATA")
}

func (p *printer) createTable(s *CreateTable) {
	p.createHead(s.OrReplace, s.IfNotExists, s.Name)
	p.put(" (")
	joined(p, s.Columns, p.columnDef)
	for i, l := range s.Like {
		p.putIf(i > 0 || len(s.Columns) > 0, ", ")
		p.put("LIKE ")
		p.qname(l)
		p.putIf(s.LikeProperties[i], " INCLUDING PROPERTIES")
	}
	p.put(")")
	p.comment(s.Comment)
	p.properties(s.Properties)
}

func (p *printer) columnDef(d ColumnDef) {
	p.name(d.Name)
	p.put(" ", d.Type.Text)
	p.putIf(d.NotNull, " NOT NULL")
	p.comment(d.Comment)
	p.properties(d.Properties)
}

func (p *printer) createView(s *CreateView) {
	p.put("CREATE ")
	p.putIf(s.OrReplace, "OR REPLACE ")
	p.put("VIEW ")
	p.qname(s.Name)
	p.comment(s.Comment)
	if s.Security != "" {
		p.put(" SECURITY ", strings.ToUpper(s.Security))
	}
	p.put(" AS ")
	p.query(s.Query)
}

func (p *printer) comment(text string) {
	if text != "" {
		p.put(" COMMENT ", FormatString(text))
	}
}

func (p *printer) properties(l []Property) {
	if len(l) == 0 {
		return
	}
	p.put(" WITH (")
	joined(p, l, p.property)
	p.put(")")
}

func (p *printer) property(pr Property) {
	p.name(Name{Text: pr.Name})
	p.put(" = ")
	if pr.Value == nil {
		p.put("DEFAULT")
		return
	}
	p.operandNotWord(pr.Value)
}

func (p *printer) assignment(a Assignment) {
	p.name(a.Column)
	p.put(" = ")
	p.expr(a.Value, lowest)
}

func (p *printer) merge(m *Merge) {
	p.put("MERGE INTO ")
	p.qname(m.Name)
	if m.Alias != nil {
		p.put(" AS ")
		p.name(*m.Alias)
	}
	p.put(" USING ")
	p.table(m.Source)
	p.clause("ON", m.On)
	for _, c := range m.Cases {
		p.mergeCase(c)
	}
}

func (p *printer) mergeCase(c MergeCase) {
	p.put(" WHEN ")
	p.putIf(!c.Matched, "NOT ")
	p.put("MATCHED")
	p.clause("AND", c.Cond)
	p.put(" THEN ", strings.ToUpper(c.Action))
	switch c.Action {
	case "update":
		p.put(" SET ")
		joined(p, c.Set, p.assignment)
	case "insert":
		p.putIf(len(c.Columns) > 0, " ")
		p.columns(c.Columns)
		p.put(" VALUES (")
		p.exprs(c.Values)
		p.put(")")
	}
}
