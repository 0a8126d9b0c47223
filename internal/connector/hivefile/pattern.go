package hivefile

import (
	"fmt"
	"strings"
)

// timeFormat is a parsed pattern of timestamp.formats, as Java writes them.
type timeFormat []formatPart

type formatPart struct {
	letter byte // 0 for literal
	count  int
	// tight follows directly on another number, so it has exactly count digits.
	tight   bool
	literal string
}

// months are the words of MMM and MMMM.
var months = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

const numberLetters = "yuMdHhkKmsSn"

// parsePattern reads a pattern; a letter it has no rule for is an error.
func parsePattern(p string) (timeFormat, error) {
	if strings.EqualFold(p, "millis") {
		return timeFormat{{letter: '0'}}, nil
	}
	var out timeFormat
	for i := 0; i < len(p); {
		c := p[i]
		switch {
		case c == '\'':
			text, n := quotedLiteral(p[i:])
			if n == 0 {
				return nil, fmt.Errorf("a quote in %q does not end", p)
			}
			out = append(out, formatPart{literal: text})
			i += n
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			n := 1
			for i+n < len(p) && p[i+n] == c {
				n++
			}
			if strings.IndexByte(numberLetters+"aXZx", c) < 0 {
				return nil, fmt.Errorf("pattern letter %q is not supported", string(c))
			}
			out = append(out, formatPart{letter: c, count: n})
			i += n
		default:
			out = append(out, formatPart{literal: string(c)})
			i++
		}
	}
	for i := range out[:max(len(out)-1, 0)] {
		out[i].tight = out[i].numeric() && out[i+1].numeric()
	}
	return out, nil
}

func (f formatPart) numeric() bool {
	return f.letter != 0 && strings.IndexByte(numberLetters, f.letter) >= 0 && (f.letter != 'M' || f.count < 3)
}

func quotedLiteral(p string) (string, int) {
	if strings.HasPrefix(p, "''") {
		return "'", 2
	}
	var b strings.Builder
	for i := 1; i < len(p); i++ {
		if p[i] != '\'' {
			b.WriteByte(p[i])
			continue
		}
		if i+1 < len(p) && p[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1
	}
	return "", 0
}

func parseFormats(formats []timeFormat, text []byte) (moment, bool) {
	for _, f := range formats {
		if m, ok := f.parse(text); ok {
			return m, true
		}
	}
	return moment{}, false
}

// fields are what a pattern found.
type fields struct {
	year, month, day, hour, minute, second, nano, offset int64
	half                                                 int64 // 0 none, 1 am, 2 pm
}

// parse reads the whole of text.
func (f timeFormat) parse(text []byte) (moment, bool) {
	if len(f) == 1 && f[0].letter == '0' {
		whole, _, _ := strings.Cut(string(text), ".")
		n, ok := parseLong([]byte(whole))
		return fromMillis(n), ok
	}
	r := reader{s: text, ok: true}
	v := fields{year: 1970, month: 1, day: 1}
	for _, p := range f {
		if !v.read(&r, p) {
			return moment{}, false
		}
	}
	if r.i != len(text) || v.month < 1 || v.month > 12 || v.day < 1 || v.day > 31 || v.hour > 24 || v.minute > 59 || v.second > 59 {
		return moment{}, false
	}
	if v.half == 2 && v.hour < 12 {
		v.hour += 12
	} else if v.half == 1 && v.hour == 12 {
		v.hour = 0
	}
	return moment{days(v.year, v.month, v.day)*86_400 + v.hour*3600 + v.minute*60 + v.second - v.offset, v.nano}, true
}

func (v *fields) read(r *reader, p formatPart) bool {
	switch p.letter {
	case 0:
		ok := strings.HasPrefix(view(r.s[r.i:]), p.literal)
		r.i += len(p.literal)
		return ok
	case 'a':
		word := strings.ToLower(string(r.s[r.i:min(r.i+2, len(r.s))]))
		r.i += len(word)
		v.half = map[string]int64{"am": 1, "pm": 2}[word]
		return v.half > 0
	case 'X', 'Z', 'x':
		var ok bool
		v.offset, ok = r.offset()
		return ok
	case 'M':
		if p.count >= 3 {
			return v.monthName(r, p.count == 3)
		}
	}
	n, digits := r.digits(p)
	if digits == 0 {
		return false
	}
	return v.set(p, n, digits)
}

func (v *fields) set(p formatPart, n int64, digits int) bool {
	switch p.letter {
	case 'y', 'u':
		if v.year = n; p.count == 2 {
			v.year += 2000
		}
	case 'M':
		v.month = n
	case 'd':
		v.day = n
	case 'H', 'K':
		v.hour = n
	case 'h', 'k':
		v.hour = n
	case 'm':
		v.minute = n
	case 's':
		v.second = n
	case 'n':
		v.nano = n
	case 'S':
		for range 9 - digits {
			n *= 10
		}
		v.nano = n
	}
	return true
}

// digits reads a number: of exactly count digits if the pattern says so.
func (r *reader) digits(p formatPart) (n int64, digits int) {
	most := 9
	if p.tight || p.letter == 'S' || p.count == 2 {
		most = min(p.count, 9)
	}
	for r.i < len(r.s) && digits < most && r.s[r.i]-'0' <= 9 {
		n = n*10 + int64(r.s[r.i]-'0')
		r.i++
		digits++
	}
	if p.count > 1 && digits < p.count {
		return 0, 0
	}
	return n, digits
}

func (v *fields) monthName(r *reader, short bool) bool {
	rest := strings.ToLower(string(r.s[r.i:min(r.i+9, len(r.s))]))
	for i, m := range months {
		if short {
			m = m[:3]
		}
		if strings.HasPrefix(rest, m) {
			v.month = int64(i) + 1
			r.i += len(m)
			return true
		}
	}
	return false
}
