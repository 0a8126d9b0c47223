package task

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

// Executions starts and follows executions of the project's workflows.
type Executions interface {
	// Start starts an execution of the workflow that an ARN or a name refers
	// to. Starting one again under its name and input gives the same one. The
	// error is base.NotFound for an unknown workflow, base.Exists for a name
	// that was used with another input.
	Start(ctx context.Context, workflow, name string, input json.RawMessage) (workflow.Execution, error)
	// Wait returns an execution once it is over.
	Wait(ctx context.Context, id string) (workflow.Execution, error)
	Get(ctx context.Context, id string) (workflow.Execution, error)
	Stop(ctx context.Context, id, errorName, cause string) error
	// ARNs of an execution and of its workflow, and back.
	ExecutionARN(id string) string
	MachineARN(workflow string) string
	ExecutionID(arn string) string
	// The three ends of a task token.
	Succeed(ctx context.Context, token string, output json.RawMessage) error
	Fail(ctx context.Context, token, errorName, cause string) error
	Heartbeat(ctx context.Context, token string) error
}

// Nested serves executions of other workflows, and Step Functions' own API.
func Nested(x Executions, clock base.Clock) Table {
	n := nested{x: x, clock: clock}
	out := Table{
		optimised + "states:startExecution.sync":   n.sync(false),
		optimised + "states:startExecution.sync:2": n.sync(true),
		sdk + "sfn:startExecution":                 n.start,
		sdk + "sfn:describeExecution":              n.describe,
		sdk + "sfn:stopExecution":                  n.stop,
		sdk + "sfn:sendTaskSuccess":                n.sendSuccess,
		sdk + "sfn:sendTaskFailure":                n.sendFailure,
		sdk + "sfn:sendTaskHeartbeat":              n.sendHeartbeat,
	}
	both(out, optimised+"states:startExecution", n.startPlain)
	return out
}

type nested struct {
	x     Executions
	clock base.Clock
}

type startRequest struct {
	StateMachineArn string
	Name            string
	Input           json.RawMessage
}

// begin starts the child. Its name is the attempt's identity unless the state
// gives one, so that a resumed attempt meets the child it started.
func (n nested) begin(ctx context.Context, t workflow.Task, plain bool) (workflow.Execution, error) {
	var in startRequest
	if err := params(t, "states:startExecution", &in); err != nil {
		return workflow.Execution{}, err
	}
	if in.StateMachineArn == "" {
		return workflow.Execution{}, missing("StateMachineArn")
	}
	if in.Name == "" {
		in.Name = requestID(t)
	}
	input := in.Input
	var text string
	switch {
	case len(input) == 0 || string(input) == "null":
		input = json.RawMessage("{}")
	case json.Unmarshal(input, &text) == nil:
		input = json.RawMessage(text)
	}
	x, err := n.x.Start(ctx, in.StateMachineArn, in.Name, input)
	fail := func(code, message string) error {
		return stepFunctions.fail(plain, code, http.StatusBadRequest, message, t)
	}
	switch base.KindOf(err) {
	case base.NotFound:
		return x, fail("StateMachineDoesNotExistException", fmt.Sprintf("State Machine Does Not Exist: '%s'", in.StateMachineArn))
	case base.Exists:
		return x, fail("ExecutionAlreadyExistsException", fmt.Sprintf("Execution Already Exists: '%s'", in.Name))
	case base.Invalid, base.Usage:
		if err != nil {
			return x, fail("InvalidExecutionInputException", err.Error())
		}
	}
	return x, err
}

func (n nested) startPlain(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	x, err := n.begin(ctx, t, true)
	if err != nil {
		return nil, err
	}
	return n.started(t, x)
}

// started is the optimised integration's answer to a start.
func (n nested) started(t workflow.Task, x workflow.Execution) (json.RawMessage, error) {
	return reply(t, n.clock.Now(), true, "application/x-amz-json-1.0", map[string]any{"ExecutionArn": n.x.ExecutionARN(x.ID), "StartDate": x.Started.UnixMilli()})
}

func (n nested) start(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	x, err := n.begin(ctx, t, false)
	if err != nil {
		return nil, err
	}
	return answer(map[string]any{"ExecutionArn": n.x.ExecutionARN(x.ID), "StartDate": sdkTime(x.Started)})
}

// sync waits for the child. Its input and output are texts, JSON in the second
// version. A child that did not succeed is States.TaskFailed with its
// description as cause.
func (n nested) sync(parsed bool) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		x, err := n.begin(ctx, t, true)
		if err != nil {
			return nil, err
		}
		if t.Submitted == nil && t.Submit != nil {
			raw, err := n.started(t, x)
			if err != nil {
				return nil, err
			}
			if err := t.Submit(raw); err != nil {
				return nil, err
			}
		}
		end, err := n.x.Wait(ctx, x.ID)
		if ctx.Err() != nil {
			// AWS stops the child with its parent, but a program that only
			// ends leaves it: the resumed attempt waits on.
			if workflow.Stopped(ctx) {
				_ = n.x.Stop(context.WithoutCancel(ctx), x.ID, "", "the parent execution was stopped")
			}
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		out, err := answer(n.description(end, parsed))
		if err != nil {
			return nil, err
		}
		if end.Status != workflow.Succeeded {
			return nil, &workflow.TaskError{Name: "States.TaskFailed", Cause: string(out)}
		}
		return out, nil
	}
}

