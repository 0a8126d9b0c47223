package rehearsal

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// MockConfig is a mock configuration file of AWS Step Functions Local
// (MockConfigFile.json): for each state machine test cases, in which states
// name responses; a response says what the attempts "0", "1-2", ... come to.
type MockConfig struct {
	file          string
	StateMachines map[string]struct {
		TestCases map[string]map[string]string
	}
	MockedResponses map[string]map[string]MockedResponse
}

// MockedResponse is what an attempt comes to.
type MockedResponse struct {
	Return json.RawMessage
	Throw  *Throw
}

// ParseMockConfig reads a mock configuration. Mistakes are base.Invalid.
func ParseMockConfig(file string, text []byte) (*MockConfig, error) {
	c := &MockConfig{file: file}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		e := base.Errorf(base.Invalid, "mock configuration: %w", err).At(&base.Place{File: file})
		switch {
		case errors.As(err, &syntax):
			e.Place = base.PlaceAt(file, text, max(int(syntax.Offset)-1, 0), 1)
		case errors.As(err, &kind):
			e.Place = base.PlaceAt(file, text, max(int(kind.Offset)-1, 0), 1)
		}
		return nil, e
	}
	if len(c.StateMachines) == 0 {
		return nil, base.Errorf(base.Invalid, "the mock configuration has no StateMachines").At(&base.Place{File: file})
	}
	return c, nil
}

// Machines lists the names in StateMachines.
func (c *MockConfig) Machines() []string { return sorted(c.StateMachines) }

// Cases lists the test cases of a machine. The error is base.NotFound.
func (c *MockConfig) Cases(machine string) ([]string, error) {
	m, ok := c.StateMachines[machine]
	if !ok {
		return nil, c.unknown("state machine", machine, c.Machines())
	}
	return sorted(m.TestCases), nil
}

func (c *MockConfig) unknown(what, name string, known []string) error {
	e := base.Errorf(base.NotFound, "no %s %q", what, name).At(&base.Place{File: c.file})
	if near := asl.Nearest(name, known); near != "" {
		return e.WithHint("did you mean %q?", near)
	}
	return e.WithHint("there are: %s", strings.Join(known, ", "))
}

// Mocks are the answers of one test case, by state.
func (c *MockConfig) Mocks(machine, name string) (Mocks, error) {
	names, err := c.Cases(machine)
	if err != nil {
		return nil, err
	}
	states, ok := c.StateMachines[machine].TestCases[name]
	if !ok {
		return nil, c.unknown("test case", name, names)
	}
	out := Mocks{}
	for _, state := range sorted(states) {
		response, ok := c.MockedResponses[states[state]]
		if !ok {
			return nil, c.unknown("mocked response", states[state], sorted(c.MockedResponses))
		}
		if out[state], err = c.answers(states[state], response); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// answers puts the numbered attempts of a response in order.
func (c *MockConfig) answers(name string, response map[string]MockedResponse) ([]Mock, error) {
	type numbered struct {
		key         string
		first, last int
	}
	bad := func(format string, args ...any) error {
		return base.Errorf(base.Invalid, "mocked response %q: "+format, append([]any{name}, args...)...).At(&base.Place{File: c.file})
	}
	var list []numbered
	for _, key := range sorted(response) {
		from, to, isRange := strings.Cut(key, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || first < 0 || last < first || last > 1_000_000 {
			return nil, bad("%q is neither a number of an attempt such as \"0\" nor a range such as \"1-2\"", key)
		}
		list = append(list, numbered{key, first, last})
	}
	slices.SortFunc(list, func(a, b numbered) int { return a.first - b.first })
	var out []Mock
	next := 0
	for _, n := range list {
		x := response[n.key]
		times := Times(n.last - n.first + 1)
		switch {
		case n.first < next:
			return nil, bad("the attempt %d is given twice", n.first)
		case n.first > next:
			return nil, bad("the attempt %d is missing", next)
		case (x.Return == nil) == (x.Throw == nil):
			return nil, bad("the attempt %q needs one of Return and Throw", n.key)
		}
		next = n.last + 1
		out = append(out, Mock{Return: x.Return, Throw: x.Throw, Repeat: &times})
	}
	return out, nil
}
