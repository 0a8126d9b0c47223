package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/port"
)

// skipClock passes every wait at once by moving its time forward.
type skipClock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func newSkipClock() *skipClock {
	return &skipClock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (c *skipClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *skipClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
	ch := make(chan time.Time, 1)
	ch <- c.now
	return ch
}

func newStore(t *testing.T) port.Store {
	t.Helper()
	s, err := sqlite.OpenStore(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func open(t *testing.T, o Options) *Engine {
	t.Helper()
	if o.Store == nil {
		o.Store = newStore(t)
	}
	if o.Clock == nil {
		o.Clock = newSkipClock()
	}
	e, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// finish starts a definition and waits for its end.
func finish(t *testing.T, e *Engine, definition, input string) Execution {
	t.Helper()
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(input)})
	if err != nil {
		t.Fatal(base.Render(err))
	}
	return wait(t, e, x.ID)
}

func wait(t *testing.T, e *Engine, id string) Execution {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	x, err := e.Wait(ctx, id)
	if err != nil {
		t.Fatalf("wait for %s: %v", id, err)
	}
	return x
}

// types lists the event types of an execution.
func types(t *testing.T, e *Engine, id string) []string {
	t.Helper()
	events, err := e.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, ev := range events {
		if ev.ID != int64(i+1) {
			t.Errorf("event %d has the id %d", i+1, ev.ID)
		}
		out = append(out, ev.Type)
	}
	return out
}

func count(l []string, s string) int {
	n := 0
	for _, x := range l {
		if x == s {
			n++
		}
	}
	return n
}

func str(p *string) string {
	if p == nil {
		return "<nil>"
	}
	return *p
}

const job = "arn:aws:states:::glue:startJobRun.sync"

// untilCancelled is a task that only ends when it is stopped.
func untilCancelled(begun, over chan<- string) TaskFunc {
	return func(ctx context.Context, t Task) (json.RawMessage, error) {
		begun <- t.State
		<-ctx.Done()
		over <- t.State
		return nil, ctx.Err()
	}
}

func TestRetriesAndBackoffFollowTheRetrier(t *testing.T) {
	clock := newSkipClock()
	var at []time.Time
	var ids []string
	e := open(t, Options{Clock: clock, Tasks: map[string]TaskFunc{job: func(_ context.Context, task Task) (json.RawMessage, error) {
		at, ids = append(at, clock.Now()), append(ids, task.ID)
		return nil, &TaskError{Name: "Glue.ConcurrentRunsExceededException", Cause: "busy"}
	}}})
	x := finish(t, e, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "`+job+`",
		"Retry": [{"ErrorEquals": ["Other"], "MaxAttempts": 9}, {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "MaxAttempts": 4, "BackoffRate": 3, "MaxDelaySeconds": 10}],
		"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "B"}], "End": true},
		"B": {"Type": "Pass", "End": true}}}`, `{"k": 1}`)
	if got, want := string(x.Output), `{"e":{"Cause":"busy","Error":"Glue.ConcurrentRunsExceededException"},"k":1}`; got != want {
		t.Errorf("output\n got %s\nwant %s", got, want)
	}
	var gaps []string
	for i := 1; i < len(at); i++ {
		gaps = append(gaps, at[i].Sub(at[i-1]).String())
	}
	if got := fmt.Sprint(gaps); got != "[2s 6s 10s 10s]" {
		t.Errorf("back-off %s", got)
	}
	if got := fmt.Sprint(ids); got != fmt.Sprintf("[%[1]s/3/0 %[1]s/6/1 %[1]s/9/2 %[1]s/12/3 %[1]s/15/4]", x.ID) {
		t.Errorf("task ids %s", got)
	}
	if n := count(types(t, e, x.ID), "TaskFailed"); n != 5 {
		t.Errorf("%d TaskFailed events, want 5", n)
	}
}

func TestBranchFailureStopsSiblings(t *testing.T) {
	begun, over := make(chan string, 1), make(chan string, 1)
	e := open(t, Options{Tasks: map[string]TaskFunc{
		job: untilCancelled(begun, over),
		"arn:aws:states:::aws-sdk:glue:startCrawler": func(context.Context, Task) (json.RawMessage, error) {
			<-begun
			return nil, &TaskError{Name: "Glue.CrawlerRunningException", Cause: "already running"}
		},
	}})
	x := finish(t, e, `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Long", "States": {"Long": {"Type": "Task", "Resource": "`+job+`", "End": true}}},
		{"StartAt": "Bad", "States": {"Bad": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:startCrawler", "End": true}}}]}}}`, `{}`)
	if x.Status != Failed || str(x.Error) != "Glue.CrawlerRunningException" || str(x.Cause) != "already running" {
		t.Errorf("ended %s %s %s", x.Status, str(x.Error), str(x.Cause))
	}
	<-over
	got := types(t, e, x.ID)
	if want := []string{"TaskFailed", "TaskStateAborted", "TaskStateAborted", "ParallelStateFailed", "ExecutionFailed"}; !slices.Equal(got[len(got)-5:], want) {
		t.Errorf("events end %v, want %v", got, want)
	}
}

func TestTimeoutsEndTaskAndExecution(t *testing.T) {
	begun, over := make(chan string, 4), make(chan string, 4)
	e := open(t, Options{Tasks: map[string]TaskFunc{job: untilCancelled(begun, over)}})
	x := finish(t, e, `{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "`+job+`", "TimeoutSecondsPath": "$.t", "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "No"}, {"ErrorEquals": ["States.Timeout"], "Next": "Yes"}], "End": true},
		"No": {"Type": "Fail"}, "Yes": {"Type": "Succeed"}}}`, `{"t": 30}`)
	if string(x.Output) != `{"Cause":"","Error":"States.Timeout"}` {
		t.Errorf("%s %s", x.Status, x.Output)
	}
	x = finish(t, e, `{"TimeoutSeconds": 60, "StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "`+job+`", "End": true}}}`, `{}`)
	if x.Status != TimedOut || x.Error != nil {
		t.Errorf("%s %s", x.Status, str(x.Error))
	}
	<-over
	<-over
}

func TestStartIsIdempotentByName(t *testing.T) {
	e := open(t, Options{})
	in := StartInput{Workflow: "소매", Name: "2026-01", Definition: `{"StartAt": "끝", "States": {"끝": {"Type": "Succeed"}}}`, Input: json.RawMessage(`{"b": 1, "a": "가"}`)}
	first, err := e.Start(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	done := wait(t, e, first.ID)
	in.Input = json.RawMessage(`{"a":"가","b":1}`)
	again, err := e.Start(t.Context(), in)
	if err != nil || again.ID != first.ID || string(done.Output) != `{"a":"가","b":1}` {
		t.Errorf("second start gave %v %v, output %s", again.ID, err, done.Output)
	}
	in.Input = json.RawMessage(`{"a": 2}`)
	_, err = e.Start(t.Context(), in)
	if base.KindOf(err) != base.Exists || base.CodeOf(err) != "ExecutionAlreadyExists" {
		t.Errorf("start with another input: %v", err)
	}
	if list, err := e.List(t.Context(), Filter{Workflow: "소매", Status: Succeeded}); err != nil || len(list) != 1 {
		t.Errorf("list %v %v", list, err)
	}
	in.Name = "a/b"
	if _, err = e.Start(t.Context(), in); base.CodeOf(err) != "InvalidName" {
		t.Errorf("bad name: %v", err)
	}
}

func TestStopRecordsAbortAndCancelsTasks(t *testing.T) {
	begun, over := make(chan string, 1), make(chan string, 1)
	e := open(t, Options{Tasks: map[string]TaskFunc{job: untilCancelled(begun, over)}})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + job + `", "End": true}}}`})
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := e.Stop(t.Context(), x.ID, "Operator", "stopped by hand"); err != nil {
		t.Fatal(err)
	}
	<-over
	if x = wait(t, e, x.ID); x.Status != Aborted || str(x.Error) != "Operator" || str(x.Cause) != "stopped by hand" {
		t.Errorf("%s %s %s", x.Status, str(x.Error), str(x.Cause))
	}
	if err := e.Stop(t.Context(), x.ID, "", ""); err != nil {
		t.Errorf("second stop: %v", err)
	}
	if err := e.Stop(t.Context(), "w:none", "", ""); base.KindOf(err) != base.NotFound {
		t.Errorf("stop of nothing: %v", err)
	}
}

func TestLimitsHoldAndCanBeLifted(t *testing.T) {
	big := json.RawMessage(`"` + strings.Repeat("가", 100_000) + `"`)
	tasks := map[string]TaskFunc{job: func(context.Context, Task) (json.RawMessage, error) { return big, nil }}
	def := `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + job + `", "End": true}}}`
	x := finish(t, open(t, Options{Tasks: tasks}), def, `{}`)
	if str(x.Error) != "States.DataLimitExceeded" || str(x.Cause) != "The state/task 'glue' returned a result with a size exceeding the maximum number of bytes service limit." {
		t.Errorf("%s: %s", str(x.Error), str(x.Cause))
	}
	x = finish(t, open(t, Options{Tasks: tasks, Limits: Limits{Payload: -1}}), def, `{}`)
	if x.Status != Succeeded || len(x.Output) != len(big) {
		t.Errorf("%s with %d bytes", x.Status, len(x.Output))
	}
	e := open(t, Options{Limits: Limits{Events: 100}})
	x = finish(t, e, `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
		"B": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": true, "Next": "C"}], "Default": "A"}, "C": {"Type": "Succeed"}}}`, `{}`)
	if str(x.Cause) != "The execution reached the maximum number of history events (100)." || len(types(t, e, x.ID)) != 100 {
		t.Errorf("%s: %s, %d events", str(x.Error), str(x.Cause), len(types(t, e, x.ID)))
	}
}

func TestUnknownResourceIsRefusedAtItsPlace(t *testing.T) {
	e := open(t, Options{Tasks: map[string]TaskFunc{job: nil, "arn:aws:states:::aws-sdk:glue:*": func(context.Context, Task) (json.RawMessage, error) { return nil, nil }}})
	_, err := e.Start(t.Context(), StartInput{Workflow: "w", File: "workflows/w.asl.json", Definition: `{"StartAt": "A", "States": {
  "A": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Next": "B"},
  "B": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler", "End": true}}}`})
	want := `workflows/w.asl.json:2:37: state "A": the resource "arn:aws:states:::sns:publish" is not supported
      "A": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Next": "B"},
                                        ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
hint: supported services: aws-sdk:glue, glue`
	if err == nil || base.Render(err) != want {
		t.Errorf("got\n%s\nwant\n%s", base.Render(err), want)
	}
}

func TestResumedTaskIsAttachedUnderItsID(t *testing.T) {
	store := newStore(t)
	began := make(chan Task, 1)
	e := open(t, Options{Store: store, Tasks: map[string]TaskFunc{job: func(ctx context.Context, task Task) (json.RawMessage, error) {
		if err := task.Submit(json.RawMessage(`{"JobRunId": "jr_1"}`)); err != nil {
			return nil, err
		}
		began <- task
		<-ctx.Done()
		return nil, ctx.Err()
	}}})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + job + `", "End": true}}}`})
	if err != nil {
		t.Fatal(err)
	}
	first := <-began
	e.Close()
	if x, err = e.Get(t.Context(), x.ID); err != nil || x.Status != Running {
		t.Fatalf("after close: %s %v", x.Status, err)
	}
	var second Task
	e = open(t, Options{Store: store, Tasks: map[string]TaskFunc{job: func(_ context.Context, task Task) (json.RawMessage, error) {
		second = task
		return json.RawMessage(`{"JobRunState": "SUCCEEDED"}`), nil
	}}})
	if _, err := e.Wait(t.Context(), x.ID); base.KindOf(err) != base.Conflict {
		t.Errorf("wait before resume: %v", err)
	}
	if n, err := e.ResumeAll(t.Context()); n != 1 || err != nil {
		t.Fatalf("resumed %d, %v", n, err)
	}
	x = wait(t, e, x.ID)
	if string(x.Output) != `{"JobRunState":"SUCCEEDED"}` {
		t.Errorf("output %s", x.Output)
	}
	if first.Resumed || !second.Resumed || first.ID != second.ID || string(second.Submitted) != `{"JobRunId":"jr_1"}` {
		t.Errorf("first %v %q, second %v %q submitted %s", first.Resumed, first.ID, second.Resumed, second.ID, second.Submitted)
	}
	want := []string{"ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"}
	if got := types(t, e, x.ID); !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
}

