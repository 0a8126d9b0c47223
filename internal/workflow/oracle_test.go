package workflow

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/js"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// oracleFloor and oracleTexts are the shares of the cases that must pass at
// levels 1 (outcome) and 2 (texts).
const (
	oracleFloor = 0.99
	oracleTexts = 0.95
)

type oracleCase struct {
	ID             string          `json:"id"`
	Area           string          `json:"area"`
	Kind           string          `json:"kind"`
	Type           string          `json:"type"`
	Definition     json.RawMessage `json:"definition"`
	DefinitionText *string         `json:"definition_text"`
	Input          json.RawMessage `json:"input"`
	InputText      *string         `json:"input_text"`
	Mocks          []oracleMock    `json:"mocks"`
	MocksNote      string          `json:"mocks_note"`
	Lambdas        []oracleLambda  `json:"lambdas"`
	S3             MemoryObjects   `json:"s3"`
	Request        json.RawMessage `json:"request"`
	Compare        struct {
		History string `json:"history"`
	} `json:"compare"`
	Expected oracleExpected `json:"expected"`
}

type oracleExpected struct {
	Status      string          `json:"status"`
	Output      json.RawMessage `json:"output"`
	Text        *string         `json:"output_text"`
	Error       *string         `json:"error"`
	Cause       any             `json:"cause"`
	Events      []oracleEvent   `json:"events"`
	Code        string          `json:"error_code"`
	Message     string          `json:"message"`
	Result      string          `json:"result"`
	Diagnostics json.RawMessage `json:"diagnostics"`
	NextState   json.RawMessage `json:"nextState"`
	Inspection  json.RawMessage `json:"inspectionData"`
}

type oracleLambda struct{ ARN, Name, Behaviour string }

type oracleEvent struct {
	ID      json.RawMessage `json:"id"` // [0]: not recorded
	Prev    int64           `json:"prev"`
	Type    string          `json:"type"`
	Details json.RawMessage `json:"details"`
}

// String is the event's type.
func (e oracleEvent) String() string { return e.Type }

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

// TestOracleASL poses every recorded case to the interpreter and compares what
// comes out with what Step Functions answered.
func TestOracleASL(t *testing.T) {
	dir := os.Getenv("MULGIL_ORACLE")
	if dir == "" {
		dir = "../../../shared/oracle"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "asl", "*.json"))
	if len(files) == 0 {
		t.Skip("no oracle here: set MULGIL_ORACLE to the folder that has asl/")
	}
	query, err := js.New(js.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var misses io.Writer = io.Discard
	if name := os.Getenv("MULGIL_ORACLE_MISSES"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		misses = f
	}
	var sum score
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []oracleCase
		if err := json.Unmarshal(text, &cases); err != nil {
			t.Fatal(file, err)
		}
		var area score
		for i := range cases {
			c := &cases[i]
			v := c.judge(query)
			area.add(v)
			if v.why != "" {
				fmt.Fprintf(misses, "%s (level %d)\n%s\n\n", c.ID, v.level, v.why)
			}
		}
		fmt.Printf("ORACLE asl/%s: passed %d of %d (%s)\n", strings.TrimSuffix(filepath.Base(file), ".json"), area.levels[1], area.cases, area)
		sum.merge(area)
	}
	fmt.Printf("ORACLE asl: passed %d of %d (%s)\n", sum.levels[1], sum.cases, sum)
	if float64(sum.levels[1]) < oracleFloor*float64(sum.cases) || float64(sum.levels[2]) < oracleTexts*float64(sum.cases) {
		t.Errorf("%d of %d passed, %d with their texts; the floors are %.2f and %.2f", sum.levels[1], sum.cases, sum.levels[2], oracleFloor, oracleTexts)
	}
}

// verdict is how far a case agrees with the record: 0 not at all, 1 outcome, 2
// texts, 3 event types, 4 numbers and details of events and requests.
type verdict struct {
	level  int
	events bool // levels 3 and 4 can be told
	why    string
}

type score struct {
	cases, events int
	levels        [5]int
}

func (s *score) add(v verdict) {
	s.cases++
	if v.events {
		s.events++
	}
	for l := 1; l <= v.level; l++ {
		s.levels[l]++
	}
}

func (s *score) merge(o score) {
	s.cases, s.events = s.cases+o.cases, s.events+o.events
	for i := range s.levels {
		s.levels[i] += o.levels[i]
	}
}

func (s score) String() string {
	return fmt.Sprintf("texts %d, of %d histories types %d, details %d", s.levels[2], s.events, s.levels[3], s.levels[4])
}

func (c *oracleCase) judge(query asl.Evaluator) verdict {
	switch c.Kind {
	case "create_error":
		return c.judgeRefusal(query)
	case "validate":
		return c.judgeDiagnostics(query)
	case "test_state":
		return c.judgeTestState(query)
	case "start_error":
		return c.judgeStart()
	}
	return c.judgeExecution(query)
}

