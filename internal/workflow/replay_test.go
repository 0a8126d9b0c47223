package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// everything uses each type of state, a retry that succeeds, one that runs
// out, a caught error, a branch that is stopped, both kinds of Map, a task that
// waits for its token, variables and both query languages.
const everything = `{"StartAt": "Begin", "States": {
	"Begin": {"Type": "Pass", "Result": {"n": 0}, "ResultPath": "$.loop", "Next": "Both"},
	"Both": {"Type": "Parallel", "ResultPath": "$.both", "Next": "Poll", "Branches": [
		{"StartAt": "Left", "States": {
			"Left": {"Type": "Task", "Resource": "test", "Parameters": {"v.$": "$.v", "id.$": "States.UUID()"}, "Retry": [{"ErrorEquals": ["Flaky"], "MaxAttempts": 3, "JitterStrategy": "FULL"}], "ResultPath": "$.left", "Next": "LeftWait"},
			"LeftWait": {"Type": "Wait", "Seconds": 7, "OutputPath": "$.left", "End": true}}},
		{"StartAt": "RightWait", "States": {
			"RightWait": {"Type": "Wait", "SecondsPath": "$.s", "Next": "Inner"},
			"Inner": {"Type": "Parallel", "ResultSelector": {"x.$": "$[1]"}, "End": true, "Branches": [
				{"StartAt": "I1", "States": {"I1": {"Type": "Pass", "End": true}}},
				{"StartAt": "I2", "States": {"I2": {"Type": "Task", "Resource": "test", "End": true}}}]}}}]},
	"Poll": {"Type": "Task", "Resource": "test", "ResultPath": "$.poll", "Next": "Decide"},
	"Decide": {"Type": "Choice", "Choices": [{"Variable": "$.poll.State", "StringEquals": "RUNNING", "Next": "Pause"}], "Default": "Risky"},
	"Pause": {"Type": "Wait", "Seconds": 5, "Next": "Poll"},
	"Risky": {"Type": "Parallel", "Retry": [{"ErrorEquals": ["Broken"], "MaxAttempts": 1}], "Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$.caught", "Next": "Each"}], "Next": "Each", "Branches": [
		{"StartAt": "Stays", "States": {"Stays": {"Type": "Task", "Resource": "test", "End": true}}},
		{"StartAt": "Breaks", "States": {"Breaks": {"Type": "Task", "Resource": "test", "End": true}}}]},
	"Each": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 2, "ItemSelector": {"v.$": "$$.Map.Item.Value", "u.$": "States.UUID()"}, "ResultPath": "$.each", "Next": "Ask",
		"ItemProcessor": {"StartAt": "EachTask", "States": {
			"EachTask": {"Type": "Task", "Resource": "test", "Next": "EachWait"},
			"EachWait": {"Type": "Wait", "Seconds": 1, "Next": "EachOut"},
			"EachOut": {"Type": "Pass", "Assign": {"inner.$": "$$.Map.Item.Value"}, "Parameters": {"i.$": "$$.Map.Item.Index"}, "End": true}}}},
	"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"Token.$": "$$.Task.Token"}, "ResultPath": "$.asked", "Next": "Vars"},
	"Vars": {"QueryLanguage": "JSONata", "Type": "Pass", "Assign": {"n": "{% $states.input.loop.n + 1 %}", "id": "{% $uuid() %}"}, "Next": "Use"},
	"Use": {"Type": "Pass", "Parameters": {"n.$": "$n"}, "ResultPath": "$.used", "Next": "Spread"},
	"Spread": {"Type": "Map", "ItemsPath": "$.list", "ResultPath": "$.spread", "Next": "End", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
		"StartAt": "Child", "States": {"Child": {"Type": "Task", "Resource": "test", "End": true}}}},
	"End": {"Type": "Succeed"}}}`

// script answers tasks by state and by what the attempt is, so that a resumed
// attempt gets the answer the first one would have had.
type script struct {
	mu    sync.Mutex // guards calls
	calls []Task
}

func (s *script) run(ctx context.Context, t Task) (json.RawMessage, error) {
	s.mu.Lock()
	s.calls = append(s.calls, t)
	s.mu.Unlock()
	switch t.State {
	case "Left":
		if t.Attempt < 2 {
			return nil, &TaskError{Name: "Flaky"}
		}
		return json.RawMessage(fmt.Sprintf(`{"attempt": %d, "big": 12345678901234567890}`, t.Attempt)), nil
	case "Poll":
		var in struct {
			Poll struct{ Turn int }
		}
		if err := json.Unmarshal(t.Input, &in); err != nil {
			return nil, err
		}
		state := "RUNNING"
		if in.Poll.Turn == 2 {
			state = "READY"
		}
		return json.RawMessage(fmt.Sprintf(`{"State": %q, "Turn": %d}`, state, in.Poll.Turn+1)), nil
	case "Stays":
		<-ctx.Done()
		return nil, ctx.Err()
	case "Breaks":
		return nil, &TaskError{Name: "Broken", Cause: "부서짐"}
	}
	return json.RawMessage(`"done"`), nil
}

func (s *script) tasks() map[string]TaskFunc { return map[string]TaskFunc{job: s.run, send: s.run} }

