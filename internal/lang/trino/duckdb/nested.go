package duckdb

import (
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// Arrays and rows are ordered from their starts. To Trino a NULL met on the way
// is an error, to the engine it is the greatest value: what orders nested values
// looks for it.

// metNull is what compared gives where a NULL decides.
const metNull = "2"

// compared is -1, 0 or 1 as l is less than, equal to or greater than r, or metNull.
func (b *binder) compared(l, r expr) string {
	switch l.typ.Kind {
	case types.Row:
		return b.let([]string{l.sql, r.sql}, func(v []string) string {
			fields := make([]string, len(l.typ.Elems))
			for i, t := range l.typ.Elems {
				fields[i] = b.compared(expr{typ: t, sql: rowGet(v[0], i)}, expr{typ: t, sql: rowGet(v[1], i)})
			}
			return b.filled("CASE WHEN $1 IS NULL OR $2 IS NULL THEN "+metNull+" ELSE coalesce(list_extract(list_filter(["+strings.Join(fields, ", ")+"], lambda @c: @c <> 0), 1), 0) END", v)
		})
	case types.Array:
		return b.let([]string{l.sql, r.sql}, func(v []string) string {
			i := b.fresh("i")
			at := func(x string) expr { return expr{typ: l.typ.Elem(), sql: "list_extract(" + x + ", " + i + ")"} }
			each := "list_transform(range(1, least(len($1), len($2)) + 1), lambda " + i + ": " + b.compared(at(v[0]), at(v[1])) + ")"
			return b.filled("CASE WHEN $1 IS NULL OR $2 IS NULL THEN "+metNull+" ELSE coalesce(list_extract(list_filter("+each+", lambda @c: @c <> 0), 1), CAST(sign(len($1) - len($2)) AS INTEGER)) END", v)
		})
	}
	x, y := cmpForm(l), cmpForm(r)
	return "CASE WHEN " + x + " IS NULL OR " + y + " IS NULL THEN " + metNull + " WHEN " + x + " < " + y + " THEN -1 WHEN " + x + " > " + y + " THEN 1 ELSE 0 END"
}

// ranked is < and the like.
func (b *binder) ranked(op string, l, r expr) string {
	if !nested(l.typ) {
		return "(" + cmpForm(l) + " " + op + " " + cmpForm(r) + ")"
	}
	return b.let([]string{l.sql, r.sql}, func(v []string) string {
		c := b.compared(expr{typ: l.typ, sql: v[0]}, expr{typ: r.typ, sql: v[1]})
		test := b.let([]string{c}, func(c []string) string {
			return "CASE WHEN " + c[0] + " = " + metNull + " THEN " + b.raiseUnordered(types.TBoolean) + " ELSE (" + c[0] + " " + op + " 0) END"
		})
		return "CASE WHEN " + v[0] + " IS NULL OR " + v[1] + " IS NULL THEN NULL ELSE " + test + " END"
	})
}

// raiseUnordered is the error of ordering by a NULL, in the place of a t.
func (b *binder) raiseUnordered(t types.Type) string {
	return b.raise(t, "NOT_SUPPORTED", "comparison not supported for arrays and rows with null elements")
}

// best is the least (op <) or greatest (op >) of a list's elements, none of
// which is NULL; the first of equal ones. NULL if there are none.
func (b *binder) best(list, op string, key func(e string) expr) string {
	x, y := b.fresh("x"), b.fresh("y")
	return b.let([]string{list}, func(v []string) string {
		return "CASE WHEN len(" + v[0] + ") > 0 THEN list_reduce(" + v[0] + ", lambda " + x + ", " + y + ": CASE WHEN " + b.ranked(op, key(y), key(x)) + " THEN " + y + " ELSE " + x + " END) END"
	})
}

// checkSorted gives a list that the engine sorted by key, of type ret, if it is sorted to Trino too.
func (b *binder) checkSorted(list string, key func(e string) expr, ret types.Type) string {
	if !nested(key("").typ) {
		return list
	}
	return b.let([]string{list}, func(v []string) string {
		i := b.fresh("i")
		at := func(i string) expr { return key("list_extract(" + v[0] + ", " + i + ")") }
		one, two := at(i), at(i+" + 1")
		met := "list_contains(list_transform(range(1, len(" + v[0] + ")), lambda " + i + ": " + one.sql + " IS NOT NULL AND " + two.sql + " IS NOT NULL AND " + b.compared(one, two) + " = " + metNull + "), true)"
		return "CASE WHEN " + met + " THEN " + b.raiseUnordered(ret) + " ELSE " + v[0] + " END"
	})
}

// holdsNull tells whether a value, itself not NULL, has a NULL somewhere in it.
func (b *binder) holdsNull(e expr) string {
	each := func(list string, t types.Type) string {
		test := "len(" + list + ") <> list_count(" + list + ")"
		if nested(t) {
			i := b.fresh("i")
			test += " OR list_contains(list_transform(" + list + ", lambda " + i + ": " + b.holdsNull(expr{typ: t, sql: i}) + "), true)"
		}
		return test
	}
	switch e.typ.Kind {
	case types.Array:
		return "(" + each(e.sql, e.typ.Elem()) + ")"
	case types.Map:
		return "(" + each("map_values("+e.sql+")", e.typ.Value()) + " OR " + each("map_keys("+e.sql+")", e.typ.Key()) + ")"
	case types.Row:
		var tests []string
		for i, t := range e.typ.Elems {
			x := rowGet(e.sql, i)
			tests = append(tests, x+" IS NULL")
			if nested(t) {
				tests = append(tests, b.holdsNull(expr{typ: t, sql: x}))
			}
		}
		return "(" + strings.Join(tests, " OR ") + ")"
	}
	return "false"
}

// sortForm is what the engine sorts a value by. A nested one that holds NULL
// is refused: Trino fails once it meets the NULL.
func (b *binder) sortForm(e expr) string {
	if !nested(e.typ) {
		return cmpForm(e)
	}
	return b.let([]string{e.sql}, func(v []string) string {
		null := b.raise(e.typ, "NOT_SUPPORTED", "ordering by arrays and rows that hold NULL is not supported")
		return "CASE WHEN " + v[0] + " IS NOT NULL AND " + b.holdsNull(expr{typ: e.typ, sql: v[0]}) + " THEN " + null + " ELSE " + cmpForm(expr{typ: e.typ, sql: v[0]}) + " END"
	})
}
