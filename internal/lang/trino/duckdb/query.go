package duckdb

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// result is a bound query: SQL that selects columns c0, c1, ...
type result struct {
	sql  string
	cols []outCol
}

// outCol is a column of a result. col is its origin where rows of the scan
// that a filter on the column refuses cannot matter to the result.
type outCol struct {
	name  string
	shown string
	typ   types.Type
	col   *origin
}

func cname(i int) string { return "c" + strconv.Itoa(i) }

// cte is a WITH name in sight.
type cte struct {
	name string
	node *trino.CTE
	// refs counts references: a query named once is put in its place.
	refs int
	// ctes is how many of the binder's ctes its own query sees.
	ctes  int
	outer *scope
	// alias is the name in the lowered WITH, once it is bound.
	alias string
	cols  []outCol
	// lowered collects the WITH list the definition goes into.
	into *[]string
	// recursive is set while a recursive query's own name means itself.
	recursive bool
	seen      bool
}

// query binds a query expression.
func (b *binder) query(q *trino.Query, outer *scope) (*result, error) {
	leave, err := b.enter(q)
	if err != nil {
		return nil, err
	}
	defer leave()
	loose := b.takeLoose()
	depth, unordered := len(b.ctes), b.unordered
	b.unordered = false
	defer func() { b.ctes, b.unordered = b.ctes[:depth], unordered }()
	var with []string
	if q.With != nil {
		if err := b.with(q, outer, &with); err != nil {
			return nil, err
		}
	}
	b.loose = loose
	r, err := b.ordered(q, outer)
	if err != nil {
		return nil, err
	}
	if len(with) > 0 {
		word := "WITH "
		if q.With.Recursive {
			word = "WITH RECURSIVE "
		}
		r.sql = word + strings.Join(with, ", ") + " " + r.sql
	}
	return r, nil
}

func (b *binder) with(q *trino.Query, outer *scope, into *[]string) error {
	seen := map[string]bool{}
	for i := range q.With.CTEs {
		c := &q.With.CTEs[i]
		if seen[c.Name.Text] {
			return b.fail(c.Name, "DUPLICATE_NAMED_QUERY", "WITH query name %q is given twice", c.Name.Raw)
		}
		seen[c.Name.Text] = true
		n := &cte{name: c.Name.Text, node: c, ctes: len(b.ctes), outer: outer, into: into, refs: references(q, c.Name.Text)}
		if op, ok := c.Query.Body.(*trino.SetOp); ok && q.With.Recursive && op.Op == "union" && len(c.Columns) == 0 {
			return b.fail(c, "MISSING_COLUMN_ALIASES", "a recursive query needs a list of its columns: %s (a, b) AS (...)", c.Name.Raw)
		}
		if q.With.Recursive && mentions(c.Query, c.Name.Text) {
			if err := b.recursive(n); err != nil {
				return err
			}
		} else if n.refs == 0 || n.refs > 1 {
			// A query nobody uses must be right all the same.
			if err := b.define(n); err != nil {
				return err
			}
		}
		b.ctes = append(b.ctes, n)
	}
	return nil
}

// define binds a WITH query once for all its references.
func (b *binder) define(c *cte) error {
	r, err := b.inCTE(c)
	if err != nil {
		return err
	}
	c.alias, c.cols = b.fresh("w"), r.cols
	b.show(c.alias, c.name, r.cols)
	for i := range c.cols {
		c.cols[i].col = nil // shared by several readers: no one's filter holds for all
	}
	if c.refs > 0 {
		b.shared = true
		*c.into = append(*c.into, c.alias+" AS ("+r.sql+")")
	}
	return nil
}

// inCTE binds the query of a WITH name where it was written.
func (b *binder) inCTE(c *cte) (*result, error) {
	saved := b.ctes
	b.ctes = saved[:c.ctes:c.ctes]
	r, err := b.subquery(c.node.Query, c.outer)
	b.ctes = saved
	if err != nil {
		return nil, err
	}
	return r, b.rename(c.node, r, c.node.Columns)
}

// rename gives r's columns the names a list declares.
func (b *binder) rename(n trino.Node, r *result, names []trino.Name) error {
	if len(names) == 0 {
		return nil
	}
	if len(names) != len(r.cols) {
		return b.fail(n, "MISMATCHED_COLUMN_ALIASES", "column alias list has %d entries but the relation has %d columns", len(names), len(r.cols))
	}
	for i := range r.cols {
		r.cols[i].name, r.cols[i].shown = names[i].Text, ""
	}
	return nil
}

