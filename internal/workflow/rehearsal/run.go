package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/workflow"
)

// Stage is what cases are run on, one after the other.
type Stage struct {
	// Query evaluates JSONata; it should go by Clock and Chance.
	Query asl.Evaluator
	Clock *base.FakeClock
	// Chance is put back to its beginning before each case.
	Chance *Chance
}

// Chance gives random bytes, the same ones after each Reset. Safe for
// concurrent use.
type Chance struct {
	mu     sync.Mutex // guards source
	source *rand.ChaCha8
}

// NewChance returns one at its beginning.
func NewChance() *Chance { return &Chance{source: rand.NewChaCha8([32]byte{})} }

// Read fills p.
func (c *Chance) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source.Read(p)
}

// Reset goes back to the beginning.
func (c *Chance) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.source.Seed([32]byte{})
}

// Opener reads a file that stands beside a file of cases, by its path from
// there. shown is its name for people.
type Opener func(name string) (shown string, text []byte, err error)

// Suite is a file of cases that were checked against their machine.
type Suite struct {
	File
	// Machine is its definition, Definition the file of that, Called its name.
	Machine            *asl.Machine
	Definition, Called string
}

// Result is how one case came out.
type Result struct {
	File     string `json:"file"`
	Workflow string `json:"workflow"`
	Case     string `json:"case"`
	Passed   bool   `json:"passed"`
	// Status is empty if the execution could not go on for want of an answer.
	Status string          `json:"status,omitempty"`
	Output json.RawMessage `json:"output,omitempty"`
	Error  *string         `json:"error,omitempty"`
	Cause  *string         `json:"cause,omitempty"`
	// Seconds is how long it took on the turned clock.
	Seconds     float64        `json:"seconds"`
	Path        []string       `json:"path"`
	Retries     map[string]int `json:"retries,omitempty"`
	Events      []string       `json:"events"`
	Differences []Difference   `json:"differences,omitempty"`
	// Judged is false where nothing was expected.
	Judged bool `json:"-"`
}

// Read reads a file of cases, JSON that its schema allows, and the definition
// it is for. Mistakes are base.Errors with their places.
func (s *Stage) Read(name string, text json.RawMessage, at Place, open Opener) (*Suite, error) {
	var f File
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, base.Errorf(base.Invalid, "%w", err).At(at())
	}
	return s.Suite(name, f, at, open)
}

// Suite checks cases against the definition they are for.
func (s *Stage) Suite(name string, f File, at Place, open Opener) (*Suite, error) {
	x := &Suite{File: f}
	x.Name = name
	if x.Workflow == "" {
		x.Workflow, _, _ = strings.Cut(path.Base(name), ".test.")
	}
	if err := s.define(x, open); err != nil {
		return nil, placed(err, at("workflow"))
	}
	for i := range x.Cases {
		if err := x.configure(i, open); err != nil {
			return nil, placed(err, at("cases", fmt.Sprint(i), "mock_config"))
		}
	}
	return x, x.check(x.Machine, at)
}

// placed gives an error a place if it has none.
func placed(err error, at *base.Place) error {
	var list base.Errors
	var e *base.Error
	if errors.As(err, &list) || errors.As(err, &e) && e.Place != nil {
		return err
	}
	out := base.Errorf(base.Invalid, "%w", err).At(at)
	if e != nil {
		out.Hint = e.Hint
	}
	return out
}

// define reads the machine that the cases are for.
func (s *Stage) define(x *Suite, open Opener) error {
	file := x.Workflow
	if !strings.Contains(file, "/") && !strings.HasSuffix(file, ".json") {
		file += ".asl.json"
	}
	shown, text, err := open(file)
	if err != nil {
		return err
	}
	x.Definition, x.Called = shown, strings.TrimSuffix(strings.TrimSuffix(path.Base(file), ".json"), ".asl")
	check := func(expr string) error { return s.Query.Check(context.Background(), expr) }
	x.Machine, err = asl.ParseAs(shown, text, asl.Options{Express: x.Type == "EXPRESS", CheckQuery: check})
	return err
}

// configure takes the mocks of a case from a file of Step Functions Local; the
// case's own go before them.
func (x *Suite) configure(i int, open Opener) error {
	c := &x.Cases[i]
	if c.MockConfig == nil {
		return nil
	}
	shown, text, err := open(c.MockConfig.File)
	if err != nil {
		return err
	}
	config, err := ParseMockConfig(shown, text)
	if err != nil {
		return err
	}
	machine := c.MockConfig.Machine
	if machine == "" {
		machine = x.Called
	}
	mocks, err := config.Mocks(machine, c.MockConfig.Case)
	if err != nil {
		return err
	}
	for state, l := range c.Mocks {
		mocks[state] = l
	}
	c.Mocks = mocks
	return nil
}

// Run runs the case i of a suite. Only ctx's end and faults of ours are errors.
func (s *Stage) Run(ctx context.Context, x *Suite, i int, cover *Coverage) (Result, error) {
	c := &x.Cases[i]
	now, name := c.Now, c.Execution
	if now.IsZero() {
		now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if name == "" {
		name = "test"
	}
	s.Clock.Set(now)
	s.Chance.Reset()
	answers := &script{mocks: x.mocksOf(c), asked: map[string]int{}}
	t, err := workflow.Trial{Machine: x.Machine, Workflow: x.Called, Name: name, Input: c.Input, Clock: s.Clock, Query: s.Query,
		Objects: x.objectsOf(c), Random: s.Chance, Answer: answers.answer}.Run(ctx)
	r := Result{File: x.Name, Workflow: x.Called, Case: c.Name, Status: string(t.Status), Output: t.Output, Error: t.Error, Cause: t.Cause,
		Path: append([]string{}, t.Entered...), Retries: t.Retries, Events: eventTypes(t), Judged: c.Expect != nil}
	cover.add(x, t)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if r.Differences = answers.wrong; err != nil {
		if base.KindOf(err) != base.Invalid {
			return r, fmt.Errorf("case %q: %w", c.Name, err)
		}
		r.Seconds = s.Clock.Now().Sub(now).Seconds()
		r.Differences = append(r.Differences, Difference{What: "mocks", Note: base.Render(err)})
		return r, nil
	}
	r.Seconds = t.Stopped.Sub(t.Started).Seconds()
	d, err := c.Expect.compare(t)
	r.Differences = append(r.Differences, d...)
	r.Passed = len(r.Differences) == 0
	return r, err
}
