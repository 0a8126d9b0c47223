package workflow

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// env is what the expressions of a flow's present state see.
func (r *run) env(f *flow, input any) asl.Env {
	return asl.Env{Input: input, Context: r.context(f), Random: r.setup.random, Vars: f.vars, Query: r.setup.query}
}

// context is the context object, $$.
func (r *run) context(f *flow) map[string]any {
	state := map[string]any{"Name": f.state.Name, "EnteredTime": stamp(f.enteredAt)}
	if f.state.Type == "Task" || f.state.Type == "Map" || f.state.Type == "Parallel" {
		state["RetryCount"] = json.Number(strconv.Itoa(f.retryCount))
	}
	execution := map[string]any{
		"Id":        r.executionARN(),
		"Input":     r.input,
		"Name":      r.exec.Name,
		"RoleArn":   "arn:aws:iam::" + r.setup.account + ":role/mulgil",
		"StartTime": stamp(r.exec.Started),
	}
	if !r.machine.Express {
		execution["RedriveCount"] = json.Number(strconv.Itoa(r.redrives))
	}
	out := map[string]any{
		"Execution":    execution,
		"StateMachine": map[string]any{"Id": r.setup.arn("stateMachine:" + r.exec.Workflow), "Name": r.exec.Workflow},
		"State":        state,
	}
	if f.item != nil {
		out["Map"] = map[string]any{"Item": f.item}
	}
	return out
}

// taskContext is context with the token of the attempt that the event
// schedules, for tasks that wait for more than an answer.
func (r *run) taskContext(f *flow, event int64, attempt int) map[string]any {
	out := r.context(f)
	if kind, _ := asl.IntegrationOf(f.state.Resource); kind != asl.RequestResponse && r.setup.token != nil {
		out["Task"] = map[string]any{"Token": r.setup.token(r.exec.ID, event, attempt)}
	}
	return out
}

func (r *run) executionARN() string {
	if r.machine.Express {
		return r.setup.arn("express:" + r.exec.Workflow + ":" + r.exec.Name + ":" + r.exec.ID)
	}
	return r.setup.arn("execution:" + r.exec.Workflow + ":" + r.exec.Name)
}

// arn is the name of something of Step Functions.
func (s *setup) arn(rest string) string {
	return "arn:aws:states:" + s.region + ":" + s.account + ":" + rest
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
