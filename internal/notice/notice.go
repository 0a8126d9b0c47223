// Package notice tells people: of a run that failed, and whatever a workflow
// has to say. What is to be told is a row of an outbox in state.db before
// anybody is told, so that neither a crash nor a dead mail server loses it, and
// a message sent twice under one key is told once.
//
// A row is pending, then sending, then sent or failed. One found in sending at
// start is unknown: a mail may have gone out just before the crash. It is not
// sent again by itself, since a mail that comes twice is worse than one that
// somebody has to look up; `mulgil notice resend` does.
package notice

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/wholefile"
	"github.com/mulgil/mulgil/internal/port"
)

// Channel is where messages go: each of its places gets each of them. It is
// what a topic or a queue of a workflow is here.
type Channel struct {
	Name string
	// Mail are addresses; each gets a mail of its own.
	Mail    []string
	Webhook *Webhook
	// Folder gets a JSON file for each message.
	Folder string
}

// Webhook is an HTTP endpoint.
type Webhook struct {
	URL    string
	Header http.Header
	// Slack sends {"text": "..."}, as Slack and its like take it, instead of
	// the message as JSON.
	Slack bool
}

// Message is something to tell.
type Message struct {
	// Key names it for ever: another message under the same key is the same one.
	Key string
	// Channel is where to; empty is a mail to the addresses below.
	Channel             string
	From                string
	To, Cc, Bcc         []string
	ReplyTo             []string
	Subject, Text, HTML string
	Attributes          json.RawMessage `json:",omitempty"`
}

// State is how far the telling is.
type State string

const (
	Pending State = "pending"
	Sending State = "sending"
	Sent    State = "sent"
	Failed  State = "failed"
	Unknown State = "unknown"
)

// Entry is one row of the outbox: one message on its way to one place.
type Entry struct {
	ID  int64  `json:"id"`
	Key string `json:"key"`
	// Way is mail, webhook or folder; Target the address, or a webhook's channel.
	Way      string    `json:"way"`
	Channel  string    `json:"channel,omitempty"`
	Target   string    `json:"target"`
	Subject  string    `json:"subject"`
	State    State     `json:"state"`
	Attempts int       `json:"attempts"`
	Created  time.Time `json:"created"`
	Due      time.Time `json:"due,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Error    string    `json:"error,omitempty"`
	// Message is the content; lists leave it out.
	Message *Message `json:"message,omitempty"`
}

// Options are what a Service needs.
type Options struct {
	Store    port.Store
	Clock    base.Clock
	Log      *slog.Logger
	Channels []Channel
	Mailer   port.Mailer
	Poster   port.Poster
	// From is the sender of mails that name none.
	From string
	// Failures says who is told of failed runs.
	Failures Failures
}

// Service tells. Close it before its store.
type Service struct {
	o        Options
	channels map[string]Channel
	wake     chan struct{}
	stop     context.CancelFunc
	// sending ends what is being sent, some time after stop.
	sending context.Context
	cut     context.CancelFunc
	done    sync.WaitGroup
	closing sync.Once
}

const schema = `
CREATE TABLE notice_outbox (
	id INTEGER PRIMARY KEY, key TEXT NOT NULL, way TEXT NOT NULL, channel TEXT NOT NULL, target TEXT NOT NULL,
	message TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
	created INTEGER NOT NULL, due INTEGER NOT NULL, ended INTEGER, error TEXT NOT NULL DEFAULT '',
	UNIQUE (key, way, channel, target));
CREATE INDEX notice_due ON notice_outbox (state, due);`

// Open reads the outbox and goes on telling.
func Open(ctx context.Context, o Options) (*Service, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = base.SystemClock{}
	}
	s := &Service{o: o, channels: map[string]Channel{}, wake: make(chan struct{}, 1)}
	for _, c := range o.Channels {
		s.channels[c.Name] = c
	}
	if err := o.Store.Migrate(ctx, "notice", []string{schema}); err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	s.sending, s.cut = context.WithCancel(context.WithoutCancel(ctx))
	run, stop := context.WithCancel(s.sending)
	s.stop = stop
	s.done.Go(func() { s.loop(run) })
	return s, nil
}

// lastWords is how long Close goes on telling what is due.
const lastWords = 10 * time.Second

// Close ends what is being sent and tells what else is due, for ten seconds at
// most; what is not sent stays for the next time. Safe to call twice.
func (s *Service) Close() {
	s.closing.Do(func() {
		defer s.cut()
		s.stop()
		defer time.AfterFunc(lastWords, s.cut).Stop()
		s.done.Wait()
		for s.sending.Err() == nil {
			e, _, err := s.take(s.sending)
			if e == nil || err != nil {
				return
			}
			s.tell(s.sending, *e)
		}
	})
}

// settle decides on what the last owner was sending when it died. What goes to
// a webhook or folder carries its key, so that a second one is recognised.
func (s *Service) settle(ctx context.Context) error {
	return s.o.Store.Update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE notice_outbox SET state = CASE way WHEN 'mail' THEN 'unknown' ELSE 'pending' END,
			error = CASE way WHEN 'mail' THEN 'the program ended while it was being sent' ELSE error END WHERE state = 'sending'`)
		return err
	})
}

