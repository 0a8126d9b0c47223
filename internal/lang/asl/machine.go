package asl

import (
	"sort"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Machine is a valid state machine. It is never changed after Parse and safe
// for concurrent use.
type Machine struct {
	Flow
	Comment string
	// Timeout bounds a whole execution; 0 means none.
	Timeout time.Duration

	file     string
	source   []byte
	states   []*State // all, in the order of the text
	warnings []*base.Error
}

// Flow is a set of states with a start: the machine itself or a branch.
type Flow struct {
	StartAt string
	States  map[string]*State
}

// State is one state; which fields count depends on Type.
type State struct {
	Name string
	// Path is where it stands: "/States/A/Branches/0/States/B".
	Path string
	Type string
	Next string // empty at the end

	// Result is a Pass state's literal; nil pointer if absent.
	Result *any

	Resource    string
	Timeout     time.Duration // of a Task; 0 means none
	TimeoutPath *Location
	Retry       []Retrier
	Catch       []Catcher

	Branches []*Flow

	Choices []Choice
	Default string

	// Of a Wait one of these four is set.
	Seconds       *int64
	SecondsPath   *Location
	Timestamp     *time.Time
	TimestampPath *Location

	// Of a Fail; nil means absent.
	Error, Cause         *string
	ErrorPath, CausePath *Expr

	input, output  pathField
	resultPath     pathField
	parameters     *Template
	resultSelector *Template
	node           *node
	nameOff        int
	nameEnd        int
}

// pathField is a field that holds a path: absent (nil, false), null (nil, true) or a path.
type pathField struct {
	loc  *Location
	null bool
}

// Retrier is one entry of Retry, defaults filled in.
type Retrier struct {
	ErrorEquals []string
	Interval    time.Duration
	MaxAttempts int
	BackoffRate float64
	MaxDelay    time.Duration // 0 means no bound
	Jitter      bool          // JitterStrategy FULL
}

// Catcher is one entry of Catch.
type Catcher struct {
	ErrorEquals []string
	Next        string
	resultPath  pathField
}

// Choice is one entry of Choices.
type Choice struct {
	Rule *Rule
	Next string
}

// TaskRef is a Task of a machine, for checking the names it uses.
type TaskRef struct {
	// Path and State say which state it is.
	Path, State string
	Resource    string
	// Place is the Resource field.
	Place *base.Place
	// Params holds the parameters given literally ("JobName": "x"), and
	// ParamPlaces where each stands. Computed ones ("JobName.$") are absent.
	Params      map[string]any
	ParamPlaces map[string]*base.Place
}

// Tasks lists every Task, also those inside branches, in the order of the text.
func (m *Machine) Tasks() []TaskRef {
	var out []TaskRef
	for _, s := range m.states {
		if s.Type != "Task" {
			continue
		}
		t := TaskRef{Path: s.Path, State: s.Name, Resource: s.Resource, Params: map[string]any{}, ParamPlaces: map[string]*base.Place{}}
		if r := s.node.get("Resource"); r != nil {
			t.Place = m.place(r.value.off, r.value.end)
		}
		if p := s.node.get("Parameters"); p != nil && s.parameters != nil {
			for _, x := range p.value.members {
				if v, ok := s.parameters.Static(x.key); ok {
					t.Params[x.key] = v
					t.ParamPlaces[x.key] = m.place(x.value.off, x.value.end)
				}
			}
		}
		out = append(out, t)
	}
	return out
}

// Warnings are doubts about a machine that is valid, in the order of the text.
func (m *Machine) Warnings() []*base.Error { return m.warnings }

// AllStates lists the states, also those inside branches, in the order of the text.
func (m *Machine) AllStates() []*State { return m.states }

// Source is the text the machine was parsed from.
func (m *Machine) Source() string { return string(m.source) }

func (m *Machine) place(off, end int) *base.Place {
	return base.PlaceAt(m.file, m.source, off, end-off)
}

// targets lists where a state may go next, within its flow.
func (s *State) targets() []string {
	var out []string
	add := func(n string) {
		if n != "" {
			out = append(out, n)
		}
	}
	add(s.Next)
	add(s.Default)
	for _, c := range s.Choices {
		add(c.Next)
	}
	for _, c := range s.Catch {
		add(c.Next)
	}
	return out
}

// reachable is the set of states that can follow from the one called start, itself included.
func (f *Flow) reachable(start string) map[string]bool {
	seen := map[string]bool{}
	todo := []string{start}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		s := f.States[n]
		if s == nil || seen[n] {
			continue
		}
		seen[n] = true
		todo = append(todo, s.targets()...)
	}
	return seen
}

func sortByPlace(l []*base.Error) {
	sort.SliceStable(l, func(i, j int) bool {
		a, b := l[i].Place, l[j].Place
		if a == nil || b == nil {
			return false
		}
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
	})
}

// Matches tells whether a list of ErrorEquals names the error. States.ALL
// takes everything but States.Runtime, which nothing can catch;
// States.TaskFailed takes everything a task raised but a time-out.
func Matches(errorEquals []string, name string, fromTask bool) bool {
	if name == "States.Runtime" {
		return false
	}
	for _, e := range errorEquals {
		switch {
		case e == name, e == "States.ALL":
			return true
		case e == "States.TaskFailed" && fromTask && name != "States.Timeout":
			return true
		}
	}
	return false
}
