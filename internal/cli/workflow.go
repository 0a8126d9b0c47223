package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) workflowCmd() *cobra.Command {
	return group("workflow", "Workflows: list, run, executions, history, stop, resume, redrive, test",
		`Workflows are state machines in workflows/, written in Amazon States Language.
Each execution keeps its history and can be carried on after a crash.`,
		`  mulgil workflow run retail
  mulgil workflow history retail-1
  mulgil workflow test`,
		c.workflowListCmd(), c.workflowRunCmd(), c.workflowExecutionsCmd(), c.workflowHistoryCmd(), c.workflowStopCmd(), c.workflowResumeCmd(),
		c.workflowRedriveCmd(), c.workflowMapRunsCmd(), c.workflowTaskCmd(), c.workflowActivityCmd(),
		c.workflowTestCmd(), c.workflowTestStateCmd())
}

func (c *cli) workflowListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the project's workflows",
		Long:    `List the project's workflows with their last execution.`,
		Example: `  mulgil workflow list`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				flows, err := s.WorkflowList(ctx, app.WorkflowListRequest{})
				if err != nil {
					return err
				}
				return c.show(flows, func(w io.Writer) error {
					g := c.newGrid("workflow", "file", ">states", "last execution", "status")
					for _, f := range flows {
						when, status := "", ""
						if f.Last != nil {
							when, status = moment(f.Last.StartedAt), f.Last.Status
						}
						g.add(f.Name, f.File, count(int64(f.States)), when, status)
					}
					return g.write(w)
				})
			})
		},
	}
}
