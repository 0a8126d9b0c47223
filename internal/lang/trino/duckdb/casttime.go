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
	case e.typ.Text() && b.try > 0:
		return b.fn("mg_text_date", textOf(e))
	case e.typ.Text() && b.noGo:
		return b.let([]string{"trim(" + textOf(e) + ")"}, func(v []string) string {
			return fill(`CASE WHEN regexp_full_match($1, '\d{4}-\d{1,2}-\d{1,2}') THEN TRY_CAST($1 AS DATE) WHEN regexp_full_match($1, '[+-]?\d{4,}-\d{1,2}-\d{1,2}') THEN error('[[NOT_SUPPORTED]] years of more than four digits or with a sign') END`, v)
		})
	case e.typ.Text():
		return b.let([]string{textOf(e)}, func(v []string) string {
			return "coalesce(CASE WHEN " + v[0] + " LIKE '____-__-__' THEN TRY_CAST(" + v[0] + " AS DATE) END, " + b.fn("mg_text_date", v[0]) + ")"
		})
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
		if f.P > 3 && t.P < 3 { // Trino rounds to milliseconds first
			return zoned(rounded(rounded(e.sql, f.P, 3), 3, t.P), "'UTC'")
		}
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

// stampPattern is the form of text that the engine reads as CAST to a timestamp
// of p digits does. Of everything else, rounding, zones and errors included, Go knows.
func stampPattern(p int) string {
	fraction := ""
	if p > 0 {
		fraction = fmt.Sprintf(`(\.\d{1,%d})?`, p)
	}
	return `\d{4}-\d{1,2}-\d{1,2}( ([01]?\d|2[0-3]):[0-5]?\d(:[0-5]?\d` + fraction + `)?)?`
}

func (b *binder) clockFromText(e expr, t types.Type) string {
	x, p := textOf(e), fmt.Sprint(t.P)
	switch {
	case t.Kind == types.TimestampTZ && t.P > 6:
		return b.fn("mg_text_timestamp_tz_ns", x, p)
	case t.Kind == types.TimestampTZ:
		return b.fn("mg_text_timestamp_tz", x, p)
	case t.P > 6:
		return b.fn("mg_text_timestamp_ns", x, p)
	case b.try > 0: // the engine's TRY runs row by row: keep what it repeats simple
		return b.fn("mg_text_timestamp", x, p)
	}
	return b.let([]string{x}, func(v []string) string {
		return "coalesce(CASE WHEN regexp_full_match(" + v[0] + ", '" + stampPattern(t.P) + "') THEN TRY_CAST(" + v[0] + " AS TIMESTAMP) END, " + b.fn("mg_text_timestamp", v[0], p) + ")"
	})
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
	case e.typ.Kind == types.Timestamp:
		return b.let([]string{e.sql}, func(v []string) string {
			// Trino counts whole seconds towards 1970 and the fraction from it: before it, a second is lost.
			lost := fmt.Sprintf("CASE WHEN epoch_us(%[1]s) < 0 AND epoch_us(%[1]s) %% 1000000 <> 0 THEN INTERVAL 1 SECOND ELSE INTERVAL 0 SECOND END", v[0])
			return "CAST(" + rounded(v[0], e.typ.P, t.P) + " - " + lost + " AS TIME)"
		})
	case e.typ.Kind == types.TimestampTZ && e.typ.P <= 6:
		stamp, from = b.wall(e.sql, e.typ.P), e.typ.P
	case e.typ.Text():
		return "CAST(" + b.fn("mg_text_time", textOf(e), fmt.Sprint(t.P)) + " AS TIME)"
	default:
		return ""
	}
	return "CAST(" + rounded(stamp, from, t.P) + " AS TIME)"
}
