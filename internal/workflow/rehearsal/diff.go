package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// Difference is one thing that did not come as expected.
type Difference struct {
	// What is the part of the outcome: "output", "path", "request of \"A\"".
	What string `json:"what"`
	// At is the JSON path of the place in it; empty for the whole.
	At string `json:"at,omitempty"`
	// Want and Got are JSON; nil stands for nothing.
	Want json.RawMessage `json:"want,omitempty"`
	Got  json.RawMessage `json:"got,omitempty"`
	// Note explains.
	Note string `json:"note,omitempty"`
}

// String is the difference in one line, with the note in another.
func (d Difference) String() string {
	out := d.What
	if d.At != "" {
		out += " at " + d.At
	}
	switch {
	case d.Want == nil && d.Got == nil:
		return out + ": " + d.Note
	case d.Want == nil:
		out += fmt.Sprintf(": got %s, which was not expected", d.Got)
	case d.Got == nil:
		out += fmt.Sprintf(": want %s, got nothing", d.Want)
	default:
		out += fmt.Sprintf(": want %s, got %s", d.Want, d.Got)
	}
	if d.Note != "" {
		out += "\n  " + d.Note
	}
	return out
}

func differ(what string, want, got any) Difference {
	return Difference{What: what, Want: asl.Encode(want), Got: asl.Encode(got)}
}

// comparison compares two JSON values.
type comparison struct {
	what string
	// partial lets objects have members that are not expected.
	partial bool
	out     []Difference
}

// compare lists where got differs from want, both JSON; nil got is nothing.
func compare(what string, want, got json.RawMessage, partial bool) ([]Difference, error) {
	w, err := asl.Decode(want)
	if err != nil {
		return nil, err
	}
	if got == nil {
		return []Difference{{What: what, Want: asl.Encode(w)}}, nil
	}
	g, err := asl.Decode(got)
	if err != nil {
		return nil, err
	}
	c := &comparison{what: what, partial: partial}
	c.values("$", w, g)
	return c.out, nil
}

func (c *comparison) add(at string, want, got json.RawMessage) {
	c.out = append(c.out, Difference{What: c.what, At: at, Want: want, Got: got})
}

func (c *comparison) values(at string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			c.objects(at, w, g)
			return
		}
	case []any:
		if g, ok := got.([]any); ok {
			c.lists(at, w, g)
			return
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && sameNumber(w, g) {
			return
		}
	}
	if !bytes.Equal(asl.Encode(want), asl.Encode(got)) {
		c.add(at, asl.Encode(want), asl.Encode(got))
	}
}

func (c *comparison) objects(at string, want, got map[string]any) {
	for _, k := range sorted(want) {
		g, ok := got[k]
		if !ok {
			c.add(at+step(k), asl.Encode(want[k]), nil)
			continue
		}
		c.values(at+step(k), want[k], g)
	}
	for _, k := range sorted(got) {
		if _, ok := want[k]; !ok && !c.partial {
			c.add(at+step(k), nil, asl.Encode(got[k]))
		}
	}
}

func (c *comparison) lists(at string, want, got []any) {
	for i := range max(len(want), len(got)) {
		at := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case i >= len(got):
			c.add(at, asl.Encode(want[i]), nil)
		case i >= len(want):
			c.add(at, nil, asl.Encode(got[i]))
		default:
			c.values(at, want[i], got[i])
		}
	}
}

func sameNumber(a, b json.Number) bool {
	x, okX := new(big.Float).SetString(a.String())
	y, okY := new(big.Float).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// step is a member's name as a JSON path has it.
func step(name string) string {
	if plainName.MatchString(name) {
		return "." + name
	}
	return "[" + string(asl.Encode(name)) + "]"
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