// recursive binds WITH RECURSIVE: a base, UNION ALL, and a step that names itself.
func (b *binder) recursive(c *cte) error {
	q := c.node.Query
	op, ok := q.Body.(*trino.SetOp)
	if !ok || op.Op != "union" || !op.All || q.With != nil || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil {
		return b.fail(c.node, "INVALID_RECURSIVE_REFERENCE", "a recursive query is a base query UNION ALL a query that names it")
	}
	if len(c.node.Columns) == 0 {
		return b.fail(c.node, "MISSING_COLUMN_ALIASES", "a recursive query needs a list of its columns: %s (a, b) AS (...)", c.node.Name.Raw)
	}
	base, err := b.body(op.Left, c.outer)
	if err != nil {
		return err
	}
	if err := b.rename(c.node, base, c.node.Columns); err != nil {
		return err
	}
	c.alias, c.cols, c.recursive = b.fresh("w"), base.cols, true
	for i := range c.cols {
		c.cols[i].col = nil
	}
	b.ctes = append(b.ctes, c)
	step, err := b.body(op.Right, c.outer)
	b.ctes = b.ctes[:len(b.ctes)-1]
	c.recursive = false
	if err != nil {
		return err
	}
	if len(step.cols) != len(base.cols) {
		return b.fail(op.Right, "TYPE_MISMATCH", "the base has %d columns, the recursive step %d", len(base.cols), len(step.cols))
	}
	cols := make([]string, len(base.cols))
	for i, s := range step.cols {
		if !types.Coercible(s.typ, base.cols[i].typ) {
			return b.fail(op.Right, "TYPE_MISMATCH", "recursion step returns %s for column %d, the base %s", s.typ, i+1, base.cols[i].typ)
		}
		cols[i] = b.coerce(expr{typ: s.typ, sql: "s." + cname(i)}, base.cols[i].typ).sql + " AS " + cname(i)
	}
	b.shared = true
	limit := b.raise(types.TInteger, "NOT_SUPPORTED", fmt.Sprintf("recursion depth limit exceeded (%d); set session property max_recursion_depth", b.o.MaxRecursion))
	// The step reads its own name as (columns, level): the level is handed on by the scan of it.
	*c.into = append(*c.into, fmt.Sprintf(
		"%[1]s AS (SELECT *, 0 AS lvl FROM (%[2]s) b UNION ALL SELECT %[3]s, CASE WHEN s.lvl >= %[4]d THEN %[5]s ELSE s.lvl + 1 END AS lvl FROM (%[6]s) s)",
		c.alias, base.sql, strings.Join(cols, ", "), b.o.MaxRecursion, limit, levelled(step.sql, c.alias)))
	return nil
}

// levelled carries the recursion's level out of the step: the step's select
// joins its own name once, so the level of its rows is that relation's.
func levelled(sql, alias string) string {
	return "SELECT x.*, (SELECT max(l.lvl) FROM " + alias + " l) AS lvl FROM (" + sql + ") x"
}

