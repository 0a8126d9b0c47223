package fn

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type jsonKind byte

const (
	jNull jsonKind = iota
	jFalse
	jTrue
	jNumber
	jString
	jArray
	jObject
	jAbsent // a field that an object does not have
)

// jsonValue is a JSON value that keeps the text of its numbers.
type jsonValue struct {
	kind  jsonKind
	text  string // of a string, decoded (see plain); of a number, as written
	exact bool   // a decimal of a path, not a double
	items []jsonValue
	keys  []string // of an object, beside items
}

// maxJSONDepth is how deep values may nest, as in Trino's reader.
const maxJSONDepth = 1000

// jsonReader reads values one after another. What comes behind a value that
// was asked for is not looked at, which is how Trino's JSON functions treat text.
type jsonReader struct {
	s     string
	at    int
	depth int
}

func (r *jsonReader) space() {
	for r.at < len(r.s) && (r.s[r.at] == ' ' || r.s[r.at] == '\t' || r.s[r.at] == '\n' || r.s[r.at] == '\r') {
		r.at++
	}
}

// peek is the next significant byte, 0 at the end.
func (r *jsonReader) peek() byte {
	r.space()
	if r.at >= len(r.s) {
		return 0
	}
	return r.s[r.at]
}

func (r *jsonReader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

func (r *jsonReader) value() (v jsonValue, ok bool) {
	if r.depth++; r.depth > maxJSONDepth {
		return v, false
	}
	defer func() { r.depth-- }()
	switch c := r.peek(); c {
	case '{':
		v.kind = jObject
		ok = r.members(func(key string) bool {
			e, ok := r.value()
			v.keys, v.items = append(v.keys, key), append(v.items, e)
			return ok
		})
	case '[':
		v.kind = jArray
		ok = r.elements(func(int) bool {
			e, ok := r.value()
			v.items = append(v.items, e)
			return ok
		})
	case '"':
		v.kind = jString
		v.text, ok = r.str()
	case 't', 'f', 'n':
		v.kind, ok = r.word()
	default:
		v.kind = jNumber
		v.text, ok = r.number()
	}
	return v, ok
}

// elements calls f at the start of each element; f reads it. It stops, without
// reading on, when f says no.
func (r *jsonReader) elements(f func(i int) bool) bool {
	r.at++
	if r.take(']') {
		return true
	}
	for i := 0; ; i++ {
		if !f(i) {
			return false
		}
		if r.take(']') {
			return true
		}
		if !r.take(',') {
			return false
		}
	}
}

func (r *jsonReader) members(f func(key string) bool) bool {
	r.at++
	if r.take('}') {
		return true
	}
	for {
		if r.peek() != '"' {
			return false
		}
		key, ok := r.str()
		if !ok || !r.take(':') || !f(key) {
			return false
		}
		if r.take('}') {
			return true
		}
		if !r.take(',') {
			return false
		}
	}
}

func (r *jsonReader) word() (jsonKind, bool) {
	kind, w := jNull, "null"
	switch r.s[r.at] {
	case 'f':
		kind, w = jFalse, "false"
	case 't':
		kind, w = jTrue, "true"
	}
	if strings.HasPrefix(r.s[r.at:], w) {
		r.at += len(w)
		return kind, r.at == len(r.s) || !wordByte(r.s[r.at])
	}
	return jNull, false
}

func wordByte(c byte) bool {
	return isLetter(c) || c >= '0' && c <= '9' || c == '_' || c >= utf8.RuneSelf
}

func (r *jsonReader) number() (string, bool) {
	start := r.at
	if r.at < len(r.s) && r.s[r.at] == '-' {
		r.at++
	}
	first := r.at
	n := r.digits()
	if n == 0 || n > 1 && r.s[first] == '0' {
		return "", false
	}
	if r.at < len(r.s) && r.s[r.at] == '.' {
		r.at++
		if r.digits() == 0 {
			return "", false
		}
	}
	if r.at < len(r.s) && (r.s[r.at] == 'e' || r.s[r.at] == 'E') {
		r.at++
		if r.at < len(r.s) && (r.s[r.at] == '+' || r.s[r.at] == '-') {
			r.at++
		}
		if r.digits() == 0 {
			return "", false
		}
	}
	return r.s[start:r.at], r.at == len(r.s) || !wordByte(r.s[r.at])
}

func (r *jsonReader) digits() int {
	n := digitRun(r.s[r.at:], len(r.s))
	r.at += n
	return n
}

func (r *jsonReader) str() (string, bool) {
	r.at++
	start := r.at
	for r.at < len(r.s) {
		switch c := r.s[r.at]; {
		case c == '"':
			r.at++
			return r.s[start : r.at-1], true
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			return "", false
		}
		r.at++
	}
	return "", false
}

var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped goes on with a string that holds a backslash.
func (r *jsonReader) escaped(start int) (string, bool) {
	var b strings.Builder
	b.WriteString(r.s[start:r.at])
	for r.at < len(r.s) {
		c := r.s[r.at]
		switch {
		case c == '"':
			r.at++
			return b.String(), true
		case c < ' ':
			return "", false
		case c != '\\':
			b.WriteByte(c)
			r.at++
		case r.at+1 >= len(r.s):
			return "", false
		case r.s[r.at+1] == 'u':
			code, ok := r.unicode()
			if !ok {
				return "", false
			}
			writeCode(&b, code)
		default:
			e, ok := jsonEscapes[r.s[r.at+1]]
			if !ok {
				return "", false
			}
			b.WriteByte(e)
			r.at += 2
		}
	}
	return "", false
}

// unicode reads \uXXXX, two of them for a surrogate pair; a half may be alone.
func (r *jsonReader) unicode() (rune, bool) {
	hi, ok := r.hex4()
	if !ok || hi < 0xD800 || hi > 0xDFFF {
		return hi, ok
	}
	back := r.at
	if strings.HasPrefix(r.s[r.at:], `\u`) && hi < 0xDC00 {
		if lo, ok := r.hex4(); ok && lo >= 0xDC00 && lo <= 0xDFFF {
			return 0x10000 + (hi-0xD800)<<10 + lo - 0xDC00, true
		}
	}
	r.at = back
	return hi, true
}

// writeCode writes a code point in UTF-8, and half a pair in the three bytes
// that would be its UTF-8 if it had one.
func writeCode(b *strings.Builder, code rune) {
	if code < 0xD800 || code > 0xDFFF {
		b.WriteRune(code)
		return
	}
	b.Write([]byte{0xE0 | byte(code>>12), 0x80 | byte(code>>6)&0x3F, 0x80 | byte(code)&0x3F})
}

// half is the half of a surrogate pair that writeCode put at the start of s.
func half(s string) (rune, bool) {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 {
		return 0, false
	}
	return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), true
}

