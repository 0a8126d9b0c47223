package project

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoadReadsNotifyAndFunctions(t *testing.T) {
	p := load(t, "testdata/good", "")
	n := p.Notify
	if n.Mail.From != "매장 <shop@example.com>" || n.Mail.SMTP.Reveal() != "smtp://u:geheim@mail.example.com:587" || n.Mail.Folder != filepath.Join(p.DataDir, "mail") || !n.Korean {
		t.Errorf("mail %+v", n.Mail)
	}
	ops := n.Channels["ops"]
	if d := cmp.Diff([]string{"ops@example.com", "kim@example.com"}, ops.Mail); d != "" || !ops.Slack || ops.Webhook.Reveal() != "https://hooks.example.com/x" || Header(ops.Headers).Get("authorization") != "Bearer t" {
		t.Errorf("channel %+v %s", ops, d)
	}
	if n.Channels["inbox"].Folder != filepath.Join(p.Root, "outbox") {
		t.Errorf("folder %q", n.Channels["inbox"].Folder)
	}
	if d := cmp.Diff([]string{"ops"}, n.OnFailure); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string][]string{"Quiet": {}, "Loud": {"ops", "inbox"}}, n.Workflows); d != "" {
		t.Error(d)
	}
	f := p.Functions["enrich"]
	if f.Timeout != 30*time.Second || f.Idempotent || f.Workdir != p.Root || strings.Join(f.Command, " ") != "python3 enrich.py" || f.Env["KEY"].Reveal() != "geheim" || f.Connections[0] != "shop" {
		t.Errorf("function %+v", f)
	}
	if f := p.Functions["remote"]; f.Timeout != 3*time.Second || !f.Idempotent || f.URL.Reveal() != "https://example.com/f" {
		t.Errorf("function %+v", f)
	}
	if h := p.HTTP["partner"]; !h.Idempotent || Header(h.Headers).Get("Authorization") != "Bearer t" {
		t.Errorf("http %+v", h)
	}
	if s := fmt.Sprintf("%+v %v %#v", n, p.Functions, p.HTTP); strings.Contains(s, "geheim") || strings.Contains(s, "Bearer") {
		t.Error("a secret is shown:", s)
	}
}

func TestFailuresAreToldToTheMailFolderByDefault(t *testing.T) {
	p, err := loadText(t, "name: x\n")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"local"}, p.Notify.OnFailure); d != "" || p.Notify.Channels["local"].Mail == nil || p.Notify.Mail.SMTP != "" {
		t.Errorf("%+v %s", p.Notify, d)
	}
}

func TestMistakesInNotifyAndFunctions(t *testing.T) {
	for text, want := range map[string]string{
		"functions: {f: {}}": `mulgil.yaml:2:13: function f needs command or url`,
		"functions: {f: {command: [x], url: \"http://a\"}}":          `function f has both command and url`,
		"functions: {f: {url: \"ftp://a\"}}":                         `the url must be https://host/path`,
		"functions: {f: {command: [x], timeout: 16m}}":               `timeout 16m is not between 1ms and 15m`,
		"functions: {f: {command: [x], connections: [shop]}}":        `no connection "shop"`,
		"functions: {\"a b\": {command: [x]}}":                       `a b`,
		"notify: {channels: {c: {}}}":                                `channel c goes nowhere`,
		"notify: {channels: {c: {mail: [\"a\\nb@x\"]}}}":             `is not a mail address`,
		"notify: {channels: {ops: {folder: x}}, on_failure: [opps]}": `no channel "opps"`,
		"notify: {workflows: {W: never}}":                            `no channel "never"`,
		"notify: {mail: {smtp: \"mail.example.com\"}}":               `the mail server must be smtp://host:port`,
		"notify: {mail: {smtp: \"smtp://u:p@\"}}":                    `the mail server must be smtp://host:port`,
		"notify: {mail: {smtp: \"smtp://m.kr?tls=some\"}}":           `tls=some is none of required`,
		"notify: {language: de}":                                     `language`,
	} {
		_, err := loadText(t, "name: x\n"+text+"\n")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func loadText(t *testing.T, text string) (*Project, error) {
	t.Helper()
	return Load(write(t, map[string]string{"mulgil.yaml": text}), Options{Env: environment})
}
