package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func (c *cli) kvPutCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "put TABLE ITEM",
		Short: "Write an item",
		Long: `Write an item, replacing the one with its key. ITEM is DynamoDB's JSON, - reads it
from standard input. With --json the item that was replaced is printed.`,
		Example: `  mulgil kv put customers '{"id": {"S": "A100"}, "visits": {"N": "1"}}'
  mulgil kv put customers - < item.json`,
		Args:              exactly("TABLE", "ITEM"),
		ValidArgsFunction: c.complete("kv"),
		RunE: func(cmd *cobra.Command, args []string) error {
			item := []byte(args[1])
			if args[1] == "-" {
				var err error
				if item, err = io.ReadAll(c.env.Stdin); err != nil {
					return fmt.Errorf("read item: %w", err)
				}
			}
			if !json.Valid(item) {
				return base.Errorf(base.Usage, "the item is not JSON").WithHint(`write it as DynamoDB does: {"id": {"S": "A100"}}`)
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				x, err := s.KVPut(ctx, app.KVPutRequest{Table: args[0], Item: item})
				if err != nil {
					return err
				}
				return c.show(x, func(w io.Writer) error {
					what := "wrote a new item to"
					if x.Item != nil {
						what = "replaced an item of"
					}
					_, err := fmt.Fprintf(w, "%s %s\n", what, args[0])
					return err
				})
			})
		},
	}
}
