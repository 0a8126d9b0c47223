package workflow

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func TestExecutionBeginsAtTheStateFrom(t *testing.T) {
	const definition = `{"StartAt": "First", "States": {"First": {"Type": "Pass", "Result": "not run", "Next": "Second"}, "Second": {"Type": "Wait", "Seconds": 5, "Next": "Third"},
		"Third": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "Inside", "States": {"Inside": {"Type": "Pass", "End": true}}}]}}}`
	start := func(e *Engine, from, name string) (Execution, error) {
		return e.Start(t.Context(), StartInput{Workflow: "w", Definition: definition, Name: name, From: from, Input: json.RawMessage(`{"a": 1}`)})
	}
	store := newStore(t)
	e := open(t, Options{Store: store, Clock: newHandClock()})
	x, err := start(e, "Second", "one")
	if err != nil {
		t.Fatal(base.Render(err))
	}
	e.Close()
	e = open(t, Options{Store: store})
	if n, err := e.ResumeAll(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	x = wait(t, e, x.ID)
	history, err := e.History(t.Context(), x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if x.Status != Succeeded || string(x.Output) != `[{"a":1}]` || x.From != "Second" || history[0].Details.From != "Second" || history[1].State != "Second" || history[1].ID != 2 {
		t.Errorf("%+v\n%+v", x, history)
	}
	if again, err := start(e, "Second", "one"); err != nil || again.ID != x.ID {
		t.Errorf("started again: %+v %v", again, err)
	}
	if _, err := start(e, "Third", "one"); base.CodeOf(err) != "ExecutionAlreadyExists" {
		t.Errorf("the same name from another state: %v", err)
	}
	for from, want := range map[string]string{
		"third":  `no state "third" to begin at` + "\n" + `hint: did you mean "Third"?`,
		"Inside": `no state "Inside" to begin at` + "\n" + `hint: it is inside "Third": begin there, or at another state of the machine itself`,
		"물":      `no state "물" to begin at` + "\n" + `hint: states: First, Second, Third`,
	} {
		if _, err := start(e, from, ""); base.KindOf(err) != base.NotFound || !strings.HasSuffix(base.Render(err), want) {
			t.Errorf("%s: %s", from, base.Render(err))
		}
	}
}
