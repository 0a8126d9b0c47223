package hivefile

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
)

// kind is what a JSON value looks like before anyone asks for a type.
type kind uint8

const (
	none kind = iota // not there
	null
	quoted
	bare // a number, true, false, or in lenient text any word
	object
	sequence
)

// value is a piece of a line. A quoted one is without its quotes, its escapes
// still in it; an object or array has its brackets.
type value struct {
	text    []byte
	kind    kind
	escaped bool
}

// maxDepth bounds how deep objects and arrays may nest.
const maxDepth = 1000

// scanner cuts one line of JSON into values. Lenient text may have comments,
// single quotes, bare words, = or => for the colon and ; for the comma; strict
// text is JSON. After a call that is not ok, why tells the reason.
type scanner struct {
	s      []byte
	i      int
	depth  int
	strict bool
	why    string
}

func (s *scanner) bad(why string) bool {
	if s.why == "" {
		s.why = why
	}
	return false
}

// token is the next character that is not blank and not in a comment, -1 at the end.
func (s *scanner) token() int {
	for s.i < len(s.s) {
		c := s.s[s.i]
		s.i++
		switch c {
		case ' ', '\t', '\n', '\r':
		case '#':
			if s.strict {
				return '#'
			}
			s.restOfLine()
		case '/':
			if s.strict || !s.comment() {
				return '/'
			}
		default:
			return int(c)
		}
	}
	return -1
}

func (s *scanner) restOfLine() {
	if i := bytes.IndexAny(s.s[s.i:], "\r\n"); i >= 0 {
		s.i += i + 1
		return
	}
	s.i = len(s.s)
}

// comment skips one that begins with the slash just read.
func (s *scanner) comment() bool {
	if s.i == len(s.s) {
		return false
	}
	switch s.s[s.i] {
	case '*':
		end := bytes.Index(s.s[s.i+1:], []byte("*/"))
		if end < 0 {
			s.bad("a comment does not end")
			s.i = len(s.s)
			return true
		}
		s.i += end + 3
	case '/':
		s.restOfLine()
	default:
		return false
	}
	return true
}

// value reads the next value whole.
func (s *scanner) value() (value, bool) {
	switch c := s.token(); {
	case c == '"' || c == '\'' && !s.strict:
		return s.quoted(byte(c))
	case c == '{' || c == '[':
		return s.nested(c)
	case c == -1:
		return value{}, s.bad("it ends too early")
	}
	s.i--
	return s.bare()
}

func (s *scanner) nested(open int) (value, bool) {
	start := s.i - 1
	if s.depth++; s.depth > maxDepth {
		return value{}, s.bad("it is nested too deep")
	}
	v, ok := value{kind: object}, false
	if open == '{' {
		ok = s.members(nil)
	} else {
		v.kind = sequence
		ok = s.elements(nil)
	}
	s.depth--
	v.text = s.s[start:s.i]
	return v, ok
}

// members reads an object after its brace; o, if any, collects what it wants.
func (s *scanner) members(o *members) bool {
	if c := s.token(); c == '}' {
		return true
	} else if c != -1 {
		s.i--
	}
	for n := 0; ; n++ {
		at, known := skip, false
		if o != nil {
			at, known = o.expected(s, n)
		}
		if !known {
			key, ok := s.key()
			if !ok {
				return false
			}
			if o != nil {
				at = o.find(key, n)
			}
		}
		if !s.colon() {
			return false
		}
		v, ok := s.value()
		if !ok {
			return false
		}
		if o != nil && at != skip {
			o.set(at, v)
		}
		switch c := s.token(); {
		case c == '}':
			return s.why == ""
		case c == ',' || c == ';' && !s.strict:
		default:
			return s.bad("an object does not end")
		}
	}
}

func (s *scanner) key() (value, bool) {
	key, ok := s.value()
	if ok && key.kind != quoted && (s.strict || key.kind != bare) {
		return key, s.bad("a key is not a text")
	}
	return key, ok
}

func (s *scanner) colon() bool {
	c := s.token()
	if c == ':' {
		return true
	}
	if c != '=' || s.strict {
		return s.bad("a colon is missing after a key")
	}
	if s.i < len(s.s) && s.s[s.i] == '>' {
		s.i++
	}
	return true
}

