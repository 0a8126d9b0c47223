package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) workflowHistoryCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "history EXECUTION",
		Short: "List the events of an execution",
		Long: `List the events of an execution, oldest first, as Step Functions names them.
EXECUTION is an id or a name. --json has the details in full.`,
		Example: `  mulgil workflow history retail-1
  mulgil workflow history retail-1 --json`,
		Args: exactly("EXECUTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				events, err := s.WorkflowHistory(ctx, app.WorkflowHistoryRequest{Execution: args[0]})
				if err != nil {
					return err
				}
				return c.show(events, func(w io.Writer) error {
					g := c.newGrid(">id", ">after", "time", "type", "state", "details")
					for _, e := range events {
						g.add(count(e.ID), count(e.PreviousID), e.Time.UTC().Format("2006-01-02 15:04:05.000 UTC"), e.Type, e.State,
							widths.Truncate(printable(string(e.Details)), 100, "…"))
					}
					return g.write(w)
				})
			})
		},
	}
}