func (c *oracleCase) parse(query asl.Evaluator) (*asl.Machine, error) {
	check := func(expr string) error { return query.Check(context.Background(), expr) }
	return asl.ParseAs("case", []byte(c.text()), asl.Options{Express: c.Type == "EXPRESS", CheckQuery: check})
}

func (c *oracleCase) judgeRefusal(query asl.Evaluator) verdict {
	_, err := c.parse(query)
	if err == nil {
		return verdict{why: "accepted, not refused: " + c.Expected.Message}
	}
	if got := asl.InvalidDefinition(err); !alike(c.Expected.Message, got) {
		return verdict{level: 1, why: fmt.Sprintf(" got %s\nwant %s", got, c.Expected.Message)}
	}
	return verdict{level: 2}
}

func (c *oracleCase) judgeStart() verdict {
	in := StartInput{Workflow: "w", Definition: c.text(), Input: c.Input, Express: c.Type == "EXPRESS"}
	if c.InputText != nil {
		in.Input = json.RawMessage(*c.InputText)
	}
	e := &Engine{machines: map[string]*asl.Machine{}, opts: Options{Clock: base.SystemClock{}, Tasks: map[string]TaskFunc{"arn:*": nil}}}
	_, _, err := e.prepare(in)
	why := fmt.Sprintf(" got %s: %v\nwant %s: %s", base.CodeOf(err), err, c.Expected.Code, c.Expected.Message)
	var x *base.Error
	switch {
	case !errors.As(err, &x) || x.Code != c.Expected.Code:
		return verdict{why: why}
	case !alike(c.Expected.Message, asl.InvalidInput(in.Input)):
		return verdict{level: 1, why: why}
	}
	return verdict{level: 2}
}

func (c *oracleCase) judgeDiagnostics(query asl.Evaluator) verdict {
	check := func(expr string) error { return query.Check(context.Background(), expr) }
	result, list := "OK", []any{}
	for _, d := range asl.Validate([]byte(c.text()), asl.Options{Express: c.Type == "EXPRESS", CheckQuery: check}, false) {
		result = "FAIL"
		x := map[string]any{"code": d.Code, "message": d.Message, "severity": d.Severity}
		if d.Location != "" {
			x["location"] = d.Location
		}
		list = append(list, x)
	}
	want, _ := asl.Decode(c.Expected.Diagnostics)
	var codes [2][]any
	for i, l := range [][]any{list, want.([]any)} {
		for _, d := range l {
			codes[i] = append(codes[i], d.(map[string]any)["code"])
		}
	}
	why := fmt.Sprintf(" got %s %s\nwant %s %s", result, asl.Encode(list), c.Expected.Result, c.Expected.Diagnostics)
	switch {
	case result != c.Expected.Result || !alike(codes[1], codes[0]):
		return verdict{why: why}
	case !alike(want, list):
		return verdict{level: 1, why: why}
	}
	return verdict{level: 2}
}

func (c *oracleCase) judgeExecution(query asl.Evaluator) verdict {
	got := c.run(query)
	v := verdict{level: c.level(got), events: c.Expected.Events != nil}
	switch {
	case v.level < 2:
		v.why = fmt.Sprintf(" got %s\nwant %s %s %s %v", got, c.Expected.Status, c.Expected.Output, str(c.Expected.Error), c.Expected.Cause)
		return v
	case !v.events:
		return v
	case !c.sameEvents(got):
		v.why = fmt.Sprintf("events\n got %v\nwant %s", got.events, c.Expected.Events)
		return v
	}
	v.level = 3
	if v.why = strings.Join(append(got.requests, c.sameDetails(got)), "\n"); v.why == "" {
		v.level = 4
	}
	return v
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
	return fmt.Sprintf("%s %s error=%s cause=%s %v", o.Status, o.Output, str(o.Error), str(o.Cause), o.events)
}

func (c *oracleCase) text() string {
	if c.DefinitionText != nil {
		return *c.DefinitionText
	}
	return string(c.Definition)
}

// poser answers the tasks of a case.
type poser struct {
	c        *oracleCase
	used     map[int]bool
	requests []string
}

func (c *oracleCase) setup(query asl.Evaluator) *setup {
	return &setup{region: "us-east-1", account: "111111111111", maxPayload: 256 << 10, maxEvents: 25000, random: rand.Reader, query: query,
		token:    func(string, int64, int) string { return "token" },
		activity: func(string) bool { return len(c.Mocks) > 0 }}
}

// run executes the case on a virtual clock.
func (c *oracleCase) run(query asl.Evaluator) outcome {
	m, err := c.parse(query)
	if err != nil {
		return outcome{Execution: Execution{Status: "REFUSED", Output: json.RawMessage(err.Error())}}
	}
	in := c.Input
	if len(in) == 0 {
		in = json.RawMessage("{}")
	}
	if c.S3 == nil {
		c.S3 = MemoryObjects{}
	}
	p := &poser{c: c, used: map[int]bool{}}
	x, err := Trial{Machine: m, Workflow: "machine-one", Name: "n", Input: in, Clock: base.NewFakeClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)),
		Query: query, Objects: c.S3, Random: rand.Reader, Region: "us-east-1", Account: "111111111111",
		Activity: func(string) bool { return len(c.Mocks) > 0 }, Answer: p.answer}.Run(context.Background())
	out := outcome{Execution: x.Execution, full: x.Events, requests: p.requests}
	if err != nil {
		out.Execution = Execution{Status: "BROKEN", Output: json.RawMessage(err.Error())}
	}
	for _, e := range x.Events {
		out.events = append(out.events, e.Type)
	}
	return out
}

