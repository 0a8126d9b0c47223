package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableExpireCmd() *cobra.Command {
	var age string
	req := app.TableExpireRequest{}
	cmd := &cobra.Command{
		Use:   "expire TABLE",
		Short: "Drop old snapshots and the files only they use",
		Long: `Drop a table's old snapshots and the files that only they use. Snapshots that a
running query reads stay.`,
		Example: `  mulgil table expire bronze.purchase
  mulgil table expire bronze.purchase --older-than 0 --keep 1`,
		Args:              exactly("TABLE"),
		ValidArgsFunction: c.complete("table"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := parseAge(cmd, "older-than", age)
			if err != nil {
				return err
			}
			if req.Keep < 1 {
				return usage(cmd, "--keep must be 1 or more")
			}
			seconds := int64(d.Seconds())
			req.Table, req.OlderThanSeconds = args[0], &seconds
			return c.with(cmd, func(ctx context.Context, s *session) error {
				r, err := s.TableExpire(ctx, req, c.report())
				if err != nil {
					return err
				}
				return c.show(r, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s: dropped %s and %s (%s), %s kept\n", r.Table, plural(r.Snapshots, "snapshot"),
						plural(r.Files, "file"), size(r.Bytes), count(r.Kept))
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&age, "older-than", "7d", "`AGE` beyond which snapshots go: 7d, 36h, 0")
	cmd.Flags().IntVar(&req.Keep, "keep", 10, "`number` of newest snapshots that stay in any case")
	return cmd
}
