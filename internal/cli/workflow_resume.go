package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) workflowResumeCmd() *cobra.Command {
	var req app.WorkflowResumeRequest
	cmd := &cobra.Command{
		Use:   "resume [EXECUTION]",
		Short: "Carry on interrupted executions",
		Long: `Carry on an execution whose process went away, or with --all every such one.
Steps that were done stay done; runs already started are waited for.`,
		Example: `  mulgil workflow resume retail-1
  mulgil workflow resume --all`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == req.All {
				return usage(cmd, "%s needs an EXECUTION or --all, not both", cmd.CommandPath())
			}
			if len(args) == 1 {
				req.Execution = args[0]
			}
			return c.with(cmd, func(ctx context.Context, s *session) error { return c.resume(ctx, s, req) })
		},
	}
	cmd.Flags().BoolVar(&req.All, "all", false, "every interrupted execution")
	cmd.Flags().BoolVar(&req.Detach, "detach", false, "do not wait for the end")
	return cmd
}

func (c *cli) resume(ctx context.Context, s *session, req app.WorkflowResumeRequest) error {
	if req.Detach {
		if err := s.needOwner("--detach"); err != nil {
			return err
		}
	}
	all, err := s.WorkflowResume(ctx, req, c.report())
	if err != nil {
		return err
	}
	if err := c.show(all, func(w io.Writer) error { return c.printExecutions(w, all) }); err != nil {
		return err
	}
	for _, e := range all {
		if err := executionError(e); err != nil {
			return err
		}
	}
	return nil
}
