package fn

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/mulgil/mulgil/internal/base"
)

// Regexps are the functions on regular expressions, in Java's syntax. Patterns
// run in linear time unless they ask for what only backtracking can do. Safe
// for concurrent use.
type Regexps struct{ known *cache[*pattern] }

// NewRegexps returns the functions with an empty cache.
func NewRegexps() *Regexps { return &Regexps{newCache(compilePattern)} }

// matchLimit is how long one match may backtrack.
const matchLimit = 5 * time.Second

type pattern struct {
	translation
	fast  *regexp.Regexp // nil: slow alone can run it
	slow  *regexp2.Regexp
	empty bool // it can match nothing
}

func compilePattern(src string) (*pattern, error) {
	t, err := translate(strings.Clone(src))
	if err != nil {
		return nil, err
	}
	p := &pattern{translation: t, empty: true}
	if !t.back {
		if tree, err := syntax.Parse(t.text, syntax.Perl); err == nil {
			p.empty = canBeEmpty(tree)
			p.fast, _ = regexp.Compile(t.text)
		}
	}
	if p.slow, err = regexp2.Compile(t.text, regexp2.None); err != nil {
		return nil, badPattern(src, err.Error())
	}
	p.slow.MatchTimeout = matchLimit
	return p, nil
}

func canBeEmpty(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return t.Op == syntax.OpLiteral && len(t.Rune) == 0
	case syntax.OpCapture, syntax.OpPlus:
		return canBeEmpty(t.Sub[0])
	case syntax.OpRepeat:
		return t.Min == 0 || canBeEmpty(t.Sub[0])
	case syntax.OpConcat:
		for _, s := range t.Sub {
			if !canBeEmpty(s) {
				return false
			}
		}
	case syntax.OpAlternate:
		for _, s := range t.Sub {
			if canBeEmpty(s) {
				return true
			}
		}
		return false
	}
	return true
}

// suits says whether the fast engine gives Java's answer for text.
func (p *pattern) suits(text string) bool {
	return p.fast != nil && !(p.dollar && strings.HasSuffix(text, "\n")) && !(p.boundary && !isASCII(text))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// each calls f with the byte offsets of every match and its groups, from the
// byte offset from on, until f says no. After an empty match the search goes on
// one character further.
func (p *pattern) each(text string, from int, f func(span []int) bool) error {
	if p.suits(text) && !p.empty && (from == 0 || !p.context) {
		return p.eachFast(text, from, f)
	}
	return p.eachSlow(text, from, f)
}

func (p *pattern) eachFast(text string, from int, f func([]int) bool) error {
	if p.context {
		for _, m := range p.fast.FindAllStringSubmatchIndex(text, -1) {
			if !f(m) {
				return nil
			}
		}
		return nil
	}
	for {
		m := p.fast.FindStringSubmatchIndex(text[from:])
		if m == nil {
			return nil
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += from
			}
		}
		if from = m[1]; !f(m) {
			return nil
		}
	}
}

func (p *pattern) eachSlow(text string, from int, f func([]int) bool) error {
	runes, at := runesOf(text)
	start := 0
	for start < len(runes) && at[start] < from {
		start++
	}
	for start <= len(runes) {
		m, err := p.slow.FindRunesMatchStartingAt(runes, start)
		if err != nil {
			return base.Errorf(base.Invalid, "regular expression took too long: %w", errors.Unwrap(err)).WithCode("EXCEEDED_TIME_LIMIT")
		}
		if m == nil {
			return nil
		}
		span := make([]int, 2*(p.groups+1))
		for i := range p.groups + 1 {
			span[2*i], span[2*i+1] = -1, -1
			if g := m.GroupByNumber(i); g != nil && len(g.Captures) > 0 {
				span[2*i], span[2*i+1] = at[g.Index], at[g.Index+g.Length]
			}
		}
		if start = m.Index + m.Length; m.Length == 0 {
			start++
		}
		if !f(span) {
			return nil
		}
	}
	return nil
}

// runesOf is the characters of s and the byte offset of each and of the end.
func runesOf(s string) (runes []rune, at []int) {
	runes, at = make([]rune, 0, len(s)), make([]int, 0, len(s)+1)
	for i, r := range s {
		runes, at = append(runes, r), append(at, i)
	}
	return runes, append(at, len(s))
}

// Like is regexp_like: whether the pattern is found anywhere.
func (x *Regexps) Like(text, pattern string) (bool, error) {
	p, err := x.known.get(pattern)
	if err != nil {
		return false, err
	}
	if p.suits(text) {
		return p.fast.MatchString(text), nil
	}
	found := false
	err = p.eachSlow(text, 0, func([]int) bool { found = true; return false })
	return found, err
}

func (p *pattern) checkGroup(group int64) error {
	if group < 0 || group > int64(p.groups) {
		return invalid("pattern has %d groups, cannot access group %d", p.groups, group)
	}
	return nil
}

func spanText(text string, span []int, group int64) *string {
	if span[2*group] < 0 {
		return nil
	}
	s := text[span[2*group]:span[2*group+1]]
	return &s
}

// Extract is regexp_extract: a group of the first match, nil without one.
func (x *Regexps) Extract(text, pattern string, group int64) (*string, error) {
	p, err := x.known.get(pattern)
	if err == nil {
		err = p.checkGroup(group)
	}
	if err != nil {
		return nil, err
	}
	var out *string
	if p.suits(text) {
		if m := p.fast.FindStringSubmatchIndex(text); m != nil {
			out = spanText(text, m, group)
		}
		return out, nil
	}
	err = p.eachSlow(text, 0, func(m []int) bool { out = spanText(text, m, group); return false })
	return out, err
}