// answerAsk waits for the end of an execution, sending back the token of its
// state Ask whenever that waits.
func answerAsk(t *testing.T, e *Engine, id string) Execution {
	t.Helper()
	for range 20000 {
		x, err := e.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if x.Status != Running {
			return wait(t, e, id)
		}
		events, err := e.History(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		scheduled := int64(0)
		for _, ev := range events {
			if ev.State == "Ask" && ev.Type == "TaskScheduled" {
				scheduled = ev.ID
			}
			if ev.State == "Ask" && ev.Type == "TaskSubmitted" {
				_ = e.SendTaskSuccess(t.Context(), e.tokens.make(id, scheduled, 0), json.RawMessage(`"yes"`))
			}
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%s does not end", id)
	return Execution{}
}

func TestEveryPrefixOfAHistoryEndsTheSame(t *testing.T) {
	definition := strings.ReplaceAll(everything, `"test"`, `"arn:aws:states:::glue:startJobRun.sync"`)
	query := newQuery(t)
	full := &script{}
	e := open(t, Options{Query: query, Tasks: full.tasks()})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(`{"v": 1.50, "s": 3, "list": ["가", "나", "다"]}`)})
	if err != nil {
		t.Fatal(base.Render(err))
	}
	x = answerAsk(t, e, x.ID)
	want := `{"asked":"yes","both":[{"attempt":2,"big":12345678901234567890},{"x":"done"}],"caught":{"Cause":"부서짐","Error":"Broken"},"each":[{"i":0},{"i":1},{"i":2}],` +
		`"list":["가","나","다"],"loop":{"n":0},"poll":{"State":"READY","Turn":3},"s":3,"spread":["done","done","done"],"used":{"n":1},"v":1.50}`
	if x.Status != Succeeded || string(x.Output) != want {
		t.Fatalf("%s %s %s\n got %s\nwant %s", x.Status, str(x.Error), str(x.Cause), x.Output, want)
	}
	journal, err := queryRecords(t.Context(), e.opts.Store.Reader(), x.ID)
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	for n := range len(journal) {
		prefix := journal[:n]
		clock := newSkipClock()
		if n > 0 {
			clock.now = prefix[n-1].Time
		}
		again := &script{}
		e := open(t, Options{Store: store, Clock: clock, Query: query, Tasks: again.tasks()})
		y := x
		y.Name = fmt.Sprintf("prefix%d", n)
		y.ID, y.Status = "w:"+y.Name, Running
		err := store.Update(t.Context(), func(tx *sql.Tx) error {
			if err := insertExecution(tx, y); err != nil {
				return err
			}
			return insertRecords(tx, encoded(t, y, prefix...))
		})
		if err != nil {
			t.Fatal(err)
		}
		if resumed, err := e.ResumeAll(t.Context()); resumed != 1 || err != nil {
			t.Fatalf("prefix %d: resumed %d, %v", n, resumed, err)
		}
		y = answerAsk(t, e, y.ID)
		if y.Status != Succeeded || string(y.Output) != want {
			t.Errorf("prefix %d of %d (last %s): %s %s\n got %s\nwant %s", n, len(journal), last(prefix), y.Status, str(y.Cause), y.Output, want)
		}
		checkCalls(t, n, prefix, again.calls)
		e.Close()
	}
}

func last(l []*record) string {
	if len(l) == 0 {
		return "none"
	}
	return l[len(l)-1].Type
}

// checkCalls holds the tasks called after a resume against the prefix: a
// finished one is not run again, a started one is attached to, every other one is new.
func checkCalls(t *testing.T, n int, prefix []*record, calls []Task) {
	t.Helper()
	// scheduled event of the task that runs in each flow, and what is known of it
	current := map[string]int64{}
	finished, running := map[int64]bool{}, map[int64]bool{}
	for _, r := range prefix {
		switch r.Type {
		case "TaskScheduled":
			current[r.flow] = r.ID
		case "TaskStarted":
			running[current[r.flow]] = true
		case "TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskStateAborted":
			finished[current[r.flow]] = true
		}
	}
	seen := map[string]bool{}
	for _, c := range calls {
		if c.Workflow != "w" { // of a child
			continue
		}
		if finished[c.EventID] {
			t.Errorf("prefix %d: the finished task %s (%s) was run again", n, c.ID, c.State)
		}
		if c.Resumed != running[c.EventID] {
			t.Errorf("prefix %d: task %s (%s) has Resumed %v", n, c.ID, c.State, c.Resumed)
		}
		if seen[c.ID] {
			t.Errorf("prefix %d: task %s was called twice", n, c.ID)
		}
		seen[c.ID] = true
	}
}

func TestSecondWriterOfAJournalIsRefused(t *testing.T) {
	store := newStore(t)
	begun, over := make(chan string, 2), make(chan string, 2)
	o := Options{Store: store, Tasks: map[string]TaskFunc{job: untilCancelled(begun, over)}}
	e := open(t, o)
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + job + `", "End": true}}}`})
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	other := open(t, o)
	if err := other.Stop(t.Context(), x.ID, "", ""); err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(t.Context(), x.ID, "", ""); err == nil || base.KindOf(err) != base.Internal {
		t.Errorf("the first engine went on over the other's record: %v", err)
	}
	if x, err = e.Get(t.Context(), x.ID); err != nil || x.Status != Aborted {
		t.Errorf("%s %v", x.Status, err)
	}
}
