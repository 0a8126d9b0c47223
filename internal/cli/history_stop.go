package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) historyStopCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "stop STATEMENT",
		Short: "Stop a statement that waits or runs",
		Long: `Stop a statement that waits or runs, whoever asked it, and wait for its end.
One that has ended stays as it is.`,
		Example: `  mulgil history --state running
  mulgil history stop 6f1a0c5e-3f54-4b0e-9c0a-2f1f2b7f7a11`,
		Args: exactly("STATEMENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				q, err := s.QueryStop(ctx, app.QueryStopRequest{ID: args[0]})
				if err != nil {
					return err
				}
				return c.show(q, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "statement %s: %s\n", q.ID, q.State)
					return err
				})
			})
		},
	}
}
