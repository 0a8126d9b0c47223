package dynamo

import (
	"strings"
	"unicode/utf8"
)

// token is a word, a number, a mark or the end.
type token struct {
	text     string // "<EOF>" at the end
	from, to int    // in the source
	kind     tokenKind
}

type tokenKind byte

const (
	endToken    tokenKind = iota
	wordToken             // a name or keyword
	nameToken             // #name
	valueToken            // :value
	numberToken           // digits
	markToken             // an operator or bracket
	otherToken            // what no expression can hold
)

// lex splits an expression into tokens; the last is the end.
func lex(src string) []token {
	var out []token
	for pos := 0; ; {
		for pos < len(src) && strings.IndexByte(" \t\r\n", src[pos]) >= 0 {
			pos++
		}
		if pos == len(src) {
			return append(out, token{"<EOF>", pos, pos, endToken})
		}
		kind, size := next(src[pos:])
		out = append(out, token{src[pos : pos+size], pos, pos + size, kind})
		pos += size
	}
}

// next is the kind and length of the token that src begins with.
func next(src string) (tokenKind, int) {
	c := src[0]
	switch {
	case letter(c):
		return wordToken, 1 + word(src[1:])
	case c >= '0' && c <= '9':
		n := 1
		for n < len(src) && src[n] >= '0' && src[n] <= '9' {
			n++
		}
		return numberToken, n
	case c == '#':
		return nameToken, 1 + word(src[1:])
	case c == ':':
		return valueToken, 1 + word(src[1:])
	}
	for _, m := range []string{"<=", ">=", "<>", "<", ">", "=", "(", ")", "[", "]", ",", ".", "+", "-"} {
		if strings.HasPrefix(src, m) {
			return markToken, len(m)
		}
	}
	_, n := utf8.DecodeRuneInString(src)
	return otherToken, n
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

// word is how many characters of a name src begins with.
func word(src string) int {
	n := 0
	for n < len(src) && (letter(src[n]) || src[n] >= '0' && src[n] <= '9') {
		n++
	}
	return n
}
