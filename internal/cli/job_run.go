package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) jobRunCmd() *cobra.Command {
	var pairs []string
	cmd := &cobra.Command{
		Use:   "run JOB",
		Short: "Run a job and wait for its end",
		Long: `Run a job and wait for its end. Its tests run before anything is published; if
one fails, the tables stay as they were. Ctrl-C stops the run cleanly.`,
		Example: `  mulgil job run SILVER
  mulgil job run T0_FACT --arg EXTRACT_FROM=20140101 --arg EXTRACT_TO=20141231`,
		Args:              exactly("JOB"),
		ValidArgsFunction: c.complete("job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := keyValues(cmd, pairs)
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				return c.runJob(ctx, s, app.JobRunRequest{Job: args[0], Args: values})
			})
		},
	}
	cmd.Flags().StringArrayVar(&pairs, "arg", nil, "`NAME=VALUE` of a parameter, repeatable")
	return cmd
}

func (c *cli) runJob(ctx context.Context, s *session, req app.JobRunRequest) error {
	run, err := s.JobRun(ctx, req, c.report())
	if err != nil {
		return err
	}
	if err := c.show(run, func(w io.Writer) error { return c.printRun(w, run) }); err != nil {
		return err
	}
	if run.State != app.Succeeded {
		return failedRun("run "+run.ID+" of job "+run.Job, run.Error)
	}
	return nil
}

// printRun writes a run's record for people.
func (c *cli) printRun(w io.Writer, r app.JobRun) error {
	f := &facts{}
	f.add("run", r.ID)
	f.add("job", r.Job)
	f.add("state", string(r.State))
	for _, k := range slices.Sorted(maps.Keys(r.Args)) {
		f.add("argument", k+"="+r.Args[k])
	}
	f.add("started", moment(r.StartedAt))
	f.add("took", c.took(r.StartedAt, r.EndedAt)+stages(r.Seconds))
	if r.PeakMemory > 0 {
		f.add("used", fmt.Sprintf("%s at most, %.1f CPU seconds", size(r.PeakMemory), r.CPUSeconds))
	}
	for _, o := range r.Outputs {
		if r.State != app.Succeeded && o.SnapshotID == "" {
			continue // not published
		}
		text := fmt.Sprintf("%s (%s): %s in %s, %s", o.Table, o.Mode, plural(o.Rows, "row"), plural(o.Files, "file"), size(o.Bytes))
		if o.Partitions > 0 {
			text += ", " + plural(o.Partitions, "partition")
		}
		f.add("wrote", text)
	}
	for _, t := range r.Tests {
		f.add("test", testLine(t))
	}
	for _, x := range r.FanOut {
		f.add("fan-out", fanOutLine(x))
	}
	for _, p := range r.Pushed {
		f.add("pushed", p)
	}
	for _, m := range r.Warnings {
		f.add("warning", m)
	}
	return f.write(w)
}

func stages(seconds map[string]float64) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(seconds)) {
		parts = append(parts, fmt.Sprintf("%s %.1fs", k, seconds[k]))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func testLine(t app.TestResult) string {
	name := strings.TrimPrefix(t.Output+" ", " ") + t.Name
	if t.OK {
		return name + ": passed"
	}
	text := fmt.Sprintf("%s: failed (%s), %s", name, t.Severity, plural(t.Failures, "failure"))
	if t.Detail != "" {
		text += ": " + t.Detail
	}
	return text
}

func fanOutLine(x app.FanOut) string {
	text := fmt.Sprintf("%s on %s makes %.4f rows of one (%s)", x.Join, x.Key, x.Factor, x.Policy)
	for _, k := range slices.Sorted(maps.Keys(x.Overstated)) {
		text += fmt.Sprintf(", %s overstated by %s", k, x.Overstated[k])
	}
	return text
}