// Send puts a message into the outbox. The error is base.NotFound for an
// unknown channel, base.Invalid for a message that nobody could get.
func (s *Service) Send(ctx context.Context, m Message) error {
	rows, err := s.entries(m)
	if err != nil {
		return err
	}
	if err := s.o.Store.Update(ctx, func(tx *sql.Tx) error { return s.insert(tx, m, rows) }); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	s.nudge()
	return nil
}

func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// entries are a message's rows, one for each place it goes to.
func (s *Service) entries(m Message) ([]Entry, error) {
	if m.Channel == "" {
		if len(m.To)+len(m.Cc)+len(m.Bcc) == 0 {
			return nil, base.Errorf(base.Invalid, "a mail to nobody")
		}
		return []Entry{{Way: "mail", Target: strings.Join(slices.Concat(m.To, m.Cc, m.Bcc), ", ")}}, nil
	}
	c, ok := s.channels[m.Channel]
	if !ok {
		return nil, base.Errorf(base.NotFound, "no channel %q", m.Channel).WithHint("channels are named under notify: in mulgil.yaml")
	}
	var out []Entry
	for _, a := range c.Mail {
		out = append(out, Entry{Way: "mail", Channel: c.Name, Target: a})
	}
	if c.Webhook != nil {
		out = append(out, Entry{Way: "webhook", Channel: c.Name, Target: "webhook of " + c.Name})
	}
	if c.Folder != "" {
		out = append(out, Entry{Way: "folder", Channel: c.Name, Target: c.Folder})
	}
	return out, nil
}

func (s *Service) insert(tx *sql.Tx, m Message, rows []Entry) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	now := s.o.Clock.Now().UnixMicro()
	for _, e := range rows {
		if _, err := tx.Exec(`INSERT INTO notice_outbox (key, way, channel, target, message, state, created, due) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?)
			ON CONFLICT DO NOTHING`, m.Key, e.Way, e.Channel, e.Target, string(text), now, now); err != nil {
			return err
		}
	}
	return nil
}

// retries are the waits after failed attempts; one more failure is final.
var retries = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour}

// longestSleep bounds a wait, since a machine may sleep or its clock be set.
const longestSleep = time.Minute

func (s *Service) loop(ctx context.Context) {
	for ctx.Err() == nil {
		e, next, err := s.take(ctx)
		if err != nil && ctx.Err() == nil {
			s.o.Log.Error("read outbox", "error", err)
		}
		if e != nil {
			s.tell(s.sending, *e)
			continue
		}
		wait := longestSleep
		if !next.IsZero() {
			wait = max(min(wait, next.Sub(s.o.Clock.Now())), time.Millisecond)
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-s.o.Clock.After(wait):
		}
	}
}

