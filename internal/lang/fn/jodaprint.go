package fn

import (
	"strconv"
	"strings"
	"time"
)

// print shows the wall clock t, which counts in UTC; zone is empty where the
// value has none.
func (l layout) print(z *Zones, t time.Time, zone string) (string, error) {
	// Joda's moments are whole milliseconds.
	t = t.Add(500 * time.Microsecond).Truncate(time.Millisecond)
	var b strings.Builder
	for i := range l.steps {
		if err := l.steps[i].print(&b, z, t, zone); err != nil {
			return "", err
		}
	}
	return b.String(), checkSize(b.Len())
}

func (s *step) print(b *strings.Builder, z *Zones, t time.Time, zone string) error {
	switch s.kind {
	case kLiteral:
		b.WriteString(s.text)
	case kNumber:
		pad(b, s.field.of(t), s.min)
	case kTwoDigit:
		y := s.field.of(t)
		pad(b, max(y, -y)%100, 2)
	case kShort, kLong:
		list, first := names(s.field)
		name := list[s.field.of(t)-first]
		if s.kind == kShort {
			name = shortName(name)
		}
		b.WriteString(name)
	case kFraction:
		b.WriteString(fraction(t, s.min))
	default:
		return s.printZone(b, z, t, zone)
	}
	return nil
}

// fraction is the milliseconds as n digits, cut or filled with zeros.
func fraction(t time.Time, n int) string {
	ms := strconv.Itoa(1000 + t.Nanosecond()/1e6)[1:]
	if n <= 3 {
		return ms[:n]
	}
	return ms + strings.Repeat("0", n-3)
}

func pad(b *strings.Builder, v, width int) {
	if v < 0 {
		b.WriteByte('-')
		v = -v
	}
	s := strconv.Itoa(v)
	for n := len(s); n < width; n++ {
		b.WriteByte('0')
	}
	b.WriteString(s)
}

func (s *step) printZone(b *strings.Builder, z *Zones, wall time.Time, zone string) error {
	id, err := z.known.get(zone)
	if err != nil {
		return err
	}
	at := instantIn(wall, id.loc)
	off := offsetAt(at, id.loc) / 60
	switch s.kind {
	case kOffset:
		b.WriteString(strings.ReplaceAll(offsetText(off), ":", ""))
	case kOffsetColon:
		b.WriteString(offsetText(off))
	case kZoneID:
		b.WriteString(id.id)
	default:
		return zoneName(b, s.kind, at, id)
	}
	return nil
}

// zoneName prints "KST". Names in full, and of zones that have only a number,
// come from Java's locale data, which is not here.
func zoneName(b *strings.Builder, kind stepKind, at time.Time, id zone) error {
	_, fixed := offsetMinutes(id.id)
	if fixed || id.id == "UTC" && kind == kZoneShort {
		b.WriteString(id.id)
		return nil
	}
	short := at.In(id.loc).Format("MST")
	if kind == kZoneLong {
		if id.id == "UTC" {
			b.WriteString("Coordinated Universal Time")
			return nil
		}
		return notSupported("the name of time zone %s in full", id.id)
	}
	if short[0] == '+' || short[0] == '-' {
		return notSupported("the short name of time zone %s", id.id)
	}
	b.WriteString(short)
	return nil
}

// of is the field's value at t.
func (f field) of(t time.Time) int {
	switch f {
	case fEra:
		if t.Year() > 0 {
			return 1
		}
		return 0
	case fYear:
		return t.Year()
	case fYearOfEra:
		if y := t.Year(); y <= 0 {
			return 1 - y
		}
		return t.Year()
	case fCentury:
		return fYearOfEra.of(t) / 100
	case fWeekyear:
		y, _ := t.ISOWeek()
		return y
	case fWeek:
		_, w := t.ISOWeek()
		return w
	case fMonth:
		return int(t.Month())
	case fDayOfYear:
		return t.YearDay()
	case fDay:
		return t.Day()
	case fDayOfWeek:
		return (int(t.Weekday())+6)%7 + 1
	}
	return f.ofClock(t)
}

func (f field) ofClock(t time.Time) int {
	h := t.Hour()
	switch f {
	case fHalfday:
		return h / 12
	case fHour:
		return h
	case fClockhour:
		return (h+23)%24 + 1
	case fHourOfHalfday:
		return h % 12
	case fClockhourOfHalfday:
		return (h+11)%12 + 1
	case fMinute:
		return t.Minute()
	case fSecond:
		return t.Second()
	}
	return t.Nanosecond() / 1e6
}
