package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) workflowExecutionsCmd() *cobra.Command {
	var req app.WorkflowExecutionsRequest
	cmd := &cobra.Command{
		Use:   "executions [WORKFLOW]",
		Short: "List executions, newest first",
		Long:  `List executions, newest first: of one workflow or of all.`,
		Example: `  mulgil workflow executions
  mulgil workflow executions retail --limit 5`,
		Args:              atMost(1),
		ValidArgsFunction: c.complete("workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				req.Workflow = args[0]
			}
			if req.Limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.WorkflowExecutions(ctx, req)
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error { return c.printExecutions(w, all) })
			})
		},
	}
	cmd.Flags().IntVar(&req.Limit, "limit", 20, "`number` of executions")
	return cmd
}

func (c *cli) printExecutions(w io.Writer, all []app.Execution) error {
	g := c.newGrid("execution", "workflow", "name", "status", "started", ">took", "error")
	for _, e := range all {
		status := e.Status
		if e.Interrupted {
			status += " (interrupted)"
		}
		g.add(e.ID, e.Workflow, e.Name, status, moment(e.StartedAt), c.took(e.StartedAt, e.StoppedAt), e.Error)
	}
	return g.write(w)
}
