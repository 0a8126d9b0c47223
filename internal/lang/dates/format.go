package dates

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Format is a date format in Java's letters, numbers only: y M d H m s S,
// anything else is itself, letters in single quotes.
type Format struct{ parts []part }

type part struct {
	letter byte // 0 for literal text
	width  int
	text   string
}

// ParseFormat reads a format; the error says what is wrong with it.
func ParseFormat(s string) (*Format, error) {
	f := &Format{}
	seen := map[byte]bool{}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\'':
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, fmt.Errorf("the quote is not closed")
			}
			text := s[i+1 : i+1+end]
			if text == "" {
				text = "'"
			}
			f.parts = append(f.parts, part{text: text})
			i += end + 2
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			n := 1
			for i+n < len(s) && s[i+n] == c {
				n++
			}
			if err := checkLetter(c, n, seen); err != nil {
				return nil, err
			}
			f.parts = append(f.parts, part{letter: c, width: n})
			i += n
		default:
			_, n := utf8.DecodeRuneInString(s[i:])
			f.parts = append(f.parts, part{text: s[i : i+n]})
			i += n
		}
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("it has none of the letters y M d H m s S")
	}
	return f, nil
}

func checkLetter(c byte, n int, seen map[byte]bool) error {
	width := map[byte]int{'y': 4, 'u': 4, 'M': 2, 'd': 2, 'H': 2, 'm': 2, 's': 2, 'S': n}[c]
	switch {
	case c == 'Y':
		return fmt.Errorf("Y is the year of the week; write y")
	case c == 'D':
		return fmt.Errorf("D is the day of the year; write d")
	case width == 0 || c == 'S' && n > 9:
		return fmt.Errorf("%s is not supported", strings.Repeat(string(c), n))
	case n != width:
		return fmt.Errorf("%s must be written %s", strings.Repeat(string(c), n), strings.Repeat(string(c), width))
	case seen[c]:
		return fmt.Errorf("%c is given twice", c)
	}
	seen[c] = true
	return nil
}

// Parse reads text strictly: every digit must be there and the date must exist.
func (f *Format) Parse(text string) (time.Time, error) {
	v := map[byte]int{'y': 1970, 'M': 1, 'd': 1}
	rest := text
	for _, p := range f.parts {
		if p.letter == 0 {
			var ok bool
			if rest, ok = strings.CutPrefix(rest, p.text); !ok {
				return time.Time{}, fmt.Errorf("%q is expected before %q", p.text, rest)
			}
			continue
		}
		n, err := digits(rest, p)
		if err != nil {
			return time.Time{}, err
		}
		letter := p.letter
		if letter == 'u' {
			letter = 'y'
		}
		if letter == 'S' {
			for range 9 - p.width {
				n *= 10
			}
		}
		v[letter], rest = n, rest[p.width:]
	}
	if rest != "" {
		return time.Time{}, fmt.Errorf("%q is left over", rest)
	}
	if v['H'] > 23 || v['m'] > 59 || v['s'] > 59 {
		return time.Time{}, fmt.Errorf("there is no such time")
	}
	t := time.Date(v['y'], time.Month(v['M']), v['d'], v['H'], v['m'], v['s'], v['S'], time.UTC)
	if v['y'] < 1 || t.Year() != v['y'] || int(t.Month()) != v['M'] || t.Day() != v['d'] {
		return t, fmt.Errorf("there is no such day")
	}
	return t, nil
}

func digits(s string, p part) (int, error) {
	if len(s) < p.width {
		return 0, fmt.Errorf("it is too short")
	}
	n := 0
	for i := range p.width {
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("%s wants %d digits", strings.Repeat(string(p.letter), p.width), p.width)
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, nil
}

// Write is t in this format.
func (f *Format) Write(t time.Time) string {
	var b strings.Builder
	for _, p := range f.parts {
		n, ok := map[byte]int{'y': t.Year(), 'u': t.Year(), 'M': int(t.Month()), 'd': t.Day(), 'H': t.Hour(), 'm': t.Minute(), 's': t.Second(), 'S': 0}[p.letter]
		if !ok {
			b.WriteString(p.text)
			continue
		}
		fmt.Fprintf(&b, "%0*d", p.width, n)
	}
	return b.String()
}
