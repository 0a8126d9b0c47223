package trino

// Walk calls visit for n and, if it says true, for all that n holds, in the
// order of the text: expressions, queries, bodies, table references and
// statements. Sort items, select items and other parts that are no Node of
// their own are passed through. Long chains of operators and set operations
// are walked without deep recursion.
func Walk(n Node, visit func(Node) bool) {
	w := walker{visit}
	w.node(n)
}

type walker struct{ visit func(Node) bool }

func (w walker) node(n Node) {
	switch x := n.(type) {
	case nil:
	case Expr:
		w.expr(x)
	case *Query:
		w.query(x)
	case Body:
		w.body(x)
	case TableRef:
		w.table(x)
	case Statement:
		w.statement(x)
	}
}

func (w walker) query(q *Query) {
	if q == nil || !w.visit(q) {
		return
	}
	if q.With != nil {
		for _, c := range q.With.CTEs {
			w.query(c.Query)
		}
	}
	w.body(q.Body)
	w.sorts(q.OrderBy)
	w.expr(q.Offset)
	w.expr(q.Limit)
}

func (w walker) body(b Body) {
	// The chain of left sides is entered first and left from its innermost end.
	var chain []*SetOp
	for {
		s, ok := b.(*SetOp)
		if !ok {
			break
		}
		if !w.visit(s) {
			b = nil
			break
		}
		chain = append(chain, s)
		b = s.Left
	}
	w.plainBody(b)
	for i := len(chain) - 1; i >= 0; i-- {
		w.body(chain[i].Right)
	}
}

func (w walker) plainBody(b Body) {
	if b == nil || !w.visit(b) {
		return
	}
	switch b := b.(type) {
	case *Select:
		w.selectBody(b)
	case *Values:
		w.exprs(b.Rows)
	case *ParenBody:
		w.query(b.Query)
	}
}

func (w walker) selectBody(s *Select) {
	for _, it := range s.Items {
		w.expr(it.X)
		w.expr(it.Of)
	}
	for _, f := range s.From {
		w.table(f)
	}
	w.expr(s.Where)
	if s.GroupBy != nil {
		for _, e := range s.GroupBy.Elems {
			for _, set := range e.Sets {
				w.exprs(set)
			}
		}
	}
	w.expr(s.Having)
	for i := range s.Windows {
		w.over(&s.Windows[i].Spec)
	}
}

func (w walker) sorts(l []SortItem) {
	for _, s := range l {
		w.expr(s.X)
	}
}

func (w walker) over(o *Over) {
	if o == nil {
		return
	}
	w.exprs(o.PartitionBy)
	w.sorts(o.OrderBy)
	if o.Frame != nil {
		w.expr(o.Frame.Start.Value)
		w.expr(o.Frame.End.Value)
	}
}

func (w walker) table(t TableRef) {
	var chain []*Join
	for {
		j, ok := t.(*Join)
		if !ok {
			break
		}
		if !w.visit(j) {
			t = nil
			break
		}
		chain = append(chain, j)
		t = j.Left
	}
	w.plainTable(t)
	for i := len(chain) - 1; i >= 0; i-- {
		w.table(chain[i].Right)
		w.expr(chain[i].On)
	}
}

func (w walker) plainTable(t TableRef) {
	if t == nil || !w.visit(t) {
		return
	}
	switch t := t.(type) {
	case *Table:
		w.expr(t.At)
	case *SubqueryRef:
		w.query(t.Query)
	case *Unnest:
		w.exprs(t.Args)
	case *TableCall:
		w.expr(t.Call)
	case *Aliased:
		w.table(t.Of)
	case *Sampled:
		w.table(t.Of)
		w.expr(t.Percent)
	case *Paren:
		w.table(t.Of)
	case *MatchRecognize:
		w.table(t.Of)
	}
}
