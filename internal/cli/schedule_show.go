package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) scheduleShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "show SCHEDULE",
		Short:             "Show one schedule",
		Long:              `Show one schedule with all it says and where it stands.`,
		Example:           `  mulgil schedule show nightly`,
		Args:              exactly("SCHEDULE"),
		ValidArgsFunction: c.complete("schedule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				d, err := s.ScheduleShow(ctx, app.ScheduleShowRequest{Name: args[0]})
				if err != nil {
					return err
				}
				return c.show(d, func(w io.Writer) error { return printSchedule(w, d) })
			})
		},
	}
}

func printSchedule(w io.Writer, d app.ScheduleDetail) error {
	f := &facts{}
	f.add("schedule", d.Name)
	f.add("description", d.Description)
	f.add("declared", d.Place)
	f.add("starts", d.Target.Kind+" "+d.Target.Name)
	f.add("input", string(d.Input))
	f.add("when", d.Schedule)
	f.add("timezone", d.Timezone)
	f.add("from", momentOf(d.Start))
	f.add("until", momentOf(d.End))
	if d.WindowSeconds > 0 {
		f.add("window", span(time.Duration(d.WindowSeconds)*time.Second))
	}
	f.add("catch up", d.CatchUp)
	f.add("retry", fmt.Sprintf("%d attempts within %s", d.RetryAttempts, span(time.Duration(d.RetryAgeSeconds)*time.Second)))
	f.add("dead letter", d.DeadLetter)
	if d.NotifyWorkflow != "" {
		f.add("notify", "workflow "+d.NotifyWorkflow+" on "+strings.Join(d.NotifyOn, ", "))
	}
	enabled := yesNo(d.Enabled)
	if d.Switched {
		enabled += " (by hand)"
	}
	f.add("enabled", enabled)
	f.add("next", momentOf(d.Next))
	if d.Last != nil {
		f.add("last", moment(d.Last.Time)+" "+d.Last.State)
	}
	return f.write(w)
}
