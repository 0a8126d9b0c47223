package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func (c *cli) scheduleRunCmd() *cobra.Command {
	var req app.ScheduleRunRequest
	cmd := &cobra.Command{
		Use:   "run SCHEDULE",
		Short: "Start what a schedule starts, by hand",
		Long: `Start what a schedule starts, with its input, and wait for the end. With --at the
dates of the input are those of another time: of a fire that was missed or whose
run failed.`,
		Example: `  mulgil schedule run nightly
  mulgil schedule run nightly --at 2027-03-01T02:00:00`,
		Args:              exactly("SCHEDULE"),
		ValidArgsFunction: c.complete("schedule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Name = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				if req.Detach {
					if err := s.needOwner("--detach"); err != nil {
						return err
					}
				}
				f, err := s.ScheduleRun(ctx, req, c.report())
				if err != nil {
					return err
				}
				if err := c.show(f, func(w io.Writer) error { return c.printFire(w, f) }); err != nil {
					return err
				}
				return fireError(f)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&req.At, "at", "", "`TIME` it is to have fired for, in the schedule's zone, as 2027-03-01T02:00:00")
	f.BoolVar(&req.Detach, "detach", false, "do not wait for the end")
	return cmd
}

func (c *cli) printFire(w io.Writer, x app.ScheduleFire) error {
	f := &facts{}
	f.add("schedule", x.Schedule)
	f.add("time", moment(x.Time))
	f.add("starts", x.Target.Kind+" "+x.Target.Name)
	f.add("run", x.Run)
	f.add("state", x.State)
	f.add("started", momentOf(x.StartedAt))
	if x.StartedAt != nil {
		f.add("took", c.took(*x.StartedAt, x.EndedAt))
	}
	f.add("error", x.Error)
	return f.write(w)
}

// fireError is nil unless f's run failed.
func fireError(f app.ScheduleFire) error {
	if f.State != "FAILED" {
		return nil
	}
	e := base.Errorf(base.Invalid, "%s %s, started by schedule %s, failed", f.Target.Kind, f.Target.Name, f.Schedule)
	switch f.Target.Kind {
	case "workflow":
		e.Hint = "see: mulgil workflow history " + f.Run
	case "job":
		e.Hint = "see: mulgil job log " + f.Run
	default:
		e.Hint = "see: mulgil crawler runs " + f.Target.Name
	}
	return e
}
