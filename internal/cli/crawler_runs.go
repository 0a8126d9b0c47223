package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) crawlerRunsCmd() *cobra.Command {
	var req app.CrawlerRunsRequest
	cmd := &cobra.Command{
		Use:               "runs CRAWLER",
		Short:             "List a crawler's runs, newest first",
		Long:              `List a crawler's runs, newest first.`,
		Example:           `  mulgil crawler runs bronze`,
		Args:              exactly("CRAWLER"),
		ValidArgsFunction: c.complete("crawler"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if req.Limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			req.Name = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.CrawlerRuns(ctx, req)
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error {
					g := c.newGrid("run", "state", "started", ">took", ">files", ">changed tables", "error")
					for _, r := range all {
						msg := ""
						if r.Error != nil {
							msg = r.Error.Message
						}
						g.add(r.ID, string(r.State), moment(r.StartedAt), c.took(r.StartedAt, r.EndedAt), count(r.Files), count(int64(len(r.Changes))), msg)
					}
					return g.write(w)
				})
			})
		},
	}
	cmd.Flags().IntVar(&req.Limit, "limit", 20, "`number` of runs")
	return cmd
}
