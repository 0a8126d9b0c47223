package asl

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// maxDefinition is AWS's bound on a definition, in bytes.
const maxDefinition = 1 << 20

// Options say how a definition is read.
type Options struct {
	// Express holds it to the rules of machines of the type EXPRESS.
	Express bool
	// CheckQuery says what is wrong with a JSONata expression; nil checks none.
	CheckQuery func(expr string) error
}

// Parse reads a state machine definition. Mistakes come all at once as
// base.Errors in the order of the text, each with the place of the offending
// field and a Diagnostic; file is only used to name that place.
func Parse(file string, src []byte) (*Machine, error) { return ParseAs(file, src, Options{}) }

// ParseAs is Parse with options.
func ParseAs(file string, src []byte, o Options) (*Machine, error) {
	root, err := readDefinition(file, src)
	if err != nil {
		return nil, err
	}
	p := newParser(file, src, root, o)
	p.machine(root)
	return p.finish()
}

// SingleState is the name of a state that ParseState reads on its own.
const SingleState = "StateName"

// ParseState reads a single state, as TestState takes it, or a whole machine.
// The state becomes a machine of its own, in which Next may name anything;
// single tells which it was.
func ParseState(file string, src []byte, o Options) (m *Machine, single bool, err error) {
	root, err := readDefinition(file, src)
	if err != nil {
		return nil, false, err
	}
	if root.kind != '{' || root.get("States") != nil || root.get("StartAt") != nil {
		m, err = ParseAs(file, src, o)
		return m, false, err
	}
	states := &node{kind: '{', off: root.off, end: root.end, members: []member{{key: SingleState, keyOff: root.off, keyEnd: root.off, value: root}}}
	whole := &node{kind: '{', off: root.off, end: root.end, members: []member{{key: "States", keyOff: root.off, keyEnd: root.off, value: states}}}
	p := newParser(file, src, whole, o)
	p.single = true
	f := &Flow{StartAt: SingleState, States: map[string]*State{}}
	f.States[SingleState] = p.state(&states.members[0], "/States/"+SingleState)
	p.m.Flow = *f
	m, err = p.finish()
	return m, true, err
}

func readDefinition(file string, src []byte) (*node, error) {
	if len(src) > maxDefinition {
		e := base.Errorf(base.Invalid, "the definition has %d bytes, more than the %d that are allowed", len(src), maxDefinition).At(&base.Place{File: file})
		e.Err = &Diagnostic{Code: schemaFailed, Message: fmt.Sprintf("Definition exceeds the limit of %d bytes", maxDefinition), Severity: "ERROR"}
		return nil, base.Errors{e}
	}
	root, err := readJSON(file, src)
	if err != nil {
		var e *base.Error
		errors.As(err, &e)
		e.Err = jackson(src, e)
		e.Code = e.Err.(*Diagnostic).Code
		return nil, base.Errors{e}
	}
	return root, nil
}

type parser struct {
	m      *Machine
	root   *node
	errs   base.Errors
	offs   map[*base.Error]int // where in the text a mistake stands
	names  map[string]*State   // of the whole machine
	labels map[string]bool     // of distributed Maps
	check  func(expr string) error
	// whole is JSONata as the machine's language.
	whole  bool
	single bool // one state, whose Next leads out of the text
}

func newParser(file string, src []byte, root *node, o Options) *parser {
	return &parser{m: &Machine{file: file, source: src, Express: o.Express}, root: root, check: o.CheckQuery,
		offs: map[*base.Error]int{}, names: map[string]*State{}, labels: map[string]bool{}}
}

func (p *parser) finish() (*Machine, error) {
	if len(p.errs) == 0 {
		p.m.warn()
		return p.m, nil
	}
	sortByPlace(p.errs)
	for _, e := range p.errs {
		var d *Diagnostic
		if !errors.As(e, &d) {
			p.aws(e, schemaFailed, "", "%s", e.Msg)
		}
	}
	return nil, p.errs
}

func (p *parser) fail(off, end int, format string, args ...any) *base.Error {
	e := base.Errorf(base.Invalid, format, args...)
	var inner *base.Error
	if errors.As(e.Err, &inner) {
		e.Hint = inner.Hint
	}
	e.Place = p.m.place(off, end)
	p.errs = append(p.errs, e)
	p.offs[e] = off
	return e
}

func (p *parser) atKey(m *member, format string, args ...any) *base.Error {
	return p.fail(m.keyOff, m.keyEnd, format, args...)
}

func (p *parser) atValue(n *node, format string, args ...any) *base.Error {
	return p.fail(n.off, min(n.end, n.off+80), format, args...)
}

// fields checks the members of an object against the names it may have.
// refused maps a name to why it does not belong here.
func (p *parser) fields(n *node, what string, known []string, refused map[string]string) {
	for i := range n.members {
		m := &n.members[i]
		if containsString(known, m.key) {
			continue
		}
		var e *base.Error
		if why, ok := refused[m.key]; ok {
			e = p.atKey(m, "%s: %s %s", what, m.key, why)
		} else {
			e = p.atKey(m, "%s has no field %q", what, m.key)
			if near := Nearest(m.key, append([]string{}, known...)); near != "" {
				e.Hint = fmt.Sprintf("did you mean %q?", near)
			}
		}
		p.aws(e, schemaFailed, "", "Field is not supported")
	}
}

