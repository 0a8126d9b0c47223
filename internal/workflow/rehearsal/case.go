package rehearsal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/workflow"
)

// File is a file of cases for one state machine, as JSON.
type File struct {
	// Name is the file's name, for people.
	Name string `json:"-"`
	// Workflow is the machine's name or the path of its definition; if empty the
	// name of the file before ".test.".
	Workflow string `json:"workflow"`
	// Type is STANDARD, also if empty, or EXPRESS.
	Type string `json:"type"`
	// Mocks and Objects are there in each case that does not have its own.
	Mocks   Mocks             `json:"mocks"`
	Objects map[string]string `json:"objects"`
	Cases   []Case            `json:"cases"`
}

// Mocks are answers by the name of the state they are for, in order.
type Mocks map[string][]Mock

// Case is one execution and what is expected of it.
type Case struct {
	Name string `json:"name"`
	// Input is JSON; empty means {}.
	Input json.RawMessage `json:"input"`
	// Now is when the execution starts; 2026-01-01T00:00:00Z if zero.
	Now time.Time `json:"now"`
	// Execution is its name; "test" if empty.
	Execution string `json:"execution"`
	Mocks     Mocks  `json:"mocks"`
	// MockConfig takes mocks from a file of Step Functions Local.
	MockConfig *MockConfigRef `json:"mock_config"`
	// Objects are what an ItemReader finds, by "bucket/key".
	Objects map[string]string `json:"objects"`
	Expect  *Expect           `json:"expect"`
}

// MockConfigRef is a test case of a mock configuration.
type MockConfigRef struct {
	File string `json:"file"`
	// Machine is a name in StateMachines; the workflow's if empty.
	Machine string `json:"machine"`
	Case    string `json:"case"`
}

// Mock is what a task comes to: one of Return, Throw and Timeout.
type Mock struct {
	Return  json.RawMessage `json:"return"`
	Throw   *Throw          `json:"throw"`
	Timeout bool            `json:"timeout"`
	// Repeat is how often it answers in a row; 1 if nil.
	Repeat *Times `json:"repeat"`
	// Expect must be contained in the request.
	Expect json.RawMessage `json:"expect"`
	// Delay is how long the answer takes; no sign of life comes meanwhile.
	Delay Duration `json:"delay"`
	// Submitted is what the first call of a .sync or .waitForTaskToken task
	// answers.
	Submitted json.RawMessage `json:"submitted"`
}

// Throw is an error with its name.
type Throw struct {
	Error string `json:"error"`
	Cause string `json:"cause"`
}

// Times is how often an answer is given; Always for ever.
type Times int

// Always is the number of times that does not end.
const Always Times = -1

// UnmarshalJSON reads a number or "always".
func (t *Times) UnmarshalJSON(b []byte) error {
	if string(b) == `"always"` {
		*t = Always
		return nil
	}
	return json.Unmarshal(b, (*int)(t))
}

// Duration is a time span, in JSON a text such as "30s" or a number of seconds.
type Duration time.Duration

// UnmarshalJSON reads a text or a number.
func (d *Duration) UnmarshalJSON(b []byte) error {
	text := string(b) + "s"
	if b[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	}
	v, err := ParseDuration(text)
	*d = Duration(v)
	return err
}

// ParseDuration reads "90s", "1h30m" or "2d", not negative.
func ParseDuration(s string) (time.Duration, error) {
	text, days := s, time.Duration(0)
	if n, rest, ok := strings.Cut(s, "d"); ok {
		var count int
		if _, err := fmt.Sscanf(n, "%d", &count); err != nil || fmt.Sprint(count) != n || count < 0 || count > 100000 {
			return 0, fmt.Errorf("%q is not a time span such as 30s, 1h30m or 2d", s)
		}
		if text, days = rest, time.Duration(count)*24*time.Hour; rest == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a time span such as 30s, 1h30m or 2d", s)
	}
	return days + d, nil
}

// Place finds where something stands in the file of cases: keys, and numbers
// of elements, from the top.
type Place func(path ...string) *base.Place

