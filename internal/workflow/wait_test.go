package workflow

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

const send = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"

// tokenOf hands out the token that a task's argument holds.
func tokenOf(tokens chan<- string) TaskFunc {
	return func(_ context.Context, t Task) (json.RawMessage, error) {
		var in struct{ Token string }
		if err := json.Unmarshal(t.Input, &in); err != nil {
			return nil, err
		}
		if in.Token != t.Token {
			return nil, &TaskError{Name: "OtherToken"}
		}
		tokens <- t.Token
		return json.RawMessage(`{"MessageId": "m"}`), nil
	}
}

func waiting4(extra string) string {
	return `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + send + `", "Parameters": {"Token.$": "$$.Task.Token"}, ` + extra + ` "End": true}}}`
}

func TestTokenEndsItsTaskAlsoAfterARestart(t *testing.T) {
	store, tokens := newStore(t), make(chan string, 1)
	o := Options{Store: store, Clock: base.SystemClock{}, Tasks: map[string]TaskFunc{send: tokenOf(tokens)}}
	e := open(t, o)
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: waiting4("")})
	if err != nil {
		t.Fatal(err)
	}
	token := <-tokens
	for _, c := range []struct{ token, output, code string }{{"nonsense", `{}`, "InvalidToken"}, {token[:len(token)-2] + "xx", `{}`, "InvalidToken"}, {token, `{`, "InvalidOutput"}} {
		if err := e.SendTaskSuccess(t.Context(), c.token, json.RawMessage(c.output)); base.CodeOf(err) != c.code {
			t.Errorf("%s: %v", c.code, err)
		}
	}
	for !slices.Contains(types(t, e, x.ID), "TaskSubmitted") {
		time.Sleep(time.Millisecond)
	}
	e.Close()
	e = open(t, o)
	if err := e.SendTaskSuccess(t.Context(), token, json.RawMessage(`{}`)); base.KindOf(err) != base.Conflict {
		t.Errorf("before the resume: %v", err)
	}
	if _, err := e.ResumeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.SendTaskHeartbeat(t.Context(), token); err != nil {
		t.Error(err)
	}
	if err := e.SendTaskSuccess(t.Context(), token, json.RawMessage(`{"ok": true}`)); err != nil {
		t.Fatal(err)
	}
	if x = wait(t, e, x.ID); string(x.Output) != `{"ok":true}` {
		t.Errorf("%s %s", x.Status, x.Output)
	}
	if got := types(t, e, x.ID); !slices.Equal(got[2:6], []string{"TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"}) {
		t.Errorf("history %v", got)
	}
	if err := e.SendTaskSuccess(t.Context(), token, json.RawMessage(`{}`)); base.CodeOf(err) != "TaskTimedOut" {
		t.Errorf("second answer: %v", err)
	}
	if len(tokens) != 0 {
		t.Error("the task was called again though its first answer was recorded")
	}
}

func TestTokenFailureIsCaught(t *testing.T) {
	tokens := make(chan string, 1)
	e := open(t, Options{Clock: base.SystemClock{}, Tasks: map[string]TaskFunc{send: tokenOf(tokens)}})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + send + `",
		"Parameters": {"Token.$": "$$.Task.Token"}, "Catch": [{"ErrorEquals": ["Refused"], "Next": "B"}], "End": true}, "B": {"Type": "Succeed"}}}`})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SendTaskFailure(t.Context(), <-tokens, "Refused", "거절"); err != nil {
		t.Fatal(err)
	}
	if x = wait(t, e, x.ID); string(x.Output) != `{"Cause":"거절","Error":"Refused"}` {
		t.Errorf("%s %s", x.Status, x.Output)
	}
}

// handClock only moves when it is told to.
type handClock struct {
	skipClock
	timers []handTimer
	asked  chan time.Duration
}

type handTimer struct {
	at time.Time
	ch chan time.Time
}

func newHandClock() *handClock {
	return &handClock{skipClock: skipClock{now: newSkipClock().now}, asked: make(chan time.Duration, 100)}
}

func (c *handClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := handTimer{at: c.now.Add(d), ch: make(chan time.Time, 1)}
	c.timers = append(c.timers, t)
	c.asked <- d
	return t.ch
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for _, t := range c.timers {
		if !t.at.After(c.now) {
			select {
			case t.ch <- c.now:
			default:
			}
		}
	}
}

