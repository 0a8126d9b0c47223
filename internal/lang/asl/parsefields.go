package asl

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// str reads a string field, "" if absent.
func (p *parser) str(n *node, key string) string {
	m := n.get(key)
	if m == nil {
		return ""
	}
	if m.value.kind != '"' {
		p.atValue(m.value, "%s must be text", key)
		return ""
	}
	return m.value.text
}

func (p *parser) boolean(n *node, key string) bool {
	m := n.get(key)
	if m == nil {
		return false
	}
	if m.value.kind != 't' {
		p.atValue(m.value, "%s must be true or false", key)
	}
	return m.value.truth
}

// maxSeconds is AWS's bound on every number of seconds.
const maxSeconds = 99999999

// whole reads an integer field; false if it is absent or wrong.
func (p *parser) whole(n *node, key string, least int64) (int64, bool) {
	m := n.get(key)
	if m == nil {
		return 0, false
	}
	v, err := strconv.ParseInt(m.value.text, 10, 64)
	if m.value.kind != '0' || err != nil || v < least || v > maxSeconds {
		p.atValue(m.value, "%s must be a whole number from %d to %d", key, least, maxSeconds)
		return 0, false
	}
	return v, true
}

func (p *parser) location(n *node, key string) *Location {
	m := n.get(key)
	if m == nil {
		return nil
	}
	l, err := ParseLocation(p.str(n, key))
	if err != nil {
		p.atValue(m.value, "%s: %w", key, err)
		return nil
	}
	return l
}

// pathField reads a path that may be null; a reference path names one place in the input.
func (p *parser) pathField(n *node, key string, reference bool) pathField {
	m := n.get(key)
	if m == nil {
		return pathField{}
	}
	if m.value.kind == 'n' {
		return pathField{null: true}
	}
	l := p.location(n, key)
	if l != nil && reference && (l.context || !l.path.Reference()) {
		p.atValue(m.value, "%s must be a reference path like $.a.b, not %s", key, l.text)
	}
	return pathField{loc: l}
}

