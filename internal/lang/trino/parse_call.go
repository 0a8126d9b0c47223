package trino

import "strings"

// call reads a function's arguments and what may follow them.
func (p *parser) call(name QName) *Call {
	c := &Call{Name: name}
	p.expect(tOpen)
	switch {
	case p.accept(tStar):
		c.Star = true
	case !p.at(tClose):
		p.quantifier(&c.Distinct)
		p.args(c)
		c.OrderBy = p.orderBy()
	}
	p.expect(tClose)
	p.filter(c)
	p.over(c)
	c.Span = p.from(name.Start)
	return c
}

// quantifier reads DISTINCT or ALL. ALL is also a name, so that it counts only
// before something that can begin an item.
func (p *parser) quantifier(distinct *bool) {
	if p.accept(kDistinct) {
		*distinct = true
		return
	}
	if !p.at(kAll) {
		return
	}
	next := p.ahead(1)
	empty := next == tOpen && p.ahead(2) == tClose && p.ahead(3) != tArrow
	if next.begins() && !empty || next == tStar || next == tPlus || next == tMinus {
		p.next()
	}
}

// begins says whether a literal, a name, a parenthesis or a word that begins an expression stands here.
func (k kind) begins() bool {
	return k >= tIdent && k <= tParam || k == tOpen || k.named() || startsOnly(k)
}

// startsOnly says whether a reserved word begins an expression.
func startsOnly(k kind) bool {
	switch k {
	case kCase, kCast, kNot, kNull, kTrue, kFalse, kExists, kExtract, kTrim, kNormalize, kListagg, kGrouping,
		kJSONArray, kJSONExists, kJSONObject, kJSONQuery, kJSONValue, kCurrentCatalog, kCurrentDate, kCurrentPath,
		kCurrentSchema, kCurrentTime, kCurrentTimestamp, kCurrentUser, kLocaltime, kLocaltimestamp:
		return true
	}
	return false
}

// args reads the arguments, named ones included.
func (p *parser) args(c *Call) {
	for {
		name := ""
		if p.kind().named() && p.ahead(1) == tFatArrow {
			name = p.name().Text
			p.next()
			if c.ArgNames == nil {
				c.ArgNames = make([]string, len(c.Args))
			}
		}
		if c.ArgNames != nil {
			c.ArgNames = append(c.ArgNames, name)
		}
		c.Args = append(c.Args, p.expr())
		if !p.accept(tComma) {
			return
		}
	}
}

func (p *parser) filter(c *Call) {
	if !p.at(kFilter) || p.ahead(1) != tOpen || p.ahead(2) != kWhere {
		return
	}
	p.next()
	p.next()
	p.next()
	c.Filter = p.expr()
	p.expect(tClose)
}

// over reads IGNORE NULLS or RESPECT NULLS and OVER.
func (p *parser) over(c *Call) {
	if (p.at(kIgnore) || p.at(kRespect)) && p.ahead(1) == kNulls {
		c.IgnoreNulls = p.kind() == kIgnore
		c.RespectNull = p.kind() == kRespect
		p.next()
		p.next()
		if !p.overAhead() {
			p.expect(kOver)
			p.at(tOpen)
			p.want("<identifier>")
			p.fail()
			return
		}
	}
	if !p.overAhead() {
		return
	}
	start := p.start()
	p.next()
	if p.at(tOpen) {
		c.Over = p.windowSpec(start)
		return
	}
	ref := p.name().Text
	c.Over = &Over{Span: p.from(start), Ref: ref, Bare: true}
}

// overAhead tells the clause OVER from an alias of that name.
func (p *parser) overAhead() bool {
	next := p.ahead(1)
	return p.at(kOver) && (next == tOpen || next.named() && p.ahead(2) != tOpen)
}

// orderBy reads ORDER BY if it is there.
func (p *parser) orderBy() []SortItem {
	if !p.accept(kOrder) {
		return nil
	}
	p.expect(kBy)
	return list(p, p.sortItem)
}

func (p *parser) sortItem() SortItem {
	start := p.start()
	s := SortItem{X: p.expr()}
	if !p.accept(kAsc) {
		s.Desc = p.accept(kDesc)
	}
	if p.accept(kNulls) {
		switch {
		case p.accept(kFirst):
			s.Nulls = "first"
		case p.accept(kLast):
			s.Nulls = "last"
		default:
			p.fail()
		}
	}
	s.Span = p.from(start)
	return s
}

// special reads the calls whose arguments have words between them.
func (p *parser) special() Expr {
	start, k := p.start(), p.kind()
	c := &Call{Name: p.callName()}
	p.expect(tOpen)
	switch k {
	case kExtract:
		p.extract(c, start)
	case kTrim:
		p.trim(c)
	case kNormalize:
		p.normalize(c)
	case kListagg:
		p.listagg(c)
	}
	c.Span = p.from(start)
	return c
}

