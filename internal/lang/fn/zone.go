package fn

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones do not depend on the machine
)

// Zones is the set of functions that know time zones. Zone ids are Trino's:
// "UTC", "+09:00" (whole minutes up to 14 hours), or a tz database name.
type Zones struct{ known *cache[zone] }

type zone struct {
	id  string // as Trino spells it
	loc *time.Location
}

// NewZones returns a set with an empty cache. Safe for concurrent use.
func NewZones() *Zones { return &Zones{newCache(findZone)} }

// utcNames are the names Trino folds into "UTC".
var utcNames = map[string]bool{"UTC": true, "GMT": true, "UT": true, "Z": true, "Zulu": true, "UCT": true, "GMT0": true, "Greenwich": true, "Universal": true,
	"Etc/UTC": true, "Etc/GMT": true, "Etc/UCT": true, "Etc/Zulu": true, "Etc/Greenwich": true, "Etc/Universal": true, "Etc/GMT0": true, "Etc/GMT+0": true, "Etc/GMT-0": true}

// shortNames are tz database names that Trino does not know.
var shortNames = map[string]bool{"EST": true, "MST": true, "HST": true, "ROC": true, "Local": true}

func noZone(id string) error { return invalid("'%s' is not a valid time zone", id) }

func findZone(id string) (zone, error) {
	if utcNames[id] {
		return zone{"UTC", time.UTC}, nil
	}
	if min, ok := offsetMinutes(id); ok {
		return fixedZone(min)
	}
	for _, prefix := range []string{"Etc/GMT", "GMT", "UTC", "UT"} {
		rest, ok := strings.CutPrefix(id, prefix)
		if min, offset := offsetMinutes(rest); ok && offset {
			if prefix == "Etc/GMT" { // which counts westwards
				min = -min
			}
			return fixedZone(min)
		}
	}
	if id == "" || id[0] < 'A' || id[0] > 'Z' || shortNames[id] || strings.Contains(id, "..") {
		return zone{}, noZone(id)
	}
	loc, err := time.LoadLocation(id)
	if err != nil {
		return zone{}, noZone(id)
	}
	return zone{id, loc}, nil
}

var offsetForm = regexp.MustCompile(`^([+-])(\d{1,2})(?::?(\d{2}))?$`)

// offsetMinutes reads "+09:00", "+0900", "+09", "+9".
func offsetMinutes(s string) (int, bool) {
	m := offsetForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	h, _ := strconv.Atoi(m[2])
	min, _ := strconv.Atoi("0" + m[3])
	if min += h * 60; m[1] == "-" {
		min = -min
	}
	return min, m[3] < "60"
}

func digits(s string) bool { return s != "" && digitRun(s, len(s)) == len(s) }

// offsetText is "+09:00".
func offsetText(minutes int) string {
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d:%02d", sign, minutes/60, minutes%60)
}

func fixedZone(minutes int) (zone, error) {
	if minutes == 0 {
		return zone{"UTC", time.UTC}, nil
	}
	if minutes < -14*60 || minutes > 14*60 {
		return zone{}, notSupported("time zone not supported: %s", offsetText(minutes))
	}
	return zone{offsetText(minutes), time.FixedZone(offsetText(minutes), minutes*60)}, nil
}

// ID is the zone's name as Trino spells it; an unknown one is INVALID_FUNCTION_ARGUMENT.
func (z *Zones) ID(id string) (string, error) {
	f, err := z.known.get(id)
	return f.id, err
}

// Wall is what a clock in the zone shows at an instant, as a time in UTC.
func (z *Zones) Wall(t time.Time, id string) (time.Time, error) {
	f, err := z.known.get(id)
	if err != nil {
		return t, err
	}
	_, off := t.In(f.loc).Zone()
	return t.Add(time.Duration(off) * time.Second), nil
}

// Instant is when a clock in the zone shows wall. In a gap the clock counts on
// with the offset before it; of two instants the earlier is meant (Java's rule).
func (z *Zones) Instant(wall time.Time, id string) (time.Time, error) {
	f, err := z.known.get(id)
	if err != nil {
		return wall, err
	}
	return instantIn(wall, f.loc), nil
}

func instantIn(wall time.Time, loc *time.Location) time.Time {
	before := offsetAt(wall.Add(-36*time.Hour), loc)
	after := offsetAt(wall.Add(36*time.Hour), loc)
	t := wall.Add(-time.Duration(before) * time.Second)
	if before == after || offsetAt(t, loc) == before {
		return t
	}
	u := wall.Add(-time.Duration(after) * time.Second)
	if offsetAt(u, loc) == after {
		return u
	}
	return t
}

func offsetAt(t time.Time, loc *time.Location) int {
	_, off := t.In(loc).Zone()
	return off
}

// OffsetMinutes is the zone's distance from UTC at an instant.
func (z *Zones) OffsetMinutes(t time.Time, id string) (int64, error) {
	f, err := z.known.get(id)
	if err != nil {
		return 0, err
	}
	return int64(offsetAt(t, f.loc) / 60), nil
}
