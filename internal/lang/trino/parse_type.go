package trino

import "strings"

// typeName reads a type.
func (p *parser) typeName() TypeName {
	start := p.start()
	text := p.typeText()
	return TypeName{p.from(start), text}
}

// typeText reads a type and gives Trino's spelling of it.
func (p *parser) typeText() string {
	if !p.enter() {
		return ""
	}
	defer p.leave()
	text := p.baseType()
	for n := 1; p.at(kArray); n++ {
		if n > maxDepth {
			p.tooDeep(p.span())
			break
		}
		p.next()
		if p.accept(tOpenSquare) {
			p.expect(tInt)
			p.expect(tCloseSquare)
		}
		text = "array(" + text + ")"
	}
	return text
}

func (p *parser) baseType() string {
	next := p.ahead(1)
	switch k := p.kind(); {
	case k == kRow && next == tOpen:
		p.next()
		return "row(" + strings.Join(inParens(p, p.rowField), ", ") + ")"
	case k == kInterval && p.intervalAhead(1):
		p.next()
		from := p.intervalField()
		if p.acceptWord("TO") {
			return "interval " + from + " to " + p.intervalField()
		}
		return "interval " + from
	case k == kTimestamp || k == kTime:
		return p.timeType()
	case k == kDouble && next == kPrecision:
		p.next()
		p.next()
		return "double"
	case k == kArray && next == tLt:
		p.next()
		return "array(" + strings.Join(p.angles(1), ", ") + ")"
	case k == kMap && next == tLt:
		p.next()
		return "map(" + strings.Join(p.angles(2), ", ") + ")"
	}
	return p.namedType()
}

// angles reads <T> or <K, V>.
func (p *parser) angles(n int) []string {
	p.expect(tLt)
	l := []string{p.typeText()}
	for len(l) < n {
		p.expect(tComma)
		l = append(l, p.typeText())
	}
	p.expect(tGt)
	return l
}

// timeType reads TIME or TIMESTAMP, a precision, a zone.
func (p *parser) timeType() string {
	text := fold(p.text())
	p.next()
	if p.accept(tOpen) {
		text += "(" + p.typeParameter() + ")"
		p.expect(tClose)
	}
	switch {
	case p.at(kWith) && p.ahead(1) == kTime:
		text += " with time zone"
	case p.at(kWithout) && p.ahead(1) == kTime:
	default:
		return text
	}
	p.next()
	p.expect(kTime)
	p.expect(kZone)
	return text
}

// namedType reads varchar(10), decimal(10,2), map(varchar, bigint) and any other name.
func (p *parser) namedType() string {
	if !p.kind().named() {
		p.want("<type>")
		p.fail()
		return ""
	}
	text := p.quoteType(p.name())
	if !p.accept(tOpen) {
		return text
	}
	sep, start := ",", p.i
	params := list(p, p.typeParameter)
	if p.toks[start].kind != tInt {
		sep = ", "
	}
	p.expect(tClose)
	return text + "(" + strings.Join(params, sep) + ")"
}

func (p *parser) typeParameter() string {
	if p.at(tInt) {
		s := p.span()
		text := p.integer(strings.ReplaceAll(p.text(), "_", ""), s)
		p.next()
		return text
	}
	return p.typeText()
}

// quoteType keeps the quotes of a type's name that is no plain word.
func (p *parser) quoteType(n Name) string {
	if n.Quoted && !plain(n.Text) {
		return `"` + strings.ReplaceAll(n.Text, `"`, `""`) + `"`
	}
	return n.Text
}

// rowField reads a field of ROW: a type, or a name and a type.
func (p *parser) rowField() string {
	if !p.fieldNameAhead() {
		return p.typeText()
	}
	n := p.name()
	name := n.Raw
	if n.Quoted {
		name = `"` + strings.ReplaceAll(n.Raw, `"`, `""`) + `"`
	}
	return name + " " + p.typeText()
}

// fieldNameAhead tells a field's name from the first word of a type of several
// words: where both readings are possible it is a type.
func (p *parser) fieldNameAhead() bool {
	next, after := p.ahead(1), p.ahead(2)
	if !p.kind().named() || !next.named() {
		return false
	}
	ends := after == tComma || after == tClose
	switch k := p.kind(); {
	case next == kArray:
		return !ends && after != tOpenSquare && after != kArray
	case k == kDouble && next == kPrecision:
		return !ends && after != kArray
	case k == kInterval && p.intervalAhead(1):
		return !ends && !p.isWord(2, "TO")
	case (k == kTime || k == kTimestamp) && next == kWithout:
		return after != kTime
	}
	return true
}

// intervalAhead says whether the n-th token is a field of an interval.
func (p *parser) intervalAhead(n int) bool {
	for _, w := range []string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"} {
		if p.isWord(n, w) {
			return true
		}
	}
	return false
}

// plain says whether a name needs no quotes: lower case letters, digits and
// underscores, not starting with a digit, and no reserved word.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !letter(c) && (i == 0 || !digit(c)) || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return s != "" && !Reserved(s)
}
