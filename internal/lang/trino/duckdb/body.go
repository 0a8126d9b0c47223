package duckdb

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// body binds what a query orders and limits.
func (b *binder) body(n trino.Body, outer *scope) (*result, error) {
	switch n := n.(type) {
	case *trino.Select:
		return b.selectOrdered(n, nil, outer)
	case *trino.SetOp:
		return b.setOp(n, outer)
	case *trino.Values:
		return b.values(n, outer)
	case *trino.ParenBody:
		return b.query(n.Query, outer)
	case *trino.TableBody:
		star := &trino.Select{Span: n.Span, Items: []trino.SelectItem{{Span: n.Span, Star: true}}, From: []trino.TableRef{&trino.Table{Span: n.Name.Span, Name: n.Name}}}
		return b.selectOrdered(star, nil, outer)
	}
	return nil, b.fail(n, "NOT_SUPPORTED", "this query is not supported")
}

// terms flattens a chain of one set operation, so that thousands of UNIONs nest no calls.
func terms(n *trino.SetOp) []trino.Body {
	var rev []trino.Body
	var left trino.Body = n
	for {
		s, ok := left.(*trino.SetOp)
		if !ok || s.Op != n.Op || s.All != n.All || s.Op == "except" && left != trino.Body(n) {
			break
		}
		rev = append(rev, s.Right)
		left = s.Left
	}
	out := []trino.Body{left}
	for i := len(rev) - 1; i >= 0; i-- {
		out = append(out, rev[i])
	}
	return out
}

func (b *binder) setOp(n *trino.SetOp, outer *scope) (*result, error) {
	list := terms(n)
	parts := make([]*result, len(list))
	for i, t := range list {
		r, err := b.body(t, outer)
		if err != nil {
			return nil, err
		}
		parts[i] = r
	}
	cols, err := b.unified(n, list, parts)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = b.retyped(p, cols)
	}
	if slices.ContainsFunc(cols, func(c outCol) bool { return formed(c.typ) }) && !(n.All && n.Op == "union") {
		sql, err := b.formedSets(n, texts, cols)
		return &result{sql: sql, cols: cols}, err
	}
	word := " " + strings.ToUpper(n.Op) + " "
	if n.All {
		word += "ALL "
	}
	return &result{sql: strings.Join(texts, word), cols: cols}, nil
}

// formedSets is a set operation on columns whose equal values may differ to the
// engine: they are compared by their forms.
func (b *binder) formedSets(n *trino.SetOp, texts []string, cols []outCol) (string, error) {
	if n.All {
		return "", b.fail(n, "NOT_SUPPORTED", "%s ALL of maps and timestamps with time zone is not supported by the embedded engine", strings.ToUpper(n.Op))
	}
	forms := func(of string) []string {
		out := make([]string, len(cols))
		for i, c := range cols {
			out[i] = groupForm(expr{typ: c.typ, sql: of + "." + cname(i)})
		}
		return out
	}
	q, r := forms("q"), forms("r")
	once := "SELECT DISTINCT ON (" + strings.Join(q, ", ") + ") * FROM ("
	if n.Op == "union" {
		return once + strings.Join(texts, " UNION ALL ") + ") q", nil
	}
	same := make([]string, len(q))
	for i := range q {
		same[i] = q[i] + " IS NOT DISTINCT FROM " + r[i]
	}
	exists := map[bool]string{true: "NOT EXISTS", false: "EXISTS"}[n.Op == "except"]
	sql := texts[0]
	for _, t := range texts[1:] {
		sql = once + sql + ") q WHERE " + exists + " (SELECT 1 FROM (" + t + ") r WHERE " + strings.Join(same, " AND ") + ")"
	}
	return sql, nil
}

// unified are the columns all parts have in common.
func (b *binder) unified(n *trino.SetOp, list []trino.Body, parts []*result) ([]outCol, error) {
	cols := make([]outCol, len(parts[0].cols))
	for i, c := range parts[0].cols {
		cols[i] = outCol{name: c.name, shown: c.shown, typ: c.typ}
	}
	for k, p := range parts[1:] {
		if len(p.cols) != len(cols) {
			return nil, b.fail(list[k+1], "TYPE_MISMATCH", "%s query has different number of fields: %d, %d", strings.ToUpper(n.Op), len(cols), len(p.cols))
		}
		for i, c := range p.cols {
			t, ok := types.Common(cols[i].typ, c.typ)
			if !ok {
				return nil, b.fail(list[k+1], "TYPE_MISMATCH", "column %d in %s query has incompatible types: %s, %s", i+1, strings.ToUpper(n.Op), cols[i].typ, c.typ)
			}
			cols[i].typ = t
		}
	}
	for _, c := range cols {
		if !n.All && !c.typ.Comparable() {
			return nil, b.fail(n, "TYPE_MISMATCH", "type %s is not comparable, and therefore cannot be used in %s", c.typ, strings.ToUpper(n.Op))
		}
	}
	return cols, nil
}

// retyped selects r's columns as cols' types.
func (b *binder) retyped(r *result, cols []outCol) string {
	items := make([]string, len(cols))
	for i, c := range cols {
		items[i] = b.coerce(expr{typ: r.cols[i].typ, sql: "q." + cname(i)}, c.typ).sql + " AS " + cname(i)
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + r.sql + ") q"
}

func (b *binder) values(n *trino.Values, outer *scope) (*result, error) {
	sc := inner(outer).clause("VALUES", true, true)
	rows := make([][]expr, len(n.Rows))
	var cols []outCol
	for i, r := range n.Rows {
		elems := []trino.Expr{r}
		if row, ok := r.(*trino.Row); ok {
			elems = row.Elems
		}
		for _, x := range elems {
			e, err := b.expr(x, sc)
			if err != nil {
				return nil, err
			}
			rows[i] = append(rows[i], e)
		}
		if err := b.widen(r, &cols, rows[i], i == 0); err != nil {
			return nil, err
		}
	}
	texts := make([]string, len(rows))
	for i, row := range rows {
		for j := range row {
			row[j] = b.coerce(row[j], cols[j].typ)
		}
		texts[i] = "(" + sqls(row) + ")"
	}
	names := make([]string, len(cols))
	for i := range cols {
		names[i] = cname(i)
	}
	return &result{sql: "SELECT * FROM (VALUES " + strings.Join(texts, ", ") + ") v(" + strings.Join(names, ", ") + ")", cols: cols}, nil
}

// widen makes cols hold row too.
func (b *binder) widen(n trino.Node, cols *[]outCol, row []expr, first bool) error {
	if first {
		for _, e := range row {
			*cols = append(*cols, outCol{typ: e.typ})
		}
		return nil
	}
	if len(row) != len(*cols) {
		return b.fail(n, "TYPE_MISMATCH", "VALUES rows have different numbers of columns: %d, %d", len(*cols), len(row))
	}
	for i, e := range row {
		t, ok := types.Common((*cols)[i].typ, e.typ)
		if !ok {
			return b.fail(n, "TYPE_MISMATCH", "VALUES rows have different types in column %d: %s, %s", i+1, (*cols)[i].typ, e.typ)
		}
		(*cols)[i].typ = t
	}
	return nil
}
