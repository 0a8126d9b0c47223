package external

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// datePattern is a Java date pattern such as yyyy/MM/dd/HH, cut into fields and
// the text between them.
type datePattern []patternPart

type patternPart struct {
	field byte // y M d H m s S; 0 for literal text
	width int
	text  string
}

// finest orders the fields from coarse to fine.
const finest = "yMdHmsS"

func parseDatePattern(s string) (datePattern, error) {
	var out datePattern
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\'':
			text, n, ok := quotedLiteral(s[i:])
			if !ok {
				return nil, fmt.Errorf("the quote in %q is never closed", s)
			}
			out = append(out, patternPart{text: text})
			i += n
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := 1
			for i+n < len(s) && s[i+n] == c {
				n++
			}
			f := c
			if c == 'u' {
				f = 'y'
			}
			if strings.IndexByte(finest, f) < 0 || n > 9 || f == 'y' && n == 3 || f == 'M' && n > 4 || strings.IndexByte("dHms", f) >= 0 && n > 2 {
				return nil, fmt.Errorf("%q in %q is not supported, only y M d H m s S", s[i:i+n], s)
			}
			out = append(out, patternPart{field: f, width: n})
			i += n
		default:
			out = append(out, patternPart{text: s[i : i+1]})
			i++
		}
	}
	if out.precision() == 0 {
		return nil, fmt.Errorf("%q has no date in it", s)
	}
	return out, nil
}

// quotedLiteral reads '...' at the start of s; two quotes are one.
func quotedLiteral(s string) (text string, n int, ok bool) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, true
	}
	end := strings.IndexByte(s[1:], '\'')
	if end < 0 {
		return "", 0, false
	}
	return s[1 : 1+end], end + 2, true
}

// precision is the finest field, 0 if there is none.
func (p datePattern) precision() byte {
	best, at := byte(0), -1
	for _, part := range p {
		if i := strings.IndexByte(finest, part.field); part.field != 0 && i > at {
			best, at = part.field, i
		}
	}
	return best
}

func (p datePattern) format(t time.Time) string {
	var b strings.Builder
	for _, part := range p {
		switch part.field {
		case 0:
			b.WriteString(part.text)
		case 'y':
			if part.width == 2 {
				fmt.Fprintf(&b, "%02d", t.Year()%100)
			} else {
				fmt.Fprintf(&b, "%0*d", part.width, t.Year())
			}
		case 'M':
			switch part.width {
			case 4:
				b.WriteString(t.Month().String())
			case 3:
				b.WriteString(t.Month().String()[:3])
			default:
				fmt.Fprintf(&b, "%0*d", part.width, int(t.Month()))
			}
		case 'd':
			fmt.Fprintf(&b, "%0*d", part.width, t.Day())
		case 'H':
			fmt.Fprintf(&b, "%0*d", part.width, t.Hour())
		case 'm':
			fmt.Fprintf(&b, "%0*d", part.width, t.Minute())
		case 's':
			fmt.Fprintf(&b, "%0*d", part.width, t.Second())
		case 'S':
			b.WriteString(fmt.Sprintf("%09d", t.Nanosecond())[:part.width])
		}
	}
	return b.String()
}

// parse reads a date in UTC; fields the pattern lacks are the first of their kind.
func (p datePattern) parse(s string) (time.Time, error) {
	rest := s
	v := map[byte]int{'y': 1970, 'M': 1, 'd': 1}
	for i, part := range p {
		if part.field == 0 {
			if !strings.HasPrefix(rest, part.text) {
				return time.Time{}, fmt.Errorf("%q does not fit the format", s)
			}
			rest = rest[len(part.text):]
			continue
		}
		fixed := i+1 < len(p) && p[i+1].field != 0
		n, used, ok := part.read(rest, fixed)
		if !ok {
			return time.Time{}, fmt.Errorf("%q does not fit the format", s)
		}
		v[part.field], rest = n, rest[used:]
	}
	t := time.Date(v['y'], time.Month(v['M']), v['d'], v['H'], v['m'], v['s'], v['S'], time.UTC)
	if rest != "" || v['y'] > 9999 || int(t.Month()) != v['M'] || t.Day() != v['d'] || t.Hour() != v['H'] || t.Minute() != v['m'] || t.Second() != v['s'] {
		return time.Time{}, fmt.Errorf("%q does not fit the format", s)
	}
	return t, nil
}

