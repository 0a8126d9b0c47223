package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableCmd() *cobra.Command {
	return group("table", "Tables: list, describe, files, history, optimize, expire, clean, export-hive",
		`Tables of the lake's catalog. TABLE is database.table.`,
		`  mulgil table list
  mulgil table describe bronze.purchase`,
		c.tableListCmd(), c.tableDescribeCmd(), c.tableFilesCmd(), c.tableHistoryCmd(),
		c.tableOptimizeCmd(), c.tableExpireCmd(), c.tableCleanCmd(), c.tableExportHiveCmd())
}

func (c *cli) tableListCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "list [DATABASE]",
		Short: "List tables with their size",
		Long: `List the tables of one database or of all, with rows, files and size. A table
whose metadata is damaged is listed without them, and a warning names the file.`,
		Example: `  mulgil table list
  mulgil table list gold`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var req app.TableListRequest
			if len(args) > 0 {
				req.Database = args[0]
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				tables, err := s.TableList(ctx, req)
				if err != nil {
					return err
				}
				for _, t := range tables {
					if t.Error != "" {
						c.note("warning: table %s.%s: %s", t.Database, t.Name, t.Error)
					}
				}
				return c.show(tables, func(w io.Writer) error {
					g := c.newGrid("database", "table", "kind", ">rows", ">files", ">size", "updated", "comment")
					for _, t := range tables {
						g.add(t.Database, t.Name, t.Kind, known(t.Rows, count), known(t.Files, count), known(t.Bytes, size), momentOf(t.UpdatedAt), t.Comment)
					}
					return g.write(w)
				})
			})
		},
	}
}

// known shows a number, an unknown one (-1) as nothing.
func known(n int64, show func(int64) string) string {
	if n < 0 {
		return ""
	}
	return show(n)
}
