package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func TestSaysWhyItCannotConnect(t *testing.T) {
	db := newDB(t)
	u, err := url.Parse(db.url)
	if err != nil {
		t.Fatal(err)
	}
	role := db.name + "_p"
	db.exec(t, `CREATE ROLE `+role+` LOGIN PASSWORD 'right'`)
	t.Cleanup(func() { db.exec(t, "DROP ROLE "+role) })
	locked, none := *u, *u
	locked.User = url.User(role)
	none.Path = "/no_such_database"
	for _, c := range []struct {
		name, url, password string
		kind                base.Kind
		want                string
	}{
		{"wrong password", locked.String(), "wr0ng-s3cret", base.Denied, "connection shop: password refused for user " + role + " at " + u.Host},
		{"unknown database", none.String(), "", base.NotFound, `connection shop: there is no database "no_such_database" at ` + u.Host},
		{"nobody listens", "postgres://u:wr0ng-s3cret@127.0.0.1:1/x", "", base.Unavailable, "connection shop: no PostgreSQL answers at 127.0.0.1:1"},
		{"unknown host", "postgres://u:wr0ng-s3cret@no-such-host.invalid/x", "", base.Unavailable, "connection shop: host no-such-host.invalid is not known"},
	} {
		s, err := New(Config{Name: "shop", URL: c.url, Password: c.password})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Begin(context.Background())
		if base.KindOf(err) != c.kind || !strings.HasPrefix(fmt.Sprint(err), c.want) || !strings.Contains(base.Render(err), "hint: ") {
			t.Errorf("%s: %v (%v)", c.name, base.Render(err), base.KindOf(err))
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, s.conn.Host); strings.Contains(text, "s3cret") {
			t.Errorf("%s: the message holds the password: %s", c.name, text)
		}
		s.Close()
	}
}

func TestSaysThatATableMayNotBeRead(t *testing.T) {
	db := newDB(t)
	role := db.name + "_r"
	db.exec(t, `CREATE TABLE retail.t (id int); CREATE ROLE `+role+` LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA retail TO `+role)
	t.Cleanup(func() { db.exec(t, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	s, err := New(Config{Name: "shop", URL: db.url, User: role, Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	_, err = readAll(begin(t, s), "t")
	if base.KindOf(err) != base.Denied || !strings.Contains(err.Error(), "permission denied for table t") {
		t.Errorf("got %v, %v", base.KindOf(err), err)
	}
}

func TestPrintsNoSecrets(t *testing.T) {
	cfg := Config{Name: "shop", URL: "postgres://u:s3cret@db:5432/shop", Password: "s3cret", Tunnel: &Tunnel{Host: "bastion", User: "me", Passphrase: "s3cret"}}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "cfg", cfg, "tunnel", cfg.Tunnel, "ptr", &cfg)
	for _, text := range []string{fmt.Sprint(cfg), fmt.Sprintf("%+v %#v %v %q", cfg, cfg, &cfg, cfg), fmt.Sprintf("%+v %#v", *cfg.Tunnel, cfg.Tunnel), b.String(), fmt.Sprintf("%v %#v", Secret{Password: "s3cret"}, Secret{Password: "s3cret"})} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("printed %s", text)
		}
	}
	if got := cfg.String(); got != "postgres shop at db:5432/shop via me@bastion:22" {
		t.Errorf("String is %s", got)
	}
}

func TestReadsAddressesOfEveryForm(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://u:p@h:6432/d":                                         "u:p@h:6432/d",
		"postgresql://u@h/d?application_name=x":                           "u:@h:5432/d",
		"jdbc:postgresql://h:1234/d?user=u&password=p%40&ssl=false":       "u:p@@h:1234/d",
		"jdbc:postgresql://h/d?user=u&reWriteBatchedInserts=true&ssl=1":   "u:@h:5432/d",
		"jdbc:postgresql:d?user=u":                                        "u:@localhost:5432/d",
		"host=h port=7 dbname='d' user=u password='p w'":                  "u:p w@h:7/d",
		"jdbc:postgresql://h/d?user=u&currentSchema=retail&loginTimeout=": "u:@h:5432/d",
	} {
		c, err := ParseURL(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := fmt.Sprintf("%s:%s@%s:%d/%s", c.User, c.Password, c.Host, c.Port, c.Database); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if strings.Contains(text, "ssl=1") && (c.TLSConfig == nil || c.TLSConfig.ServerName != "h") {
			t.Errorf("%s: TLS is %v", text, c.TLSConfig)
		}
		for k := range c.RuntimeParams {
			if k != "application_name" && k != "search_path" {
				t.Errorf("%s: sends %s to the server", text, k)
			}
		}
	}
	for _, text := range []string{"", "shop", "mysql://u:s3cret@h/d", "postgres://u:s3cret@h:port/d", "jdbc:mysql://h/d?password=s3cret", "postgres://u:s3cret@h/d?sslmode=maybe", "postgres://u:s3%zzcret@h/d"} {
		_, err := ParseURL(text)
		if base.KindOf(err) != base.Invalid || strings.Contains(fmt.Sprintf("%v%+v", err, base.Render(err)), "3cret") || strings.Contains(base.Render(err), "zzcret") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSecretFillsTheConnection(t *testing.T) {
	s, err := ParseSecret([]byte(`{"engine": "postgres", "host": "h", "port": "6000", "username": "u", "password": "p", "dbname": "d"}`))
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Name: "shop"}
	s.Apply(&cfg)
	if cfg.URL != "postgres://h:6000/d" || cfg.User != "u" || cfg.Password != "p" {
		t.Errorf("URL is %s", cfg.URL)
	}
	cfg = Config{URL: "jdbc:postgresql://other/x"}
	s.Apply(&cfg)
	if cfg.URL != "jdbc:postgresql://other/x" || cfg.User != "u" {
		t.Errorf("the secret replaced the address by %s", cfg.URL)
	}
	if _, err := ParseSecret([]byte(`s3cret`)); base.KindOf(err) != base.Invalid || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("not JSON: %v", err)
	}
}
