package workflow

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// oracleFloor is the share of the posed cases that must pass at level 1.
const oracleFloor = 1.0

type oracleCase struct {
	ID             string          `json:"id"`
	Kind           string          `json:"kind"`
	Type           string          `json:"type"`
	Definition     json.RawMessage `json:"definition"`
	DefinitionText *string         `json:"definition_text"`
	Input          json.RawMessage `json:"input"`
	Mocks          []oracleMock    `json:"mocks"`
	MocksNote      string          `json:"mocks_note"`
	Lambdas        []struct {
		ARN, Name, Behaviour string
	} `json:"lambdas"`
	Compare struct {
		History string `json:"history"`
	} `json:"compare"`
	Expected struct {
		Status string          `json:"status"`
		Output json.RawMessage `json:"output"`
		Text   *string         `json:"output_text"`
		Error  *string         `json:"error"`
		Cause  any             `json:"cause"`
		Events []oracleEvent   `json:"events"`
	} `json:"expected"`
}

type oracleEvent struct {
	ID      json.RawMessage `json:"id"` // [0]: not recorded
	Prev    int64           `json:"prev"`
	Type    string          `json:"type"`
	Details json.RawMessage `json:"details"`
}

type oracleMock struct {
	State   string          `json:"state"`
	Request json.RawMessage `json:"request"`
	Return  json.RawMessage `json:"return"`
	Throw   *struct {
		Error string          `json:"error"`
		Cause json.RawMessage `json:"cause"`
	} `json:"throw"`
	Timeout   bool            `json:"timeout"`
	Submitted json.RawMessage `json:"submitted"`
}

