package fn

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// parsed is what a text said, before it becomes a moment.
type parsed struct {
	fields []setting
	zone   string // empty: none was named
}

type setting struct {
	f field
	v int
}

// parse reads all of text. pivot is the year around which two digits are meant:
// 50 years before it to 49 after.
func (l layout) parse(text string, pivot int) (parsed, error) {
	var p parsed
	at := 0
	for i := range l.steps {
		n, ok := l.steps[i].parse(&p, text[at:], pivot)
		if !ok {
			return p, malformed(text, at+n)
		}
		at += n
	}
	if at < len(text) {
		return p, malformed(text, at)
	}
	return p, nil
}

func malformed(text string, at int) error {
	switch {
	case at >= len(text) && text != "":
		return invalid("invalid format: %q is too short", text)
	case at == 0:
		return invalid("invalid format: %q", text)
	}
	return invalid("invalid format: %q is malformed at %q", text, text[at:])
}

// parse takes a prefix of s; if it does not fit, n is where it stopped to.
func (st *step) parse(p *parsed, s string, pivot int) (n int, ok bool) {
	switch st.kind {
	case kLiteral:
		if len(s) < len(st.text) || !strings.EqualFold(s[:len(st.text)], st.text) {
			return 0, false
		}
		return len(st.text), true
	case kNumber:
		v, n, ok := readNumber(s, st.max, st.signed)
		p.add(st.field, v)
		return n, ok
	case kTwoDigit:
		v, n, ok := readTwoDigit(s, st.lenient, pivot)
		p.add(st.field, v)
		return n, ok
	case kShort, kLong:
		return st.parseName(p, s)
	case kFraction:
		n := digitRun(s, st.max)
		v := 0
		for i := range 3 {
			v *= 10
			if i < n {
				v += int(s[i] - '0')
			}
		}
		p.add(fMillis, v)
		return n, n > 0
	}
	return st.parseZone(p, s)
}

func (p *parsed) add(f field, v int) { p.fields = append(p.fields, setting{f, v}) }

