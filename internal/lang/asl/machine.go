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

	// Express machines are not recorded and may not wait for other work.
	Express bool

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

	// JSONata is the state's query language; JSONPath otherwise.
	JSONata bool

	// Of a Task; nil means absent.
	Resource    string
	Timeout     *Value
	Heartbeat   *Value
	Credentials *Payload

	Retry []Retrier
	Catch []Catcher

	Branches []*Flow
	Map      *Map

	Choices []Choice
	Default string

	// Of a Wait one of these is set.
	Seconds, Timestamp *Value

	// Of a Fail; nil means absent.
	Error, Cause *Value

	input, output  pathField // JSONPath
	resultPath     pathField
	resultSelector *Template
	argument       *Payload // Parameters or Arguments
	result         *Payload // JSONata's Output
	assign         *Payload
	node           *node
	nameOff        int
	nameEnd        int
}

// Map is what only a Map state has.
type Map struct {
	// Processor is what runs for each item; Path is where it stands.
	Processor *Flow
	Path      string
	// Distributed items are executions of their own, EXPRESS ones if Express.
	Distributed, Express bool
	Label                string
	Concurrency          *Value
	// How many items, and what share of them in percent, may fail.
	ToleratedCount, ToleratedPercentage *Value
	Reader                              *Reader
	Batcher                             *Batcher
	Writer                              *Writer

	items     *Query // JSONata
	itemsPath pathField
	selector  *Payload
}

// Reader is an ItemReader: where the items of a distributed Map come from.
type Reader struct {
	Resource string
	// InputType is CSV, JSON, JSONL, PARQUET or MANIFEST.
	InputType string
	// CSVHeaders are given literally or, if FirstRow, in the first line.
	CSVHeaders   []string
	FirstRow     bool
	CSVDelimiter rune
	// ItemsPointer is a JSON pointer to the array in the file.
	ItemsPointer string
	// LoadAndFlatten reads the objects that listObjectsV2 names.
	LoadAndFlatten bool
	MaxItems       *Value
	argument       *Payload
}

// Batcher is an ItemBatcher: items are handed on in groups.
type Batcher struct {
	MaxItems, MaxBytes *Value
	input              *Payload
}

// Writer is a ResultWriter: where the results of a distributed Map go.
type Writer struct {
	// Resource is empty if results are only transformed.
	Resource string
	// Transformation is NONE, COMPACT or FLATTEN; OutputType JSON or JSONL.
	Transformation, OutputType string
	argument                   *Payload
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
	assign      *Payload
	output      *Payload
}

// Choice is one entry of Choices: a Rule of JSONPath or a condition of JSONata.
type Choice struct {
	Rule      *Rule
	Next      string
	condition *Query
	assign    *Payload
	output    *Payload
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
		p := s.node.get("Parameters")
		if p == nil {
			p = s.node.get("Arguments")
		}
		if p != nil && s.argument != nil {
			for _, x := range p.value.members {
				if v, ok := s.argument.Static(x.key); ok {
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
// States.TaskFailed takes everything a task raised but a time-out. heartbeat
// says that the error is a time-out for want of a heartbeat, which
// States.HeartbeatTimeout names as well.
func Matches(errorEquals []string, name string, fromTask, heartbeat bool) bool {
	if name == "States.Runtime" {
		return false
	}
	for _, e := range errorEquals {
		switch {
		case e == name, e == "States.ALL":
			return true
		case e == "States.TaskFailed" && fromTask && name != "States.Timeout":
			return true
		case e == "States.HeartbeatTimeout" && heartbeat:
			return true
		}
	}
	return false
}

// Sub is the machine of a distributed Map's items: the flow that stands at
// path, under the name space and text of m. nil if there is none.
func (m *Machine) Sub(path string) *Machine {
	for _, s := range m.states {
		if s.Map != nil && s.Map.Path == path {
			sub := *m
			sub.Flow, sub.Timeout = *s.Map.Processor, 0
			return &sub
		}
	}
	return nil
}

// Flows lists the flows inside a state: its branches or its item processor.
func (s *State) Flows() []*Flow {
	if s.Map != nil && s.Map.Processor != nil {
		return []*Flow{s.Map.Processor}
	}
	return s.Branches
}
