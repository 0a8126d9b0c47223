package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) historyCmd() *cobra.Command {
	var req app.QueryListRequest
	var state string
	cmd := &cobra.Command{
		Use:   "history",
		Short: "List statements, newest first: who asked, how it went, what it cost",
		Long: `List the statements, newest first, as far back as history is kept: of mulgil
query and of every other client. The price is what Athena would have charged.`,
		Example: `  mulgil history
  mulgil history --state failed --limit 5
  mulgil history show 6f1a...`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if req.Limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			req.State = app.QueryState(strings.ToUpper(state))
			return c.with(cmd, func(ctx context.Context, s *session) error {
				list, err := s.QueryList(ctx, req)
				if err != nil {
					return err
				}
				return c.show(list, func(w io.Writer) error { return c.historyGrid(list).write(w) })
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&req.Limit, "limit", 20, "largest `number` of statements")
	f.StringVar(&state, "state", "", "only statements in this `STATE`: queued, running, succeeded, failed, cancelled")
	f.StringVar(&req.User, "user", "", "only statements of this `USER`")
	cmd.AddCommand(c.historyShowCmd(), c.historyResultsCmd(), c.historyStopCmd())
	return cmd
}

func (c *cli) historyGrid(list []app.QueryInfo) *grid {
	g := c.newGrid("statement", "state", "submitted", ">took", ">rows", ">read", ">price", "user", "sql")
	for _, q := range list {
		cost := ""
		if q.Stats.PriceUSD > 0 {
			cost = price(q.Stats.PriceUSD)
		}
		read := size(q.Stats.ScannedBytes)
		if q.Stats.Cached {
			read = "kept"
		}
		g.add(q.ID, string(q.State), moment(q.SubmittedAt), c.took(q.SubmittedAt, q.EndedAt), count(q.Rows), read, cost, q.User, oneLine(q.SQL, 60))
	}
	return g
}

// oneLine is the beginning of a statement without its line breaks.
func oneLine(sql string, width int) string {
	s := strings.Join(strings.Fields(sql), " ")
	if r := []rune(s); len(r) > width {
		return string(r[:width-3]) + "..."
	}
	return s
}
