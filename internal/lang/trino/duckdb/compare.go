package duckdb

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// comparison operators' SQL.
func (b *binder) compare(x *trino.Compare, sc *scope) (expr, error) {
	l, err := b.expr(x.X, sc)
	if err != nil {
		return l, err
	}
	r, err := b.expr(x.Y, sc)
	if err != nil {
		return r, err
	}
	return b.comparison(x.Op, x.OpPos, x, l, r)
}

func (b *binder) comparison(op string, pos trino.Span, n trino.Node, l, r expr) (expr, error) {
	t, ok := types.Common(l.typ, r.typ)
	distinct := strings.HasPrefix(op, "is ")
	if !ok || !t.Comparable() || !distinct && op != "=" && op != "<>" && !t.Orderable() {
		return l, b.cannotApply(pos, n, op, l, r)
	}
	l, r = b.coerce(l, t), b.coerce(r, t)
	e := with(expr{typ: types.TBoolean}, l, r)
	switch op {
	case "=", "<>", "<", "<=", ">", ">=":
		if t.Is(types.Real, types.Double) {
			e.sql, e.preds = floatComparison(op, l, r), comparePreds(op, l, r)
			return e, nil
		}
	}
	switch op {
	case "=":
		e.sql = b.equal(l, r)
		e.preds = comparePreds(op, l, r)
	case "<>":
		e.sql = "(NOT " + b.equal(l, r) + ")"
		if !nested(t) {
			e.sql = "(" + cmpForm(l) + " <> " + cmpForm(r) + ")"
		}
		e.preds = comparePreds(op, l, r)
	case "is distinct from", "is not distinct from":
		e.sql = "(" + cmpForm(l) + " " + strings.ToUpper(op) + " " + cmpForm(r) + ")"
	default:
		e.sql = b.ranked(op, l, r)
		e.preds = comparePreds(op, l, r)
	}
	return e, nil
}

// floatComparison compares as IEEE 754 does: NaN is neither equal to, less nor
// greater than anything. To the engine it equals itself and is the greatest.
func floatComparison(op string, l, r expr) string {
	plain := "(" + l.sql + " " + op + " " + r.sql + ")"
	number := func(e expr) bool { _, ok := e.val.(float64); return ok }
	switch {
	case op == "<>" && !number(l) && !number(r):
		return "(" + l.sql + " <> " + r.sql + " OR isnan(" + l.sql + ") AND isnan(" + r.sql + "))"
	case (op == "=" || op[0] == '>') && !number(l) && !(op == "=" && number(r)):
		return "(" + plain + " AND NOT isnan(" + l.sql + "))"
	case op[0] == '<' && op != "<>" && !number(r):
		return "(" + plain + " AND NOT isnan(" + r.sql + "))"
	}
	return plain
}

func nested(t types.Type) bool { return t.Is(types.Array, types.Map, types.Row) }

// equal is SQL's equality of two values of one type: NULL inside rows and
// arrays makes the answer NULL, which the engine's own comparison would not.
func (b *binder) equal(l, r expr) string {
	switch {
	case l.typ.Kind == types.Row:
		parts := make([]string, len(l.typ.Elems))
		for i, t := range l.typ.Elems {
			parts[i] = b.equal(expr{typ: t, sql: rowGet(l.sql, i)}, expr{typ: t, sql: rowGet(r.sql, i)})
		}
		return "(" + strings.Join(parts, " AND ") + ")"
	case l.typ.Kind == types.Array:
		return b.equalParts(l, r, "range(1, len($1) + 1)", "list_extract", l.typ.Elem())
	case l.typ.Kind == types.Map:
		return b.equalParts(l, r, "map_keys($1)", "map_extract_value", l.typ.Value())
	case l.typ.Is(types.Real, types.Double):
		return floatComparison("=", l, r)
	}
	return "(" + cmpForm(l) + " = " + cmpForm(r) + ")"
}

// equalParts compares arrays and maps: parts is the list of their places, get
// takes what is there. One difference decides; else a NULL leaves it open.
func (b *binder) equalParts(l, r expr, parts, get string, t types.Type) string {
	return b.let([]string{l.sql, r.sql}, func(v []string) string {
		i := b.fresh("i")
		at := func(x string) expr { return expr{typ: t, sql: get + "(" + x + ", " + i + ")"} }
		same := b.equal(at(v[0]), at(v[1]))
		size := "len"
		if l.typ.Kind == types.Map {
			size = "cardinality"
			same = "CASE WHEN map_contains(" + v[1] + ", " + i + ") THEN " + same + " ELSE false END"
		}
		each := "list_transform(" + fill(parts, v) + ", lambda " + i + ": " + same + ")"
		return b.let([]string{each}, func(e []string) string {
			return fill("CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN "+size+"($1) <> "+size+"($2) OR list_contains($3, false) THEN false WHEN len($3) <> list_count($3) THEN NULL ELSE true END", []string{v[0], v[1], e[0]})
		})
	})
}

// cmpForm is what the engine compares a value by: timestamps by their instants,
// maps by their entries in the order of keys, also within rows and arrays.
func cmpForm(e expr) string {
	if !formed(e.typ) {
		return e.sql
	}
	return form(e.sql, e.typ, 0)
}

// formed tells whether equal values of a type may differ to the engine.
func formed(t types.Type) bool {
	return t.Is(types.TimestampTZ, types.Map) || t.Is(types.Array, types.Row) && slices.ContainsFunc(t.Elems, formed)
}

func form(sql string, t types.Type, depth int) string {
	x := "g" + strconv.Itoa(depth)
	switch t.Kind {
	case types.TimestampTZ:
		return instant(sql)
	case types.Map:
		entries := "map_entries(" + sql + ")"
		if formed(t.Key()) || formed(t.Value()) {
			entries = "list_transform(" + entries + ", lambda " + x + ": struct_pack(key := " + form(x+".key", t.Key(), depth+1) + ", value := " + form(x+".value", t.Value(), depth+1) + "))"
		}
		return "map_from_entries(list_sort(" + entries + "))"
	case types.Array:
		if formed(t.Elem()) {
			return "list_transform(" + sql + ", lambda " + x + ": " + form(x, t.Elem(), depth+1) + ")"
		}
	case types.Row:
		if formed(t) {
			fields := make([]string, len(t.Elems))
			for i, f := range t.Elems {
				fields[i] = rowField(i) + " := " + form(rowGet(sql, i), f, depth+1)
			}
			return "CASE WHEN " + sql + " IS NULL THEN NULL ELSE struct_pack(" + strings.Join(fields, ", ") + ") END"
		}
	}
	return sql
}

// groupForm is what the engine groups a value by.
func groupForm(e expr) string { return cmpForm(e) }
