package fn

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

var timeForm = regexp.MustCompile(`^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?$`)

const blanks = " \t\n\v\f\r"

// TextDate is CAST(varchar AS date).
func TextDate(s string) (Date, error) {
	t, ok, err := isoDay(strings.Trim(s, blanks))
	if !ok || err != nil {
		return Date{}, badCast("value cannot be cast to date: %s", s)
	}
	return Date{t}, nil
}

func dayOf(year, month, day string) (time.Time, bool) {
	y, err := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if err != nil || y < -290000 || y > 290000 || m < 1 || m > 12 || d < 1 || d > monthDays(y, time.Month(m)) {
		return time.Time{}, false
	}
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC), true
}

// clockOf is the time since midnight, rounded to precision digits of a second.
func clockOf(hour, minute, second, frac string, precision int64) (time.Duration, bool) {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	s, _ := strconv.Atoi(second)
	if h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	c := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	return c + fractionOf(frac, precision), true
}

func fractionOf(frac string, precision int64) time.Duration {
	if frac == "" {
		return 0
	}
	up := int64(0)
	if n := int(min(precision, 9)); len(frac) > n {
		if frac[n] >= '5' {
			up = 1
		}
		frac = frac[:n]
	}
	v, _ := strconv.ParseInt("0"+frac, 10, 64)
	unit := new(big.Int).Quo(big.NewInt(1e9), pow10(len(frac))).Int64()
	return time.Duration((v + up) * unit)
}

// stamp reads a timestamp and the zone text behind it. What is not a clock is
// left to the zone, as Trino does.
func stamp(s string, precision int64) (wall time.Time, zone string, ok bool) {
	s = strings.Trim(s, blanks)
	day, rest, _ := strings.Cut(s, " ")
	sign := strings.TrimLeft(day, "+-")
	if digitRun(sign, 4) < 4 || len(day)-len(sign) > 1 {
		return wall, "", false
	}
	wall, ok, err := isoDay(day)
	if !ok || err != nil {
		return wall, "", false
	}
	h, m, sec, frac, rest := cutClock(rest)
	c, ok := clockOf(h, m, sec, frac, precision)
	return wall.Add(c), strings.TrimLeft(rest, blanks), ok
}

// cutClock takes hours and minutes, seconds and their fraction from the front.
func cutClock(s string) (hour, minute, second, frac, rest string) {
	h := digitRun(s, 2)
	if h == 0 || h == len(s) || s[h] != ':' {
		return "", "", "", "", s
	}
	m := digitRun(s[h+1:], 2)
	if m == 0 {
		return "", "", "", "", s
	}
	hour, minute, rest = s[:h], s[h+1:h+1+m], s[h+1+m:]
	if !strings.HasPrefix(rest, ":") {
		return hour, minute, "", "", rest
	}
	n := digitRun(rest[1:], 2)
	if n == 0 {
		return hour, minute, "", "", rest
	}
	second, rest = rest[1:1+n], rest[1+n:]
	if k := digitRun(strings.TrimPrefix(rest, "."), len(rest)); k > 0 && rest[0] == '.' {
		frac, rest = rest[1:1+k], rest[1+k:]
	}
	return hour, minute, second, frac, rest
}

// TextTimestamp is CAST(varchar AS timestamp(precision)); a zone in the text is
// checked and left out.
func (z *Zones) TextTimestamp(s string, precision int64) (time.Time, error) {
	t, zone, ok := stamp(s, precision)
	if !ok {
		return t, badCast("value cannot be cast to timestamp: %s", s)
	}
	if zone != "" {
		if _, err := z.castZone(zone, s); err != nil {
			return t, badCast("value cannot be cast to timestamp: %s", s)
		}
	}
	return t, nil
}

// TextTimestampZone is CAST(varchar AS timestamp(precision) with time zone).
func (z *Zones) TextTimestampZone(s string, precision int64) (Zoned, error) {
	wall, name, ok := stamp(s, precision)
	if !ok {
		return Zoned{}, badCast("value cannot be cast to timestamp with time zone: %s", s)
	}
	id := zone{"UTC", time.UTC}
	if name != "" {
		var err error
		if id, err = z.castZone(name, s); err != nil {
			return Zoned{}, err
		}
	}
	return Zoned{instantIn(wall, id.loc), id.id}, nil
}

func (z *Zones) castZone(name, s string) (zone, error) {
	id, err := z.known.get(name)
	if base.CodeOf(err) == "INVALID_FUNCTION_ARGUMENT" {
		return id, badCast("value cannot be cast to timestamp with time zone: %s", s)
	}
	return id, err
}

// TextTime is CAST(varchar AS time(precision)) as the time's text.
func TextTime(s string, precision int64) (string, error) {
	m := timeForm.FindStringSubmatch(s)
	if m == nil {
		return "", badCast("value cannot be cast to time: %s", s)
	}
	c, ok := clockOf(m[1], m[2], m[3], m[4], precision)
	if !ok {
		return "", badCast("value cannot be cast to time: %s", s)
	}
	return time.Time{}.Add(c).Format("15:04:05" + fractionForm(precision)), nil
}

func fractionForm(precision int64) string {
	if precision <= 0 {
		return ""
	}
	return "." + strings.Repeat("0", int(min(precision, 9)))
}

// TimestampText is CAST(timestamp(precision) AS varchar).
func TimestampText(t time.Time, precision int64) string {
	year := fmt.Sprintf("%04d", t.Year())
	switch {
	case t.Year() < 0:
		year = fmt.Sprintf("-%04d", -t.Year())
	case t.Year() > 9999:
		year = "+" + year
	}
	return year + t.Format("-01-02 15:04:05"+fractionForm(precision))
}

// ZonedText is CAST(timestamp(precision) with time zone AS varchar).
func (z *Zones) ZonedText(v Zoned, precision int64) (string, error) {
	wall, err := z.Wall(v.T, v.Zone)
	if err != nil {
		return "", err
	}
	return TimestampText(wall, precision) + " " + v.Zone, nil
}

// inNanos refuses moments that the engine's nanosecond timestamps cannot hold.
func inNanos(t time.Time) error {
	if t.Year() < 1678 || t.Year() > 2261 {
		return notSupported("timestamps with nanoseconds are held from 1678 to 2261, not %s", TimestampText(t, 9))
	}
	return nil
}

func timeTextDefs(z *Zones) []Def {
	return []Def{
		def1("mg_text_date", TextDate),
		def2("mg_text_time", TextTime),
		def2("mg_text_timestamp", z.TextTimestamp),
		def2("mg_text_timestamp_ns", func(s string, p int64) (Nanos, error) {
			t, err := z.TextTimestamp(s, p)
			if err == nil {
				err = inNanos(t)
			}
			return Nanos{t}, err
		}),
		def2("mg_text_timestamp_tz", z.TextTimestampZone),
		def2("mg_text_timestamp_tz_ns", func(s string, p int64) (ZonedNanos, error) {
			v, err := z.TextTimestampZone(s, p)
			if err == nil {
				err = inNanos(v.T)
			}
			return ZonedNanos(v), err
		}),
		def2("mg_timestamp_text", sure2(TimestampText)),
		def2("mg_timestamp_ns_text", func(t Nanos, p int64) (string, error) { return TimestampText(t.Time, p), nil }),
		def2("mg_timestamp_tz_text", z.ZonedText),
		def2("mg_timestamp_tz_ns_text", func(v ZonedNanos, p int64) (string, error) { return z.ZonedText(Zoned(v), p) }),
	}
}
