package render

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

type text struct{ a *array.String }

func (c *text) bind(a arrow.Array) { c.a = a.(*array.String) }

func (c *text) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '"')
	dst = appendEscaped(dst, c.a.Value(i))
	return append(dst, '"')
}

// padded is char(n): filled with blanks to its length.
type padded struct {
	a     *array.String
	width int
}

func (c *padded) bind(a arrow.Array) { c.a = a.(*array.String) }

func (c *padded) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	s := c.a.Value(i)
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	for n := utf8.RuneCountInString(s); n < c.width; n++ {
		dst = append(dst, ' ')
	}
	return append(dst, '"')
}

type binary struct{ a *array.Binary }

func (c *binary) bind(a arrow.Array) { c.a = a.(*array.Binary) }

func (c *binary) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, c.a.Value(i))
	return append(dst, '"')
}

const hex = "0123456789abcdef"

// appendEscaped appends the inside of a JSON string. Bytes that are no UTF-8
// become the replacement character.
func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	return append(dst, s[from:]...)
}
