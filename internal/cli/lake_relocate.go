package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) lakeRelocateCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "relocate",
		Short: "Adopt the lake where it is now",
		Long: `Adopt a lake whose folder was copied or moved: its metadata, which names files by
their whole path, is written anew for the present place. Data files stay as
they are, and the change takes effect as one.`,
		Example: `  cp -r shop shop2 && cd shop2 && mulgil lake relocate`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt, err := c.openAlone()
			if err != nil {
				return err
			}
			r, err := c.env.Relocate(cmd.Context(), opt, app.LakeRelocateRequest{}, c.report())
			if err != nil {
				return err
			}
			return c.show(r, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "relocated %s, %s of metadata: %s -> %s\n", plural(r.Tables, "table"), plural(r.Files, "file"), r.From, r.To)
				return err
			})
		},
	}
}
