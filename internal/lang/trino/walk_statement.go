package trino

func (w walker) statement(s Statement) {
	if s == nil || !w.visit(s) {
		return
	}
	switch s := s.(type) {
	case *QueryStatement:
		w.query(s.Query)
	case *CreateTableAs:
		w.properties(s.Properties)
		w.query(s.Query)
	case *CreateTable:
		for _, c := range s.Columns {
			w.properties(c.Properties)
		}
		w.properties(s.Properties)
	case *CreateView:
		w.query(s.Query)
	case *CreateSchema:
		w.properties(s.Properties)
	case *Insert:
		w.query(s.Query)
	case *Delete:
		w.expr(s.Where)
	case *Update:
		w.assignments(s.Set)
		w.expr(s.Where)
	case *Merge:
		w.merge(s)
	case *Unload:
		w.query(s.Query)
		w.properties(s.Properties)
	default:
		w.session(s)
	}
}

func (w walker) session(s Statement) {
	switch s := s.(type) {
	case *Optimize:
		w.properties(s.Args)
		w.expr(s.Where)
	case *AlterTable:
		w.properties(s.Def.Properties)
		w.properties(s.Properties)
		w.properties(s.Args)
		w.expr(s.Where)
	case *Prepare:
		w.statement(s.Of)
	case *Execute:
		w.exprs(s.Using)
	case *Show:
		w.query(s.Query)
	case *Explain:
		w.statement(s.Of)
	case *SetSession:
		w.expr(s.Value)
	case *SetZone:
		w.expr(s.Value)
	case *CallStatement:
		w.exprs(s.Args)
	}
}

func (w walker) merge(m *Merge) {
	w.table(m.Source)
	w.expr(m.On)
	for _, c := range m.Cases {
		w.expr(c.Cond)
		w.assignments(c.Set)
		w.exprs(c.Values)
	}
}

func (w walker) properties(l []Property) {
	for _, p := range l {
		w.expr(p.Value)
	}
}

func (w walker) assignments(l []Assignment) {
	for _, a := range l {
		w.expr(a.Value)
	}
}
