package fn

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FromUTF8 is from_utf8: bytes that are no UTF-8 become the replacement, a
// character or nothing.
func FromUTF8(b []byte, replacement string) (string, error) {
	if utf8.RuneCountInString(replacement) > 1 {
		return "", invalid("replacement character string must be empty or a single character")
	}
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			out.WriteString(replacement)
			n = badSequence(b)
		} else {
			out.WriteRune(r)
		}
		b = b[n:]
	}
	return out.String(), checkSize(out.Len())
}

// badSequence is how many bytes one replacement stands for: those a longer
// character would have begun with.
func badSequence(b []byte) int {
	want := 1
	switch c := b[0]; {
	case c >= 0xC0 && c < 0xE0:
		want = 2
	case c >= 0xE0 && c < 0xF0:
		want = 3
	case c >= 0xF0 && c < 0xF8:
		want = 4
	case c >= 0xF8 && c < 0xFC:
		want = 5
	case c >= 0xFC && c < 0xFE:
		want = 6
	}
	n := 1
	for n < want && n < len(b) && b[n]&0xC0 == 0x80 {
		n++
	}
	return n
}

// FromBase32 is from_base32.
func FromBase32(s string) ([]byte, error) {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(s, "="))
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, invalid("invalid base32 text: %s", shorten(s))
	}
	return b, nil
}

func fromBase64(e *base64.Encoding) func(string) ([]byte, error) {
	return func(s string) ([]byte, error) {
		b, err := e.WithPadding(base64.NoPadding).DecodeString(strings.TrimRight(s, "="))
		if err != nil || strings.ContainsAny(s, "\r\n") {
			return nil, invalid("invalid base64 text: %s", shorten(s))
		}
		return b, nil
	}
}

// FromHex is from_hex.
func FromHex(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, invalid("invalid hexadecimal text: %s", shorten(s))
	}
	return b, nil
}

func checkRadix(radix int64) error {
	if radix < 2 || radix > 36 {
		return invalid("radix must be between 2 and 36")
	}
	return nil
}

// ToBase is to_base.
func ToBase(v, radix int64) (string, error) {
	if err := checkRadix(radix); err != nil {
		return "", err
	}
	return strconv.FormatInt(v, int(radix)), nil
}

// FromBase is from_base.
func FromBase(s string, radix int64) (int64, error) {
	if err := checkRadix(radix); err != nil {
		return 0, err
	}
	v, err := strconv.ParseInt(s, int(radix), 64)
	if err != nil || strings.Contains(s, "_") {
		return 0, invalid("not a valid base-%d number: %s", radix, shorten(s))
	}
	return v, nil
}

func encodingDefs() []Def {
	return []Def{
		def2("mg_from_utf8", FromUTF8),
		def1("mg_to_base32", sure(base32.StdEncoding.EncodeToString)),
		def1("mg_from_base32", FromBase32),
		def1("mg_from_base64", fromBase64(base64.StdEncoding)),
		def1("mg_to_base64url", sure(base64.URLEncoding.EncodeToString)),
		def1("mg_from_base64url", fromBase64(base64.URLEncoding)),
		def1("mg_from_hex", FromHex),
		def2("mg_to_base", ToBase),
		def2("mg_from_base", FromBase),
	}
}
