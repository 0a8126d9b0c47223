package fn

import (
	"fmt"
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
var utcNames = map[string]bool{"UTC": true, "GMT": true, "UT": true, "Z": true, "ZULU": true, "UCT": true, "GMT0": true, "GREENWICH": true, "UNIVERSAL": true,
	"ETC/UTC": true, "ETC/GMT": true, "ETC/UCT": true, "ETC/ZULU": true, "ETC/GREENWICH": true, "ETC/UNIVERSAL": true, "ETC/GMT0": true, "ETC/GMT+0": true, "ETC/GMT-0": true}

// shortNames are tz database names that Trino does not know.
var shortNames = map[string]bool{"EST": true, "MST": true, "HST": true, "ROC": true, "LOCAL": true, "": true}

func noZone(id string) error { return notSupported("time zone not supported: %s", id) }

func findZone(id string) (zone, error) {
	up := strings.ToUpper(id)
	if utcNames[up] {
		return zone{"UTC", time.UTC}, nil
	}
	if min, ok := offsetID(id); ok {
		return fixedZone(min)
	}
	for _, prefix := range []string{"ETC/GMT", "GMT", "UTC", "UT"} {
		if rest, ok := strings.CutPrefix(up, prefix); ok {
			if z, ok, err := prefixedZone(prefix, rest); ok {
				return z, err
			}
		}
	}
	if shortNames[up] || strings.Contains(id, "..") {
		return zone{}, noZone(id)
	}
	loc, err := time.LoadLocation(id)
	if err != nil {
		return zone{}, noZone(id)
	}
	return zone{id, loc}, nil
}

// prefixedZone reads "Etc/GMT+5" (which lies west) and "UTC+9", "GMT+09:00".
func prefixedZone(prefix, rest string) (zone, bool, error) {
	if len(rest) < 2 || rest[0] != '+' && rest[0] != '-' {
		return zone{}, false, nil
	}
	if prefix == "ETC/GMT" {
		h, err := strconv.Atoi(rest)
		if err != nil || h < -14 || h > 12 {
			return zone{}, false, nil
		}
		z, err := fixedZone(-h * 60)
		return z, true, err
	}
	if h, err := strconv.Atoi(rest); err == nil && len(rest) <= 3 {
		z, err := fixedZone(h * 60)
		return z, true, err
	}
	if min, ok := offsetID(rest); ok {
		z, err := fixedZone(min)
		return z, true, err
	}
	return zone{}, false, nil
}

// offsetID reads "+09:00".
func offsetID(s string) (minutes int, ok bool) {
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' || !digits(s[1:3]) || !digits(s[4:]) {
		return 0, false
	}
	minutes = int(s[1]-'0')*600 + int(s[2]-'0')*60 + int(s[4]-'0')*10 + int(s[5]-'0')
	if s[4] > '5' {
		return 0, false
	}
	if s[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

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
		return zone{}, noZone(offsetText(minutes))
	}
	return zone{offsetText(minutes), time.FixedZone(offsetText(minutes), minutes*60)}, nil
}

// ID is the zone's name as Trino spells it; an unknown one is NOT_SUPPORTED.
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
