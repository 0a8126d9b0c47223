package fn

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// appendJSON writes v without blanks; numbers that are not whole become doubles,
// as Trino's reader makes them. sorted puts the keys of objects into order.
func appendJSON(b []byte, v jsonValue, sorted bool) []byte {
	switch v.kind {
	case jNull:
		return append(b, "null"...)
	case jFalse:
		return append(b, "false"...)
	case jTrue:
		return append(b, "true"...)
	case jNumber:
		return append(b, jsonNumber(v)...)
	case jString:
		return appendQuoted(b, v.text)
	case jArray:
		b = append(b, '[')
		for i, e := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, e, sorted)
		}
		return append(b, ']')
	}
	return appendObject(b, v, sorted)
}

func appendObject(b []byte, v jsonValue, sorted bool) []byte {
	order := make([]int, len(v.keys))
	for i := range order {
		order[i] = i
	}
	if sorted {
		slices.SortFunc(order, func(x, y int) int { return strings.Compare(v.keys[x], v.keys[y]) })
	}
	b = append(b, '{')
	for n, i := range order {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, v.keys[i]), ':')
		b = appendJSON(b, v.items[i], sorted)
	}
	return append(b, '}')
}

func jsonNumber(v jsonValue) string {
	if v.isInteger() {
		if strings.Trim(v.text, "-0") == "" {
			return "0"
		}
		return v.text
	}
	f, _ := strconv.ParseFloat(v.text, 64)
	return jsonDouble(f)
}

// jsonDouble is Java's text of a double, a JSON string if JSON has no such number.
func jsonDouble(f float64) string {
	if a := math.Abs(f); f == 0 || a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return `"` + DoubleText(f) + `"`
	}
	return DoubleText(f)
}

// jsonReal is the JSON text of a real.
func jsonReal(f float32) string {
	if v := float64(f); finite(v) {
		return javaFloatText(v, 32)
	}
	return jsonDouble(float64(f))
}

const hexDigits = "0123456789ABCDEF"

// appendQuoted writes a JSON string; characters beyond 16 bits become two
// escapes, as Trino writes them, and half a pair one.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if h, ok := half(s[i:]); ok {
				b = appendHex(b, h)
			} else if s[i] == 0xEF {
				b = utf8.AppendRune(b, r)
			}
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r < ' ':
			b = append(b, `\u00`...)
			b = append(b, hexDigits[r>>4], hexDigits[r&15])
		case r > 0xffff:
			b = appendHex(appendHex(b, 0xD800+(r-0x10000)>>10), 0xDC00+(r-0x10000)&0x3ff)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

func appendHex(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// JSONQuote is a JSON string with s in it.
func JSONQuote(s string) string { return string(appendQuoted(nil, s)) }
