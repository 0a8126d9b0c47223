package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) scheduleEnableCmd() *cobra.Command {
	return c.scheduleSwitchCmd("enable", "Let a schedule fire",
		`Let a schedule fire, until the value of enabled: in schedules.yaml changes. Times
that passed while it was disabled are not made up for.`, app.Backend.ScheduleEnable)
}

func (c *cli) scheduleDisableCmd() *cobra.Command {
	return c.scheduleSwitchCmd("disable", "Keep a schedule from firing",
		`Keep a schedule from firing, until the value of enabled: in schedules.yaml
changes. What it has started goes on.`, app.Backend.ScheduleDisable)
}

func (c *cli) scheduleSwitchCmd(verb, short, long string, do func(app.Backend, context.Context, app.ScheduleSwitchRequest) (app.ScheduleInfo, error)) *cobra.Command {
	return &cobra.Command{
		Use:               verb + " SCHEDULE",
		Short:             short,
		Long:              long,
		Example:           "  mulgil schedule " + verb + " nightly",
		Args:              exactly("SCHEDULE"),
		ValidArgsFunction: c.complete("schedule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				x, err := do(s, ctx, app.ScheduleSwitchRequest{Name: args[0]})
				if err != nil {
					return err
				}
				return c.show(x, func(w io.Writer) error {
					next := "does not fire"
					if x.Next != nil {
						next = "fires next at " + momentOf(x.Next)
					}
					_, err := fmt.Fprintf(w, "schedule %s %s\n", x.Name, next)
					return err
				})
			})
		},
	}
}