func TestResumeCarriesOnOnlyTheOneNamed(t *testing.T) {
	store := newStore(t)
	began := make(chan Task, 2)
	e := open(t, Options{Store: store, Tasks: map[string]TaskFunc{job: func(ctx context.Context, task Task) (json.RawMessage, error) {
		began <- task
		<-ctx.Done()
		return nil, ctx.Err()
	}}})
	var ids []string
	for range 2 {
		x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + job + `", "End": true}}}`})
		if err != nil {
			t.Fatal(err)
		}
		<-began
		ids = append(ids, x.ID)
	}
	e.Close()
	e = open(t, Options{Store: store, Tasks: map[string]TaskFunc{job: func(_ context.Context, task Task) (json.RawMessage, error) {
		if task.Execution != ids[1] {
			t.Errorf("task of %s runs", task.Execution)
		}
		return json.RawMessage(`{}`), nil
	}}})
	for range 2 { // the second time there is nothing left to do
		if err := e.Resume(t.Context(), ids[1]); err != nil {
			t.Fatal(err)
		}
		if x := wait(t, e, ids[1]); x.Status != Succeeded {
			t.Errorf("resumed: %s", x.Status)
		}
	}
	if x, err := e.Get(t.Context(), ids[0]); err != nil || x.Status != Running {
		t.Errorf("the other: %s %v", x.Status, err)
	}
	if err := e.Resume(t.Context(), "w:nobody"); base.KindOf(err) != base.NotFound {
		t.Errorf("unknown: %v", err)
	}
}

