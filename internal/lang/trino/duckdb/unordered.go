package duckdb

import "github.com/mulgil/mulgil/internal/lang/trino"

// Rows of a subquery have no order in SQL. Its ORDER BY is kept all the same,
// since people count on it, unless an aggregation reads the rows that cannot
// tell one order from another: then nobody waits for the sorting.

// orderless are aggregates whose result does not depend on the order of rows,
// but for the last digits of floating point numbers.
var orderless = map[string]bool{
	"count": true, "count_if": true, "sum": true, "avg": true, "min": true, "max": true, "bool_and": true, "bool_or": true, "every": true, "approx_distinct": true,
	"stddev": true, "stddev_samp": true, "stddev_pop": true, "variance": true, "var_samp": true, "var_pop": true, "corr": true, "covar_samp": true, "covar_pop": true,
}

// anyOrder tells whether a SELECT aggregates what it reads, in any order alike.
func anyOrder(n *trino.Select, q *trino.Query) bool {
	if !grouped(n, q) {
		return false
	}
	alike := true
	look := func(x trino.Node) bool {
		if c, ok := x.(*trino.Call); ok && isAggregate(c) && !orderless[c.Name.Parts[len(c.Name.Parts)-1].Text] {
			alike = false
		}
		return alike
	}
	for i := range n.Items {
		if n.Items[i].X != nil {
			trino.Walk(n.Items[i].X, look)
		}
	}
	if n.Having != nil {
		trino.Walk(n.Having, look)
	}
	if q != nil {
		for _, o := range q.OrderBy {
			trino.Walk(o.X, look)
		}
	}
	return alike
}

// reading binds a FROM clause whose subqueries need no order if loose is set.
func (b *binder) reading(loose bool, refs []trino.TableRef, outer *scope) (*source, error) {
	saved := b.unordered
	b.unordered = loose
	s, err := b.from(refs, outer)
	b.unordered = saved
	return s, err
}

// subquery binds a query that stands in a FROM clause.
func (b *binder) subquery(q *trino.Query, outer *scope) (*result, error) {
	b.loose = b.unordered && q.Limit == nil && q.Offset == nil
	return b.query(q, outer)
}

// takeLoose tells whether the query being bound needs no order; those within
// it are asked anew.
func (b *binder) takeLoose() bool {
	loose := b.loose
	b.loose = false
	return loose
}
