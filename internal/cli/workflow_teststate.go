package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

// inspectionLevels are those of AWS's TestState.
var inspectionLevels = []string{"INFO", "DEBUG", "TRACE"}

// testStateFlags are the flags of workflow test-state that are JSON.
type testStateFlags struct {
	definition, input, context, variables, mock, configuration string
}

func (c *cli) workflowTestStateCmd() *cobra.Command {
	req := app.WorkflowTestStateRequest{}
	var f testStateFlags
	cmd := &cobra.Command{
		Use:   "test-state [WORKFLOW [STATE]]",
		Short: "Run one state by itself",
		Long: `Run one state by itself and print what it hands on, as "aws stepfunctions
test-state" does, whose options it takes. The state is one of a WORKFLOW of the
project, or a definition. Without --mock a Task is really done; Parallel and Map
need a mock. Nothing is recorded.`,
		Example: `  mulgil workflow test-state retail "Run silver"
  mulgil workflow test-state retail "silver crawled?" --input @in.json
  mulgil workflow test-state --definition @state.json --mock '{"result": "{}"}'`,
		Args:              atMost(2),
		ValidArgsFunction: c.complete("workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				req.Workflow = args[0]
			}
			if len(args) > 1 {
				req.StateName = args[1]
			}
			switch {
			case req.RevealSecrets:
				return usage(cmd, "--reveal-secrets is not supported: secrets are never shown")
			case (req.Workflow == "") == (f.definition == ""):
				return usage(cmd, "%s needs a WORKFLOW or --definition, not both", cmd.CommandPath())
			case req.Workflow != "" && req.StateName == "":
				return usage(cmd, "which state of %s is meant?", req.Workflow).WithHint("mulgil workflow test-state %s STATE", req.Workflow)
			case !slices.Contains(inspectionLevels, req.InspectionLevel):
				return usage(cmd, "--inspection-level must be one of %s, not %q", strings.Join(inspectionLevels, ", "), req.InspectionLevel)
			}
			if err := c.readTestState(cmd, f, &req); err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				out, err := s.WorkflowTestState(ctx, req, c.report())
				if err != nil {
					return err
				}
				c.progress.close()
				return writeJSON(c.env.Stdout, json.RawMessage(out))
			})
		},
	}
	x := cmd.Flags()
	x.StringVar(&f.definition, "definition", "", "a state, or a machine with --state-name: `JSON`, @FILE or - for standard input")
	x.StringVar(&req.StateName, "state-name", "", "`NAME` of the state, instead of STATE")
	x.StringVar(&f.input, "input", "", "input of the state: `JSON`, @FILE or -")
	x.StringVar(&req.InspectionLevel, "inspection-level", "INFO", "`LEVEL` of what is told of the data on its way: INFO, DEBUG, TRACE")
	x.StringVar(&f.mock, "mock", "", "what the task, branches or items come to: `JSON` with result (JSON as text) or errorOutput, and fieldValidationMode")
	x.StringVar(&f.context, "context", "", "the context object, `JSON`")
	x.StringVar(&f.variables, "variables", "", "the variables in scope, `JSON`")
	x.StringVar(&f.configuration, "state-configuration", "", "what happened before: `JSON` with retrierRetryCount, errorCausedByState, mapIterationFailureCount, mapItemReaderData")
	x.StringVar(&req.RoleARN, "role-arn", "", "`ARN` in a context object that is made up")
	x.BoolVar(&req.RevealSecrets, "reveal-secrets", false, "not supported: secrets are never shown")
	return cmd
}

// readTestState fills a request from the flags that are JSON.
func (c *cli) readTestState(cmd *cobra.Command, f testStateFlags, req *app.WorkflowTestStateRequest) error {
	for _, x := range []struct {
		flag, given string
		keep        func(text json.RawMessage) error
	}{
		{"definition", f.definition, func(t json.RawMessage) error { req.Definition = string(t); return nil }},
		{"input", f.input, keepText(&req.Input)},
		{"context", f.context, keepText(&req.Context)},
		{"variables", f.variables, keepText(&req.Variables)},
		{"mock", f.mock, func(t json.RawMessage) error { return strictJSON(t, &req.Mock) }},
		{"state-configuration", f.configuration, func(t json.RawMessage) error { return strictJSON(t, &req.Configuration) }},
	} {
		text, err := c.readJSON(cmd, x.flag, x.given)
		if err != nil {
			return err
		}
		if text == nil {
			continue
		}
		if err := x.keep(text); err != nil {
			return usage(cmd, "--%s: %w", x.flag, err)
		}
	}
	return nil
}

func keepText(to **string) func(json.RawMessage) error {
	return func(t json.RawMessage) error {
		s := string(t)
		*to = &s
		return nil
	}
}

// strictJSON decodes JSON and refuses keys that are not known.
func strictJSON(text json.RawMessage, to any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(to)
}
