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
		Long:  `List the tables of one database or of all, with rows, files and size.`,
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
				return c.show(tables, func(w io.Writer) error {
					g := c.newGrid("database", "table", "kind", ">rows", ">files", ">size", "updated", "comment")
					for _, t := range tables {
						g.add(t.Database, t.Name, t.Kind, rowCount(t.Rows), count(t.Files), size(t.Bytes), momentOf(t.UpdatedAt), t.Comment)
					}
					return g.write(w)
				})
			})
		},
	}
}

// rowCount leaves an unknown number (-1) empty.
func rowCount(n int64) string {
	if n < 0 {
		return ""
	}
	return count(n)
}
