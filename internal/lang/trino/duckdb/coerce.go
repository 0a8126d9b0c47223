package duckdb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// coerce makes e a value of t, to which its type coerces without a CAST.
func (b *binder) coerce(e expr, t types.Type) expr {
	if e.typ.Equal(t) {
		return e
	}
	out := e
	out.typ = t
	f := e.typ
	if f.Kind == types.Unknown {
		if t.Kind != types.Unknown && t.Kind != types.Lambda {
			out.sql = "CAST(NULL AS " + physical(t) + ")"
		}
		return out
	}
	switch {
	case f.Kind == types.Varchar && t.Kind == types.Varchar:
		return out
	case f.Kind == types.Char && t.Kind == types.Varchar:
		out.sql, out.col, out.preds = padded(e), nil, nil
		return out
	case f.Kind == types.Varchar && t.Kind == types.Char:
		out.sql, out.col = "rtrim("+e.sql+", ' ')", nil
		return out
	case f.Kind == types.Char && t.Kind == types.Char:
		return out
	case f.Integral() && t.Integral(), f.Kind == types.Date && t.Kind == types.Timestamp:
		out.sql = "CAST(" + e.sql + " AS " + physical(t) + ")"
		if f.Kind == types.Date {
			out.col = nil
		}
		return out
	case t.Is(types.Timestamp, types.TimestampTZ, types.Time) && f.Kind == t.Kind:
		return b.finer(out, f, t)
	case f.Is(types.Date, types.Timestamp) && t.Kind == types.TimestampTZ:
		out.sql, out.col = zoned("CAST("+e.sql+" AS "+clockType(t.P)+")", "'UTC'"), nil
		return out
	case nested(t) && f.Kind == t.Kind:
		out.sql = b.nestedCoerce(e.sql, f, t, 0)
		return out
	}
	out.sql, out.col, out.val = "CAST("+e.sql+" AS "+physical(t)+")", nil, nil
	if d, ok := e.val.(base.DecimalText); ok && t.Kind == types.Double {
		if v, err := strconv.ParseFloat(string(d), 64); err == nil {
			out.val = v
		}
	}
	if t.Kind == types.Decimal && !fits(f, t) {
		out.sql = b.decimalOr(e, t, e.sql)
	}
	return out
}

// finer gives a clock type more digits; only beyond six the engine's type changes.
func (b *binder) finer(e expr, from, to types.Type) expr {
	if (from.P > 6) == (to.P > 6) {
		return e
	}
	e.col = nil
	if to.Kind == types.TimestampTZ {
		e.sql = zoned("CAST("+instant(e.sql)+" AS "+clockType(to.P)+")", zone(e.sql))
		return e
	}
	e.sql = "CAST(" + e.sql + " AS " + physical(to) + ")"
	return e
}

// padded is a char's text with its blanks.
func padded(e expr) string { return fmt.Sprintf("rpad(%s, %d, ' ')", e.sql, e.typ.P) }

// nestedCoerce coerces the parts of an array, map or row.
func (b *binder) nestedCoerce(sql string, f, t types.Type, depth int) string {
	return b.mapParts(sql, f, t, depth, func(part string, f, t types.Type, depth int) string {
		if nested(t) && f.Kind == t.Kind {
			return b.nestedCoerce(part, f, t, depth)
		}
		return b.coerce(expr{typ: f, sql: part}, t).sql
	})
}

// mapParts converts every part of a nested value with conv; where nothing
// changes the value stays as it is.
func (b *binder) mapParts(sql string, f, t types.Type, depth int, conv func(part string, f, t types.Type, depth int) string) string {
	v := fmt.Sprintf("n%d", depth)
	switch t.Kind {
	case types.Array:
		if f.Elem().Kind == types.Unknown {
			return "CAST(" + sql + " AS " + physical(t) + ")"
		}
		c := conv(v, f.Elem(), t.Elem(), depth+1)
		if c == v {
			return sql
		}
		return "list_transform(" + sql + ", lambda " + v + ": " + c + ")"
	case types.Map:
		k, c := conv(v+".key", f.Key(), t.Key(), depth+1), conv(v+".value", f.Value(), t.Value(), depth+1)
		if k == v+".key" && c == v+".value" {
			return sql
		}
		return "map_from_entries(list_transform(map_entries(" + sql + "), lambda " + v + ": struct_pack(key := " + k + ", value := " + c + ")))"
	}
	parts, same := make([]string, len(t.Elems)), true
	for i := range t.Elems {
		p := rowGet(sql, i)
		c := conv(p, f.Elems[i], t.Elems[i], depth)
		same = same && c == p
		parts[i] = rowField(i) + " := " + c
	}
	if same {
		return sql
	}
	return "CASE WHEN " + sql + " IS NULL THEN NULL ELSE struct_pack(" + strings.Join(parts, ", ") + ") END"
}