func TestHeartbeatsKeepATaskAlive(t *testing.T) {
	clock, tokens := newHandClock(), make(chan string, 1)
	e := open(t, Options{Clock: clock, Tasks: map[string]TaskFunc{send: tokenOf(tokens)}})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + send + `", "HeartbeatSeconds": 10,
		"Parameters": {"Token.$": "$$.Task.Token"}, "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "B"}], "End": true}, "B": {"Type": "Succeed"}}}`})
	if err != nil {
		t.Fatal(err)
	}
	token := <-tokens
	for range 3 {
		clock.advance(9 * time.Second)
		if err := e.SendTaskHeartbeat(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if y, err := e.Get(t.Context(), x.ID); err != nil || y.Status != Running {
		t.Fatal(y.Status, err)
	}
	for len(clock.asked) > 0 {
		<-clock.asked
	}
	if err := e.SendTaskHeartbeat(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	clock.advance(11 * time.Second)
	if x = wait(t, e, x.ID); string(x.Output) != `{"Cause":"","Error":"States.Timeout"}` {
		t.Errorf("%s %s", x.Status, x.Output)
	}
	if err := e.SendTaskHeartbeat(t.Context(), token); base.CodeOf(err) != "TaskTimedOut" {
		t.Errorf("late heartbeat: %v", err)
	}
}

func TestActivitiesAreFetchedByWorkers(t *testing.T) {
	store := newStore(t)
	o := Options{Store: store, Clock: base.SystemClock{}}
	e := open(t, o)
	a, err := e.CreateActivity(t.Context(), "검수")
	if err != nil {
		t.Fatal(err)
	}
	definition := `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + a.ARN + `", "TimeoutSeconds": 600, "End": true}}}`
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(`{"n": 1}`)})
	if err != nil {
		t.Fatal(err)
	}
	for !slices.Contains(types(t, e, x.ID), "ActivityScheduled") {
		time.Sleep(time.Millisecond)
	}
	e.Close()
	e = open(t, o) // activities and those that wait outlive a restart
	if _, err := e.ResumeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	task, err := e.GetActivityTask(t.Context(), a.ARN, "worker-1")
	if err != nil || string(task.Input) != `{"n":1}` {
		t.Fatal(task, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if none, err := e.GetActivityTask(short, a.ARN, "worker-2"); none != nil || err != nil {
		t.Errorf("nothing waits, but there is %v %v", none, err)
	}
	if err := e.SendTaskSuccess(t.Context(), task.Token, json.RawMessage(`2`)); err != nil {
		t.Fatal(err)
	}
	if x = wait(t, e, x.ID); string(x.Output) != `2` {
		t.Errorf("%s %s", x.Status, x.Output)
	}
	history, err := e.History(t.Context(), x.ID)
	if err != nil || history[3].Type != "ActivityStarted" || history[3].Details.WorkerName != "worker-1" {
		t.Errorf("%+v %v", history[3], err)
	}
	if err := e.DeleteActivity(t.Context(), a.ARN); err != nil || len(e.Activities()) != 0 {
		t.Error(err)
	}
	if x = finish(t, e, definition, `{}`); str(x.Error) != "States.Runtime" {
		t.Errorf("a deleted activity: %s", str(x.Error))
	}
	if _, err := e.GetActivityTask(t.Context(), a.ARN, ""); base.CodeOf(err) != "ActivityDoesNotExist" {
		t.Errorf("fetch from nothing: %v", err)
	}
}

func TestExpressRunsLeaveNothing(t *testing.T) {
	e := open(t, Options{Clock: base.SystemClock{}, Query: newQuery(t), Tasks: map[string]TaskFunc{job: squares, "arn:aws:lambda:::function:f": squares}})
	in := StartInput{Workflow: "w", Input: json.RawMessage(`{"n": 2}`)}
	in.Definition = `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:::function:f", "Arguments": "{% $states.input.n + 1 %}",
		"Assign": {"both": "{% $states.result + $states.input.n %}"}, "Next": "B"}, "B": {"Type": "Pass", "Output": {"both": "{% $both %}", "of": "{% $states.input %}"}, "End": true}}}`
	x, err := e.RunExpress(t.Context(), in)
	if err != nil || string(x.Output) != `{"both":11,"of":9}` {
		t.Fatalf("%s %s %s %v", x.Status, x.Output, str(x.Cause), err)
	}
	if list, err := e.List(t.Context(), Filter{}); len(list) != 0 || err != nil {
		t.Errorf("%d executions are kept", len(list))
	}
	in.Definition = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + job + `", "End": true}}}`
	if _, err := e.RunExpress(t.Context(), in); err == nil {
		t.Error("a .sync task is accepted")
	}
}
