package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) noticeCmd() *cobra.Command {
	return group("notice", "Messages to people: list, show, resend",
		`Messages to people: of failed runs, and what workflows send to topics, queues
and by mail. They wait in an outbox until they are sent.`,
		`  mulgil notice list --state failed
  mulgil notice resend 12`,
		c.noticeListCmd(), c.noticeShowCmd(), c.noticeResendCmd())
}

func (c *cli) noticeListCmd() *cobra.Command {
	var req app.NoticeListRequest
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List messages, newest first",
		Long: `List messages, newest first. One that is unknown may have been sent just before
the program died; it is not sent again by itself.`,
		Example: `  mulgil notice list
  mulgil notice list --state unknown`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			if req.Limit < 1 {
				return usage(cmd, "--limit must be 1 or more")
			}
			return c.with(cmd, func(ctx context.Context, s *session) error {
				list, err := s.NoticeList(ctx, req)
				if err != nil {
					return err
				}
				return c.show(list, func(w io.Writer) error {
					g := c.newGrid(">id", "state", "to", "subject", "made", ">attempts", "error")
					for _, n := range list {
						g.add(strconv.FormatInt(n.ID, 10), n.State, n.Target, n.Subject, moment(n.CreatedAt), count(int64(n.Attempts)), n.Error)
					}
					return g.write(w)
				})
			})
		},
	}
	cmd.Flags().StringVar(&req.State, "state", "", "only messages in this `state`: pending, sending, sent, failed, unknown")
	cmd.Flags().IntVar(&req.Limit, "limit", 20, "largest `number` of messages")
	return cmd
}

// oneNotice is a command that asks for a message by its number and prints it.
func (c *cli) oneNotice(ask func(ctx context.Context, s *session, id int64) (app.Notice, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return usage(cmd, "%q is not a message's number", args[0])
		}
		return c.with(cmd, func(ctx context.Context, s *session) error {
			n, err := ask(ctx, s, id)
			if err != nil {
				return err
			}
			return c.show(n, func(w io.Writer) error { return printNotice(w, n) })
		})
	}
}

func (c *cli) noticeShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show one message",
		Long:    `Show one message with its text.`,
		Example: `  mulgil notice show 12`,
		Args:    exactly("ID"),
		RunE: c.oneNotice(func(ctx context.Context, s *session, id int64) (app.Notice, error) {
			return s.NoticeShow(ctx, app.NoticeShowRequest{ID: id})
		}),
	}
}

func printNotice(w io.Writer, n app.Notice) error {
	f := &facts{}
	f.add("message", strconv.FormatInt(n.ID, 10))
	f.add("state", n.State)
	f.add("way", n.Way)
	f.add("channel", n.Channel)
	f.add("to", n.Target)
	f.add("made", moment(n.CreatedAt))
	f.add("due", momentOf(n.DueAt))
	f.add("ended", momentOf(n.EndedAt))
	f.add("attempts", strconv.Itoa(n.Attempts))
	f.add("error", n.Error)
	f.add("subject", n.Subject)
	if err := f.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", printableLines(n.Text))
	return err
}

func (c *cli) noticeResendCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "resend ID",
		Short:   "Send a message again that failed, or whose fate is unknown",
		Long:    `Send a message again that failed, or of which nobody knows whether it was sent.`,
		Example: `  mulgil notice resend 12`,
		Args:    exactly("ID"),
		RunE: c.oneNotice(func(ctx context.Context, s *session, id int64) (app.Notice, error) {
			return s.NoticeResend(ctx, app.NoticeResendRequest{ID: id})
		}),
	}
}
