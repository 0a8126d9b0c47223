package hive

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// SyntaxError is the code of all errors of this package, as Trino names it.
const SyntaxError = "SYNTAX_ERROR"

// MaxBytes bounds a statement.
const MaxBytes = 1 << 20

// parser reads tokens from left to right. The first mistake is kept in err and
// moves the parser to the end, so that everything after it does nothing.
type parser struct {
	src  string
	toks []token
	i    int
	err  *base.Error
	// tried is what would have fitted at the present token.
	tried []string
}

func newParser(src string) *parser {
	toks, _ := lex(src)
	return &parser{src: src, toks: toks}
}

// Parse reads one statement; a ; may end it. The error is a *base.Error whose
// place is in sql.
func Parse(sql string) (Node, error) {
	if len(sql) > MaxBytes {
		return nil, base.Errorf(base.Invalid, "query text length (%d bytes) exceeds the maximum length (%d bytes)", len(sql), MaxBytes).WithCode("QUERY_TEXT_TOO_LARGE")
	}
	p := newParser(sql)
	n := p.statement()
	p.end()
	if p.err != nil {
		return nil, p.err
	}
	return n, nil
}

func (p *parser) statement() Node {
	switch {
	case p.word("CREATE"):
		return p.create()
	case p.word("DROP"):
		return p.drop()
	case p.word("ALTER"):
		return p.alter()
	case p.word("MSCK"):
		p.need("REPAIR")
		p.need("TABLE")
		return &RepairTable{p.name()}
	case p.word("SHOW"):
		return p.show()
	case p.word("DESCRIBE"), p.word("DESC"):
		return p.describe()
	}
	p.unexpected()
	return nil
}

// end wants the end of the statement.
func (p *parser) end() {
	for p.accept(";") {
	}
	if p.err == nil && p.peek().kind != tokEOF {
		p.tried = append(p.tried, "the end of the statement")
		p.unexpected()
	}
}

func (p *parser) peek() token { return p.toks[p.i] }

func (p *parser) ahead(n int) token { return p.toks[min(p.i+n, len(p.toks)-1)] }

func (p *parser) next() token {
	t := p.toks[p.i]
	if p.i < len(p.toks)-1 {
		p.i++
	}
	p.tried = nil
	return t
}

// word takes the given keywords if all of them follow.
func (p *parser) word(words ...string) bool {
	if p.err != nil {
		return false
	}
	p.tried = append(p.tried, strings.Join(words, " "))
	for i, w := range words {
		if !p.ahead(i).is(w) {
			return false
		}
	}
	for range words {
		p.next()
	}
	return true
}

// sees tells whether the keywords follow, and takes none.
func (p *parser) sees(words ...string) bool {
	for i, w := range words {
		if !p.ahead(i).is(w) {
			return false
		}
	}
	return p.err == nil
}

// need takes a keyword or fails.
func (p *parser) need(word string) {
	if !p.word(word) {
		p.unexpected()
	}
}

func (p *parser) accept(symbol string) bool {
	if p.err != nil {
		return false
	}
	if t := p.peek(); t.kind == tokSymbol && t.text == symbol {
		p.next()
		return true
	}
	if symbol != ";" {
		p.tried = append(p.tried, strconv.Quote(symbol))
	}
	return false
}

// symbol takes a character or fails.
func (p *parser) symbol(s string) {
	if !p.accept(s) {
		p.unexpected()
	}
}

func (p *parser) text() string {
	t := p.peek()
	if t.kind != tokString {
		p.tried = append(p.tried, "a text in quotes")
		p.unexpected()
		return ""
	}
	return p.next().text
}

func (p *parser) number() int {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokNumber || err != nil {
		p.tried = append(p.tried, "a whole number")
		p.unexpected()
		return 0
	}
	p.next()
	return n
}

// ident takes a name, plain or quoted; what says which in a message.
func (p *parser) ident(what string) string {
	t := p.peek()
	switch {
	case t.kind == tokWord, t.kind == tokQuoted && t.text != "", t.kind == tokString && t.double && t.text != "":
		p.next()
		p.hyphen(t)
		return t.text
	}
	p.tried = append(p.tried, what)
	p.unexpected()
	return ""
}

