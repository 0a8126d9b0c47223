package hive

import (
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

func (p *parser) create() Node {
	switch {
	case p.word("EXTERNAL"):
		p.need("TABLE")
		return p.createExternal()
	case p.sees("TABLE"):
		at := p.next()
		return p.createIceberg(at)
	case p.word("DATABASE"), p.word("SCHEMA"):
		return p.createDatabase()
	}
	p.tried = append(p.tried, "TABLE")
	p.unexpected()
	return nil
}

func (p *parser) ifNotExists() bool { return p.word("IF", "NOT", "EXISTS") }

func (p *parser) createDatabase() Node {
	n := &CreateDatabase{IfNotExists: p.ifNotExists()}
	n.Name, n.At = p.database()
	for once := (clauses{p: p}); ; {
		switch {
		case once.word("COMMENT"):
			n.Comment = p.text()
		case once.word("LOCATION"):
			n.Location = p.text()
		case once.word("WITH", "DBPROPERTIES"):
			n.Properties = p.properties()
		default:
			return n
		}
	}
}

// database reads a database's name, with or without the catalog before it.
func (p *parser) database() (string, Span) {
	n := p.dotted("a database name")
	if p.err == nil && n.Catalog != "" {
		p.fail(token{from: n.At.From, to: n.At.To}, "%s is not the name of a database", strings.Join([]string{n.Catalog, n.Database, n.Table}, "."))
	}
	return n.Table, n.At
}

// clauses takes each clause once, in any order.
type clauses struct {
	p    *parser
	seen map[string]bool
}

func (c *clauses) word(words ...string) bool {
	at := c.p.peek()
	if !c.p.word(words...) {
		return false
	}
	key := strings.Join(words, " ")
	if c.seen[key] {
		c.p.fail(at, "%s is written twice", key)
		return false
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[key] = true
	return true
}

func (p *parser) createExternal() Node {
	n := &CreateExternalTable{IfNotExists: p.ifNotExists(), Name: p.name()}
	start := n.Name.At
	if p.peek().text == "(" {
		n.Columns = p.columns()
	}
	for once := (clauses{p: p}); p.err == nil; {
		at := p.ahead(1)
		switch {
		case once.word("COMMENT"):
			n.Comment = p.text()
		case once.word("PARTITIONED", "BY"):
			n.PartitionKeys = p.columns()
		case once.word("CLUSTERED", "BY"):
			n.Buckets = p.buckets(at)
		case once.word("ROW", "FORMAT"):
			p.rowFormat(&n.Storage)
		case once.word("STORED", "AS"):
			p.storedAs(&n.Storage)
		case once.word("LOCATION"):
			n.LocationAt = Span{at.from, at.to}
			n.Location = p.text()
		case once.word("TBLPROPERTIES"):
			n.Properties = p.properties()
		default:
			p.noLocation(n, start)
			return n
		}
	}
	return n
}

func (p *parser) noLocation(n *CreateExternalTable, at Span) {
	if t := p.peek(); p.err != nil || n.Location != "" || t.kind != tokEOF && t.text != ";" {
		return // another token is the mistake to tell
	}
	p.fail(token{from: at.From, to: at.To}, "external table %s has no LOCATION", n.Name).
		WithHint("add LOCATION 's3://bucket/folder/'")
}

// String is the name as it was written, without quotes.
func (n Name) String() string {
	s := n.Table
	if n.Database != "" {
		s = n.Database + "." + s
	}
	if n.Catalog != "" {
		s = n.Catalog + "." + s
	}
	return s
}

// columns reads (name type [COMMENT '...'], ...).
func (p *parser) columns() []Column {
	var out []Column
	p.symbol("(")
	for p.err == nil {
		out = append(out, p.column())
		if !p.accept(",") {
			break
		}
	}
	p.symbol(")")
	return out
}

func (p *parser) column() Column {
	t := p.peek()
	c := Column{At: Span{t.from, t.to}, Name: p.ident("a column name")}
	c.Type = p.typ(0)
	if p.word("COMMENT") {
		c.Comment = p.text()
	}
	return c
}

func (p *parser) buckets(at token) *Buckets {
	b := &Buckets{At: Span{at.from, at.to}}
	p.symbol("(")
	for p.err == nil {
		b.Columns = append(b.Columns, p.ident("a column name"))
		if !p.accept(",") {
			break
		}
	}
	p.symbol(")")
	p.need("INTO")
	b.Count = p.number()
	p.need("BUCKETS")
	return b
}

func (p *parser) rowFormat(s *Storage) {
	switch {
	case p.word("DELIMITED"):
		s.Delimited = p.delimited()
	case p.word("SERDE"):
		t := p.peek()
		s.SerdeAt = Span{t.from, t.to}
		s.Serde = p.text()
		if p.word("WITH", "SERDEPROPERTIES") {
			s.SerdeProperties = p.properties()
		}
	default:
		p.unexpected()
	}
}

func (p *parser) delimited() *Delimited {
	d := &Delimited{}
	set := func(to **string) {
		s := p.text()
		*to = &s
	}
	for once := (clauses{p: p}); p.err == nil; {
		switch {
		case once.word("FIELDS", "TERMINATED", "BY"):
			set(&d.Fields)
			if p.word("ESCAPED", "BY") {
				set(&d.Escaped)
			}
		case once.word("COLLECTION", "ITEMS", "TERMINATED", "BY"):
			set(&d.Items)
		case once.word("MAP", "KEYS", "TERMINATED", "BY"):
			set(&d.MapKeys)
		case once.word("LINES", "TERMINATED", "BY"):
			set(&d.Lines)
		case once.word("NULL", "DEFINED", "AS"):
			set(&d.Null)
		default:
			return d
		}
	}
	return d
}

func (p *parser) storedAs(s *Storage) {
	t := p.peek()
	if p.word("INPUTFORMAT") {
		s.InputFormat = p.text()
		p.need("OUTPUTFORMAT")
		s.OutputFormat = p.text()
		return
	}
	s.FormatAt = Span{t.from, t.to}
	s.Format = strings.ToUpper(p.ident("a format such as PARQUET or TEXTFILE"))
}

func (p *parser) createIceberg(table token) Node {
	n := &CreateIcebergTable{IfNotExists: p.ifNotExists(), Name: p.name(), Columns: p.columns()}
	for once := (clauses{p: p}); p.err == nil; {
		at := p.ahead(1)
		switch {
		case once.word("COMMENT"):
			n.Comment = p.text()
		case once.word("PARTITIONED", "BY"):
			n.PartitionBy = p.transforms(table)
		case once.word("LOCATION"):
			n.LocationAt = Span{at.from, at.to}
			n.Location = p.text()
		case once.word("TBLPROPERTIES"):
			n.Properties = p.properties()
		case p.sees("ROW", "FORMAT"), p.sees("STORED"), p.sees("CLUSTERED"):
			p.missingExternal(table)
		default:
			if t := p.peek(); (t.kind == tokEOF || t.text == ";") && !isIceberg(n.Properties) {
				p.missingExternal(table)
			}
			return n
		}
	}
	return n
}

func isIceberg(list []Property) bool {
	for _, p := range list {
		if strings.EqualFold(p.Key, "table_type") && strings.EqualFold(p.Value, "iceberg") {
			return true
		}
	}
	return false
}

func (p *parser) missingExternal(table token) *base.Error {
	return p.fail(table, "missing EXTERNAL before TABLE").
		WithHint("write CREATE EXTERNAL TABLE for files that others write, or TBLPROPERTIES ('table_type'='ICEBERG') for a table of the lake")
}

// transforms reads (col, day(ts), bucket(16, id), ...).
func (p *parser) transforms(table token) []Transform {
	var out []Transform
	p.symbol("(")
	for p.err == nil {
		out = append(out, p.transform(table))
		if !p.accept(",") {
			break
		}
	}
	p.symbol(")")
	return out
}

func (p *parser) transform(table token) Transform {
	t := p.peek()
	tr := Transform{At: Span{t.from, t.to}, Column: p.ident("a column name")}
	if n := p.peek(); n.kind == tokWord && p.err == nil {
		p.missingExternal(table) // PARTITIONED BY (year int) is an external table's
		return tr
	}
	if !p.accept("(") {
		return tr
	}
	tr.Func, tr.Column = strings.ToLower(tr.Column), ""
	switch tr.Func {
	case "year", "month", "day", "hour":
	case "bucket", "truncate":
		tr.Arg = p.number()
		if tr.Arg < 1 {
			p.fail(t, "%s(%d, ...) needs a number above 0", tr.Func, tr.Arg)
		}
		p.symbol(",")
	default:
		e := p.fail(t, "unknown partition transform %q", t.text)
		p.near(e, t.text, []string{"year", "month", "day", "hour", "bucket", "truncate"})
	}
	tr.Column = p.ident("a column name")
	p.symbol(")")
	return tr
}

func (p *parser) drop() Node {
	switch {
	case p.word("TABLE"):
		return &DropTable{IfExists: p.word("IF", "EXISTS"), Name: p.name()}
	case p.word("DATABASE"), p.word("SCHEMA"):
		n := &DropDatabase{IfExists: p.word("IF", "EXISTS")}
		n.Name, n.At = p.database()
		n.Cascade = p.word("CASCADE")
		if !n.Cascade {
			p.word("RESTRICT")
		}
		return n
	}
	p.unexpected()
	return nil
}