// ExtractAll is regexp_extract_all: a group of every match.
func (x *Regexps) ExtractAll(text, pattern string, group int64) ([]*string, error) {
	p, err := x.known.get(pattern)
	if err == nil {
		err = p.checkGroup(group)
	}
	if err != nil {
		return nil, err
	}
	var out []*string
	err = p.each(text, 0, func(m []int) bool { out = append(out, spanText(text, m, group)); return true })
	return out, err
}

// Groups are all groups of every match, without the match itself, and the text
// between matches: what a replacement by a lambda needs.
func (x *Regexps) Groups(text, pattern string) ([][]*string, error) {
	p, err := x.known.get(pattern)
	if err != nil {
		return nil, err
	}
	out := [][]*string{}
	last := 0
	err = p.each(text, 0, func(m []int) bool {
		gap := text[last:m[0]]
		row := []*string{&gap}
		for i := 1; i <= p.groups; i++ {
			row = append(row, spanText(text, m, int64(i)))
		}
		out, last = append(out, row), m[1]
		return true
	})
	rest := text[last:]
	return append(out, []*string{&rest}), err
}

// Replace is regexp_replace: $1, ${name} and \$ in the replacement.
func (x *Regexps) Replace(text, pattern, replacement string) (string, error) {
	p, err := x.known.get(pattern)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	last := 0
	var bad error
	err = p.each(text, 0, func(m []int) bool {
		b.WriteString(text[last:m[0]])
		last = m[1]
		if bad = p.expand(&b, text, m, replacement); bad == nil {
			bad = checkSize(b.Len())
		}
		return bad == nil
	})
	if err = errors.Join(err, bad); err != nil {
		return "", err
	}
	b.WriteString(text[last:])
	return b.String(), nil
}

func (p *pattern) expand(b *strings.Builder, text string, m []int, r string) error {
	for i := 0; i < len(r); i++ {
		switch {
		case r[i] == '\\':
			if i++; i == len(r) {
				return invalid("illegal replacement sequence: %s", r)
			}
			b.WriteByte(r[i])
		case r[i] == '$':
			n, group, err := p.reference(r[i+1:])
			if err != nil {
				return err
			}
			if i += n; m[2*group] >= 0 {
				b.WriteString(text[m[2*group]:m[2*group+1]])
			}
		default:
			b.WriteByte(r[i])
		}
	}
	return nil
}

// reference reads what follows a $: as many digits as make a group, or {name}.
func (p *pattern) reference(r string) (n, group int, err error) {
	if strings.HasPrefix(r, "{") {
		name, _, closed := strings.Cut(r[1:], "}")
		group, ok := p.names[name]
		if !ok {
			return 0, 0, invalid("illegal replacement sequence: unknown group { %s }", name)
		}
		if n = 1 + len(name); closed {
			n++
		}
		return n, group, nil
	}
	for n < len(r) && r[n] >= '0' && r[n] <= '9' {
		next := group*10 + int(r[n]-'0')
		if n > 0 && next > p.groups {
			break
		}
		group = next
		n++
	}
	if n == 0 || group > p.groups {
		return 0, 0, invalid("illegal replacement sequence: unknown group $%s", r)
	}
	return n, group, nil
}

// Split is regexp_split.
func (x *Regexps) Split(text, pattern string) ([]string, error) {
	p, err := x.known.get(pattern)
	if err != nil {
		return nil, err
	}
	var out []string
	last := 0
	err = p.each(text, 0, func(m []int) bool {
		out, last = append(out, text[last:m[0]]), m[1]
		return true
	})
	return append(out, text[last:]), err
}

// Count is regexp_count.
func (x *Regexps) Count(text, pattern string) (int64, error) {
	p, err := x.known.get(pattern)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	err = p.each(text, 0, func([]int) bool { n++; return true })
	return n, err
}

// Position is regexp_position: where the nth match at or after the character
// start begins, counted from 1; -1 without one.
func (x *Regexps) Position(text, pattern string, start, nth int64) (int64, error) {
	p, err := x.known.get(pattern)
	switch {
	case err != nil:
		return 0, err
	case start < 1:
		return 0, invalid("start position cannot be smaller than 1")
	case nth < 1:
		return 0, invalid("occurrence cannot be smaller than 1")
	}
	from := 0
	for i := int64(1); i < start; i++ {
		if from >= len(text) {
			return -1, nil
		}
		_, n := utf8.DecodeRuneInString(text[from:])
		from += n
	}
	if from >= len(text) { // in an empty text there is none, not even an empty one
		return -1, nil
	}
	at := int64(-1)
	err = p.each(text, from, func(m []int) bool {
		if nth--; nth == 0 {
			at = int64(utf8.RuneCountInString(text[:m[0]])) + 1
		}
		return nth > 0
	})
	return at, err
}

func regexpDefs() []Def {
	x := NewRegexps()
	return []Def{
		def2("mg_regexp_like", x.Like),
		def3("mg_regexp_extract", x.Extract),
		def3("mg_regexp_extract_all", x.ExtractAll),
		def2("mg_regexp_groups", x.Groups),
		def3("mg_regexp_replace", x.Replace),
		def2("mg_regexp_split", x.Split),
		def2("mg_regexp_count", x.Count),
		def4("mg_regexp_position", x.Position),
	}
}
