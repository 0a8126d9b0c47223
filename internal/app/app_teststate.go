package app

import (
	"context"
	"encoding/json"

	"github.com/mulgil/mulgil/internal/base"
)

// WorkflowTestState implements Backend.
func (a *App) WorkflowTestState(ctx context.Context, req WorkflowTestStateRequest, _ base.Report) (json.RawMessage, error) {
	switch {
	case req.RevealSecrets:
		return nil, base.Errorf(base.Usage, "revealSecrets is not supported: secrets are never shown").WithHint("leave it out")
	case req.Workflow == "" && req.Definition == "":
		return nil, base.Errorf(base.Usage, "there is no state to test").WithHint("name a workflow and a state, or give a definition")
	case req.Workflow != "" && req.Definition != "":
		return nil, base.Errorf(base.Usage, "a test has a workflow or a definition, not both")
	case req.Workflow != "" && req.StateName == "":
		return nil, base.Errorf(base.Usage, "workflow %q needs the name of one of its states", req.Workflow)
	case req.Workflow != "":
		w, err := a.p.Workflow(req.Workflow)
		if err != nil {
			return nil, err
		}
		req.Definition = w.Text
	}
	out, err := a.workflow.TestState(ctx, req.TestInput())
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}
