package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (c *cli) sampleCmd() *cobra.Command {
	return group("sample", "Fill a database with made-up data",
		`Fill a database with made-up data to try things on.`,
		`  mulgil sample retail --to sqlite://./shop.db
  mulgil sample store --to sqlite://./store.db`,
		c.sampleRetailCmd(), c.sampleStoreCmd())
}

func (c *cli) sampleRetailCmd() *cobra.Command {
	return c.sampleOf("retail", 1_000_000, "`number` of purchases", &cobra.Command{
		Short: "A shop: customers, products, postal codes, purchases",
		Long: `Fill a database with a shop's tables: retail.customer, retail.products_info,
retail.zipcode and retail.purchase, with keys and Korean comments. The same
seed gives the same rows on every machine. Tables of these names are replaced.`,
		Example: `  mulgil sample retail --to sqlite://./shop.db
  mulgil sample retail --rows 28593030 --seed 7 --to postgres://user@localhost/shop`,
	})
}

func (c *cli) sampleStoreCmd() *cobra.Command {
	return c.sampleOf("store", 350_000, "`number` of receipts", &cobra.Command{
		Short: "A convenience store: products, receipts, orders and disposals",
		Long: `Fill a database with a convenience store's tables from 2015-01-01 to 2017-08-31:
"RETAIL".products, "RETAIL".transaction_order and "RETAIL".balju_refund, with
keys and Korean comments. The same seed gives the same rows on every machine.
Tables of these names are replaced.`,
		Example: `  mulgil sample store --to sqlite://./store.db
  mulgil sample store --seed 7 --to postgres://user@localhost/store`,
	})
}

// sampleOf completes the command of one kind of sample.
func (c *cli) sampleOf(kind string, rows int64, counted string, cmd *cobra.Command) *cobra.Command {
	req := SampleRequest{Kind: kind}
	cmd.Use, cmd.Args = kind, atMost(0)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case req.To == "":
			return usage(cmd, "%s needs --to", cmd.CommandPath())
		case req.Rows < 0:
			return usage(cmd, "--rows cannot be negative")
		}
		req.Dir = c.env.Dir
		res, err := c.env.Sample(cmd.Context(), req, c.report())
		if err != nil {
			return err
		}
		return c.show(res, func(w io.Writer) error {
			g := c.newGrid("table", ">rows")
			for _, t := range res.Tables {
				g.add(t.Table, count(t.Rows))
			}
			if err := g.write(w); err != nil {
				return err
			}
			_, err := fmt.Fprintf(w, "seed %d, sum of amounts %s\n", res.Seed, count(res.Amount))
			c.note("written in %.1fs", res.Seconds)
			return err
		})
	}
	f := cmd.Flags()
	f.Int64Var(&req.Rows, "rows", rows, counted)
	f.Uint64Var(&req.Seed, "seed", 1, "`number` that picks the data")
	f.StringVar(&req.To, "to", "", "`URL` of the database: sqlite://./shop.db or postgres://user@host/db")
	return cmd
}
