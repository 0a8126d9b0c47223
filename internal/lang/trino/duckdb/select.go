package duckdb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// selection is a SELECT being bound.
type selection struct {
	n     *trino.Select
	q     *trino.Query // whose ORDER BY it is; nil for none
	loose bool         // nobody needs that order
	src   *source
	where string
	sc    *scope
	items []item
}

// item is a bound column of the select list.
type item struct {
	expr
	name string
	// shown is the name as written, for the result.
	shown string
}

// selectOrdered binds a SELECT with the ORDER BY, OFFSET and LIMIT around it.
func (b *binder) selectOrdered(n *trino.Select, q *trino.Query, outer *scope) (*result, error) {
	s := &selection{n: n, q: q, loose: b.takeLoose()}
	var err error
	if s.src, err = b.reading(anyOrder(n, q), n.From, outer); err != nil {
		return nil, err
	}
	s.sc = &scope{parent: outer, fields: s.src.fields, what: "SELECT"}
	if n.Where != nil {
		w, err := b.condition(n.Where, s.sc.clause("WHERE clause", true, true), "WHERE clause")
		if err != nil {
			return nil, err
		}
		b.keep(w.preds)
		s.where = " WHERE " + w.sql
	}
	if err := b.windowNames(n); err != nil {
		return nil, err
	}
	b.windows = append(b.windows, n.Windows)
	defer func() { b.windows = b.windows[:len(b.windows)-1] }()
	if grouped(n, q) {
		return b.groupedSelect(s)
	}
	return b.finish(s, s.src.sql, s.where, nil)
}

// windowNames checks that WINDOW names are given once.
func (b *binder) windowNames(n *trino.Select) error {
	seen := map[string]bool{}
	for _, w := range n.Windows {
		if seen[w.Name.Text] {
			return b.fail(w.Name, "DUPLICATE_WINDOW_NAME", "WINDOW %q is given twice", w.Name.Raw)
		}
		seen[w.Name.Text] = true
	}
	return nil
}

// finish binds the select list and what comes after it over a FROM text.
func (b *binder) finish(s *selection, from, where string, having *expr) (*result, error) {
	if err := b.items(s); err != nil {
		return nil, err
	}
	keys, hidden, err := b.sortKeys(s)
	if err != nil {
		return nil, err
	}
	if s.loose {
		hidden = nil
	}
	cols := make([]string, 0, len(s.items)+len(hidden))
	out, windowed := &result{}, s.windowed()
	for i, it := range s.items {
		if it.typ.Kind == types.Lambda {
			return nil, b.fail(s.n, "TYPE_MISMATCH", "a lambda is not a value")
		}
		if s.n.Distinct && !it.typ.Comparable() {
			return nil, b.fail(s.n, "TYPE_MISMATCH", "DISTINCT can only be applied to comparable types (actual: %s)", it.typ)
		}
		cols = append(cols, it.sql+" AS "+cname(i))
		c := it.col
		if windowed {
			c = nil
		}
		out.cols = append(out.cols, outCol{name: it.name, shown: it.shown, typ: it.typ, col: c})
	}
	for i, h := range hidden {
		cols = append(cols, h+" AS s"+strconv.Itoa(i))
	}
	text := "SELECT "
	if s.n.Distinct {
		text += b.distinct(s)
	}
	text += strings.Join(cols, ", ")
	if from != "" {
		text += " FROM " + from
	}
	text += where
	if having != nil {
		text += " WHERE " + having.sql
	}
	out.sql = text
	if s.q == nil || s.loose || len(s.q.OrderBy) == 0 && s.q.Limit == nil && s.q.Offset == nil {
		return out, nil
	}
	return b.limited(s.q, out, keys, len(s.items))
}

// distinct is SELECT's DISTINCT, by the forms that make equal values equal to
// the engine where its own comparison would not do.
func (b *binder) distinct(s *selection) string {
	if !slices.ContainsFunc(s.items, func(it item) bool { return formed(it.typ) }) {
		return "DISTINCT "
	}
	return "DISTINCT ON (" + join(s.items, func(it item) string { return groupForm(it.expr) }) + ") "
}

// windowed tells whether any item is computed over other rows: then a filter
// on the result must not remove rows before.
func (s *selection) windowed() bool {
	for _, it := range s.items {
		if it.window {
			return true
		}
	}
	return false
}

// items binds the select list.
func (b *binder) items(s *selection) error {
	for i := range s.n.Items {
		it := &s.n.Items[i]
		if it.Star {
			if err := b.star(s, it); err != nil {
				return err
			}
			continue
		}
		e, err := b.expr(it.X, s.sc)
		if err != nil {
			return err
		}
		shown := itemName(it)
		s.items = append(s.items, item{expr: e, name: strings.ToLower(shown), shown: shown})
	}
	return nil
}

// itemName is the alias, or the last part of a plain name, as written.
func itemName(it *trino.SelectItem) string {
	if it.Alias != nil {
		return it.Alias.Raw
	}
	if parts, ok := nameParts(it.X); ok {
		return parts[len(parts)-1].Raw
	}
	return ""
}

