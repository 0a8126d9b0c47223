// Package webhook posts to HTTP endpoints.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Client posts with a time limit and follows no redirects.
type Client struct{}

var _ port.Poster = Client{}

var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Post implements port.Poster: 2xx is success; 408, 425, 429 and 5xx may be
// tried again, any other status will not get better.
func (Client) Post(ctx context.Context, address string, header http.Header, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return base.Errorf(base.Invalid, "webhook: %w", redacted(err))
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := client.Do(req)
	if err != nil {
		kind := base.Internal // sent, and nobody knows what came of it
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			kind = base.Unavailable
		}
		return base.Errorf(kind, "webhook: %w", redacted(err))
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 300)) // for the message only
	switch c := res.StatusCode; {
	case c/100 == 2:
		return nil
	case c == http.StatusRequestTimeout, c == http.StatusTooEarly, c == http.StatusTooManyRequests, c >= 500:
		return base.Errorf(base.Unavailable, "webhook: %s: %s", res.Status, said)
	}
	return base.Errorf(base.Invalid, "webhook: %s: %s", res.Status, said)
}

// redacted leaves the address out: its path is often the secret.
func redacted(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
