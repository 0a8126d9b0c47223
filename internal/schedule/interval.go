package schedule

import (
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Intervals a span can be divided into.
const (
	Daily   = "day"
	Monthly = "month"
)

// Interval is a day or a month: its first and last day, as midnights in UTC.
type Interval struct {
	Every       string
	First, Last time.Time
}

// Name identifies the interval: 2014-01-31, or 2014-01 for a month.
func (i Interval) Name() string {
	if i.Every == Monthly {
		return i.First.Format("2006-01")
	}
	return i.First.Format("2006-01-02")
}

// Begin is the interval's first moment in zone, End the first one after it.
func (i Interval) Begin(zone *time.Location) time.Time { return startOfDay(i.First, zone) }
func (i Interval) End(zone *time.Location) time.Time {
	return startOfDay(i.Last.AddDate(0, 0, 1), zone)
}

// startOfDay is the first moment of a day in zone, which need not be midnight.
func startOfDay(day time.Time, zone *time.Location) time.Time {
	t := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	if t.Day() != day.Day() || t.Hour() != 0 { // clocks skip midnight
		_, t = t.Add(-time.Hour).ZoneBounds()
	}
	return t
}

// maxIntervals bounds one span.
const maxIntervals = 4000

// Intervals divides the days from one to another, both included. Months must be
// whole: they begin on a first and end on a last day, or are written 2014-01.
func Intervals(from, to, every string) ([]Interval, error) {
	if every != Daily && every != Monthly {
		return nil, base.Errorf(base.Usage, "%q is no interval", every).WithHint("it is day or month")
	}
	first, err := day("from", from, every, false)
	if err != nil {
		return nil, err
	}
	last, err := day("to", to, every, true)
	if err != nil {
		return nil, err
	}
	if last.Before(first) {
		return nil, base.Errorf(base.Usage, "the span ends (%s) before it begins (%s)", to, from)
	}
	var out []Interval
	for d := first; !d.After(last); {
		next := d.AddDate(0, 0, 1)
		if every == Monthly {
			next = d.AddDate(0, 1, 0)
		}
		if len(out) == maxIntervals {
			return nil, base.Errorf(base.Usage, "the span has more than %d intervals", maxIntervals).WithHint("divide it, or take months")
		}
		out = append(out, Interval{every, d, next.AddDate(0, 0, -1)})
		d = next
	}
	return out, nil
}

// day reads one end of a span.
func day(which, text, every string, last bool) (time.Time, error) {
	if t, err := time.Parse("2006-01", text); err == nil && every == Monthly {
		if last {
			t = t.AddDate(0, 1, -1)
		}
		return t, nil
	}
	for _, layout := range []string{"2006-01-02", "20060102"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		edge := t
		if last {
			edge = t.AddDate(0, 0, 1)
		}
		if every == Monthly && edge.Day() != 1 {
			return t, base.Errorf(base.Usage, "--%s %s is not the edge of a month", which, text).WithHint("write a month, as --%s %s", which, t.Format("2006-01"))
		}
		return t, nil
	}
	return time.Time{}, base.Errorf(base.Usage, "--%s cannot be %q: it takes a day such as 2014-01-31", which, text)
}
