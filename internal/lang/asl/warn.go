package asl

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// warn collects doubts: loops that wait for a crawler but leave while it is
// still stopping, and values that look like paths where none is read.
func (m *Machine) warn() {
	m.warnFlow(&m.Flow)
	for _, s := range m.states {
		for _, b := range s.Flows() {
			m.warnFlow(b)
		}
	}
	for _, s := range m.states {
		m.warnConstants(s)
	}
	sortByPlace(m.warnings)
}

// warnConstants doubts values that look like paths but are passed on as text,
// as ValidateStateMachineDefinition does.
func (m *Machine) warnConstants(s *State) {
	if s.JSONata || s.node.kind != '{' {
		return
	}
	doubt := func(code, format string) func(key string, n *node) {
		return func(key string, n *node) {
			e := base.Errorf(base.Invalid, format, s.Name, key, n.text).At(m.place(n.off, n.end)).WithCode(code)
			e.Err = &Diagnostic{Code: code, Location: s.Path, Message: e.Msg, Severity: "WARNING"}
			m.warnings = append(m.warnings, e)
		}
	}
	if r := s.node.get("Result"); r != nil && s.Type == "Pass" {
		pathLike(r.value, true, doubt("PASS_RESULT_IS_STATIC", "state %q: Result is passed on as it is, %q: %q is not read as a path"))
	}
	for _, field := range []string{"Parameters", "ItemSelector", "ResultSelector", "Assign"} {
		if x := s.node.get(field); x != nil {
			pathLike(x.value, false, doubt("NO_DOLLAR", "state %q: %q: %q is passed on as text; end the key with .$ if it is a path"))
		}
	}
}

// pathLike visits text members that look like a path or a function; computed
// says whether those whose key ends in .$ are meant, or the others.
func pathLike(n *node, computed bool, visit func(key string, n *node)) {
	for i := range n.members {
		x := &n.members[i]
		text := x.value.text
		looks := x.value.kind == '"' && (strings.HasPrefix(text, "$.") || strings.HasPrefix(text, "$$.") || strings.HasPrefix(text, "States.") && strings.HasSuffix(text, ")"))
		if looks && strings.HasSuffix(x.key, ".$") == computed {
			visit(x.key, x.value)
		}
		pathLike(x.value, computed, visit)
	}
	for _, x := range n.items {
		pathLike(x, computed, visit)
	}
}

func (m *Machine) warnFlow(f *Flow) {
	for _, s := range f.States {
		if next := f.States[s.Next]; s.Type == "Task" && strings.HasSuffix(strings.ToLower(s.Resource), ":glue:getcrawler") && next != nil && next.Type == "Choice" && !s.JSONata && !next.JSONata {
			m.warnCrawlerLoop(f, s, next)
		}
	}
}

// warnCrawlerLoop asks the Choice where it goes for each state of a crawler:
// one that comes back to the getCrawler task while RUNNING and leaves while
// STOPPING goes on too early.
func (m *Machine) warnCrawlerLoop(f *Flow, get, choice *State) {
	goes := func(crawlerState string) (string, bool) {
		answer := map[string]any{"Crawler": map[string]any{"State": crawlerState}}
		v, err := get.SelectResult(Env{Input: answer})
		if err == nil {
			v, err = get.PlaceResult(map[string]any{}, v)
		}
		if err == nil {
			v, err = get.EffectiveOutput(Env{Input: v})
		}
		if err == nil {
			v, err = choice.EffectiveInput(Env{Input: v})
		}
		if err != nil {
			return "", false
		}
		way, err := choice.Choose(Env{Input: v})
		if err != nil {
			return "", false
		}
		return way.Next, true
	}
	loops := func(next string) bool { return f.reachable(next)[get.Name] }
	running, ok1 := goes("RUNNING")
	stopping, ok2 := goes("STOPPING")
	if !ok1 || !ok2 || !loops(running) || loops(stopping) {
		return
	}
	off, end := choice.nameOff, choice.nameEnd
	variable := "$.Crawler.State"
	if rule, at := findRunning(choice.node); at != nil {
		off, end = at.keyOff, at.value.end
		if v := rule.get("Variable"); v != nil {
			variable = v.value.text
		}
	}
	e := base.Errorf(base.Invalid, "a crawler passes RUNNING -> STOPPING -> READY; this Choice goes on to %q while the crawler is still STOPPING", stopping)
	e.Err = &Diagnostic{Code: "CRAWLER_STOPPING", Location: choice.Path, Message: e.Msg, Severity: "WARNING"}
	e.Hint = fmt.Sprintf(`wait for both: {"Or": [{"Variable": %[1]q, "StringEquals": "RUNNING"}, {"Variable": %[1]q, "StringEquals": "STOPPING"}], "Next": %[2]q}`, variable, running)
	m.warnings = append(m.warnings, e.At(m.place(off, end)))
}

// findRunning finds the comparison with "RUNNING" in a Choice, and the rule it stands in.
func findRunning(n *node) (*node, *member) {
	for i := range n.members {
		m := &n.members[i]
		if m.value.kind == '"' && m.value.text == "RUNNING" && strings.HasPrefix(m.key, "String") {
			return n, m
		}
		if rule, at := findRunning(m.value); at != nil {
			return rule, at
		}
	}
	for _, x := range n.items {
		if rule, at := findRunning(x); at != nil {
			return rule, at
		}
	}
	return nil, nil
}
