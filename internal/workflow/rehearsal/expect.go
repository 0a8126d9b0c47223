package rehearsal

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/workflow"
)

// Expect says what must come of an execution; what it leaves out may be anything.
type Expect struct {
	// Status is SUCCEEDED, FAILED or TIMED_OUT. If empty the execution must
	// succeed, or must not where Error or Cause is given.
	Status string `json:"status"`
	// Output is all of the output, OutputContains a part of it.
	Output         json.RawMessage `json:"output"`
	OutputContains json.RawMessage `json:"output_contains"`
	Error          *Pattern        `json:"error"`
	Cause          *Pattern        `json:"cause"`
	// Path are all states in the order they were entered, those of branches
	// and items included.
	Path       []string `json:"path"`
	Visited    []string `json:"visited"`
	NotVisited []string `json:"not_visited"`
	// Events are the types of the history's events in order.
	Events []string `json:"events"`
	// Duration is how long the execution took on the turned clock.
	Duration *Duration `json:"duration"`
	// Retries are numbers by state; 0 means none.
	Retries map[string]int `json:"retries"`
}

// Pattern is a text, or between slashes a regular expression.
type Pattern string

// regexp is nil for a text.
func (p Pattern) regexp() (*regexp.Regexp, error) {
	if len(p) < 2 || p[0] != '/' || p[len(p)-1] != '/' {
		return nil, nil
	}
	return regexp.Compile(string(p[1 : len(p)-1]))
}

func (p *Pattern) compare(what string, got *string) []Difference {
	if p == nil {
		return nil
	}
	if got == nil {
		return []Difference{{What: what, Want: quoted(string(*p))}}
	}
	re, err := p.regexp()
	if re != nil && re.MatchString(*got) || re == nil && err == nil && string(*p) == *got {
		return nil
	}
	return []Difference{differ(what, string(*p), *got)}
}

func quoted(s string) json.RawMessage { return differ("", s, nil).Want }

// compare lists what did not come as expected.
func (x *Expect) compare(t workflow.Tried) ([]Difference, error) {
	if x == nil {
		x = &Expect{}
	}
	out := x.status(t)
	if x.Output != nil {
		d, err := compare("output", x.Output, t.Output, false)
		if err != nil {
			return nil, err
		}
		out = append(out, d...)
	}
	if x.OutputContains != nil {
		d, err := compare("output", x.OutputContains, t.Output, true)
		if err != nil {
			return nil, err
		}
		out = append(out, d...)
	}
	out = append(out, x.Error.compare("error", t.Error)...)
	out = append(out, x.Cause.compare("cause", t.Cause)...)
	if x.Path != nil {
		out = append(out, lists("path", x.Path, t.Entered)...)
	}
	for _, s := range x.Visited {
		if !slices.Contains(t.Entered, s) {
			out = append(out, Difference{What: "visited", Note: fmt.Sprintf("%q was not entered", s)})
		}
	}
	for _, s := range x.NotVisited {
		if slices.Contains(t.Entered, s) {
			out = append(out, Difference{What: "not_visited", Note: fmt.Sprintf("%q was entered", s)})
		}
	}
	if x.Events != nil {
		out = append(out, lists("events", x.Events, eventTypes(t))...)
	}
	if took := t.Stopped.Sub(t.Started); x.Duration != nil && time.Duration(*x.Duration) != took {
		out = append(out, differ("duration", time.Duration(*x.Duration).String(), took.String()))
	}
	for _, s := range sorted(x.Retries) {
		if x.Retries[s] != t.Retries[s] {
			out = append(out, differ(fmt.Sprintf("retries of %q", s), json.Number(fmt.Sprint(x.Retries[s])), json.Number(fmt.Sprint(t.Retries[s]))))
		}
	}
	return out, nil
}

func (x *Expect) status(t workflow.Tried) []Difference {
	want := x.Status
	fails := x.Error != nil || x.Cause != nil
	switch {
	case want == "" && fails && t.Status != workflow.Succeeded:
		return nil
	case want == "" && fails:
		want = string(workflow.Failed)
	case want == "":
		want = string(workflow.Succeeded)
	}
	if want == string(t.Status) {
		return nil
	}
	d := differ("status", want, string(t.Status))
	switch {
	case t.Error != nil && t.Cause != nil:
		d.Note = *t.Error + ": " + *t.Cause
	case t.Error != nil:
		d.Note = *t.Error
	}
	return []Difference{d}
}

// lists compares two lists of names; the difference is where they part.
func lists(what string, want, got []string) []Difference {
	for i := range max(len(want), len(got)) {
		d := Difference{What: what, At: fmt.Sprintf("[%d]", i), Note: "got: " + strings.Join(got, ", ")}
		if i < len(want) {
			d.Want = quoted(want[i])
		}
		if i < len(got) {
			d.Got = quoted(got[i])
		}
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			return []Difference{d}
		}
	}
	return nil
}

func eventTypes(t workflow.Tried) []string {
	out := make([]string, len(t.Events))
	for i, e := range t.Events {
		out[i] = e.Type
	}
	return out
}