func digitRun(s string, most int) int {
	n := 0
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func readNumber(s string, most int, signed bool) (v, n int, ok bool) {
	sign := 0
	if signed && len(s) > 1 && (s[0] == '-' || s[0] == '+') {
		sign = 1
	}
	n = digitRun(s[sign:], most)
	if n == 0 {
		return 0, 0, false
	}
	for _, c := range []byte(s[sign : sign+n]) {
		v = v*10 + int(c-'0')
	}
	if sign == 1 && s[0] == '-' {
		v = -v
	}
	return v, sign + n, true
}

func readTwoDigit(s string, lenient bool, pivot int) (v, n int, ok bool) {
	if lenient {
		if v, n, ok = readNumber(s, 9, true); !ok || n != 2 || s[0] < '0' {
			return v, n, ok
		}
	} else if n = digitRun(s, 2); n < 2 {
		return 0, 0, false
	}
	v = int(s[0]-'0')*10 + int(s[1]-'0')
	low := pivot - 50
	if v += low - low%100; v < low {
		v += 100
	}
	return v, 2, true
}

// parseName takes the longest name, in its own case or all upper or lower.
func (st *step) parseName(p *parsed, s string) (int, bool) {
	list, first := names(st.field)
	best, value := 0, 0
	for i, name := range list {
		for _, form := range [2]string{name, shortName(name)} {
			if len(form) > best && startsInCase(s, form) {
				best, value = len(form), i+first
			}
		}
	}
	p.add(st.field, value)
	return best, best > 0
}

func startsInCase(s, name string) bool {
	if len(s) < len(name) {
		return false
	}
	s = s[:len(name)]
	return s == name || s == strings.ToLower(name) || s == strings.ToUpper(name)
}

var zoneShorts = []struct{ short, id string }{{"UTC", "UTC"}, {"GMT", "UTC"}, {"EST", "America/New_York"}, {"EDT", "America/New_York"}, {"CST", "America/Chicago"},
	{"CDT", "America/Chicago"}, {"MST", "America/Denver"}, {"MDT", "America/Denver"}, {"PST", "America/Los_Angeles"}, {"PDT", "America/Los_Angeles"}, {"UT", "UTC"}}

func (st *step) parseZone(p *parsed, s string) (int, bool) {
	switch st.kind {
	case kZoneShort:
		for _, z := range zoneShorts {
			if strings.HasPrefix(s, z.short) {
				p.zone = z.id
				return len(z.short), true
			}
		}
		return 0, false
	case kZoneID:
		return p.parseZoneID(s)
	case kOffset, kOffsetColon:
		return p.parseOffset(s)
	}
	return 0, false
}

// parseZoneID takes the longest prefix that is a name of the tz database.
func (p *parsed) parseZoneID(s string) (int, bool) {
	n := 0
	for n < len(s) && n < 40 && (isLetter(s[n]) || s[n] >= '0' && s[n] <= '9' || strings.IndexByte("+-_/", s[n]) >= 0) {
		n++
	}
	for ; n > 1; n-- {
		if !isLetter(s[0]) || s[:n] == "Local" {
			break
		}
		if _, err := time.LoadLocation(s[:n]); err == nil {
			p.zone = s[:n]
			return n, true
		}
	}
	return 0, false
}

// parseOffset reads "Z", "+09", "+0900", "+09:00".
func (p *parsed) parseOffset(s string) (int, bool) {
	if s != "" && (s[0] == 'Z' || s[0] == 'z') {
		p.zone = "UTC"
		return 1, true
	}
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	if digitRun(s[1:], 2) < 2 || s[1:3] > "23" {
		return 1, false
	}
	at, colon, minutes := 3, false, "00"
	if at < len(s) && s[at] == ':' {
		colon = true
		at++
	}
	switch digitRun(s[at:], 2) {
	case 2:
		minutes = s[at : at+2]
		at += 2
	case 1:
		return at, false
	default:
		if colon {
			return at, false
		}
	}
	if minutes > "59" {
		return at - 2, false
	}
	p.zone = s[:3] + ":" + minutes
	return p.offsetSeconds(s, at, colon)
}

// offsetSeconds reads what may follow the minutes; such an offset parses but no
// zone has it, which ID then says.
func (p *parsed) offsetSeconds(s string, at int, colon bool) (int, bool) {
	from := at
	if colon {
		if from >= len(s) || s[from] != ':' {
			return at, true
		}
		from++
	}
	switch n := digitRun(s[from:], 2); {
	case n == 2:
		p.zone += ":" + s[from:from+2]
		return from + 2, true
	case n == 0 && !colon:
		return at, true
	}
	return from, false
}

const dayMillis = 86400000

// local is the moment as a wall clock that counts in UTC.
func (p parsed) local() (time.Time, error) {
	fields := slices.Clone(p.fields)
	slices.SortStableFunc(fields, func(a, b setting) int { return applyOrder[a.f] - applyOrder[b.f] })
	// A date without a year is in the leap year 2000.
	if len(fields) > 0 && fields[0].f >= fMonth && fields[0].f <= fDayOfWeek {
		fields = slices.Insert(fields, 0, setting{fYear, 2000})
	}
	t := time.UnixMilli(0).UTC()
	for pass := range 2 {
		for i, s := range fields {
			var err error
			if t, err = s.f.set(t, s.v); err != nil {
				return t, err
			}
			if pass == 0 || i == len(fields)-1 {
				t = s.f.floor(t)
			}
		}
	}
	return t, nil
}

// limits are the least and greatest value a field takes in t's year and month.
func (f field) limits(t time.Time) (lo, hi int) {
	switch f {
	case fEra, fHalfday:
		return 0, 1
	case fCentury:
		return 0, 2900
	case fYearOfEra:
		return 1, 290000
	case fMonth:
		return 1, 12
	case fWeek:
		return 1, weeksIn(fWeekyear.of(t))
	case fDayOfYear:
		return 1, time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	case fDay:
		return 1, monthDays(t.Year(), t.Month())
	case fDayOfWeek:
		return 1, 7
	case fHour:
		return 0, 23
	case fClockhour:
		return 1, 24
	case fHourOfHalfday:
		return 0, 11
	case fClockhourOfHalfday:
		return 1, 12
	case fMinute, fSecond:
		return 0, 59
	case fMillis:
		return 0, 999
	}
	return -290000, 290000
}

func weeksIn(year int) int {
	_, w := time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC).ISOWeek()
	return w
}

