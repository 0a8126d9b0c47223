package fn

import (
	"strings"
	"time"
)

// DateFormat is date_format: t as a clock shows it, in a format of MySQL's letters.
func (d *DatetimeFormats) DateFormat(t time.Time, format string) (string, error) {
	l, err := d.mysql.get(format)
	if err != nil {
		return "", err
	}
	return l.print(d.zones, t, "")
}

// DateParse is date_parse: all of text must fit the format; what it does not
// say is that of 1970-01-01 00:00, or of 2000 if it has a date without a year.
func (d *DatetimeFormats) DateParse(text, format string) (time.Time, error) {
	if format == "%Y-%m-%d" {
		if t, ok, err := isoDay(text); ok || err != nil {
			return t, err
		}
	}
	l, err := d.mysql.get(format)
	if err != nil {
		return time.Time{}, err
	}
	p, err := l.parse(text, mysqlPivot)
	if err != nil {
		return time.Time{}, err
	}
	return p.local()
}

// isoDay reads [+-]year-month-day, which date_parse takes with years of any length.
func isoDay(s string) (t time.Time, ok bool, err error) {
	y, n, ok := readNumber(s, 9, true)
	if !ok || n >= len(s) || s[n] != '-' {
		return t, false, nil
	}
	m, k, ok := readNumber(s[n+1:], 2, false)
	if n += 1 + k; !ok || n >= len(s) || s[n] != '-' {
		return t, false, nil
	}
	d, k, ok := readNumber(s[n+1:], 2, false)
	if !ok || n+1+k != len(s) {
		return t, false, nil
	}
	switch {
	case m < 1 || m > 12:
		return t, false, invalid("invalid value for month: %d", m)
	case y < -290000 || y > 290000:
		return t, false, invalid("year %d is out of range", y)
	case d < 1 || d > monthDays(y, time.Month(m)):
		return t, false, invalid("cannot parse %q: value %d for dayOfMonth must be in the range [1,%d]", s, d, monthDays(y, time.Month(m)))
	}
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC), true, nil
}

// FormatDatetime is format_datetime: wall is what the clock shows, zone its id,
// empty for a timestamp without one.
func (d *DatetimeFormats) FormatDatetime(wall time.Time, zone, pattern string) (string, error) {
	l, err := d.joda.get(pattern)
	if err != nil {
		return "", err
	}
	if l.zoned && zone == "" {
		return "", invalid("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information")
	}
	return l.print(d.zones, wall, zone)
}

// ParseDatetime is parse_datetime; without a zone in the text it is UTC. Two
// digits of a year mean 80 years before year to 19 after it.
func (d *DatetimeFormats) ParseDatetime(text, pattern string, year int) (Zoned, error) {
	l, err := d.joda.get(pattern)
	if err != nil {
		return Zoned{}, err
	}
	if strings.Contains(pattern, "zzzz") {
		for _, s := range l.steps {
			if s.kind == kZoneLong {
				return Zoned{}, notSupported("names of time zones in full are not parsed")
			}
		}
	}
	p, err := l.parse(text, year-30)
	if err != nil {
		return Zoned{}, err
	}
	wall, err := p.local()
	if err != nil {
		return Zoned{}, err
	}
	if ms := wall.UnixMilli(); ms < -1<<51 || ms >= 1<<51 {
		return Zoned{}, invalid("cannot parse %q: the year is out of range", text)
	}
	if p.zone == "" {
		return Zoned{wall, "UTC"}, nil
	}
	z, err := d.zones.known.get(p.zone)
	if err != nil {
		return Zoned{}, notSupported("time zone not supported: %s", p.zone)
	}
	at := instantIn(wall, z.loc)
	if !at.Add(time.Duration(offsetAt(at, z.loc)) * time.Second).Equal(wall) {
		return Zoned{}, invalid("cannot parse %q: illegal instant due to time zone offset transition (%s)", text, z.id)
	}
	return Zoned{at, z.id}, nil
}

func dateDefs(z *Zones) []Def {
	d := NewDatetimeFormats(z)
	return []Def{
		def2("mg_date_format", d.DateFormat),
		def2("mg_date_parse", d.DateParse),
		def3("mg_format_datetime", d.FormatDatetime),
		def2("mg_parse_datetime", func(text, pattern string) (Zoned, error) {
			return d.ParseDatetime(text, pattern, time.Now().UTC().Year())
		}),
		def2("mg_zone_wall", z.Wall),
		def2("mg_zone_instant", z.Instant),
		def2("mg_zone_offset_minutes", z.OffsetMinutes),
		def1("mg_zone_id", z.ID),
	}
}
