package trino

import "strings"

// statement reads one statement by its first word.
func (p *parser) statement() Statement {
	if !p.enter() {
		return &QueryStatement{}
	}
	defer p.leave()
	start := p.start()
	switch p.kind() {
	case kSelect, kWith, kValues, kTable, tOpen:
		q := p.query()
		return &QueryStatement{p.from(start), q}
	case kCreate:
		return p.create()
	case kDrop:
		return p.drop()
	case kAlter:
		return p.alter()
	case kInsert:
		return p.insert()
	case kDelete:
		return p.deleteFrom()
	case kPrepare:
		return p.prepare()
	case kExecute:
		return p.execute()
	case kDeallocate:
		p.next()
		p.expect(kPrepare)
		name := p.name()
		return &Deallocate{p.from(start), name}
	case kDescribe, kDesc:
		return p.describe()
	}
	return p.wordStatement()
}

// wordStatement reads the statements whose first word has no kind of its own.
func (p *parser) wordStatement() Statement {
	switch {
	case p.atWord("CALL"):
		return p.callStatement()
	case p.atWord("COMMENT"):
		return p.comment()
	case p.atWord("EXPLAIN"):
		return p.explain()
	case p.atWord("MERGE"):
		return p.merge()
	case p.atWord("OPTIMIZE"):
		return p.optimize()
	case p.atWord("RESET"):
		return p.reset()
	case p.atWord("SET"):
		return p.set()
	case p.atWord("SHOW"):
		return p.show()
	case p.atWord("UNLOAD"):
		return p.unload()
	case p.atWord("UPDATE"):
		return p.update()
	case p.atWord("USE"):
		return p.use()
	case p.atWord("VACUUM"):
		return p.vacuum()
	}
	p.refuseStatement()
	for _, k := range []kind{kAlter, kCreate, kDeallocate, kDelete, kDesc, kDescribe, kDrop, kExecute, kInsert, kPrepare, kSelect, kTable, kValues, kWith} {
		p.want(k.String())
	}
	p.fail()
	return &QueryStatement{}
}

// refused are Trino's statements that have no meaning here, and what to do instead.
var refused = map[string]string{
	"ANALYZE":  "statistics are kept up to date by themselves",
	"COMMIT":   "each statement is its own transaction",
	"DENY":     "there are no SQL privileges; access is set in the project",
	"GRANT":    "there are no SQL privileges; access is set in the project",
	"REFRESH":  "write the query into a job and run it",
	"REVOKE":   "there are no SQL privileges; access is set in the project",
	"ROLLBACK": "each statement is its own transaction",
	"START":    "each statement is its own transaction",
	"TRUNCATE": "write DELETE FROM the table",
}

// refuseStatement refuses by name what Trino knows and we do not.
func (p *parser) refuseStatement() {
	word := strings.ToUpper(p.textOf(p.i))
	instead, ok := refused[word]
	if !ok || p.kind() != tIdent {
		return
	}
	s := p.span()
	switch next := strings.ToUpper(p.textOf(min(p.i+1, len(p.toks)-1))); {
	case word == "START":
		word = "START TRANSACTION"
	case word == "REFRESH":
		word = "REFRESH MATERIALIZED VIEW"
	case word == "TRUNCATE" && next == "TABLE":
		word = "TRUNCATE TABLE"
	}
	p.notSupported(s, word, instead)
}

// ifExists reads IF EXISTS.
func (p *parser) ifExists() bool {
	if !p.atWord("IF") || p.ahead(1) != kExists {
		return false
	}
	p.next()
	p.next()
	return true
}

// ifNotExists reads IF NOT EXISTS.
func (p *parser) ifNotExists() bool {
	if !p.atWord("IF") || p.ahead(1) != kNot {
		return false
	}
	p.next()
	p.next()
	p.expect(kExists)
	return true
}

// properties reads WITH (name = value, ...) if it is there.
func (p *parser) properties() []Property {
	if !p.at(kWith) || p.ahead(1) != tOpen {
		return nil
	}
	p.next()
	return inParens(p, p.property)
}

func (p *parser) property() Property {
	start := p.start()
	pr := Property{Name: p.name().Text}
	p.expect(tEq)
	if !p.acceptWord("DEFAULT") {
		pr.Value = p.expr()
	}
	pr.Span = p.from(start)
	return pr
}

// commentText reads COMMENT 'text' if it is there.
func (p *parser) commentText() string {
	if !p.acceptWord("COMMENT") {
		return ""
	}
	return p.str()
}
