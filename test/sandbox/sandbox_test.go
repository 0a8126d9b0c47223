// Package sandbox tries to break out: every attempt of attempts.txt, and some
// that are too large for a file, goes through every door that takes SQL (the
// service in both dialects, the Trino protocol, jobs). None may read, write or
// stop anything: each ends in an error that says why, the files of the lake and
// outside stay as they are, and the next statement is answered.
package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/server"
)

func TestMain(m *testing.M) {
	if os.Getenv("MULGIL_TEST_WORKER") != "" {
		os.Exit(app.Worker(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

//go:embed attempts.txt
var list string

// attempt is one way out; dialect "" means that it is one in every dialect.
type attempt struct{ kind, dialect, sql string }

func attempts(t *testing.T) []attempt {
	t.Helper()
	var out []attempt
	kind := ""
	for _, line := range strings.Split(list, "\n") {
		switch {
		case line == "", strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "["):
			kind = strings.Trim(line, "[]")
			continue
		}
		a := attempt{kind: kind, sql: line}
		for _, d := range []string{"athena", "duckdb"} {
			if sql, ok := strings.CutPrefix(line, d+": "); ok {
				a.dialect, a.sql = d, sql
			}
		}
		out = append(out, a)
	}
	return append(out, large()...)
}

// large are attempts by size: values, depth, text, rows without end.
func large() []attempt {
	out := []attempt{
		{"identifiers", "", `select "a` + "\x00" + `b" from shop`},
		{"identifiers", "", "select * from \"shop\nunion all select * from read_text('/etc/passwd')\""},
		{"identifiers", "", "select * from \"" + strings.Repeat("가", 100_000) + "\""},
		{"statements", "", "select '" + strings.Repeat("x", 1<<20) + "' from nothing"},
		{"statements", "", "select " + strings.Repeat("1 + ", 300_000) + "1"},
		{"statements", "", "select " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000)},
		{"statements", "", strings.Repeat("select * from (", 5_000) + "select 1" + strings.Repeat(")", 5_000)},
		{"statements", "", "select " + strings.Repeat("case when true then ", 5_000) + "1" + strings.Repeat(" end", 5_000)},
		{"functions", "athena", "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r"},
	}
	for _, sql := range []string{
		"rpad('x', 2000000000, 'y')", "lpad('x', 2000000000, 'y')", "repeat('x', 2000000000)", "sequence(1, 10000000000)",
		"format('%2000000000d', 1)", "array_join(repeat('xxxxxxxxxx', 100000000), '')", "char_array('x')", "cast(rpad('x', 2000000000, 'y') as char(10))",
	} {
		out = append(out, attempt{"functions", "athena", "select length(cast(" + sql + " as varchar))"}, attempt{"functions", "athena", "select " + sql})
	}
	for _, sql := range []string{
		"rpad('x', 2000000000, 'y')", "lpad('x', 2000000000, 'y')", "repeat('x', 2000000000)", "printf('%2000000000d', 1)", "format('{:2000000000}', 1)",
		"length(repeat('x', 2000000000))", "bitstring('1', 2000000000)",
	} {
		out = append(out, attempt{"functions", "duckdb", "select " + sql})
	}
	return out
}

// place is a project with a table, a folder outside and a server before it.
type place struct {
	*testing.T
	root, out string
	app       *app.App
	url       string
	jobs      map[string]string
	replace   *strings.Replacer
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{T: t, root: t.TempDir(), out: t.TempDir(), jobs: map[string]string{}}
	write := func(path, text string) {
		p.ok(os.MkdirAll(filepath.Dir(path), 0o755))
		p.ok(os.WriteFile(path, []byte(text), 0o600))
	}
	write(filepath.Join(p.out, "secret.csv"), "비밀\n1\n")
	write(filepath.Join(p.root, "mulgil.yaml"), "name: 가게\nlimits:\n  memory: 512MB\n  query_timeout: 20s\n")
	write(filepath.Join(p.root, "jobs", "shop.sql"), "/*---\ntarget: shop\ndialect: duckdb\nmode: append\n---*/\nselect i as id, '값 ' || i as v from range(10) r(i)\n")
	for i, a := range attempts(t) {
		if len(a.sql) > 100_000 {
			continue
		}
		for _, d := range []string{"athena", "duckdb"} {
			if a.dialect == "" || a.dialect == d {
				p.jobs[d+" "+a.sql] = fmt.Sprintf("%s_%d", d, i)
			}
		}
	}
	bucket := filepath.Join(p.root, ".mulgil", "data", "lake")
	p.ok(os.MkdirAll(bucket, 0o755))
	link := filepath.Join(bucket, "link")
	p.ok(os.Symlink(p.out, link))
	closed := p.open()
	run, err := p.app.JobRun(t.Context(), app.JobRunRequest{Job: "shop"}, nil)
	if err != nil || run.State != app.Succeeded {
		t.Fatal(run.Error, err)
	}
	files, err := p.app.TableFiles(t.Context(), app.TableFilesRequest{Table: "default.shop"})
	p.ok(err)
	p.replace = strings.NewReplacer("OUT", p.out, "FILE", files[0].Path, "BUCKET", bucket, "LINK", link)
	for key, name := range p.jobs {
		dialect, sql, _ := strings.Cut(key, " ")
		write(filepath.Join(p.root, "jobs", name+".sql"), "/*---\ntarget: "+name+"\ndialect: "+dialect+"\nmode: append\n---*/\n"+p.replace.Replace(sql)+"\n")
	}
	closed()
	p.unreadable()
	p.open()
	return p
}

// unreadable removes the jobs that the project refuses as it is read: those
// attempts have failed.
func (p *place) unreadable() {
	_, err := project.Load(p.root, project.Options{})
	var list base.Errors
	if !errors.As(err, &list) {
		p.Fatalf("reading the attempts as jobs: %v", err)
	}
	for _, e := range list {
		name := strings.TrimSuffix(filepath.Base(e.Place.File), ".sql")
		os.Remove(filepath.Join(p.root, e.Place.File))
		for key, job := range p.jobs {
			if job == name {
				delete(p.jobs, key)
			}
		}
	}
}

// open opens the project and serves it, until the returned function is called.
func (p *place) open() func() {
	proj, err := project.Load(p.root, project.Options{})
	p.ok(err)
	own, err := owner.Acquire(proj.DataDir, "test")
	p.ok(err)
	a, err := app.Open(p.Context(), app.Config{Project: proj, Owner: own, Version: "test", Worker: []string{"env", "MULGIL_TEST_WORKER=1", os.Args[0]},
		Clock: base.SystemClock{}, Log: slog.New(slog.DiscardHandler)})
	p.ok(err)
	p.app = a
	s := httptest.NewServer(server.New(p.Context(), server.Options{Backend: p.app, Query: p.app.SQL(), Project: "가게", Version: "test", Token: "token"}).Handler())
	p.url = s.URL
	closed := sync.OnceFunc(func() { s.Close(); a.Close(); own.Release() })
	p.Cleanup(closed)
	return closed
}

func (p *place) ok(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// state is the content of a folder: paths, kinds and sums.
func (p *place) state(dir string) string {
	p.Helper()
	var b strings.Builder
	p.ok(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		sum := [32]byte{}
		if d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum = sha256.Sum256(data)
		}
		fmt.Fprintf(&b, "%s %v %x\n", path, d.Type(), sum[:8])
		return nil
	}))
	return b.String()
}