// ordered binds a query's body with its ORDER BY, OFFSET and LIMIT.
func (b *binder) ordered(q *trino.Query, outer *scope) (*result, error) {
	if s, ok := q.Body.(*trino.Select); ok {
		return b.selectOrdered(s, q, outer)
	}
	b.takeLoose()
	r, err := b.body(q.Body, outer)
	if err != nil || len(q.OrderBy) == 0 && q.Limit == nil && q.Offset == nil {
		return r, err
	}
	sc := inner(outer)
	for i, c := range r.cols {
		sc.outputs = append(sc.outputs, field{name: c.name, typ: c.typ, sql: "q." + cname(i)})
	}
	sc = sc.clause("ORDER BY", true, true)
	var keys []sortKey
	for _, item := range q.OrderBy {
		k, err := b.sortKey(item, sc, sc.outputs)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return b.limited(q, r, keys, len(r.cols))
}

// sortKey is one lowered ORDER BY key over the relation q; plain is its value
// as values are compared.
type sortKey struct{ sql, dir, plain string }

func (k sortKey) String() string { return k.sql + k.dir }

// direction is a sort item's direction: NULLs come last unless asked for, either way.
func direction(s trino.SortItem) string {
	d := " ASC"
	if s.Desc {
		d = " DESC"
	}
	if s.Nulls == "first" {
		return d + " NULLS FIRST"
	}
	return d + " NULLS LAST"
}

// sortKey binds one item over outputs: an ordinal, a name or an expression of names.
func (b *binder) sortKey(item trino.SortItem, sc *scope, outputs []field) (sortKey, error) {
	if n, ok := item.X.(*trino.IntLit); ok {
		i, err := strconv.Atoi(n.Text)
		if err != nil || i < 1 || i > len(outputs) {
			return sortKey{}, b.fail(n, "INVALID_COLUMN_REFERENCE", "ORDER BY position %s is not in select list", n.Text)
		}
		f := outputs[i-1]
		return b.sortable(item, expr{typ: f.typ, sql: f.sql})
	}
	e, err := b.expr(item.X, sc)
	if err != nil {
		return sortKey{}, err
	}
	return b.sortable(item, e)
}

func (b *binder) sortable(item trino.SortItem, e expr) (sortKey, error) {
	if !e.typ.Orderable() {
		return sortKey{}, b.fail(item.X, "TYPE_MISMATCH", "type %s is not orderable, and therefore cannot be used in ORDER BY", e.typ)
	}
	return sortKey{sql: b.sortForm(e), dir: direction(item), plain: cmpForm(e)}, nil
}

// limited wraps r, whose first n columns are its own, in ORDER BY, OFFSET and LIMIT.
func (b *binder) limited(q *trino.Query, r *result, keys []sortKey, n int) (*result, error) {
	var cols []string
	for i := range n {
		cols = append(cols, "q."+cname(i))
	}
	order := ""
	if len(keys) > 0 {
		order = " ORDER BY " + join(keys, sortKey.String)
	}
	tail := order
	where := ""
	from := "(" + r.sql + ") q"
	if q.Limit != nil || q.Offset != nil {
		for i := range r.cols {
			r.cols[i].col = nil
		}
	}
	if q.WithTies {
		if len(keys) == 0 {
			return nil, b.fail(q, "MISSING_ORDER_BY", "FETCH FIRST WITH TIES needs ORDER BY")
		}
		lim, err := b.count(q.Limit)
		if err != nil {
			return nil, err
		}
		over := " OVER (" + strings.TrimSpace(order) + ")"
		from = "(SELECT *, rank()" + over + " AS rk, row_number()" + over + " AS rn FROM " + from + ") q"
		where = " WHERE q.rk <= " + lim
		if q.Offset != nil { // rows are skipped first, and the ranks go on counting them
			off, err := b.count(q.Offset)
			if err != nil {
				return nil, err
			}
			where += " + " + off + " AND q.rn > " + off
		}
	} else if q.Limit != nil {
		lim, err := b.count(q.Limit)
		if err != nil {
			return nil, err
		}
		tail += " LIMIT " + lim
	}
	if q.Offset != nil && !q.WithTies {
		off, err := b.count(q.Offset)
		if err != nil {
			return nil, err
		}
		tail += " OFFSET " + off
	}
	return &result{sql: "SELECT " + strings.Join(cols, ", ") + " FROM " + from + where + tail, cols: r.cols[:n]}, nil
}

// count reads the number of LIMIT, OFFSET and FETCH.
func (b *binder) count(e trino.Expr) (string, error) {
	x := e
	if p, ok := e.(*trino.Param); ok {
		v, err := b.param(p)
		if err != nil {
			return "", err
		}
		x = v
	}
	n, ok := x.(*trino.IntLit)
	if !ok {
		return "", b.fail(e, "TYPE_MISMATCH", "row count must be a whole number")
	}
	if _, err := strconv.ParseInt(n.Text, 10, 64); err != nil {
		return "", b.fail(e, "SYNTAX_ERROR", "row count %s is out of range", n.Text)
	}
	return n.Text, nil
}

// param is the value given for a ?.
func (b *binder) param(p *trino.Param) (trino.Expr, error) {
	if p.Name != "" {
		v, ok := b.o.Named[p.Name]
		if !ok {
			return nil, didYouMean(b.fail(p, "INVALID_PARAMETER_USAGE", "the job has no parameter %q", p.Name), p.Name, slices.Collect(maps.Keys(b.o.Named)))
		}
		return v, nil
	}
	if p.Index >= len(b.o.Params) {
		return nil, b.fail(p, "INVALID_PARAMETER_USAGE", "incorrect number of parameters: parameter %d has no value", p.Index+1).
			WithHint("EXECUTE name USING value, ...")
	}
	return b.o.Params[p.Index], nil
}

// references counts where a query's text reads a WITH name. A name hidden by
// another WITH counts too: the query is then merely bound once for all.
func references(q *trino.Query, name string) int {
	n := 0
	trino.Walk(q, func(x trino.Node) bool {
		if t, ok := x.(*trino.Table); ok && len(t.Name.Parts) == 1 && t.Name.Parts[0].Text == name {
			n++
		}
		return true
	})
	return n
}

func mentions(q *trino.Query, name string) bool { return references(q, name) > 0 }
