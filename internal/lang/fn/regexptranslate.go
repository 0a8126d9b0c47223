package fn

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// translation is a pattern in syntax that Go's regexp and regexp2 read alike.
type translation struct {
	text string
	// back: only a backtracking engine can run it (look-around, back references).
	back bool
	// dollar: its $ also matches before a final line feed, which RE2's does not.
	dollar bool
	// boundary: its \b asks for words of all scripts, RE2's only for ASCII.
	boundary bool
	// context: where it matches depends on what lies before.
	context bool
	groups  int
	names   map[string]int
}

// translator reads Java's syntax as Trino's engine (Joni) takes it.
type translator struct {
	src     string
	at      int
	out     strings.Builder
	t       translation
	total   int // groups in the whole pattern
	atom    int // where in out the last atom began, -1 if there is none
	comment bool
	depth   int
}

func badPattern(src, why string) error { return invalid("invalid regular expression %q: %s", src, why) }

func translate(src string) (translation, error) {
	if !utf8.ValidString(src) {
		return translation{}, badPattern(src, "it is not UTF-8")
	}
	tr := &translator{src: src, atom: -1}
	tr.t.names = map[string]int{}
	tr.total = countGroups(src)
	if err := tr.alternatives(); err != nil {
		return translation{}, err
	}
	if tr.at < len(src) {
		return translation{}, badPattern(src, "unmatched )")
	}
	tr.t.text = tr.out.String()
	return tr.t, nil
}

// countGroups is how many groups capture, for telling \12 from \1 and 2.
func countGroups(src string) int {
	n, class := 0, 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\\':
			i++
		case c == '[':
			class++
		case c == ']' && class > 0:
			class--
		case c == '(' && class == 0:
			rest := src[i+1:]
			if !strings.HasPrefix(rest, "?") || strings.HasPrefix(rest, "?<") && !strings.HasPrefix(rest, "?<=") && !strings.HasPrefix(rest, "?<!") {
				n++
			}
		}
	}
	return n
}

const maxPatternDepth = 200

// alternatives reads up to the closing parenthesis or the end.
func (tr *translator) alternatives() error {
	tr.atom = -1
	if tr.depth++; tr.depth > maxPatternDepth {
		return badPattern(tr.src, "it is nested too deeply")
	}
	defer func() { tr.depth-- }()
	for tr.at < len(tr.src) {
		c := tr.src[tr.at]
		if c == ')' {
			return nil
		}
		if err := tr.element(c); err != nil {
			return err
		}
	}
	return nil
}

func (tr *translator) element(c byte) error {
	switch c {
	case '|':
		tr.at++
		tr.out.WriteByte('|')
		tr.atom = -1
		return nil
	case '(':
		return tr.group()
	case '[':
		tr.at++
		s, err := tr.class()
		if err != nil {
			return err
		}
		tr.put(s)
		return nil
	case '\\':
		return tr.escape()
	case '*', '+', '?':
		tr.at++
		return tr.repeat(string(c))
	case '{':
		if m := boundsForm.FindString(tr.src[tr.at:]); m != "" {
			tr.at += len(m)
			if strings.HasPrefix(m, "{,") {
				m = "{0" + m[1:]
			}
			return tr.repeat(m)
		}
	}
	return tr.plain(c)
}

var boundsForm = regexp.MustCompile(`^\{(?:\d{1,5}(?:,\d{0,5})?|,\d{1,5})\}`)

func (tr *translator) plain(c byte) error {
	r, n := utf8.DecodeRuneInString(tr.src[tr.at:])
	tr.at += n
	switch {
	case tr.comment && strings.ContainsRune(" \t\n\v\f\r", r):
	case tr.comment && c == '#':
		if i := strings.IndexByte(tr.src[tr.at:], '\n'); i >= 0 {
			tr.at += i + 1
		} else {
			tr.at = len(tr.src)
		}
	case c == '.':
		tr.put(".")
	case c == '^':
		tr.t.context = true
		tr.put("^")
	case c == '$':
		tr.t.dollar = true
		tr.put("$")
	default:
		tr.put(regexp.QuoteMeta(string(r)))
	}
	return nil
}

