package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) crawlerGetCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "get CRAWLER",
		Short:             "Print a crawler as AWS's GetCrawler returns it",
		Long:              `Print a crawler as AWS's GetCrawler returns it: always JSON.`,
		Example:           `  mulgil crawler get bronze`,
		Args:              exactly("CRAWLER"),
		ValidArgsFunction: c.complete("crawler"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				text, err := s.CrawlerGet(ctx, app.CrawlerGetRequest{Name: args[0]})
				if err != nil {
					return err
				}
				var b bytes.Buffer
				if err := json.Indent(&b, text, "", "  "); err != nil {
					return fmt.Errorf("print crawler: %w", err)
				}
				_, err = fmt.Fprintln(c.env.Stdout, b.String())
				return err
			})
		},
	}
}
