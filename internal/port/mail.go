package port

import (
	"context"
	"net/http"
	"time"
)

// Mail is one message. Addresses are as RFC 5322 has them ("Kim <kim@shop.kr>").
type Mail struct {
	// MessageID stays the same when the same message is sent again; without
	// angle brackets.
	MessageID           string
	From                string
	To, Cc, Bcc         []string
	ReplyTo             []string
	Subject, Text, HTML string
	Date                time.Time
}

// Mailer hands mails over. An error of kind base.Unavailable says that the
// mail was surely not taken and may be tried again, base.Invalid that it never
// will be; any other that nobody knows.
type Mailer interface {
	Mail(ctx context.Context, m Mail) error
}

// Poster sends a body to a URL by POST. Its errors are as a Mailer's.
type Poster interface {
	Post(ctx context.Context, url string, header http.Header, body []byte) error
}