// mock finds the next answer for a state: the one whose request is the actual
// one if there is such.
func (p *poser) mock(t Task) int {
	first := -1
	have, _ := asl.Decode(t.Input)
	for i, m := range p.c.Mocks {
		if m.State != t.State || p.used[i] {
			continue
		}
		want, _ := asl.Decode(m.Request)
		if alike(parsed(want), parsed(have)) {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

func (p *poser) answer(t Task) (Answer, error) {
	i := p.mock(t)
	if i < 0 { // the functions that exist in a case without mocks
		output, raised, err := p.c.callFunction(t.Resource, t.Input)
		return Answer{Never: output == nil && raised == nil, Output: output, Error: raised}, err
	}
	m := p.c.Mocks[i]
	want, _ := asl.Decode(m.Request)
	have, _ := asl.Decode(t.Input)
	if m.Request != nil && !alike(parsed(want), parsed(have)) {
		p.requests = append(p.requests, fmt.Sprintf("%s was asked %s, not %s", m.State, t.Input, m.Request))
	}
	p.used[i] = true
	a := Answer{Never: m.Timeout, Output: m.Return, Submitted: m.Submitted}
	if m.Throw != nil {
		a.Error = &TaskError{Name: m.Throw.Error, Cause: string(m.Throw.Cause)}
		var cause string
		if json.Unmarshal(m.Throw.Cause, &cause) == nil {
			a.Error.Cause = cause
		}
	}
	return a, nil
}

// callFunction behaves as a function of the case, called by its ARN or by lambda:invoke.
func (c *oracleCase) callFunction(resource string, input json.RawMessage) (json.RawMessage, *TaskError, error) {
	payload := input
	invoked := strings.HasSuffix(resource, ":lambda:invoke")
	if invoked {
		var in struct {
			FunctionName string
			Payload      json.RawMessage
		}
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, nil, err
		}
		if resource, payload = in.FunctionName, in.Payload; string(payload) == "null" {
			payload = json.RawMessage("{}")
		}
	}
	for _, l := range c.Lambdas {
		if l.ARN != resource && l.Name != resource && !strings.HasSuffix(resource, ":"+l.Name) {
			continue
		}
		var out any
		switch l.Behaviour {
		case "echo":
			out, _ = asl.Decode(payload)
		case "return_bytes_str":
			out = "HelloWorld!"
		case "large_output_string":
			out = strings.Repeat("a", 300_000)
		case "sleep_60": // longer than any time limit that is recorded
			return nil, nil, nil
		case "raise_exception":
			cause := `{"errorMessage":"Some exception was raised.","errorType":"Exception","requestId":"r","stackTrace":["  File \"/var/task/handler.py\", line 2, in handler\n    raise Exception(\"Some exception was raised.\")\n"]}`
			return nil, &TaskError{Name: "Exception", Cause: cause}, nil
		default:
			return nil, nil, fmt.Errorf("no mock for a function that does %s", l.Behaviour)
		}
		if invoked {
			out = invocation(out)
		}
		return asl.Encode(out), nil, nil
	}
	return nil, nil, fmt.Errorf("no mock for %s", resource)
}

// invocation is lambda:invoke's answer around a payload.
func invocation(payload any) any {
	// the functions are Python, which writes a blank behind , and : of JSON
	length := fmt.Sprint(len(regexp.MustCompile(`([,:])(["\[{0-9tfn])`).ReplaceAll(asl.Encode(payload), []byte("$1 $2"))))
	list := func(s string) []any { return []any{s} }
	headers := map[string]any{"Connection": "keep-alive", "Content-Length": length, "Content-Type": "application/json", "Date": "d",
		"X-Amz-Executed-Version": "$LATEST", "x-amzn-Remapped-Content-Length": "0", "x-amzn-RequestId": "r", "X-Amzn-Trace-Id": "X-Amzn-Trace-Id"}
	all := map[string]any{"Connection": list("keep-alive"), "Content-Length": list(length), "Content-Type": list("application/json"), "Date": "d",
		"X-Amz-Executed-Version": list("$LATEST"), "x-amzn-Remapped-Content-Length": list("0"), "x-amzn-RequestId": "r", "X-Amzn-Trace-Id": "X-Amzn-Trace-Id"}
	return map[string]any{"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": json.Number("200"), "SdkResponseMetadata": map[string]any{"RequestId": "RequestId"},
		"SdkHttpMetadata": map[string]any{"AllHttpHeaders": all, "HttpHeaders": headers, "HttpStatusCode": json.Number("200")}}
}
