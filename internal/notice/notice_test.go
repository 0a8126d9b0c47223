package notice_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/notice"
	"github.com/mulgil/mulgil/internal/port"
)

// post takes what is sent and answers with the errors it was given, in order.
type post struct {
	mu     sync.Mutex
	errs   []error
	mails  []port.Mail
	bodies []string
	keys   []string
	hold   chan struct{}
}

func (p *post) next() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.errs) == 0 {
		return nil
	}
	err := p.errs[0]
	p.errs = p.errs[1:]
	return err
}

func (p *post) Mail(ctx context.Context, m port.Mail) error {
	p.mu.Lock()
	p.mails = append(p.mails, m)
	p.mu.Unlock()
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return p.next()
}

func (p *post) Post(_ context.Context, _ string, h http.Header, body []byte) error {
	p.mu.Lock()
	p.bodies, p.keys = append(p.bodies, string(body)), append(p.keys, h.Get("Idempotency-Key"))
	p.mu.Unlock()
	return p.next()
}

func (p *post) sent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.mails) + len(p.bodies)
}

type bench struct {
	*testing.T
	store port.Store
	clock *base.FakeClock
	post  *post
	dir   string
	s     *notice.Service
}

func newBench(t *testing.T) *bench {
	t.Helper()
	store, err := sqlite.OpenStore(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &bench{T: t, store: store, clock: base.NewFakeClock(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)), post: &post{}, dir: t.TempDir()}
	b.open()
	return b
}

