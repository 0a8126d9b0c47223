package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

func TestMocksAnswerInOrder(t *testing.T) {
	var list []Mock
	if err := json.Unmarshal([]byte(`[{"return": 0, "repeat": 2}, {"throw": {"error": "X"}}, {"return": 3, "repeat": "always"}]`), &list); err != nil {
		t.Fatal(err)
	}
	for n, want := range []int{0, 0, 1, 2, 2, 2} {
		if got := pick(list, n); got != &list[want] {
			t.Errorf("request %d: got %+v, want answer %d", n, got, want)
		}
	}
	if pick(list[:2], 3) != nil {
		t.Error("the answers never end")
	}
}

func TestDurationsHaveDays(t *testing.T) {
	for text, want := range map[string]time.Duration{`"90s"`: 90 * time.Second, `"1h30m"`: 90 * time.Minute, `"2d"`: 48 * time.Hour, `"1d2h"`: 26 * time.Hour, `45`: 45 * time.Second, `"5ms"`: 5 * time.Millisecond} {
		var d Duration
		if err := json.Unmarshal([]byte(text), &d); err != nil || time.Duration(d) != want {
			t.Errorf("%s: got %s, %v", text, time.Duration(d), err)
		}
	}
	for _, text := range []string{`"-1s"`, `"1"`, `"x"`, `"-2d"`, `"1.5d"`, `"999999999d"`, `-3`, `""`, `true`} {
		var d Duration
		if err := json.Unmarshal([]byte(text), &d); err == nil {
			t.Errorf("%s is taken for %s", text, time.Duration(d))
		}
	}
}

func TestDifferencesHaveTheirPlace(t *testing.T) {
	for _, c := range []struct {
		name, want, got string
		partial         bool
		lines           string
	}{
		{"equal but for the form of numbers", `{"a": 1.0, "b": [1, "x"]}`, `{"b": [1e0, "x"], "a": 1}`, false, ""},
		{"large numbers are exact", `12345678901234567890`, `12345678901234567891`, false, "out at $: want 12345678901234567890, got 12345678901234567891"},
		{"another kind", `{"a": "1"}`, `{"a": 1}`, false, `out at $.a: want "1", got 1`},
		{"null is something", `{"a": null}`, `{}`, false, `out at $.a: want null, got nothing`},
		{"one more member", `{}`, `{"a b": 1}`, false, `out at $["a b"]: got 1, which was not expected`},
		{"a part", `{"a": {"b": 1}}`, `{"a": {"b": 1, "c": 2}, "d": 3}`, true, ""},
		{"lists are as long in a part", `[1]`, `[1, {"x": 2}]`, true, `out at $[1]: got {"x":2}, which was not expected`},
		{"deep", `{"a": [{"b": 1}, {"b": 2}]}`, `{"a": [{"b": 1}, {"b": 3}]}`, true, `out at $.a[1].b: want 2, got 3`},
		{"an object for a list", `[]`, `{}`, false, `out at $: want [], got {}`},
	} {
		d, err := compare("out", json.RawMessage(c.want), json.RawMessage(c.got), c.partial)
		var lines []string
		for _, x := range d {
			lines = append(lines, x.String())
		}
		if got := strings.Join(lines, "\n"); err != nil || got != c.lines {
			t.Errorf("%s: got %s %v, want %s", c.name, got, err, c.lines)
		}
	}
	if d, err := compare("out", json.RawMessage("1"), nil, false); err != nil || len(d) != 1 || d[0].String() != "out: want 1, got nothing" {
		t.Errorf("got %v %v", d, err)
	}
}

func TestPatternsAreTextsOrExpressions(t *testing.T) {
	got := "order 8 is refused"
	for p, fits := range map[Pattern]bool{"order 8 is refused": true, "order 8": false, "/order \\d/": true, "/^x/": false, "/": false} {
		if d := p.compare("cause", &got); (d == nil) != fits {
			t.Errorf("%s: %v", p, d)
		}
	}
	p := Pattern("x")
	if d := p.compare("cause", nil); len(d) != 1 || d[0].String() != `cause: want "x", got nothing` {
		t.Errorf("got %v", d)
	}
	if d := (*Pattern)(nil).compare("cause", &got); d != nil {
		t.Errorf("got %v", d)
	}
}

const mockConfig = `{"StateMachines": {"m": {"TestCases": {"good": {"A": "a", "B": "b"}, "lost": {"A": "nowhere"}}}},
	"MockedResponses": {"a": {"2-3": {"Return": {"x": 1}}, "0": {"Throw": {"Error": "E", "Cause": "c"}}, "1": {"Return": null}}, "b": RESPONSE}}`

