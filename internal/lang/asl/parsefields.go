package asl

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// typed reports a value of the wrong type.
func (p *parser) typed(n *node, want, format string, args ...any) {
	p.aws(p.atValue(n, format, args...), schemaFailed, "", "Expected value of type %s", want)
}

// str reads a string field, "" if absent.
func (p *parser) str(n *node, key string) string {
	m := n.get(key)
	if m == nil {
		return ""
	}
	if m.value.kind != '"' {
		p.typed(m.value, "String", "%s must be text", key)
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
		p.typed(m.value, "Boolean", "%s must be true or false", key)
	}
	return m.value.truth
}

// maxSeconds is AWS's bound on every number of seconds.
const maxSeconds = 99999999

// whole64 reads an integer field; false if it is absent or wrong.
func (p *parser) whole64(n *node, key string, least int64) (int64, bool) {
	m := n.get(key)
	if m == nil {
		return 0, false
	}
	v, err := strconv.ParseInt(m.value.text, 10, 64)
	switch {
	case m.value.kind != '0' || err != nil:
		p.typed(m.value, "Integer", "%s must be a whole number from %d to %d", key, least, maxSeconds)
	case v < least:
		p.aws(p.atValue(m.value, "%s must be a whole number from %d to %d", key, least, maxSeconds), schemaFailed, "", "Value must be greater than or equal to %d", least)
	case v > maxSeconds:
		p.aws(p.atValue(m.value, "%s must be a whole number from %d to %d", key, least, maxSeconds), schemaFailed, "", "Value must be less than or equal to %d", maxSeconds)
	default:
		return v, true
	}
	return 0, false
}

// value reads a field that may also be given by a path or by JSONata. literal
// checks what is written out; nil refuses it.
func (p *parser) value(s *State, n *node, key string, literal func(m *member)) *Value {
	m, at := n.get(key), n.get(key+"Path")
	switch {
	case s.JSONata && m != nil && m.value.kind == '"' && isExpression(m.value.text):
		return &Value{name: key, query: p.query(m.value, key)}
	case m != nil:
		literal(m)
		if at != nil && !s.JSONata {
			p.aws(p.atKey(at, "there is both %s and %sPath", key, key), schemaFailed, parent(in(s, key)), "Only one of [%s, %sPath] is allowed", key, key)
		}
		return &Value{name: key, literal: m.value.value()}
	case at == nil || s.JSONata:
		return nil
	}
	e, err := ParseExpr(p.str(n, key+"Path"))
	if err != nil {
		p.aws(p.atValue(at.value, "%sPath: %w", key, err), schemaFailed, "", "Value is not a valid JSONPath")
		return nil
	}
	return &Value{name: key, path: e}
}

func (p *parser) number(m *member, least, most int64) {
	one := &node{kind: '{', members: []member{*m}}
	if v, ok := p.whole64(one, m.key, least); ok && most > 0 && v > most {
		p.aws(p.atValue(m.value, "%s must be a whole number from %d to %d", m.key, least, most), schemaFailed, "", "Value must be less than or equal to %d", most)
	}
}

func (p *parser) positive(m *member)    { p.number(m, 1, 0) }
func (p *parser) nonNegative(m *member) { p.number(m, 0, 0) }
func (p *parser) textField(m *member)   { p.str(&node{members: []member{*m}}, m.key) }

func (p *parser) percentage(m *member) {
	f, err := strconv.ParseFloat(m.value.text, 64)
	if m.value.kind != '0' || err != nil || f < 0 || f > 100 {
		p.aws(p.atValue(m.value, "%s must be a number from 0 to 100", m.key), schemaFailed, "", "Value must be between 0 and 100")
	}
}

func (p *parser) timestamp(m *member) {
	if m.value.kind != '"' {
		p.typed(m.value, "String", "%s must be text", m.key)
	} else if _, err := ParseTime(m.value.text); err != nil {
		p.aws(p.atValue(m.value, "%s: %w", m.key, err), schemaFailed, "", "String does not match RFC3339 timestamp")
	}
}

