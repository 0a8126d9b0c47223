package asl

import (
	"errors"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// maxDefinition is AWS's bound on a definition, in bytes.
const maxDefinition = 1 << 20

// Parse reads a state machine definition. Mistakes come all at once as
// base.Errors in the order of the text, each with the place of the offending
// field; file is only used to name that place.
func Parse(file string, src []byte) (*Machine, error) {
	if len(src) > maxDefinition {
		return nil, base.Errors{base.Errorf(base.Invalid, "the definition has %d bytes, more than the %d that are allowed", len(src), maxDefinition).At(&base.Place{File: file})}
	}
	root, err := readJSON(file, src)
	if err != nil {
		var e *base.Error
		errors.As(err, &e)
		return nil, base.Errors{e}
	}
	m := &Machine{file: file, source: src}
	p := &parser{m: m, names: map[string]*State{}}
	p.machine(root)
	if len(p.errs) > 0 {
		sortByPlace(p.errs)
		return nil, p.errs
	}
	m.warn()
	return m, nil
}

type parser struct {
	m     *Machine
	errs  base.Errors
	names map[string]*State // of the whole machine
}

func (p *parser) fail(off, end int, format string, args ...any) *base.Error {
	e := base.Errorf(base.Invalid, format, args...)
	var inner *base.Error
	if errors.As(e.Err, &inner) {
		e.Hint = inner.Hint
	}
	e.Place = p.m.place(off, end)
	p.errs = append(p.errs, e)
	return e
}

func (p *parser) atKey(m *member, format string, args ...any) *base.Error {
	return p.fail(m.keyOff, m.keyEnd, format, args...)
}

func (p *parser) atValue(n *node, format string, args ...any) *base.Error {
	return p.fail(n.off, min(n.end, n.off+80), format, args...)
}

// fields checks the members of an object against the names it may have.
// unsupported maps a name to what is said about it.
func (p *parser) fields(n *node, what string, known []string, unsupported map[string]string) {
	for i := range n.members {
		m := &n.members[i]
		if containsString(known, m.key) {
			continue
		}
		if why, ok := unsupported[m.key]; ok {
			p.atKey(m, "%s: %s is not supported%s", what, m.key, why)
			continue
		}
		e := p.atKey(m, "%s has no field %q", what, m.key)
		if near := nearest(m.key, append([]string{}, known...)); near != "" {
			e.Hint = fmt.Sprintf("did you mean %q?", near)
		}
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
		p.atValue(n, "a state machine definition is a JSON object")
		return
	}
	p.fields(n, "a state machine", []string{"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"}, nil)
	p.language(n, "a state machine")
	p.m.Comment = p.str(n, "Comment")
	if v := n.get("Version"); v != nil && p.str(n, "Version") != "1.0" {
		p.atValue(v.value, `Version must be "1.0"`)
	}
	if s, ok := p.whole(n, "TimeoutSeconds", 1); ok {
		p.m.Timeout = time.Duration(s) * time.Second
	}
	if f := p.flow(n, "a state machine", ""); f != nil {
		p.m.Flow = *f
	}
}

// language refuses JSONata.
func (p *parser) language(n *node, what string) {
	if q := n.get("QueryLanguage"); q != nil && !(q.value.kind == '"' && q.value.text == "JSONPath") {
		p.atValue(q.value, "%s: QueryLanguage %s is not supported, only JSONPath is", what, p.m.source[q.value.off:q.value.end])
	}
}

// flow reads StartAt and States of a machine or branch at path.
func (p *parser) flow(n *node, what, path string) *Flow {
	f := &Flow{States: map[string]*State{}}
	states := n.get("States")
	start := n.get("StartAt")
	if start == nil {
		p.fail(n.off, n.off+1, "%s needs a StartAt field", what)
	} else {
		f.StartAt = p.str(n, "StartAt")
	}
	if states == nil {
		p.fail(n.off, n.off+1, "%s needs a States field", what)
		return nil
	}
	if states.value.kind != '{' || len(states.value.members) == 0 {
		p.atValue(states.value, "States must be an object with at least one state")
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
	}
	for _, s := range list {
		p.transitions(s, f)
	}
	return f
}

func (p *parser) unknownState(n *node, field, name string, f *Flow) {
	var names []string
	for s := range f.States {
		names = append(names, s)
	}
	e := p.atValue(n, "%s names the state %q, which does not exist here", field, name)
	if near := nearest(name, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	} else if other := p.names[name]; other != nil {
		e.Hint = fmt.Sprintf("%s stands in another branch; a state can only go to states beside it", other.Path)
	}
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
