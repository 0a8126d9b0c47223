package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) kvGetCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "get TABLE KEY [RANGE-KEY]",
		Short:             "Print an item",
		Long:              `Print the item with a key: always JSON. It is an error if there is none.`,
		Example:           `  mulgil kv get customers A100`,
		Args:              tableAndKey,
		ValidArgsFunction: c.complete("kv"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				x, err := s.KVGet(ctx, app.KVGetRequest{Table: args[0], Hash: args[1], Range: rangePart(args)})
				if err != nil {
					return err
				}
				if x.Item == nil {
					return noItem(args)
				}
				return c.printItem(x.Item)
			})
		},
	}
}

// printItem writes an item, indented.
func (c *cli) printItem(item json.RawMessage) error {
	c.progress.close()
	var b bytes.Buffer
	if err := json.Indent(&b, item, "", "  "); err != nil {
		return fmt.Errorf("print item: %w", err)
	}
	_, err := fmt.Fprintln(c.env.Stdout, b.String())
	return err
}
