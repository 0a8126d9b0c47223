package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) jobStopCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "stop RUN",
		Short:   "Stop a run",
		Long:    `Stop a run that is in progress. Its tables stay as they were.`,
		Example: `  mulgil job stop 01J...`,
		Args:    exactly("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				r, err := s.JobStop(ctx, app.JobStopRequest{ID: args[0]})
				if err != nil {
					return err
				}
				return c.show(r, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "run %s of job %s: %s\n", r.ID, r.Job, r.State)
					return err
				})
			})
		},
	}
}
