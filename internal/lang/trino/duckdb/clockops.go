package duckdb

import (
	"fmt"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// clockArith is + and - with dates, times and intervals.
func (b *binder) clockArith(op string, x, y expr) (expr, bool) {
	isInterval := func(e expr) bool { return e.typ.Is(types.IntervalDay, types.IntervalYear) }
	isClock := func(e expr) bool { return e.typ.Is(types.Date, types.Timestamp, types.TimestampTZ, types.Time) }
	switch {
	case (op == "+" || op == "-") && isClock(x) && isInterval(y):
		return b.shift(x, y, op)
	case op == "+" && isInterval(x) && isClock(y):
		return b.shift(y, x, op)
	case (op == "+" || op == "-") && isInterval(x) && x.typ.Kind == y.typ.Kind:
		return expr{typ: x.typ, sql: "(" + x.sql + " " + op + " " + y.sql + ")"}, true
	case op == "*" && isInterval(x) && y.typ.Numeric():
		return b.scaled(x, y, "*")
	case op == "*" && isInterval(y) && x.typ.Numeric():
		return b.scaled(y, x, "*")
	case op == "/" && isInterval(x) && y.typ.Numeric():
		return b.scaled(x, y, "/")
	case op == "-" && isClock(x) && isClock(y):
		return b.difference(x, y)
	}
	return expr{}, false
}

func (b *binder) scaled(i, n expr, op string) (expr, bool) {
	n = b.coerce(n, types.TDouble)
	return expr{typ: i.typ, sql: fmt.Sprintf("CAST(trunc(CAST(%s AS DOUBLE) %s %s) AS %s)", i.sql, op, n.sql, physical(i.typ))}, true
}

// shift moves a clock value by an interval.
func (b *binder) shift(x, i expr, op string) (expr, bool) {
	by := engineInterval(i)
	switch x.typ.Kind {
	case types.Date:
		if i.typ.Kind == types.IntervalDay {
			days := "CAST(" + i.sql + " // 86400000 AS INTEGER)"
			whole := fmt.Sprintf("(%s %s %s)", x.sql, op, days)
			if v, ok := i.val.(int64); ok && v%86400000 == 0 {
				return expr{typ: x.typ, sql: whole}, true
			}
			return expr{typ: x.typ, sql: fmt.Sprintf("CASE WHEN %s %% 86400000 <> 0 THEN %s ELSE %s END", i.sql,
				b.raise(x.typ, "INVALID_FUNCTION_ARGUMENT", "cannot add hour, minutes or seconds to a date"), whole)}, true
		}
		return expr{typ: x.typ, sql: fmt.Sprintf("CAST((%s %s %s) AS DATE)", x.sql, op, by)}, true
	case types.Timestamp:
		t := x.typ
		if i.typ.Kind == types.IntervalDay {
			t.P = max(t.P, intervalDigits)
		}
		return expr{typ: t, sql: b.moved(x.sql, x.typ, op, i)}, true
	case types.TimestampTZ:
		if i.typ.Kind == types.IntervalYear {
			z := zone(x.sql)
			w := b.moved(b.wall(x.sql, x.typ.P), types.TimestampOf(x.typ.P), op, i)
			return expr{typ: x.typ, sql: zoned(b.fromWall(w, z, x.typ.P), z)}, true
		}
		t := x.typ
		t.P = max(t.P, intervalDigits)
		return expr{typ: t, sql: zoned(b.moved(instant(x.sql), types.TimestampOf(x.typ.P), op, i), zone(x.sql))}, true
	case types.Time:
		if i.typ.Kind == types.IntervalYear {
			return expr{}, false
		}
		t := x.typ
		t.P = max(t.P, intervalDigits)
		return expr{typ: t, sql: "(" + x.sql + " " + op + " " + by + ")"}, true
	}
	return expr{}, false
}

// intervalDigits is the precision an interval of days to seconds brings: milliseconds.
const intervalDigits = 3

func (b *binder) moved(sql string, t types.Type, op string, i expr) string {
	return movedBy(sql, t.P, op, engineInterval(i))
}

// movedBy adds one of the engine's intervals to a timestamp of p digits.
func movedBy(sql string, p int, op, interval string) string {
	if p > 6 {
		// The engine adds intervals to microseconds only: carry the rest over.
		return fmt.Sprintf("make_timestamp_ns(epoch_us(make_timestamp(epoch_ns(%[1]s) // 1000) %[2]s %[3]s) * 1000 + epoch_ns(%[1]s) %% 1000)", sql, op, interval)
	}
	return fmt.Sprintf("(%s %s %s)", sql, op, interval)
}

// difference is the interval between two clock values.
func (b *binder) difference(x, y expr) (expr, bool) {
	if x.typ.Kind == types.Time || y.typ.Kind == types.Time {
		if x.typ.Kind != y.typ.Kind {
			return expr{}, false
		}
		return expr{typ: types.TIntervalD, sql: fmt.Sprintf("CAST((epoch_us(DATE '1970-01-01' + %s) - epoch_us(DATE '1970-01-01' + %s)) // 1000 AS BIGINT)", x.sql, y.sql)}, true
	}
	if x.typ.Kind == types.Date && y.typ.Kind == types.Date {
		return expr{typ: types.TIntervalD, sql: fmt.Sprintf("(CAST(%s - %s AS BIGINT) * 86400000)", x.sql, y.sql)}, true
	}
	t, ok := types.Common(x.typ, y.typ)
	if !ok {
		return expr{}, false
	}
	x, y = b.coerce(x, t), b.coerce(y, t)
	return expr{typ: types.TIntervalD, sql: fmt.Sprintf("((epoch_us(%s) - epoch_us(%s)) // 1000)", cmpForm(x), cmpForm(y))}, true
}
