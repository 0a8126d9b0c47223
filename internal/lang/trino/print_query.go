package trino

import "strings"

func (p *printer) parenQuery(q *Query) {
	p.put("(")
	p.query(q)
	p.put(")")
}

func (p *printer) query(q *Query) {
	if q == nil {
		return
	}
	if q.With != nil {
		p.put("WITH ")
		p.putIf(q.With.Recursive, "RECURSIVE ")
		joined(p, q.With.CTEs, func(c CTE) {
			p.name(c.Name)
			p.columns(c.Columns)
			p.put(" AS ")
			p.parenQuery(c.Query)
		})
		p.put(" ")
	}
	p.body(q.Body)
	if len(q.OrderBy) > 0 {
		p.put(" ")
		p.orderBy(q.OrderBy)
	}
	p.clause("OFFSET", q.Offset)
	switch {
	case q.WithTies:
		p.clause("FETCH FIRST", q.Limit)
		p.put(" ROWS WITH TIES")
	case q.Limit != nil:
		p.clause("LIMIT", q.Limit)
	}
}

// body writes a chain of set operations by a loop, however long it is.
func (p *printer) body(b Body) {
	var chain []*SetOp
	for s, ok := b.(*SetOp); ok; s, ok = b.(*SetOp) {
		if len(chain) > 0 && looser(s.Op, chain[len(chain)-1].Op) {
			break
		}
		chain = append(chain, s)
		b = s.Left
	}
	p.operand(b)
	for i := len(chain) - 1; i >= 0; i-- {
		s := chain[i]
		p.put(" ", strings.ToUpper(s.Op), " ")
		p.putIf(s.All, "ALL ")
		if r, ok := s.Right.(*SetOp); ok && s.Op != "intersect" && r.Op == "intersect" {
			p.body(r)
		} else {
			p.operand(s.Right)
		}
	}
}

// looser says whether a set operation needs parentheses as the left side of another.
func looser(op, of string) bool { return op != "intersect" && of == "intersect" }

func (p *printer) operand(b Body) {
	switch b := b.(type) {
	case *Select:
		p.selectBody(b)
	case *Values:
		p.put("VALUES ")
		joined(p, b.Rows, p.row)
	case *TableBody:
		p.put("TABLE ")
		p.qname(b.Name)
	case *ParenBody:
		p.parenQuery(b.Query)
	case *SetOp:
		p.put("(")
		p.body(b)
		p.put(")")
	}
}

// row writes a row of VALUES, in parentheses alone if that makes a row.
func (p *printer) row(x Expr) {
	r, ok := x.(*Row)
	if !ok || len(r.Elems) < 2 {
		p.expr(x, lowest)
		return
	}
	p.put("(")
	p.exprs(r.Elems)
	p.put(")")
}

func (p *printer) selectBody(s *Select) {
	p.put("SELECT ")
	p.putIf(s.Distinct, "DISTINCT ")
	joined(p, s.Items, p.item)
	if len(s.From) > 0 {
		p.put(" FROM ")
		joined(p, s.From, p.table)
	}
	p.clause("WHERE", s.Where)
	if s.GroupBy != nil {
		p.put(" GROUP BY ")
		p.putIf(s.GroupBy.Distinct, "DISTINCT ")
		joined(p, s.GroupBy.Elems, p.groupElem)
	}
	p.clause("HAVING", s.Having)
	if len(s.Windows) > 0 {
		p.put(" WINDOW ")
		joined(p, s.Windows, func(w NamedWindow) {
			p.name(w.Name)
			p.put(" AS ")
			p.window(&w.Spec)
		})
	}
}

func (p *printer) item(it SelectItem) {
	switch {
	case it.Star && it.Of != nil:
		p.base(it.Of)
		p.put(".*")
		if len(it.Aliases) > 0 {
			p.put(" AS ")
			p.columns(it.Aliases)
		}
	case it.Star:
		p.put("*")
	default:
		p.expr(it.X, lowest)
		if it.Alias != nil {
			p.put(" AS ")
			p.name(*it.Alias)
		}
	}
}

func (p *printer) groupElem(e GroupElem) {
	if e.Kind == "simple" {
		p.groupSet(e.Sets[0])
		return
	}
	word := strings.ToUpper(e.Kind)
	if e.Kind == "sets" {
		word = "GROUPING SETS"
	}
	p.put(word, " (")
	joined(p, e.Sets, p.groupSet)
	p.put(")")
}

func (p *printer) groupSet(l []Expr) {
	paren := len(l) != 1
	p.putIf(paren, "(")
	p.exprs(l)
	p.putIf(paren, ")")
}

func (p *printer) table(t TableRef) {
	switch t := t.(type) {
	case *Table:
		p.qname(t.Name)
		if t.Travel != "" {
			p.put(" FOR ", strings.ToUpper(t.Travel), " AS OF ")
			p.expr(t.At, valueLevel)
		}
	case *SubqueryRef:
		p.putIf(t.Lateral, "LATERAL ")
		p.parenQuery(t.Query)
	case *Unnest:
		p.put("UNNEST(")
		p.exprs(t.Args)
		p.put(")")
		p.putIf(t.Ordinality, " WITH ORDINALITY")
	case *TableCall:
		p.put("TABLE(")
		p.call(t.Call)
		p.put(")")
	case *Aliased:
		p.simple(t.Of)
		p.put(" AS ")
		p.name(t.Alias)
		p.columns(t.Columns)
	case *Sampled:
		p.simple(t.Of)
		p.put(" TABLESAMPLE ", strings.ToUpper(t.Method), " (")
		p.expr(t.Percent, lowest)
		p.put(")")
	case *Join:
		p.join(t)
	case *Paren:
		p.put("(")
		p.table(t.Of)
		p.put(")")
	case *MatchRecognize:
		p.simple(t.Of)
		p.put(" MATCH_RECOGNIZE ", t.Text)
	}
}

// simple writes a table reference that cannot be a bare join.
func (p *printer) simple(t TableRef) {
	if j, ok := t.(*Join); ok {
		t = &Paren{j.Span, j}
	}
	p.table(t)
}

func (p *printer) join(j *Join) {
	p.table(j.Left)
	p.putIf(j.Natural, " NATURAL")
	if j.Kind != "inner" {
		p.put(" ", strings.ToUpper(j.Kind))
	}
	p.put(" JOIN ")
	if j.Kind == "cross" || j.Natural {
		p.simple(j.Right)
		return
	}
	p.table(j.Right)
	if j.On != nil {
		p.clause("ON", j.On)
		return
	}
	p.put(" USING ")
	p.columns(j.Using)
}