// check finds what a schema cannot say: states that the machine does not have,
// answers that are two things at once. The error is base.Errors.
func (f *File) check(m *asl.Machine, at Place) error {
	c := &checker{at: at, tasks: map[string]bool{}, all: map[string]bool{}}
	for _, s := range m.AllStates() {
		c.all[s.Name] = true
		if s.Type == "Task" {
			c.tasks[s.Name] = true
		}
	}
	c.mocks(f.Mocks, "mocks")
	seen := map[string]bool{}
	for i := range f.Cases {
		x := &f.Cases[i]
		path := []string{"cases", fmt.Sprint(i)}
		if seen[x.Name] {
			c.report(append(path, "name"), "two cases are called %q", x.Name).WithHint("give each a name of its own")
		}
		seen[x.Name] = true
		c.mocks(x.Mocks, append(path, "mocks")...)
		c.expect(x.Expect, append(path, "expect"))
	}
	slices.SortStableFunc(c.errs, func(a, b *base.Error) int {
		if a.Place == nil || b.Place == nil {
			return 0
		}
		return cmp.Or(cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Col, b.Place.Col))
	})
	return c.errs.Err()
}

type checker struct {
	at         Place
	tasks, all map[string]bool
	errs       base.Errors
}

func (c *checker) report(path []string, format string, args ...any) *base.Error {
	e := base.Errorf(base.Invalid, format, args...).At(c.at(path...))
	c.errs = append(c.errs, e)
	return e
}

func (c *checker) mocks(m Mocks, path ...string) {
	for _, state := range sorted(m) {
		at := append(slices.Clone(path), state)
		switch {
		case !c.all[state]:
			c.unknown(state, c.tasks, at)
			continue
		case !c.tasks[state]:
			c.report(at, "state %q is no Task: only tasks are answered", state)
			continue
		}
		for i, x := range m[state] {
			c.mock(x, append(slices.Clone(at), fmt.Sprint(i)))
		}
	}
}

func (c *checker) mock(x Mock, at []string) {
	n := 0
	for _, is := range []bool{x.Return != nil, x.Throw != nil, x.Timeout} {
		if is {
			n++
		}
	}
	switch {
	case n != 1:
		c.report(at, "an answer is one of return, throw and timeout: true")
	case x.Timeout && x.Delay > 0:
		c.report(append(at, "delay"), "an answer that never comes has no delay").WithHint("leave out timeout or delay")
	case x.Repeat != nil && *x.Repeat < 1 && *x.Repeat != Always:
		c.report(append(at, "repeat"), "repeat must be 1 or more, or always")
	}
}

func (c *checker) unknown(state string, known map[string]bool, at []string) {
	e := c.report(at, "the workflow has no state %q", state)
	if near := asl.Nearest(state, sorted(known)); near != "" {
		_ = e.WithHint("did you mean %q?", near)
	}
}

func (c *checker) expect(x *Expect, at []string) {
	if x == nil {
		return
	}
	for _, l := range []struct {
		key   string
		names []string
	}{{"path", x.Path}, {"visited", x.Visited}, {"not_visited", x.NotVisited}, {"retries", sorted(x.Retries)}} {
		for i, name := range l.names {
			where := append(slices.Clone(at), l.key, fmt.Sprint(i))
			if l.key == "retries" {
				where[len(where)-1] = name
			}
			if !c.all[name] {
				c.unknown(name, c.all, where)
			}
		}
	}
	for key, p := range map[string]*Pattern{"error": x.Error, "cause": x.Cause} {
		if p == nil {
			continue
		}
		if _, err := p.regexp(); err != nil {
			c.report(append(slices.Clone(at), key), "%s is not a regular expression: %w", key, err)
		}
	}
}

// mocksOf are a case's own mocks and, for other states, the file's.
func (f *File) mocksOf(x *Case) Mocks {
	out := Mocks{}
	for _, m := range []Mocks{f.Mocks, x.Mocks} {
		for state, l := range m {
			out[state] = l
		}
	}
	return out
}

func (f *File) objectsOf(x *Case) workflow.MemoryObjects {
	out := workflow.MemoryObjects{}
	for _, m := range []map[string]string{f.Objects, x.Objects} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}
