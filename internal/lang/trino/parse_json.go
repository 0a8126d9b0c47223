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
		p.jsonBehaviors(j, false, "TRUE", "FALSE", "UNKNOWN", "ERROR")
	case kJSONValue:
		p.returning(j, false)
		p.jsonBehaviors(j, true, "ERROR", "NULL", "DEFAULT")
	case kJSONQuery:
		p.returning(j, true)
		p.jsonWrapper(j)
		p.jsonBehaviors(j, true, "ERROR", "NULL", "EMPTY ARRAY", "EMPTY OBJECT")
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

// jsonBehaviors reads what is to be done ON EMPTY, if the function has it, and ON ERROR.
func (p *parser) jsonBehaviors(j *JSONCall, empty bool, allowed ...string) {
	for !p.failed() {
		what, value := p.jsonBehavior(allowed)
		if what == "" {
			return
		}
		p.expect(kOn)
		switch {
		case empty && p.acceptWord("EMPTY"):
			j.OnEmpty, j.OnEmptyDefault = what, value
			empty = false
		case p.acceptWord("ERROR"):
			j.OnError, j.OnErrorDefault = what, value
			return
		default:
			p.fail()
		}
	}
}

// jsonBehavior reads one of the allowed behaviors; it is empty if none is there.
func (p *parser) jsonBehavior(allowed []string) (string, Expr) {
	for _, b := range allowed {
		first, second, two := strings.Cut(b, " ")
		if two && p.acceptWords(first, second) || !two && p.acceptWord(first) {
			if b == "DEFAULT" {
				return "default", p.expr()
			}
			return strings.ToLower(b), nil
		}
	}
	return "", nil
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
	return next.begins()
}
