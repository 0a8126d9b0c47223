package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/project"
)

// complete offers the project's names of some kinds ("job", "workflow",
// "crawler", "kv", "schedule", "table") for a command's first argument. A project with mistakes
// offers none.
func (c *cli) complete(kinds ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		opt, err := c.open()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		p, err := project.Load(opt.Root, project.Options{Target: opt.Target})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []string
		for _, k := range kinds {
			for _, n := range names(p, k) {
				if strings.HasPrefix(n, begun) {
					out = append(out, n)
				}
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

func names(p *project.Project, kind string) []string {
	var out []string
	switch kind {
	case "job":
		for _, j := range p.Jobs {
			out = append(append(out, j.Aliases...), j.Name)
		}
	case "workflow":
		for _, w := range p.Workflows {
			out = append(out, w.Name)
		}
	case "crawler":
		for _, x := range p.Crawlers {
			out = append(out, x.Name)
		}
	case "schedule":
		for _, x := range p.Schedules {
			out = append(out, x.Name)
		}
	case "kv":
		for _, t := range p.KeyTables {
			out = append(out, t.Name)
		}
	case "table":
		for _, j := range p.Jobs {
			for _, o := range j.Outputs {
				out = append(out, o.Target.String())
			}
		}
	}
	return out
}
