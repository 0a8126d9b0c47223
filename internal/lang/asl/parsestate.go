package asl

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const jsonata = ", it belongs to JSONata"

// typeFields lists the fields of each type of state beside Type, Comment and QueryLanguage.
func typeFields() map[string][]string {
	return map[string][]string{
		"Pass":     {"Next", "End", "InputPath", "OutputPath", "ResultPath", "Result", "Parameters"},
		"Task":     {"Next", "End", "InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Resource", "Retry", "Catch", "TimeoutSeconds", "TimeoutSecondsPath"},
		"Parallel": {"Next", "End", "InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Branches", "Retry", "Catch"},
		"Choice":   {"InputPath", "OutputPath", "Choices", "Default"},
		"Wait":     {"Next", "End", "InputPath", "OutputPath", "Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
		"Succeed":  {"InputPath", "OutputPath"},
		"Fail":     {"Error", "Cause", "ErrorPath", "CausePath"},
	}
}

func unsupportedFields() map[string]string {
	return map[string]string{
		"Assign": ", nor are variables", "Output": jsonata, "Arguments": jsonata, "Items": jsonata, "Condition": jsonata,
		"HeartbeatSeconds": "", "HeartbeatSecondsPath": "", "Credentials": "",
	}
}

func (p *parser) state(m *member, path string) *State {
	n := m.value
	s := &State{Name: m.key, Path: path, node: n, nameOff: m.keyOff, nameEnd: m.keyEnd}
	switch {
	case m.key == "" || utf8.RuneCountInString(m.key) > 80:
		p.atKey(m, "a state's name has 1 to 80 characters, this one %d", utf8.RuneCountInString(m.key))
	case p.names[m.key] != nil:
		p.atKey(m, "the state name %q is used twice: names are unique in the whole machine", m.key).
			WithHint("the other one is %s", p.names[m.key].Path)
	}
	p.names[m.key] = s
	if n.kind != '{' {
		p.atValue(n, "state %q must be an object", m.key)
		return s
	}
	p.m.states = append(p.m.states, s)
	what := fmt.Sprintf("state %q", m.key)
	t := n.get("Type")
	if t == nil {
		p.atKey(m, "%s needs a Type field", what)
		return s
	}
	s.Type = p.str(n, "Type")
	known, ok := typeFields()[s.Type]
	switch {
	case s.Type == "Map":
		p.atValue(t.value, "%s: the type Map is not supported", what)
		return s
	case !ok:
		e := p.atValue(t.value, "%s has the unknown type %q", what, s.Type)
		if near := nearest(s.Type, []string{"Pass", "Task", "Parallel", "Choice", "Wait", "Succeed", "Fail"}); near != "" {
			e.Hint = fmt.Sprintf("did you mean %q?", near)
		}
		return s
	}
	p.language(n, what)
	p.fields(n, what, append([]string{"Type", "Comment", "QueryLanguage"}, known...), unsupportedFields())
	p.str(n, "Comment")
	p.dataFlow(s)
	p.ending(s, what)
	p.byType(s, what)
	return s
}

// ending reads Next and End.
func (p *parser) ending(s *State, what string) {
	next, end := s.node.get("Next"), s.node.get("End")
	s.Next = p.str(s.node, "Next")
	isEnd := p.boolean(s.node, "End")
	switch s.Type {
	case "Choice", "Succeed", "Fail":
	default:
		if next != nil && isEnd {
			p.atKey(end, "%s has both Next and End", what)
		}
		if next == nil && !isEnd {
			p.fail(s.nameOff, s.nameEnd, "%s needs a Next field or \"End\": true", what)
		}
	}
}

func (p *parser) byType(s *State, what string) {
	switch s.Type {
	case "Pass":
		if r := s.node.get("Result"); r != nil {
			v := r.value.value()
			s.Result = &v
		}
	case "Task":
		p.task(s, what)
	case "Parallel":
		p.parallel(s, what)
	case "Choice":
		p.choices(s, what)
	case "Wait":
		p.wait(s, what)
	case "Fail":
		p.failState(s, what)
	}
}

func (p *parser) dataFlow(s *State) {
	n := s.node
	s.input = p.pathField(n, "InputPath", false)
	s.output = p.pathField(n, "OutputPath", false)
	s.resultPath = p.pathField(n, "ResultPath", true)
	for _, f := range []struct {
		name string
		to   **Template
	}{{"Parameters", &s.parameters}, {"ResultSelector", &s.resultSelector}} {
		if m := n.get(f.name); m != nil {
			*f.to = p.template(m.value)
		}
	}
}

// template compiles a payload template.
func (p *parser) template(n *node) *Template {
	switch n.kind {
	case '{':
		t := &Template{object: true}
		for i := range n.members {
			m := &n.members[i]
			name, computed := strings.CutSuffix(m.key, ".$")
			if !computed {
				t.members = append(t.members, templateMember{name: m.key, sub: p.template(m.value)})
				continue
			}
			if m.value.kind != '"' {
				p.atValue(m.value, "the value of %q must be a path or a function, in quotes", m.key)
				continue
			}
			e, err := ParseExpr(m.value.text)
			if err != nil {
				p.atValue(m.value, "the value of %q must be a valid path or function: %w", m.key, err)
				continue
			}
			t.members = append(t.members, templateMember{name: name, expr: e})
		}
		return t
	case '[':
		t := &Template{list: true}
		for _, x := range n.items {
			t.items = append(t.items, p.template(x))
		}
		return t
	}
	return &Template{value: n.value()}
}

func (p *parser) task(s *State, what string) {
	r := s.node.get("Resource")
	if r == nil {
		p.fail(s.nameOff, s.nameEnd, "%s needs a Resource field", what)
	} else {
		s.Resource = p.str(s.node, "Resource")
		p.resource(r.value, s.Resource, what)
	}
	if v, ok := p.whole(s.node, "TimeoutSeconds", 1); ok {
		s.Timeout = time.Duration(v) * time.Second
	}
	s.TimeoutPath = p.location(s.node, "TimeoutSecondsPath")
	if m := s.node.get("TimeoutSecondsPath"); m != nil && s.node.get("TimeoutSeconds") != nil {
		p.atKey(m, "%s has both TimeoutSeconds and TimeoutSecondsPath", what)
	}
	p.handlers(s, what)
}

// resource checks the shape of a task's resource and refuses what cannot be run.
func (p *parser) resource(n *node, resource, what string) {
	parts := strings.SplitN(resource, ":", 6)
	switch {
	case resource == "":
	case strings.HasSuffix(resource, ".waitForTaskToken"):
		p.atValue(n, "%s: tasks that wait for a token (.waitForTaskToken) are not supported", what)
	case len(parts) < 6 || parts[0] != "arn" || parts[2] == "":
		p.atValue(n, "%s: the resource %q is not an ARN", what, resource).
			WithHint(`a Glue job is started by "arn:aws:states:::glue:startJobRun.sync"`)
	case parts[2] == "states" && strings.HasPrefix(parts[5], "activity:"):
		p.atValue(n, "%s: activities are not supported", what)
	}
}

func (p *parser) parallel(s *State, what string) {
	b := s.node.get("Branches")
	switch {
	case b == nil:
		p.fail(s.nameOff, s.nameEnd, "%s needs a Branches field", what)
	case b.value.kind != '[' || len(b.value.items) == 0:
		p.atValue(b.value, "Branches must be a list with at least one branch")
	default:
		for i, x := range b.value.items {
			name := fmt.Sprintf("branch %d of %s", i+1, what)
			if x.kind != '{' {
				p.atValue(x, "%s must be an object", name)
				continue
			}
			p.fields(x, name, []string{"StartAt", "States", "Comment"}, nil)
			s.Branches = append(s.Branches, p.flow(x, name, fmt.Sprintf("%s/Branches/%d", s.Path, i)))
		}
	}
	p.handlers(s, what)
}

func (p *parser) wait(s *State, what string) {
	n, count := s.node, 0
	for _, f := range []string{"Seconds", "SecondsPath", "Timestamp", "TimestampPath"} {
		if n.get(f) != nil {
			count++
		}
	}
	if count != 1 {
		p.fail(s.nameOff, s.nameEnd, "%s needs exactly one of Seconds, SecondsPath, Timestamp and TimestampPath, it has %d", what, count)
	}
	if v, ok := p.whole(n, "Seconds", 0); ok {
		s.Seconds = &v
	}
	s.SecondsPath = p.location(n, "SecondsPath")
	s.TimestampPath = p.location(n, "TimestampPath")
	if m := n.get("Timestamp"); m != nil {
		t, err := ParseTime(p.str(n, "Timestamp"))
		if err != nil {
			p.atValue(m.value, "Timestamp: %w", err)
		}
		s.Timestamp = &t
	}
}

func (p *parser) failState(s *State, what string) {
	for _, f := range []struct {
		name string
		text **string
		expr **Expr
	}{{"Error", &s.Error, &s.ErrorPath}, {"Cause", &s.Cause, &s.CausePath}} {
		m, mp := s.node.get(f.name), s.node.get(f.name+"Path")
		if m != nil && mp != nil {
			p.atKey(mp, "%s has both %s and %sPath", what, f.name, f.name)
		}
		if m != nil {
			v := p.str(s.node, f.name)
			*f.text = &v
		}
		if mp != nil {
			e, err := ParseExpr(p.str(s.node, f.name+"Path"))
			if err != nil {
				p.atValue(mp.value, "%sPath: %w", f.name, err)
			}
			*f.expr = e
		}
	}
}
