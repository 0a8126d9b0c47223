package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// validated is validate's result.
type validated struct {
	Validation
	Warnings []*app.ErrorInfo `json:"warnings"`
}

func (c *cli) validateCmd() *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check every file of the project",
		Long: `Check every file of the project and report all mistakes at once, each with its
file, line and what to do. Nothing is run and no connection is made.`,
		Example: `  mulgil validate
  mulgil validate --target prod --strict`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt, err := c.open()
			if err != nil {
				return err
			}
			v, err := c.env.Validate(cmd.Context(), opt)
			if err != nil {
				return err
			}
			res := validated{v, []*app.ErrorInfo{}}
			for _, w := range v.Warnings {
				res.Warnings = append(res.Warnings, app.NewErrorInfo(w))
				if !c.json {
					fmt.Fprintln(c.env.Stderr, "warning: "+base.Render(w))
				}
			}
			err = c.show(res, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "project %s is valid: %s, %s, %s, %s, %s\n", v.Project, plural(int64(v.Jobs), "job"),
					plural(int64(v.Workflows), "workflow"), plural(int64(v.Crawlers), "crawler"), plural(int64(v.Schedules), "schedule"), plural(int64(len(v.Warnings)), "warning"))
				return err
			})
			if err == nil && strict && len(v.Warnings) > 0 {
				return exitCode(exitFailed)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings fail too")
	return cmd
}
