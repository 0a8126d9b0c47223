package trino

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a stretch of the text with its kind.
type token struct {
	kind       kind
	start, end int32
}

// lex cuts the whole text into tokens, the last being tEOF. It never fails:
// what it cannot read becomes a token that no rule accepts, so that the parser
// reports mistakes in the order of the text.
func lex(src string, comments bool) []token {
	toks := make([]token, 0, len(src)/3+8)
	i := 0
	for i < len(src) {
		c := src[i]
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		k, end := scan(src, i)
		if k != tComment || comments {
			toks = append(toks, token{k, int32(i), int32(end)})
		}
		i = end
	}
	return append(toks, token{tEOF, int32(len(src)), int32(len(src))})
}

// scan reads the token that starts at i.
func scan(src string, i int) (kind, int) {
	c := src[i]
	switch {
	case letter(c):
		return scanWord(src, i)
	case digit(c), c == '.' && i+1 < len(src) && digit(src[i+1]):
		return scanNumber(src, i)
	case c == '\'':
		return closed(src, i+1, '\'', tString, tOpenString)
	case c == '"':
		return closed(src, i+1, '"', tQuoted, tOpenName)
	case c == '`':
		return closed(src, i+1, '`', tBackQuoted, tOpenName)
	case c == '-' && strings.HasPrefix(src[i:], "--"):
		if n := strings.IndexAny(src[i:], "\r\n"); n >= 0 {
			return tComment, i + n
		}
		return tComment, len(src)
	case c == '/' && strings.HasPrefix(src[i:], "/*"):
		if n := strings.Index(src[i+2:], "*/"); n >= 0 {
			return tComment, i + n + 4
		}
		return tOpenComment, len(src)
	case c >= utf8.RuneSelf:
		return scanWide(src, i)
	}
	return scanSign(src, i)
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

// wordEnd is where the letters, digits and underscores from i on end.
func wordEnd(src string, i int) int {
	for i < len(src) {
		c := src[i]
		if letter(c) || digit(c) {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRuneInString(src[i:])
		if !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			break
		}
		i += n
	}
	return i
}

func scanWord(src string, i int) (kind, int) {
	if i+1 < len(src) {
		switch c, next := src[i], src[i+1]; {
		case (c == 'x' || c == 'X') && next == '\'':
			if n := strings.IndexByte(src[i+2:], '\''); n >= 0 {
				return tBinary, i + n + 3
			}
			return tOpenString, len(src)
		case (c == 'u' || c == 'U') && next == '&' && i+2 < len(src) && src[i+2] == '\'':
			return closed(src, i+3, '\'', tUnicode, tOpenString)
		}
	}
	end := wordEnd(src, i)
	return lookup(src[i:end]), end
}

// scanWide reads what starts with a character beyond ASCII: a name, if it is a letter.
func scanWide(src string, i int) (kind, int) {
	r, n := utf8.DecodeRuneInString(src[i:])
	if unicode.IsLetter(r) {
		return tIdent, wordEnd(src, i)
	}
	return tUnknown, i + n
}

// closed reads up to the closing quote; a doubled quote is one of the text.
func closed(src string, i int, quote byte, k, open kind) (kind, int) {
	for {
		n := strings.IndexByte(src[i:], quote)
		if n < 0 {
			return open, len(src)
		}
		i += n + 1
		if i >= len(src) || src[i] != quote {
			return k, i
		}
		i++
	}
}

func scanSign(src string, i int) (kind, int) {
	if i+1 < len(src) {
		if k := sign2(src[i], src[i+1]); k != tUnknown {
			return k, i + 2
		}
	}
	return sign1(src[i]), i + 1
}

func sign2(a, b byte) kind {
	switch {
	case b == '>' && a == '<', b == '=' && a == '!':
		return tNeq
	case b == '=' && a == '<':
		return tLte
	case b == '=' && a == '>':
		return tGte
	case b == '|' && a == '|':
		return tConcat
	case b == '>' && a == '-':
		return tArrow
	case b == '>' && a == '=':
		return tFatArrow
	}
	return tUnknown
}

func sign1(c byte) kind {
	switch c {
	case ';':
		return tSemicolon
	case ',':
		return tComma
	case '.':
		return tDot
	case '(':
		return tOpen
	case ')':
		return tClose
	case '[':
		return tOpenSquare
	case ']':
		return tCloseSquare
	case '=':
		return tEq
	case '<':
		return tLt
	case '>':
		return tGt
	case '+':
		return tPlus
	case '-':
		return tMinus
	case '*':
		return tStar
	case '/':
		return tSlash
	case '%':
		return tPercent
	case '?':
		return tParam
	case ':':
		return tColon
	}
	return tUnknown
}

// scanNumber takes the longest of integer, decimal, double and (only to refuse
// it in clear words) a name that starts with a digit.
func scanNumber(src string, i int) (kind, int) {
	k, end := tInt, max(radixEnd(src, i), digitsEnd(src, i))
	if e := decimalEnd(src, i); e > end {
		k, end = tDecimal, e
	}
	if e := doubleEnd(src, i); e > end {
		k, end = tDouble, e
	}
	if digit(src[i]) {
		if e := wordEnd(src, i); e > end {
			k, end = tDigitIdent, e
		}
	}
	return k, end
}

// digitsEnd reads digits, single underscores between them.
func digitsEnd(src string, i int) int {
	end := i
	for i < len(src) && digit(src[i]) {
		i++
		end = i
		if i < len(src) && src[i] == '_' {
			i++
		}
	}
	return end
}

// radixEnd reads 0x, 0o and 0b numbers; i if there is none.
func radixEnd(src string, i int) int {
	if i+2 >= len(src) || src[i] != '0' {
		return i
	}
	base := radix(src[i+1])
	if base == 0 {
		return i
	}
	end := i
	for j := i + 2; j < len(src); {
		if src[j] == '_' {
			j++
		}
		if j >= len(src) || digitValue(src[j]) >= base {
			break
		}
		j++
		end = j
	}
	return end
}

func radix(c byte) int {
	switch c {
	case 'x', 'X':
		return 16
	case 'o', 'O':
		return 8
	case 'b', 'B':
		return 2
	}
	return 0
}

func digitValue(c byte) int {
	switch {
	case digit(c):
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return 99
}

func decimalEnd(src string, i int) int {
	dot := digitsEnd(src, i)
	if dot >= len(src) || src[dot] != '.' {
		return i
	}
	return max(dot+1, digitsEnd(src, dot+1))
}

func doubleEnd(src string, i int) int {
	plain := func(j int) int {
		for j < len(src) && digit(src[j]) {
			j++
		}
		return j
	}
	j := plain(i)
	if j < len(src) && src[j] == '.' {
		j = plain(j + 1)
	}
	if j >= len(src) || src[j]|0x20 != 'e' {
		return i
	}
	j++
	if j < len(src) && (src[j] == '+' || src[j] == '-') {
		j++
	}
	if end := plain(j); end > j {
		return end
	}
	return i
}
