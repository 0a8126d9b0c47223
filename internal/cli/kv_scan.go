package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) kvScanCmd() *cobra.Command {
	var limit int
	var after []string
	cmd := &cobra.Command{
		Use:   "scan TABLE",
		Short: "Print items in the order of their keys",
		Long: `Print items in the order of their keys, one a line in DynamoDB's JSON: texts by their
bytes, numbers by amount, the items of one hash key by their range key.`,
		Example: `  mulgil kv scan customers --limit 100
  mulgil kv scan customers --after A100`,
		Args:              exactly("TABLE"),
		ValidArgsFunction: c.complete("kv"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 {
				return usage(cmd, "--limit must be at least 1")
			}
			req := app.KVScanRequest{Table: args[0], Limit: limit}
			switch len(after) {
			case 0:
			case 1, 2:
				req.AfterHash = after[0]
				req.AfterRange = rangePart(append([]string{""}, after...))
			default:
				return usage(cmd, "--after takes a hash key and a range key")
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				page, err := s.KVScan(ctx, req)
				if err != nil {
					return err
				}
				return c.show(page, func(w io.Writer) error {
					for _, i := range page.Items {
						if _, err := fmt.Fprintf(w, "%s\n", i); err != nil {
							return err
						}
					}
					if page.NextHash != "" {
						next := "--after " + page.NextHash
						if page.NextRange != "" {
							next += " --after " + page.NextRange
						}
						c.note("there is more: %s", next)
					}
					return nil
				})
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "print at most `N` items, up to 1000")
	cmd.Flags().StringArrayVar(&after, "after", nil, "begin behind this `KEY`; a range key is a second --after")
	return cmd
}
