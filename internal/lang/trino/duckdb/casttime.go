package duckdb

import (
	"fmt"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

func (b *binder) toDate(e expr) string {
	switch {
	case e.typ.Kind == types.Timestamp:
		return "CAST(" + e.sql + " AS DATE)"
	case e.typ.Kind == types.TimestampTZ:
		return "CAST(" + b.wall(e.sql, e.typ.P) + " AS DATE)"
	case e.typ.Text():
		x := "trim(" + e.sql + ")"
		return b.checked(expr{typ: types.TVarchar, sql: e.sql}, types.TDate, "regexp_full_match("+x+`, '[+-]?\d{4,}-\d{1,2}-\d{1,2}')`, "CAST("+x+" AS DATE)")
	}
	return ""
}

// wall is the local time of a timestamp with time zone, as a timestamp.
func (b *binder) wall(sql string, p int) string { return b.wallAt(instant(sql), zone(sql), p) }

// wallAt is what a zone's clocks show at an instant.
func (b *binder) wallAt(instant, z string, p int) string {
	if z == "'UTC'" {
		return instant
	}
	return b.inMicros(instant, p, func(t string) string { return b.fn("mg_zone_wall", t, z) })
}

// fromWall is the instant at which a zone's clocks show a time.
func (b *binder) fromWall(sql, z string, p int) string {
	if z == "'UTC'" {
		return sql
	}
	return b.inMicros(sql, p, func(t string) string { return b.fn("mg_zone_instant", t, z) })
}

// inMicros changes a timestamp by whole microseconds; nanoseconds are carried over.
func (b *binder) inMicros(sql string, p int, change func(t string) string) string {
	if p <= 6 {
		return change(sql)
	}
	return "make_timestamp_ns(epoch_us(" + change("make_timestamp(epoch_ns("+sql+") // 1000)") + ") * 1000 + epoch_ns(" + sql + ") % 1000)"
}

// rounded rounds a timestamp to p digits, half up.
func rounded(sql string, from, p int) string {
	if p >= from {
		if from <= 6 && p > 6 {
			return "CAST(" + sql + " AS TIMESTAMP_NS)"
		}
		return sql
	}
	if from <= 6 {
		unit := pow10(6 - p)
		return fmt.Sprintf("make_timestamp((epoch_us(%s) + %d) - mod(mod(epoch_us(%[1]s) + %[2]d, %[3]d) + %[3]d, %[3]d))", sql, unit/2, unit)
	}
	unit := pow10(9 - p)
	ns := fmt.Sprintf("make_timestamp_ns((epoch_ns(%s) + %d) - mod(mod(epoch_ns(%[1]s) + %[2]d, %[3]d) + %[3]d, %[3]d))", sql, unit/2, unit)
	if p <= 6 {
		return "CAST(" + ns + " AS TIMESTAMP)"
	}
	return ns
}

func pow10(n int) int64 {
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}

func (b *binder) toClock(e expr, t types.Type) string {
	f := e.typ
	switch {
	case t.Kind == types.Time:
		return b.toTime(e, t)
	case f.Text():
		return b.clockFromText(e, t)
	case t.Kind == types.Timestamp && f.Kind == types.Date:
		return "CAST(" + e.sql + " AS " + physical(t) + ")"
	case t.Kind == types.Timestamp && f.Kind == types.Timestamp:
		return rounded(e.sql, f.P, t.P)
	case t.Kind == types.Timestamp && f.Kind == types.TimestampTZ:
		return rounded(b.wall(e.sql, f.P), f.P, t.P)
	case t.Kind == types.TimestampTZ && f.Kind == types.Date:
		return zoned("CAST("+e.sql+" AS "+clockType(t.P)+")", "'UTC'")
	case t.Kind == types.TimestampTZ && f.Kind == types.Timestamp:
		return zoned(rounded(e.sql, f.P, t.P), "'UTC'")
	case t.Kind == types.TimestampTZ && f.Kind == types.TimestampTZ:
		return zoned(rounded(instant(e.sql), f.P, t.P), zone(e.sql))
	case t.Kind == types.Timestamp && f.Kind == types.Time:
		return b.today(e, t)
	case t.Kind == types.TimestampTZ && f.Kind == types.Time:
		return zoned(b.today(e, t), "'UTC'")
	}
	return ""
}

// today is the session's day at a time.
func (b *binder) today(e expr, t types.Type) string {
	return rounded("(DATE '"+dateText(b.o.Now.UTC())+"' + "+e.sql+")", e.typ.P, t.P)
}

// The forms of text that CAST reads. Everything else is an error, a T between date and time included.
const (
	stampPattern = `'[+-]?\d{4,}-\d{1,2}-\d{1,2}( ([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d+)?)?)?'`
	timePattern  = `'([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d+)?)?'`
)

func (b *binder) clockFromText(e expr, t types.Type) string {
	name := "mg_text_timestamp_tz"
	if t.P > 6 {
		name = "mg_text_timestamp_tz_ns"
	}
	zoned := b.fn(name, textOf(e), fmt.Sprint(t.P))
	if t.Kind == types.TimestampTZ {
		return zoned
	}
	x := "trim(" + e.sql + ")"
	fast := rounded("TRY_CAST("+x+" AS TIMESTAMP_NS)", 9, t.P)
	if t.P <= 6 { // a seventh digit and more would be cut by the engine before it is rounded
		fast = fmt.Sprintf("CASE WHEN length(%[1]s) > 26 THEN %[2]s ELSE %[3]s END", x, fast, rounded("TRY_CAST("+x+" AS TIMESTAMP)", 6, t.P))
	}
	// Whatever is left has a zone, whose clock counts, or is no timestamp.
	return fmt.Sprintf("CASE WHEN regexp_full_match(%s, %s) THEN coalesce(%s, %s) ELSE %s END", x, stampPattern, fast, b.badCast(e, t), b.wall(zoned, t.P))
}

func (b *binder) toTime(e expr, t types.Type) string {
	if t.P > 6 {
		return ""
	}
	stamp := ""
	from := 6
	switch {
	case e.typ.Kind == types.Time:
		stamp, from = "(DATE '1970-01-01' + "+e.sql+")", e.typ.P
	case e.typ.Kind == types.Timestamp && e.typ.P <= 6:
		stamp, from = e.sql, e.typ.P
	case e.typ.Kind == types.TimestampTZ && e.typ.P <= 6:
		stamp, from = b.wall(e.sql, e.typ.P), e.typ.P
	case e.typ.Text():
		x := "trim(" + e.sql + ")"
		v := rounded("(DATE '1970-01-01' + TRY_CAST("+x+" AS TIME))", 6, t.P)
		return b.checked(expr{typ: types.TVarchar, sql: e.sql}, t, "regexp_full_match("+x+", "+timePattern+")", "CAST("+v+" AS TIME)")
	default:
		return ""
	}
	return "CAST(" + rounded(stamp, from, t.P) + " AS TIME)"
}