// read takes the field's digits, exactly its width if another field follows.
func (part patternPart) read(s string, fixed bool) (n, used int, ok bool) {
	if part.field == 'M' && part.width > 2 {
		for m := time.January; m <= time.December; m++ {
			name := m.String()
			if part.width == 3 {
				name = name[:3]
			}
			if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
				return int(m), len(name), true
			}
		}
		return 0, 0, false
	}
	limit := max(part.width, 2)
	if part.field == 'y' && part.width != 2 {
		limit = max(part.width, 4)
	}
	if fixed || part.field == 'S' {
		limit = part.width
	}
	for used < len(s) && used < limit && s[used] >= '0' && s[used] <= '9' {
		used++
	}
	if used < part.width {
		return 0, 0, false
	}
	n, err := strconv.Atoi(s[:used])
	switch {
	case part.field == 'y' && part.width == 2:
		n += 2000
	case part.field == 'S':
		for range 9 - part.width {
			n *= 10
		}
	}
	return n, used, err == nil
}

// moment reads a bound of a date range: a date in the pattern, or NOW with a
// distance such as NOW-3YEARS, NOW+1DAY. It is cut to what the pattern shows.
func (p datePattern) moment(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	rest, isNow := strings.CutPrefix(strings.ToUpper(s), "NOW")
	if !isNow {
		return p.parse(s)
	}
	t := now.UTC()
	if rest = strings.TrimSpace(rest); rest != "" {
		sign := map[byte]int{'+': 1, '-': -1}[rest[0]]
		rest = strings.TrimSpace(rest[1:])
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if sign == 0 || i <= 0 {
			return t, fmt.Errorf("%q is not NOW and a distance", s)
		}
		n, err := strconv.Atoi(rest[:i])
		unit, ok := unitOf(strings.TrimSpace(rest[i:]))
		if err != nil || !ok || n > 1_000_000 {
			return t, fmt.Errorf("%q is not NOW and a distance", s)
		}
		t = unit.add(t, sign*n)
	}
	return p.parse(p.format(t))
}

// unit is a step in time: months, or seconds.
type unit struct {
	months  int
	seconds int64
}

func unitOf(word string) (unit, bool) {
	switch strings.TrimSuffix(strings.ToUpper(word), "S") {
	case "YEAR":
		return unit{months: 12}, true
	case "MONTH":
		return unit{months: 1}, true
	case "WEEK":
		return unit{seconds: 7 * 86400}, true
	case "DAY":
		return unit{seconds: 86400}, true
	case "HOUR":
		return unit{seconds: 3600}, true
	case "MINUTE":
		return unit{seconds: 60}, true
	case "SECOND":
		return unit{seconds: 1}, true
	}
	return unit{}, false
}

// add moves t by n units; a day that a month lacks becomes its last.
func (u unit) add(t time.Time, n int) time.Time {
	if u.months == 0 {
		return after(t, int64(n)*u.seconds)
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n*u.months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// ordered tells whether dates in the pattern sort as text like as time.
func (p datePattern) ordered() bool {
	last := -1
	for _, part := range p {
		if part.field == 0 {
			continue
		}
		at := strings.IndexByte(finest, part.field)
		if at <= last || part.field == 'y' && part.width != 4 || part.field == 'M' && part.width != 2 || part.field != 'S' && part.width < 2 {
			return false
		}
		last = at
	}
	return true
}

func badProjection(key, format string, args ...any) *base.Error {
	return base.Errorf(base.Invalid, "projection of partition key %s: %s", key, fmt.Sprintf(format, args...)).WithCode("INVALID_TABLE_PROPERTY")
}
