package hive

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tokEOF    tokenKind = iota
	tokWord             // a keyword or a plain name
	tokQuoted           // a name in back-ticks
	tokString           // '...' or "..."
	tokNumber           // 12, 1.5
	tokSymbol           // one character
	tokBroken           // a quote or comment that never ends
)

// token is one word of the text. text is its value: quotes and escapes
// removed.
type token struct {
	kind     tokenKind
	text     string
	from, to int // bytes of the source
	double   bool
	// fresh is set for the first token of its line.
	fresh bool
}

func (t token) is(word string) bool { return t.kind == tokWord && strings.EqualFold(t.text, word) }

// lexer cuts a text into tokens; comments are -- and # to the end of the line
// (# only where a line begins) and /* */.
type lexer struct {
	src   string
	at    int
	fresh bool
	// notes are the # comments met.
	notes []token
}

func lex(src string) ([]token, []token) {
	l := &lexer{src: src, fresh: true}
	var out []token
	for {
		t := l.next()
		out = append(out, t)
		if t.kind == tokEOF {
			return out, l.notes
		}
	}
}

func (l *lexer) next() token {
	if t, broken := l.blanks(); broken {
		return t
	}
	t := token{from: l.at, fresh: l.fresh}
	l.fresh = false
	if l.at >= len(l.src) {
		t.to = l.at
		return t
	}
	r, size := utf8.DecodeRuneInString(l.src[l.at:])
	switch {
	case r == '\'' || r == '"':
		l.quoted(&t, byte(r))
	case r == '`':
		l.backtick(&t)
	case wordRune(r):
		l.word(&t)
	default:
		t.kind, t.text = tokSymbol, l.src[l.at:l.at+size]
		l.at += size
	}
	t.to = l.at
	return t
}

// blanks skips white space and comments; a comment without end is a token.
func (l *lexer) blanks() (token, bool) {
	for l.at < len(l.src) {
		rest := l.src[l.at:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == '\n':
			l.fresh = true
			l.at++
		case unicode.IsSpace(r) || r == '\ufeff':
			l.at += size
		case strings.HasPrefix(rest, "--"):
			l.line()
		case r == '#' && l.fresh:
			from := l.at
			l.line()
			l.notes = append(l.notes, token{from: from, to: l.at, text: l.src[from:l.at]})
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				t := token{kind: tokBroken, text: "comment", from: l.at, to: l.at + 2, fresh: l.fresh}
				l.at = len(l.src)
				return t, true
			}
			if strings.Contains(rest[:end+4], "\n") {
				l.fresh = true
			}
			l.at += end + 4
		default:
			return token{}, false
		}
	}
	return token{}, false
}

func (l *lexer) line() {
	if i := strings.IndexByte(l.src[l.at:], '\n'); i >= 0 {
		l.at += i
		return
	}
	l.at = len(l.src)
}

func wordRune(r rune) bool {
	return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// word reads a name, a keyword or a number: names may begin with a digit.
func (l *lexer) word(t *token) {
	digits := true
	for l.at < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[l.at:])
		if !wordRune(r) && (!digits || !l.point(t)) {
			break
		}
		digits = digits && (r >= '0' && r <= '9' || r == '.')
		l.at += size
	}
	t.kind, t.text = tokWord, l.src[t.from:l.at]
	if digits {
		t.kind = tokNumber
	}
}

// point tells whether a decimal point follows the digits read so far.
func (l *lexer) point(t *token) bool {
	rest := l.src[l.at:]
	return l.at > t.from && len(rest) > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9' && !strings.Contains(l.src[t.from:l.at], ".")
}

func (l *lexer) backtick(t *token) {
	t.kind = tokQuoted
	var b strings.Builder
	for i := l.at + 1; i < len(l.src); i++ {
		if l.src[i] != '`' {
			b.WriteByte(l.src[i])
			continue
		}
		if i+1 < len(l.src) && l.src[i+1] == '`' {
			b.WriteByte('`')
			i++
			continue
		}
		t.text, l.at = b.String(), i+1
		return
	}
	t.kind, t.text = tokBroken, "back-tick"
	l.at = len(l.src)
}

// quoted reads a text literal: a backslash escapes, a doubled quote is one.
func (l *lexer) quoted(t *token, quote byte) {
	t.kind, t.double = tokString, quote == '"'
	var b strings.Builder
	for i := l.at + 1; i < len(l.src); {
		c := l.src[i]
		switch {
		case c == '\\' && i+1 < len(l.src):
			i += unescape(&b, l.src[i:])
		case c == quote && i+1 < len(l.src) && l.src[i+1] == quote:
			b.WriteByte(quote)
			i += 2
		case c == quote:
			t.text, l.at = b.String(), i+1
			return
		default:
			b.WriteByte(c)
			i++
		}
	}
	t.kind, t.text = tokBroken, "quote"
	l.at = len(l.src)
}

// unescape writes what the escape at the start of s stands for and returns its
// length, by Hive's rules: \n \t \r \0 \b \Z, octal \001, \u0001, \% and \_
// keep their backslash, any other character stands for itself.
func unescape(b *strings.Builder, s string) int {
	if len(s) >= 6 && s[1] == 'u' {
		if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
			b.WriteRune(rune(n))
			return 6
		}
	}
	if len(s) >= 4 && s[1] >= '0' && s[1] <= '1' {
		if n, err := strconv.ParseUint(s[1:4], 8, 8); err == nil {
			b.WriteByte(byte(n))
			return 4
		}
	}
	if i := strings.IndexByte("0nrtbZ", s[1]); i >= 0 {
		b.WriteByte("\x00\n\r\t\b\x1a"[i])
		return 2
	}
	if s[1] == '%' || s[1] == '_' {
		b.WriteByte('\\')
	}
	_, size := utf8.DecodeRuneInString(s[1:])
	b.WriteString(s[1 : 1+size])
	return 1 + size
}
