package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// join binds one join. Chains of joins lean left, so the left spine is walked
// in a loop: a thousand joins nest no calls.
func (b *binder) join(n *trino.Join, outer *scope, before []field) (*source, error) {
	var spine []*trino.Join
	var leftmost trino.TableRef = n
	for {
		j, ok := leftmost.(*trino.Join)
		if !ok {
			break
		}
		spine = append(spine, j)
		leftmost = j.Left
	}
	s, err := b.table(leftmost, outer, before)
	if err != nil {
		return nil, err
	}
	for i := len(spine) - 1; i >= 0; i-- {
		if s, err = b.joinOne(spine[i], s, outer, before); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// unnests tells whether a relation is an UNNEST, named or not.
func unnests(t trino.TableRef) bool {
	if a, ok := t.(*trino.Aliased); ok {
		t = a.Of
	}
	_, ok := t.(*trino.Unnest)
	return ok
}

func (b *binder) joinOne(n *trino.Join, l *source, outer *scope, before []field) (*source, error) {
	if n.Natural {
		return nil, b.fail(n, "NOT_SUPPORTED", "natural join not supported").WithHint("write JOIN ... USING (columns)")
	}
	seen := append(append([]field{}, before...), l.fields...)
	r, err := b.table(n.Right, outer, seen)
	if err != nil {
		return nil, err
	}
	right := parenthesized(n.Right, r.sql)
	if n.Kind == "cross" {
		return &source{sql: l.sql + " CROSS JOIN " + right, fields: append(append([]field{}, l.fields...), r.fields...)}, nil
	}
	if len(n.Using) > 0 {
		return b.using(n, l, r, right)
	}
	if lit, ok := n.On.(*trino.BoolLit); unnests(n.Right) && !(ok && lit.Value) {
		return nil, b.fail(n.On, "NOT_SUPPORTED", "%s JOIN involving UNNEST is only supported with condition ON TRUE", strings.ToUpper(n.Kind))
	}
	fields := append(append([]field{}, l.fields...), r.fields...)
	on, err := b.condition(n.On, &scope{parent: outer, fields: fields, what: "JOIN clause", noAgg: true, noWindow: true}, "JOIN ON clause")
	if err != nil {
		return nil, err
	}
	if n.Kind == "inner" {
		b.keep(on.preds)
	} else {
		b.keepSide(on.preds, n.Kind, l.fields, r.fields)
	}
	return &source{sql: fmt.Sprintf("%s %s JOIN %s ON %s", l.sql, strings.ToUpper(n.Kind), right, on.sql), fields: outerJoined(n.Kind, l.fields, r.fields)}, nil
}

// keepSide uses what an outer join's condition says of the side that may be left out.
func (b *binder) keepSide(preds map[*Scan]base.Predicate, kind string, l, r []field) {
	side := map[string][]field{"left": r, "right": l}[kind]
	for _, f := range side {
		if f.col != nil && preds[f.col.scan] != nil {
			b.keep(map[*Scan]base.Predicate{f.col.scan: preds[f.col.scan]})
			delete(preds, f.col.scan)
		}
	}
}

// outerJoined marks the columns that an outer join may have made NULL.
func outerJoined(kind string, l, r []field) []field {
	return append(nullable(l, kind == "right" || kind == "full"), nullable(r, kind == "left" || kind == "full")...)
}

func nullable(fields []field, yes bool) []field {
	out := append([]field{}, fields...)
	if !yes {
		return out
	}
	for i := range out {
		if out[i].col != nil {
			c := *out[i].col
			c.outer = true
			out[i].col = &c
		}
	}
	return out
}

// using binds JOIN USING: the named columns come once, first, and belong to neither side.
func (b *binder) using(n *trino.Join, l, r *source, right string) (*source, error) {
	var conds []string
	var merged []field
	used := map[string]bool{}
	for _, name := range n.Using {
		lf, err := b.side(name, l.fields, "left")
		if err != nil {
			return nil, err
		}
		rf, err := b.side(name, r.fields, "right")
		if err != nil {
			return nil, err
		}
		t, ok := types.Common(lf.typ, rf.typ)
		if !ok {
			return nil, b.fail(name, "TYPE_MISMATCH", "column %q has type %s on the left and %s on the right side of the join", name.Raw, lf.typ, rf.typ)
		}
		le, re := b.coerce(expr{typ: lf.typ, sql: lf.sql}, t), b.coerce(expr{typ: rf.typ, sql: rf.sql}, t)
		conds = append(conds, b.equal(le, re))
		f := field{name: name.Text, typ: t, sql: le.sql, col: lf.col}
		switch n.Kind {
		case "right":
			f.sql, f.col = re.sql, rf.col
		case "full":
			f.sql, f.col = "coalesce("+le.sql+", "+re.sql+")", nil
		}
		merged, used[name.Text] = append(merged, f), true
	}
	for _, f := range outerJoined(n.Kind, l.fields, r.fields) {
		if !used[f.name] {
			merged = append(merged, f)
		}
	}
	return &source{sql: fmt.Sprintf("%s %s JOIN %s ON %s", l.sql, strings.ToUpper(n.Kind), right, strings.Join(conds, " AND ")), fields: merged}, nil
}

func (b *binder) side(name trino.Name, fields []field, which string) (*field, error) {
	f, err := b.pick(name, fields, []trino.Name{name}, 1)
	if err == nil && f == nil {
		err = b.fail(name, "COLUMN_NOT_FOUND", "column %q is missing from the %s side of the join", name.Raw, which)
	}
	return f, err
}

// unnest binds UNNEST as a lateral select: arrays side by side, the shorter
// ones filled with NULL; an array of rows gives a column for each field, a map two.
func (b *binder) unnest(n *trino.Unnest, as *trino.Aliased, outer *scope, left []field) (*source, error) {
	sc := (&scope{parent: outer, fields: left}).clause("UNNEST", true, true)
	var inner, outs, lens []string
	var fields []field
	alias := b.fresh("r")
	add := func(sql string, t types.Type, name string) {
		outs = append(outs, sql+" AS "+cname(len(outs)))
		fields = append(fields, field{name: name, typ: t, sql: alias + "." + cname(len(outs)-1)})
	}
	for i, a := range n.Args {
		e, err := b.expr(a, sc)
		if err != nil {
			return nil, err
		}
		u := fmt.Sprintf("u%d", i)
		lens = append(lens, "coalesce(len("+lengthOf(e)+"), 0)")
		switch {
		case e.typ.Kind == types.Map:
			inner = append(inner, "unnest(map_keys("+e.sql+")) AS "+u+"k", "unnest(map_values("+e.sql+")) AS "+u+"v")
			add("u."+u+"k", e.typ.Key(), "")
			add("u."+u+"v", e.typ.Value(), "")
		case e.typ.Kind == types.Array && e.typ.Elem().Kind == types.Row:
			inner = append(inner, "unnest("+e.sql+") AS "+u)
			for k, t := range e.typ.Elem().Elems {
				add(fmt.Sprintf("struct_extract(u.%s, '%s')", u, rowField(k)), t, strings.ToLower(e.typ.Elem().Names[k]))
			}
		case e.typ.Kind == types.Array:
			inner = append(inner, "unnest("+e.sql+") AS "+u)
			add("u."+u, e.typ.Elem(), "")
		default:
			return nil, b.fail(a, "INVALID_FUNCTION_ARGUMENT", "cannot unnest type: %s", e.typ)
		}
	}
	if n.Ordinality {
		longest := lens[0]
		if len(lens) > 1 {
			longest = "greatest(" + strings.Join(lens, ", ") + ")"
		}
		inner = append(inner, "unnest(range(1, 1 + "+longest+")) AS n")
		add("u.n", types.TBigint, "")
	}
	sql := "LATERAL (SELECT " + strings.Join(outs, ", ") + " FROM (SELECT " + strings.Join(inner, ", ") + ") u) " + alias
	return &source{sql: sql, fields: fields}, nil
}

// lengthOf is the array whose length counts e's rows.
func lengthOf(e expr) string {
	if e.typ.Kind == types.Map {
		return "map_keys(" + e.sql + ")"
	}
	return e.sql
}
