package duckdb

import (
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// subqueryExpr binds the expressions that hold a query.
func (b *binder) subqueryExpr(x trino.Expr, sc *scope) (expr, error) {
	if sc.lambda {
		return expr{}, b.fail(x, "NOT_SUPPORTED", "lambda expression cannot contain subqueries")
	}
	switch x := x.(type) {
	case *trino.Subquery:
		return b.scalar(x, sc)
	case *trino.Exists:
		q, err := b.query(x.Query, sc)
		if err != nil {
			return expr{}, err
		}
		return expr{typ: types.TBoolean, sql: "EXISTS (" + q.sql + ")"}, nil
	case *trino.InQuery:
		return b.inQuery(x, sc)
	case *trino.Quantified:
		return b.quantified(x, sc)
	}
	return expr{}, b.fail(x, "NOT_SUPPORTED", "this subquery is not supported")
}

// scalar is a query of one value. More columns make a row of them.
func (b *binder) scalar(x *trino.Subquery, sc *scope) (expr, error) {
	q, err := b.query(x.Query, sc)
	if err != nil {
		return expr{}, err
	}
	c := oneColumn(q)
	return expr{typ: c.typ, sql: "(" + c.sql + ")"}, nil
}

// oneColumn is a query's column, or the row of its columns.
func oneColumn(q *result) expr {
	if len(q.cols) == 1 {
		return expr{typ: q.cols[0].typ, sql: q.sql}
	}
	list := make([]expr, len(q.cols))
	t := types.Type{Kind: types.Row}
	for i, c := range q.cols {
		list[i] = expr{typ: c.typ, sql: "q." + cname(i)}
		t.Elems, t.Names = append(t.Elems, c.typ), append(t.Names, c.name)
	}
	return expr{typ: t, sql: "SELECT " + packRow(list) + " FROM (" + q.sql + ") q"}
}

func (b *binder) inQuery(x *trino.InQuery, sc *scope) (expr, error) {
	v, err := b.expr(x.X, sc)
	if err != nil {
		return v, err
	}
	q, err := b.query(x.Query, sc)
	if err != nil {
		return v, err
	}
	col := oneColumn(q)
	v, text, err := b.sides(x, "IN", v, col)
	if err != nil {
		return v, err
	}
	not := ""
	if x.Not {
		not = "NOT "
	}
	return with(expr{typ: types.TBoolean, sql: "(" + cmpForm(v) + " " + not + "IN (" + text + "))"}, v), nil
}

// sides brings a value and a query's column to one type; text selects the column.
func (b *binder) sides(n trino.Node, op string, v, col expr) (expr, string, error) {
	t, ok := types.Common(v.typ, col.typ)
	if !ok || !t.Comparable() {
		return v, "", b.fail(n, "TYPE_MISMATCH", "value expression and result of subquery must be of the same type: %s vs %s", v.typ, col.typ)
	}
	e := b.coerce(expr{typ: col.typ, sql: "q.x"}, t)
	return b.coerce(v, t), "SELECT " + cmpForm(e) + " FROM (" + col.sql + ") q(x)", nil
}

func (b *binder) quantified(x *trino.Quantified, sc *scope) (expr, error) {
	v, err := b.expr(x.X, sc)
	if err != nil {
		return v, err
	}
	q, err := b.query(x.Query, sc)
	if err != nil {
		return v, err
	}
	v, text, err := b.sides(x, x.Op, v, oneColumn(q))
	if err != nil {
		return v, err
	}
	word := "ANY"
	if x.All {
		word = "ALL"
	}
	return with(expr{typ: types.TBoolean, sql: "(" + cmpForm(v) + " " + strings.ToUpper(x.Op) + " " + word + " (" + text + "))"}, v), nil
}
