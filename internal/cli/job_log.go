package cli

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) jobLogCmd() *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use:   "log RUN",
		Short: "Print the captured log of a run",
		Long:  `Print what a run's process wrote. With --follow go on until the run ends.`,
		Example: `  mulgil job log 01J...
  mulgil job log 01J... --follow`,
		Args: exactly("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				return c.printLog(ctx, s, args[0], follow)
			})
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "wait for more until the run ends")
	return cmd
}

// printLog prints a log piece by piece; as JSON the pieces are one value.
func (c *cli) printLog(ctx context.Context, s *session, id string, follow bool) error {
	whole := app.JobLog{ID: id}
	for {
		l, err := s.JobLog(ctx, app.JobLogRequest{ID: id, Offset: whole.Next})
		if err != nil {
			return err
		}
		more := l.Next > whole.Next
		whole.Next, whole.Done = l.Next, l.Done
		if c.json {
			whole.Text += l.Text
		} else if _, err := io.WriteString(c.env.Stdout, l.Text); err != nil {
			return err
		}
		if l.Done || !more && !follow {
			break
		}
		if !more {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-c.env.Clock.After(time.Second):
			}
		}
	}
	if c.json {
		return writeJSON(c.env.Stdout, whole)
	}
	return nil
}
