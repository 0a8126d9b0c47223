package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) historyShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "show STATEMENT",
		Short:   "Show one statement: its text, times, cost and error",
		Long:    `Show one statement of the history in full.`,
		Example: `  mulgil history show 6f1a0c5e-3f54-4b0e-9c0a-2f1f2b7f7a11`,
		Args:    exactly("STATEMENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, s *session) error {
				q, err := s.QueryGet(ctx, app.QueryGetRequest{ID: args[0]})
				if err != nil {
					return err
				}
				return c.show(q, func(w io.Writer) error { return c.printStatement(w, q) })
			})
		},
	}
}

func (c *cli) printStatement(w io.Writer, q app.QueryInfo) error {
	f, st := &facts{}, q.Stats
	f.add("statement", q.ID)
	f.add("state", string(q.State))
	f.add("kind", q.Kind)
	f.add("user", q.User)
	f.add("through", q.Source)
	f.add("submitted", moment(q.SubmittedAt))
	f.add("started", momentOf(q.StartedAt))
	f.add("ended", momentOf(q.EndedAt))
	f.add("took", c.took(q.SubmittedAt, q.EndedAt))
	if q.EndedAt != nil {
		f.add("waited", fmt.Sprintf("%d ms", st.QueuedMS))
		f.add("rows", count(q.Rows))
	}
	switch {
	case st.Cached:
		f.add("read", "nothing: answered from a kept result")
	case st.TotalFiles > 0:
		f.add("read", fmt.Sprintf("%s in %s of %s files", size(st.ScannedBytes), count(st.ScannedFiles), count(st.TotalFiles)))
	}
	if st.PriceUSD > 0 {
		f.add("price", fmt.Sprintf("%s, as Athena charges %s", price(st.PriceUSD), size(st.ChargedBytes)))
	}
	if st.PeakMemory > 0 {
		f.add("memory", size(st.PeakMemory)+" at most")
	}
	if st.CPUSeconds > 0 {
		f.add("CPU", fmt.Sprintf("%.2f s", st.CPUSeconds))
	}
	if q.ResultKept {
		f.add("rows kept", "mulgil history results "+q.ID)
	}
	if q.Error != nil {
		f.add("error", q.Error.Message)
		f.add("code", q.Error.Code)
		f.add("hint", q.Error.Hint)
	}
	if err := f.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", printableLines(q.SQL))
	return err
}