// broken are words of errors that say that something fell over.
var broken = regexp.MustCompile(`(?i)worker (broke|ended|process)|panic|INTERNAL Error|signal|Assertion`)

// refused judges the error an attempt ended in.
func (p *place) refused(door string, a attempt, err error) {
	p.Helper()
	switch {
	case err == nil:
		p.Errorf("%s: %s: %.200s got through", door, a.kind, a.sql)
	case errors.Is(err, context.DeadlineExceeded), base.CodeOf(err) == "EXCEEDED_TIME_LIMIT" && !strings.Contains(a.sql, "recursive"):
		p.Errorf("%s: %s: %.200s ran until stopped", door, a.kind, a.sql)
	case broken.MatchString(err.Error()), strings.TrimSpace(err.Error()) == "":
		p.Errorf("%s: %s: %.200s: %.300v", door, a.kind, a.sql, err)
	}
}

// alive asks for one row.
func (p *place) alive(after string) {
	p.Helper()
	rs, err := p.app.Query(p.Context(), app.QueryRequest{SQL: "SELECT 1", NoReuse: true}, nil)
	if err != nil || fmt.Sprint(rs.Rows) != "[[1]]" {
		p.Fatalf("after %.200s: SELECT 1 gives %v %v", after, rs.Rows, err)
	}
}

