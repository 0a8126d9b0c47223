package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) workflowTaskCmd() *cobra.Command {
	return group("task", "Tasks that wait for their token: success, failure, heartbeat",
		`A task with .waitForTaskToken, or one of an activity, waits until somebody who
has its token says how it ended.`,
		`  mulgil workflow task success TOKEN --output '{"ok": true}'
  mulgil workflow task failure TOKEN --error Refused --cause "no stock"`,
		c.taskSuccessCmd(), c.taskFailureCmd(), c.taskHeartbeatCmd())
}

// recorded prints that what was said of a task is recorded.
func (c *cli) recorded(a app.TaskAnswer, err error, what string) error {
	if err != nil {
		return err
	}
	return c.show(a, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, what)
		return err
	})
}

func (c *cli) taskSuccessCmd() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "success TOKEN",
		Short:   "End a task with its result",
		Long:    `End the task that has the token with its result.`,
		Example: `  mulgil workflow task success TOKEN --output '{"approved": true}'`,
		Args:    exactly("TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := c.readJSON(cmd, "output", output)
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				a, err := s.TaskSuccess(ctx, app.TaskSuccessRequest{Token: args[0], Output: out})
				return c.recorded(a, err, "the task succeeded")
			})
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the result: `JSON`, @FILE or - for standard input")
	return cmd
}

func (c *cli) taskFailureCmd() *cobra.Command {
	req := app.TaskFailureRequest{}
	cmd := &cobra.Command{
		Use:     "failure TOKEN",
		Short:   "End a task with an error",
		Long:    `End the task that has the token with an error, which Retry and Catch see.`,
		Example: `  mulgil workflow task failure TOKEN --error Refused --cause "no stock"`,
		Args:    exactly("TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Token = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				a, err := s.TaskFailure(ctx, req)
				return c.recorded(a, err, "the task failed")
			})
		},
	}
	cmd.Flags().StringVar(&req.Error, "error", "", "`NAME` of the error")
	cmd.Flags().StringVar(&req.Cause, "cause", "", "`TEXT` that explains it")
	return cmd
}

func (c *cli) taskHeartbeatCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "heartbeat TOKEN",
		Short:   "Say that a task is alive",
		Long:    `Say that the task that has the token is alive: its HeartbeatSeconds begin anew.`,
		Example: `  mulgil workflow task heartbeat TOKEN`,
		Args:    exactly("TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				a, err := s.TaskHeartbeat(ctx, app.TaskHeartbeatRequest{Token: args[0]})
				return c.recorded(a, err, "recorded")
			})
		},
	}
}

func (c *cli) workflowActivityCmd() *cobra.Command {
	return group("activity", "Activities, work that programs outside fetch: list, create, delete, poll",
		`An activity is work that programs outside of Mulgil do: they fetch a task, with
this command or over HTTP, and end it by its token.`,
		`  mulgil workflow activity create pick-order
  mulgil workflow activity poll pick-order`,
		c.activityListCmd(), c.activityCreateCmd(), c.activityDeleteCmd(), c.activityPollCmd())
}

func (c *cli) activityListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List activities",
		Long:    `List activities with the ARNs that states name as their Resource.`,
		Example: `  mulgil workflow activity list`,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				list, err := s.ActivityList(ctx, app.ActivityListRequest{})
				if err != nil {
					return err
				}
				return c.show(list, func(w io.Writer) error {
					g := c.newGrid("activity", "arn", "made")
					for _, a := range list {
						g.add(a.Name, a.ARN, moment(a.CreatedAt))
					}
					return g.write(w)
				})
			})
		},
	}
}

func (c *cli) activityCreateCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "create NAME",
		Short:   "Make an activity",
		Long:    `Make an activity. One that is there stays as it is.`,
		Example: `  mulgil workflow activity create pick-order`,
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				a, err := s.ActivityCreate(ctx, app.ActivityCreateRequest{Activity: args[0]})
				if err != nil {
					return err
				}
				return c.show(a, func(w io.Writer) error {
					_, err := fmt.Fprintln(w, a.ARN)
					return err
				})
			})
		},
	}
}

func (c *cli) activityDeleteCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "delete NAME",
		Short:   "Remove an activity",
		Long:    `Remove an activity, by name or ARN. Tasks that wait for it time out.`,
		Example: `  mulgil workflow activity delete pick-order`,
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				a, err := s.ActivityDelete(ctx, app.ActivityDeleteRequest{Activity: args[0]})
				return c.recorded(a, err, "removed "+args[0])
			})
		},
	}
}

func (c *cli) activityPollCmd() *cobra.Command {
	var req app.ActivityPollRequest
	cmd := &cobra.Command{
		Use:   "poll NAME",
		Short: "Wait for a task of an activity",
		Long: `Wait for a task of an activity, by name or ARN, and start it. It prints the token
and the input; without a task in time it prints nothing. Executions run in the
process of "mulgil up", which must be there.`,
		Example: `  mulgil workflow activity poll pick-order --worker till-3 --wait 30`,
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Activity = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				if err := s.needOwner("polling"); err != nil {
					return err
				}
				t, err := s.ActivityPoll(ctx, req, nil)
				if err != nil {
					return err
				}
				return c.show(t, func(w io.Writer) error {
					if t.Token == "" {
						return nil
					}
					_, err := fmt.Fprintf(w, "%s\n%s\n", t.Token, t.Input)
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&req.Worker, "worker", "", "`NAME` to record with the task")
	cmd.Flags().IntVar(&req.WaitSeconds, "wait", 60, "longest wait in `seconds`")
	return cmd
}

func (c *cli) workflowRedriveCmd() *cobra.Command {
	var req app.WorkflowRedriveRequest
	cmd := &cobra.Command{
		Use:   "redrive EXECUTION",
		Short: "Go on with a failed execution from the states that failed",
		Long: `Go on with an execution that failed, timed out or was stopped, from the states
that failed. What had succeeded is not run again.`,
		Example: `  mulgil workflow redrive retail-1`,
		Args:    exactly("EXECUTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Execution = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				if req.Detach {
					if err := s.needOwner("--detach"); err != nil {
						return err
					}
				}
				e, err := s.WorkflowRedrive(ctx, req, c.report())
				if err != nil {
					return err
				}
				return c.showExecution(e)
			})
		},
	}
	cmd.Flags().BoolVar(&req.Detach, "detach", false, "return at once; the execution goes on in mulgil up")
	return cmd
}

func (c *cli) workflowMapRunsCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "map-runs EXECUTION",
		Short:   "Show the runs of an execution's distributed Maps",
		Long:    `Show the runs of an execution's distributed Maps, with counts of their items.`,
		Example: `  mulgil workflow map-runs retail-1`,
		Args:    exactly("EXECUTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				list, err := s.WorkflowMapRuns(ctx, app.WorkflowMapRunsRequest{Execution: args[0]})
				if err != nil {
					return err
				}
				return c.show(list, func(w io.Writer) error {
					g := c.newGrid("state", "status", "started", ">took", ">items", ">succeeded", ">failed", ">running")
					for _, m := range list {
						g.add(m.State, m.Status, moment(m.StartedAt), c.took(m.StartedAt, m.StoppedAt), count(m.Items.Total), count(m.Items.Succeeded), count(m.Items.Failed+m.Items.TimedOut+m.Items.Aborted), count(m.Items.Running))
					}
					return g.write(w)
				})
			})
		},
	}
}
