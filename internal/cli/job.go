package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) jobCmd() *cobra.Command {
	return group("job", "Jobs: list, show, run, preview, runs, log, stop",
		`Jobs fill tables: SQL files in jobs/ with their target, parameters and tests, or
commands. Each run is recorded.`,
		`  mulgil job list
  mulgil job run SILVER`,
		c.jobListCmd(), c.jobShowCmd(), c.jobRunCmd(), c.jobPreviewCmd(), c.jobRunsCmd(), c.jobLogCmd(), c.jobStopCmd())
}

func (c *cli) jobListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the project's jobs",
		Long:    `List the project's jobs with the tables they write and their last run.`,
		Example: `  mulgil job list`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				jobs, err := s.JobList(ctx, app.JobListRequest{})
				if err != nil {
					return err
				}
				return c.show(jobs, func(w io.Writer) error {
					g := c.newGrid("job", "aliases", "kind", "writes", "last run", "state")
					for _, j := range jobs {
						when, state := "", ""
						if j.Last != nil {
							when, state = moment(j.Last.StartedAt), string(j.Last.State)
						}
						g.add(j.Name, strings.Join(j.Aliases, ", "), j.Kind, strings.Join(j.Outputs, ", "), when, state)
					}
					return g.write(w)
				})
			})
		},
	}
}
