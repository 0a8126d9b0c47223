package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableExportHiveCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "export-hive TABLE DIR",
		Short: "Write the current snapshot as a plain Hive folder",
		Long: `Write a table's current snapshot as a plain Hive folder, for readers that list
files and know no Iceberg. DIR must be missing or empty.`,
		Example:           `  mulgil table export-hive gold.mart_salesbycustomer ./export/customer`,
		Args:              exactly("TABLE", "DIR"),
		ValidArgsFunction: c.complete("table"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req := app.TableExportHiveRequest{Table: args[0], Dir: c.abs(args[1])}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				r, err := s.TableExportHive(ctx, req, c.report())
				if err != nil {
					return err
				}
				return c.show(r, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s: wrote %s in %s (%s) to %s\n", r.Table, plural(r.Rows, "row"), plural(r.Files, "file"), size(r.Bytes), r.Dir)
					return err
				})
			})
		},
	}
}
