package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableCleanCmd() *cobra.Command {
	var req app.TableCleanRequest
	cmd := &cobra.Command{
		Use:   "clean [TABLE]",
		Short: "Delete files no table refers to",
		Long: `Delete files that no table refers to, left by writes that did not end: of one
table or of the whole lake. Files being written or read are never taken.`,
		Example: `  mulgil table clean --dry-run
  mulgil table clean bronze.purchase`,
		Args:              atMost(1),
		ValidArgsFunction: c.complete("table"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				req.Table = args[0]
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				r, err := s.TableClean(ctx, req, c.report())
				if err != nil {
					return err
				}
				return c.show(r, func(w io.Writer) error {
					verb := "deleted"
					if r.DryRun {
						verb = "would delete"
						for _, p := range r.Paths {
							fmt.Fprintln(w, printable(p))
						}
					}
					_, err := fmt.Fprintf(w, "%s %s (%s)\n", verb, plural(r.Files, "file"), size(r.Bytes))
					return err
				})
			})
		},
	}
	cmd.Flags().BoolVar(&req.DryRun, "dry-run", false, "list the files without deleting them")
	return cmd
}