// plain is a JSON string as text: half a surrogate pair is a question mark in it.
func plain(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if _, ok := half(s); ok {
			r, n = '?', 3
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

func (r *jsonReader) hex4() (rune, bool) {
	if r.at+6 > len(r.s) {
		return 0, false
	}
	v, err := strconv.ParseUint(r.s[r.at+2:r.at+6], 16, 32)
	r.at += 6
	return rune(v), err == nil
}

// parseJSON reads exactly one value.
func parseJSON(s string) (jsonValue, bool) {
	r := jsonReader{s: s}
	v, ok := r.value()
	return v, ok && r.peek() == 0 && r.at == len(s)
}

func (v jsonValue) scalar() bool { return v.kind < jArray }

// isInteger says that a number is written without point and exponent.
func (v jsonValue) isInteger() bool {
	return v.kind == jNumber && !strings.ContainsAny(v.text, ".eE")
}

func (v jsonValue) isInt64() bool {
	_, err := strconv.ParseInt(v.text, 10, 64)
	return err == nil
}

// twice tells whether an object in v has a key twice.
func (v jsonValue) twice() bool {
	seen := map[string]bool{}
	for i, k := range v.keys {
		if len(v.keys) > 8 {
			if seen[k] {
				return true
			}
			seen[k] = true
		} else if slices.Contains(v.keys[:i], k) {
			return true
		}
	}
	return slices.ContainsFunc(v.items, jsonValue.twice)
}

// unique drops all but the last of equal keys, in the place of the first.
func (v jsonValue) unique() jsonValue {
	if !v.twice() {
		return v
	}
	if v.kind == jArray {
		items := make([]jsonValue, len(v.items))
		for i, e := range v.items {
			items[i] = e.unique()
		}
		return jsonValue{kind: jArray, items: items}
	}
	if v.kind != jObject {
		return v
	}
	out := jsonValue{kind: jObject}
	place := make(map[string]int, len(v.keys))
	for i, k := range v.keys {
		if p, ok := place[k]; ok {
			out.items[p] = v.items[i].unique()
			continue
		}
		place[k] = len(out.keys)
		out.keys, out.items = append(out.keys, k), append(out.items, v.items[i].unique())
	}
	return out
}

// JSONParse is json_parse: the value's canonical text, keys in order.
func JSONParse(s string) (string, error) {
	v, ok := parseJSON(s)
	if !ok {
		return "", invalid("cannot convert value to JSON: '%s'", shorten(s))
	}
	return string(appendJSON(nil, v.unique(), true)), nil
}

// shorten keeps messages readable.
func shorten(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "..."
	}
	return s
}
