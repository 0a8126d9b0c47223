package cron

import (
	"time"
)

const (
	firstYear = 1970
	lastYear  = 2199
)

// fields are the local times that a cron expression names.
type fields struct {
	minutes, hours, months, years set // years from firstYear
	days                          days
}

// next walks over years, months, days, hours and minutes that match and so
// takes at most a few thousand steps.
func (f *fields) next(after time.Time, zone *time.Location) (time.Time, bool) {
	from := after.In(zone)
	w := wall{year: from.Year(), month: int(from.Month()), day: from.Day(), hour: from.Hour(), minute: from.Minute()}
	if w.year < firstYear {
		w = wall{year: firstYear, month: 1, day: 1}
	}
	for ok := f.seek(&w); ok; ok = f.seek(&w) {
		if t, exists := w.in(zone); exists && t.After(after) {
			return t, true
		}
		w.minute++
	}
	return time.Time{}, false
}

// seek moves w to the first local time that matches, itself included; false if
// there is none.
func (f *fields) seek(w *wall) bool {
	for {
		if y := f.years.next(w.year - firstYear); y < 0 {
			return false
		} else if y+firstYear != w.year {
			*w = wall{year: y + firstYear, month: 1, day: 1}
		}
		if m := f.months.next(w.month); m < 0 {
			*w = wall{year: w.year + 1, month: 1, day: 1}
			continue
		} else if m != w.month {
			*w = wall{year: w.year, month: m, day: 1}
		}
		match := f.days.of(w.year, w.month)
		if d := match.next(w.day); d < 0 {
			*w = wall{year: w.year, month: w.month + 1, day: 1}
			continue
		} else if d != w.day {
			*w = wall{year: w.year, month: w.month, day: d}
		}
		if h := f.hours.next(w.hour); h < 0 {
			*w = wall{year: w.year, month: w.month, day: w.day + 1}
			continue
		} else if h != w.hour {
			w.hour, w.minute = h, 0
		}
		if m := f.minutes.next(w.minute); m >= 0 {
			w.minute = m
			return true
		}
		w.hour, w.minute = w.hour+1, 0
	}
}

// days are the days of a month that an expression names.
type days struct {
	month, week set // days of the month 1 to 31; of the week, 0 is Sunday
	// fromLast counts back from the month's last day (L, L-3); -1 if unused.
	fromLast int
	// weekday moves the one day of month to the nearest Monday to Friday (W).
	weekday bool
	// nth picks the first to fifth of the one day of week in the month (#);
	// lastWeek the last one (L).
	nth      int
	lastWeek bool
	// either says that a day of one field alone will do (Unix).
	either bool
}

// of is the set of days that match in one month.
func (d *days) of(year, month int) set {
	length := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	first := int(time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Weekday())
	inMonth := d.ofMonth(first, length)
	var out set
	for day := 1; day <= length; day++ {
		week := d.ofWeek(first, length, day)
		if m := inMonth.has(day); m && week || d.either && (m || week) {
			out.add(day)
		}
	}
	return out
}

// ofMonth is what the day-of-month field names in a month that begins on the
// weekday first.
func (d *days) ofMonth(first, length int) set {
	if d.fromLast < 0 && !d.weekday {
		return d.month
	}
	day := d.month.next(1)
	if d.fromLast >= 0 {
		day = length - d.fromLast
	}
	var out set
	if day < 1 || day > length {
		return out
	}
	if d.weekday {
		day = nearestWeekday(first, length, day)
	}
	out.add(day)
	return out
}

// nearestWeekday is day itself or the nearest Monday to Friday in the same month.
func nearestWeekday(first, length, day int) int {
	switch time.Weekday((first + day - 1) % 7) {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == length {
			return day - 2
		}
		return day + 1
	}
	return day
}

func (d *days) ofWeek(first, length, day int) bool {
	switch {
	case !d.week.has((first + day - 1) % 7):
		return false
	case d.lastWeek:
		return day+7 > length
	case d.nth > 0:
		return (day+6)/7 == d.nth
	}
	return true
}
