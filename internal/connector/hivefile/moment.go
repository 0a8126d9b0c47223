package hivefile

import (
	"bytes"
	"math"
)

// moment is a point in time: seconds since 1970 and nanoseconds in them.
type moment struct {
	sec  int64
	nano int64
}

// micros rounds to milliseconds, half up, as timestamp(3) does, and gives
// microseconds; ok is false beyond what they can count.
func (m moment) micros() (int64, bool) {
	if m.sec > math.MaxInt64/2_000_000 || m.sec < math.MinInt64/2_000_000 {
		return 0, false
	}
	return m.sec*1_000_000 + (m.nano+500_000)/1_000_000*1000, true
}

func fromMillis(ms int64) moment {
	sec := ms / 1000
	if ms%1000 < 0 {
		sec--
	}
	return moment{sec, (ms - sec*1000) * 1_000_000}
}

// maxYear keeps all arithmetic within 64 bits.
const maxYear = 999_999_999

// days is the day number of year-month-day; month and day may lie outside
// their range and then roll over.
func days(year, month, day int64) int64 {
	month--
	year += month / 12
	if month %= 12; month < 0 {
		month += 12
		year--
	}
	// A year that begins in March has its leap day last.
	y, m := year, month-2
	if m < 0 {
		m += 12
		y--
	}
	era := y / 400
	if y%400 < 0 {
		era--
	}
	of := y - era*400
	return era*146_097 + of*365 + of/4 - of/100 + (153*m+2)/5 + day - 1 - 719_468
}

// reader reads the parts of a date or time, left to right.
type reader struct {
	s  []byte
	i  int
	ok bool
}

// number reads [-+]digits, up to nine of them: fields may be too large and roll over.
func (r *reader) number() int64 {
	neg := false
	if r.i < len(r.s) && (r.s[r.i] == '-' || r.s[r.i] == '+') {
		neg = r.s[r.i] == '-'
		r.i++
	}
	start, n := r.i, int64(0)
	for r.i < len(r.s) && r.i-start < 9 && r.s[r.i]-'0' <= 9 {
		n = n*10 + int64(r.s[r.i]-'0')
		r.i++
	}
	r.ok = r.ok && r.i > start
	if neg {
		return -n
	}
	return n
}

func (r *reader) is(c byte) bool {
	if r.i < len(r.s) && r.s[r.i] == c {
		r.i++
		return true
	}
	return false
}

func (r *reader) need(c byte) { r.ok = r.is(c) && r.ok }

// fraction reads up to nine digits after a point, if there is one.
func (r *reader) fraction() int64 {
	if !r.is('.') {
		return 0
	}
	n, scale := int64(0), int64(1_000_000_000)
	for r.i < len(r.s) && scale > 1 && r.s[r.i]-'0' <= 9 {
		scale /= 10
		n += int64(r.s[r.i]-'0') * scale
		r.i++
	}
	return n
}

func (r *reader) date() int64 {
	y := r.number()
	r.need('-')
	m := r.number()
	r.need('-')
	d := r.number()
	if !r.ok || y > maxYear {
		return 0
	}
	return days(y, m, d)
}

// hiveDate reads year-month-day, ignoring what follows a blank.
func hiveDate(b []byte) (int64, bool) {
	b = trimmed(b)
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		b = b[:i]
	}
	r := reader{s: b, ok: true}
	d := r.date()
	return d, r.ok && r.i == len(b)
}

// fixedTime reads the plain form yyyy-mm-dd?hh:mm:ss[.fraction], ? being T or a blank.
func fixedTime(b []byte) (moment, bool) {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || b[13] != ':' || b[16] != ':' || b[10] != ' ' && b[10] != 'T' {
		return moment{}, false
	}
	two := func(i int) int64 {
		x, y := b[i]-'0', b[i+1]-'0'
		if x > 9 || y > 9 {
			return -1 << 20
		}
		return int64(x)*10 + int64(y)
	}
	c, y, mo, d, h, mi, s := two(0), two(2), two(5), two(8), two(11), two(14), two(17)
	if c < 0 || y < 0 || mo < 1 || mo > 12 || d < 1 || d > 31 || h < 0 || mi < 0 || s < 0 {
		return moment{}, false
	}
	m := moment{sec: days(c*100+y, mo, d)*86_400 + h*3600 + mi*60 + s}
	if len(b) == 19 {
		return m, true
	}
	r := reader{s: b, i: 19, ok: true}
	m.nano = r.fraction()
	return m, r.i == len(b)
}

