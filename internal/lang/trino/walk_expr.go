package trino

func (w walker) exprs(l []Expr) {
	for _, x := range l {
		w.expr(x)
	}
}

// expr walks the chain of left operands by a loop, as body does.
func (w walker) expr(x Expr) {
	var chain []*Binary
	for {
		b, ok := x.(*Binary)
		if !ok {
			break
		}
		if !w.visit(b) {
			x = nil
			break
		}
		chain = append(chain, b)
		x = b.X
	}
	if x != nil && w.visit(x) {
		w.operands(x)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		w.expr(chain[i].Y)
	}
}

func (w walker) operands(x Expr) {
	switch x := x.(type) {
	case *Deref:
		w.expr(x.Base)
	case *Subscript:
		w.expr(x.Base)
		w.expr(x.Index)
	case *Unary:
		w.expr(x.X)
	case *AtZone:
		w.expr(x.X)
		w.expr(x.Zone)
	case *Cast:
		w.expr(x.X)
	case *Array:
		w.exprs(x.Elems)
	case *Row:
		w.exprs(x.Elems)
	case *Lambda:
		w.expr(x.Body)
	case *Grouping:
		w.exprs(x.Args)
	case *Subquery:
		w.query(x.Query)
	case *Exists:
		w.query(x.Query)
	case *TableArg:
		w.table(x.Of)
	case *Case:
		w.caseOf(x)
	case *Call:
		w.call(x)
	case *JSONCall:
		w.json(x)
	default:
		w.condition(x)
	}
}

func (w walker) condition(x Expr) {
	switch x := x.(type) {
	case *Not:
		w.expr(x.X)
	case *Logical:
		w.exprs(x.Terms)
	case *Compare:
		w.expr(x.X)
		w.expr(x.Y)
	case *Quantified:
		w.expr(x.X)
		w.query(x.Query)
	case *Between:
		w.expr(x.X)
		w.expr(x.Low)
		w.expr(x.High)
	case *InList:
		w.expr(x.X)
		w.exprs(x.List)
	case *InQuery:
		w.expr(x.X)
		w.query(x.Query)
	case *Like:
		w.expr(x.X)
		w.expr(x.Pattern)
		w.expr(x.Escape)
	case *IsNull:
		w.expr(x.X)
	}
}

func (w walker) caseOf(c *Case) {
	w.expr(c.Operand)
	for _, wh := range c.Whens {
		w.expr(wh.Cond)
		w.expr(wh.Then)
	}
	w.expr(c.Else)
}

func (w walker) call(c *Call) {
	w.exprs(c.Args)
	w.sorts(c.OrderBy)
	w.expr(c.Filter)
	w.over(c.Over)
}

func (w walker) json(j *JSONCall) {
	w.expr(j.Input)
	for _, a := range j.Passing {
		w.expr(a.Value)
	}
	for _, m := range j.Members {
		w.expr(m.Key)
		w.expr(m.Value)
	}
	w.expr(j.OnEmptyDefault)
	w.expr(j.OnErrorDefault)
}
