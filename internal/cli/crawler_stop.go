package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) crawlerStopCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "stop CRAWLER",
		Short:             "Stop a running crawler",
		Long:              `Stop a running crawler. Tables it has finished stay.`,
		Example:           `  mulgil crawler stop bronze`,
		Args:              exactly("CRAWLER"),
		ValidArgsFunction: c.complete("crawler"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				r, err := s.CrawlerStop(ctx, app.CrawlerStopRequest{Name: args[0]})
				if err != nil {
					return err
				}
				return c.show(r, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "run %s of crawler %s: %s\n", r.ID, r.Crawler, r.State)
					return err
				})
			})
		},
	}
}
