package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) statusCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show what the project and its owner are doing",
		Long: `Show the project, who owns it, what it holds and what is running, and
executions that were interrupted.`,
		Example: `  mulgil status
  mulgil status --json`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				st, err := s.Status(ctx, app.StatusRequest{})
				if err != nil {
					return err
				}
				return c.show(st, func(w io.Writer) error { return c.printStatus(w, st, s.remote) })
			})
		},
	}
}

func (c *cli) printStatus(w io.Writer, st app.Status, remote bool) error {
	owner := "none: this command opened the project"
	if remote {
		owner = fmt.Sprintf("process %d at http://%s since %s", st.PID, st.Address, moment(st.StartedAt))
	}
	f := &facts{}
	f.add("project", st.Project)
	f.add("folder", st.Root)
	f.add("target", st.Target)
	f.add("timezone", st.Timezone)
	f.add("owner", owner)
	f.add("version", st.Version)
	f.add("lake", st.LakeRoot)
	if st.FreeBytes >= 0 {
		f.add("free space", size(st.FreeBytes))
	}
	f.add("holds", fmt.Sprintf("%s, %s, %s, %s, %s", plural(int64(st.Jobs), "job"), plural(int64(st.Workflows), "workflow"),
		plural(int64(st.Crawlers), "crawler"), plural(int64(st.Schedules), "schedule"), plural(int64(st.Tables), "table")))
	for _, r := range st.RunningJobs {
		f.add("running", "job "+r.Job+", run "+r.ID+", "+c.took(r.StartedAt, r.EndedAt))
	}
	for _, e := range st.RunningExecutions {
		f.add("running", "workflow "+e.Workflow+", execution "+e.ID+", "+c.took(e.StartedAt, e.StoppedAt))
	}
	for _, r := range st.RunningCrawlers {
		f.add("running", "crawler "+r.Crawler+", "+c.took(r.StartedAt, r.EndedAt))
	}
	for _, e := range st.Interrupted {
		f.add("interrupted", "workflow "+e.Workflow+", carry on with: mulgil workflow resume "+e.ID)
	}
	return f.write(w)
}