func (p *parser) location(n *node, key string) *Location {
	m := n.get(key)
	if m == nil {
		return nil
	}
	l, err := ParseLocation(p.str(n, key))
	if err != nil {
		p.aws(p.atValue(m.value, "%s: %w", key, err), schemaFailed, "", "Value is not a valid JSONPath")
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
	if l != nil && reference && (l.context || l.variable != "" || !l.path.Reference()) {
		p.aws(p.atValue(m.value, "%s must be a reference path like $.a.b, not %s", key, l.text), schemaFailed, "", "Value is not a Reference Path")
	}
	return pathField{loc: l}
}

// handlers reads Retry and Catch.
func (p *parser) handlers(s *State, what string) {
	for i, x := range p.list(s.node, "Retry") {
		r := Retrier{Interval: time.Second, MaxAttempts: 3, BackoffRate: 2}
		p.fields(x, "a retrier", []string{"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}, nil)
		r.ErrorEquals = p.errorEquals(x, "Retry", i == len(s.node.get("Retry").value.items)-1)
		if v, ok := p.whole64(x, "IntervalSeconds", 1); ok {
			r.Interval = time.Duration(v) * time.Second
		}
		if v, ok := p.whole64(x, "MaxAttempts", 0); ok {
			r.MaxAttempts = int(v)
		}
		if v, ok := p.whole64(x, "MaxDelaySeconds", 1); ok {
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
		known, foreign := []string{"ErrorEquals", "Next", "Comment", "Assign", "ResultPath"}, map[string]string{"Output": foreignFields("Pass", false)["Output"]}
		if s.JSONata {
			known, foreign = []string{"ErrorEquals", "Next", "Comment", "Assign", "Output"}, map[string]string{"ResultPath": foreignFields("Pass", true)["ResultPath"]}
		}
		p.fields(x, "a catcher", known, foreign)
		field := fmt.Sprintf("Catch[%d]/", i)
		p.required(x, x.off, x.off+1, fmt.Sprintf("%s/Catch[%d]", s.Path, i), "an entry of Catch in "+what, "Next")
		c := Catcher{ErrorEquals: p.errorEquals(x, "Catch", i == len(s.node.get("Catch").value.items)-1), Next: p.str(x, "Next")}
		if m := x.get("Assign"); m != nil {
			c.assign = p.assignment(m, field+"Assign", s.JSONata)
		}
		if m := x.get("Output"); m != nil && s.JSONata {
			c.output = p.payload(m.value, field+"Output", true)
		}
		if !s.JSONata {
			c.resultPath = p.pathField(x, "ResultPath", true)
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
	if !p.required(s.node, s.nameOff, s.nameEnd, s.Path, what, "Choices") {
		return
	}
	if m.value.kind == '[' && len(m.value.items) == 0 {
		p.aws(p.atValue(m.value, "Choices must have at least one rule"), schemaFailed, in(s, "Choices"), "Value cannot be empty")
	}
	for i, x := range p.list(s.node, "Choices") {
		field := fmt.Sprintf("Choices[%d]/", i)
		at := fmt.Sprintf("%s/Choices[%d]", s.Path, i)
		p.required(x, x.off, x.off+1, at, "a rule of "+what, "Next")
		c := Choice{Next: p.str(x, "Next")}
		if a := x.get("Assign"); a != nil {
			c.assign = p.assignment(a, field+"Assign", s.JSONata)
		}
		if s.JSONata {
			p.condition(&c, x, field, at, what)
		} else {
			c.Rule = p.rule(x, true)
		}
		s.Choices = append(s.Choices, c)
	}
}

// condition reads a choice of a JSONata state; field is where it stands, with a slash behind.
func (p *parser) condition(c *Choice, x *node, field, at, what string) {
	p.fields(x, "a choice", []string{"Condition", "Next", "Assign", "Output", "Comment"}, map[string]string{"Variable": foreignFields("Pass", true)["InputPath"]})
	if o := x.get("Output"); o != nil {
		c.output = p.payload(o.value, field+"Output", true)
	}
	if !p.required(x, x.off, x.off+1, at, "a choice of "+what, "Condition") {
		return
	}
	m := x.get("Condition")
	if m.value.kind != 't' && !(m.value.kind == '"' && isExpression(m.value.text)) {
		p.aws(p.atValue(m.value, "Condition must be a JSONata expression, or true or false"), schemaFailed, "", "Expected value of type Boolean or a JSONata expression")
		return
	}
	c.condition = p.query(m.value, field+"Condition")
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
		case m.key == "Assign" && top:
		case m.key == "Next":
			if !top {
				p.atKey(m, "Next stands only at the top of a choice rule, not inside And, Or or Not")
			}
		case m.key == "Condition", m.key == "Output":
			p.aws(p.atKey(m, "a choice rule: %s %s", m.key, foreignFields("Pass", false)["Output"]), schemaFailed, "", "Field is not supported")
			return r
		default:
			names := []string{"And", "Or", "Not", "Variable"}
			for o := range ops {
				names = append(names, o)
			}
			e := p.atKey(m, "a choice rule has no operator %q", m.key)
			p.aws(e, schemaFailed, "", "Field is not supported")
			if near := Nearest(m.key, names); near != "" {
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
