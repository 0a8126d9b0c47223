package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// datetimeFunctions are those of dates, timestamps without a zone and intervals.
func datetimeFunctions() []*overload {
	var f family
	clockParts(&f)
	clockUnits(&f)
	clockTexts(&f)
	f.f("date(varchar) date", castTo(types.TDate))
	f.f("date(timestamp(p)) date", castTo(types.TDate))
	f.f("date(timestamp(p) with time zone) date", castTo(types.TDate))
	f.t("last_day_of_month(date) date", "last_day($1)")
	f.t("last_day_of_month(timestamp(p)) date", "last_day(CAST($1 AS DATE))")
	f.f("last_day_of_month(timestamp(p) with time zone) date", func(c *invocation) (string, error) {
		return "last_day(CAST(" + c.wall(0) + " AS DATE))", nil
	})
	unixTimes(&f)
	f.t("to_milliseconds(interval_day) bigint", "$1")
	f.t("parse_duration(varchar) interval_day", "mg_parse_duration($1)")
	f.t("human_readable_seconds(double) varchar", "mg_human_readable_seconds($1)")
	refused(&f, "timestamp_objectid(varchar) timestamp(0) with time zone", "timestamp_objectid")
	return f
}

// refused names a function that exists in Trino and cannot be called here.
func refused(f *family, sig, name string) {
	f.f(sig, func(c *invocation) (string, error) {
		return "", c.b.fail(c.n, "NOT_SUPPORTED", "function %s is not supported by the embedded engine", name)
	})
}

// castTo is CAST as a function.
func castTo(t types.Type) func(c *invocation) (string, error) {
	return func(c *invocation) (string, error) { return c.b.converted(c.n, c.args[0], t) }
}

// wall is the local time of argument i, a timestamp with time zone.
func (c *invocation) wall(i int) string { return c.b.wall(c.args[i].sql, c.args[i].typ.P) }

// clockParts are the fields: year(x), day_of_week(x), ...
func clockParts(f *family) {
	days := map[string]string{
		"year": "year($1)", "quarter": "quarter($1)", "month": "month($1)", "week": "weekofyear($1)", "week_of_year": "weekofyear($1)", "day": "day($1)", "day_of_month": "day($1)",
		"day_of_week": "isodow($1)", "dow": "isodow($1)", "day_of_year": "dayofyear($1)", "doy": "dayofyear($1)", "year_of_week": "isoyear($1)", "yow": "isoyear($1)",
	}
	hours := map[string]string{"hour": "hour($1)", "minute": "minute($1)", "second": "second($1)", "millisecond": "(millisecond($1) % 1000)"}
	for _, name := range slices.Sorted(keysOf(days)) {
		f.t(name+"(date) bigint", days[name])
		clockPart(f, name, days[name])
	}
	for _, name := range slices.Sorted(keysOf(hours)) {
		clockPart(f, name, hours[name])
		f.t(name+"(time(p)) bigint", hours[name])
	}
	for name, div := range map[string][2]string{"day": {"86400000", ""}, "day_of_month": {"86400000", ""}, "hour": {"3600000", "24"}, "minute": {"60000", "60"}, "second": {"1000", "60"}, "millisecond": {"1", "1000"}} {
		sql := "($1 // " + div[0] + ")"
		if div[1] != "" {
			sql = "(" + sql + " % " + div[1] + ")"
		}
		f.t(name+"(interval_day) bigint", sql)
	}
	f.t("year(interval_year) bigint", "CAST($1 // 12 AS BIGINT)")
	f.t("month(interval_year) bigint", "CAST($1 % 12 AS BIGINT)")
}

// clockPart adds a field of timestamps; one with a zone is asked in its zone.
func clockPart(f *family, name, sql string) {
	f.f(name+"(timestamp(p)) bigint", func(c *invocation) (string, error) {
		return c.b.filled(sql, []string{coarse(c.args[0].sql, c.args[0].typ.P)}), nil
	})
	f.f(name+"(timestamp(p) with time zone) bigint", func(c *invocation) (string, error) {
		return c.b.filled(sql, []string{coarse(c.wall(0), c.args[0].typ.P)}), nil
	})
}

// coarse is a timestamp without its nanoseconds.
func coarse(sql string, p int) string {
	if p <= 6 {
		return sql
	}
	return "CAST(" + sql + " AS TIMESTAMP)"
}

