package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableOptimizeCmd() *cobra.Command {
	var target string
	cmd := &cobra.Command{
		Use:   "optimize TABLE",
		Short: "Rewrite small files into larger ones",
		Long: `Rewrite a table's small files into larger ones. Its content does not change, and
readers go on meanwhile. The old files stay until "table expire".`,
		Example: `  mulgil table optimize bronze.purchase
  mulgil table optimize bronze.purchase --target-size 256MB`,
		Args:              exactly("TABLE"),
		ValidArgsFunction: c.complete("table"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req := app.TableOptimizeRequest{Table: args[0]}
			if target != "" {
				var err error
				if req.TargetBytes, err = parseSize(cmd, "target-size", target); err != nil {
					return err
				}
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				r, err := s.TableOptimize(ctx, req, c.report())
				if err != nil {
					return err
				}
				return c.show(r, func(w io.Writer) error {
					if r.SnapshotID == "" {
						_, err := fmt.Fprintf(w, "%s: nothing to do, %s\n", r.Table, plural(r.FilesBefore, "file"))
						return err
					}
					_, err := fmt.Fprintf(w, "%s: %s became %s, %s became %s\n", r.Table, plural(r.FilesBefore, "file"),
						count(r.FilesAfter), size(r.BytesBefore), size(r.BytesAfter))
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&target, "target-size", "", "wished `SIZE` of a file, such as 128MB")
	return cmd
}