func (p *place) sql(a attempt, dialect string) error {
	ctx, stop := context.WithTimeout(p.Context(), 30*time.Second)
	defer stop()
	_, err := p.app.Query(ctx, app.QueryRequest{SQL: p.replace.Replace(a.sql), Dialect: dialect, NoReuse: true}, nil)
	return err
}

// protocol sends a statement as Trino's clients do.
func (p *place) protocol(a attempt) error {
	ctx, stop := context.WithTimeout(p.Context(), 30*time.Second)
	defer stop()
	method, url, body := http.MethodPost, p.url+"/v1/statement", p.replace.Replace(a.sql)
	for {
		req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
		p.ok(err)
		req.Header.Set("X-Trino-User", "김")
		req.Header.Set("Authorization", "Bearer token")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		data, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		p.ok(err)
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d: %s", resp.StatusCode, bytes.TrimSpace(data))
		}
		var page struct {
			NextURI string `json:"nextUri"`
			Error   *struct{ Message, ErrorName string }
		}
		p.ok(json.Unmarshal(data, &page))
		if page.Error != nil {
			return base.Errorf(base.Invalid, "%s", page.Error.Message).WithCode(page.Error.ErrorName)
		}
		if page.NextURI == "" {
			return nil
		}
		method, url, body = http.MethodGet, page.NextURI, ""
	}
}

func (p *place) job(name string) error {
	run, err := p.app.JobRun(p.Context(), app.JobRunRequest{Job: name}, nil)
	if err == nil && run.Error != nil {
		err = run.Error.Err()
	}
	return err
}

func TestSandboxHolds(t *testing.T) {
	p := newPlace(t)
	lake, outside := p.state(filepath.Join(p.root, ".mulgil", "data", "lake")), p.state(p.out)
	tmp, err := filepath.Glob("/tmp/mulgil-sandbox-*")
	if err != nil || len(tmp) > 0 {
		t.Fatal(tmp, err)
	}
	kinds := map[string]int{}
	for _, a := range attempts(t) {
		kinds[a.kind]++
		began := time.Now()
		if a.dialect != "duckdb" {
			p.refused("sql", a, p.sql(a, "athena"))
			p.refused("protocol", a, p.protocol(a))
		}
		if a.dialect != "athena" {
			p.refused("duckdb sql", a, p.sql(a, "duckdb"))
		}
		for _, d := range []string{"athena", "duckdb"} {
			if name, ok := p.jobs[d+" "+a.sql]; ok {
				p.refused(d+" job", a, p.job(name))
			}
		}
		p.alive(a.sql)
		if d := time.Since(began); d > 2*time.Second {
			t.Logf("%.1fs for %.100s", d.Seconds(), a.sql)
		}
	}
	for _, kind := range []string{"functions", "statements", "settings", "paths", "extensions", "identifiers"} {
		if kinds[kind] < 10 {
			t.Errorf("%d attempts by %s, want 10", kinds[kind], kind)
		}
	}
	if now := p.state(filepath.Join(p.root, ".mulgil", "data", "lake")); now != lake {
		t.Errorf("the lake is\n%s\nwas\n%s", now, lake)
	}
	if now := p.state(p.out); now != outside {
		t.Errorf("outside is\n%s\nwas\n%s", now, outside)
	}
	if tmp, _ := filepath.Glob("/tmp/mulgil-sandbox-*"); len(tmp) > 0 {
		t.Error(tmp)
	}
}