func containsString(l []string, s string) bool {
	for _, x := range l {
		if x == s {
			return true
		}
	}
	return false
}

func (p *parser) machine(n *node) {
	if n.kind != '{' {
		e := p.atValue(n, "a state machine definition is a JSON object")
		e.Err = &Diagnostic{Code: schemaFailed, Message: "Definition must be a valid JSON object", Severity: "ERROR"}
		return
	}
	p.fields(n, "a state machine", []string{"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"}, nil)
	p.whole = p.language(n, "a state machine") == "JSONata"
	p.m.Comment = p.str(n, "Comment")
	if v := n.get("Version"); v != nil && p.str(n, "Version") != "1.0" {
		p.atValue(v.value, `Version must be "1.0"`)
	}
	if s, ok := p.whole64(n, "TimeoutSeconds", 1); ok {
		p.m.Timeout = time.Duration(s) * time.Second
	}
	if f := p.flow(n, "a state machine", ""); f != nil {
		p.m.Flow = *f
	}
}

// language reads QueryLanguage, "" if absent.
func (p *parser) language(n *node, what string) string {
	q := n.get("QueryLanguage")
	if q == nil {
		return ""
	}
	s := p.str(n, "QueryLanguage")
	if s != "JSONPath" && s != "JSONata" {
		p.aws(p.atValue(q.value, "%s: QueryLanguage must be JSONPath or JSONata", what), schemaFailed, "", "Value is not one of: [JSONPath, JSONata]")
	}
	return s
}

// flow reads StartAt and States of a machine, branch or processor at path.
func (p *parser) flow(n *node, what, path string) *Flow {
	f := &Flow{States: map[string]*State{}}
	at := path
	if at == "" {
		at = "/"
	}
	complete := p.required(n, n.off, n.off+1, at, what, "StartAt", "States")
	states, start := n.get("States"), n.get("StartAt")
	f.StartAt = p.str(n, "StartAt")
	if states == nil {
		return nil
	}
	if states.value.kind != '{' || len(states.value.members) == 0 {
		p.aws(p.atValue(states.value, "States must be an object with at least one state"), schemaFailed, path+"/States", "Value cannot be empty")
		return nil
	}
	var list []*State
	for i := range states.value.members {
		m := &states.value.members[i]
		s := p.state(m, path+"/States/"+m.key)
		f.States[m.key] = s
		list = append(list, s)
	}
	if start != nil && f.StartAt != "" && f.States[f.StartAt] == nil {
		p.unknownState(start.value, "StartAt", f.StartAt, f)
		complete = false
	}
	for _, s := range list {
		p.transitions(s, f)
	}
	if complete {
		p.shape(f, list, n, what, at)
	}
	return f
}

// shape refuses states that nothing leads to and flows without an end.
func (p *parser) shape(f *Flow, list []*State, n *node, what, path string) {
	used, ends := f.reachable(f.StartAt), false
	for _, s := range list {
		if !used[s.Name] {
			p.aws(p.fail(s.nameOff, s.nameEnd, "no state leads to %q", s.Name), "MISSING_TRANSITION_TARGET", s.Path, "State %q is not reachable.", s.Name)
		}
		ends = ends || s.Next == "" && s.Type != "Choice"
	}
	if !ends {
		p.aws(p.fail(n.off, n.off+1, "%s never ends: no state has \"End\": true or is a Succeed or Fail", what), "MISSING_END_STATE", path, "The workflow does not have a terminal state.")
	}
}

func (p *parser) unknownState(n *node, field, name string, f *Flow) {
	var names []string
	for s := range f.States {
		names = append(names, s)
	}
	e := p.atValue(n, "%s names the state %q, which does not exist here", field, name)
	if near := Nearest(name, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	} else if other := p.names[name]; other != nil {
		e.Hint = fmt.Sprintf("%s stands in another branch; a state can only go to states beside it", other.Path)
	}
	p.aws(e, "MISSING_TRANSITION_TARGET", "", "Missing '%s' target: %s", field, name)
}

// transitions checks every target of a state.
func (p *parser) transitions(s *State, f *Flow) {
	if s.node.kind != '{' {
		return
	}
	check := func(n *node, key, what string) {
		if m := n.get(key); m != nil && m.value.kind == '"' && f.States[m.value.text] == nil {
			p.unknownState(m.value, what, m.value.text, f)
		}
	}
	check(s.node, "Next", "Next")
	check(s.node, "Default", "Default")
	for _, list := range []string{"Choices", "Catch"} {
		if m := s.node.get(list); m != nil {
			for _, x := range m.value.items {
				check(x, "Next", "Next")
			}
		}
	}
}

// in is the location of a field of a state.
func in(s *State, field string) string { return strings.TrimSuffix(s.Path+"/"+field, "/") }
