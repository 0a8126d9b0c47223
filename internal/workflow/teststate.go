package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// TestInput asks for one state to be run by itself, as AWS's TestState does.
type TestInput struct {
	// Definition is a single state, or a machine in which State names one.
	Definition string
	State      string
	// Input is JSON; empty means {}.
	Input json.RawMessage
	// Level is INFO, DEBUG or TRACE; empty means INFO.
	Level string
	// Context is the context object, Variables those in scope, both JSON objects;
	// empty means made up, and none.
	Context, Variables json.RawMessage
	// RoleARN stands in a context object that is made up.
	RoleARN string
	// Mock answers instead of the task, branches or items; nil: the task is run.
	Mock          *TestMock
	Configuration TestConfiguration
	RevealSecrets bool
}

// TestMock is a result or an error.
type TestMock struct {
	Result *string // JSON
	Error  *TaskError
	// Validation is how closely the result of an AWS API is held to its shape:
	// STRICT (also if empty), PRESENT or NONE.
	Validation string
}

// TestConfiguration is what happened before, or inside the state.
type TestConfiguration struct {
	// RetryCount is how often the state was retried already.
	RetryCount int
	// ErrorCausedBy names the state inside a Map or Parallel that raised the mocked error.
	ErrorCausedBy string
	// FailedIterations is how many items of a Map failed; nil: not said.
	FailedIterations *int64
	// ReaderData is what the ItemReader reads, JSON.
	ReaderData *string
}

// TestResult is how the state came out.
type TestResult struct {
	// Status is SUCCEEDED, FAILED, RETRIABLE or CAUGHT_ERROR.
	Status string `json:"status"`
	// Output is JSON text.
	Output    *string `json:"output,omitempty"`
	Error     *string `json:"error,omitempty"`
	Cause     *string `json:"cause,omitempty"`
	NextState string  `json:"nextState,omitempty"`
	// Inspection has the data as it passed through the state, for DEBUG and
	// TRACE: numbers, objects, and JSON text of values.
	Inspection map[string]any `json:"inspectionData,omitempty"`
}

func refuse(code, format string, args ...any) error {
	return base.Errorf(base.Usage, format, args...).WithCode(code)
}

const validation = "ValidationException"

// TestState runs one state and returns what it hands on. It records nothing. A
// request that cannot be served is an error with AWS's code,
// ValidationException or InvalidDefinition.
func (e *Engine) TestState(ctx context.Context, in TestInput) (*TestResult, error) {
	call := func(t Task) (json.RawMessage, error) {
		fn := e.taskFunc(t.Resource)
		if fn == nil {
			return nil, fmt.Errorf("no task serves the resource %s", t.Resource)
		}
		return fn(ctx, t)
	}
	return testState(&e.setup, in, e.opts.Clock.Now(), call)
}

// stateTest is one test at work.
type stateTest struct {
	in     TestInput
	r      *run
	f      *flow
	single bool
	call   func(Task) (json.RawMessage, error)
	seen   map[string]any // inspection data
	now    time.Time
}

func testState(s *setup, in TestInput, now time.Time, call func(Task) (json.RawMessage, error)) (*TestResult, error) {
	t := &stateTest{in: in, call: call, seen: map[string]any{}, now: now}
	if err := t.prepare(s); err != nil {
		return nil, err
	}
	if err := t.checkMock(); err != nil {
		return nil, err
	}
	if err := t.checkContext(); err != nil {
		return nil, err
	}
	out, err := t.run()
	if err != nil {
		return nil, err
	}
	if in.Level == "DEBUG" || in.Level == "TRACE" {
		out.Inspection = t.seen
	}
	return out, nil
}

