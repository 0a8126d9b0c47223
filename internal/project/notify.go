package project

import (
	"maps"
	netmail "net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Notify is how people are told.
type Notify struct {
	Mail MailSettings
	// Channels are the places messages go to, by name.
	Channels map[string]Channel
	// OnFailure are the channels that hear of failed runs, unless the maps
	// below, by the names of workflows, jobs, schedules and crawlers, say
	// otherwise; an empty list is silence.
	OnFailure                            []string
	Workflows, Jobs, Schedules, Crawlers map[string][]string
	// Korean writes notices in Korean.
	Korean bool
}

// MailSettings say how mails leave.
type MailSettings struct {
	From string
	// SMTP is smtp://user:password@host:port; without it mails become .eml files in Folder.
	SMTP   Hidden
	Folder string
}

// Channel is where messages go; each of its places gets each message.
type Channel struct {
	Name    string
	Mail    []string
	Webhook Hidden
	Headers map[string]Hidden
	// Slack is the webhook's format: {"text": ...} instead of the message as JSON.
	Slack  bool
	Folder string
	Place  *base.Place
}

// defaultChannel is who hears of failures where the project says nothing: the
// folder of mails.
const defaultChannel = "local"

func (r *reader) notify(n *node) Notify {
	out := Notify{
		Channels: map[string]Channel{}, OnFailure: []string{defaultChannel},
		Mail:      MailSettings{From: "mulgil <mulgil@localhost>", Folder: filepath.Join(r.p.DataDir, "mail")},
		Workflows: map[string][]string{}, Jobs: map[string][]string{}, Schedules: map[string][]string{}, Crawlers: map[string][]string{},
	}
	out.Channels[defaultChannel] = Channel{Name: defaultChannel, Mail: []string{"staff@localhost"}}
	if !n.isMap() {
		return out
	}
	if m := n.get("mail"); m != nil {
		r.mailSettings(m, &out.Mail)
	}
	if c := n.get("channels"); c.isMap() {
		for _, e := range c.entries {
			out.Channels[e.key] = r.channel(e)
		}
	}
	out.Korean = n.get("language").str() == "ko"
	if f := n.get("on_failure"); f != nil {
		out.OnFailure = r.channelNames(f, out.Channels)
	}
	for key, into := range map[string]map[string][]string{"workflows": out.Workflows, "jobs": out.Jobs, "schedules": out.Schedules, "crawlers": out.Crawlers} {
		if m := n.get(key); m.isMap() {
			for _, e := range m.entries {
				into[e.key] = r.channelNames(e.val, out.Channels)
			}
		}
	}
	return out
}

// channelNames decodes a list of channels; "none" is nobody.
func (r *reader) channelNames(n *node, known map[string]Channel) []string {
	out := []string{}
	list := n.list()
	if n.kind == scalarNode {
		list = []*node{n}
	}
	for _, c := range list {
		if c.str() == "none" && len(list) == 1 {
			return out
		}
		if _, ok := known[c.str()]; !ok {
			r.add(c.errorf("no channel %q", c.str()).WithHint("%s", didYouMean(c.str(), slices.Sorted(maps.Keys(known)))))
			continue
		}
		out = append(out, c.str())
	}
	return out
}

// tlsPolicies are what ?tls= of a mail server may say.
var tlsPolicies = []string{"required", "opportunistic", "none"}

func (r *reader) mailSettings(n *node, m *MailSettings) {
	if f := n.get("from"); f != nil {
		r.mailAddress(f)
		m.From = f.str()
	}
	if s := n.get("smtp"); s != nil {
		m.SMTP = Hidden(s.str())
		u, err := url.Parse(s.str())
		if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
			r.add(s.errorf("the mail server must be smtp://host:port or smtps://host:port"))
		} else if tls := u.Query().Get("tls"); tls != "" && !slices.Contains(tlsPolicies, tls) {
			r.add(s.errorf("tls=%s is none of %s", tls, strings.Join(tlsPolicies, ", ")))
		}
	}
	if f := n.get("folder"); f != nil {
		m.Folder = r.home(f.str())
	}
}

func (r *reader) mailAddress(n *node) {
	if _, err := netmail.ParseAddress(n.str()); err != nil || strings.ContainsAny(n.str(), "\r\n") {
		r.add(n.errorf("%s is not a mail address", n.show()).WithHint("write name@shop.kr or Name <name@shop.kr>"))
	}
}

func (r *reader) channel(e *entry) Channel {
	c := Channel{Name: e.key, Place: e.at.place(), Mail: e.val.get("mail").strings(), Webhook: Hidden(e.val.get("webhook").str())}
	for _, a := range e.val.get("mail").list() {
		r.mailAddress(a)
	}
	if c.Webhook != "" {
		r.webAddress(e.val.get("webhook"))
	}
	c.Headers, c.Slack = hiddenMap(e.val.get("headers")), e.val.get("format").str() == "slack"
	if f := e.val.get("folder"); f != nil {
		c.Folder = r.home(f.str())
	}
	if len(c.Mail) == 0 && c.Webhook == "" && c.Folder == "" {
		r.add(e.at.errorf("channel %s goes nowhere", e.key).WithHint("give it mail: [address], webhook: URL or folder: PATH"))
	}
	return c
}