// TestOracleASL poses the recorded executions whose language is supported and
// compares what comes out with what Step Functions answered.
func TestOracleASL(t *testing.T) {
	dir := os.Getenv("MULGIL_ORACLE")
	if dir == "" {
		dir = "../../../shared/oracle"
	}
	if _, err := os.Stat(filepath.Join(dir, "asl")); err != nil {
		t.Skip("no oracle here: set MULGIL_ORACLE to the folder that has asl/")
	}
	posed, all, level2, level3, level4, withEvents := 0, 0, 0, 0, 0, 0
	passed := 0
	refused := map[string]int{}
	for _, area := range []string{"base", "choice", "errors", "parallel", "timeouts", "context", "intrinsic", "task", "scenario", "api"} {
		text, err := os.ReadFile(filepath.Join(dir, "asl", area+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var cases []oracleCase
		if err := json.Unmarshal(text, &cases); err != nil {
			t.Fatal(err)
		}
		n, ok := 0, 0
		for _, c := range cases {
			if c.Kind == "create_error" && c.Type != "EXPRESS" {
				if _, err := asl.Parse("case", []byte(c.text())); err == nil {
					t.Errorf("%s is accepted", c.ID)
				}
			}
			if c.Kind != "execution" {
				continue
			}
			all++
			got, why := c.run()
			if why != "" {
				refused[why]++
				t.Logf("not posed %s: %s", c.ID, why)
				continue
			}
			n++
			l := c.level(got)
			if l == 0 {
				t.Logf("differs %s:\n got %s\nwant %s %s %v", c.ID, got, c.Expected.Status, c.Expected.Output, c.Expected.Error)
				continue
			}
			ok++
			for _, why := range got.requests {
				t.Logf("request %s: %s", c.ID, why)
			}
			if l >= 2 {
				level2++
				if c.Expected.Events != nil {
					withEvents++
					if c.sameEvents(got) {
						level3++
						if why := c.sameDetails(got); why != "" {
							t.Logf("details %s: %s", c.ID, why)
						} else if len(got.requests) == 0 {
							level4++
						}
					} else {
						t.Logf("events %s:\n got %v\nwant %s", c.ID, got.events, c.Expected.Events)
					}
				}
			} else {
				t.Logf("cause %s:\n got %s\nwant %v", c.ID, got, c.Expected.Cause)
			}
		}
		posed, passed = posed+n, passed+ok
		t.Logf("%s: %d of %d", area, ok, n)
	}
	fmt.Printf("ORACLE asl: passed %d of %d (subset)\n", passed, posed)
	t.Logf("level 2 (texts): %d of %d; level 3 (event types): %d of %d; level 4 (numbers, details, requests): %d; %d of %d not posed: %v", level2, posed, level3, withEvents, level4, all-posed, all, refused)
	if float64(passed) < oracleFloor*float64(posed) || posed == 0 {
		t.Errorf("%d of %d passed, the floor is %.3f", passed, posed, oracleFloor)
	}
}

// outcome is what an execution came to.
type outcome struct {
	Execution
	events []string
	full   []Event
	// requests says where a task was asked something else than was recorded.
	requests []string
}

func (o outcome) String() string {
	e, c := "", ""
	if o.Error != nil {
		e = *o.Error
	}
	if o.Cause != nil {
		c = *o.Cause
	}
	return fmt.Sprintf("%s %s error=%s cause=%s %v", o.Status, o.Output, e, c, o.events)
}

func (c *oracleCase) text() string {
	if c.DefinitionText != nil {
		return *c.DefinitionText
	}
	return string(c.Definition)
}

// run executes the case on a virtual clock; why tells why it cannot be posed.
func (c *oracleCase) run() (out outcome, why string) {
	m, err := asl.Parse("case", []byte(c.text()))
	if err != nil {
		var list base.Errors
		errors.As(err, &list)
		for _, e := range list {
			if strings.Contains(e.Msg, "not supported") {
				_, after, _ := strings.Cut(e.Msg, ": ")
				return out, after
			}
		}
		return outcome{Execution: Execution{Status: "REFUSED", Output: json.RawMessage(err.Error())}}, ""
	}
	if c.MocksNote != "" {
		return out, "no recorded end of a task"
	}
	in := c.Input
	if len(in) == 0 {
		in = json.RawMessage("{}")
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r, err := newRun(m, Execution{ID: "w:n", Workflow: "machine-one", Name: "n", Status: Running, Input: in, Started: now},
		setup{region: "us-east-1", account: "111111111111", maxPayload: 256 << 10, maxEvents: 25000, random: rand.Reader})
	if err != nil {
		return outcome{Execution: Execution{Status: "BROKEN", Output: json.RawMessage(err.Error())}}, ""
	}
	used := map[int]bool{}
	answered := map[int64]bool{}
	for steps := 0; !r.over() && steps < 100000; steps++ {
		rec := r.decide(now)
		if rec == nil {
			rec, why = c.answer(r, used, answered, now, &out)
			if why != "" {
				return out, why
			}
		}
		if rec == nil {
			if now = r.nextDue(); now.IsZero() {
				return outcome{Execution: Execution{Status: "STUCK"}, events: out.events}, ""
			}
			continue
		}
		if err := r.apply(rec); err != nil {
			return outcome{Execution: Execution{Status: "BROKEN", Output: json.RawMessage(err.Error())}, events: out.events}, ""
		}
		if rec.ID > 0 {
			out.events, out.full = append(out.events, rec.Type), append(out.full, rec.Event)
		}
	}
	out.Execution = r.exec
	return out, ""
}

// answer serves the first running task that has an answer.
func (c *oracleCase) answer(r *run, used map[int]bool, answered map[int64]bool, now time.Time, out *outcome) (rec *record, why string) {
	r.flows(func(f *flow) {
		if f.phase != started || answered[f.task.id] || rec != nil || why != "" {
			return
		}
		mock := -1
		for i, m := range c.Mocks {
			if m.State == f.state.Name && !used[i] {
				mock = i
				break
			}
		}
		if mock < 0 {
			rec, why = c.lambda(r, f, now)
			return
		}
		m := c.Mocks[mock]
		want, _ := asl.Decode(m.Request)
		have, _ := asl.Decode(f.task.input)
		if m.Request != nil && f.task.submitted == nil && !alike(parsed(want), parsed(have)) {
			out.requests = append(out.requests, fmt.Sprintf("%s was asked %s, not %s", m.State, f.task.input, m.Request))
		}
		if m.Submitted != nil && f.task.submitted == nil {
			rec, _ = r.taskSubmitted(f.task.id, m.Submitted, now)
			return
		}
		used[mock], answered[f.task.id] = true, true
		switch {
		case m.Timeout:
		case m.Throw != nil:
			var cause string
			if json.Unmarshal(m.Throw.Cause, &cause) != nil {
				cause = string(m.Throw.Cause)
			}
			rec = r.taskEnded(f.task.id, nil, &TaskError{Name: m.Throw.Error, Cause: cause}, now)
		default:
			rec = r.taskEnded(f.task.id, m.Return, nil, now)
		}
	})
	return rec, why
}

// lambda answers for the functions that exist in a case without mocks.
func (c *oracleCase) lambda(r *run, f *flow, now time.Time) (*record, string) {
	for _, l := range c.Lambdas {
		if l.ARN != f.state.Resource {
			continue
		}
		if l.Behaviour == "echo" {
			return r.taskEnded(f.task.id, f.task.input, nil, now), ""
		}
		return nil, "no mock for a function that does " + l.Behaviour
	}
	return nil, "no mock for " + f.state.Resource
}

// level is 0 if the outcome differs, 1 if only the cause does, else 2.
func (c *oracleCase) level(got outcome) int {
	e := c.Expected
	if string(got.Status) != e.Status {
		return 0
	}
	if e.Status == "SUCCEEDED" {
		want, _ := asl.Decode(e.Output)
		have, _ := asl.Decode(got.Output)
		if !alike(parsed(want), parsed(have)) {
			return 0
		}
		if e.Text != nil {
			exact, _ := asl.Decode([]byte(*e.Text))
			if !reflect.DeepEqual(numbers(exact), numbers(have)) {
				return 0
			}
		}
		return 2
	}
	if (e.Error == nil) != (got.Error == nil) || e.Error != nil && *e.Error != *got.Error {
		return 0
	}
	if e.Cause == nil != (got.Cause == nil) {
		return 1
	}
	if e.Cause != nil {
		text, _ := json.Marshal(e.Cause)
		want, _ := asl.Decode(text)
		if !alike(parsed(want), parsed(*got.Cause)) {
			return 1
		}
	}
	return 2
}

// numbers lists the numbers in v as they are written, in the order of keys.
func numbers(v any) (out []string) {
	switch v := v.(type) {
	case json.Number:
		return []string{v.String()}
	case []any:
		for _, x := range v {
			out = append(out, numbers(x)...)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			out = append(out, numbers(v[k])...)
		}
	}
	return out
}

// parsed replaces text that is a JSON object by the object, all the way down.
func parsed(v any) any {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "{") {
			if x, err := asl.Decode([]byte(v)); err == nil {
				return parsed(x)
			}
		}
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = parsed(x)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = parsed(x)
		}
		return out
	}
	return v
}

