package trino

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

const (
	// maxText is the longest statement in bytes.
	maxText = 1 << 20
	// maxDepth is how deep parentheses, NOT, signs, CASE, subqueries and types may nest.
	maxDepth = 500
	// maxChain is how many operators of one level, fields, subscripts or joins may follow one another: each makes
	// the tree one level deeper on its left side. AND, OR, lists and set operations are not bounded by it.
	maxChain = 10_000
)

// Parse reads one statement, which may end with a semicolon. The error is a
// *base.Error of kind Invalid whose Place is in sql: SYNTAX_ERROR, or
// NOT_SUPPORTED for a statement or clause that is known and refused,
// STACK_OVERFLOW for one nested too deep, QUERY_TEXT_TOO_LARGE over 1 MiB.
func Parse(sql string) (Statement, error) { return run(sql, (*parser).statement) }

// ParseExpr reads one expression and nothing more.
func ParseExpr(sql string) (Expr, error) { return run(sql, (*parser).expr) }

// ParseQuery reads one query and nothing more.
func ParseQuery(sql string) (*Query, error) { return run(sql, (*parser).query) }

// ParseJob is ParseQuery for the text of a job, in which $name is a parameter.
func ParseJob(sql string) (*Query, error) {
	return runOn(sql, func() []token { return named(sql, lex(sql, false)) }, (*parser).query)
}

// named makes one token of a dollar sign and the name that follows it.
func named(sql string, toks []token) []token {
	out := toks[:0]
	for _, t := range toks {
		if n := len(out); n > 0 && out[n-1].kind == tUnknown && sql[out[n-1].start] == '$' && out[n-1].end == t.start && t.start < t.end && (letter(sql[t.start]) || sql[t.start] >= utf8.RuneSelf) {
			out[n-1].kind, out[n-1].end = tParam, t.end
			continue
		}
		out = append(out, t)
	}
	return out
}

// parser walks over the tokens. The first mistake is kept in err and moves the
// parser to the end of the text, where nothing matches any more, so that every
// rule and loop ends by itself.
type parser struct {
	src    string
	toks   []token
	i      int
	depth  int
	params int
	// bad is the token that no rule accepted, -1 if none.
	bad int
	err *base.Error
	// recordAt is a token index: what is looked for there is collected in
	// wanted. The first pass records nothing (-1); only a failed statement is
	// read again, to find out what would have been right at its bad token.
	recordAt int
	wanted   []string
}

func run[T any](sql string, rule func(*parser) T) (T, error) {
	return runOn(sql, func() []token { return lex(sql, false) }, rule)
}

func runOn[T any](sql string, tokens func() []token, rule func(*parser) T) (T, error) {
	var none T
	if err := readable(sql); err != nil {
		return none, err
	}
	p := &parser{src: sql, toks: tokens(), bad: -1, recordAt: -1}
	tree := whole(p, rule)
	if p.bad >= 0 && p.err == nil {
		again := &parser{src: sql, toks: p.toks, bad: -1, recordAt: p.bad}
		whole(again, rule)
		return none, again.mismatch()
	}
	if p.err != nil {
		return none, p.err
	}
	return tree, nil
}

// whole reads by rule up to the end of the text.
func whole[T any](p *parser, rule func(*parser) T) T {
	tree := rule(p)
	if p.kind() == tSemicolon {
		p.next()
	}
	p.expect(tEOF)
	return tree
}

