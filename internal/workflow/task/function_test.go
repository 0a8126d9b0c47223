package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

func shell(script string) Function {
	return Function{Name: "f", Command: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=" + os.Getenv("PATH")}, Timeout: 10 * time.Second}
}

func attempt(input string) workflow.Task {
	return workflow.Task{ID: "w:x/3/0", Execution: "w:x", Workflow: "w", State: "S", Input: json.RawMessage(input)}
}

// lambdaCall runs one task against the function f.
func lambdaCall(t *testing.T, resource string, f Function, task workflow.Task) (string, error) {
	t.Helper()
	table := Lambda(func(name string) (Function, bool) { return f, name == "f" }, func(f func(context.Context)) { f(t.Context()) }, base.SystemClock{})
	fn := table[resource]
	if strings.HasPrefix(resource, FunctionARN) {
		fn = table[FunctionARN+"*"]
	}
	task.Resource = resource
	out, err := fn(t.Context(), task)
	return string(out), err
}

const direct = "arn:aws:lambda:us-east-1:111111111111:function:f"

func TestProgramIsAFunction(t *testing.T) {
	for name, c := range map[string]struct{ script, input, want string }{
		"echo":            {"cat", `{"이름":"물길"}`, `{"이름":"물길"}`},
		"nothing":         {"true", `{}`, "null"},
		"a number":        {"echo 12.50", `{}`, "12.50"},
		"stderr is a log": {"echo hello >&2; echo '[1]'", `{}`, "[1]"},
		"the token":       {`printf '"%s"' "$MULGIL_CLIENT_TOKEN"`, `{}`, `"` + requestID(attempt("")) + `"`},
	} {
		got, err := lambdaCall(t, direct, shell(c.script), attempt(c.input))
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, c.want)
		}
	}
}

