package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func (c *cli) runCmd() *cobra.Command {
	var pairs []string
	var input string
	cmd := &cobra.Command{
		Use:   "run NAME",
		Short: "Run a job or a workflow by its name",
		Long: `Run the job or the workflow called NAME. If both have that name, say which with
"mulgil job run" or "mulgil workflow run".`,
		Example: `  mulgil run T0_FACT --arg EXTRACT_FROM=20140101 --arg EXTRACT_TO=20141231
  mulgil run retail --input '{"day": "20140101"}'`,
		Args:              exactly("NAME"),
		ValidArgsFunction: c.complete("job", "workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := keyValues(cmd, pairs)
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				isJob, err := jobOrWorkflow(ctx, s, args[0])
				switch {
				case err != nil:
					return err
				case isJob && input != "":
					return usage(cmd, "%s is a job: it takes --arg, not --input", args[0])
				case isJob:
					return c.runJob(ctx, s, app.JobRunRequest{Job: args[0], Args: values})
				case len(values) > 0:
					return usage(cmd, "%s is a workflow: it takes --input, not --arg", args[0])
				}
				text, err := c.readJSON(cmd, "input", input)
				if err != nil {
					return err
				}
				return c.runWorkflow(ctx, s, app.WorkflowRunRequest{Workflow: args[0], Input: text})
			})
		},
	}
	cmd.Flags().StringArrayVar(&pairs, "arg", nil, "`NAME=VALUE` of a job's parameter, repeatable")
	cmd.Flags().StringVar(&input, "input", "", "a workflow's input: `JSON`, @FILE or - for standard input")
	return cmd
}

// jobOrWorkflow tells whether name is a job; the alternative is a workflow.
func jobOrWorkflow(ctx context.Context, s *session, name string) (bool, error) {
	jobs, err := s.JobList(ctx, app.JobListRequest{})
	if err != nil {
		return false, err
	}
	flows, err := s.WorkflowList(ctx, app.WorkflowListRequest{})
	if err != nil {
		return false, err
	}
	var names []string
	isJob, isFlow := false, false
	for _, j := range jobs {
		for _, n := range append([]string{j.Name}, j.Aliases...) {
			names = append(names, n)
			isJob = isJob || strings.EqualFold(n, name)
		}
	}
	for _, f := range flows {
		names = append(names, f.Name)
		isFlow = isFlow || f.Name == name
	}
	switch {
	case isJob && isFlow:
		return false, base.Errorf(base.Usage, "%q is a job and a workflow", name).WithHint("use `mulgil job run %s` or `mulgil workflow run %s`", name, name)
	case isJob || isFlow:
		return isJob, nil
	}
	e := base.Errorf(base.NotFound, "no job or workflow %q", name)
	if near := app.Nearest(name, names); near != "" {
		return false, e.WithHint("did you mean %q?", near)
	}
	return false, e.WithHint("see: mulgil job list, mulgil workflow list")
}