func (t *stateTest) prepare(s *setup) error {
	check := func(expr string) error {
		if s.query == nil {
			return errors.New("there is no JSONata evaluator here")
		}
		return s.query.Check(context.Background(), expr)
	}
	m, single, err := asl.ParseState("definition", []byte(t.in.Definition), asl.Options{CheckQuery: check})
	if err != nil {
		x := base.Errorf(base.Invalid, "%s", asl.InvalidDefinition(err)).WithCode("InvalidDefinition")
		x.Err = err
		return x
	}
	name := t.in.State
	if single {
		name = asl.SingleState
	}
	var state *asl.State
	for _, x := range m.AllStates() {
		if x.Name == name {
			state = x
		}
	}
	if state == nil {
		return refuse(validation, "State not found in definition")
	}
	if len(t.in.Input) == 0 {
		t.in.Input = json.RawMessage("{}")
	}
	input, err := asl.Decode(t.in.Input)
	if err != nil {
		return refuse("InvalidExecutionInput", "Invalid State Machine Execution Input: the input is not JSON: %w", err)
	}
	vars := map[string]any{}
	if len(t.in.Variables) > 0 {
		v, err := asl.Decode(t.in.Variables)
		m, ok := v.(map[string]any)
		if err != nil || !ok {
			return refuse(validation, "Invalid variables provided: a JSON object is expected")
		}
		vars = m
	}
	m2 := *m
	m2.Express = true
	t.single = single
	t.r = &run{machine: &m2, exec: Execution{Workflow: uuid.NewString(), Name: uuid.NewString(), Status: Running, Started: t.now}, input: input, setup: s}
	t.f = &flow{state: state, input: input, vars: vars, phase: entered, enteredAt: t.now, retryCount: t.in.Configuration.RetryCount}
	return nil
}

// context is the one that was given, or one made up.
func (t *stateTest) context() map[string]any {
	if len(t.in.Context) > 0 {
		v, _ := asl.Decode(t.in.Context) // checked before
		m, _ := v.(map[string]any)
		return m
	}
	out := t.r.taskContext(t.f, 1, t.f.retryCount)
	execution := out["Execution"].(map[string]any)
	execution["Id"] = t.r.setup.arn("express:" + t.r.exec.Workflow + ":" + t.r.exec.Name)
	execution["RoleArn"] = nil
	if t.in.RoleARN != "" {
		execution["RoleArn"] = t.in.RoleARN
	}
	out["State"].(map[string]any)["Name"] = asl.SingleState
	return out
}

// show keeps a value for the inspection: objects as JSON text, too.
func (t *stateTest) show(name string, v any) { t.seen[name] = spaced(v) }

