// Package client reaches the owner of a project over its API. A Client is an
// app.Backend like the project opened locally, so a command need not know
// which of the two it works on.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
)

// Client calls one owner. It is safe for concurrent use.
type Client struct {
	info owner.Info
	http *http.Client
	ops  map[string]app.Operation
	// Silence is how long the owner may say nothing during a long operation
	// before it is taken for gone.
	Silence time.Duration
	// StopWait is how long a canceled call waits for the owner to stop the work
	// and tell how it ended.
	StopWait time.Duration
}

var _ app.Backend = (*Client)(nil)

// New makes a client of the owner, whose address must be known. Nothing is
// sent yet.
func New(info owner.Info) *Client {
	c := &Client{info: info, ops: map[string]app.Operation{}, Silence: 30 * time.Second, StopWait: 15 * time.Second}
	for _, o := range app.Operations() {
		c.ops[o.Name] = o
	}
	t := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		Proxy:                 nil, // the owner is on this machine
		ResponseHeaderTimeout: 0,
		MaxIdleConnsPerHost:   4,
	}
	c.http = &http.Client{Transport: t}
	return c
}

// Close drops idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// call carries one operation out and decodes its result.
func call[R any](ctx context.Context, c *Client, name string, req any, report base.Report) (R, error) {
	var zero R
	op, ok := c.ops[name]
	if !ok {
		return zero, fmt.Errorf("the API has no operation %q", name)
	}
	ctx, cancel := c.stoppable(ctx, op)
	defer cancel(nil)
	hr, err := c.request(ctx, op, req)
	if err != nil {
		return zero, err
	}
	resp, err := c.http.Do(hr)
	if err != nil {
		return zero, c.broken(ctx, op, err)
	}
	defer resp.Body.Close()
	result := op.NewResult()
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-ndjson") {
		err = c.readLines(ctx, cancel, op, resp.Body, result, report, receiver(req))
	} else {
		err = c.readBody(ctx, op, resp, result)
	}
	if err != nil {
		return zero, err
	}
	return *result.(*R), nil
}

// receiver takes the rows of a request as they come, if it has one.
func receiver(req any) func(app.RowBatch) error {
	r, ok := req.(interface {
		RowReceiver() func(app.RowBatch) error
	})
	if !ok {
		return nil
	}
	return r.RowReceiver()
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

// request spreads req's fields over path, query and body as the table says.
func (c *Client) request(ctx context.Context, op app.Operation, req any) (*http.Request, error) {
	data, err := marshal(req)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	var missing string
	path := pathParam.ReplaceAllStringFunc(op.Path, func(m string) string {
		name := m[1 : len(m)-1]
		value := text(fields[name])
		delete(fields, name)
		if value == "" {
			missing = name
		}
		return url.PathEscape(value)
	})
	if missing != "" {
		return nil, base.Errorf(base.Usage, "%s needs a %s", op.Name, missing)
	}
	u := "http://" + c.info.Address + path
	var body []byte
	if op.Method == http.MethodGet {
		if q := query(fields); q != "" {
			u += "?" + q
		}
	} else if body, err = marshal(fields); err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	hr, err := http.NewRequestWithContext(ctx, op.Method, u, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	hr.Header.Set("Authorization", "Bearer "+c.info.Token)
	hr.Header.Set("Accept", "application/json")
	if op.Method != http.MethodGet {
		hr.Header.Set("Content-Type", "application/json")
	}
	if op.Streams {
		hr.Header.Set("Accept", "application/x-ndjson")
		hr.Header.Set(callHeader, callName(ctx))
		if receiver(req) != nil {
			hr.Header.Set(app.RowsHeader, "stream")
		}
	}
	return hr, nil
}

// marshal is json.Marshal that leaves <, > and & as the user wrote them.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// text is a JSON scalar as a parameter's text.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func query(fields map[string]json.RawMessage) string {
	q := url.Values{}
	for name, raw := range fields {
		if v := text(raw); v != "" && v != "null" {
			q.Set(name, v)
		}
	}
	return q.Encode()
}

func (c *Client) readBody(ctx context.Context, op app.Operation, resp *http.Response, result any) error {
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	if resp.StatusCode == http.StatusOK {
		if err := d.Decode(result); err != nil {
			return c.broken(ctx, op, err)
		}
		return nil
	}
	var f struct {
		Error *app.ErrorInfo `json:"error"`
	}
	if err := d.Decode(&f); err != nil || f.Error == nil {
		return base.Errorf(base.Unavailable, "%s does not answer like mulgil: status %s", c.info.Address, resp.Status)
	}
	return f.Error.Err()
}

// broken explains a call that got no whole answer.
func (c *Client) broken(ctx context.Context, op app.Operation, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		var silent *base.Error
		if errors.As(cause, &silent) {
			return cause
		}
		return base.Errorf(base.Canceled, "%s was stopped: %w", op.Name, cause)
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return base.Errorf(base.Unavailable, "connect to the owner of this project (pid %d) at %s: %w", c.info.PID, c.info.Address, err).
			WithHint("it may be starting or ending: try again")
	}
	return c.gone(op, err)
}

func (c *Client) gone(op app.Operation, err error) error {
	e := base.Errorf(base.Unavailable, "the owner of this project (pid %d) went away while running %s", c.info.PID, op.Name)
	e.Err = err
	if op.Mutates {
		return e.WithHint("the run's outcome is settled at the next start: mulgil %s", outcomeCommand(op.Name))
	}
	return e.WithHint("run the command again")
}

// outcomeCommand is where the outcome of an interrupted operation shows.
func outcomeCommand(op string) string {
	noun, _, _ := strings.Cut(op, ".")
	switch noun {
	case "query":
		return "history"
	case "workflow":
		return "workflow executions"
	case "table":
		return "table history"
	case "crawler":
		return "crawler runs"
	case "kv":
		return "kv scan"
	}
	return "job runs"
}
