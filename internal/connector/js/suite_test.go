package js

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// suiteCase is a case of JSONata's own test suite (testdata/suite.jsonl, see
// testdata/README.md).
type suiteCase struct {
	Name, Expr, Dataset, Code string
	Data                      json.RawMessage
	Bindings                  map[string]any
	Result                    json.RawMessage
	UndefinedResult           *bool
	Timelimit, Depth          int
	Error                     *struct{ Code, Message string }
}

// different are the cases that must not go as the suite says, by name or group,
// with the reason.
var different = map[string]string{
	"function-eval":                       "AWS refuses $eval",
	"range-operator/case021":              "a sequence has at most 1,000,000 elements",
	"range-operator/case024":              "a sequence has at most 1,000,000 elements",
	"range-operator/case022":              "the limit has AWS's text, which has no code",
	"range-operator/case023":              "the limit has AWS's text, which has no code",
	"function-encodeUrl/case002":          "text is UTF-8: a lone surrogate cannot be given",
	"function-encodeUrlComponent/case002": "text is UTF-8: a lone surrogate cannot be given",
}

func TestSuiteOfJSONata(t *testing.T) {
	data, err := os.ReadFile("testdata/datasets.json")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &sets); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/suite.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e := evaluator(t, Options{Timeout: time.Minute, Cache: 1})
	ran, differ := 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c suiteCase
		d := json.NewDecoder(strings.NewReader(lines.Text()))
		d.UseNumber()
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
		runner := e
		if c.Timelimit > 0 {
			runner = evaluator(t, Options{Timeout: time.Duration(c.Timelimit) * time.Millisecond, Depth: c.Depth})
		}
		wrong := c.run(t, runner, sets)
		group, _, _ := strings.Cut(c.Name, "/")
		reason := cmp.Or(different[c.Name], different[group])
		switch {
		case reason != "" && wrong == "":
			t.Errorf("%s: %s\ngoes as in the suite, though %s", c.Name, c.Expr, reason)
		case reason != "":
			differ++
		case wrong != "":
			t.Errorf("%s: %s\n%s", c.Name, c.Expr, wrong)
		}
		ran++
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases, %d of them otherwise on purpose", ran, differ)
	if ran < 1600 {
		t.Errorf("only %d cases ran", ran)
	}
}

// run says what is wrong, "" for nothing.
func (c suiteCase) run(t *testing.T, e *Evaluator, sets map[string]json.RawMessage) string {
	doc := string(c.Data)
	if c.Data == nil {
		doc = string(sets[c.Dataset])
	}
	var v any
	var defined bool
	err := e.with(context.Background(), c.Expr, func(s *session) error {
		var err error
		v, defined, err = s.eval(c.Expr, doc, c.Bindings)
		return err
	})
	code := c.Code
	if c.Error != nil {
		code = c.Error.Code
	}
	var fault *Error
	switch {
	case code != "" || c.Error != nil:
		if !errors.As(err, &fault) || fault.Code != code && (code != "U1001" || fault != errTime && fault != errDepth) {
			return "want the error " + code + ", got " + show(t, v, defined, err)
		}
		return ""
	case c.UndefinedResult != nil:
		if err != nil || defined {
			return "want nothing, got " + show(t, v, defined, err)
		}
		return ""
	}
	if err != nil || !defined || !same(v, decode(t, string(c.Result))) {
		return "want " + string(c.Result) + "\ngot " + show(t, v, defined, err)
	}
	return ""
}

func show(t testing.TB, v any, defined bool, err error) string {
	if err != nil {
		return "the error " + err.Error()
	}
	if !defined {
		return "nothing"
	}
	return encode(t, v)
}

// same compares values, numbers as float64.
func same(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		n, ok := b.(json.Number)
		if !ok {
			return false
		}
		x, _ := a.Float64()
		y, _ := n.Float64()
		return x == y || math.Abs(x-y) < 1e-12*math.Abs(y)
	case []any:
		l, ok := b.([]any)
		if !ok || len(l) != len(a) {
			return false
		}
		for i := range a {
			if !same(a[i], l[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		m, ok := b.(map[string]any)
		if !ok || len(m) != len(a) {
			return false
		}
		for k := range a {
			if v, ok := m[k]; !ok || !same(a[k], v) {
				return false
			}
		}
		return true
	}
	return a == b
}
