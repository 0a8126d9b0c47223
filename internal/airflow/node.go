package airflow

import (
	"fmt"
	"strings"
	"unicode"
)

// node is a state on its way into the DAG.
type node struct {
	s    *state
	loop *loop
	// id is the task's or group's in its group, task its full one, name its Python variable.
	id, task, name string
	// caught and done are the ids of the branch behind a state with a Catch, and
	// of what it goes to if the state is the last; empty if there are none.
	caught, done string
	// flows are a Parallel's branches.
	flows []*ordered
	// merges is set if several states lead here, or a group with branches in it:
	// then some of what stands before may have been skipped.
	merges bool
}

// ordered is a flow whose states are sorted and named.
type ordered struct {
	nodes []*node
	start string
	// branches is set if some of its states may be skipped.
	branches bool
}

// prepare sorts and names the states of a flow in a group, "" for the DAG itself.
func (w *writer) prepare(f *flow, group string) (*ordered, error) {
	nodes, err := w.order(f)
	if err != nil {
		return nil, err
	}
	o := &ordered{nodes: nodes, start: f.StartAt}
	before := map[string]int{}
	behind := map[string]bool{} // names of states behind a group with branches
	for _, n := range nodes {
		if err := w.supported(n.s); err != nil {
			return nil, err
		}
		n.id = w.unique(n.s.name)
		n.name, n.task = variable(n.id), group+n.id
		if n.catch() != nil {
			n.caught = w.unique(n.s.name + " caught")
			if n.s.Next == "" {
				n.done = w.unique(n.s.name + " done")
			}
		}
		o.branches = o.branches || n.s.Type == "Choice" && n.loop == nil || n.catch() != nil
		inner := false
		for _, b := range n.s.Branches {
			f, err := w.prepare(b, n.task+".")
			if err != nil {
				return nil, err
			}
			n.flows = append(n.flows, f)
			inner = inner || f.branches
		}
		for _, next := range n.follows() {
			before[next]++
			behind[next] = behind[next] || inner
		}
	}
	for _, n := range nodes {
		if before[n.s.name] > 1 || behind[n.s.name] {
			n.merge()
		}
	}
	return o, nil
}

// merge marks a task, of a group those it begins with.
func (n *node) merge() {
	n.merges = true
	for _, f := range n.flows {
		f.first().merge()
	}
}

func (o *ordered) first() *node { return o.nodes[0] }

// roots are the tasks a state begins with.
func (n *node) roots() (out []string) {
	if len(n.flows) == 0 {
		return []string{n.task}
	}
	for _, f := range n.flows {
		out = append(out, f.first().roots()...)
	}
	return out
}

// leaves are the tasks a state ends with.
func (n *node) leaves() (out []string) {
	if len(n.flows) == 0 {
		return []string{n.task}
	}
	for _, f := range n.flows {
		for _, m := range f.nodes {
			switch {
			case m.done != "":
				out = append(out, strings.TrimSuffix(m.task, m.id)+m.done)
			case len(m.follows()) == 0:
				out = append(out, m.leaves()...)
			}
		}
	}
	return out
}

// supported refuses states that have no counterpart.
func (w *writer) supported(s *state) error {
	switch {
	case s.QueryLanguage == "JSONata" || w.m.QueryLanguage == "JSONata" && s.QueryLanguage != "JSONPath":
		return w.fail(s.name, "state %q is written in JSONata, which the export to Airflow does not read", s.name).
			WithHint("write its paths in JSONPath")
	case s.Assign != nil:
		return w.fail(s.name, "state %q assigns variables, which the export to Airflow does not follow", s.name).
			WithHint("hand the value on with ResultPath")
	case s.Type == "Map":
		return w.fail(s.name, "state %q is a Map, which the export to Airflow does not write", s.name).
			WithHint("call a workflow that holds it, or list the items as branches of a Parallel")
	case s.TimeoutSecondsPath != "":
		return w.fail(s.name, "state %q takes its timeout from its input; Airflow needs a number", s.name).WithHint("write TimeoutSeconds")
	}
	return nil
}

// unique makes a name that is an identifier and a task's id.
func (w *writer) unique(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	id := strings.TrimSuffix(b.String(), "_")
	if id == "" || unicode.IsDigit([]rune(id)[0]) {
		id = "state_" + id
	}
	for n, plain := 2, id; w.names[id]; n++ {
		id = fmt.Sprintf("%s_%d", plain, n)
	}
	w.names[id] = true
	return id
}

// variable is an id that no keyword, builtin or name of the DAG's own is called by.
func variable(id string) string {
	if reserved[id] || strings.HasSuffix(id, "_goes") {
		return id + "_"
	}
	return id
}

var reserved = words(`and as assert async await break class continue def del elif else except finally for from global if import in
is lambda none nonlocal not or pass raise return true false try while with yield match case type
all any dict filter format hash id input int iter len list map max min next object open print range round set sorted str sum vars zip
dag datetime json month os re shlex text timedelta timezone given scheduled holds present caught fail`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// catch is the one catcher the DAG has: the first that takes every error of a
// task, else the first. nil if there is none.
func (n *node) catch() *catcher {
	for i, c := range n.s.Catch {
		if everyError(c.ErrorEquals) {
			return &n.s.Catch[i]
		}
	}
	if len(n.s.Catch) > 0 {
		return &n.s.Catch[0]
	}
	return nil
}

func everyError(names []string) bool {
	for _, e := range names {
		if e == "States.ALL" || e == "States.TaskFailed" {
			return true
		}
	}
	return false
}
