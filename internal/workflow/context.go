package workflow

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// env is what the expressions of a flow's present state see.
func (r *run) env(f *flow, input any) asl.Env {
	return asl.Env{Input: input, Context: r.context(f), Random: r.setup.random}
}

// context is the context object, $$.
func (r *run) context(f *flow) map[string]any {
	state := map[string]any{"Name": f.state.Name, "EnteredTime": stamp(f.enteredAt)}
	if f.state.Type == "Task" {
		state["RetryCount"] = json.Number(strconv.Itoa(f.retryCount))
	}
	arn := "arn:aws:states:" + r.setup.region + ":" + r.setup.account
	return map[string]any{
		"Execution": map[string]any{
			"Id":           arn + ":execution:" + r.exec.Workflow + ":" + r.exec.Name,
			"Input":        r.input,
			"Name":         r.exec.Name,
			"RoleArn":      "arn:aws:iam::" + r.setup.account + ":role/mulgil",
			"StartTime":    stamp(r.exec.Started),
			"RedriveCount": json.Number("0"),
		},
		"StateMachine": map[string]any{"Id": arn + ":stateMachine:" + r.exec.Workflow, "Name": r.exec.Workflow},
		"State":        state,
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
