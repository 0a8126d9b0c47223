package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableFilesCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "files TABLE",
		Short:             "List a table's data files",
		Long:              `List the files of a table's current snapshot with their partition, rows and size.`,
		Example:           `  mulgil table files bronze.purchase`,
		Args:              exactly("TABLE"),
		ValidArgsFunction: c.complete("table"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				files, err := s.TableFiles(ctx, app.TableFilesRequest{Table: args[0]})
				if err != nil {
					return err
				}
				return c.show(files, func(w io.Writer) error {
					g := c.newGrid("partition", ">rows", ">size", "path")
					for _, f := range files {
						path := f.Path
						if f.Deletes {
							path += " (deletes)"
						}
						g.add(f.Partition, known(f.Rows, count), size(f.Bytes), path)
					}
					return g.write(w)
				})
			})
		},
	}
}
