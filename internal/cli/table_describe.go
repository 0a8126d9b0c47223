package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableDescribeCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "describe TABLE",
		Short:             "Show a table's columns, comments and partitions",
		Long:              `Show a table's columns with their types and comments, its partitions and size.`,
		Example:           `  mulgil table describe bronze.purchase`,
		Args:              exactly("TABLE"),
		ValidArgsFunction: c.complete("table"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				t, err := s.TableDescribe(ctx, app.TableDescribeRequest{Table: args[0]})
				if err != nil {
					return err
				}
				return c.show(t, func(w io.Writer) error { return c.printTable(w, t) })
			})
		},
	}
}

func (c *cli) printTable(w io.Writer, t app.TableDetail) error {
	f := &facts{}
	f.add("table", t.Database+"."+t.Name)
	f.add("kind", t.Kind)
	f.add("comment", t.Comment)
	f.add("location", t.Location)
	f.add("format", t.Format)
	f.add("rows", known(t.Rows, count))
	f.add("files", fmt.Sprintf("%s, %s", count(t.Files), size(t.Bytes)))
	if len(t.PartitionBy) > 0 {
		f.add("partitions", fmt.Sprintf("%s by %s", count(t.Partitions), strings.Join(t.PartitionBy, ", ")))
	}
	f.add("snapshot", t.SnapshotID)
	f.add("updated", momentOf(t.UpdatedAt))
	for _, k := range slices.Sorted(maps.Keys(t.Properties)) {
		f.add("property", k+"="+t.Properties[k])
	}
	if err := f.write(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return c.printColumns(w, t.Columns)
}

func (c *cli) printColumns(w io.Writer, columns []app.Column) error {
	g := c.newGrid("column", "type", "", "comment")
	for _, col := range columns {
		var marks []string
		if col.Partition {
			marks = append(marks, "partition")
		}
		if col.Required {
			marks = append(marks, "not null")
		}
		g.add(col.Name, col.Type, strings.Join(marks, ", "), col.Comment)
	}
	return g.write(w)
}
