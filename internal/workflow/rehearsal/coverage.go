package rehearsal

import (
	"fmt"
	"slices"

	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/workflow"
)

// Coverage is what cases reached of the machines they are for. nil keeps nothing.
type Coverage struct {
	machines []*reached
}

type reached struct {
	suite  *Suite
	states map[string]bool
	ways   map[string]map[int]bool
}

// Covered is what was reached of one machine.
type Covered struct {
	Workflow   string `json:"workflow"`
	Definition string `json:"definition"`
	// States were entered, of all; Ways of Choice states were taken, of all.
	States    int `json:"states"`
	AllStates int `json:"all_states"`
	Ways      int `json:"ways"`
	AllWays   int `json:"all_ways"`
	// NeverEntered are names of states, NeverTaken ways of Choices.
	NeverEntered []string `json:"never_entered,omitempty"`
	NeverTaken   []Way    `json:"never_taken,omitempty"`
}

// Way is one way out of a Choice state.
type Way struct {
	State string `json:"state"`
	// Choice counts from 0; -1 is Default.
	Choice int    `json:"choice"`
	Next   string `json:"next"`
}

// String is the way for people.
func (w Way) String() string {
	if w.Choice == asl.ByDefault {
		return fmt.Sprintf("%q by Default to %q", w.State, w.Next)
	}
	return fmt.Sprintf("%q by Choices[%d] to %q", w.State, w.Choice, w.Next)
}

func (c *Coverage) add(x *Suite, t workflow.Tried) {
	if c == nil {
		return
	}
	i := slices.IndexFunc(c.machines, func(r *reached) bool { return r.suite.Definition == x.Definition })
	if i < 0 {
		i = len(c.machines)
		c.machines = append(c.machines, &reached{suite: x, states: map[string]bool{}, ways: map[string]map[int]bool{}})
	}
	r := c.machines[i]
	for _, s := range t.Entered {
		r.states[s] = true
	}
	for s, ways := range t.Ways {
		if r.ways[s] == nil {
			r.ways[s] = map[int]bool{}
		}
		for _, w := range ways {
			r.ways[s][w] = true
		}
	}
}

// Machines lists what was reached, in the order the machines were first used.
func (c *Coverage) Machines() []Covered {
	var out []Covered
	for _, r := range c.machines {
		x := Covered{Workflow: r.suite.Called, Definition: r.suite.Definition}
		for _, s := range r.suite.Machine.AllStates() {
			x.AllStates++
			if r.states[s.Name] {
				x.States++
			} else {
				x.NeverEntered = append(x.NeverEntered, s.Name)
			}
			for _, w := range waysOf(s) {
				x.AllWays++
				if r.ways[s.Name][w.Choice] {
					x.Ways++
				} else {
					x.NeverTaken = append(x.NeverTaken, w)
				}
			}
		}
		out = append(out, x)
	}
	return out
}

func waysOf(s *asl.State) []Way {
	var out []Way
	for i, c := range s.Choices {
		out = append(out, Way{s.Name, i, c.Next})
	}
	if s.Default != "" {
		out = append(out, Way{s.Name, asl.ByDefault, s.Default})
	}
	return out
}