// localTime reads a date and a time of day: "date h:m:s[.fraction]", or ISO's
// "dateTh:m[:s[.fraction]]", in which seconds may be missing.
func (r *reader) localTime(isoOnly bool) moment {
	day := r.date()
	iso := r.is('T') || r.is('t')
	if !iso && (isoOnly || !r.is(' ')) {
		r.ok = false
		return moment{}
	}
	h := r.number()
	r.need(':')
	sec := h*3600 + r.number()*60
	nano := int64(0)
	if !iso {
		r.need(':')
		sec += r.number()
		nano = r.fraction()
	} else if r.is(':') {
		sec += r.number()
		nano = r.fraction()
	}
	return moment{day*86_400 + sec, nano}
}

// hiveTime reads a timestamp without a zone.
func hiveTime(b []byte) (moment, bool) {
	if m, ok := fixedTime(b); ok {
		return m, true
	}
	r := reader{s: trimmed(b), ok: true}
	m := r.localTime(false)
	return m, r.ok && r.i == len(r.s)
}

// zonedTime reads ISO's form with an offset or Z at the end.
func zonedTime(b []byte) (moment, bool) {
	r := reader{s: b, ok: true}
	m := r.localTime(true)
	off, ok := r.offset()
	m.sec -= off
	return m, ok && r.ok && r.i == len(b)
}

// offset reads Z, +hhmm or +hh:mm, in seconds.
func (r *reader) offset() (int64, bool) {
	if r.is('Z') || r.is('z') {
		return 0, true
	}
	if len(r.s)-r.i < 5 || r.s[r.i] != '+' && r.s[r.i] != '-' {
		return 0, false
	}
	sign := int64(1)
	if r.s[r.i] == '-' {
		sign = -1
	}
	t := r.s[r.i+1:]
	if len(t) == 5 && t[2] == ':' {
		t = append(append(make([]byte, 0, 4), t[:2]...), t[3:]...)
	}
	if len(t) != 4 {
		return 0, false
	}
	n, ok := parseLong(t)
	h, m := n/100, n%100
	if !ok || t[0] == '-' || t[0] == '+' || m > 59 || h*60+m > 18*60 {
		return 0, false
	}
	r.i = len(r.s)
	return sign * (h*3600 + m*60), true
}

// zoned tells whether a timestamp's text ends in a zone: z, +hhmm or +hh:mm.
func zoned(b []byte) bool {
	n := len(b)
	if n == 0 || b[n-1]|0x20 == 'z' {
		return n > 0
	}
	digit := func(i int) bool { return i >= 0 && b[i]-'0' <= 9 }
	if !digit(n-1) || !digit(n-2) {
		return false
	}
	i := n - 3
	if i >= 0 && b[i] == ':' {
		i--
	}
	return digit(i) && digit(i-1) && i >= 3 && (b[i-2] == '+' || b[i-2] == '-')
}

// openxTime reads a timestamp as OpenX JSON does: with a zone, put into UTC;
// without one; or as a number, seconds or (13 characters and more) milliseconds.
func openxTime(b []byte) (moment, bool) {
	if m, ok := fixedTime(b); ok {
		return m, true
	}
	if bytes.IndexByte(b, ':') > 0 {
		if zoned(b) {
			if m, ok := zonedTime(b); ok {
				return m, true
			}
		}
		return hiveTime(b)
	}
	if bytes.IndexByte(b, '.') >= 0 {
		n, ok := parseNumber(b)
		if !ok || bytes.ContainsAny(b, "eE") {
			return moment{}, false
		}
		n.scale -= 3
		ms, ok := n.whole()
		return fromMillis(ms), ok
	}
	n, ok := parseLong(b)
	if ok && len(b) >= 13 {
		return fromMillis(n), true
	}
	return moment{sec: n}, ok
}
