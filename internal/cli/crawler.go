package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) crawlerCmd() *cobra.Command {
	return group("crawler", "Crawlers: list, get, run, stop, runs, tables, diff",
		`Crawlers look at files and make tables of them, as crawlers.yaml declares.`,
		`  mulgil crawler diff bronze
  mulgil crawler run bronze`,
		c.crawlerListCmd(), c.crawlerGetCmd(), c.crawlerRunCmd(), c.crawlerStopCmd(), c.crawlerRunsCmd(), c.crawlerTablesCmd(), c.crawlerDiffCmd())
}

func (c *cli) crawlerListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the project's crawlers",
		Long:    `List the project's crawlers with their state and last run.`,
		Example: `  mulgil crawler list`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.CrawlerList(ctx, app.CrawlerListRequest{})
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error {
					g := c.newGrid("crawler", "state", "database", "targets", "last run", "result")
					for _, x := range all {
						when, state := "", ""
						if x.Last != nil {
							when, state = moment(x.Last.StartedAt), string(x.Last.State)
						}
						g.add(x.Name, x.State, x.Database, strings.Join(x.Targets, ", "), when, state)
					}
					return g.write(w)
				})
			})
		},
	}
}
