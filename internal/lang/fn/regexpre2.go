package fn

import (
	"regexp/syntax"
	"strconv"
	"strings"
)

// RE2 is a pattern that RE2 reads and that finds there what Java finds, in
// every text or in the texts its conditions name.
type RE2 struct {
	Text   string
	Groups int
	// NoFinalNewline: it must not be asked of texts that end with a line feed.
	NoFinalNewline bool
	// ASCIIOnly: it must not be asked of texts with other characters.
	ASCIIOnly bool
	context   bool
	empty     bool
	// solid groups are not empty where they take part in a match.
	solid []bool
}

// maxProgram is how long a program RE2 surely has the memory for.
const maxProgram = 5000

// ToRE2 translates a pattern. It is not ok if only another engine can run it;
// the error is Trino's for a pattern that is wrong.
func ToRE2(src string) (p RE2, ok bool, err error) {
	t, err := translate(src)
	if err != nil {
		return p, false, err
	}
	if t.back {
		_, err = compilePattern(src)
		return p, false, err
	}
	tree, err := syntax.Parse(t.text, syntax.Perl)
	if err != nil {
		return p, false, nil
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxProgram || emptyLoop(tree) {
		return p, false, nil
	}
	p = RE2{Text: t.text, Groups: t.groups, NoFinalNewline: t.dollar, ASCIIOnly: t.boundary, context: t.context, empty: canBeEmpty(tree), solid: make([]bool, t.groups+1)}
	p.solid[0] = !p.empty
	solidGroups(tree, p.solid)
	return p, true, nil
}

// emptyLoop tells of a repeated part that can match nothing, where engines differ.
func emptyLoop(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		if canBeEmpty(t.Sub[0]) {
			return true
		}
	}
	for _, s := range t.Sub {
		if emptyLoop(s) {
			return true
		}
	}
	return false
}

func solidGroups(t *syntax.Regexp, solid []bool) {
	if t.Op == syntax.OpCapture && t.Cap < len(solid) {
		solid[t.Cap] = !canBeEmpty(t.Sub[0])
	}
	for _, s := range t.Sub {
		solidGroups(s, solid)
	}
}

// Steady patterns find the same matches one after another: none is empty and
// none depends on what lies before it.
func (p RE2) Steady() bool { return !p.empty && !p.context }

// Extracts tells whether an empty text for a group means that there is none.
func (p RE2) Extracts(group int) bool {
	return group >= 0 && group < 10 && group < len(p.solid) && p.solid[group]
}

// Replacement is a replacement in RE2's syntax, not ok if it has no such form.
func (p RE2) Replacement(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s):
			i++
			if c = s[i]; c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case c == '\\':
			return "", false
		case c == '$':
			i++
			if i >= len(s) || s[i] < '0' || s[i] > '9' || i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				return "", false
			}
			if n, _ := strconv.Atoi(s[i : i+1]); n > p.Groups {
				return "", false
			}
			b.WriteByte('\\')
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}
