package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func (c *cli) backfillCmd() *cobra.Command {
	var req app.WorkflowBackfillRequest
	var input string
	cmd := &cobra.Command{
		Use:   "backfill WORKFLOW",
		Short: "Run a workflow once for each day or month of a span",
		Long: `Run a workflow once for each day or month from --from to --to, both included. The
interval is part of the execution's name (backfill-2014-01-31), so the same command
again runs only what has not succeeded, each with its own dates. Texts of --input
may hold {{ date }}, {{ month last yyyyMMdd }} and the like, as in schedules.yaml:
they are those of the interval's first moment. Without it the input is
{"from": first day, "to": last day}. Ctrl-C stops what runs.`,
		Example: `  mulgil backfill retail --from 2014-01 --to 2014-12 --every month --dry-run
  mulgil backfill retail --from 2014-01-01 --to 2014-01-31 --input '{"day": "{{ date }}"}'
  mulgil backfill retail --from 2014-01-01 --to 2014-01-31 --schedule nightly --parallel 4`,
		Args:              exactly("WORKFLOW"),
		ValidArgsFunction: c.complete("workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.Input, err = c.readJSON(cmd, "input", input); err != nil {
				return err
			}
			if req.From == "" || req.To == "" {
				return usage(cmd, "%s needs --from and --to", cmd.CommandPath())
			}
			if req.Parallel < 1 {
				return usage(cmd, "--parallel must be 1 or more")
			}
			req.Workflow = args[0]
			return c.with(cmd, func(ctx context.Context, s *session) error {
				all, err := s.WorkflowBackfill(ctx, req, c.report())
				if err != nil {
					return err
				}
				if err := c.show(all, func(w io.Writer) error { return c.printBackfill(w, all) }); err != nil {
					return err
				}
				return backfillError(all, req)
			})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&req.From, "from", "", "first `DAY`, as 2014-01-01, or month, as 2014-01")
	f.StringVar(&req.To, "to", "", "last `DAY` or month")
	f.StringVar(&req.Every, "every", "day", "interval: `day` or month")
	f.StringVar(&input, "input", "", "`JSON` with templates, @FILE or - for standard input")
	f.StringVar(&req.Schedule, "schedule", "", "`NAME` of a schedule whose input is taken, as if it had fired at the interval's end")
	f.IntVar(&req.Parallel, "parallel", 1, "`number` of executions at once")
	f.BoolVar(&req.DryRun, "dry-run", false, "show the intervals and start nothing")
	f.BoolVar(&req.Redo, "redo", false, "run intervals again that have succeeded")
	f.BoolVar(&req.KeepGoing, "keep-going", false, "start further intervals after one has failed")
	return cmd
}

func (c *cli) printBackfill(w io.Writer, all []app.BackfillInterval) error {
	g := c.newGrid("from", "to", "execution", "status", "input", "error")
	for _, x := range all {
		status := x.Status
		if x.Kept {
			status += " (before)"
		}
		msg := x.Error
		if x.Cause != "" {
			msg += ": " + x.Cause
		}
		msg, _, _ = strings.Cut(msg, "\n")
		g.add(x.From, x.To, x.Execution, status, string(x.Input), msg)
	}
	return g.write(w)
}

// backfillError is nil if every interval has succeeded, or none was to be run.
func backfillError(all []app.BackfillInterval, req app.WorkflowBackfillRequest) error {
	failed, left := 0, 0
	for _, x := range all {
		switch x.Status {
		case "SUCCEEDED":
		case "PLANNED":
			left++
		default:
			failed++
		}
	}
	if req.DryRun || failed+left == 0 {
		return nil
	}
	return base.Errorf(base.Invalid, "of %s %s failed and %s not started", plural(int64(len(all)), "interval"), count(int64(failed)), wereNot(left)).
		WithHint("the same command runs what has not succeeded, with the same dates")
}

func wereNot(n int) string {
	if n == 1 {
		return "1 was"
	}
	return count(int64(n)) + " were"
}
