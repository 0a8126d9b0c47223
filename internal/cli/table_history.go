package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) tableHistoryCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "history TABLE",
		Short:             "List a table's snapshots, newest first",
		Long:              `List a table's snapshots, newest first: when, what kind of change, by which write.`,
		Example:           `  mulgil table history bronze.purchase`,
		Args:              exactly("TABLE"),
		ValidArgsFunction: c.complete("table"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.TableHistory(ctx, app.TableHistoryRequest{Table: args[0]})
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error {
					g := c.newGrid("snapshot", "time", "operation", ">added rows", ">total rows", "write", "")
					for _, x := range all {
						mark := ""
						if x.Current {
							mark = "current"
						}
						g.add(x.ID, moment(x.Time), x.Operation, x.Summary["added-records"], x.Summary["total-records"], x.WriteID, mark)
					}
					return g.write(w)
				})
			})
		},
	}
}