func monthDays(year int, m time.Month) int {
	return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

var fieldNames = [fieldCount]string{"era", "year", "weekyear", "centuryOfEra", "yearOfEra", "monthOfYear", "weekOfWeekyear", "dayOfYear", "dayOfMonth", "dayOfWeek",
	"halfdayOfDay", "hourOfDay", "clockhourOfDay", "hourOfHalfday", "clockhourOfHalfday", "minuteOfHour", "secondOfMinute", "millisOfSecond"}

func (f field) set(t time.Time, v int) (time.Time, error) {
	if lo, hi := f.limits(t); v < lo || v > hi {
		return t, invalid("value %d for %s must be in the range [%d,%d]", v, fieldNames[f], lo, hi)
	}
	switch f {
	case fEra:
		if (v == 1) != (t.Year() > 0) {
			return yearOf(t, 1-t.Year()), nil
		}
		return t, nil
	case fYear:
		return yearOf(t, v), nil
	case fYearOfEra:
		if t.Year() <= 0 {
			v = 1 - v
		}
		return yearOf(t, v), nil
	case fCentury:
		return fYearOfEra.set(t, v*100+fYearOfEra.of(t)%100)
	case fWeekyear:
		week := min(fWeek.of(t), weeksIn(v))
		return weekStart(v).AddDate(0, 0, (week-1)*7+fDayOfWeek.of(t)-1).Add(clock(t)), nil
	case fMonth:
		d := min(t.Day(), monthDays(t.Year(), time.Month(v)))
		return time.Date(t.Year(), time.Month(v), d, 0, 0, 0, 0, time.UTC).Add(clock(t)), nil
	case fWeek:
		return t.AddDate(0, 0, (v-fWeek.of(t))*7), nil
	case fDayOfYear, fDay, fDayOfWeek:
		return t.AddDate(0, 0, v-f.of(t)), nil
	}
	switch f {
	case fClockhour:
		f, v = fHour, v%24
	case fClockhourOfHalfday:
		f, v = fHourOfHalfday, v%12
	}
	return t.Add(time.Duration(v-f.of(t)) * f.clockUnit()), nil
}

// yearOf keeps the day of the year, counting a leap day out and in.
func yearOf(t time.Time, year int) time.Time {
	m, d := t.Month(), t.Day()
	if m == 2 && d == 29 {
		d = monthDays(year, 2)
	}
	return time.Date(year, m, d, 0, 0, 0, 0, time.UTC).Add(clock(t))
}

func weekStart(weekyear int) time.Time {
	t := time.Date(weekyear, 1, 4, 0, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, 1-fDayOfWeek.of(t))
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func clock(t time.Time) time.Duration { return t.Sub(midnight(t)) }

func (f field) clockUnit() time.Duration {
	switch f {
	case fHalfday:
		return 12 * time.Hour
	case fMinute:
		return time.Minute
	case fSecond:
		return time.Second
	case fMillis:
		return time.Millisecond
	}
	return time.Hour
}

// floor clears what is smaller than the field.
func (f field) floor(t time.Time) time.Time {
	switch f {
	case fEra:
		if t.Year() > 0 {
			return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return time.Date(-9999, 1, 1, 0, 0, 0, 0, time.UTC)
	case fCentury:
		return time.Date(t.Year()-((t.Year()%100+100)%100), 1, 1, 0, 0, 0, 0, time.UTC)
	case fYear, fYearOfEra:
		return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	case fWeekyear:
		return weekStart(fWeekyear.of(t))
	case fMonth:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case fWeek:
		return midnight(t).AddDate(0, 0, 1-fDayOfWeek.of(t))
	case fDayOfYear, fDay, fDayOfWeek:
		return midnight(t)
	}
	c := clock(t)
	return midnight(t).Add(c - c%f.clockUnit())
}

func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
