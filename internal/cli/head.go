package cli

import "github.com/spf13/cobra"

func (c *cli) headCmd() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "head PATH",
		Short: "Print the first rows of a data file",
		Long: `Print the first rows of a Parquet, CSV or JSON file, or of a folder of them.
Inside a project, s3:// paths go through its buckets.`,
		Example: `  mulgil head export/customer --limit 5
  mulgil head s3://shop-lake/bronze/purchase`,
		Args: exactly("PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			req := c.fileRequest(args[0])
			req.Limit = limit
			rs, err := c.env.Head(cmd.Context(), req)
			if err != nil {
				return err
			}
			return c.results(rs)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 10, "`number` of rows")
	return cmd
}

// fileRequest names a path; the project is optional.
func (c *cli) fileRequest(path string) FileRequest {
	opt, err := c.open()
	if err != nil {
		opt.Root = ""
	}
	return FileRequest{Path: path, Dir: c.env.Dir, Open: opt}
}