// handlers reads Retry and Catch.
func (p *parser) handlers(s *State, what string) {
	for i, x := range p.list(s.node, "Retry") {
		r := Retrier{Interval: time.Second, MaxAttempts: 3, BackoffRate: 2}
		p.fields(x, "a retrier", []string{"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}, nil)
		r.ErrorEquals = p.errorEquals(x, "Retry", i == len(s.node.get("Retry").value.items)-1)
		if v, ok := p.whole(x, "IntervalSeconds", 1); ok {
			r.Interval = time.Duration(v) * time.Second
		}
		if v, ok := p.whole(x, "MaxAttempts", 0); ok {
			r.MaxAttempts = int(v)
		}
		if v, ok := p.whole(x, "MaxDelaySeconds", 1); ok {
			r.MaxDelay = time.Duration(v) * time.Second
		}
		if m := x.get("BackoffRate"); m != nil {
			v, err := strconv.ParseFloat(m.value.text, 64)
			if m.value.kind != '0' || err != nil || v < 1 || math.IsInf(v, 0) {
				p.atValue(m.value, "BackoffRate must be a number of at least 1.0")
			}
			r.BackoffRate = v
		}
		if m := x.get("JitterStrategy"); m != nil {
			switch p.str(x, "JitterStrategy") {
			case "FULL":
				r.Jitter = true
			case "NONE":
			default:
				p.atValue(m.value, "JitterStrategy must be FULL or NONE")
			}
		}
		s.Retry = append(s.Retry, r)
	}
	for i, x := range p.list(s.node, "Catch") {
		p.fields(x, "a catcher", []string{"ErrorEquals", "Next", "ResultPath", "Comment"}, unsupportedFields())
		c := Catcher{
			ErrorEquals: p.errorEquals(x, "Catch", i == len(s.node.get("Catch").value.items)-1),
			Next:        p.str(x, "Next"),
			resultPath:  p.pathField(x, "ResultPath", true),
		}
		if x.get("Next") == nil {
			p.fail(x.off, x.off+1, "an entry of Catch in %s needs a Next field", what)
		}
		s.Catch = append(s.Catch, c)
	}
}

// list reads a field that is a list of objects.
func (p *parser) list(n *node, key string) []*node {
	m := n.get(key)
	if m == nil {
		return nil
	}
	if m.value.kind != '[' {
		p.atValue(m.value, "%s must be a list", key)
		return nil
	}
	var out []*node
	for _, x := range m.value.items {
		if x.kind != '{' {
			p.atValue(x, "an entry of %s must be an object", key)
			continue
		}
		out = append(out, x)
	}
	return out
}

func (p *parser) errorEquals(n *node, where string, last bool) []string {
	m := n.get("ErrorEquals")
	if m == nil || m.value.kind != '[' || len(m.value.items) == 0 {
		p.fail(n.off, n.off+1, "an entry of %s needs ErrorEquals, a list with at least one error name", where)
		return nil
	}
	var out []string
	for _, x := range m.value.items {
		if x.kind != '"' {
			p.atValue(x, "an error name must be text")
			continue
		}
		if x.text == "States.ALL" && (!last || len(m.value.items) > 1) {
			p.atValue(x, "States.ALL must stand alone in ErrorEquals and in the last entry of %s", where)
		}
		out = append(out, x.text)
	}
	return out
}

func (p *parser) choices(s *State, what string) {
	s.Default = p.str(s.node, "Default")
	m := s.node.get("Choices")
	switch {
	case m == nil:
		p.fail(s.nameOff, s.nameEnd, "%s needs a Choices field", what)
		return
	case m.value.kind == '[' && len(m.value.items) == 0:
		p.atValue(m.value, "Choices must have at least one rule")
	}
	for _, x := range p.list(s.node, "Choices") {
		if x.get("Next") == nil {
			p.fail(x.off, x.off+1, "a rule of %s needs a Next field", what)
		}
		s.Choices = append(s.Choices, Choice{Rule: p.rule(x, true), Next: p.str(x, "Next")})
	}
}

// rule reads one rule; only a rule at the top may have Next.
func (p *parser) rule(n *node, top bool) *Rule {
	r := &Rule{node: n}
	if n.kind != '{' {
		p.atValue(n, "a choice rule must be an object")
		return r
	}
	ops := operators()
	var found []*member
	for i := range n.members {
		m := &n.members[i]
		switch _, isOp := ops[m.key]; {
		case isOp, m.key == "And", m.key == "Or", m.key == "Not":
			found = append(found, m)
		case m.key == "Variable", m.key == "Comment":
		case m.key == "Next":
			if !top {
				p.atKey(m, "Next stands only at the top of a choice rule, not inside And, Or or Not")
			}
		case m.key == "Condition", m.key == "Output", m.key == "Assign":
			p.atKey(m, "a choice rule: %s is not supported%s", m.key, unsupportedFields()[m.key])
			return r
		default:
			names := []string{"And", "Or", "Not", "Variable"}
			for o := range ops {
				names = append(names, o)
			}
			e := p.atKey(m, "a choice rule has no operator %q", m.key)
			if near := nearest(m.key, names); near != "" {
				e.Hint = "did you mean \"" + near + "\"?"
			}
			return r
		}
	}
	if len(found) != 1 {
		p.fail(n.off, n.off+1, "a choice rule needs exactly one operator, this one has %d", len(found))
		return r
	}
	if m := found[0]; m.key == "And" || m.key == "Or" || m.key == "Not" {
		p.boolRule(r, m)
	} else {
		p.comparison(r, m, ops[m.key])
	}
	return r
}

func (p *parser) boolRule(r *Rule, m *member) {
	if v := r.node.get("Variable"); v != nil {
		p.atKey(v, "Variable does not go with %s", m.key)
	}
	if m.key == "Not" {
		r.not = p.rule(m.value, false)
		return
	}
	if m.value.kind != '[' || len(m.value.items) == 0 {
		p.atValue(m.value, "%s must be a list with at least one rule", m.key)
		return
	}
	var list []*Rule
	for _, x := range m.value.items {
		list = append(list, p.rule(x, false))
	}
	if m.key == "And" {
		r.and = list
	} else {
		r.or = list
	}
}

func (p *parser) comparison(r *Rule, m *member, kind byte) {
	if r.node.get("Variable") == nil {
		p.fail(r.node.off, r.node.off+1, "a choice rule with %s needs a Variable field", m.key)
	}
	r.variable = p.location(r.node, "Variable")
	r.op = m.key
	if kind == 'p' {
		r.path = p.location(r.node, m.key)
		return
	}
	r.operand = m.value.value()
	want := map[byte]string{'s': "text", 'n': "a number", 'b': "true or false", 't': "a timestamp like 2016-03-14T01:59:00Z"}
	got := map[byte]byte{'"': 's', '0': 'n', 't': 'b'}[m.value.kind]
	if kind == 't' && got == 's' {
		if _, err := ParseTime(m.value.text); err == nil {
			got = 't'
		}
	}
	if got != kind {
		p.atValue(m.value, "%s takes %s", m.key, want[kind])
	}
	if m.key == "StringMatches" && got == 's' && strings.HasSuffix(strings.ReplaceAll(m.value.text, `\\`, ""), `\`) {
		p.atValue(m.value, `StringMatches: a single \ stands at the end; write \\ for a backslash`)
	}
}
