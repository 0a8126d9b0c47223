package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) kvDeleteCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "delete TABLE KEY [RANGE-KEY]",
		Short: "Delete an item",
		Long: `Delete the item with a key; it is an error if there is none. With --json the
deleted item is printed.`,
		Example:           `  mulgil kv delete customers A100`,
		Args:              tableAndKey,
		ValidArgsFunction: c.complete("kv"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				x, err := s.KVDelete(ctx, app.KVDeleteRequest{Table: args[0], Hash: args[1], Range: rangePart(args)})
				if err != nil {
					return err
				}
				if x.Item == nil {
					return noItem(args)
				}
				return c.show(x, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "deleted an item of %s\n", args[0])
					return err
				})
			})
		},
	}
}