// hyphen helps with names that need back-ticks.
func (p *parser) hyphen(t token) {
	n := p.peek()
	if t.kind == tokWord && n.kind == tokSymbol && n.text == "-" && n.from == t.to && p.err == nil {
		p.fail(n, "unexpected %q in the name %q", "-", t.text).WithHint("put the whole name into back-ticks: `%s-...`", t.text)
	}
}

// name reads [catalog.][database.]table.
func (p *parser) name() Name { return p.dotted("a table name") }

func (p *parser) dotted(what string) Name {
	start := p.peek()
	parts := []string{p.ident(what)}
	last := start
	for p.err == nil && len(parts) < 3 && p.peek().text == "." && p.peek().kind == tokSymbol {
		p.next()
		last = p.peek()
		parts = append(parts, p.ident("a name"))
	}
	if len(parts) == 1 && start.kind == tokQuoted {
		parts = strings.Split(start.text, ".")
		if p.err == nil && (len(parts) > 3 || slices.Contains(parts, "")) {
			p.fail(start, "%q is not a name of the form database.table", start.text)
		}
	}
	n := Name{At: Span{start.from, last.to}}
	if p.err != nil {
		return n
	}
	n.Table = parts[len(parts)-1]
	if len(parts) > 1 {
		n.Database = parts[len(parts)-2]
	}
	if len(parts) > 2 {
		n.Catalog = parts[0]
	}
	return n
}

// properties reads ('k' = 'v', ...).
func (p *parser) properties() []Property {
	var out []Property
	p.symbol("(")
	for p.err == nil {
		t := p.peek()
		k := Property{Key: p.text(), At: Span{t.from, t.to}}
		p.symbol("=")
		if v := p.peek(); p.err == nil && (v.kind == tokNumber || v.kind == tokWord) {
			p.fail(v, "the value of property %q is not a text", k.Key).WithHint("put it into quotes: '%s'", v.text)
		}
		k.Value = p.text()
		if i := slices.IndexFunc(out, func(o Property) bool { return o.Key == k.Key }); i >= 0 {
			out[i] = k // the last one counts, as in Hive
		} else {
			out = append(out, k)
		}
		if !p.accept(",") {
			break
		}
	}
	p.symbol(")")
	return out
}

// fail records the first mistake.
func (p *parser) fail(t token, format string, args ...any) *base.Error {
	e := base.Errorf(base.Invalid, format, args...).WithCode(SyntaxError).At(base.PlaceAt("", []byte(p.src), t.from, t.to-t.from))
	if p.err == nil {
		p.err = e
		p.i = len(p.toks) - 1
	}
	return e
}

// unexpected fails at the present token with what would have fitted.
func (p *parser) unexpected() {
	if p.err != nil {
		return
	}
	t, tried := p.peek(), p.tried
	if t.kind == tokBroken {
		p.fail(t, "the %s is never closed", t.text)
		return
	}
	what := "the end of the text"
	if t.kind != tokEOF {
		what = strconv.Quote(p.src[t.from:t.to])
		if r := []rune(p.src[t.from:t.to]); len(r) > 40 {
			what = strconv.Quote(string(r[:40]) + "...")
		}
	}
	e := p.fail(t, "unexpected %s, expected %s", what, oneOf(tried))
	if t.kind == tokWord {
		var words []string
		for _, w := range tried {
			first, _, _ := strings.Cut(w, " ")
			if strings.ToUpper(first) == first && first != "" && first[0] >= 'A' {
				words = append(words, first)
			}
		}
		p.near(e, t.text, words)
	}
}

// near hints at the candidate that word was probably meant to be.
func (p *parser) near(e *base.Error, word string, candidates []string) {
	best, at := "", max(1, len([]rune(word))/3)+1
	for _, c := range candidates {
		if d := base.Distance(strings.ToLower(word), strings.ToLower(c)); d < at {
			best, at = c, d
		}
	}
	if best != "" && at > 0 {
		e.WithHint("did you mean %s?", best)
	}
}

func oneOf(words []string) string {
	var seen []string
	for _, w := range words {
		if !slices.Contains(seen, w) {
			seen = append(seen, w)
		}
	}
	switch len(seen) {
	case 0:
		return "something else"
	case 1:
		return seen[0]
	}
	return strings.Join(seen[:len(seen)-1], ", ") + " or " + seen[len(seen)-1]
}
