package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// line is one line of a long operation's answer.
type line struct {
	Progress *base.Progress  `json:"progress"`
	Batch    *app.RowBatch   `json:"batch"`
	Result   json.RawMessage `json:"result"`
	Error    *app.ErrorInfo  `json:"error"`
}

// readLines passes progress on until the line with the outcome. Heartbeats
// prove life; without a line for Silence the owner counts as gone.
func (c *Client) readLines(ctx context.Context, cancel context.CancelCauseFunc, op app.Operation, body io.Reader, result any, report base.Report, rows func(app.RowBatch) error) error {
	watch := time.AfterFunc(c.Silence, func() { cancel(c.gone(op, errors.New("no sign of life"))) })
	defer watch.Stop()
	d := json.NewDecoder(body)
	for {
		var l line
		if err := d.Decode(&l); err != nil {
			return c.broken(ctx, op, err)
		}
		watch.Reset(c.Silence)
		switch {
		case l.Error != nil:
			return l.Error.Err()
		case l.Result != nil:
			exact := json.NewDecoder(bytes.NewReader(l.Result))
			exact.UseNumber()
			if err := exact.Decode(result); err != nil {
				return c.broken(ctx, op, err)
			}
			return nil
		case l.Batch != nil && rows != nil:
			watch.Stop()
			if err := rows(*l.Batch); err != nil {
				return err
			}
			watch.Reset(c.Silence)
		case l.Progress != nil:
			report.Do(*l.Progress)
		}
	}
}
