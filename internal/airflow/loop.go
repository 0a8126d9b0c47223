package airflow

import (
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// loop is getCrawler, a Choice and a Wait that go round until a crawler is done.
type loop struct {
	choice, wait string
	seconds      float64
	exit         string
	// done are the crawler's states with which the loop is left.
	done []string
}

// crawlerLoop recognizes a loop that begins at s, nil if there is none.
func (w *writer) crawlerLoop(f *flow, s *state) *loop {
	choice := f.States[s.Next]
	if !strings.HasSuffix(s.Resource, ":glue:getCrawler") || choice == nil || choice.Type != "Choice" {
		return nil
	}
	l := &loop{choice: choice.name}
	for _, now := range []string{"READY", "RUNNING", "STOPPING"} {
		next := w.goes(s, choice, now)
		to := f.States[next]
		switch {
		case to == nil:
			return nil
		case to == s:
		case to.Type == "Wait" && to.Next == s.name && to.Seconds != nil:
			l.wait, l.seconds = to.name, *to.Seconds
		case l.exit != "" && l.exit != next:
			return nil
		default:
			l.exit, l.done = next, append(l.done, now)
		}
	}
	if len(l.done) == 0 || l.done[0] != "READY" || len(l.done) == 3 {
		return nil
	}
	return l
}

// goes is where the Choice behind a getCrawler goes while the crawler is in a state.
func (w *writer) goes(get, choice *state, now string) string {
	crawler := value{kind: object, fields: map[string]value{"State": text(now)}}
	out, err := w.output(get, value{kind: object, fields: map[string]value{}}, value{kind: object, fields: map[string]value{"Crawler": crawler}})
	if err != nil {
		return ""
	}
	sc := scope{input: out, context: contextOf(w.o.Name, choice.name)}
	if sc.input, err = sc.narrowed(choice.InputPath); err != nil {
		return ""
	}
	for i := range choice.Choices {
		holds, ok := choice.Choices[i].decide(sc)
		if !ok {
			return ""
		}
		if holds {
			return choice.Choices[i].Next
		}
	}
	return choice.Default
}

// follows lists where a state may go, each once, in the order of the text.
func (n *node) follows() (out []string) {
	seen := map[string]bool{"": true}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	if n.loop != nil {
		add(n.loop.exit)
		return out
	}
	add(n.s.Next)
	for _, c := range n.s.Choices {
		add(c.Next)
	}
	add(n.s.Default)
	if c := n.catch(); c != nil {
		add(c.Next)
	}
	return out
}

// order sorts a flow's states so that each stands behind those that lead to it.
func (w *writer) order(f *flow) ([]*node, error) {
	const entered, left = 1, 2
	mark := map[string]int{}
	var out []*node
	var visit func(name string) error
	visit = func(name string) error {
		mark[name] = entered
		n := &node{s: f.States[name]}
		if n.s.Type == "Task" {
			n.loop = w.crawlerLoop(f, n.s)
		}
		next := n.follows()
		for i := len(next) - 1; i >= 0; i-- { // backwards, so that the first one comes first
			switch mark[next[i]] {
			case entered:
				return w.fail(next[i], "the states go round in a loop from %q back to %q, which Airflow cannot do", name, next[i]).
					WithHint("only the loop of getCrawler, Choice and Wait that waits for a crawler has a counterpart, a sensor")
			case 0:
				if err := visit(next[i]); err != nil {
					return err
				}
			}
		}
		mark[name] = left
		out = append(out, n)
		return nil
	}
	if err := visit(f.StartAt); err != nil {
		return nil, err
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out, nil
}

func (w *writer) fail(state, format string, args ...any) *base.Error {
	return base.Errorf(base.Invalid, format, args...).At(place(w.o.File, w.src, state))
}
