package fn

import "strings"

// MySQLToken is a letter of a MySQL date format ('Y' for %Y), or literal text.
type MySQLToken struct {
	// Letter is 0 for text.
	Letter byte
	Text   string
}

// refusedLetters have a meaning in MySQL that Trino does not know.
const refusedLetters = "DUuVwX"

const knownLetters = "abcdefHhIijklMmprSsTvWxYy"

// ParseMySQLFormat cuts a format of date_format and date_parse into its parts:
// known letters, and text, into which unknown letters fall as themselves and a
// lone % at the end vanishes. Letters that Trino refuses are errors.
func ParseMySQLFormat(format string) ([]MySQLToken, error) {
	var out []MySQLToken
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out = append(out, MySQLToken{Text: text.String()})
			text.Reset()
		}
	}
	escaped := false
	for _, r := range validText(format) {
		switch {
		case !escaped && r == '%':
			escaped = true
			continue
		case !escaped:
			text.WriteRune(r)
		case r < 0x80 && strings.IndexByte(refusedLetters, byte(r)) >= 0:
			return nil, invalid("%%%c not supported in date format string", r)
		case r < 0x80 && strings.IndexByte(knownLetters, byte(r)) >= 0:
			flush()
			out = append(out, MySQLToken{Letter: byte(r)})
		default:
			text.WriteRune(r)
		}
		escaped = false
	}
	flush()
	if len(out) == 0 {
		return nil, invalid("an empty format neither prints nor parses")
	}
	return out, nil
}

var mysqlSteps = map[byte]step{
	'a': {kind: kShort, field: fDayOfWeek}, 'b': {kind: kShort, field: fMonth}, 'c': {kind: kNumber, field: fMonth, min: 1, max: 2},
	'd': {kind: kNumber, field: fDay, min: 2, max: 2}, 'e': {kind: kNumber, field: fDay, min: 1, max: 2}, 'f': {kind: kFraction, field: fMillis, min: 6, max: 9},
	'H': {kind: kNumber, field: fHour, min: 2, max: 2}, 'h': {kind: kNumber, field: fClockhourOfHalfday, min: 2, max: 2}, 'I': {kind: kNumber, field: fClockhourOfHalfday, min: 2, max: 2},
	'i': {kind: kNumber, field: fMinute, min: 2, max: 2}, 'j': {kind: kNumber, field: fDayOfYear, min: 3, max: 3}, 'k': {kind: kNumber, field: fHour, min: 1, max: 2},
	'l': {kind: kNumber, field: fClockhourOfHalfday, min: 1, max: 2}, 'M': {kind: kLong, field: fMonth}, 'm': {kind: kNumber, field: fMonth, min: 2, max: 2},
	'p': {kind: kLong, field: fHalfday}, 'S': {kind: kNumber, field: fSecond, min: 2, max: 2}, 's': {kind: kNumber, field: fSecond, min: 2, max: 2},
	'v': {kind: kNumber, field: fWeek, min: 2, max: 2}, 'W': {kind: kLong, field: fDayOfWeek}, 'x': {kind: kNumber, field: fWeekyear, min: 4, max: 4, signed: true},
	'Y': {kind: kNumber, field: fYear, min: 4, max: 4, signed: true}, 'y': {kind: kTwoDigit, field: fYear},
}

// mysqlPivot makes two digits mean 1970 to 2069.
const mysqlPivot = 2020

func mysqlLayout(format string) (layout, error) {
	var l layout
	tokens, err := ParseMySQLFormat(format)
	if err != nil {
		return l, err
	}
	for _, t := range tokens {
		switch t.Letter {
		case 0:
			l.steps = append(l.steps, step{kind: kLiteral, text: t.Text})
		case 'r', 'T':
			l.steps = append(l.steps, mysqlClock(t.Letter)...)
		default:
			l.steps = append(l.steps, mysqlSteps[t.Letter])
		}
	}
	return l, nil
}

// mysqlClock is %T, 13:05:09, or %r, 01:05:09 PM.
func mysqlClock(letter byte) []step {
	colon := step{kind: kLiteral, text: ":"}
	hour := mysqlSteps['H']
	if letter == 'r' {
		hour = mysqlSteps['h']
	}
	s := []step{hour, colon, mysqlSteps['i'], colon, mysqlSteps['s']}
	if letter == 'r' {
		s = append(s, step{kind: kLiteral, text: " "}, mysqlSteps['p'])
	}
	return s
}
