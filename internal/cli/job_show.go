package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) jobShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "show JOB",
		Short:             "Show a job: parameters, outputs, tests, SQL",
		Long:              `Show a job as the project declares it: parameters, outputs, tests and its SQL.`,
		Example:           `  mulgil job show SILVER`,
		Args:              exactly("JOB"),
		ValidArgsFunction: c.complete("job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				j, err := s.JobShow(ctx, app.JobShowRequest{Job: args[0]})
				if err != nil {
					return err
				}
				return c.show(j, func(w io.Writer) error { return printJob(w, j) })
			})
		},
	}
}

func printJob(w io.Writer, j app.JobDetail) error {
	f := &facts{}
	f.add("job", j.Name)
	f.add("aliases", strings.Join(j.Aliases, ", "))
	f.add("kind", j.Kind)
	f.add("about", j.Description)
	f.add("file", j.File)
	f.add("dialect", j.Dialect)
	for _, p := range j.Params {
		text := p.Name + " " + p.Type
		if p.Default != "" {
			text += ", default " + p.Default
		} else if p.Required {
			text += ", required"
		}
		if p.Description != "" {
			text += ": " + p.Description
		}
		f.add("parameter", text)
	}
	for _, t := range j.Writes {
		text := t.Table + ", " + t.Mode
		if len(t.PartitionBy) > 0 {
			text += " by " + strings.Join(t.PartitionBy, ", ")
		}
		f.add("writes", text)
	}
	for _, t := range j.Tests {
		f.add("test", strings.TrimPrefix(t.Output+" ", " ")+t.Name+" ("+t.Severity+")")
	}
	for _, o := range j.Options {
		f.add(o.Name, o.Value)
	}
	f.add("command", strings.Join(j.Command, " "))
	if err := f.write(w); err != nil || j.SQL == "" {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(j.SQL))
	return err
}
