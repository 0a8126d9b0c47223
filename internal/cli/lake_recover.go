package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) lakeRecoverCmd() *cobra.Command {
	var req app.LakeRecoverRequest
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Register tables again from their files",
		Long: `Register tables that the catalog has lost, each from its newest valid metadata
file in the lake. Tables the catalog knows stay as they are.`,
		Example: `  mulgil lake recover --dry-run
  mulgil lake recover`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt, err := c.openAlone()
			if err != nil {
				return err
			}
			r, err := c.env.Recover(cmd.Context(), opt, req, c.report())
			if err != nil {
				return err
			}
			return c.show(r, func(w io.Writer) error {
				verb := "registered"
				if r.DryRun {
					verb = "would register"
				}
				for _, t := range r.Tables {
					fmt.Fprintln(w, verb, printable(t))
				}
				for _, x := range r.Skipped {
					fmt.Fprintf(w, "skipped %s: %s\n", printable(x.Name), printable(x.Value))
				}
				_, err := fmt.Fprintf(w, "%s %s\n", verb, plural(int64(len(r.Tables)), "table"))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&req.DryRun, "dry-run", false, "list the tables without registering them")
	return cmd
}
