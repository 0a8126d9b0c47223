package fn

import (
	"regexp"
	"strings"
	"time"
)

// isoDateLayouts are the dates of ISO 8601 with hyphens: days, weeks, days of
// the year. Numbers may be shorter than usual, as in Trino.
var isoDateLayouts = []layout{isoLayout("y-M-d"), isoLayout("x-Ww-e"), isoLayout("x-Ww"), isoLayout("y-D"), isoLayout("y-M"), isoLayout("y")}

func isoLayout(form string) layout {
	var l layout
	for i := range len(form) {
		s := step{kind: kLiteral, text: form[i : i+1]}
		switch form[i] {
		case 'y':
			s = step{kind: kNumber, field: fYear, max: 9, signed: true}
		case 'x':
			s = step{kind: kNumber, field: fWeekyear, max: 9, signed: true}
		case 'M':
			s = step{kind: kNumber, field: fMonth, max: 2}
		case 'd':
			s = step{kind: kNumber, field: fDay, max: 2}
		case 'w':
			s = step{kind: kNumber, field: fWeek, max: 2}
		case 'e':
			s = step{kind: kNumber, field: fDayOfWeek, max: 1}
		case 'D':
			s = step{kind: kNumber, field: fDayOfYear, max: 3}
		}
		l.steps = append(l.steps, s)
	}
	return l
}

var threeDigits = regexp.MustCompile(`^[+-]?\d+-\d{3}$`)

func isoDate(s string) (parsed, error) {
	for _, l := range isoDateLayouts {
		ordinal := len(l.steps) == 3 && l.steps[2].field == fDayOfYear
		if ordinal != threeDigits.MatchString(s) {
			continue
		}
		if p, err := l.parse(s, 0); err == nil {
			return p, nil
		}
	}
	return parsed{}, invalid("invalid format: %q", s)
}

// FromISODate is from_iso8601_date.
func FromISODate(s string) (Date, error) {
	p, err := isoDate(s)
	if err != nil {
		return Date{}, err
	}
	t, err := p.local()
	return Date{t}, err
}

var isoClock = regexp.MustCompile(`^(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?(?:[.,](\d{1,9})\d*)?)?(Z|z|[+-].*)?$`)

// FromISOTimestamp is from_iso8601_timestamp: a date, a clock or both, to the
// millisecond; a fraction may follow hours or minutes too. Without an offset it
// is UTC.
func (z *Zones) FromISOTimestamp(s string) (Zoned, error) {
	day, clockText := s, ""
	if i := strings.IndexAny(s, "Tt"); i >= 0 {
		day, clockText = s[:i], s[i+1:]
		if day == "" && clockText == "" {
			return Zoned{}, invalid("invalid format: %q", s)
		}
	}
	var p parsed
	var err error
	if day != "" || clockText == "" {
		if p, err = isoDate(day); err != nil {
			return Zoned{}, invalid("invalid format: %q", s)
		}
	}
	m := isoClock.FindStringSubmatch(clockText)
	if m == nil {
		return Zoned{}, invalid("invalid format: %q is malformed at %q", s, clockText)
	}
	rest := p.isoTime(m)
	if m[5] != "" {
		if n, ok := p.parseOffset(m[5]); !ok || n != len(m[5]) {
			return Zoned{}, invalid("invalid format: %q is malformed at %q", s, m[5])
		}
	}
	wall, err := p.local()
	if err != nil {
		return Zoned{}, err
	}
	return z.isoZoned(wall.Add(rest), p.zone, s)
}

// isoTime adds the parts of a clock; the fraction of the last one is returned.
func (p *parsed) isoTime(m []string) time.Duration {
	unit := time.Duration(0)
	for i, f := range []field{fHour, fMinute, fSecond} {
		if m[i+1] != "" {
			v, _, _ := readNumber(m[i+1], 2, false)
			p.add(f, v)
			unit = f.clockUnit()
		}
	}
	frac := fractionOf(m[4], 9)
	whole := float64(frac) / 1e9 * float64(unit)
	return time.Duration(whole+0.5) / time.Millisecond * time.Millisecond
}

func (z *Zones) isoZoned(wall time.Time, zone, s string) (Zoned, error) {
	if ms := wall.UnixMilli(); ms < -1<<51 || ms >= 1<<51 {
		return Zoned{}, invalid("the year is out of range: %q", s)
	}
	if zone == "" {
		return Zoned{wall, "UTC"}, nil
	}
	id, err := z.known.get(zone)
	if err != nil {
		return Zoned{}, notSupported("time zone not supported: %s", zone)
	}
	return Zoned{instantIn(wall, id.loc), id.id}, nil
}

var isoNanos = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{0,9}))?)?(Z|z|[+-]\d{2}:\d{2}(?::\d{2})?)?$`)

// FromISOTimestampNanos is from_iso8601_timestamp_nanos, which takes complete
// timestamps only.
func (z *Zones) FromISOTimestampNanos(s string) (ZonedNanos, error) {
	m := isoNanos.FindStringSubmatch(s)
	if m == nil {
		return ZonedNanos{}, invalid("text '%s' could not be parsed", shorten(s))
	}
	day, ok := dayOf(m[1], m[2], m[3])
	c, fine := clockOf(m[4], m[5], m[6], m[7], 9)
	if !ok || !fine {
		return ZonedNanos{}, invalid("text '%s' could not be parsed", shorten(s))
	}
	zone := m[8]
	if zone == "z" {
		zone = "Z"
	}
	v, err := z.isoZoned(day.Add(c), zone, s)
	if err == nil {
		err = inNanos(v.T)
	}
	return ZonedNanos(v), err
}

// ToISO is to_iso8601 of a timestamp with precision digits.
func ToISO(t time.Time, precision int64) string {
	return strings.TrimPrefix(strings.Replace(TimestampText(t, precision), " ", "T", 1), "+")
}

// ZonedToISO is to_iso8601 of a timestamp with time zone.
func (z *Zones) ZonedToISO(v Zoned, precision int64) (string, error) {
	id, err := z.known.get(v.Zone)
	if err != nil {
		return "", err
	}
	off := offsetAt(v.T, id.loc)
	end := "Z"
	if off != 0 {
		end = offsetText(off / 60)
	}
	return ToISO(v.T.Add(time.Duration(off)*time.Second), precision) + end, nil
}

func isoDefs(z *Zones) []Def {
	return []Def{
		def1("mg_from_iso8601_date", FromISODate),
		def1("mg_from_iso8601_timestamp", z.FromISOTimestamp),
		def1("mg_from_iso8601_timestamp_nanos", z.FromISOTimestampNanos),
		def2("mg_to_iso8601", sure2(ToISO)),
		def2("mg_to_iso8601_tz", z.ZonedToISO),
		def2("mg_to_iso8601_tz_ns", func(v ZonedNanos, p int64) (string, error) { return z.ZonedToISO(Zoned(v), p) }),
	}
}