func (b *bench) open() {
	b.Helper()
	s, err := notice.Open(b.Context(), notice.Options{
		Store: b.store, Clock: b.clock, Mailer: b.post, Poster: b.post, From: "mulgil@localhost",
		Channels: []notice.Channel{
			{Name: "staff", Mail: []string{"kim@example.com", "lee@example.com"}},
			{Name: "slack", Webhook: &notice.Webhook{URL: "https://example.com", Slack: true}},
			{Name: "hook", Webhook: &notice.Webhook{URL: "https://example.com"}},
			{Name: "box", Folder: b.dir},
		},
		Failures: notice.Failures{Default: []string{"staff"}, By: map[string]map[string][]string{notice.Workflow: {"quiet": {}, "loud": {"slack", "box"}}}, Korean: true, Project: "가게",
			Zone: time.FixedZone("KST", 9*3600)},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.s = s
	b.Cleanup(s.Close)
}

// until waits for the state of every message.
func (b *bench) until(want ...notice.State) []notice.Entry {
	b.Helper()
	var list []notice.Entry
	for range 400 {
		var err error
		if list, err = b.s.List(b.Context(), notice.Filter{}); err != nil {
			b.Fatal(err)
		}
		got := len(list) == len(want)
		for i := range list {
			got = got && list[len(list)-1-i].State == want[i] // newest first
		}
		if got {
			return list
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.Fatalf("states %v; the outbox has %+v", want, list)
	return nil
}

func (b *bench) send(m notice.Message) {
	b.Helper()
	if err := b.s.Send(b.Context(), m); err != nil {
		b.Fatal(err)
	}
}

func TestMessageGoesToEachPlaceOnce(t *testing.T) {
	b := newBench(t)
	for range 3 {
		b.send(notice.Message{Key: "k", Channel: "staff", Subject: "소식", Text: "한 건"})
	}
	b.send(notice.Message{Key: "k", Channel: "box", Text: "한 건", Attributes: json.RawMessage(`{"a":1}`)})
	b.until(notice.Sent, notice.Sent, notice.Sent)
	if len(b.post.mails) != 2 || b.post.mails[0].To[0] != "kim@example.com" || b.post.mails[0].From != "mulgil@localhost" || b.post.mails[0].MessageID == b.post.mails[1].MessageID {
		t.Errorf("%+v", b.post.mails)
	}
	files, _ := filepath.Glob(filepath.Join(b.dir, "*.json"))
	if len(files) != 1 {
		t.Fatal(files)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(text), `"message":"한 건","attributes":{"a":1}`) {
		t.Errorf("%s %v", text, err)
	}
	if err := b.s.Send(t.Context(), notice.Message{Key: "x", Channel: "nobody"}); base.KindOf(err) != base.NotFound {
		t.Error(err)
	}
	if err := b.s.Send(t.Context(), notice.Message{Key: "x"}); base.KindOf(err) != base.Invalid {
		t.Error(err)
	}
}

func TestFailedDeliveryIsTriedAgain(t *testing.T) {
	b := newBench(t)
	away := base.Errorf(base.Unavailable, "away")
	b.post.errs = []error{away, away, nil}
	b.send(notice.Message{Key: "k", Channel: "hook", Text: "x"})
	e := b.until(notice.Pending)[0]
	for range 400 { // its first attempt
		if e = b.until(notice.Pending)[0]; e.Attempts == 1 && e.Error != "" {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if d := e.Due.Sub(b.clock.Now()); d != 10*time.Second || e.Error != "away" {
		t.Fatalf("%+v", e)
	}
	for i := 0; i < 100 && b.post.sent() < 3; i++ {
		b.clock.Advance(time.Minute)
		time.Sleep(10 * time.Millisecond)
	}
	b.until(notice.Sent)
	if b.post.keys[0] != b.post.keys[2] || b.post.keys[0] == "" {
		t.Errorf("keys %v", b.post.keys)
	}
}

func TestRefusedAndUncertainMessagesWaitForSomebody(t *testing.T) {
	b := newBench(t)
	b.post.errs = []error{base.Errorf(base.Invalid, "no such address"), errors.New("connection lost")}
	b.send(notice.Message{Key: "a", To: []string{"x@example.com"}, Subject: "s", Text: "t"})
	b.until(notice.Failed)
	b.send(notice.Message{Key: "b", To: []string{"y@example.com"}, Subject: "s", Text: "t"})
	list := b.until(notice.Failed, notice.Unknown)
	b.clock.Advance(48 * time.Hour)
	time.Sleep(20 * time.Millisecond)
	if n := b.post.sent(); n != 2 {
		t.Fatalf("%d mails", n)
	}
	if _, err := b.s.Resend(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	b.until(notice.Failed, notice.Sent)
	if _, err := b.s.Resend(t.Context(), list[0].ID); base.KindOf(err) != base.Conflict {
		t.Error(err)
	}
}

// TestDeathWhileSending: a mail that was on its way is not sent twice, what goes
// to a webhook carries its key and is.
func TestDeathWhileSending(t *testing.T) {
	b := newBench(t)
	b.s.Close()
	err := b.store.Update(t.Context(), func(tx *sql.Tx) error {
		for i, way := range []string{"mail", "webhook"} {
			m, _ := json.Marshal(notice.Message{Key: "k", Channel: "hook", To: []string{"x@example.com"}, Text: "t"})
			if _, err := tx.Exec(`INSERT INTO notice_outbox (key, way, channel, target, message, state, attempts, created, due) VALUES (?, ?, 'hook', ?, ?, 'sending', 1, 0, 0)`, "k", way, i, string(m)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.open()
	b.until(notice.Unknown, notice.Sent)
	if len(b.post.mails) != 0 || len(b.post.bodies) != 1 {
		t.Errorf("%d mails, %d posts", len(b.post.mails), len(b.post.bodies))
	}
}

func TestClosingTellsWhatIsDue(t *testing.T) {
	b := newBench(t)
	err := b.store.Update(t.Context(), func(tx *sql.Tx) error {
		return b.s.Failed(tx, notice.Failure{Kind: notice.Job, Name: "j", Run: "r", Error: "E"})
	})
	if err != nil {
		t.Fatal(err)
	}
	b.s.Close() // nobody woke it
	if n := b.post.sent(); n != 2 {
		t.Errorf("%d mails", n)
	}
}

func TestClosingWaitsForWhatIsBeingSent(t *testing.T) {
	b := newBench(t)
	b.post.hold = make(chan struct{})
	if err := b.s.Send(t.Context(), notice.Message{Key: "k", To: []string{"kim@example.com"}, Text: "t"}); err != nil {
		t.Fatal(err)
	}
	b.until(notice.Sending)
	closed := make(chan struct{})
	go func() { b.s.Close(); close(closed) }()
	select {
	case <-closed:
		t.Fatal("it closed in the middle of a mail")
	case <-time.After(100 * time.Millisecond):
	}
	close(b.post.hold)
	<-closed
	b.until(notice.Sent)
}

func TestFailureAfterARedriveIsToldAgain(t *testing.T) {
	b := newBench(t)
	for again := range 3 {
		err := b.store.Update(t.Context(), func(tx *sql.Tx) error {
			f := notice.Failure{Kind: notice.Workflow, Name: "loud", Run: "loud:1", Error: "E", Again: again}
			return errors.Join(b.s.Failed(tx, f), b.s.Failed(tx, f))
		})
		if err != nil {
			t.Fatal(err)
		}
		b.s.Wake()
	}
	b.until(notice.Sent, notice.Sent, notice.Sent, notice.Sent, notice.Sent, notice.Sent) // to two places, three times
}

func TestFailuresAreToldWhereTheyAreWanted(t *testing.T) {
	b := newBench(t)
	fail := func(kind, name string) {
		t.Helper()
		err := b.store.Update(t.Context(), func(tx *sql.Tx) error {
			return b.s.Failed(tx, notice.Failure{Kind: kind, Name: name, Run: name + ":1", Error: "NoStock", Cause: strings.Repeat("가", 5000),
				Started: b.clock.Now(), Look: "mulgil x"})
		})
		if err != nil {
			t.Fatal(err)
		}
		b.s.Wake()
	}
	fail(notice.Workflow, "quiet")
	fail(notice.Workflow, "loud")
	fail(notice.Workflow, "loud") // told already
	list := b.until(notice.Sent, notice.Sent)
	if list[0].Subject != "[가게] 워크플로 loud 실패" {
		t.Errorf("%+v", list[0])
	}
	var slack struct{ Text string }
	if err := json.Unmarshal([]byte(b.post.bodies[0]), &slack); err != nil || !strings.Contains(slack.Text, "오류: NoStock\n원인: 가") || !strings.Contains(slack.Text, "시작: 2026-11-30 09:00:00 KST") || len(slack.Text) > 13000 {
		t.Errorf("%v %.200s", err, slack.Text)
	}
	fail(notice.Job, "loud") // a job of that name is not the workflow
	b.until(notice.Sent, notice.Sent, notice.Sent, notice.Sent)
	if len(b.post.mails) != 2 {
		t.Errorf("%+v", b.post.mails)
	}
	if err := b.s.Expire(t.Context(), b.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	b.until()
}
