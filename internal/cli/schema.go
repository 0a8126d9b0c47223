package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (c *cli) schemaCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "schema PATH",
		Short: "Print the columns of a data file",
		Long:  `Print the columns and types of a Parquet, CSV or JSON file, or of a folder of them.`,
		Example: `  mulgil schema export/customer
  mulgil schema s3://shop-lake/bronze/purchase --json`,
		Args: exactly("PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.env.Schema(cmd.Context(), c.fileRequest(args[0]))
			if err != nil {
				return err
			}
			return c.show(s, func(w io.Writer) error {
				f := &facts{}
				f.add("path", s.Path)
				f.add("format", s.Format)
				f.add("rows", known(s.Rows, count))
				f.add("files", fmt.Sprintf("%s, %s", count(s.Files), size(s.Bytes)))
				if err := f.write(w); err != nil {
					return err
				}
				fmt.Fprintln(w)
				return c.printColumns(w, s.Columns)
			})
		},
	}
}
