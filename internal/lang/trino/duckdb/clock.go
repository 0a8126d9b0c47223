package duckdb

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	dateForm  = regexp.MustCompile(`^([+-]?\d{4,})-(\d{1,2})-(\d{1,2})$`)
	stampForm = regexp.MustCompile(`^([+-]?\d{4,})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?(?:\s*(\S.*))?$`)
	timeForm  = regexp.MustCompile(`^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?\s*([+-]\d{2}:?\d{2})?$`)
	offForm   = regexp.MustCompile(`^(?:UTC|GMT|Z)?([+-])(\d{1,2}):?(\d{2})?$`)
)

// parseDate reads a date literal's text.
func parseDate(s string) (time.Time, bool) {
	m := dateForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return time.Time{}, false
	}
	return day(m[1], m[2], m[3])
}

func day(y, m, d string) (time.Time, bool) {
	yi, err := strconv.Atoi(y)
	mi, _ := strconv.Atoi(m)
	di, _ := strconv.Atoi(d)
	t := time.Date(yi, time.Month(mi), di, 0, 0, 0, 0, time.UTC)
	return t, err == nil && yi >= -290000 && yi <= 290000 && t.Day() == di && int(t.Month()) == mi
}

// stamp is a timestamp literal: UTC is the instant, or the wall time if Zone is empty.
type stamp struct {
	UTC    time.Time
	Digits int
	Zone   string
}

// parseStamp reads a timestamp literal's text, its zone included.
func parseStamp(s string) (stamp, bool) {
	m := stampForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return stamp{}, false
	}
	d, ok := day(m[1], m[2], m[3])
	n, ok2 := nanos(m[4], m[5], m[6], m[7])
	if !ok || !ok2 {
		return stamp{}, false
	}
	out := stamp{UTC: d.Add(n), Digits: len(m[7])}
	if m[8] == "" {
		return out, true
	}
	loc, name, ok := location(m[8])
	if !ok {
		return stamp{}, false
	}
	wall := out.UTC
	out.UTC, out.Zone = instantOf(wall, loc), name
	_, offset := out.UTC.In(loc).Zone()
	return out, out.UTC.Add(time.Duration(offset) * time.Second).Equal(wall) // a time in a gap is none
}

// instantOf is when a clock in the zone shows wall. In a gap the clock counts on
// with the offset before it; of two instants the earlier is meant (Java's rule).
func instantOf(wall time.Time, loc *time.Location) time.Time {
	offset := func(t time.Time) time.Duration {
		_, s := t.In(loc).Zone()
		return time.Duration(s) * time.Second
	}
	before, after := offset(wall.Add(-36*time.Hour)), offset(wall.Add(36*time.Hour))
	early := wall.Add(-before)
	if late := wall.Add(-after); offset(early) != before && offset(late) == after {
		return late
	}
	return early
}

func nanos(h, m, s, frac string) (time.Duration, bool) {
	hi, _ := strconv.Atoi("0" + h)
	mi, _ := strconv.Atoi("0" + m)
	si, _ := strconv.Atoi("0" + s)
	if hi > 23 || mi > 59 || si > 59 {
		return 0, false
	}
	ns, _ := strconv.Atoi((frac + "000000000")[:9])
	return time.Duration(hi)*time.Hour + time.Duration(mi)*time.Minute + time.Duration(si)*time.Second + time.Duration(ns), true
}

// location finds a zone by its name or offset and gives Trino's name for it.
func location(s string) (*time.Location, string, bool) {
	switch strings.ToUpper(s) {
	case "UTC", "Z", "GMT", "+00:00", "-00:00", "UT":
		return time.UTC, "UTC", true
	}
	if m := offForm.FindStringSubmatch(strings.ToUpper(s)); m != nil {
		h, _ := strconv.Atoi(m[2])
		mi, _ := strconv.Atoi("0" + m[3])
		if h > 14 || mi > 59 {
			return nil, "", false
		}
		sec := h*3600 + mi*60
		if m[1] == "-" {
			sec = -sec
		}
		return time.FixedZone("", sec), fmt.Sprintf("%s%02d:%02d", m[1], h, mi), true
	}
	if unknownZone.MatchString(s) || !strings.Contains(s, "/") && !zoneWord.MatchString(s) {
		return nil, "", false
	}
	loc, err := time.LoadLocation(s)
	return loc, s, err == nil
}

// unknownZone are names of the tz database that Trino does not know.
var unknownZone = regexp.MustCompile(`^(EST|MST|HST|ROC)$`)

var zoneWord = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]+$`)

// parseTime reads a time literal's text: microseconds of the day, digits, offset.
func parseTime(s string) (micros int64, digits int, offset string, ok bool) {
	m := timeForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, "", false
	}
	n, ok := nanos(m[1], m[2], m[3], m[4])
	return n.Microseconds(), len(m[4]), m[5], ok
}
