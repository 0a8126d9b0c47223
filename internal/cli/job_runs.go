package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) jobRunsCmd() *cobra.Command {
	var req app.JobRunsRequest
	var id string
	cmd := &cobra.Command{
		Use:   "runs [JOB]",
		Short: "List runs of jobs, newest first",
		Long: `List runs, newest first: of one job or of all. With --id show one run in full,
its plan included.`,
		Example: `  mulgil job runs
  mulgil job runs SILVER --limit 5
  mulgil job runs --id 01J...`,
		Args:              atMost(1),
		ValidArgsFunction: c.complete("job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				req.Job = args[0]
			}
			if req.Limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				if id != "" {
					return c.oneRun(ctx, s, id)
				}
				runs, err := s.JobRuns(ctx, req)
				if err != nil {
					return err
				}
				return c.show(runs, func(w io.Writer) error {
					g := c.newGrid("run", "job", "state", "started", ">took", ">rows", ">files", ">size", "error")
					for _, r := range runs {
						msg := ""
						if r.Error != nil {
							msg = r.Error.Message
						}
						g.add(r.ID, r.Job, string(r.State), moment(r.StartedAt), c.took(r.StartedAt, r.EndedAt), count(r.Rows), count(r.Files), size(r.Bytes), msg)
					}
					return g.write(w)
				})
			})
		},
	}
	cmd.Flags().IntVar(&req.Limit, "limit", 20, "`number` of runs")
	cmd.Flags().StringVar(&id, "id", "", "`RUN` to show in full")
	return cmd
}

func (c *cli) oneRun(ctx context.Context, s *session, id string) error {
	r, err := s.JobRunGet(ctx, app.JobRunGetRequest{ID: id})
	if err != nil {
		return err
	}
	return c.show(r, func(w io.Writer) error {
		if err := c.printRun(w, r); err != nil {
			return err
		}
		if r.Error != nil {
			fmt.Fprintf(w, "error: %s\n", r.Error.Message)
		}
		if r.Plan != "" {
			fmt.Fprintf(w, "\n%s\n", r.Plan)
		}
		return nil
	})
}
