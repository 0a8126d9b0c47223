package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) crawlerTablesCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "tables [DATABASE]",
		Short: "List the tables that crawlers recorded",
		Long: `List the tables that crawlers recorded, as Glue's catalog would show them. --json
has the columns with their types and comments, partition keys apart.`,
		Example: `  mulgil crawler tables
  mulgil crawler tables de-enhancement-db --json`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			req := app.CrawlerTablesRequest{}
			if len(args) > 0 {
				req.Database = args[0]
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.CrawlerTables(ctx, req)
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error { return c.printCrawled(w, all) })
			})
		},
	}
}

func (c *cli) printCrawled(w io.Writer, all []app.CrawledTable) error {
	g := c.newGrid("table", "format", ">columns", "partitioned by", "crawler", "updated", "")
	for _, t := range all {
		var keys []string
		for _, k := range t.PartitionKeys {
			keys = append(keys, k.Name)
		}
		mark := ""
		if t.Deprecated {
			mark = "deprecated"
		}
		g.add(t.Database+"."+t.Name, t.Format, count(int64(len(t.Columns))), strings.Join(keys, ", "), t.Crawler, moment(t.UpdatedAt), mark)
	}
	return g.write(w)
}
