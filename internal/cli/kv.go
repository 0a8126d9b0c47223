package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func (c *cli) kvCmd() *cobra.Command {
	return group("kv", "The key-value store: tables, get, put, delete, scan",
		`Items of the key-value store, whose tables mulgil.yaml declares under keyvalue:. State
machines reach them as DynamoDB's. Items are DynamoDB's JSON; a KEY is text, a
number in decimal notation for type N, base64 for type B.`,
		`  mulgil kv put customers '{"id": {"S": "A100"}, "visits": {"N": "1"}}'
  mulgil kv get customers A100`,
		c.kvTablesCmd(), c.kvGetCmd(), c.kvPutCmd(), c.kvDeleteCmd(), c.kvScanCmd())
}

func (c *cli) kvTablesCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "tables",
		Short:   "List the tables with their keys",
		Long:    `List the tables of the key-value store with their keys and number of items.`,
		Example: `  mulgil kv tables`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				tables, err := s.KVTables(ctx, app.KVTablesRequest{})
				if err != nil {
					return err
				}
				return c.show(tables, func(w io.Writer) error {
					g := c.newGrid("table", "hash key", "range key", ">items")
					for _, t := range tables {
						r := ""
						if t.RangeKey != nil {
							r = t.RangeKey.Name + " " + t.RangeKey.Type
						}
						g.add(t.Name, t.HashKey.Name+" "+t.HashKey.Type, r, count(t.Items))
					}
					return g.write(w)
				})
			})
		},
	}
}

// tableAndKey takes a table and one or two parts of a key.
func tableAndKey(cmd *cobra.Command, args []string) error {
	if len(args) < 2 {
		return exactly("TABLE", "KEY")(cmd, args)
	}
	return atMost(3)(cmd, args)
}

// rangePart is the second part of a key, empty if there is none.
func rangePart(args []string) string {
	if len(args) < 3 {
		return ""
	}
	return args[2]
}

func noItem(args []string) error {
	return base.Errorf(base.NotFound, "no item of %s has this key", args[0]).WithHint("mulgil kv scan %s shows what there is", args[0])
}
