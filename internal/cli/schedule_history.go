package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) scheduleHistoryCmd() *cobra.Command {
	var req app.ScheduleHistoryRequest
	cmd := &cobra.Command{
		Use:   "history [SCHEDULE]",
		Short: "List fires, newest first",
		Long: `List fires of one schedule or of all, the newest time first: what they started and
how it ended, what was given up (DROPPED) and what was missed (SKIPPED).`,
		Example: `  mulgil schedule history
  mulgil schedule history nightly --limit 5`,
		Args:              atMost(1),
		ValidArgsFunction: c.complete("schedule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				req.Name = args[0]
			}
			if req.Limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.ScheduleHistory(ctx, req)
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error { return c.printFires(w, all) })
			})
		},
	}
	cmd.Flags().IntVar(&req.Limit, "limit", 20, "`number` of fires")
	return cmd
}

func (c *cli) printFires(w io.Writer, all []app.ScheduleFire) error {
	g := c.newGrid("schedule", "time", "state", "run", "started", ">took", ">attempts", "error")
	for _, f := range all {
		state := f.State
		switch {
		case f.Manual:
			state += " (by hand)"
		case f.CatchUp:
			state += " (catch-up)"
		case f.Missed > 0:
			state += fmt.Sprintf(" (%s missed)", count(int64(f.Missed)))
		}
		took, attempts := "", ""
		if f.StartedAt != nil {
			took = c.took(*f.StartedAt, f.EndedAt)
		}
		if f.Attempts > 0 {
			attempts = count(int64(f.Attempts))
		}
		msg, _, _ := strings.Cut(f.Error, "\n")
		g.add(f.Schedule, moment(f.Time), state, f.Run, momentOf(f.StartedAt), took, attempts, msg)
	}
	return g.write(w)
}