func keysOf(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

var (
	dayUnits  = []string{"day", "week", "month", "quarter", "year"}
	hourUnits = []string{"millisecond", "second", "minute", "hour"}
	allUnits  = append(slices.Clone(hourUnits), dayUnits...)
)

// byUnit lowers a call whose first argument is a unit: known when binding, or
// chosen row by row.
func (c *invocation) byUnit(units []string, kind string, lower func(unit string) string) (string, error) {
	if s, ok := c.constant(0); ok {
		u := strings.ToLower(s)
		if slices.Contains(units, u) {
			return lower(u), nil
		}
		if c.b.try > 0 {
			return c.raise(fmt.Sprintf("'%s' is not a valid %s field", u, kind)), nil
		}
		return "", c.b.fail(c.n, "INVALID_FUNCTION_ARGUMENT", "'%s' is not a valid %s field", u, kind).WithHint("units of a %s are %s", strings.ToLower(kind), strings.Join(units, ", "))
	}
	var out strings.Builder
	fmt.Fprintf(&out, "CASE lower(%s)", typedNull(c.args[0]))
	for _, u := range units {
		fmt.Fprintf(&out, " WHEN '%s' THEN %s", u, lower(u))
	}
	fmt.Fprintf(&out, " ELSE CASE WHEN %[1]s IS NULL THEN NULL ELSE %[2]s END END", typedNull(c.args[0]),
		c.b.raiseWith(c.ret, "INVALID_FUNCTION_ARGUMENT", "'''' || "+typedNull(c.args[0])+" || "+quote("' is not a valid "+kind+" field")))
	return out.String(), nil
}

// clockUnits are date_trunc, date_add and date_diff.
func clockUnits(f *family) {
	f.f("date_trunc(varchar, date) date", func(c *invocation) (string, error) {
		return c.byUnit(dayUnits, "DATE", func(u string) string { return "CAST(date_trunc('" + u + "', " + c.sql(1) + ") AS DATE)" })
	})
	f.f("date_trunc(varchar, timestamp(p)) timestamp(p)", func(c *invocation) (string, error) {
		return c.byUnit(allUnits, "Timestamp", func(u string) string { return truncated(u, c.sql(1), c.args[1].typ.P) })
	})
	f.f("date_trunc(varchar, time(p)) time(p)", func(c *invocation) (string, error) {
		return c.byUnit(hourUnits, "Time", func(u string) string {
			return "CAST(date_trunc('" + u + "', DATE '1970-01-01' + " + c.sql(1) + ") AS TIME)"
		})
	})
	f.f("date_add(varchar, bigint, date) date", func(c *invocation) (string, error) {
		return c.byUnit(dayUnits, "DATE", func(u string) string { return "CAST((" + c.sql(2) + " + " + unitInterval(u, c.sql(1)) + ") AS DATE)" })
	})
	f.f("date_add(varchar, bigint, timestamp(p)) timestamp(p)", func(c *invocation) (string, error) {
		return c.byUnit(allUnits, "Timestamp", func(u string) string { return addedUnit(u, c.sql(1), c.sql(2), c.args[2].typ.P) })
	})
	f.f("date_add(varchar, bigint, time(p)) time(p)", func(c *invocation) (string, error) {
		return c.byUnit(hourUnits, "Time", func(u string) string {
			return "CAST(" + addedUnit(u, c.sql(1), "(DATE '1970-01-01' + "+c.sql(2)+")", c.args[2].typ.P) + " AS TIME)"
		})
	})
	f.f("date_diff(varchar, date, date) bigint", func(c *invocation) (string, error) {
		return c.byUnit(dayUnits, "DATE", func(u string) string { return "date_sub('" + u + "', " + c.sql(1) + ", " + c.sql(2) + ")" })
	})
	f.f("date_diff(varchar, timestamp(p), timestamp(p)) bigint", func(c *invocation) (string, error) {
		p := max(c.args[1].typ.P, c.args[2].typ.P)
		return c.byUnit(allUnits, "Timestamp", func(u string) string { return unitsBetween(u, c.sql(1), c.sql(2), p) })
	})
	f.f("date_diff(varchar, time(p), time(p)) bigint", func(c *invocation) (string, error) {
		at := func(i int) string { return "(DATE '1970-01-01' + " + c.sql(i) + ")" }
		return c.byUnit(hourUnits, "Time", func(u string) string { return unitsBetween(u, at(1), at(2), 3) })
	})
}

// truncated is a timestamp cut to a unit; its precision stays.
func truncated(unit, sql string, p int) string {
	if p > 6 {
		return "CAST(date_trunc('" + unit + "', CAST(" + sql + " AS TIMESTAMP)) AS TIMESTAMP_NS)"
	}
	return "date_trunc('" + unit + "', " + sql + ")"
}

// unitInterval is n units as the engine's interval.
func unitInterval(unit, n string) string {
	switch unit {
	case "millisecond":
		return "to_microseconds(" + n + " * 1000)"
	case "second":
		return "to_microseconds(" + n + " * 1000000)"
	case "minute":
		return "to_microseconds(" + n + " * 60000000)"
	case "hour":
		return "to_microseconds(" + n + " * 3600000000)"
	case "day":
		return "to_days(CAST(" + n + " AS INTEGER))"
	case "week":
		return "to_days(CAST(" + n + " * 7 AS INTEGER))"
	case "quarter":
		return "to_months(CAST(" + n + " * 3 AS INTEGER))"
	case "year":
		return "to_months(CAST(" + n + " * 12 AS INTEGER))"
	}
	return "to_months(CAST(" + n + " AS INTEGER))"
}

// addedUnit adds n units to a timestamp; what its precision cannot hold is rounded.
func addedUnit(unit, n, sql string, p int) string {
	out := movedBy(sql, p, "+", unitInterval(unit, n))
	if unit == "millisecond" && p < 3 {
		return rounded(out, 3, p)
	}
	return out
}

// unitsBetween counts complete units from a to b, in milliseconds at the finest.
func unitsBetween(unit, a, b string, p int) string {
	if p > 3 {
		a, b = "date_trunc('millisecond', "+coarse(a, p)+")", "date_trunc('millisecond', "+coarse(b, p)+")"
	}
	return "date_sub('" + unit + "', " + a + ", " + b + ")"
}

// unixTimes are the seconds since 1970.
func unixTimes(f *family) {
	f.t("to_unixtime(timestamp(p)) double", "(CAST(epoch_us($1) AS DOUBLE) / 1e6)")
	f.f("to_unixtime(timestamp(p) with time zone) double", func(c *invocation) (string, error) {
		return "(CAST(epoch_us(" + instant(c.sql(0)) + ") AS DOUBLE) / 1e6)", nil
	})
	const at = "make_timestamp(CAST(floor($1 * 1000 + 0.5e0) AS BIGINT) * 1000)"
	f.f("from_unixtime(double) timestamp(3) with time zone", func(c *invocation) (string, error) { return zoned(c.expand(at), "'UTC'"), nil })
	f.f("from_unixtime(double, varchar) timestamp(3) with time zone", func(c *invocation) (string, error) {
		z, err := c.zoneOf(1)
		if e, ok := err.(*base.Error); ok {
			err = e.WithCode("NOT_SUPPORTED")
		}
		return inZone(c.expand(at), z), err
	})
	f.f("from_unixtime(double, bigint, bigint) timestamp(3) with time zone", func(c *invocation) (string, error) {
		return inZone(c.expand(at), c.b.minutesZone(c.expand("($2 * 60 + $3)"))), nil
	})
	f.f("from_unixtime_nanos(bigint) timestamp(9) with time zone", func(c *invocation) (string, error) { return zoned(c.expand("make_timestamp_ns($1)"), "'UTC'"), nil })
	f.f("from_unixtime_nanos(decimal(p, s)) timestamp(9) with time zone", func(c *invocation) (string, error) {
		return zoned(c.expand("make_timestamp_ns(CAST(round($1, 0) AS BIGINT))"), "'UTC'"), nil
	})
}

// inZone is zoned where the zone may be NULL on its own.
func inZone(instant, zone string) string {
	if strings.HasPrefix(zone, "'") {
		return zoned(instant, zone)
	}
	return "CASE WHEN " + instant + " IS NULL OR " + zone + " IS NULL THEN NULL ELSE struct_pack(t := " + instant + ", z := " + zone + ") END"
}