// spaced is JSON text with a blank behind , and :, as TestState writes it.
func spaced(v any) string {
	text := asl.Encode(v)
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		b.WriteByte(c)
		switch {
		case quoted && c == '\\':
			i++
			b.WriteByte(text[i])
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == ':'):
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (t *stateTest) env(input any) asl.Env {
	env := t.r.env(t.f, input)
	env.Context = t.context()
	return env
}

// run takes the state through its data flow.
func (t *stateTest) run() (*TestResult, error) {
	s := t.f.state
	t.show("input", t.f.input)
	if len(t.f.vars) > 0 {
		t.show("variables", t.f.vars)
	}
	env := t.env(t.f.input)
	in, err := s.EffectiveInput(env)
	if err != nil {
		return t.failed(err)
	}
	env.Input = in
	if !s.JSONata && s.Type != "Parallel" && !(s.Type == "Pass" && s.Result != nil) {
		t.show("afterInputPath", in)
	}
	switch s.Type {
	case "Task":
		return t.task(env)
	case "Parallel":
		if _, err := s.Argument(env); err != nil {
			return t.failed(err)
		}
		return t.mocked()
	case "Map":
		return t.mapState(env)
	case "Pass":
		return t.pass(env)
	case "Choice":
		way, err := s.Choose(env)
		if err != nil {
			return t.failed(err)
		}
		return t.leave(done{value: in, way: way, next: way.Next})
	case "Wait":
		if _, err := t.r.waitUntil(t.f, t.now); err != nil {
			return t.failed(err)
		}
	case "Fail":
		_, fail := t.r.failState(t.f, env, t.now)
		if fail == nil {
			return t.failed(t.evaluationFault(env))
		}
		return &TestResult{Status: "FAILED", Error: fail.name, Cause: fail.cause}, nil
	}
	return t.leave(done{value: in, next: s.Next})
}

// evaluationFault is the error of a Fail state whose Error or Cause cannot be computed.
func (t *stateTest) evaluationFault(env asl.Env) error {
	for _, v := range []*asl.Value{t.f.state.Error, t.f.state.Cause} {
		if v != nil {
			if _, err := v.Text(env); err != nil {
				return err
			}
		}
	}
	return errors.New("the state's error cannot be computed")
}

func (t *stateTest) pass(env asl.Env) (*TestResult, error) {
	s := t.f.state
	if s.Result != nil {
		t.show("result", *s.Result)
		return t.result(*s.Result, false)
	}
	v, err := s.Argument(env)
	if err != nil {
		return t.failed(err)
	}
	if !s.JSONata {
		t.show("afterParameters", v)
	}
	return t.result(v, false)
}

func (t *stateTest) task(env asl.Env) (*TestResult, error) {
	s := t.f.state
	arg, err := s.Argument(env)
	if err != nil {
		return t.failed(err)
	}
	if s.JSONata {
		if s.HasArgument() {
			t.show("afterArguments", arg)
		}
	} else {
		t.show("afterParameters", arg)
	}
	for _, x := range []*asl.Value{s.Timeout, s.Heartbeat} {
		if x != nil {
			if _, err := x.Seconds(env, 1); err != nil {
				return t.failed(err)
			}
		}
	}
	if t.in.Mock != nil {
		return t.mocked()
	}
	task := Task{Execution: t.r.exec.Name, Workflow: t.r.exec.Workflow, State: s.Name, Attempt: t.f.retryCount, ID: t.r.exec.Name + "/1/0",
		Resource: s.Resource, Input: asl.Encode(arg), Submit: func(json.RawMessage) error { return nil }, Beat: func() {}}
	out, err := t.call(task)
	if err != nil {
		var te *TaskError
		if !errors.As(err, &te) {
			te = &TaskError{Name: "States.TaskFailed", Cause: err.Error()}
		}
		return t.raised(te, true)
	}
	v, err := asl.Decode(out)
	if err != nil {
		return t.raised(&TaskError{Name: "States.TaskFailed", Cause: "the task's output is not JSON: " + err.Error()}, true)
	}
	t.show("result", v)
	return t.result(v, true)
}

// mocked goes on with what the mock says.
func (t *stateTest) mocked() (*TestResult, error) {
	if t.in.Mock.Error != nil {
		return t.raised(t.in.Mock.Error, t.f.state.Type == "Task")
	}
	var v any
	if t.in.Mock.Result != nil {
		v, _ = asl.Decode([]byte(*t.in.Mock.Result)) // checked before
	}
	if t.f.state.Type == "Task" {
		t.show("result", v)
	}
	return t.result(v, true)
}

func (t *stateTest) mapState(env asl.Env) (*TestResult, error) {
	m := t.f.state.Map
	items, err := t.items(env)
	if err != nil {
		return t.failed(err)
	}
	limit := int64(0)
	if m.Concurrency != nil {
		if limit, err = m.Concurrency.Count(env); err != nil {
			return t.failed(err)
		}
	}
	t.seen["maxConcurrency"] = json.Number(fmt.Sprint(limit))
	plan := &mapPlan{}
	if err := t.r.tolerance(m, plan, env); err != nil {
		return t.failed(err)
	}
	if m.ToleratedCount != nil {
		t.seen["toleratedFailureCount"] = json.Number(fmt.Sprint(plan.ToleratedCount))
	}
	if m.ToleratedPercentage != nil {
		t.seen["toleratedFailurePercentage"] = json.Number(fmt.Sprint(plan.ToleratedPercentage))
	}
	if failed := t.in.Configuration.FailedIterations; failed != nil {
		if items != nil && *failed > int64(len(items)) {
			return nil, refuse(validation, "Map iteration failure count must be less than or equal to the number of Map iterations")
		}
		if t.in.Mock.Error == nil && (m.ToleratedCount != nil || m.ToleratedPercentage != nil) && plan.exceeded(m, *failed, int64(len(items))) {
			x := thresholdFault()
			return t.raised(&TaskError{Name: x.Name, Cause: x.Cause}, false)
		}
	}
	return t.mocked()
}

// items are what the Map works through; nil if only its reader knows.
func (t *stateTest) items(env asl.Env) ([]any, error) {
	m := t.f.state.Map
	if m.Reader != nil {
		if t.in.Configuration.ReaderData == nil {
			return nil, nil
		}
		var list []any
		give := func(x any) error { list = append(list, x); return nil }
		text := strings.NewReader(*t.in.Configuration.ReaderData)
		if err := readItems(text, m.Reader, give); err != nil {
			return nil, err
		}
		if m.Reader.ItemsPointer != "" {
			t.show("afterItemsPointer", list)
		}
		return list, nil
	}
	items, err := t.f.state.Items(env)
	if err != nil {
		return nil, err
	}
	if !t.f.state.JSONata {
		t.show("afterItemsPath", items)
	}
	if m.HasSelector() {
		inputs := make([]any, len(items))
		for i, x := range items {
			e := env
			e.Context = asl.ItemContext(t.context(), i, x, "")
			if inputs[i], err = m.ItemInput(e, x); err != nil {
				return nil, err
			}
		}
		t.show("afterItemSelector", inputs)
	}
	return items, nil
}

// result places a result and leaves the state.
func (t *stateTest) result(v any, has bool) (*TestResult, error) {
	s := t.f.state
	if s.JSONata {
		return t.leave(done{value: v, result: has, place: true, next: s.Next})
	}
	selected, err := s.SelectResult(t.env(v))
	if err != nil {
		return t.failed(err)
	}
	t.show("afterResultSelector", selected)
	placed, err := s.PlaceResult(t.f.input, selected)
	if err != nil {
		return t.failed(err)
	}
	t.show("afterResultPath", placed)
	return t.leave(done{value: selected, result: has, place: true, next: s.Next})
}

func (t *stateTest) leave(d done) (*TestResult, error) {
	out, vars, err := t.r.outcomeIn(t.f, d, t.context())
	if err != nil {
		return t.failed(err)
	}
	t.assigned(vars)
	text := spaced(out)
	return &TestResult{Status: "SUCCEEDED", Output: &text, NextState: d.next}, nil
}

func (t *stateTest) assigned(vars map[string]any) {
	if len(vars) == 0 {
		return
	}
	all := map[string]any{}
	for _, m := range []map[string]any{t.f.vars, vars} {
		for k, v := range m {
			all[k] = v
		}
	}
	t.show("variables", all)
}

// failed ends with a fault of the state itself.
func (t *stateTest) failed(err error) (*TestResult, error) {
	var f *asl.Fault
	if !errors.As(err, &f) {
		f = &asl.Fault{Name: "States.Runtime", Cause: err.Error()}
	}
	return t.raised(&TaskError{Name: f.Name, Cause: f.Cause}, false)
}

// raised gives an error to Retry, then to Catch.
func (t *stateTest) raised(x *TaskError, fromTask bool) (*TestResult, error) {
	s := t.f.state
	out := &TestResult{Status: "FAILED"}
	fail := &failure{fromTask: fromTask}
	if x.Name != "" {
		out.Error, fail.name = &x.Name, &x.Name
	}
	if x.Cause != "" {
		out.Cause, fail.cause = &x.Cause, &x.Cause
	}
	details := map[string]any{}
	for i, retrier := range s.Retry {
		if !asl.Matches(retrier.ErrorEquals, x.Name, fromTask, false) {
			continue
		}
		details["retryIndex"] = json.Number(fmt.Sprint(i))
		if n := t.in.Configuration.RetryCount; n < retrier.MaxAttempts {
			details["retryBackoffIntervalSeconds"] = json.Number(fmt.Sprint(int64(t.r.backoff(retrier, n) / time.Second)))
			out.Status = "RETRIABLE"
		}
		break
	}
	if out.Status == "FAILED" {
		t.caught(out, fail, details)
	}
	if len(details) > 0 {
		t.seen["errorDetails"] = details
	}
	return out, nil
}

func (t *stateTest) caught(out *TestResult, fail *failure, details map[string]any) {
	for i := range t.f.state.Catch {
		c := &t.f.state.Catch[i]
		if !asl.Matches(c.ErrorEquals, nameOf(fail), fail.fromTask, false) {
			continue
		}
		env := t.env(t.f.input)
		env.ErrorOutput = errorObject(fail)
		v, vars, err := c.Caught(env, t.f.state.JSONata)
		if err != nil {
			var f *asl.Fault
			if errors.As(err, &f) {
				out.Error, out.Cause = &f.Name, &f.Cause
			}
			return
		}
		t.assigned(vars)
		details["catchIndex"] = json.Number(fmt.Sprint(i))
		text := spaced(v)
		out.Status, out.Output, out.NextState = "CAUGHT_ERROR", &text, c.Next
		return
	}
}