func anyValue(s string) bool {
	for _, w := range strings.Fields(`timestamp date datetime start-date stop-date start-time entered-time creation-date RequestId x-amzn-RequestId
		snf_role_arn sfn_role_arn task_token a_task_token message_id a_message_id execution-arn state-machine-arn map_run_arn json-input RandomNumberGenerated`) {
		if s == w {
			return true
		}
	}
	return false
}

// alike compares by the oracle's rules: masks match anything, numbers by value.
func alike(want, have any) bool {
	switch w := want.(type) {
	case string:
		if anyValue(w) {
			return true
		}
		h, ok := have.(string)
		if !ok || w == h {
			return ok
		}
		parts := regexp.MustCompile(`<[^<>]*>`).Split(w, -1)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return regexp.MustCompile(`(?s)^` + strings.Join(parts, `.*`) + `$`).MatchString(h)
	case json.Number:
		h, ok := have.(json.Number)
		if !ok {
			return false
		}
		x, _ := w.Float64()
		y, _ := h.Float64()
		return x == y
	case []any:
		h, ok := have.([]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for i := range w {
			if !alike(w[i], h[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for k := range w {
			if x, ok := h[k]; !ok || !alike(w[k], x) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, have)
}

// String is the event's type.
func (e oracleEvent) String() string { return e.Type }

func (c *oracleCase) sameEvents(got outcome) bool {
	var want, have []string
	for _, e := range c.Expected.Events {
		want = append(want, e.Type)
	}
	for _, e := range got.events {
		if e != "ParallelStateSucceeded" { // the record leaves these out
			have = append(have, e)
		}
	}
	if c.Compare.History == "multiset" {
		sort.Strings(want)
		sort.Strings(have)
	}
	return reflect.DeepEqual(want, have)
}

// sameDetails compares numbers and details of a history in fixed order; it
// returns the first difference.
func (c *oracleCase) sameDetails(got outcome) string {
	if c.Compare.History == "multiset" {
		return ""
	}
	for i, w := range c.Expected.Events {
		g := got.full[i]
		if string(w.ID) != fmt.Sprint(g.ID) || w.Prev != g.PreviousID {
			return fmt.Sprintf("event %s after %d, have %d after %d", w.ID, w.Prev, g.ID, g.PreviousID)
		}
		text, _ := json.Marshal(g.Details)
		if len(w.Details) == 0 {
			w.Details = json.RawMessage("{}")
		}
		want, _ := asl.Decode(w.Details)
		have, _ := asl.Decode(text)
		if !alike(payloads(want), payloads(have)) {
			return fmt.Sprintf("event %d %s\n got %s\nwant %s", g.ID, g.Type, text, w.Details)
		}
	}
	return ""
}

// payloads parses the members that hold JSON text.
func payloads(v any) any {
	m, _ := v.(map[string]any)
	out := map[string]any{}
	for k, x := range m {
		if s, ok := x.(string); ok && (k == "input" || k == "output" || k == "parameters") {
			if p, err := asl.Decode([]byte(s)); err == nil {
				x = p
			}
		}
		out[k] = parsed(x)
	}
	return out
}