// callName reads one word as the name of a call.
func (p *parser) callName() QName {
	n := Name{Span: p.span(), Text: fold(p.text()), Raw: p.text()}
	p.next()
	return QName{n.Span, []Name{n}}
}

// extractFields are the fields of EXTRACT.
const extractFields = " YEAR QUARTER MONTH WEEK DAY DAY_OF_MONTH DAY_OF_WEEK DOW DAY_OF_YEAR DOY YEAR_OF_WEEK YOW HOUR MINUTE SECOND TIMEZONE_MINUTE TIMEZONE_HOUR "

func (p *parser) extract(c *Call, start int) {
	f := p.name()
	c.Unit = f.Text
	p.expect(kFrom)
	c.Args = []Expr{p.value(1)}
	p.expect(tClose)
	if field := strings.ToUpper(f.Text); !p.failed() && !strings.Contains(extractFields, " "+field+" ") {
		p.failAt(Span{start, start + len("EXTRACT")}, "invalid EXTRACT field: %s", f.Raw)
	}
}

func (p *parser) trim(c *Call) {
	for _, w := range []string{"LEADING", "TRAILING", "BOTH"} {
		if next := p.ahead(1); p.atWord(w) && (next == kFrom || next != tOpen && next.begins()) {
			c.Unit = strings.ToLower(w)
			p.next()
			break
		}
	}
	var chars Expr
	if c.Unit == "" || !p.at(kFrom) {
		chars = p.value(1)
	}
	switch {
	case p.accept(kFrom):
		if c.Unit == "" {
			c.Unit = "both"
		}
		c.Args = []Expr{p.value(1)}
		if chars != nil {
			c.Args = append(c.Args, chars)
		}
	case c.Unit != "":
		p.fail()
	case p.accept(tComma):
		c.Args = []Expr{chars, p.value(1)}
	default:
		c.Args = []Expr{chars}
	}
	p.expect(tClose)
}

func (p *parser) normalize(c *Call) {
	c.Args = []Expr{p.value(1)}
	if p.accept(tComma) {
		for _, w := range []string{"NFD", "NFC", "NFKD", "NFKC"} {
			if p.acceptWord(w) {
				c.Unit = strings.ToLower(w)
			}
		}
		if c.Unit == "" {
			p.fail()
		}
	}
	p.expect(tClose)
}

// position reads POSITION(a IN b), which is strpos(b, a).
func (p *parser) position() Expr {
	c := &Call{Name: p.callName()}
	c.Name.Parts[0].Text, c.Name.Parts[0].Raw = "strpos", "strpos"
	p.expect(tOpen)
	part := p.value(1)
	p.expect(kIn)
	c.Args = []Expr{p.value(1), part}
	p.expect(tClose)
	c.Span = p.from(c.Name.Start)
	return c
}

// substring reads SUBSTRING(x FROM a FOR b), nil if it is a call like any other.
func (p *parser) substring() Expr {
	name := p.callName()
	p.expect(tOpen)
	c := &Call{Name: name}
	if p.at(tClose) {
		p.next()
		c.Span = p.from(name.Start)
		return c
	}
	c.Args = []Expr{p.expr()}
	switch {
	case p.accept(kFrom):
		c.Args = append(c.Args, p.value(1))
		if p.accept(kFor) {
			c.Args = append(c.Args, p.value(1))
		}
	case p.accept(tComma):
		p.args(c)
	}
	p.expect(tClose)
	c.Span = p.from(name.Start)
	return c
}

// listagg reads LISTAGG(x, 'sep' ON OVERFLOW ...) WITHIN GROUP (ORDER BY ...).
func (p *parser) listagg(c *Call) {
	p.quantifier(&c.Distinct)
	c.Args = []Expr{p.expr()}
	if p.accept(tComma) {
		if k := p.kind(); k == tString || k == tUnicode {
			c.Args = append(c.Args, p.stringLit())
		} else {
			p.str()
		}
	}
	if p.accept(kOn) {
		p.expectWord("OVERFLOW")
		c.OnOverflow = p.overflow()
	}
	p.expect(tClose)
	p.expect(kWithin)
	p.expect(kGroup)
	p.expect(tOpen)
	if p.at(kOrder) {
		c.OrderBy = p.orderBy()
	} else {
		p.fail()
	}
	p.expect(tClose)
	c.WithinGroup = true
	p.filter(c)
}

func (p *parser) overflow() *Trunc {
	if p.acceptWord("ERROR") {
		return &Trunc{Error: true}
	}
	p.expectWord("TRUNCATE")
	t := &Trunc{Filler: "..."}
	if p.kind() == tString || p.kind() == tUnicode {
		t.Filler = p.str()
	}
	switch {
	case p.accept(kWith):
		t.WithCount = true
	case p.accept(kWithout):
	default:
		p.fail()
	}
	p.expectWord("COUNT")
	return t
}
