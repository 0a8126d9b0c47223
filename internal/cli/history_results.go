package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) historyResultsCmd() *cobra.Command {
	var req app.QueryResultsRequest
	cmd := &cobra.Command{
		Use:   "results STATEMENT",
		Short: "Print the rows of a statement again",
		Long: `Print the rows of a statement that succeeded again, without running it. Rows
are kept for 7 days, 5 GB in all, the least recently used go first.`,
		Example: `  mulgil history results 6f1a0c5e-3f54-4b0e-9c0a-2f1f2b7f7a11
  mulgil history results 6f1a0c5e-3f54-4b0e-9c0a-2f1f2b7f7a11 --offset 1000 --json`,
		Args: exactly("STATEMENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.ID = args[0]
			if req.Limit < 1 || req.Offset < 0 {
				return usage(cmd, "--limit must be 1 or more, --offset 0 or more")
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				rs, err := s.QueryResults(ctx, req)
				if err != nil {
					return err
				}
				return c.results(rs)
			})
		},
	}
	cmd.Flags().IntVar(&req.Limit, "limit", 1000, "largest `number` of rows to print")
	cmd.Flags().IntVar(&req.Offset, "offset", 0, "`number` of rows to leave out first")
	return cmd
}
