package cron

import (
	"time"
)

// Kind is the form of an expression.
type Kind int

const (
	// Cron fires at the local times its fields name.
	Cron Kind = iota
	// Rate fires at a fixed distance from one fire to the next.
	Rate
	// At fires once.
	At
)

// Expression is a parsed schedule expression. It does not change and is safe
// for concurrent use.
type Expression struct {
	Kind Kind
	// Text is the expression as it was written.
	Text string
	// Zone is what CRON_TZ= or TZ= says, nil if neither is there.
	Zone *time.Location
	// Period is the distance of a Rate's fires.
	Period time.Duration

	at     wall
	fields fields
}

// wall is a local time without a zone.
type wall struct{ year, month, day, hour, minute, second int }

// Next is the first fire later than after, in UTC; false if there is none up to
// the end of 2199. Local times are those of e.Zone, else of zone. A Rate fires
// at anchor and at each whole number of periods after it; the other kinds take
// no notice of anchor.
func (e *Expression) Next(after time.Time, zone *time.Location, anchor time.Time) (time.Time, bool) {
	if e.Zone != nil {
		zone = e.Zone
	}
	switch e.Kind {
	case Rate:
		return e.nextOfRate(after, anchor)
	case At:
		t, ok := e.at.in(zone)
		return t, ok && t.After(after)
	}
	return e.fields.next(after, zone)
}

func (e *Expression) nextOfRate(after, anchor time.Time) (time.Time, bool) {
	next := anchor
	if !anchor.After(after) {
		// Whole seconds first: a Duration holds 292 years only.
		period := int64(e.Period / time.Second)
		n := (after.Unix() - anchor.Unix()) / period
		next = time.Unix(anchor.Unix()+n*period, int64(anchor.Nanosecond()))
		for !next.After(after) {
			next = next.Add(e.Period)
		}
	}
	return next.UTC(), next.UTC().Year() <= lastYear
}

// in is the first moment at which clocks in zone show w, in UTC; false if they
// never do.
func (w wall) in(zone *time.Location) (time.Time, bool) {
	t := time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, w.second, 0, zone)
	if t.Day() != w.day || t.Hour() != w.hour || t.Minute() != w.minute || t.Second() != w.second {
		return time.Time{}, false
	}
	if start, _ := t.ZoneBounds(); !start.IsZero() {
		_, now := t.Zone()
		_, before := start.Add(-1).Zone()
		if first := t.Add(time.Duration(now-before) * time.Second); first.Before(start) {
			t = first // repeated, and this was the second time
		}
	}
	return t.UTC(), true
}
