package hivefile

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends a quoted text without its escapes. Half of a surrogate pair
// alone becomes a question mark, as Java writes it.
func unescape(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+1 >= len(b) {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		if b[i+1] != 'u' {
			dst = append(dst, unescaped(b[i+1]))
			b = b[i+2:]
			continue
		}
		r, n := escapedRune(b[i:])
		dst = utf8.AppendRune(dst, r)
		b = b[i+n:]
	}
}

func unescaped(c byte) byte {
	switch c {
	case 't', 'v': // the reference reader takes octal 11 for \v
		return '\t'
	case 'b':
		return '\b'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	case 'a':
		return 7
	}
	return c
}

// escapedRune reads \uXXXX, or two of them that are a pair, and their length.
func escapedRune(b []byte) (rune, int) {
	r := unit(b)
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if pair := utf16.DecodeRune(r, unit(b[6:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return '?', 6
}

func unit(b []byte) rune {
	n, err := strconv.ParseUint(view(b[2:6]), 16, 16)
	if err != nil {
		return '?'
	}
	return rune(n)
}

// utf8Text is b, with U+FFFD for bytes that are not UTF-8.
func utf8Text(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out := make([]byte, 0, len(b)+8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return out
}

// clip keeps the first n characters; a char column loses blanks at its end.
func clip(b []byte, t hiveType) []byte {
	if t.length > 0 && len(b) > t.length {
		n := 0
		for i := 0; i < len(b); n++ {
			if n == t.length {
				b = b[:i]
				break
			}
			_, w := utf8.DecodeRune(b[i:])
			i += w
		}
	}
	if t.padded {
		b = bytes.TrimRight(b, " ")
	}
	return b
}

// appendBare writes a bare word: booleans in lower case, numbers in decimal.
func appendBare(dst, w []byte) ([]byte, bool) {
	switch {
	case bytes.EqualFold(w, []byte("true")):
		return append(dst, "true"...), true
	case bytes.EqualFold(w, []byte("false")):
		return append(dst, "false"...), true
	}
	if n, ok := parseRadixLong(w); ok {
		return strconv.AppendInt(dst, n, 10), true
	}
	if n, ok := parseNumber(w); ok {
		return n.appendText(dst), true
	}
	return append(dst, w...), false
}

// textWriter turns values into the text a string column shows.
type textWriter struct {
	fold bool
	buf  []byte
	tmp  []byte
}

// text is a value as a text column shows it; valid until the next call.
func (w *textWriter) text(v value) []byte {
	switch v.kind {
	case quoted:
		if !v.escaped {
			return v.text
		}
		w.buf = unescape(w.buf[:0], v.text)
	case bare:
		w.buf, _ = appendBare(w.buf[:0], v.text)
	default:
		w.buf = w.appendJSON(w.buf[:0], v)
	}
	return w.buf
}

// appendJSON writes compact JSON. Of keys that are equal the last is kept.
func (w *textWriter) appendJSON(dst []byte, v value) []byte {
	switch v.kind {
	case quoted:
		text := v.text
		if v.escaped {
			w.tmp = unescape(w.tmp[:0], v.text)
			text = w.tmp
		}
		return appendQuoted(dst, text)
	case bare:
		start := len(dst)
		out, plain := appendBare(dst, v.text)
		if plain {
			return out
		}
		return appendQuoted(dst[:start], v.text)
	case object:
		return w.appendObject(dst, v)
	case sequence:
		dst = append(dst, '[')
		first := true
		s := scanner{s: v.text, i: 1}
		s.elements(func(e value) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = w.appendJSON(dst, e)
		})
		return append(dst, ']')
	}
	return append(dst, "null"...)
}

func (w *textWriter) appendObject(dst []byte, v value) []byte {
	dst = append(dst, '{')
	for i, m := range pairs(v, w.fold) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, m.key), ':')
		dst = w.appendJSON(dst, m.value)
	}
	return append(dst, '}')
}

// pair is a member of an object, its key unescaped.
type pair struct {
	key   []byte
	value value
}

// pairs lists an object's members; of equal keys the last is kept, in its place.
func pairs(v value, fold bool) []pair {
	var out []pair
	s := scanner{s: v.text, i: 1}
	if s.token() == '}' {
		return nil
	}
	s.i--
	for {
		key, ok := s.key()
		if !ok || !s.colon() {
			return out
		}
		m := pair{key: key.text}
		if key.escaped {
			m.key = unescape(nil, key.text)
		}
		if m.value, ok = s.value(); !ok {
			return out
		}
		for i, old := range out {
			if bytes.Equal(old.key, m.key) || fold && bytes.EqualFold(old.key, m.key) {
				out = append(out[:i], out[i+1:]...)
				break
			}
		}
		out = append(out, m)
		if c := s.token(); c != ',' && c != ';' {
			return out
		}
	}
}

// shortEscapes are the control characters JSON has letters for.
var shortEscapes = map[byte]string{'"': `\"`, '\\': `\\`, '\t': `\t`, '\b': `\b`, '\n': `\n`, '\r': `\r`, '\f': `\f`}

func appendQuoted(dst, b []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for i, c := range b {
		switch {
		case c == '/' && i > 0 && b[i-1] == '<':
			dst = append(dst, '\\', '/')
		case c >= ' ' && c != '"' && c != '\\':
			dst = append(dst, c)
		default:
			if e, ok := shortEscapes[c]; ok {
				dst = append(dst, e...)
			} else {
				dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
			}
		}
	}
	return append(dst, '"')
}
