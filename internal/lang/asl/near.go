package asl

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Nearest finds the candidate that word was probably meant to be, or "".
func Nearest(word string, candidates []string) string {
	sort.Strings(candidates)
	best, bestAt := "", len([]rune(word))/2+1
	for _, c := range candidates {
		d := base.Distance(strings.ToLower(word), strings.ToLower(c))
		if d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// CheckStart tells whether an execution can begin at a state: one of the
// machine itself, or "" for StartAt. The error is base.NotFound.
func (m *Machine) CheckStart(name string) error {
	if name == "" || m.States[name] != nil {
		return nil
	}
	e := base.Errorf(base.NotFound, "no state %q to begin at", name).WithCode("StateDoesNotExist")
	known := slices.Sorted(maps.Keys(m.States))
	for _, s := range m.AllStates() {
		for _, outer := range known {
			if s.Name == name && strings.HasPrefix(s.Path, "/States/"+outer+"/") {
				return e.WithHint("it is inside %q: begin there, or at another state of the machine itself", outer)
			}
		}
	}
	if near := Nearest(name, slices.Clone(known)); near != "" {
		return e.WithHint("did you mean %q?", near)
	}
	return e.WithHint("states: %s", strings.Join(known, ", "))
}
