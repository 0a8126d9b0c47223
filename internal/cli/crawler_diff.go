package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) crawlerDiffCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "diff CRAWLER",
		Short:             "Show what a crawler would change",
		Long:              `Show what a crawler would change in the catalog. Nothing is changed.`,
		Example:           `  mulgil crawler diff bronze`,
		Args:              exactly("CRAWLER"),
		ValidArgsFunction: c.complete("crawler"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				return c.crawl(ctx, s, app.CrawlerRunRequest{Name: args[0], DryRun: true, Wait: true})
			})
		},
	}
}
