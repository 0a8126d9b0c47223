package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"syscall"
	"time"

	"github.com/mulgil/mulgil/internal/workflow"
)

// Function is what a Lambda function is here: a program that reads its event
// as JSON from stdin and writes its result as JSON to stdout, or an HTTP
// endpoint that is sent the event by POST. Exactly one of Command and URL is set.
type Function struct {
	Name    string
	Command []string
	// Env is the program's whole environment, Dir its folder.
	Env []string
	Dir string
	URL string
	// Header is sent along with a request.
	Header http.Header
	// Timeout bounds one call; AWS allows 15 minutes.
	Timeout time.Duration
	// Idempotent allows a call to be repeated whose outcome nobody knows.
	Idempotent bool
	// Log receives what the program writes to stderr; nil drops it.
	Log io.Writer
}

// Most of what a function may answer, and of stderr that is kept for its error.
const (
	maxAnswer = 6 << 20 // Lambda's own limit of a synchronous answer
	maxStderr = 4 << 10
)

// functionError is an error of the function itself: what it threw, or how it
// ended.
type functionError struct {
	kind    string
	payload json.RawMessage
}

func (e *functionError) Error() string { return e.kind + ": " + string(e.payload) }

// failed makes the error of a function that says nothing itself, as Lambda's
// runtimes word it.
func failed(kind, message string) error {
	payload, _ := answer(map[string]any{"errorType": kind, "errorMessage": message})
	return &functionError{kind: kind, payload: payload}
}

// call sends the event and returns the result. The program finds the attempt's
// identity in MULGIL_CLIENT_TOKEN, an endpoint in the header Idempotency-Key:
// equal for a repeated call. The error is a *functionError, or says why the
// function could not be reached.
func (f Function) call(ctx context.Context, event json.RawMessage, client string) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.Timeout, errTimedOut)
	defer cancel()
	run := f.program
	if f.URL != "" {
		run = f.endpoint
	}
	out, err := run(ctx, event, client)
	if errors.Is(context.Cause(ctx), errTimedOut) {
		return nil, failed("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", client, f.Timeout.Seconds()))
	}
	return out, err
}

var errTimedOut = errors.New("the function took too long")

// program runs the command in a process group of its own, which is killed with
// everything in it when ctx ends. The command does not outlive this process,
// either, where the system can see to that.
func (f Function) program(ctx context.Context, event json.RawMessage, client string) (json.RawMessage, error) {
	cmd := exec.CommandContext(ctx, f.Command[0], f.Command[1:]...)
	cmd.Env, cmd.Dir = append(append([]string{}, f.Env...), "MULGIL_CLIENT_TOKEN="+client), f.Dir
	cmd.Stdin = bytes.NewReader(event)
	out, said := &bounded{most: maxAnswer}, &tail{most: maxStderr}
	cmd.Stdout, cmd.Stderr = out, io.Writer(said)
	if f.Log != nil {
		cmd.Stderr = io.MultiWriter(said, f.Log)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	defer dieTogether(cmd.SysProcAttr)()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // a grandchild may hold the pipes
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if out.over {
		return nil, failed("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxAnswer))
	}
	return judge(out.buf.Bytes(), err, said)
}

// judge reads what a program that ended printed.
func judge(printed []byte, err error, said *tail) (json.RawMessage, error) {
	text := bytes.TrimSpace(printed)
	valid := json.Valid(text)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		var thrown struct {
			Type string `json:"errorType"`
		}
		if valid && json.Unmarshal(text, &thrown) == nil && thrown.Type != "" {
			return nil, &functionError{kind: thrown.Type, payload: text}
		}
		return nil, failed("Runtime.ExitError", fmt.Sprintf("Error: Runtime exited with error: %v%s", exit, said.quoted()))
	case err != nil:
		return nil, failed("Runtime.InvalidEntrypoint", "Error: "+err.Error())
	case len(text) == 0:
		return json.RawMessage("null"), nil
	case !valid:
		return nil, failed("Runtime.MarshalError", fmt.Sprintf("the function's output is not JSON: %.200q", text))
	}
	return text, nil
}

// endpoint posts the event. An answer that is not 2xx is an error named by the
// body's errorType, or by the status.
func (f Function) endpoint(ctx context.Context, event json.RawMessage, client string) (json.RawMessage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.URL, bytes.NewReader(event))
	if err != nil {
		return nil, fmt.Errorf("call function %s: %w", f.Name, withoutAddress(err))
	}
	for k, v := range f.Header {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", client)
	res, err := noRedirects.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call function %s: %w", f.Name, withoutAddress(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("call function %s: %w", f.Name, err)
	}
	text := bytes.TrimSpace(body)
	var thrown struct {
		Type string `json:"errorType"`
	}
	ok := res.StatusCode/100 == 2
	switch {
	case len(body) > maxAnswer:
		return nil, failed("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxAnswer))
	case !ok && json.Valid(text) && json.Unmarshal(text, &thrown) == nil && thrown.Type != "":
		return nil, &functionError{kind: thrown.Type, payload: text}
	case !ok:
		return nil, failed(fmt.Sprintf("Http.StatusCode.%d", res.StatusCode), fmt.Sprintf("%s: %.500s", res.Status, text))
	case len(text) == 0:
		return json.RawMessage("null"), nil
	case !json.Valid(text):
		return nil, failed("Runtime.MarshalError", fmt.Sprintf("the function's output is not JSON: %.200q", text))
	}
	return text, nil
}

// withoutAddress leaves an address out of an error: it may hold a secret.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// bounded keeps what is written until it is too much.
type bounded struct {
	buf  bytes.Buffer
	most int
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.buf.Len()+len(p) > b.most {
		b.over = true
		return 0, io.ErrShortWrite // ends the program by its pipe
	}
	return b.buf.Write(p)
}

// tail keeps the end of what is written.
type tail struct {
	buf  []byte
	most int
}

func (w *tail) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	if len(w.buf) > w.most {
		w.buf = append(w.buf[:0], w.buf[len(w.buf)-w.most:]...)
	}
	return len(p), nil
}

func (w *tail) quoted() string {
	if len(bytes.TrimSpace(w.buf)) == 0 {
		return ""
	}
	return "\n" + string(bytes.ToValidUTF8(bytes.TrimSpace(w.buf), []byte("\ufffd")))
}

// attempt calls the function for a task. A resumed attempt that had been
// handed out is repeated only if the function allows it.
func (f Function) attempt(ctx context.Context, t workflow.Task, event json.RawMessage) (json.RawMessage, error) {
	if t.Resumed && !f.Idempotent {
		return nil, unknown()
	}
	out, err := f.call(ctx, event, requestID(t))
	var thrown *functionError
	if errors.As(err, &thrown) {
		return nil, &workflow.TaskError{Name: thrown.kind, Cause: string(thrown.payload)}
	}
	return out, err
}