// description is an execution as a .sync task hands it on.
func (n nested) description(x workflow.Execution, parsed bool) map[string]any {
	form := func(v json.RawMessage) any {
		if parsed {
			return v
		}
		return string(v)
	}
	out := map[string]any{
		"ExecutionArn": n.x.ExecutionARN(x.ID), "StateMachineArn": n.x.MachineARN(x.Workflow), "Name": x.Name, "Status": string(x.Status),
		"StartDate": x.Started.UnixMilli(), "Input": form(x.Input), "InputDetails": map[string]any{"Included": true},
	}
	if !x.Stopped.IsZero() {
		out["StopDate"] = x.Stopped.UnixMilli()
	}
	if x.Output != nil {
		out["Output"], out["OutputDetails"] = form(x.Output), map[string]any{"Included": true}
	}
	if x.Error != nil {
		out["Error"] = *x.Error
	}
	if x.Cause != nil {
		out["Cause"] = *x.Cause
	}
	return out
}

// execution reads the ARN of one.
func (n nested) execution(t workflow.Task, name string) (string, map[string]string, error) {
	var in map[string]any
	if err := params(t, name, &in); err != nil {
		return "", nil, err
	}
	texts := map[string]string{}
	for k, v := range in {
		if s, ok := v.(string); ok {
			texts[k] = s
		}
	}
	if texts["ExecutionArn"] == "" {
		return "", nil, missing("ExecutionArn")
	}
	return n.x.ExecutionID(texts["ExecutionArn"]), texts, nil
}

func (n nested) describe(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	id, _, err := n.execution(t, "sfn:describeExecution")
	if err != nil {
		return nil, err
	}
	x, err := n.x.Get(ctx, id)
	if err != nil {
		return nil, n.noExecution(err, id, t)
	}
	d := n.description(x, false)
	d["StartDate"] = sdkTime(x.Started)
	if !x.Stopped.IsZero() {
		d["StopDate"] = sdkTime(x.Stopped)
	}
	return answer(d)
}

// sdkTime is a time as SDK integrations write it; optimised ones have
// milliseconds since 1970.
func sdkTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (n nested) stop(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	id, texts, err := n.execution(t, "sfn:stopExecution")
	if err != nil {
		return nil, err
	}
	if err := n.x.Stop(ctx, id, texts["Error"], texts["Cause"]); err != nil {
		return nil, n.noExecution(err, id, t)
	}
	x, err := n.x.Get(ctx, id)
	if err != nil {
		return nil, n.noExecution(err, id, t)
	}
	return answer(map[string]any{"StopDate": sdkTime(x.Stopped)})
}

func (n nested) noExecution(err error, id string, t workflow.Task) error {
	if base.KindOf(err) != base.NotFound {
		return err
	}
	return stepFunctions.fail(false, "ExecutionDoesNotExistException", http.StatusBadRequest, fmt.Sprintf("Execution Does Not Exist: '%s'", n.x.ExecutionARN(id)), t)
}

func (n nested) sendSuccess(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	var in struct {
		TaskToken string
		Output    json.RawMessage
	}
	if err := params(t, "sfn:sendTaskSuccess", &in); err != nil {
		return nil, err
	}
	out := in.Output
	var text string
	if json.Unmarshal(out, &text) == nil {
		out = json.RawMessage(text)
	}
	return n.told(n.x.Succeed(ctx, in.TaskToken, out), t)
}

func (n nested) sendFailure(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	var in struct{ TaskToken, Error, Cause string }
	if err := params(t, "sfn:sendTaskFailure", &in); err != nil {
		return nil, err
	}
	return n.told(n.x.Fail(ctx, in.TaskToken, in.Error, in.Cause), t)
}

func (n nested) sendHeartbeat(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	var in struct{ TaskToken string }
	if err := params(t, "sfn:sendTaskHeartbeat", &in); err != nil {
		return nil, err
	}
	return n.told(n.x.Heartbeat(ctx, in.TaskToken), t)
}

// told is the answer to what was said of a token.
func (n nested) told(err error, t workflow.Task) (json.RawMessage, error) {
	code := base.CodeOf(err)
	switch {
	case err == nil:
		return json.RawMessage("{}"), nil
	case code == "":
		return nil, err
	}
	if !strings.HasSuffix(code, "Exception") {
		code += "Exception"
	}
	return nil, stepFunctions.fail(false, code, http.StatusBadRequest, err.Error(), t)
}