func TestFunctionThatFails(t *testing.T) {
	slow := shell("sleep 60 & sleep 60")
	slow.Timeout = 100 * time.Millisecond
	for name, c := range map[string]struct {
		f           Function
		kind, cause string
	}{
		"throws":           {shell(`echo '{"errorType": "NoStock", "errorMessage": "없음"}'; exit 1`), "NoStock", `"errorMessage": "없음"`},
		"dies":             {shell("echo bad thing >&2; exit 3"), "Runtime.ExitError", "exit status 3\\nbad thing"},
		"is killed":        {shell("kill -9 $$"), "Runtime.ExitError", "signal: killed"},
		"prints rubbish":   {shell("echo hello"), "Runtime.MarshalError", "hello"},
		"hangs":            {slow, "Sandbox.Timedout", "Task timed out after 0.10 seconds"},
		"is not there":     {Function{Command: []string{"/no/such"}, Timeout: time.Second}, "Runtime.InvalidEntrypoint", "no such file"},
		"prints very much": {shell("yes | head -c 8000000"), "Function.ResponseSizeTooLarge", "6291456"},
	} {
		start := time.Now()
		_, err := lambdaCall(t, direct, c.f, attempt("{}"))
		var e *workflow.TaskError
		if !errors.As(err, &e) || e.Name != c.kind || !strings.Contains(e.Cause, c.cause) || !json.Valid([]byte(e.Cause)) {
			t.Errorf("%s: %v", name, err)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

func TestStoppedFunctionDiesWithAllItStarted(t *testing.T) {
	dir := t.TempDir()
	f := shell(fmt.Sprintf("(sleep 2; echo x >%s/late) & echo $$ >%s/started; wait", dir, dir))
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(dir, "started")); err == nil {
				stop()
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	if _, err := f.call(ctx, json.RawMessage("{}"), "c"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond)
	if _, err := os.Stat(filepath.Join(dir, "late")); err == nil {
		t.Error("what the function started went on")
	}
}

func TestUnknownOutcomeIsNotRepeated(t *testing.T) {
	dir := t.TempDir()
	f := shell("echo x >>" + dir + "/calls; echo 1")
	resumed := attempt("{}")
	resumed.Resumed = true
	_, err := lambdaCall(t, direct, f, resumed)
	var e *workflow.TaskError
	if !errors.As(err, &e) || e.Name != "States.TaskFailed" || e.Cause != OutcomeUnknown {
		t.Errorf("resumed: %v", err)
	}
	if _, err := os.Stat(dir + "/calls"); err == nil {
		t.Error("it was called again")
	}
	f.Idempotent = true
	if got, err := lambdaCall(t, direct, f, resumed); got != "1" || err != nil {
		t.Errorf("idempotent: %s, %v", got, err)
	}
}

func TestLambdaInvokeWrapsThePayload(t *testing.T) {
	got, err := lambdaCall(t, optimised+"lambda:invoke", shell("cat"), attempt(`{"FunctionName": "`+direct+`:$LATEST", "Payload": {"a": 1}}`))
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		ExecutedVersion string
		Payload         json.RawMessage
		StatusCode      int
		SdkHttpMetadata struct {
			AllHttpHeaders map[string][]string
			HttpHeaders    map[string]string
			HttpStatusCode int
		}
		SdkResponseMetadata struct{ RequestId string }
	}
	if err := json.Unmarshal([]byte(got), &out); err != nil {
		t.Fatal(err)
	}
	if string(out.Payload) != `{"a":1}` || out.StatusCode != 200 || out.ExecutedVersion != "$LATEST" || out.SdkHttpMetadata.HttpHeaders["Content-Length"] != "8" ||
		out.SdkHttpMetadata.AllHttpHeaders["Content-Type"][0] != "application/json" || out.SdkHttpMetadata.HttpStatusCode != 200 || out.SdkResponseMetadata.RequestId == "" {
		t.Errorf("%s", got)
	}
	got, err = lambdaCall(t, sdk+"lambda:invoke", shell("cat"), attempt(`{"FunctionName": "f", "Payload": "{\"a\": 1}"}`))
	if err != nil || !strings.Contains(got, `"Payload":"{\"a\": 1}"`) || strings.Contains(got, "SdkHttpMetadata") {
		t.Errorf("sdk: %s, %v", got, err)
	}
	for resource, name := range map[string]string{optimised + "lambda:invoke": "Function not found: arn:aws:lambda:local:000000000000:function:g:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException",
		sdk + "lambda:invoke": "(Service: Lambda, Status Code: 404"} {
		_, err := lambdaCall(t, resource, shell("cat"), attempt(`{"FunctionName": "g"}`))
		var e *workflow.TaskError
		if !errors.As(err, &e) || e.Name != "Lambda.ResourceNotFoundException" || !strings.Contains(e.Cause, name) {
			t.Errorf("%s: %v", resource, err)
		}
	}
}

func TestEventIsNotWaitedFor(t *testing.T) {
	var later func(context.Context)
	dir := t.TempDir()
	f := shell("cat > " + dir + "/event")
	table := Lambda(func(string) (Function, bool) { return f, true }, func(f func(context.Context)) { later = f }, base.SystemClock{})
	out, err := table[sdk+"lambda:invoke"](t.Context(), attempt(`{"FunctionName": "f", "InvocationType": "Event", "Payload": {"a": 1}}`))
	if err != nil || !strings.Contains(string(out), `"StatusCode":202`) || later == nil {
		t.Fatalf("%s, %v", out, err)
	}
	later(t.Context())
	if got, err := os.ReadFile(dir + "/event"); err != nil || string(got) != `{"a": 1}` {
		t.Errorf("%s, %v", got, err)
	}
}

func TestEndpointIsAFunction(t *testing.T) {
	var key string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Idempotency-Key")
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		if r.Header.Get("Authorization") != "Bearer t" {
			http.Error(w, "who are you", http.StatusForbidden)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if string(body) == `{"fail":true}` {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"errorType": "NoStock", "errorMessage": "x"}`)
			return
		}
		fmt.Fprintf(w, `{"got": %s}`, body)
	}))
	defer srv.Close()
	f := Function{Name: "f", URL: srv.URL, Header: http.Header{"Authorization": {"Bearer t"}}, Timeout: 5 * time.Second}
	if got, err := lambdaCall(t, direct, f, attempt(`{"a":1}`)); err != nil || got != `{"got": {"a":1}}` || key != requestID(attempt("")) {
		t.Errorf("%s, %v, key %q", got, err, key)
	}
	var e *workflow.TaskError
	if _, err := lambdaCall(t, direct, f, attempt(`{"fail":true}`)); !errors.As(err, &e) || e.Name != "NoStock" {
		t.Errorf("thrown: %v", err)
	}
	f.Header = nil
	if _, err := lambdaCall(t, direct, f, attempt(`{}`)); !errors.As(err, &e) || e.Name != "Http.StatusCode.403" || !strings.Contains(e.Cause, "who are you") {
		t.Errorf("refused: %v", err)
	}
	f.URL += "/moved?key=secret"
	if _, err := lambdaCall(t, direct, f, attempt(`{}`)); !errors.As(err, &e) || e.Name != "Http.StatusCode.302" {
		t.Errorf("moved: %v", err)
	}
	srv.Close()
	if _, err := lambdaCall(t, direct, f, attempt(`{}`)); err == nil || !strings.Contains(err.Error(), "call function f: dial tcp") || strings.Contains(err.Error(), "secret") {
		t.Errorf("gone: %v", err)
	}
}