// take marks the first row that is due as being sent and returns it; without
// one, when the next is due.
func (s *Service) take(ctx context.Context) (*Entry, time.Time, error) {
	list, err := s.query(ctx, s.o.Store.Reader(), "WHERE state = 'pending' ORDER BY due, id LIMIT 1", true)
	if err != nil || len(list) == 0 {
		return nil, time.Time{}, err
	}
	e := list[0]
	if e.Due.After(s.o.Clock.Now()) {
		return nil, e.Due, nil
	}
	taken := false
	err = s.o.Store.Update(ctx, func(tx *sql.Tx) error {
		r, err := tx.Exec(`UPDATE notice_outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ? AND state = 'pending'`, e.ID)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		taken = n == 1
		return err
	})
	if err != nil || !taken {
		return nil, time.Time{}, err
	}
	e.Attempts++
	return &e, time.Time{}, nil
}

// tell sends a row and records what came of it.
func (s *Service) tell(ctx context.Context, e Entry) {
	err := s.hand(ctx, e)
	state, due, text := Sent, time.Time{}, ""
	if err != nil {
		text = err.Error()
		kind := base.KindOf(err)
		switch {
		case kind == base.Invalid || kind == base.NotFound:
			state = Failed
		case kind != base.Unavailable && e.Way == "mail":
			state = Unknown
		case e.Attempts > len(retries):
			state = Failed
		default:
			state, due = Pending, s.o.Clock.Now().Add(retries[e.Attempts-1])
		}
		s.o.Log.Warn("message not sent", "id", e.ID, "way", e.Way, "target", e.Target, "state", state, "error", text)
	}
	if ctx.Err() != nil && state == Unknown {
		return // still sending for the next owner, who finds out
	}
	err = s.o.Store.Update(context.WithoutCancel(ctx), func(tx *sql.Tx) error {
		ended := any(nil)
		if state != Pending {
			ended = s.o.Clock.Now().UnixMicro()
		}
		_, err := tx.Exec(`UPDATE notice_outbox SET state = ?, due = ?, ended = ?, error = ? WHERE id = ?`, string(state), due.UnixMicro(), ended, text, e.ID)
		return err
	})
	if err != nil {
		s.o.Log.Error("record message", "id", e.ID, "error", err)
	}
}

func (s *Service) hand(ctx context.Context, e Entry) error {
	m := *e.Message
	switch e.Way {
	case "mail":
		return s.mail(ctx, e, m)
	case "webhook":
		c, ok := s.channels[e.Channel]
		if !ok || c.Webhook == nil {
			return base.Errorf(base.NotFound, "the channel %s has no webhook any more", e.Channel)
		}
		return s.post(ctx, e, m, *c.Webhook)
	}
	return writeFile(e, m)
}

func (s *Service) mail(ctx context.Context, e Entry, m Message) error {
	mail := port.Mail{
		MessageID: messageID(e), From: m.From, To: m.To, Cc: m.Cc, Bcc: m.Bcc, ReplyTo: m.ReplyTo,
		Subject: m.Subject, Text: m.Text, HTML: m.HTML, Date: e.Created,
	}
	if mail.From == "" {
		mail.From = s.o.From
	}
	if m.Channel != "" {
		mail.To, mail.Cc, mail.Bcc = []string{e.Target}, nil, nil
	}
	if mail.Subject == "" {
		mail.Subject = "[" + e.Channel + "]"
	}
	return s.o.Mailer.Mail(ctx, mail)
}

// messageID is the same for the same row.
func messageID(e Entry) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(e.Key+"\x00"+e.Channel+"\x00"+e.Target)).String() + "@mulgil"
}

