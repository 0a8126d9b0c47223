package cli

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"
)

// build is version's result.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (c *cli) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    `Print the version of this program and what it was built with.`,
		Example: `  mulgil version --json`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			b := build{c.env.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return c.show(b, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "mulgil %s (%s, %s)\n", b.Version, b.Go, b.Platform)
				return err
			})
		},
	}
}
