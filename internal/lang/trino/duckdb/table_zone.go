package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// zoneFunctions are those of timestamps with a zone: they answer in its clock.
func zoneFunctions() []*overload {
	var f family
	f.f("at_timezone(timestamp(p) with time zone, varchar) timestamp(p) with time zone", func(c *invocation) (string, error) {
		z, err := c.zoneOf(1)
		return inZone(instant(c.sql(0)), z), err
	})
	f.f("at_timezone(timestamp(p) with time zone, interval_day) timestamp(p) with time zone", func(c *invocation) (string, error) {
		return inZone(instant(c.sql(0)), c.offsetZone(1)), nil
	})
	f.f("with_timezone(timestamp(p), varchar) timestamp(p) with time zone", func(c *invocation) (string, error) {
		z, err := c.zoneOf(1)
		return inZone(c.b.fromWall(c.sql(0), z, c.args[0].typ.P), z), err
	})
	f.f("timezone_hour(timestamp(p) with time zone) bigint", func(c *invocation) (string, error) { return "(" + c.offset(0) + " // 60)", nil })
	f.f("timezone_minute(timestamp(p) with time zone) bigint", func(c *invocation) (string, error) { return "(" + c.offset(0) + " % 60)", nil })
	f.f("date_trunc(varchar, timestamp(p) with time zone) timestamp(p) with time zone", func(c *invocation) (string, error) {
		return c.byUnit(allUnits, "Timestamp", c.truncatedInZone)
	})
	f.f("date_add(varchar, bigint, timestamp(p) with time zone) timestamp(p) with time zone", func(c *invocation) (string, error) {
		return c.byUnit(allUnits, "Timestamp", c.addedInZone)
	})
	f.f("date_diff(varchar, timestamp(p) with time zone, timestamp(p) with time zone) bigint", func(c *invocation) (string, error) {
		return c.byUnit(allUnits, "Timestamp", c.betweenInZone)
	})
	f.t("from_iso8601_timestamp(varchar) timestamp(3) with time zone", "mg_from_iso8601_timestamp($1)")
	f.t("from_iso8601_timestamp_nanos(varchar) timestamp(9) with time zone", "mg_from_iso8601_timestamp_nanos($1)")
	f.t("from_iso8601_date(varchar) date", "mg_from_iso8601_date($1)")
	return f
}

// zoneOf is argument i as Trino spells the zone; an unknown one is an error.
func (c *invocation) zoneOf(i int) (string, error) {
	s, ok := c.constant(i)
	if !ok {
		return c.b.fn("mg_zone_id", typedNull(c.args[i])), nil
	}
	if _, name, ok := location(s); ok {
		return quote(name), nil
	}
	if c.b.try > 0 {
		return c.b.raise(types.TVarchar, "INVALID_FUNCTION_ARGUMENT", fmt.Sprintf("'%s' is not a valid time zone", s)), nil
	}
	return "", c.b.fail(c.n, "INVALID_FUNCTION_ARGUMENT", "'%s' is not a valid time zone", s)
}

// offsetZone is the zone of an interval's whole minutes.
func (c *invocation) offsetZone(i int) string {
	return c.b.minutesZone(fmt.Sprintf("CASE WHEN %[1]s %% 60000 <> 0 THEN %[2]s ELSE %[1]s // 60000 END", c.sql(i),
		c.b.raise(types.TBigint, "INVALID_FUNCTION_ARGUMENT", "invalid time zone offset interval: interval contains seconds")))
}

// minutesZone is the id of the zone that many minutes east of UTC.
func (b *binder) minutesZone(minutes string) string {
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN %[1]s = 0 THEN 'UTC' WHEN abs(%[1]s) > 840 THEN %[2]s ELSE printf('%%s%%02d:%%02d', CASE WHEN %[1]s < 0 THEN '-' ELSE '+' END, abs(%[1]s) // 60, abs(%[1]s) %% 60) END", minutes,
		b.raise(types.TVarchar, "INVALID_FUNCTION_ARGUMENT", "invalid offset minutes"))
}

// offset is the distance of argument i's zone from UTC in minutes.
func (c *invocation) offset(i int) string {
	sql := c.sql(i)
	return c.b.fn("mg_zone_offset_minutes", coarse(instant(sql), c.args[i].typ.P), zone(sql))
}

