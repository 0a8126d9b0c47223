package hive

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Statement is one statement of a pasted text.
type Statement struct {
	// SQL is its text, without the ; and without blanks and comments around it.
	SQL string
	// Offset is where SQL begins in the text, in bytes.
	Offset int
	// Output is what stands below it as pasted output of an earlier run, left
	// out of SQL: partition names and repair reports after a # comment.
	Output string
}

// Locate turns a place in the statement's SQL into one in the text it was
// cut from.
func (s Statement) Locate(text string, p *base.Place) *base.Place {
	if p == nil || p.Line == 0 {
		return p
	}
	start := base.PlaceAt(p.File, []byte(text), s.Offset, 0)
	out := *p
	out.Line += start.Line - 1
	if p.Line == 1 {
		out.Col += start.Col - 1
	}
	if lines := strings.Split(text, "\n"); out.Line <= len(lines) {
		out.Text = strings.ToValidUTF8(strings.TrimRight(lines[out.Line-1], "\r"), "?")
	}
	return &out
}

// Split cuts a text into statements. They end at a ; outside of quotes, and at
// a new line that begins with a statement's first word if what stands before
// is a whole statement of this language: two statements under each other need
// no ;. Any other text stays together, also where it makes no sense, so that
// it is refused as a whole instead of being run in part.
//
// After a whole SHOW, MSCK or DESCRIBE and a line that is a # comment, lines
// that read like that statement's output are no statements.
func Split(text string) []Statement {
	toks, notes := lex(text)
	s := &splitter{text: text, notes: notes}
	for _, t := range toks {
		switch {
		case t.kind == tokEOF:
			s.flush()
		case t.kind == tokSymbol && t.text == ";":
			s.flush()
		case t.from < s.skip:
		case t.fresh && len(s.toks) > 0 && starts(t) && s.whole():
			s.flush()
			s.toks = append(s.toks, t)
		case t.fresh && s.output(t):
		default:
			s.toks = append(s.toks, t)
		}
	}
	return s.out
}

type splitter struct {
	text  string
	notes []token
	toks  []token
	skip  int // tokens before it are pasted output
	// tried is how many tokens whole looked at last, was what it found, tries
	// how often it looked.
	tried, tries int
	was          bool
	paste        []string
	out          []Statement
}

func (s *splitter) sql() string {
	if len(s.toks) == 0 {
		return ""
	}
	return s.text[s.toks[0].from:s.toks[len(s.toks)-1].to]
}

func (s *splitter) flush() {
	if len(s.toks) > 0 {
		s.out = append(s.out, Statement{SQL: s.sql(), Offset: s.toks[0].from, Output: strings.Join(s.paste, "\n")})
	}
	s.toks, s.paste, s.tried, s.tries = nil, nil, 0, 0
}

// maxTries bounds how often a statement is tried for wholeness: a text made to
// be tried at each of its lines would take forever.
const maxTries = 50

// whole tells whether the tokens so far are a statement of this language.
func (s *splitter) whole() bool {
	if s.tried == len(s.toks) {
		return s.was
	}
	s.tried, s.was = len(s.toks), false
	if s.tries++; s.tries > maxTries {
		return false
	}
	end := s.toks[len(s.toks)-1].to
	toks := append(s.toks[:len(s.toks):len(s.toks)], token{from: end, to: end})
	if hive, _ := route(toks); hive {
		p := &parser{src: s.text, toks: toks}
		p.statement()
		p.end()
		s.was = p.err == nil
	}
	return s.was
}

// output tells whether the line of t is pasted output, and skips it.
func (s *splitter) output(t token) bool {
	if len(s.toks) == 0 {
		return false
	}
	if first := s.toks[0]; !first.is("SHOW") && !first.is("MSCK") && !first.is("DESCRIBE") && !first.is("DESC") {
		return false
	}
	if !s.noted(s.toks[len(s.toks)-1].to, t.from) {
		return false
	}
	line := s.text[t.from:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	end := t.from + len(line)
	if line = strings.TrimSpace(line); !looksPasted(line) || !s.whole() {
		return false
	}
	s.paste, s.skip = append(s.paste, line), end
	return true
}

// noted tells whether a # comment lies between two places.
func (s *splitter) noted(from, to int) bool {
	i, _ := slices.BinarySearchFunc(s.notes, from, func(n token, at int) int { return n.from - at })
	return i < len(s.notes) && s.notes[i].to <= to
}

// looksPasted knows partition names (a=1/b=2) and the lines of a repair.
func looksPasted(line string) bool {
	for _, p := range []string{"Partitions not in metastore:", "Partitions missing from filesystem:", "Repair: "} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	if strings.ContainsAny(line, " \t;'\"`()") {
		return false
	}
	for _, part := range strings.Split(line, "/") {
		if k, _, ok := strings.Cut(part, "="); !ok || k == "" {
			return false
		}
	}
	return true
}

// starts tells whether a statement of Athena can begin with t.
func starts(t token) bool {
	for _, w := range []string{"SELECT", "INSERT", "CREATE", "DROP", "ALTER", "MSCK", "SHOW", "DESCRIBE", "DESC", "USE", "UNLOAD", "MERGE", "UPDATE", "DELETE", "EXPLAIN", "PREPARE", "EXECUTE", "DEALLOCATE", "VACUUM", "OPTIMIZE", "VALUES"} {
		if t.is(w) {
			return true
		}
	}
	return false
}
