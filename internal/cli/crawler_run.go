package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) crawlerRunCmd() *cobra.Command {
	var detach bool
	cmd := &cobra.Command{
		Use:   "run CRAWLER",
		Short: "Run a crawler and wait for its end",
		Long: `Run a crawler and wait for its end: look at its files and bring the catalog up to
date, as its policy allows. With --detach return once it has started.`,
		Example:           `  mulgil crawler run bronze`,
		Args:              exactly("CRAWLER"),
		ValidArgsFunction: c.complete("crawler"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				if detach {
					if err := s.needOwner("--detach"); err != nil {
						return err
					}
				}
				return c.crawl(ctx, s, app.CrawlerRunRequest{Name: args[0], Wait: !detach})
			})
		},
	}
	cmd.Flags().BoolVar(&detach, "detach", false, "do not wait for the end")
	return cmd
}

func (c *cli) crawl(ctx context.Context, s *session, req app.CrawlerRunRequest) error {
	r, err := s.CrawlerRun(ctx, req, c.report())
	if err != nil {
		return err
	}
	if err := c.show(r, func(w io.Writer) error { return c.printCrawl(w, r) }); err != nil {
		return err
	}
	if r.State != app.Succeeded && r.State != app.Running {
		return failedRun("run "+r.ID+" of crawler "+r.Crawler, r.Error)
	}
	return nil
}

// unchanged is the change of a table that stays as it is.
const unchanged = "none"

// printCrawl writes the changes like a diff.
func (c *cli) printCrawl(w io.Writer, r app.CrawlerRun) error {
	changed := int64(0)
	for _, t := range r.Changes {
		change := t.Change
		if change == unchanged {
			change = "unchanged"
		} else {
			changed++
		}
		fmt.Fprintf(w, "%s table %s\n", change, printable(t.Table))
		for _, x := range t.Columns {
			printColumnDiff(w, x)
		}
		if t.PartitionsAdded > 0 {
			fmt.Fprintf(w, "  + %s\n", plural(t.PartitionsAdded, "partition"))
		}
		if t.PartitionsRemoved > 0 {
			fmt.Fprintf(w, "  - %s\n", plural(t.PartitionsRemoved, "partition"))
		}
		if t.Note != "" {
			fmt.Fprintf(w, "  note: %s\n", printable(t.Note))
		}
	}
	for _, l := range r.Log {
		fmt.Fprintf(w, "  %s\n", printable(l))
	}
	what := "changed " + plural(changed, "table")
	switch {
	case r.DryRun:
		what = "would change " + plural(changed, "table")
	case r.State == app.Running:
		what = "started"
	}
	_, err := fmt.Fprintf(w, "%s: %s, looked at %s, %s\n", r.Crawler, what, plural(r.Files, "file"), c.took(r.StartedAt, r.EndedAt))
	return err
}

func printColumnDiff(w io.Writer, x app.ColumnDiff) {
	kept := ""
	if !x.Applied {
		kept = " (kept as it is)"
	}
	switch {
	case x.Before == "":
		fmt.Fprintf(w, "  + %s %s%s\n", printable(x.Name), x.After, kept)
	case x.After == "":
		fmt.Fprintf(w, "  - %s %s%s\n", printable(x.Name), x.Before, kept)
	default:
		fmt.Fprintf(w, "  ~ %s %s -> %s%s\n", printable(x.Name), x.Before, x.After, kept)
	}
}