// truncatedInZone cuts the zone's clock: below a day the instant goes back by as much as the clock.
func (c *invocation) truncatedInZone(unit string) string {
	sql, p := c.sql(1), c.args[1].typ.P
	t, z := instant(sql), zone(sql)
	if z == "'UTC'" || slices.Contains(hourUnits[:2], unit) {
		return zoned(truncated(unit, t, p), z)
	}
	w := coarse(c.b.wall(sql, p), p)
	if unit == "hour" || unit == "minute" {
		back := "(" + coarse(t, p) + " - (" + w + " - " + truncated(unit, w, 6) + "))"
		return zoned(c.b.finer(expr{typ: types.TimestampOf(min(p, 6)), sql: back}, types.TimestampOf(min(p, 6)), types.TimestampOf(p)).sql, z)
	}
	whole := c.b.fromWall(truncated(unit, w, 6), z, 6)
	return zoned(c.b.finer(expr{typ: types.TimestampOf(min(p, 6)), sql: whole}, types.TimestampOf(min(p, 6)), types.TimestampOf(p)).sql, z)
}

// addedInZone moves the zone's clock by days and more, the instant by less.
func (c *invocation) addedInZone(unit string) string {
	n, sql, p := c.sql(1), c.sql(2), c.args[2].typ.P
	t, z := instant(sql), zone(sql)
	if z == "'UTC'" || slices.Contains(hourUnits, unit) {
		return zoned(addedUnit(unit, n, t, p), z)
	}
	return zoned(c.b.fromWall(addedUnit(unit, n, c.b.wall(sql, p), p), z, p), z)
}

// betweenInZone counts days and more by the clock of the first value's zone.
func (c *invocation) betweenInZone(unit string) string {
	p := max(c.args[1].typ.P, c.args[2].typ.P)
	a, b := instant(c.sql(1)), instant(c.sql(2))
	if z := zone(c.sql(1)); !slices.Contains(hourUnits, unit) && z != "'UTC'" {
		a, b = c.b.wallAt(a, z, p), c.b.wallAt(b, z, p)
	}
	return unitsBetween(unit, a, b, p)
}

// byInstant are functions that compare an array's elements. Trino compares
// instants, the engine instants and zones: they agree while all zones are one.
var byInstant = map[string]bool{
	"array_distinct": true, "array_union": true, "array_intersect": true, "array_except": true, "array_remove": true, "array_max": true, "array_min": true, "array_sort": true,
	"array_position": true, "array_histogram": true, "arrays_overlap": true, "contains": true, "contains_sequence": true, "map": true,
}

// oneZone makes a call fail where it would compare timestamps of different zones.
func (c *invocation) oneZone(sql string) string {
	name := c.n.Name.Parts[len(c.n.Name.Parts)-1].Text
	if !byInstant[name] {
		return sql
	}
	var zones []string
	for i, a := range c.args {
		switch {
		case a.typ.Kind == types.Array && a.typ.Elem().Kind == types.TimestampTZ && (name != "map" || i == 0):
			zones = append(zones, "list_transform("+a.sql+", lambda z: struct_extract(z, 'z'))")
		case a.typ.Kind == types.TimestampTZ:
			zones = append(zones, "["+zone(a.sql)+"]")
		}
	}
	if len(zones) == 0 {
		return sql
	}
	several := c.b.raise(c.ret, "NOT_SUPPORTED", name+" of timestamps in different time zones is not supported by the embedded engine")
	return "CASE WHEN len(list_distinct(flatten([" + strings.Join(zones, ", ") + "]))) > 1 THEN " + several + " ELSE " + sql + " END"
}

// oneForm gives maps the form in which equal ones are equal to the engine, in
// calls of functions that compare them.
func (c *invocation) oneForm() {
	if !byInstant[c.n.Name.Parts[len(c.n.Name.Parts)-1].Text] {
		return
	}
	for i, a := range c.args {
		t := a.typ
		if t.Kind == types.Array {
			t = t.Elem()
		}
		if t.Kind == types.Map && !slices.ContainsFunc(t.Elems, formed) {
			c.args[i].sql = cmpForm(a)
		}
	}
}