func (b *binder) star(s *selection, it *trino.SelectItem) error {
	if it.Of != nil {
		if parts, ok := nameParts(it.Of); ok && s.qualifies(parts) {
			return b.columns(s, it, func(f field) bool { return qualified(f.quals, parts) && len(f.quals) > 0 })
		}
		return b.rowStar(s, it)
	}
	if len(s.n.From) == 0 {
		return b.fail(it, "COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause")
	}
	return b.columns(s, it, func(field) bool { return true })
}

func (s *selection) qualifies(parts []trino.Name) bool {
	for _, f := range s.src.fields {
		if len(f.quals) > 0 && qualified(f.quals, parts) {
			return true
		}
	}
	return false
}

func (b *binder) columns(s *selection, it *trino.SelectItem, want func(field) bool) error {
	k := 0
	for _, f := range s.src.fields {
		if f.hidden || !want(f) {
			continue
		}
		e, err := b.fieldExpr(it, &found{field: f, at: s.sc.plain()})
		if err != nil {
			return err
		}
		name := f.name
		if k < len(it.Aliases) {
			name = it.Aliases[k].Text
		}
		k++
		s.items = append(s.items, item{expr: e, name: name})
	}
	if len(it.Aliases) > 0 && len(it.Aliases) != k {
		return b.fail(it, "MISMATCHED_COLUMN_ALIASES", "column alias list has %d entries but relation has %d columns", len(it.Aliases), k)
	}
	return nil
}

// rowStar is expr.*: the fields of a row.
func (b *binder) rowStar(s *selection, it *trino.SelectItem) error {
	e, err := b.expr(it.Of, s.sc)
	if err != nil {
		if parts, ok := nameParts(it.Of); ok {
			return b.fail(it.Of, "TABLE_NOT_FOUND", "unable to resolve reference %s", dotted(parts))
		}
		return err
	}
	if _, name := it.Of.(*trino.Ident); name && e.typ.Kind != types.Row {
		return b.fail(it.Of, "TABLE_NOT_FOUND", "unable to resolve reference: it is a column of type %s", e.typ)
	}
	if e.typ.Kind != types.Row {
		return b.fail(it.Of, "TYPE_MISMATCH", "expected a row before .*, not %s", e.typ)
	}
	if len(it.Aliases) > 0 && len(it.Aliases) != len(e.typ.Elems) {
		return b.fail(it, "MISMATCHED_COLUMN_ALIASES", "column alias list has %d entries but the row has %d fields", len(it.Aliases), len(e.typ.Elems))
	}
	for i, t := range e.typ.Elems {
		name := strings.ToLower(e.typ.Names[i])
		if len(it.Aliases) > 0 {
			name = it.Aliases[i].Text
		}
		s.items = append(s.items, item{expr: expr{typ: t, sql: rowGet(e.sql, i)}, name: name})
	}
	return nil
}

func rowGet(sql string, i int) string {
	return fmt.Sprintf("struct_extract(%s, '%s')", sql, rowField(i))
}

// sortKeys binds ORDER BY. A key that is no column of the result becomes a
// hidden one, s0, s1, ...
func (b *binder) sortKeys(s *selection) (keys []sortKey, hidden []string, err error) {
	if s.q == nil {
		return nil, nil, nil
	}
	outs := make([]field, len(s.items))
	for i, it := range s.items {
		outs[i] = field{name: it.name, typ: it.typ, sql: it.sql}
	}
	sc := s.sc.clause("ORDER BY clause", false, false)
	sc.outputs = outs
	for _, o := range s.q.OrderBy {
		k, err := b.sortKey(o, sc, outs)
		if err != nil {
			return nil, nil, err
		}
		if i := s.itemOf(k.plain); i >= 0 {
			k.sql = b.sortForm(expr{typ: s.items[i].typ, sql: "q." + cname(i)})
		} else {
			if s.n.Distinct {
				return nil, nil, b.fail(o.X, "EXPRESSION_NOT_IN_DISTINCT", "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
			}
			hidden = append(hidden, k.sql)
			k.sql = "q.s" + strconv.Itoa(len(hidden)-1)
		}
		keys = append(keys, k)
	}
	return keys, hidden, nil
}

// itemOf finds the item whose comparable form is sql.
func (s *selection) itemOf(sql string) int {
	for i, it := range s.items {
		if cmpForm(it.expr) == sql {
			return i
		}
	}
	return -1
}

// condition binds a boolean.
func (b *binder) condition(x trino.Expr, sc *scope, what string) (expr, error) {
	e, err := b.expr(x, sc)
	if err != nil {
		return e, err
	}
	if e.typ.Kind == types.Unknown {
		e = b.coerce(e, types.TBoolean)
	}
	if e.typ.Kind != types.Boolean {
		return e, b.fail(x, "TYPE_MISMATCH", "%s must evaluate to a boolean: actual type %s", what, e.typ)
	}
	return e, nil
}
