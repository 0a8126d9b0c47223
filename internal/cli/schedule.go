package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) scheduleCmd() *cobra.Command {
	return group("schedule", "Schedules: list, show, next, enable, disable, run, history",
		`Schedules start workflows, jobs and crawlers at times, as schedules.yaml declares.
The process of "mulgil up" fires them. A crawler's own schedule has the name
crawler:NAME.`,
		`  mulgil schedule next 10
  mulgil schedule history nightly`,
		c.scheduleListCmd(), c.scheduleShowCmd(), c.scheduleNextCmd(), c.scheduleEnableCmd(), c.scheduleDisableCmd(), c.scheduleRunCmd(), c.scheduleHistoryCmd())
}

func (c *cli) scheduleListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the project's schedules",
		Long:    `List the project's schedules with the time to come and the last fire.`,
		Example: `  mulgil schedule list`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.ScheduleList(ctx, app.ScheduleListRequest{})
				if err != nil {
					return err
				}
				return c.show(all, func(w io.Writer) error { return c.printSchedules(w, all) })
			})
		},
	}
}

func (c *cli) printSchedules(w io.Writer, all []app.ScheduleInfo) error {
	g := c.newGrid("schedule", "starts", "when", "timezone", "enabled", "next", "last", "state")
	for _, x := range all {
		last, state := "", ""
		if x.Last != nil {
			last, state = moment(x.Last.Time), x.Last.State
		}
		g.add(x.Name, x.Target.Kind+" "+x.Target.Name, x.Schedule, x.Timezone, yesNo(x.Enabled), momentOf(x.Next), last, state)
	}
	return g.write(w)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