// put writes one atom.
func (tr *translator) put(s string) {
	tr.atom = tr.out.Len()
	tr.out.WriteString(s)
}

// repeat writes a quantifier behind the last atom; a possessive one makes it an
// atomic group, a second one groups what is there.
func (tr *translator) repeat(q string) error {
	if tr.atom < 0 {
		return badPattern(tr.src, "target of repeat operator is not specified")
	}
	all := tr.out.String()
	head, atom := all[:tr.atom], all[tr.atom:]
	next := byte(0)
	if tr.at < len(tr.src) {
		next = tr.src[tr.at]
	}
	switch {
	case next == '?':
		tr.at++
		atom = "(?:" + atom + q + "?)"
	case next == '+' && q[0] != '{':
		tr.at++
		tr.t.back = true
		atom = "(?>" + atom + q + ")"
	default:
		atom = "(?:" + atom + q + ")"
	}
	tr.out.Reset()
	tr.out.WriteString(head)
	tr.put(atom)
	return nil
}

func (tr *translator) group() error {
	start := tr.out.Len()
	tr.at++
	rest := tr.src[tr.at:]
	comment := tr.comment
	switch {
	case strings.HasPrefix(rest, "?#"):
		i := strings.IndexByte(rest, ')')
		if i < 0 {
			return badPattern(tr.src, "end of pattern in a comment")
		}
		tr.at += i + 1
		return nil
	case !strings.HasPrefix(rest, "?"):
		tr.t.groups++
		tr.out.WriteByte('(')
	case strings.HasPrefix(rest, "?:"):
		tr.open("?:", false)
	case strings.HasPrefix(rest, "?="), strings.HasPrefix(rest, "?!"), strings.HasPrefix(rest, "?>"):
		tr.open(rest[:2], true)
	case strings.HasPrefix(rest, "?<="), strings.HasPrefix(rest, "?<!"):
		tr.t.context = true
		tr.open(rest[:3], true)
	case strings.HasPrefix(rest, "?<"):
		if err := tr.nameGroup(rest); err != nil {
			return err
		}
	default:
		if done, err := tr.flags(rest); done || err != nil {
			return err
		}
	}
	if err := tr.alternatives(); err != nil {
		return err
	}
	if tr.at >= len(tr.src) {
		return badPattern(tr.src, "end of pattern in a group")
	}
	tr.at++
	tr.out.WriteByte(')')
	tr.atom, tr.comment = start, comment
	return nil
}

func (tr *translator) open(intro string, back bool) {
	tr.at += len(intro)
	tr.t.back = tr.t.back || back
	tr.out.WriteString("(" + intro)
}

var (
	nameForm = regexp.MustCompile(`^\?<([A-Za-z_][A-Za-z0-9_]*)>`)
	flagForm = regexp.MustCompile(`^\?([a-zA-Z]*)(-[a-zA-Z]*)?([:)])`)
)

// nameGroup counts a named group like any other: engines number them differently.
func (tr *translator) nameGroup(rest string) error {
	m := nameForm.FindStringSubmatch(rest)
	if m == nil {
		return badPattern(tr.src, "invalid group name")
	}
	tr.at += len(m[0])
	tr.t.groups++
	tr.t.names[m[1]] = tr.t.groups
	tr.out.WriteByte('(')
	return nil
}

// flags reads (?i) and (?i:...); done says that no group is open.
func (tr *translator) flags(rest string) (done bool, err error) {
	m := flagForm.FindStringSubmatch(rest)
	if m == nil || strings.Trim(m[1]+m[2], "imsx-") != "" {
		return false, badPattern(tr.src, "undefined group option")
	}
	tr.at += len(m[0])
	on, off := m[1], m[2]
	if strings.Contains(on, "x") {
		tr.comment = true
	}
	if strings.Contains(off, "x") {
		tr.comment = false
	}
	on, off = strings.ReplaceAll(on, "x", ""), strings.ReplaceAll(off, "x", "")
	if off == "-" {
		off = ""
	}
	if m[3] == ":" {
		tr.out.WriteString("(?" + on + off + ":")
		return false, nil
	}
	if on+off != "" {
		tr.out.WriteString("(?" + on + off + ")")
	}
	tr.atom = -1
	return true, nil
}
