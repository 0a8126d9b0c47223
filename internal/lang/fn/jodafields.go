package fn

import (
	"slices"
	"time"
)

// local is the moment as a wall clock that counts in UTC.
func (p parsed) local() (time.Time, error) {
	if t, ok := p.plain(); ok {
		return t, nil
	}
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

// plain is local for a year with month, day and clock, each given once and in
// its range.
func (p parsed) plain() (time.Time, bool) {
	v := [fieldCount]int{fMonth: 1, fDay: 1}
	seen := 0
	for _, s := range p.fields {
		switch s.f {
		case fYear, fMonth, fDay, fHour, fMinute, fSecond, fMillis:
		default:
			return time.Time{}, false
		}
		if seen&(1<<s.f) != 0 || s.v < 0 {
			return time.Time{}, false
		}
		seen |= 1 << s.f
		v[s.f] = s.v
	}
	if seen&(1<<fYear) == 0 || v[fYear] > 9999 || v[fMonth] < 1 || v[fMonth] > 12 || v[fDay] < 1 || v[fHour] > 23 || v[fMinute] > 59 || v[fSecond] > 59 {
		return time.Time{}, false
	}
	if v[fDay] > 28 && v[fDay] > monthDays(v[fYear], time.Month(v[fMonth])) {
		return time.Time{}, false
	}
	return time.Date(v[fYear], time.Month(v[fMonth]), v[fDay], v[fHour], v[fMinute], v[fSecond], v[fMillis]*1e6, time.UTC), true
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