func TestMockConfigNumbersAttempts(t *testing.T) {
	c, err := ParseMockConfig("mocks.json", []byte(strings.Replace(mockConfig, "RESPONSE", `{"0": {"Return": 7}}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Mocks("m", "good")
	if err != nil {
		t.Fatal(err)
	}
	one, two := Times(1), Times(2)
	want := Mocks{"A": {{Throw: &Throw{"E", "c"}, Repeat: &one}, {Return: json.RawMessage("null"), Repeat: &one}, {Return: json.RawMessage(`{"x": 1}`), Repeat: &two}},
		"B": {{Return: json.RawMessage("7"), Repeat: &one}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestMockConfigMistakesAreNamed(t *testing.T) {
	for response, want := range map[string]string{
		`{"0": {"Return": 1}, "2": {"Return": 1}}`:   `mocks.json: mocked response "b": the attempt 1 is missing`,
		`{"1": {"Return": 1}}`:                       `the attempt 0 is missing`,
		`{"0-1": {"Return": 1}, "1": {"Return": 1}}`: `the attempt 1 is given twice`,
		`{"0": {}}`: `needs one of Return and Throw`,
		`{"0": {"Return": 1, "Throw": {"Error": "E"}}}`: `needs one of Return and Throw`,
		`{"x": {"Return": 1}}`:                          `"x" is neither a number`,
		`{"3-1": {"Return": 1}}`:                        `"3-1" is neither a number`,
		`{"-1": {"Return": 1}}`:                         `"-1" is neither a number`,
		`{"0": {"Retrun": 1}}`:                          `unknown field "Retrun"`,
		`[]`:                                            `mocks.json:2:`,
		`{"0": {"Return": 1},}`:                         `mocks.json:2:`,
		`{"0": {"Throw": {"Error": "E", "Cause": {"not": "text"}}}}`: `mocks.json:2:`,
	} {
		c, err := ParseMockConfig("mocks.json", []byte(strings.Replace(mockConfig, "RESPONSE", response, 1)))
		if err == nil {
			_, err = c.Mocks("m", "good")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", response, err, want)
		}
	}
	c, err := ParseMockConfig("mocks.json", []byte(strings.Replace(mockConfig, "RESPONSE", "{}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range [][2]string{{"m", "goood"}, {"x", "good"}, {"m", "lost"}} {
		if _, err := c.Mocks(x[0], x[1]); base.KindOf(err) != base.NotFound {
			t.Errorf("%v: got %v", x, err)
		}
	}
	if _, err := ParseMockConfig("mocks.json", []byte("{}")); err == nil {
		t.Error("an empty file is taken")
	}
}

// perform runs the cases of a file on a definition.
func perform(t *testing.T, definition, cases string, cover *Coverage) []Result {
	t.Helper()
	s := &Stage{Clock: base.NewFakeClock(time.Time{}), Chance: NewChance()}
	open := func(name string) (string, []byte, error) {
		if name != "w.asl.json" {
			return name, nil, base.Errorf(base.NotFound, "no file %s", name)
		}
		return name, []byte(definition), nil
	}
	x, err := s.Read("workflows/w.test.yaml", json.RawMessage(cases), func(...string) *base.Place { return nil }, open)
	if err != nil {
		t.Fatal(base.Render(err))
	}
	var out []Result
	for i := range x.Cases {
		r, err := s.Run(t.Context(), x, i, cover)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

const oneJob = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "End": true}}}`

func TestWaitingTasksAreSubmittedFirst(t *testing.T) {
	for mock, want := range map[string]string{
		`{"return": 1}`: "TaskStarted TaskSubmitted TaskSucceeded",
		`{"return": 1, "submitted": {"JobRunId": "x"}}`:       "TaskStarted TaskSubmitted TaskSucceeded",
		`{"throw": {"error": "E"}}`:                           "TaskStarted TaskFailed",
		`{"throw": {"error": "E"}, "submitted": {"Id": "x"}}`: "TaskStarted TaskSubmitted TaskFailed",
	} {
		r := perform(t, oneJob, `{"cases": [{"name": "c", "mocks": {"A": [`+mock+`]}, "expect": {}}]}`, nil)
		if got := strings.Join(r[0].Events, " "); !strings.Contains(got, want) {
			t.Errorf("%s: got %s", mock, got)
		}
	}
}

func TestCasesDoNotDisturbEachOther(t *testing.T) {
	const definition = `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()", "n.$": "States.MathRandom(1, 1000000)", "name.$": "$$.Execution.Name", "at.$": "$$.State.EnteredTime"}, "End": true}}}`
	r := perform(t, definition, `{"cases": [{"name": "a", "now": "2027-03-01T09:00:00+09:00"}, {"name": "b", "now": "2027-03-01T00:00:00Z"}, {"name": "c", "execution": "other"}]}`, nil)
	if !r[0].Passed || string(r[0].Output) != string(r[1].Output) || string(r[0].Output) == string(r[2].Output) {
		t.Errorf("got %s\n%s\n%s", r[0].Output, r[1].Output, r[2].Output)
	}
	var out struct{ Name, At string }
	if err := json.Unmarshal(r[1].Output, &out); err != nil || out.Name != "test" || out.At != "2027-03-01T00:00:00.000Z" {
		t.Errorf("got %+v %v", out, err)
	}
}

func TestCoverageTellsWaysNobodyTook(t *testing.T) {
	const definition = `{"StartAt": "C", "States": {
		"C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "A"}, {"Variable": "$.n", "NumericEquals": 2, "Next": "A"}], "Default": "B"},
		"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}}`
	cover := &Coverage{}
	perform(t, definition, `{"cases": [{"name": "two", "input": {"n": 2}}]}`, cover)
	want := []Covered{{Workflow: "w", Definition: "w.asl.json", States: 2, AllStates: 3, Ways: 1, AllWays: 3, NeverEntered: []string{"B"}, NeverTaken: []Way{{"C", 0, "A"}, {"C", -1, "B"}}}}
	if got := cover.Machines(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	perform(t, definition, `{"cases": [{"name": "one", "input": {"n": 1}}, {"name": "other", "input": {"n": 3}}]}`, cover)
	if got := cover.Machines(); len(got) != 1 || got[0].Ways != 3 || got[0].NeverEntered != nil {
		t.Errorf("got %+v", got)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	s := &Stage{Clock: base.NewFakeClock(time.Time{}), Chance: NewChance()}
	open := func(name string) (string, []byte, error) { return name, []byte(oneJob), nil }
	x, err := s.Read("w.test.yaml", json.RawMessage(`{"cases": [{"name": "c", "mocks": {"A": [{"return": 1}]}}]}`), func(...string) *base.Place { return nil }, open)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Run(ctx, x, 0, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