// document is a message as webhooks and folders get it.
type document struct {
	ID         string          `json:"id"`
	Channel    string          `json:"channel"`
	Subject    string          `json:"subject,omitempty"`
	Message    string          `json:"message"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
	Time       time.Time       `json:"time"`
}

func (e Entry) document(m Message) ([]byte, error) {
	id, _, _ := strings.Cut(messageID(e), "@")
	return json.Marshal(document{ID: id, Channel: e.Channel, Subject: m.Subject, Message: m.Text, Attributes: m.Attributes, Time: e.Created})
}

func (s *Service) post(ctx context.Context, e Entry, m Message, w Webhook) error {
	body, err := e.document(m)
	if w.Slack {
		text := m.Text
		if m.Subject != "" {
			text = "*" + m.Subject + "*\n" + text
		}
		body, err = json.Marshal(map[string]string{"text": text})
	}
	if err != nil {
		return err
	}
	h := w.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	id, _, _ := strings.Cut(messageID(e), "@")
	h.Set("Idempotency-Key", id)
	return s.o.Poster.Post(ctx, w.URL, h, body)
}

// writeFile puts the message into a folder under a name of its own.
func writeFile(e Entry, m Message) error {
	body, err := e.document(m)
	if err != nil {
		return err
	}
	id, _, _ := strings.Cut(messageID(e), "@")
	name := e.Created.UTC().Format("20060102T150405.000000Z") + "-" + id + ".json"
	if err := wholefile.Write(filepath.Join(e.Target, name), body); err != nil {
		return base.Errorf(base.Unavailable, "%w", err)
	}
	return nil
}

// Filter narrows List; empty fields do not.
type Filter struct {
	State State
	Limit int
}

// List reads the outbox, newest first, without contents.
func (s *Service) List(ctx context.Context, f Filter) ([]Entry, error) {
	where, args := "", []any{}
	if f.State != "" {
		where, args = "WHERE state = ? ", append(args, string(f.State))
	}
	where += "ORDER BY id DESC"
	if f.Limit > 0 {
		where += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return s.query(ctx, s.o.Store.Reader(), where, false, args...)
}

// Get reads one row with its content; base.NotFound if there is none.
func (s *Service) Get(ctx context.Context, id int64) (Entry, error) {
	list, err := s.query(ctx, s.o.Store.Reader(), "WHERE id = ?", true, id)
	if err != nil {
		return Entry{}, err
	}
	if len(list) == 0 {
		return Entry{}, base.Errorf(base.NotFound, "no message %d", id).WithHint("mulgil notice list shows them")
	}
	return list[0], nil
}

// Resend sends a row again that failed, or whose outcome nobody knows.
func (s *Service) Resend(ctx context.Context, id int64) (Entry, error) {
	e, err := s.Get(ctx, id)
	if err != nil {
		return e, err
	}
	done := false
	err = s.o.Store.Update(ctx, func(tx *sql.Tx) error {
		r, err := tx.Exec(`UPDATE notice_outbox SET state = 'pending', attempts = 0, due = ?, ended = NULL, error = '' WHERE id = ? AND state IN ('failed', 'unknown')`,
			s.o.Clock.Now().UnixMicro(), id)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		done = n == 1
		return err
	})
	if err != nil {
		return e, err
	}
	if !done {
		return e, base.Errorf(base.Conflict, "message %d is %s", id, e.State).WithHint("only failed and unknown ones are sent again")
	}
	s.nudge()
	return s.Get(ctx, id)
}

// Expire forgets what was sent or failed before t.
func (s *Service) Expire(ctx context.Context, t time.Time) error {
	return port.Prune(ctx, s.o.Store, `notice_outbox WHERE id IN (SELECT id FROM notice_outbox WHERE ended < ? LIMIT ?)`, t.UnixMicro())
}

func (s *Service) query(ctx context.Context, db *sql.DB, where string, whole bool, args ...any) ([]Entry, error) {
	rows, err := db.QueryContext(ctx, `SELECT id, key, way, channel, target, message, state, attempts, created, due, ended, error FROM notice_outbox `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	defer rows.Close()
	out := []Entry{}
	for rows.Next() {
		var e Entry
		var text string
		var created, due int64
		var ended sql.NullInt64
		if err := rows.Scan(&e.ID, &e.Key, &e.Way, &e.Channel, &e.Target, &text, &e.State, &e.Attempts, &created, &due, &ended, &e.Error); err != nil {
			return nil, fmt.Errorf("read outbox: %w", err)
		}
		var m Message
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return nil, fmt.Errorf("read outbox: %w", err)
		}
		e.Created, e.Subject = time.UnixMicro(created).UTC(), m.Subject
		if e.State == Pending {
			e.Due = time.UnixMicro(due).UTC()
		}
		if ended.Valid {
			e.Ended = time.UnixMicro(ended.Int64).UTC()
		}
		if whole {
			e.Message = &m
		}
		out = append(out, e)
	}
	return out, rows.Err()
}
