package duckdb

import (
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

// ranked is < and the like. Arrays and rows are compared from their starts,
// and a NULL met on the way is an error.
func (b *binder) ranked(op string, l, r expr) string {
	plain := "(" + cmpForm(l) + " " + op + " " + cmpForm(r) + ")"
	null := func(x, y string) string { return x + " IS NULL OR " + y + " IS NULL" }
	bad := b.raise(types.TBoolean, "NOT_SUPPORTED", "comparison not supported for arrays and rows with null elements")
	switch l.typ.Kind {
	case types.Array:
		return b.let([]string{l.sql, r.sql}, func(v []string) string {
			i := b.fresh("i")
			at := func(x, i string) string { return "list_extract(" + x + ", " + i + ")" }
			stop := fill("list_filter(range(1, least(len($1), len($2)) + 1), lambda "+i+": "+null(at("$1", i), at("$2", i))+" OR "+at("$1", i)+" <> "+at("$2", i)+")", v)
			return b.let([]string{"list_extract(" + stop + ", 1)"}, func(s []string) string {
				return fill("CASE WHEN $3 IS NOT NULL AND ("+null(at("$1", "$3"), at("$2", "$3"))+") THEN "+bad+" ELSE ($1 "+op+" $2) END", []string{v[0], v[1], s[0]})
			})
		})
	case types.Row:
		return b.let([]string{l.sql, r.sql}, func(v []string) string {
			text := "CASE WHEN " + null(v[0], v[1]) + " THEN NULL"
			for i := range l.typ.Elems {
				x, y := rowGet(v[0], i), rowGet(v[1], i)
				text += " WHEN " + null(x, y) + " THEN " + bad + " WHEN " + x + " <> " + y + " THEN (" + v[0] + " " + op + " " + v[1] + ")"
			}
			return text + " ELSE (" + v[0] + " " + op + " " + v[1] + ") END"
		})
	}
	return plain
}

// cmpForm is what the engine compares a value by.
func cmpForm(e expr) string {
	if e.typ.Kind == types.TimestampTZ {
		return instant(e.sql)
	}
	return e.sql
}

// orderForm is what the engine sorts a value by, groupForm what it groups by.
func orderForm(e expr) string { return cmpForm(e) }

func groupForm(e expr) string { return cmpForm(e) }
