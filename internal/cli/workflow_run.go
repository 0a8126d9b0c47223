package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func (c *cli) workflowRunCmd() *cobra.Command {
	var req app.WorkflowRunRequest
	var input string
	cmd := &cobra.Command{
		Use:   "run WORKFLOW",
		Short: "Start an execution and wait for its end",
		Long: `Start an execution and wait for its end. Ctrl-C stops it cleanly. With --detach
return once it has started; the process of "mulgil up" then carries it on.

--from begins at a state instead of the first, with --input as that state's
input: what comes before is not run and its variables are not set. To go on with
an execution that failed use "mulgil workflow redrive".`,
		Example: `  mulgil workflow run retail
  mulgil workflow run retail --input '{"day": "20140101"}'
  mulgil workflow run retail --input @input.json --name backfill-1
  mulgil workflow run retail --from Silver --input @silver.json`,
		Args:              exactly("WORKFLOW"),
		ValidArgsFunction: c.complete("workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.Input, err = c.readJSON(cmd, "input", input); err != nil {
				return err
			}
			req.Workflow = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				return c.runWorkflow(ctx, s, req)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&input, "input", "", "`JSON`, @FILE or - for standard input")
	f.StringVar(&req.Name, "name", "", "`NAME` of the execution, unique per workflow")
	f.StringVar(&req.From, "from", "", "begin at this `STATE`")
	f.BoolVar(&req.Detach, "detach", false, "do not wait for the end")
	return cmd
}

func (c *cli) runWorkflow(ctx context.Context, s *session, req app.WorkflowRunRequest) error {
	if req.Detach {
		if err := s.needOwner("--detach"); err != nil {
			return err
		}
	}
	e, err := s.WorkflowRun(ctx, req, c.report())
	if err != nil {
		return err
	}
	return c.showExecution(e)
}

// showExecution prints e; the error is executionError's.
func (c *cli) showExecution(e app.Execution) error {
	if err := c.show(e, func(w io.Writer) error { return c.printExecution(w, e) }); err != nil {
		return err
	}
	return executionError(e)
}

// executionError is nil unless e ended badly.
func executionError(e app.Execution) error {
	switch e.Status {
	case "SUCCEEDED", "RUNNING":
		return nil
	}
	msg := "execution " + e.ID + " of workflow " + e.Workflow + " ended " + e.Status
	if e.Error != "" {
		msg += ": " + e.Error
	}
	if e.Cause != "" {
		msg += ": " + e.Cause
	}
	return base.Errorf(base.Invalid, "%s", msg).WithCode(e.Error).WithHint("see: mulgil workflow history %s", e.ID)
}

func (c *cli) printExecution(w io.Writer, e app.Execution) error {
	f := &facts{}
	f.add("execution", e.ID)
	f.add("workflow", e.Workflow)
	f.add("name", e.Name)
	f.add("status", e.Status)
	f.add("from", e.From)
	f.add("started", moment(e.StartedAt))
	f.add("took", c.took(e.StartedAt, e.StoppedAt))
	f.add("output", string(e.Output))
	f.add("error", e.Error)
	f.add("cause", e.Cause)
	return f.write(w)
}

// readJSON reads JSON given as text, @FILE or - for standard input; nil if empty.
func (c *cli) readJSON(cmd *cobra.Command, flag, given string) (json.RawMessage, error) {
	text := []byte(given)
	var err error
	if file, ok := strings.CutPrefix(given, "@"); ok {
		text, err = os.ReadFile(c.abs(file))
	} else if given == "-" {
		text, err = io.ReadAll(c.env.Stdin)
	}
	if err != nil {
		return nil, fmt.Errorf("read --%s: %w", flag, err)
	}
	if given == "" {
		return nil, nil
	}
	if !json.Valid(text) {
		return nil, usage(cmd, "--%s is not valid JSON", flag).WithHint(`quote it for the shell: --%s '{"day": "20140101"}'`, flag)
	}
	return text, nil
}
