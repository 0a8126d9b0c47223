package fn

import (
	"strings"
	"time"
	"unicode/utf8"
)

// parsed is what a text said, before it becomes a moment.
type parsed struct {
	fields []setting
	zone   string // empty: none was named
}

type setting struct {
	f field
	v int
}

// parse reads all of text. pivot is the year around which two digits are meant:
// 50 years before it to 49 after.
func (l layout) parse(text string, pivot int) (parsed, error) {
	p := parsed{fields: make([]setting, 0, len(l.steps))}
	at := 0
	for i := range l.steps {
		n, ok := l.steps[i].parse(&p, text[at:], pivot)
		if !ok {
			return p, malformed(text, at+n)
		}
		at += n
	}
	if at < len(text) {
		return p, malformed(text, at)
	}
	return p, nil
}

func malformed(text string, at int) error {
	switch {
	case at >= len(text) && text != "":
		return invalid("invalid format: %q is too short", text)
	case at == 0:
		return invalid("invalid format: %q", text)
	}
	return invalid("invalid format: %q is malformed at %q", text, text[at:])
}

// parse takes a prefix of s; if it does not fit, n is where it stopped to.
func (st *step) parse(p *parsed, s string, pivot int) (n int, ok bool) {
	switch st.kind {
	case kLiteral:
		n := len(st.text)
		return n, len(s) >= n && (s[:n] == st.text || strings.EqualFold(s[:n], st.text))
	case kNumber:
		v, n, ok := readNumber(s, st.max, st.signed)
		p.add(st.field, v)
		return n, ok
	case kTwoDigit:
		v, n, ok := readTwoDigit(s, st.lenient, pivot)
		p.add(st.field, v)
		return n, ok
	case kShort, kLong:
		return st.parseName(p, s)
	case kFraction:
		n := digitRun(s, st.max)
		v := 0
		for i := range 3 {
			v *= 10
			if i < n {
				v += int(s[i] - '0')
			}
		}
		p.add(fMillis, v)
		return n, n > 0
	}
	return st.parseZone(p, s)
}

func (p *parsed) add(f field, v int) { p.fields = append(p.fields, setting{f, v}) }

func digitRun(s string, most int) int {
	n := 0
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func readNumber(s string, most int, signed bool) (v, n int, ok bool) {
	sign := 0
	if signed && len(s) > 1 && (s[0] == '-' || s[0] == '+') {
		sign = 1
	}
	n = digitRun(s[sign:], most)
	if n == 0 {
		return 0, 0, false
	}
	for _, c := range []byte(s[sign : sign+n]) {
		v = v*10 + int(c-'0')
	}
	if sign == 1 && s[0] == '-' {
		v = -v
	}
	return v, sign + n, true
}

func readTwoDigit(s string, lenient bool, pivot int) (v, n int, ok bool) {
	if lenient {
		if v, n, ok = readNumber(s, 9, true); !ok || n != 2 || s[0] < '0' {
			return v, n, ok
		}
	} else if n = digitRun(s, 2); n < 2 {
		return 0, 0, false
	}
	v = int(s[0]-'0')*10 + int(s[1]-'0')
	low := pivot - 50
	if v += low - low%100; v < low {
		v += 100
	}
	return v, 2, true
}

// parseName takes the longest name, in its own case or all upper or lower.
func (st *step) parseName(p *parsed, s string) (int, bool) {
	list, first := names(st.field)
	best, value := 0, 0
	for i, name := range list {
		for _, form := range [2]string{name, shortName(name)} {
			if len(form) > best && startsInCase(s, form) {
				best, value = len(form), i+first
			}
		}
	}
	p.add(st.field, value)
	return best, best > 0
}

func startsInCase(s, name string) bool {
	if len(s) < len(name) {
		return false
	}
	s = s[:len(name)]
	return s == name || s == strings.ToLower(name) || s == strings.ToUpper(name)
}

var zoneShorts = []struct{ short, id string }{{"UTC", "UTC"}, {"GMT", "UTC"}, {"EST", "America/New_York"}, {"EDT", "America/New_York"}, {"CST", "America/Chicago"},
	{"CDT", "America/Chicago"}, {"MST", "America/Denver"}, {"MDT", "America/Denver"}, {"PST", "America/Los_Angeles"}, {"PDT", "America/Los_Angeles"}, {"UT", "UTC"}}

func (st *step) parseZone(p *parsed, s string) (int, bool) {
	switch st.kind {
	case kZoneShort:
		for _, z := range zoneShorts {
			if strings.HasPrefix(s, z.short) {
				p.zone = z.id
				return len(z.short), true
			}
		}
		return 0, false
	case kZoneID:
		return p.parseZoneID(s)
	case kOffset, kOffsetColon:
		return p.parseOffset(s)
	}
	return 0, false
}

// parseZoneID takes the longest prefix that is a name of the tz database.
func (p *parsed) parseZoneID(s string) (int, bool) {
	n := 0
	for n < len(s) && n < 40 && (isLetter(s[n]) || s[n] >= '0' && s[n] <= '9' || strings.IndexByte("+-_/", s[n]) >= 0) {
		n++
	}
	for ; n > 1; n-- {
		if !isLetter(s[0]) || s[:n] == "Local" {
			break
		}
		if _, err := time.LoadLocation(s[:n]); err == nil {
			p.zone = s[:n]
			return n, true
		}
	}
	return 0, false
}

// parseOffset reads "Z", "+09", "+0900", "+09:00".
func (p *parsed) parseOffset(s string) (int, bool) {
	if s != "" && (s[0] == 'Z' || s[0] == 'z') {
		p.zone = "UTC"
		return 1, true
	}
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	if digitRun(s[1:], 2) < 2 || s[1:3] > "23" {
		return 1, false
	}
	at, colon, minutes := 3, false, "00"
	if at < len(s) && s[at] == ':' {
		colon = true
		at++
	}
	switch digitRun(s[at:], 2) {
	case 2:
		minutes = s[at : at+2]
		at += 2
	case 1:
		return at, false
	default:
		if colon {
			return at, false
		}
	}
	if minutes > "59" {
		return at - 2, false
	}
	p.zone = s[:3] + ":" + minutes
	return p.offsetSeconds(s, at, colon)
}

// offsetSeconds reads what may follow the minutes; such an offset parses but no
// zone has it, which ID then says.
func (p *parsed) offsetSeconds(s string, at int, colon bool) (int, bool) {
	from := at
	if colon {
		if from >= len(s) || s[from] != ':' {
			return at, true
		}
		from++
	}
	switch n := digitRun(s[from:], 2); {
	case n == 2:
		p.zone += ":" + s[from:from+2]
		return from + 2, true
	case n == 0 && !colon:
		return at, true
	}
	return from, false
}

func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
