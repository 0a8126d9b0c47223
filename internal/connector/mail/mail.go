// Package mail hands mails over: to an SMTP server, or as .eml files into a
// folder.
package mail

import (
	"bytes"
	"context"
	"errors"
	"net"
	netmail "net/mail"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/wholefile"
	"github.com/mulgil/mulgil/internal/port"
)

// compose makes the message. Subjects and addresses with line breaks are refused.
func compose(m port.Mail) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if strings.ContainsAny(m.Subject, "\r\n") {
		return nil, base.Errorf(base.Invalid, "the subject has a line break")
	}
	var err error
	set := func(what string, f func(...string) error, list []string) {
		if len(list) == 0 || err != nil {
			return
		}
		for _, a := range list {
			if _, bad := netmail.ParseAddress(a); bad != nil || strings.ContainsAny(a, "\r\n") {
				err = base.Errorf(base.Invalid, "%s: %q is not a mail address", what, a)
				return
			}
		}
		if e := f(list...); e != nil {
			err = base.Errorf(base.Invalid, "%s: %w", what, e)
		}
	}
	set("from", func(l ...string) error { return msg.From(l[0]) }, []string{m.From})
	set("to", msg.To, m.To)
	set("cc", msg.Cc, m.Cc)
	set("bcc", msg.Bcc, m.Bcc)
	set("reply to", func(l ...string) error { return msg.ReplyTo(l[0]) }, m.ReplyTo)
	if err != nil {
		return nil, err
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date)
	switch {
	case m.HTML == "":
		msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	case m.Text == "":
		msg.SetBodyString(gomail.TypeTextHTML, m.HTML)
	default:
		msg.SetBodyString(gomail.TypeTextPlain, m.Text)
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

// Folder writes each mail as NAME.eml; the name follows from the message's id,
// so that a mail written again replaces itself.
type Folder struct{ Dir string }

var _ port.Mailer = Folder{}

// Mail implements port.Mailer.
func (f Folder) Mail(_ context.Context, m port.Mail) error {
	msg, err := compose(m)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return base.Errorf(base.Invalid, "compose mail: %w", err)
	}
	name := m.Date.UTC().Format("20060102T150405Z") + "-" + fileName(m.MessageID) + ".eml"
	if err := wholefile.Write(filepath.Join(f.Dir, name), b.Bytes()); err != nil {
		return base.Errorf(base.Unavailable, "%w", err)
	}
	return nil
}

// fileName keeps of a message id what every file system takes.
func fileName(id string) string {
	id, _, _ = strings.Cut(id, "@")
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, id)
}

// SMTP sends through one server.
type SMTP struct {
	host    string
	options []gomail.Option
}

var _ port.Mailer = SMTP{}

// timeout bounds a connection to the server.
const timeout = 30 * time.Second

// NewSMTP reads smtp://user:password@host:port?tls=required|opportunistic|none
// or smtps://...; the default port is 587, 465 for smtps. TLS is required
// unless the server is on this machine.
func NewSMTP(address string) (SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return SMTP{}, base.Errorf(base.Invalid, "the mail server must be smtp://host:port or smtps://host:port")
	}
	s := SMTP{host: u.Hostname(), options: []gomail.Option{gomail.WithTimeout(timeout)}}
	port := 587
	if u.Scheme == "smtps" {
		port = 465
		s.options = append(s.options, gomail.WithSSL())
	}
	if p := u.Port(); p != "" {
		port, _ = strconv.Atoi(p) // url.Parse accepts digits only
	}
	policy := gomail.TLSMandatory
	if ip := net.ParseIP(s.host); s.host == "localhost" || ip != nil && ip.IsLoopback() {
		policy = gomail.TLSOpportunistic
	}
	switch tls := u.Query().Get("tls"); tls {
	case "":
	case "required":
		policy = gomail.TLSMandatory
	case "opportunistic":
		policy = gomail.TLSOpportunistic
	case "none":
		policy = gomail.NoTLS
	default:
		return SMTP{}, base.Errorf(base.Invalid, "tls=%s is none of required, opportunistic, none", tls)
	}
	s.options = append(s.options, gomail.WithPort(port), gomail.WithTLSPolicy(policy))
	if u.User != nil {
		password, _ := u.User.Password()
		auth := gomail.SMTPAuthAutoDiscover
		if policy == gomail.NoTLS {
			auth = gomail.SMTPAuthPlainNoEnc
		}
		s.options = append(s.options, gomail.WithSMTPAuth(auth), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return s, nil
}

// Mail implements port.Mailer.
func (s SMTP) Mail(ctx context.Context, m port.Mail) error {
	msg, err := compose(m)
	if err != nil {
		return err
	}
	c, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return base.Errorf(base.Invalid, "mail server %s: %w", s.host, err)
	}
	return s.verdict(c.DialAndSendWithContext(ctx, msg), msg)
}

// verdict sorts an error by what it says of the mail.
func (s SMTP) verdict(err error, msg *gomail.Msg) error {
	if err == nil || msg.IsDelivered() {
		return nil // an error after the server took it is about the connection
	}
	kind := base.Unavailable // no connection, no greeting, no login
	var send *gomail.SendError
	if errors.As(err, &send) {
		switch code := send.ErrorCode(); {
		case code/100 == 5:
			kind = base.Invalid
		case code/100 == 4:
		case send.Reason == gomail.ErrSMTPDataClose, send.Reason == gomail.ErrWriteContent:
			kind = base.Internal // the text was on its way: whether it was taken is not known
		}
	}
	return base.Errorf(kind, "mail server %s: %w", s.host, err)
}
