package trino

import "strings"

// jsonCall reads the JSON functions of the SQL standard, which have words
// between their arguments.
func (p *parser) jsonCall() Expr {
	start, k := p.start(), p.kind()
	j := &JSONCall{Name: fold(p.text())}
	p.next()
	p.expect(tOpen)
	switch k {
	case kJSONObject:
		p.jsonMembers(j, p.jsonMember)
	case kJSONArray:
		p.jsonMembers(j, p.jsonElement)
	default:
		p.jsonPath(j)
	}
	switch k {
	case kJSONExists:
		j.OnError, _, _ = p.jsonBehavior([]string{"ERROR"}, "true", "false", "unknown", "error")
	case kJSONValue:
		p.returning(j, false)
		p.jsonBehaviors(j, "error", "null", "default")
	case kJSONQuery:
		p.returning(j, true)
		p.jsonWrapper(j)
		p.jsonBehaviors(j, "error", "null", "empty array", "empty object")
	default:
		p.returning(j, true)
	}
	p.expect(tClose)
	j.Span = p.from(start)
	return j
}

// jsonPath reads input, 'path' [AS name] [PASSING value AS name, ...].
func (p *parser) jsonPath(j *JSONCall) {
	j.Input = p.expr()
	j.InputFormat = p.jsonFormat()
	p.expect(tComma)
	pos := p.start()
	j.Path = p.str()
	j.PathPos = p.from(pos)
	if p.accept(kAs) {
		j.PathName = p.name().Raw
	}
	if p.acceptWord("PASSING") {
		j.Passing = list(p, p.jsonArg)
	}
}

func (p *parser) jsonArg() JSONArg {
	a := JSONArg{Value: p.expr(), Format: p.jsonFormat()}
	p.expect(kAs)
	n := p.name()
	// A bare name is upper case in a path, where letter case counts.
	a.Name = n.Raw
	if !n.Quoted {
		a.Name = strings.ToUpper(n.Raw)
	}
	return a
}

// jsonFormat reads FORMAT JSON [ENCODING x], and gives it in lower case.
func (p *parser) jsonFormat() string {
	if !p.acceptWords("FORMAT", "JSON") {
		return ""
	}
	if !p.acceptWord("ENCODING") {
		return "json"
	}
	for _, w := range []string{"UTF8", "UTF16", "UTF32"} {
		if p.acceptWord(w) {
			return "json encoding " + strings.ToLower(w)
		}
	}
	p.fail()
	return ""
}

func (p *parser) returning(j *JSONCall, format bool) {
	if !p.acceptWord("RETURNING") {
		return
	}
	t := p.typeName()
	j.Returning = &t
	if format {
		j.ReturningFormat = p.jsonFormat()
	}
}

// jsonBehaviors reads [behavior ON EMPTY] [behavior ON ERROR].
func (p *parser) jsonBehaviors(j *JSONCall, allowed ...string) {
	b, value, event := p.jsonBehavior([]string{"EMPTY", "ERROR"}, allowed...)
	if event == "EMPTY" {
		j.OnEmpty, j.OnEmptyDefault = b, value
		b, value, event = p.jsonBehavior([]string{"ERROR"}, allowed...)
	}
	if event == "ERROR" {
		j.OnError, j.OnErrorDefault = b, value
	}
}

// jsonBehavior reads one of the behaviors and ON and one of the events; the
// answers are empty if it is not there.
func (p *parser) jsonBehavior(events []string, allowed ...string) (behavior string, value Expr, event string) {
	for _, b := range allowed {
		words := strings.Fields(strings.ToUpper(b))
		if !p.jsonAhead(words) {
			p.want("'" + words[0] + "'")
			continue
		}
		for range words {
			p.next()
		}
		if b == "default" {
			value = p.expr()
		}
		p.expect(kOn)
		for _, e := range events {
			if p.acceptWord(e) {
				return b, value, e
			}
		}
		p.fail()
		return b, value, ""
	}
	return "", nil, ""
}

// jsonAhead says whether these words stand here.
func (p *parser) jsonAhead(words []string) bool {
	for i, w := range words {
		if !p.isWord(i, w) {
			return false
		}
	}
	return true
}

func (p *parser) jsonWrapper(j *JSONCall) {
	switch {
	case p.accept(kWithout):
		j.Wrapper = "without"
	case p.accept(kWith):
		j.Wrapper = "unconditional"
		if p.acceptWord("CONDITIONAL") {
			j.Wrapper = "conditional"
		} else {
			p.acceptWord("UNCONDITIONAL")
		}
	}
	if j.Wrapper != "" {
		p.accept(kArray)
		p.expectWord("WRAPPER")
	}
	switch {
	case p.acceptWord("KEEP"):
		j.Quotes = "keep"
	case p.acceptWord("OMIT"):
		j.Quotes = "omit"
	default:
		return
	}
	p.expectWord("QUOTES")
	if p.acceptWords("ON", "SCALAR") {
		p.expectWord("STRING")
	}
}

// jsonMembers reads the members of an object or the elements of an array and
// how NULL and doubled keys are handled.
func (p *parser) jsonMembers(j *JSONCall, member func() JSONMember) {
	if p.at(tClose) || p.isWord(0, "RETURNING") && p.ahead(1).named() {
		return
	}
	j.Members = list(p, member)
	switch {
	case p.accept(kNull):
		j.NullHandling = "null"
	case p.acceptWord("ABSENT"):
		j.NullHandling = "absent"
	}
	if j.NullHandling != "" {
		p.expect(kOn)
		p.expect(kNull)
	}
	if j.Name != "json_object" {
		return
	}
	switch {
	case p.accept(kWith):
		j.UniqueKeys = true
	case p.accept(kWithout):
	default:
		return
	}
	p.expectWord("UNIQUE")
	p.acceptWord("KEYS")
}

func (p *parser) jsonElement() JSONMember {
	return JSONMember{Value: p.expr(), Format: p.jsonFormat()}
}

// jsonMember reads [KEY] key VALUE value or key : value.
func (p *parser) jsonMember() JSONMember {
	m := JSONMember{}
	if p.isWord(0, "KEY") && p.keyAhead() {
		p.next()
		m.Key = p.expr()
		p.expectWord("VALUE")
	} else {
		m.Key = p.expr()
		if !p.accept(tColon) && !p.acceptWord("VALUE") {
			p.fail()
		}
	}
	m.Value = p.expr()
	m.Format = p.jsonFormat()
	return m
}

// keyAhead tells the word KEY from a column of that name.
func (p *parser) keyAhead() bool {
	next := p.ahead(1)
	if p.isWord(1, "VALUE") {
		return p.isWord(2, "VALUE")
	}
	return next >= tIdent && next <= tParam || next.named() || startsOnly(next) || next == tOpen
}
