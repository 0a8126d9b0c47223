package trino

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// fail says that no rule accepts the token here.
func (p *parser) fail() {
	if p.err == nil && p.bad < 0 {
		p.bad = p.i
	}
	p.stop()
}

// stop moves to the end of the text, where every rule ends.
func (p *parser) stop() { p.i = len(p.toks) - 1 }

// failed says whether a mistake was found already.
func (p *parser) failed() bool { return p.err != nil || p.bad >= 0 }

// refuse keeps the first mistake.
func (p *parser) refuse(e *base.Error) {
	if !p.failed() {
		p.err = e
	}
	p.stop()
}

func (p *parser) errorAt(s Span, code, format string, args ...any) *base.Error {
	return base.Errorf(base.Invalid, format, args...).WithCode(code).At(base.PlaceAt("", []byte(p.src), s.Start, s.End-s.Start))
}

// failAt reports a mistake at a place other than the token here.
func (p *parser) failAt(s Span, format string, args ...any) {
	p.refuse(p.errorAt(s, "SYNTAX_ERROR", format, args...))
}

// notSupported refuses by name what the grammar knows.
func (p *parser) notSupported(s Span, what, instead string) {
	e := p.errorAt(s, "NOT_SUPPORTED", "%s is not supported", what)
	e.Hint = instead
	p.refuse(e)
}

func (p *parser) tooDeep(s Span) {
	p.refuse(p.errorAt(s, "STACK_OVERFLOW", "statement is nested too deep (the limit is %d levels)", maxDepth))
}

// chain counts n operators one after another; see maxChain.
func (p *parser) chain(n int, s Span) {
	if n > maxChain {
		p.refuse(p.errorAt(s, "STACK_OVERFLOW", "more than %d operators follow one another", maxChain))
	}
}

// mismatch is the error for the bad token, in Trino's words.
func (p *parser) mismatch() *base.Error {
	t := p.toks[p.bad]
	s := Span{int(t.start), int(t.end)}
	switch t.kind {
	case tOpenString:
		return p.errorAt(s.first(1), "SYNTAX_ERROR", "this string is not closed").WithHint("close it with a single quote; a quote inside a string is written twice: 'it''s'")
	case tOpenName:
		return p.errorAt(s.first(1), "SYNTAX_ERROR", "this quoted name is not closed")
	case tOpenComment:
		return p.errorAt(s.first(2), "SYNTAX_ERROR", "this comment is not closed").WithHint("close it with */")
	case tEOF:
		// Blanks and comments after the last token are of no interest to the reader.
		if p.bad > 0 {
			s = Span{int(p.toks[p.bad-1].end), int(p.toks[p.bad-1].end)}
		}
	}
	slices.Sort(p.wanted)
	p.wanted = slices.Compact(p.wanted)
	shown := p.textOf(p.bad)
	e := p.errorAt(s, "SYNTAX_ERROR", "mismatched input '%s'. Expecting: %s", shown, expecting(p.wanted))
	e.Hint = p.hint()
	return e
}

func (s Span) first(n int) Span { return Span{s.Start, min(s.Start+n, s.End)} }

// textOf is the i-th token as written, cut if it is long.
func (p *parser) textOf(i int) string {
	if i < 0 {
		return ""
	}
	t := p.toks[i]
	if t.kind == tEOF {
		return "<EOF>"
	}
	s := []rune(p.src[t.start:t.end])
	if len(s) > 60 {
		return string(s[:60]) + "..."
	}
	return string(s)
}

// longestList bounds the words after "Expecting:".
const longestList = 12

// expecting lists what was looked for; a long list loses its signs, then its end.
func expecting(wanted []string) string {
	if len(wanted) > longestList {
		wanted = slices.DeleteFunc(slices.Clone(wanted), func(w string) bool {
			return w[0] == '\'' && !letter(w[1]) && w != "','" && w != "')'"
		})
	}
	if len(wanted) > longestList {
		return strings.Join(wanted[:longestList], ", ") + ", ..."
	}
	return strings.Join(wanted, ", ")
}
