package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) workflowStopCmd() *cobra.Command {
	var req app.WorkflowStopRequest
	cmd := &cobra.Command{
		Use:   "stop EXECUTION",
		Short: "Stop an execution",
		Long:  `Stop an execution and the runs it has started. EXECUTION is an id or a name.`,
		Example: `  mulgil workflow stop retail-1
  mulgil workflow stop retail-1 --cause "wrong input"`,
		Args: exactly("EXECUTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Execution = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				e, err := s.WorkflowStop(ctx, req)
				if err != nil {
					return err
				}
				return c.show(e, func(w io.Writer) error { return c.printExecution(w, e) })
			})
		},
	}
	cmd.Flags().StringVar(&req.Error, "error", "", "error `CODE` to record")
	cmd.Flags().StringVar(&req.Cause, "cause", "", "`TEXT` to record")
	return cmd
}
