package project

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// expander replaces ${VAR} and ${VAR:-default} in scalar values; $${ stands
// for a literal ${.
type expander struct {
	env  func(string) (string, bool)
	done map[*node]bool
	errs base.Errors
}

func (x *expander) expand(n *node) {
	if n == nil || x.done[n] {
		return
	}
	x.done[n] = true
	for _, e := range n.entries {
		x.expand(e.val)
	}
	for _, i := range n.items {
		x.expand(i)
	}
	s, ok := n.value.(string)
	if !ok || !strings.Contains(s, "${") {
		return
	}
	n.written = n.raw
	n.raw = x.text(n, s)
	n.value = n.raw
}

func (x *expander) text(n *node, s string) string {
	var b strings.Builder
	rest := s
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		if i > 0 && rest[i-1] == '$' {
			b.WriteString(rest[:i-1] + "${")
			rest = rest[i+2:]
			continue
		}
		b.WriteString(rest[:i])
		end := strings.IndexByte(rest[i:], '}')
		if end < 0 {
			x.report(n, rest[i:], "${ without }").WithHint("write $${ for a literal ${")
			b.WriteString(rest[i:])
			return b.String()
		}
		b.WriteString(x.variable(n, rest[i:i+end+1]))
		rest = rest[i+end+1:]
	}
}

// variable is the value of one reference.
func (x *expander) variable(n *node, ref string) string {
	name, fallback, has := strings.Cut(ref[2:len(ref)-1], ":-")
	if !isVariable(name) {
		x.report(n, ref, "%s is not a variable reference", ref).WithHint("write ${NAME} or ${NAME:-default}; $${ is a literal ${")
		return ref
	}
	v, ok := x.env(name)
	if has && v == "" {
		return fallback
	}
	if !ok {
		x.report(n, ref, "environment variable %s is not set", name).
			WithHint("set it (export %s=...) or give a default: ${%s:-value}", name, name)
		return ref
	}
	return v
}

// report places a mistake at the reference itself if its line shows it.
func (x *expander) report(n *node, ref, format string, args ...any) *base.Error {
	n.bad = true
	e := n.errorf(format, args...)
	if i := strings.Index(e.Place.Text, ref); i >= 0 && !n.block {
		e.Place.Col, e.Place.Len = runes(e.Place.Text[:i])+1, runes(ref)
	}
	x.errs = append(x.errs, e)
	return e
}

func isVariable(s string) bool {
	for i, r := range s {
		if !(r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || i > 0 && r >= '0' && r <= '9') {
			return false
		}
	}
	return s != ""
}

// retype gives an expanded, unquoted value the type a bare value would have
// had, where the schema wants one of wanted.
func retype(n *node, wanted []string) bool {
	if n.written == "" || !n.plain {
		return false
	}
	for _, w := range wanted {
		switch w {
		case "integer", "number":
			if r := number(n.raw); r != nil && (w == "number" || r.IsInt()) {
				n.value = r
				return true
			}
		case "boolean":
			if v, err := strconv.ParseBool(n.raw); err == nil && (n.raw == "true" || n.raw == "false") {
				n.value = v
				return true
			}
		}
	}
	return false
}
