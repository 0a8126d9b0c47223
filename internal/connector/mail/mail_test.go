package mail_test

import (
	"context"
	"errors"
	"io"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/mail"
	"github.com/mulgil/mulgil/internal/port"
)

var message = port.Mail{
	MessageID: "abc-1@mulgil", From: "가게 <shop@example.com>", To: []string{"Kim <kim@example.com>"}, Bcc: []string{"boss@example.com"},
	Subject: "실패: 소매", Text: "줄 하나\n.\n끝", HTML: "<p>줄</p>", Date: time.Date(2026, 11, 30, 1, 2, 3, 0, time.UTC),
}

// server is an SMTP server that keeps what it takes and answers as told.
type server struct {
	mu     sync.Mutex
	mails  []string
	to     []string
	refuse func(stage string) error
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s}, nil }

type session struct{ s *server }

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) stage(name string) error {
	if s.s.refuse == nil {
		return nil
	}
	return s.s.refuse(name)
}
func (s *session) Mail(string, *smtp.MailOptions) error { return s.stage("mail") }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.to = append(s.s.to, to)
	return s.stage("rcpt")
}
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.stage("data"); err != nil {
		return err
	}
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.mails = append(s.s.mails, string(b))
	return nil
}

// serve starts a server and returns its address.
func serve(t *testing.T, s *server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(s)
	srv.Domain, srv.AllowInsecureAuth = "localhost", true
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close() })
	return "smtp://" + l.Addr().String() + "?tls=none"
}

func send(t *testing.T, address string, m port.Mail) error {
	t.Helper()
	c, err := mail.NewSMTP(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return c.Mail(ctx, m)
}

func TestMailArrivesWhole(t *testing.T) {
	s := &server{}
	if err := send(t, serve(t, s), message); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.to, " "); got != "kim@example.com boss@example.com" {
		t.Errorf("to %s", got)
	}
	m, err := netmail.ReadMessage(strings.NewReader(s.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]string{"Message-Id": "<abc-1@mulgil>", "To": `"Kim" <kim@example.com>`, "Bcc": "", "Date": "Mon, 30 Nov 2026 01:02:03 +0000"} {
		if got := m.Header.Get(k); got != want {
			t.Errorf("%s is %q, want %q", k, got, want)
		}
	}
	if strings.Contains(s.mails[0], "실패") || !strings.Contains(m.Header.Get("Subject"), "=?UTF-8?") {
		t.Errorf("subject %q", m.Header.Get("Subject"))
	}
}

// TestErrorsSayWhatBecameOfTheMail: only where the text was on its way is
// nobody sure.
func TestErrorsSayWhatBecameOfTheMail(t *testing.T) {
	answer := func(stage string, code int) func(string) error {
		return func(at string) error {
			if at != stage {
				return nil
			}
			return &smtp.SMTPError{Code: code, Message: "no"}
		}
	}
	for name, c := range map[string]struct {
		refuse func(string) error
		want   base.Kind
	}{
		"unknown recipient": {answer("rcpt", 550), base.Invalid},
		"try later":         {answer("mail", 451), base.Unavailable},
		"refused as spam":   {answer("data", 554), base.Invalid},
		"full, after text":  {answer("data", 452), base.Unavailable},
	} {
		err := send(t, serve(t, &server{refuse: c.refuse}), message)
		if err == nil || base.KindOf(err) != c.want {
			t.Errorf("%s: %v, kind %v, want %v", name, err, base.KindOf(err), c.want)
		}
	}
	if err := send(t, "smtp://127.0.0.1:1?tls=none", message); base.KindOf(err) != base.Unavailable || err == nil {
		t.Errorf("no server: %v", err)
	}
	if err := send(t, dying(t), message); err == nil || base.KindOf(err) != base.Internal {
		t.Errorf("connection lost after the text: %v, kind %v", err, base.KindOf(err))
	}
}

// dying is a server that hangs up where it should say that it has the mail.
func dying(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		write := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
		write("220 hello")
		buf := make([]byte, 4096)
		text := ""
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			text += string(buf[:n])
			switch {
			case strings.Contains(text, "\r\n.\r\n"):
				return
			case strings.HasPrefix(text, "DATA"), strings.HasSuffix(text, "DATA\r\n"):
				write("354 go on")
				text = ""
			case strings.HasSuffix(text, "\r\n") && !strings.Contains(text, "Subject"):
				write("250 ok")
				text = ""
			}
		}
	}()
	return "smtp://" + l.Addr().String() + "?tls=none"
}

func TestFolderHasOneFileAMail(t *testing.T) {
	f := mail.Folder{Dir: filepath.Join(t.TempDir(), "우편")}
	for range 2 { // sent again it replaces itself
		if err := f.Mail(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(f.Dir, "*"))
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != "20261130T010203Z-abc-1.eml" {
		t.Fatalf("%v, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := netmail.ReadMessage(strings.NewReader(string(b))); err != nil || strings.Contains(string(b), "boss@") {
		t.Errorf("%v\n%s", err, b)
	}
}

func TestMailThatCannotBeIsRefused(t *testing.T) {
	f := mail.Folder{Dir: t.TempDir()}
	for name, change := range map[string]func(*port.Mail){
		"subject with a line break": func(m *port.Mail) { m.Subject = "a\r\nBcc: x@example.com" },
		"no address":                func(m *port.Mail) { m.To = []string{"kim"} },
		"address with a line break": func(m *port.Mail) { m.To = []string{"kim@example.com\nBcc: x@example.com"} },
		"no sender":                 func(m *port.Mail) { m.From = "" },
	} {
		m := message
		change(&m)
		if err := f.Mail(t.Context(), m); err == nil || base.KindOf(err) != base.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, a := range []string{"mail.example.com", "http://x", "smtp://x?tls=maybe", "smtp://"} {
		if _, err := mail.NewSMTP(a); err == nil || base.KindOf(err) != base.Invalid {
			t.Errorf("%s: %v", a, err)
		}
	}
	if err := (mail.Folder{Dir: "/proc/nowhere"}).Mail(t.Context(), message); base.KindOf(err) != base.Unavailable || errors.Is(err, nil) {
		t.Errorf("no folder: %v", err)
	}
}
