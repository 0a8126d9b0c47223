package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// root builds the whole command tree.
func (c *cli) root() *cobra.Command {
	root := group("mulgil", "A data platform in one program",
		`Mulgil runs a project's jobs, workflows, crawlers and queries on a lake of
Iceberg tables, all from one program and one folder of text files.

Commands work on the project in this folder or above it. If a process owns the
project (mulgil up), they ask it; else they open the project themselves.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.`,
		`  mulgil init shop --template retail-batch
  mulgil validate
  mulgil job run T0_FACT --arg EXTRACT_FROM=20140101 --arg EXTRACT_TO=20141231
  mulgil query 'select count(*) from bronze.purchase'`,
		c.initCmd(), c.sampleCmd(), c.validateCmd(), c.upCmd(), c.statusCmd(), c.runCmd(),
		c.jobCmd(), c.workflowCmd(), c.backfillCmd(), c.scheduleCmd(), c.noticeCmd(), c.queryCmd(), c.sqlCmd(), c.historyCmd(), c.tableCmd(), c.crawlerCmd(), c.kvCmd(), c.lakeCmd(),
		c.headCmd(), c.schemaCmd(), c.schemasCmd(), c.exportCmd(), c.completionCmd(), c.versionCmd(), c.workerCmd(),
	)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(c.env.Stdin)
	root.SetOut(c.env.Stdout)
	root.SetErr(c.env.Stderr)
	root.SetFlagErrorFunc(flagError)
	// A noun runs only to word what is unknown: its usage line would mislead.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if not .HasAvailableSubCommands}}", 1))
	root.SetHelpCommand(c.helpCmd())
	root.CompletionOptions.DisableDefaultCmd = true
	f := root.PersistentFlags()
	f.SortFlags = false
	f.BoolVar(&c.json, "json", false, "print the result as JSON (errors too, on standard error)")
	f.StringVar(&c.project, "project", "", "`DIR` of the project, instead of this folder or one above")
	f.StringVar(&c.target, "target", "", "`NAME` of an entry of targets: in mulgil.yaml")
	f.BoolVar(&c.noColor, "no-color", false, "print without colours, as NO_COLOR does")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print no progress and no notes")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "log what happens to standard error")
	return root
}
