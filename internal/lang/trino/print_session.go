package trino

import "strings"

func (p *printer) alteration(s Statement) {
	switch s := s.(type) {
	case *Optimize:
		p.optimize(s)
	case *Vacuum:
		p.put("VACUUM ")
		p.qname(s.Name)
	case *AlterTable:
		p.alter(s)
	case *Comment:
		p.put("COMMENT ON ", strings.ToUpper(s.Kind), " ")
		p.qname(s.Name)
		if s.Text == nil {
			p.put(" IS NULL")
		} else {
			p.put(" IS ", FormatString(*s.Text))
		}
	case *Prepare:
		p.put("PREPARE ")
		p.name(s.Name)
		p.put(" FROM ")
		p.statement(s.Of)
	case *Execute:
		p.execute(s)
	case *Deallocate:
		p.put("DEALLOCATE PREPARE ")
		p.name(s.Name)
	case *DescribePrepared:
		word := "OUTPUT "
		if s.Input {
			word = "INPUT "
		}
		p.put("DESCRIBE ", word)
		p.name(s.Name)
	default:
		p.session(s)
	}
}

func (p *printer) session(s Statement) {
	switch s := s.(type) {
	case *Show:
		p.show(s)
	case *Explain:
		p.explain(s)
	case *Use:
		p.put("USE ")
		p.qname(s.Name)
	case *SetSession:
		if s.Reset {
			p.put("RESET SESSION ")
			p.qname(s.Name)
			return
		}
		p.put("SET SESSION ")
		p.qname(s.Name)
		p.put(" = ")
		p.expr(s.Value, lowest)
	case *SetZone:
		p.setZone(s)
	case *CallStatement:
		p.put("CALL ")
		p.qname(s.Name)
		p.put("(")
		p.args(s.Args, s.ArgNames)
		p.put(")")
	}
}

func (p *printer) setZone(s *SetZone) {
	p.put("SET TIME ZONE ")
	if s.Value == nil {
		p.put("LOCAL")
		return
	}
	p.operandNotWord(s.Value)
}

// operandNotWord writes x so that a column LOCAL, DEFAULT or UNBOUNDED is not taken for that word.
func (p *printer) operandNotWord(x Expr) {
	if c, ok := x.(*Ident); ok {
		p.name(Name{Text: c.Name.Text, Quoted: true})
		return
	}
	p.expr(x, lowest)
}

func (p *printer) optimize(s *Optimize) {
	if len(s.Args) == 0 {
		p.put("OPTIMIZE ")
		p.qname(s.Name)
		p.put(" REWRITE DATA USING BIN_PACK")
	} else {
		p.put("ALTER TABLE ")
		p.qname(s.Name)
		p.put(" EXECUTE optimize")
		p.procedureArgs(s.Args)
	}
	p.clause("WHERE", s.Where)
}

func (p *printer) procedureArgs(l []Property) {
	if len(l) == 0 {
		return
	}
	p.put("(")
	joined(p, l, func(a Property) {
		if a.Name != "" {
			p.name(Name{Text: a.Name})
			p.put(" => ")
		}
		p.expr(a.Value, lowest)
	})
	p.put(")")
}

func (p *printer) alter(a *AlterTable) {
	p.put("ALTER TABLE ")
	p.putIf(a.IfExists, "IF EXISTS ")
	p.qname(a.Name)
	p.put(" ")
	switch a.Action {
	case "rename":
		p.put("RENAME TO ")
		p.qname(a.To)
	case "add column":
		p.put("ADD COLUMN ")
		p.putIf(a.ColumnIfNotExists, "IF NOT EXISTS ")
		p.columnDef(a.Def)
	case "drop column":
		p.put("DROP COLUMN ")
		p.putIf(a.ColumnIfExists, "IF EXISTS ")
		p.name(a.Column)
	case "rename column":
		p.put("RENAME COLUMN ")
		p.putIf(a.ColumnIfExists, "IF EXISTS ")
		p.name(a.Column)
		p.put(" TO ")
		p.name(a.NewName)
	case "set type":
		p.put("ALTER COLUMN ")
		p.name(a.Column)
		p.put(" SET DATA TYPE ", a.Type.Text)
	case "set properties":
		p.put("SET PROPERTIES ")
		joined(p, a.Properties, p.property)
	case "execute":
		p.put("EXECUTE ")
		p.name(Name{Text: a.Procedure})
		p.procedureArgs(a.Args)
		p.clause("WHERE", a.Where)
	}
}

func (p *printer) execute(s *Execute) {
	if s.IsText {
		p.put("EXECUTE IMMEDIATE ", FormatString(s.Immediate))
	} else {
		p.put("EXECUTE ")
		p.name(s.Name)
	}
	if len(s.Using) > 0 {
		p.put(" USING ")
		p.exprs(s.Using)
	}
}

func (p *printer) show(s *Show) {
	p.put("SHOW ", strings.ToUpper(s.What))
	switch {
	case s.Query != nil:
		p.put(" FOR ")
		p.parenQuery(s.Query)
	case len(s.Name.Parts) > 0:
		word := " FROM "
		switch {
		case s.What == "stats":
			word = " FOR "
		case strings.HasPrefix(s.What, "create"):
			word = " "
		}
		p.put(word)
		p.qname(s.Name)
	}
	if s.HasLike {
		p.put(" LIKE ", FormatString(s.Like))
		if s.Escape != "" {
			p.put(" ESCAPE ", FormatString(s.Escape))
		}
	}
}

func (p *printer) explain(s *Explain) {
	p.put("EXPLAIN ")
	p.putIf(s.Analyze, "ANALYZE ")
	p.putIf(s.Verbose, "VERBOSE ")
	switch {
	case s.Type != "" && s.Format != "":
		p.put("(TYPE ", strings.ToUpper(s.Type), ", FORMAT ", strings.ToUpper(s.Format), ") ")
	case s.Type != "":
		p.put("(TYPE ", strings.ToUpper(s.Type), ") ")
	case s.Format != "":
		p.put("(FORMAT ", strings.ToUpper(s.Format), ") ")
	}
	p.statement(s.Of)
}
