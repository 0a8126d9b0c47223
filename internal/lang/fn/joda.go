package fn

import (
	"strings"
	"unicode/utf8"
)

// field is a part of a moment that a format can name. The order is the one in
// which parsed values are applied: by the range they repeat in, longest first,
// then by their own length.
type field int

const (
	fEra field = iota
	fYear
	fWeekyear
	fCentury
	fYearOfEra
	fMonth
	fWeek
	fDayOfYear
	fDay
	fDayOfWeek
	fHalfday
	fHour
	fClockhour
	fHourOfHalfday
	fClockhourOfHalfday
	fMinute
	fSecond
	fMillis
	fieldCount
)

// applyOrder gives fields of one range and length one rank: the one parsed
// later is then applied later.
var applyOrder = [fieldCount]int{fEra: 0, fYear: 1, fWeekyear: 1, fCentury: 2, fYearOfEra: 3, fMonth: 4, fDayOfYear: 5, fWeek: 6, fDay: 7,
	fDayOfWeek: 8, fHalfday: 9, fHour: 10, fClockhour: 10, fHourOfHalfday: 11, fClockhourOfHalfday: 11, fMinute: 12, fSecond: 13, fMillis: 14}

type stepKind int

const (
	kLiteral  stepKind = iota
	kNumber            // min digits printed, max read
	kTwoDigit          // the last two digits of a year
	kShort             // a name's short form
	kLong              // a name
	kFraction          // of a second
	kZoneShort
	kZoneLong
	kOffset // +0900
	kOffsetColon
	kZoneID
)

// step is one element of a format: Joda's patterns and MySQL's letters are both
// turned into steps.
type step struct {
	kind     stepKind
	field    field
	min, max int
	signed   bool
	lenient  bool // kTwoDigit: other lengths are taken as they are
	text     string
}

// layout is a format ready to print and parse.
type layout struct {
	steps []step
	zoned bool // it names the zone
}

var numericLetters = map[byte]struct {
	f   field
	max int
}{
	'e': {fDayOfWeek, 1}, 'D': {fDayOfYear, 3}, 'w': {fWeek, 2}, 'd': {fDay, 2}, 'h': {fClockhourOfHalfday, 2}, 'H': {fHour, 2},
	'k': {fClockhour, 2}, 'K': {fHourOfHalfday, 2}, 'm': {fMinute, 2}, 's': {fSecond, 2},
}

// maxPatternWidth bounds the repetition of a letter, which is a width.
const maxPatternWidth = 100

// parseJoda reads a pattern of Joda's DateTimeFormat.
func parseJoda(pattern string) (layout, error) {
	var l layout
	tokens, err := jodaTokens(pattern)
	if err != nil {
		return l, err
	}
	for i, tok := range tokens {
		next := ""
		if i+1 < len(tokens) {
			next = tokens[i+1]
		}
		s, err := jodaStep(tok, next)
		if err != nil {
			return l, err
		}
		l.zoned = l.zoned || s.kind >= kZoneShort
		l.steps = append(l.steps, s)
	}
	if len(l.steps) == 0 {
		return l, invalid("invalid pattern specification")
	}
	return l, nil
}

// jodaTokens cuts a pattern into runs of one letter and literals; a literal
// begins with "'".
func jodaTokens(p string) ([]string, error) {
	var out []string
	for i := 0; i < len(p); {
		if isLetter(p[i]) {
			start := i
			for i < len(p) && p[i] == p[start] {
				i++
			}
			if i-start > maxPatternWidth {
				return nil, invalid("pattern component %q is longer than %d letters", p[start:start+1], maxPatternWidth)
			}
			out = append(out, p[start:i])
			continue
		}
		lit, n := jodaLiteral(p[i:])
		out = append(out, "'"+lit)
		i += n
	}
	return out, nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func jodaLiteral(p string) (text string, n int) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\'' && i+1 < len(p) && p[i+1] == '\'':
			b.WriteByte(c)
			i++
		case c == '\'':
			quoted = !quoted
		case !quoted && isLetter(c):
			return b.String(), i
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), len(p)
}

// isNumericToken says that a number follows, so that digits before it must stop.
func isNumericToken(tok string) bool {
	if tok == "" {
		return false
	}
	return strings.IndexByte("cCxyYdhHmsSeDFwWkK", tok[0]) >= 0 || tok[0] == 'M' && len(tok) <= 2
}

func jodaStep(tok, next string) (step, error) {
	n := len(tok)
	c := tok[0]
	if d, ok := numericLetters[c]; ok {
		return step{kind: kNumber, field: d.f, min: n, max: max(d.max, 0)}, nil
	}
	switch c {
	case '\'':
		return step{kind: kLiteral, text: tok[1:]}, nil
	case 'x', 'y', 'Y':
		return jodaYear(c, n, next), nil
	case 'C':
		return step{kind: kNumber, field: fCentury, min: n, max: n, signed: true}, nil
	case 'M':
		if n < 3 {
			return step{kind: kNumber, field: fMonth, min: n, max: 2}, nil
		}
		return step{kind: named(n), field: fMonth}, nil
	case 'E':
		return step{kind: named(n), field: fDayOfWeek}, nil
	case 'a':
		return step{kind: kLong, field: fHalfday}, nil
	case 'G':
		return step{kind: kLong, field: fEra}, nil
	case 'S':
		return step{kind: kFraction, field: fMillis, min: min(n, 18), max: min(n, 18)}, nil
	case 'z':
		if n >= 4 {
			return step{kind: kZoneLong}, nil
		}
		return step{kind: kZoneShort}, nil
	case 'Z':
		return step{kind: kOffset + stepKind(min(n, 3)-1)}, nil
	}
	return step{}, invalid("illegal pattern component: %s", tok)
}

func named(n int) stepKind {
	if n >= 4 {
		return kLong
	}
	return kShort
}

func jodaYear(c byte, n int, next string) step {
	f := map[byte]field{'x': fWeekyear, 'y': fYear, 'Y': fYearOfEra}[c]
	if n == 2 {
		if c == 'Y' {
			f = fYear
		}
		return step{kind: kTwoDigit, field: f, lenient: !isNumericToken(next)}
	}
	most := 9
	if isNumericToken(next) {
		most = n
	}
	return step{kind: kNumber, field: f, min: n, max: most, signed: c != 'Y'}
}

// DatetimeFormats are format_datetime and parse_datetime (Joda's patterns) and
// date_format and date_parse (MySQL's letters). Safe for concurrent use.
type DatetimeFormats struct {
	zones *Zones
	joda  *cache[layout]
	mysql *cache[layout]
}

// NewDatetimeFormats returns the functions with empty caches.
func NewDatetimeFormats(z *Zones) *DatetimeFormats {
	return &DatetimeFormats{z, newCache(parseJoda), newCache(mysqlLayout)}
}

var (
	monthNames   = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames     = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	halfdayNames = [...]string{"AM", "PM"}
	eraNames     = [...]string{"BC", "AD"}
)

// names are a field's names and the number of the first.
func names(f field) (list []string, first int) {
	switch f {
	case fMonth:
		return monthNames[:], 1
	case fDayOfWeek:
		return dayNames[:], 1
	case fHalfday:
		return halfdayNames[:], 0
	}
	return eraNames[:], 0
}

func shortName(s string) string {
	if utf8.RuneCountInString(s) > 3 {
		return s[:3]
	}
	return s
}
