package task

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

// FunctionARN begins the resource of a state that names a function directly.
const FunctionARN = "arn:aws:lambda:"

// FunctionName is the name in an ARN of a function, with or without a version
// or alias; a bare name is itself.
func FunctionName(ref string) string {
	parts := strings.Split(ref, ":")
	for i, p := range parts {
		if p == "function" && i+1 < len(parts) {
			return parts[i+1]
		}
	}
	return parts[0]
}

// lambdaRequest is Invoke's.
type lambdaRequest struct {
	FunctionName   string
	Payload        json.RawMessage
	InvocationType string
}

// Lambda serves functions: named directly, by lambda:invoke, and by the SDK.
// find gives the function of a name; behind runs what nobody waits for, under a
// ctx that ends with the project.
func Lambda(find func(name string) (Function, bool), behind func(func(ctx context.Context)), clock base.Clock) Table {
	l := lambda{find: find, behind: behind, clock: clock}
	out := Table{FunctionARN + "*": l.direct}
	both(out, optimised+"lambda:invoke", l.invoke)
	both(out, sdk+"lambda:invoke", l.sdkInvoke)
	return out
}

type lambda struct {
	find   func(string) (Function, bool)
	behind func(func(ctx context.Context))
	clock  base.Clock
}

// direct gives the function the state's whole input; its result is the output.
func (l lambda) direct(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	f, ok := l.find(FunctionName(t.Resource))
	if !ok {
		return nil, functions.fail(true, "ResourceNotFoundException", http.StatusNotFound, "Function not found: "+t.Resource, t)
	}
	return f.attempt(ctx, t, t.Input)
}

// request reads the parameters and finds the function.
func (l lambda) request(t workflow.Task) (lambdaRequest, Function, bool, error) {
	var in lambdaRequest
	if err := params(t, "lambda:invoke", &in); err != nil {
		return in, Function{}, false, err
	}
	if in.FunctionName == "" {
		return in, Function{}, false, missing("FunctionName")
	}
	f, ok := l.find(FunctionName(in.FunctionName))
	return in, f, ok, nil
}

func (l lambda) invoke(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	in, f, ok, err := l.request(t)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, functions.fail(true, "ResourceNotFoundException", http.StatusNotFound, "Function not found: "+functionARN(in.FunctionName)+":$LATEST", t)
	}
	payload, status, err := l.run(ctx, t, f, in)
	if err != nil {
		return nil, err
	}
	h := map[string]string{
		"Connection": "keep-alive", "Content-Length": strconv.Itoa(len(payload)), "Content-Type": "application/json", "Date": l.clock.Now().UTC().Format(http.TimeFormat),
		"X-Amz-Executed-Version": "$LATEST", "x-amzn-Remapped-Content-Length": "0", "x-amzn-RequestId": requestID(t), "X-Amzn-Trace-Id": "root=1-" + requestID(t) + ";sampled=0",
	}
	return answer(withHeaders(h, requestID(t), map[string]any{"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": status}))
}

// sdkInvoke is the call as it is: the payload is text both ways.
func (l lambda) sdkInvoke(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	in, f, ok, err := l.request(t)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, functions.fail(false, "ResourceNotFoundException", http.StatusNotFound, "Function not found: "+functionARN(in.FunctionName), t)
	}
	var text string
	if json.Unmarshal(in.Payload, &text) == nil {
		in.Payload = json.RawMessage(text)
	}
	payload, status, err := l.run(ctx, t, f, in)
	if err != nil {
		return nil, err
	}
	return answer(map[string]any{"ExecutedVersion": "$LATEST", "Payload": string(payload), "StatusCode": status})
}

// run calls the function. InvocationType Event does not wait for it: the
// answer is 202 without a result, and nobody hears of its errors.
func (l lambda) run(ctx context.Context, t workflow.Task, f Function, in lambdaRequest) (json.RawMessage, int, error) {
	if len(in.Payload) == 0 {
		in.Payload = json.RawMessage("{}")
	}
	switch in.InvocationType {
	case "", "RequestResponse":
		out, err := f.attempt(ctx, t, in.Payload)
		return out, http.StatusOK, err
	case "DryRun":
		return json.RawMessage("null"), http.StatusNoContent, nil
	case "Event":
		if !t.Resumed || f.Idempotent {
			l.behind(func(ctx context.Context) {
				_, _ = f.call(ctx, in.Payload, requestID(t)) // as AWS: nobody hears of it
			})
		}
		return json.RawMessage("{}"), http.StatusAccepted, nil
	}
	return nil, 0, functions.fail(true, "InvalidParameterValueException", http.StatusBadRequest,
		fmt.Sprintf("InvocationType %q is none of RequestResponse, Event, DryRun", in.InvocationType), t)
}

func functionARN(name string) string {
	if strings.HasPrefix(name, FunctionARN) {
		return name
	}
	return FunctionARN + "local:000000000000:function:" + name
}
