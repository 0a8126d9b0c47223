package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) jobPreviewCmd() *cobra.Command {
	var req app.JobPreviewRequest
	var pairs []string
	cmd := &cobra.Command{
		Use:   "preview JOB",
		Short: "Show the first rows a job would write",
		Long: `Show the first rows a job would write, or those of one of its WITH queries.
Nothing is written.`,
		Example: `  mulgil job preview SILVER --limit 20
  mulgil job preview SILVER --cte joined`,
		Args:              exactly("JOB"),
		ValidArgsFunction: c.complete("job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.Args, err = keyValues(cmd, pairs); err != nil {
				return err
			}
			if req.Limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			req.Job = args[0]
			return c.withStatement(cmd, func(ctx context.Context, s *session) error {
				rs, err := s.JobPreview(ctx, req, c.report())
				if err != nil {
					return err
				}
				return c.results(rs)
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&req.Limit, "limit", 20, "`number` of rows")
	f.StringVar(&req.CTE, "cte", "", "`NAME` of a WITH query to show instead")
	f.StringVar(&req.Output, "output", "", "`NAME` of one of several outputs")
	f.StringArrayVar(&pairs, "arg", nil, "`NAME=VALUE` of a parameter, repeatable")
	return cmd
}