func readable(sql string) error {
	if len(sql) > maxText {
		return base.Errorf(base.Invalid, "query text length (%d bytes) exceeds the maximum length (%d bytes)", len(sql), maxText).WithCode("QUERY_TEXT_TOO_LARGE")
	}
	if utf8.ValidString(sql) {
		return nil
	}
	i := 0
	for i < len(sql) {
		r, n := utf8.DecodeRuneInString(sql[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return base.Errorf(base.Invalid, "the statement is not valid UTF-8").WithCode("SYNTAX_ERROR").At(base.PlaceAt("", []byte(sql), i, 1))
}

func (p *parser) kind() kind { return p.toks[p.i].kind }

// ahead is the kind of the n-th token from here.
func (p *parser) ahead(n int) kind {
	if p.i+n < len(p.toks) {
		return p.toks[p.i+n].kind
	}
	return tEOF
}

// start is where the token here begins; end is where the one before it ended.
func (p *parser) start() int { return int(p.toks[p.i].start) }

func (p *parser) end() int {
	if p.i == 0 {
		return 0
	}
	return int(p.toks[p.i-1].end)
}

// from is the span from start to the last token read.
func (p *parser) from(start int) Span { return Span{start, max(start, p.end())} }

func (p *parser) span() Span { return Span{p.start(), int(p.toks[p.i].end)} }

func (p *parser) text() string { return p.src[p.toks[p.i].start:p.toks[p.i].end] }

func (p *parser) next() {
	if p.i < len(p.toks)-1 {
		p.i++
	}
}

// want notes what would be right at the token here, if it is the bad one.
func (p *parser) want(what string) {
	if p.i == p.recordAt && !p.failed() {
		p.wanted = append(p.wanted, what)
	}
}

// wantSigns is want for the kinds from first to last.
func (p *parser) wantSigns(first, last kind) {
	if p.i == p.recordAt {
		for k := first; k <= last; k++ {
			p.want(k.String())
		}
	}
}

// at says whether the token here is a k; if not, k is noted as wanted.
func (p *parser) at(k kind) bool {
	if p.toks[p.i].kind == k {
		return true
	}
	if p.i == p.recordAt {
		p.want(k.String())
	}
	return false
}

func (p *parser) accept(k kind) bool {
	if p.at(k) {
		p.next()
		return true
	}
	return false
}

// expect reads a k and returns its span; anything else is a mistake.
func (p *parser) expect(k kind) Span {
	if !p.at(k) {
		p.fail()
		return Span{}
	}
	s := p.span()
	p.next()
	return s
}

// isWord says whether the n-th token from here is the bare word w.
func (p *parser) isWord(n int, w string) bool {
	if p.i+n >= len(p.toks) {
		return false
	}
	t := p.toks[p.i+n]
	return (t.kind == tIdent || t.kind >= firstWord) && int(t.end-t.start) == len(w) && strings.EqualFold(p.src[t.start:t.end], w)
}

// atWord is at for words without a kind of their own; w is in upper case.
func (p *parser) atWord(w string) bool {
	if p.isWord(0, w) {
		return true
	}
	if p.i == p.recordAt {
		p.want("'" + w + "'")
	}
	return false
}

func (p *parser) acceptWord(w string) bool {
	if p.atWord(w) {
		p.next()
		return true
	}
	return false
}

// acceptWords reads several words or none.
func (p *parser) acceptWords(ws ...string) bool {
	if !p.atWord(ws[0]) {
		return false
	}
	for i, w := range ws {
		if !p.isWord(i, w) {
			return false
		}
	}
	for range ws {
		p.next()
	}
	return true
}

func (p *parser) expectWord(ws ...string) {
	for _, w := range ws {
		if !p.acceptWord(w) {
			p.fail()
		}
	}
}

// enter counts one level of nesting; pair it with leave.
func (p *parser) enter() bool {
	p.depth++
	if p.depth <= maxDepth {
		return true
	}
	p.tooDeep(p.span())
	return false
}

func (p *parser) leave() { p.depth-- }

// list reads items separated by commas.
func list[T any](p *parser, item func() T) []T {
	l := []T{item()}
	for p.accept(tComma) {
		if len(l) == 1 {
			l = slices.Grow(l, 7)
		}
		l = append(l, item())
	}
	return l
}

// inParens reads ( items ).
func inParens[T any](p *parser, item func() T) []T {
	p.expect(tOpen)
	l := list(p, item)
	p.expect(tClose)
	return l
}