func TestWaitKeepsItsAbsoluteTimeOverAResume(t *testing.T) {
	store, begin := newStore(t), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := base.NewFakeClock(begin)
	e := open(t, Options{Store: store, Clock: clock})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: `{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 100, "End": true}}}`})
	if err != nil {
		t.Fatal(err)
	}
	for clock.Waiting() == 0 { // until the runner has set its timer
		time.Sleep(time.Millisecond)
	}
	e.Close()
	clock = base.NewFakeClock(begin.Add(99 * time.Second))
	e = open(t, Options{Store: store, Clock: clock})
	if _, err := e.ResumeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for clock.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	clock.Advance(time.Second)
	if x = wait(t, e, x.ID); x.Stopped.Sub(x.Started) != 100*time.Second {
		t.Errorf("took %s", x.Stopped.Sub(x.Started))
	}
}

func TestOtherErrorsAndPanicsFailTheTask(t *testing.T) {
	for name, fn := range map[string]TaskFunc{
		"boom":                    func(context.Context, Task) (json.RawMessage, error) { return nil, errors.New("boom") },
		"the task panicked: boom": func(context.Context, Task) (json.RawMessage, error) { panic("boom") },
	} {
		x := finish(t, open(t, Options{Tasks: map[string]TaskFunc{job: fn}}), `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "`+job+`", "End": true}}}`, `{}`)
		if str(x.Error) != "States.TaskFailed" || str(x.Cause) != name {
			t.Errorf("%s: %s", str(x.Error), str(x.Cause))
		}
	}
}
