package trino

// windowSpec reads ( [base] PARTITION BY ... ORDER BY ... frame ); start is
// where the whole window begins in the text.
func (p *parser) windowSpec(start int) *Over {
	o := &Over{}
	p.expect(tOpen)
	if p.kind().named() && !p.specAhead() {
		o.Ref = p.name().Text
	}
	if p.at(kPartition) {
		p.next()
		p.expect(kBy)
		o.PartitionBy = list(p, p.expr)
	}
	o.OrderBy = p.orderBy()
	p.noPatterns()
	if p.at(kRows) || p.at(kRange) || p.at(kGroups) {
		o.Frame = p.frame()
	}
	p.noPatterns()
	p.expect(tClose)
	o.Span = p.from(start)
	return o
}

// specAhead says whether a window's own clauses begin here, rather than the name of another window.
func (p *parser) specAhead() bool {
	next := p.ahead(1)
	switch p.kind() {
	case kPartition:
		return next == kBy
	case kRows, kRange, kGroups:
		return next != tClose && next != kOrder && next != kPartition
	}
	return p.isWord(0, "MEASURES") && next.named()
}

// noPatterns refuses the row patterns that a window may hold in Trino.
func (p *parser) noPatterns() {
	for _, w := range []string{"MEASURES", "PATTERN", "AFTER", "INITIAL", "SEEK", "SUBSET", "DEFINE"} {
		if p.isWord(0, w) {
			p.notSupported(p.span(), "row pattern recognition in a window", "")
		}
	}
}

func (p *parser) frame() *Frame {
	start := p.start()
	f := &Frame{Mode: fold(p.text())}
	p.next()
	if p.accept(kBetween) {
		f.Start = p.bound()
		p.expect(kAnd)
		f.End = p.bound()
	} else {
		f.Start = p.bound()
		f.End = Bound{Kind: "current row"}
	}
	f.Span = p.from(start)
	return f
}

func (p *parser) bound() Bound {
	start := p.start()
	b := Bound{}
	switch next := p.ahead(1); {
	case p.at(kUnbounded) && (next == kPreceding || next == kFollowing):
		b.Kind = "unbounded " + p.direction(1)
		p.next()
		p.next()
	case p.at(kCurrent) && next == kRow:
		b.Kind = "current row"
		p.next()
		p.next()
	default:
		b.Value = p.expr()
		if !p.at(kPreceding) && !p.at(kFollowing) {
			p.fail()
			return b
		}
		b.Kind = p.direction(0)
		p.next()
	}
	b.Span = p.from(start)
	return b
}

func (p *parser) direction(n int) string {
	if p.ahead(n) == kPreceding {
		return "preceding"
	}
	return "following"
}
