package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (c *cli) sampleCmd() *cobra.Command {
	return group("sample", "Fill a database with made-up data",
		`Fill a database with made-up data to try things on.`,
		`  mulgil sample retail --to sqlite://./shop.db`,
		c.sampleRetailCmd())
}

func (c *cli) sampleRetailCmd() *cobra.Command {
	req := SampleRequest{Kind: "retail"}
	cmd := &cobra.Command{
		Use:   "retail",
		Short: "A shop: customers, products, postal codes, purchases",
		Long: `Fill a database with a shop's tables: retail.customer, retail.products_info,
retail.zipcode and retail.purchase, with keys and Korean comments. The same
seed gives the same rows on every machine. Tables of these names are replaced.`,
		Example: `  mulgil sample retail --to sqlite://./shop.db
  mulgil sample retail --rows 28593030 --seed 7 --to postgres://user@localhost/shop`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
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
		},
	}
	f := cmd.Flags()
	f.Int64Var(&req.Rows, "rows", 1000000, "`number` of purchases")
	f.Uint64Var(&req.Seed, "seed", 1, "`number` that picks the data")
	f.StringVar(&req.To, "to", "", "`URL` of the database: sqlite://./shop.db or postgres://user@host/db")
	return cmd
}