// elements reads an array after its bracket and gives each element to take. In
// lenient text a comma without a value before it stands for a NULL.
func (s *scanner) elements(take func(value)) bool {
	give := func(v value) {
		if take != nil {
			take(v)
		}
	}
	trailing := false
	for {
		switch c := s.token(); {
		case c == -1:
			return s.bad("an array does not end")
		case c == ']':
			if trailing && s.strict {
				return s.bad("a value is missing in an array")
			}
			if trailing {
				give(value{kind: null})
			}
			return s.why == ""
		case (c == ',' || c == ';') && !s.strict:
			give(value{kind: null})
			trailing = true
			continue
		}
		s.i--
		v, ok := s.value()
		if !ok {
			return false
		}
		give(v)
		switch c := s.token(); {
		case c == ']':
			return s.why == ""
		case c == ',' || c == ';' && !s.strict:
			trailing = true
		default:
			return s.bad("an array does not end")
		}
	}
}

// endsBare marks what ends a bare word.
var endsBare = func() (t [256]bool) {
	for _, c := range []byte(" \r\n\t\f{}[]/\\:,=;#") {
		t[c] = true
	}
	return t
}()

func (s *scanner) bare() (value, bool) {
	start := s.i
	i, b := start, s.s
	for i < len(b) && !endsBare[b[i]] {
		i++
	}
	s.i = i
	w := b[start:i]
	switch {
	case len(w) == 0:
		return value{}, s.bad("a value is missing")
	case len(w) == 4 && w[0]|0x20 == 'n' && (string(w) == "null" || !s.strict && strings.EqualFold(string(w), "null")):
		return value{kind: null}, true
	case s.strict && !jsonWord(w):
		return value{}, s.bad("a value is neither a number nor a quoted text")
	}
	return value{kind: bare, text: w}, true
}

// jsonWord tells whether strict JSON has w as a value.
func jsonWord(w []byte) bool {
	if string(w) == "true" || string(w) == "false" {
		return true
	}
	body := w
	if body[0] == '-' {
		body = body[1:]
	}
	if len(body) == 0 || body[0]-'0' > 9 || len(body) > 1 && body[0] == '0' && body[1]-'0' <= 9 || body[len(body)-1] == '.' || bytes.Contains(body, []byte(".e")) || bytes.Contains(body, []byte(".E")) {
		return false
	}
	_, ok := parseNumber(body)
	return ok
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// equal marks the bytes of w that are the one repeated in pattern; only the
// lowest mark is to be trusted.
func equal(w, pattern uint64) uint64 {
	x := w ^ pattern
	return (x - ones) &^ x & highs
}

// quoted reads a text after its opening quote.
func (s *scanner) quoted(quote byte) (value, bool) {
	b, i, start, escaped := s.s, s.i, s.i, false
	quotes := uint64(quote) * ones
	for i < len(b) {
		if i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			m := equal(w, quotes) | equal(w, '\\'*ones)
			if s.strict {
				m |= (w - 0x20*ones) &^ w & highs
			}
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		}
		switch c := b[i]; {
		case c == quote:
			s.i = i + 1
			return value{text: b[start:i], kind: quoted, escaped: escaped}, true
		case c == '\\':
			n := s.escape(i + 1)
			if n == 0 {
				return value{}, false
			}
			escaped = true
			i += 1 + n
		case s.strict && c < ' ':
			return value{}, s.bad("a text holds a control character")
		default:
			i++
		}
	}
	return value{}, s.bad("a text does not end")
}

// escape is the length of what follows a backslash, 0 if it is wrong.
func (s *scanner) escape(i int) int {
	if i >= len(s.s) {
		s.bad("a text does not end")
		return 0
	}
	c := s.s[i]
	if c == 'u' {
		if i+5 > len(s.s) || !hex4(s.s[i+1:i+5]) {
			s.bad("an escaped character is wrong")
			return 0
		}
		return 5
	}
	if s.strict && strings.IndexByte(`"\/bfnrt`, c) < 0 {
		s.bad("an escaped character is wrong")
		return 0
	}
	return 1
}

func hex4(b []byte) bool {
	for _, c := range b {
		if !(c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f') {
			return false
		}
	}
	return true
}
