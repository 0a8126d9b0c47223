package cli

import (
	"context"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) scheduleNextCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "next [COUNT] [SCHEDULE]",
		Short: "Show the times to come",
		Long: `Show the next times at which schedules fire, in their zone and in UTC: of one
schedule, or of all that are enabled.`,
		Example: `  mulgil schedule next
  mulgil schedule next 30 nightly`,
		Args: atMost(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			req := app.ScheduleNextRequest{Count: 10}
			if len(args) > 0 {
				n, err := strconv.Atoi(args[0])
				switch {
				case err == nil && n > 0:
					req.Count, args = n, args[1:]
				case err == nil || len(args) == 2:
					return usage(cmd, "COUNT cannot be %q: it takes a whole number above 0", args[0])
				}
			}
			if len(args) > 0 {
				req.Name = args[0]
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.ScheduleNext(ctx, req)
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error {
					g := c.newGrid("schedule", "zone's time", "timezone", "UTC")
					if slices.ContainsFunc(all, func(x app.ScheduledTime) bool { return x.Here != "" }) {
						g = c.newGrid("schedule", "zone's time", "timezone", "UTC", "project's time")
					}
					for _, x := range all {
						row := []string{x.Schedule, x.Local, x.Timezone, moment(x.Time)}
						if x.Here != "" {
							row = append(row, x.Here)
						}
						g.add(row...)
					}
					return g.write(w)
				})
			})
		},
	}
}
