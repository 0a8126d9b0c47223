package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

func machine(t *testing.T, definition string) *asl.Machine {
	t.Helper()
	m, err := asl.Parse("w.asl.json", []byte(definition))
	if err != nil {
		t.Fatal(base.Render(err))
	}
	return m
}

// try runs a trial from 2026-01-02T03:04:05Z on.
func try(t *testing.T, definition, input string, answer func(Task) (Answer, error)) (Tried, error) {
	t.Helper()
	return Trial{Machine: machine(t, definition), Workflow: "w", Name: "n", Input: json.RawMessage(input), Objects: MemoryObjects{}, Query: newQuery(t),
		Clock: base.NewFakeClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), Random: rand.NewChaCha8([32]byte{}), Answer: answer}.Run(t.Context())
}

func TestTrialTakesTheStepsOfTheEngine(t *testing.T) {
	definition := strings.ReplaceAll(everything, `"test"`, `"`+job+`"`)
	const input = `{"v": 1.50, "s": 3, "list": ["가", "나", "다"]}`
	played := &script{}
	e := open(t, Options{Query: newQuery(t), Tasks: played.tasks()})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(input)})
	if err != nil {
		t.Fatal(base.Render(err))
	}
	x = answerAsk(t, e, x.ID)
	want := types(t, e, x.ID)

	again := &script{}
	got, err := try(t, definition, input, func(task Task) (Answer, error) {
		if task.State == "Stays" {
			return Answer{Never: true}, nil
		}
		out, err := again.run(t.Context(), task)
		a := Answer{Output: out}
		if task.State == "Ask" {
			a = Answer{Submitted: out, Output: json.RawMessage(`"yes"`)}
		}
		if err != nil && !errors.As(err, &a.Error) {
			return a, err
		}
		return a, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	have := make([]string, len(got.Events))
	for i, e := range got.Events {
		have[i] = e.Type
		if e.ID != int64(i+1) {
			t.Errorf("event %d has the id %d", i+1, e.ID)
		}
	}
	// in which order branches go on differs; what happens does not
	slices.Sort(want)
	slices.Sort(have)
	if got.Status != x.Status || string(got.Output) != string(x.Output) || !reflect.DeepEqual(have, want) {
		t.Errorf("%s %s\n%v\nwant %s %s\n%v", got.Status, got.Output, have, x.Status, x.Output, want)
	}
	if !reflect.DeepEqual(got.Retries, map[string]int{"Left": 2, "Risky": 1}) || !reflect.DeepEqual(got.Ways, map[string][]int{"Decide": {0, 0, asl.ByDefault}}) {
		t.Errorf("retries %v, ways %v", got.Retries, got.Ways)
	}
}

const sideBySide = `{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "Each", "States": {"Each": {"Type": "Map", "MaxConcurrency": 2, "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
		"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "` + job + `", "End": true}}}}}},
	{"StartAt": "Other", "States": {"Other": {"Type": "Task", "Resource": "` + job + `", "End": true}}}]}}}`

func TestChildrenOfAMapShareTheTurnedClock(t *testing.T) {
	n := 0
	x, err := try(t, sideBySide, `[4, 1, 1, 2]`, func(task Task) (Answer, error) {
		if task.State == "Other" {
			return Answer{Output: json.RawMessage(`"other"`), After: time.Second}, nil
		}
		n++
		var seconds int
		err := json.Unmarshal(task.Input, &seconds)
		return Answer{Output: task.Input, After: time.Duration(seconds) * time.Second}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	// two at a time: 4 | 1, 1, 2
	if took := x.Stopped.Sub(x.Started); string(x.Output) != `[[4,1,1,2],"other"]` || took != 4*time.Second || n != 4 {
		t.Errorf("%s %s after %s, %d tasks", x.Status, x.Output, took, n)
	}
}

func TestChildrenEndWithTheirMap(t *testing.T) {
	x, err := try(t, sideBySide, `[60, 60, 60]`, func(task Task) (Answer, error) {
		if task.State == "Other" {
			return Answer{Error: &TaskError{Name: "Broken"}, After: time.Second}, nil
		}
		return Answer{Output: task.Input, After: time.Minute}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := x.Stopped.Sub(x.Started); x.Status != Failed || str(x.Error) != "Broken" || took != time.Second || !reflect.DeepEqual(x.Entered, []string{"Both", "Each", "Other", "Work", "Work"}) {
		t.Errorf("%s %s %s after %s: %v", x.Status, str(x.Error), str(x.Cause), took, x.Entered)
	}
}

func TestHeartbeatsEndATaskThatDoesNotAnswer(t *testing.T) {
	x, err := try(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 600, "HeartbeatSeconds": 20,
		"Parameters": {"t.$": "$$.Task.Token"}, "End": true}}}`, `{}`, func(task Task) (Answer, error) {
		if want := `{"t":"` + task.Token + `"}`; task.Token == "" || string(task.Input) != want {
			return Answer{}, fmt.Errorf("asked %s, want %s", task.Input, want)
		}
		return Answer{Submitted: json.RawMessage(`{"MessageId": "m"}`), Output: json.RawMessage(`1`), After: time.Minute}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := x.Stopped.Sub(x.Started); x.Status != Failed || str(x.Error) != "States.Timeout" || took != 20*time.Second {
		t.Errorf("%s %s after %s", x.Status, str(x.Error), took)
	}
}

func TestTrialThatWouldWaitForEverSaysWhere(t *testing.T) {
	const definition = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + job + `", "End": true}}}`
	never := func(Task) (Answer, error) { return Answer{Never: true}, nil }
	if _, err := try(t, definition, `{}`, never); err == nil || !strings.Contains(err.Error(), `no answer comes to "A"`) {
		t.Errorf("got %v", err)
	}
	broken := errors.New("no answer")
	if _, err := try(t, definition, `{}`, func(Task) (Answer, error) { return Answer{}, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Trial{Machine: machine(t, definition), Clock: base.NewFakeClock(time.Time{}), Answer: never}).Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
