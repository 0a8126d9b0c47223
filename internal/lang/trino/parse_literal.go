package trino

import (
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (p *parser) literal() Expr {
	switch p.kind() {
	case tString, tUnicode:
		return p.stringLit()
	case tBinary:
		return p.binary()
	case tParam:
		s := p.expect(tParam)
		if name, ok := strings.CutPrefix(p.src[s.Start:s.End], "$"); ok {
			return &Param{Span: s, Name: name}
		}
		p.params++
		return &Param{Span: s, Index: p.params - 1}
	}
	return p.number()
}

func (p *parser) number() Expr {
	k, s := p.kind(), p.span()
	text := strings.ReplaceAll(p.text(), "_", "")
	p.next()
	switch k {
	case tInt:
		return &IntLit{s, p.integer(text, s)}
	case tDecimal:
		return &DecimalLit{s, text}
	}
	return &DoubleLit{s, text}
}

// longestRadix bounds the digits of 0x, 0o and 0b numbers, far above bigint.
const longestRadix = 200

// integer gives decimal digits without leading zeros.
func (p *parser) integer(text string, s Span) string {
	if len(text) > 2 && text[0] == '0' && radix(text[1]) != 0 {
		n, ok := new(big.Int), false
		if len(text) <= longestRadix {
			n, ok = n.SetString(text[2:], radix(text[1]))
		}
		if !ok {
			p.failAt(s, "invalid numeric literal")
			return "0"
		}
		return n.String()
	}
	text = strings.TrimLeft(text, "0")
	if text == "" {
		return "0"
	}
	return text
}

// str reads a string and returns its value.
func (p *parser) str() string {
	if k := p.kind(); k != tString && k != tUnicode {
		p.want("<string>")
		p.fail()
		return ""
	}
	return p.stringLit().Value
}

func (p *parser) stringLit() *StringLit {
	start := p.start()
	if p.kind() == tString {
		text := unquote(p.text(), '\'')
		p.next()
		return &StringLit{p.from(start), text}
	}
	text, span := unquote(p.text()[2:], '\''), p.span()
	p.next()
	escape := '\\'
	if p.accept(kUescape) {
		escape = p.uescape()
	}
	if p.failed() {
		return &StringLit{}
	}
	return &StringLit{p.from(start), p.decode(text, span, escape)}
}

// uescape reads the escape character of a U&'...' string.
func (p *parser) uescape() rune {
	if !p.at(tString) {
		p.fail()
		return 0
	}
	s, text := p.span(), unquote(p.text(), '\'')
	p.next()
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 || n != len(text) {
		p.failAt(s, "invalid Unicode escape character: the text after UESCAPE must be one character")
		return 0
	}
	if r < ' ' || r > '~' || r == ' ' || r == '+' || r == '\'' || r == '"' || r < 0x80 && digitValue(byte(r)) < 16 {
		p.failAt(s, "invalid Unicode escape character: %c", r)
		return 0
	}
	return r
}

// decode replaces \XXXX and \+XXXXXX.
func (p *parser) decode(text string, s Span, escape rune) string {
	var b strings.Builder
	mark := string(escape)
	for {
		before, after, found := strings.Cut(text, mark)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		r, n := escaped(after, mark)
		if n == 0 {
			p.failAt(s, "invalid Unicode escape sequence after %s", mark)
			return ""
		}
		b.WriteRune(r)
		text = after[n:]
	}
}

// escaped is the character that the text after an escape mark stands for, and
// how long it is; 0 if it is none.
func escaped(text, mark string) (rune, int) {
	from, to := 0, 4
	switch {
	case strings.HasPrefix(text, mark):
		r, n := utf8.DecodeRuneInString(mark)
		return r, n
	case strings.HasPrefix(text, "+"):
		from, to = 1, 7
	}
	if len(text) < to {
		return 0, 0
	}
	v, err := strconv.ParseUint(text[from:to], 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) {
		return 0, 0
	}
	return rune(v), to
}

func (p *parser) binary() Expr {
	s, text := p.span(), p.text()
	p.next()
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, text[2:len(text)-1])
	for _, r := range digits {
		if r >= 0x80 || digitValue(byte(r)) > 15 {
			p.failAt(s, "binary literal can only contain hexadecimal digits")
			return &NullLit{}
		}
	}
	if len(digits)%2 != 0 {
		p.failAt(s, "binary literal must contain an even number of digits")
		return &NullLit{}
	}
	value, _ := hex.DecodeString(digits)
	return &BinaryLit{s, value}
}

// typed reads the text of TYPE 'text'.
func (p *parser) typed(start int, t TypeName) Expr {
	pos := p.start()
	text := p.str()
	return &TypedLit{p.from(start), t, text, p.from(pos)}
}

func (p *parser) interval() Expr {
	start := p.start()
	p.next()
	l := &IntervalLit{}
	if p.kind() == tMinus || p.kind() == tPlus {
		l.Negative = p.kind() == tMinus
		p.next()
	}
	l.Value = p.str()
	l.From = p.intervalField()
	if p.acceptWord("TO") {
		l.To = p.intervalField()
	}
	l.Span = p.from(start)
	return l
}

func (p *parser) intervalField() string {
	for _, w := range []string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"} {
		if p.acceptWord(w) {
			return strings.ToLower(w)
		}
	}
	p.fail()
	return ""
}
