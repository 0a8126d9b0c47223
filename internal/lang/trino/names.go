package trino

import "strings"

// name reads an identifier.
func (p *parser) name() Name {
	k := p.kind()
	if !k.named() {
		p.want("<identifier>")
		p.fail()
		return Name{}
	}
	span, raw := p.span(), p.text()
	p.next()
	switch k {
	case tQuoted:
		raw = unquote(raw, '"')
		if raw == "" {
			p.failAt(span, "zero-length delimited identifier not allowed")
		}
		return Name{Span: span, Text: fold(raw), Raw: raw, Quoted: true}
	case tBackQuoted:
		p.failAt(span, "backquoted identifiers are not supported; use double quotes to quote identifiers")
	case tDigitIdent:
		p.failAt(span, "identifiers must not start with a digit; surround the identifier with double quotes")
	}
	return Name{Span: span, Text: fold(raw), Raw: raw}
}

// qname reads a dotted name.
func (p *parser) qname() QName {
	start := p.start()
	q := QName{Parts: []Name{p.name()}}
	for p.accept(tDot) {
		q.Parts = append(q.Parts, p.name())
	}
	q.Span = p.from(start)
	return q
}

// columnNames reads (a, b) if it is there.
func (p *parser) columnNames() []Name {
	if !p.at(tOpen) {
		return nil
	}
	return inParens(p, p.name)
}

// fold is the lower case form by which names are compared.
func fold(s string) string {
	for i := range len(s) {
		if c := s[i]; 'A' <= c && c <= 'Z' || c >= 0x80 {
			return strings.ToLower(s)
		}
	}
	return s
}

// unquote takes the quotes off and makes doubled ones single.
func unquote(s string, quote byte) string {
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, quote) < 0 {
		return s
	}
	q := string(quote)
	return strings.ReplaceAll(s, q+q, q)
}
