package hive

import "strings"

func (p *parser) alter() Node {
	switch {
	case p.word("DATABASE"), p.word("SCHEMA"):
		n := &AlterDatabase{}
		n.Name, n.At = p.database()
		p.need("SET")
		p.need("DBPROPERTIES")
		n.Properties = p.properties()
		return n
	case p.word("TABLE"):
		return p.alterTable(p.name())
	}
	p.unexpected()
	return nil
}

func (p *parser) alterTable(name Name) Node {
	switch {
	case p.word("ADD", "COLUMNS"):
		n := &AddColumns{name, p.columns()}
		p.cascade()
		return n
	case p.word("ADD"):
		return p.addPartitions(name)
	case p.word("DROP", "COLUMN"):
		t := p.peek()
		return &DropColumn{name, p.ident("a column name"), Span{t.from, t.to}}
	case p.word("DROP"):
		return p.dropPartitions(name)
	case p.sees("PARTITION"):
		return p.alterPartition(name)
	case p.word("SET"):
		return p.set(name, nil)
	case p.word("UNSET"):
		return p.unset(name)
	case p.word("REPLACE"):
		p.need("COLUMNS")
		n := &ReplaceColumns{name, p.columns()}
		p.cascade()
		return n
	case p.word("CHANGE"):
		return p.change(name)
	}
	p.tried = append(p.tried, "PARTITION")
	p.unexpected()
	return nil
}

// cascade takes CASCADE or RESTRICT: partitions have no columns of their own
// here, so both mean the same.
func (p *parser) cascade() {
	if !p.word("CASCADE") {
		p.word("RESTRICT")
	}
}

func (p *parser) addPartitions(name Name) Node {
	n := &AddPartitions{Name: name, IfNotExists: p.ifNotExists()}
	for p.err == nil {
		a := NewPartition{Spec: p.partition()}
		for _, t := range a.Spec.Terms {
			p.assigned(t)
		}
		if p.word("LOCATION") {
			a.Location = p.text()
		}
		n.Partitions = append(n.Partitions, a)
		p.accept(",")
		if !p.sees("PARTITION") {
			break
		}
	}
	return n
}

// assigned wants key = value.
func (p *parser) assigned(t PartitionTerm) {
	if p.err == nil && t.Op != "=" {
		p.fail(token{from: t.At.From, to: t.At.To}, "a partition to be named is key = value, not %s", t.Op)
	}
}

func (p *parser) dropPartitions(name Name) Node {
	n := &DropPartitions{Name: name, IfExists: p.word("IF", "EXISTS")}
	for p.err == nil {
		n.Partitions = append(n.Partitions, p.partition())
		if !p.accept(",") {
			break
		}
	}
	p.word("PURGE") // external tables have nothing to purge
	return n
}

// partition reads PARTITION (k = v, ...).
func (p *parser) partition() PartitionSpec {
	t := p.peek()
	s := PartitionSpec{At: Span{t.from, t.to}}
	p.need("PARTITION")
	p.symbol("(")
	for p.err == nil {
		s.Terms = append(s.Terms, p.term())
		if !p.accept(",") {
			break
		}
	}
	s.At.To = p.peek().to
	p.symbol(")")
	return s
}

func (p *parser) term() PartitionTerm {
	t := p.peek()
	out := PartitionTerm{At: Span{t.from, t.to}, Key: p.ident("a partition key")}
	out.Op = p.comparison()
	p.constant(&out)
	return out
}

func (p *parser) comparison() string {
	switch {
	case p.accept("="):
		return "="
	case p.accept("<"):
		if p.accept("=") {
			return "<="
		}
		if p.accept(">") {
			return "<>"
		}
		return "<"
	case p.accept(">"):
		if p.accept("=") {
			return ">="
		}
		return ">"
	case p.accept("!"):
		p.symbol("=")
		return "<>"
	}
	p.unexpected()
	return ""
}

// constant reads a partition's value and keeps its text as it is: 08 stays 08.
func (p *parser) constant(to *PartitionTerm) {
	sign := ""
	if t := p.peek(); t.kind == tokSymbol && t.text == "-" {
		sign = p.next().text
	}
	t := p.peek()
	switch {
	case t.kind == tokNumber:
		to.Value = sign + p.next().text
	case sign != "":
		p.unexpected()
	case t.kind == tokString:
		to.Value = p.next().text
	case p.word("NULL"):
		to.Null = true
	case p.word("TRUE"), p.word("FALSE"):
		to.Value = strings.ToLower(t.text)
	case p.word("DATE"), p.word("TIMESTAMP"):
		to.Value = p.text()
	default:
		p.tried = []string{"a value"}
		p.unexpected()
		if t.kind == tokWord || t.kind == tokQuoted {
			p.err.WithHint("put text into quotes: '%s'", t.text)
		}
	}
}

func (p *parser) alterPartition(name Name) Node {
	from := p.partition()
	for _, t := range from.Terms {
		p.assigned(t)
	}
	switch {
	case p.word("RENAME", "TO"):
		n := &RenamePartition{name, from, p.partition()}
		for _, t := range n.To.Terms {
			p.assigned(t)
		}
		return n
	case p.word("SET"):
		return p.set(name, &from)
	}
	p.unexpected()
	return nil
}

func (p *parser) set(name Name, part *PartitionSpec) Node {
	at := p.ahead(1)
	switch {
	case p.word("LOCATION"):
		return &SetLocation{name, part, p.text(), Span{at.from, at.to}}
	case part == nil && p.word("TBLPROPERTIES"):
		return &SetProperties{name, p.properties()}
	}
	p.unexpected()
	return nil
}

func (p *parser) unset(name Name) Node {
	p.need("TBLPROPERTIES")
	n := &UnsetProperties{Name: name, IfExists: p.word("IF", "EXISTS")}
	p.symbol("(")
	for p.err == nil {
		t := p.peek()
		n.Keys, n.KeysAt = append(n.Keys, p.text()), append(n.KeysAt, Span{t.from, t.to})
		if !p.accept(",") {
			break
		}
	}
	p.symbol(")")
	return n
}

// change reads CHANGE [COLUMN] old new type [COMMENT '...'] [FIRST | AFTER c].
func (p *parser) change(name Name) Node {
	if p.peek().is("COLUMN") {
		p.next()
	}
	t := p.peek()
	n := &ChangeColumn{Name: name, OldAt: Span{t.from, t.to}, Old: p.ident("a column name")}
	t = p.peek()
	n.New = Column{At: Span{t.from, t.to}, Name: p.ident("the column's new name")}
	n.New.Type = p.typ(0)
	if p.word("COMMENT") {
		n.New.Comment, n.HasComment = p.text(), true
	}
	switch {
	case p.word("FIRST"):
		n.First = true
	case p.word("AFTER"):
		n.After = p.ident("a column name")
	}
	p.cascade()
	return n
}
