package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

func TestLoadReadsWholeProject(t *testing.T) {
	p := load(t, "testdata/good", "")
	if p.Name != "소매" || p.Timezone.String() != "Asia/Seoul" || p.Database != "de-enhancement-db" || p.Limits.Memory != 2e9 || p.Limits.Threads != 2 || p.Limits.Disk.Percent != 5 {
		t.Errorf("settings: %+v", p)
	}
	if l := p.Limits; l.History != 30*24*time.Hour || l.WorkflowPayload != 1<<20 || l.WorkflowEvents != -1 {
		t.Errorf("limits: %+v", l)
	}
	if p.LakeDir != filepath.Join(p.Root, "lake") || p.DataDir != filepath.Join(p.Root, ".mulgil/data") {
		t.Errorf("folders: %s %s", p.LakeDir, p.DataDir)
	}
	if c := p.Connections["csv"]; c.Path != filepath.Join(p.Root, "drop") || c.Encoding != "cp949" {
		t.Errorf("files connection: %v", c)
	}
	if c := p.Connections["local"]; c.Type != SQLite || c.Path != filepath.Join(p.Root, "shop.db") {
		t.Errorf("sqlite connection: %v", c)
	}
	var warnings []string
	for _, w := range p.Warnings {
		warnings = append(warnings, w.Error())
	}
	want := []string{"streams/: streams/ is not read by this version"}
	if d := cmp.Diff(want, warnings); d != "" {
		t.Error("warnings", d)
	}
	if len(p.Jobs) != 3 || len(p.Workflows) != 1 || p.Workflows[0].Name != "retail" || len(p.Queries) != 1 || p.Queries[0].Name != "고객" {
		t.Errorf("%d jobs, %v, %v", len(p.Jobs), p.Workflows, p.Queries)
	}
}

func TestLoadReadsFactJob(t *testing.T) {
	p := load(t, "testdata/good", "")
	j, err := p.Job("t0_fact")
	if err != nil {
		t.Fatal(err)
	}
	if j.Name != "jb_de_enhancement_t0_fact_d2s" || j.Timeout != 2*time.Hour || j.Memory != 1<<30 || j.Workers != (Workers{"G.1X", 2}) || j.MaxConcurrency != 1 {
		t.Errorf("job %+v", j)
	}
	if j.FanOut.Policy != Warn || j.FanOut.Measures[0] != "amount" || j.Dialect != "duckdb" {
		t.Errorf("fan out %+v", j.FanOut)
	}
	o := j.Outputs[0]
	if o.Target != (Name{"de-enhancement-db", "purchase"}) || o.Mode != OverwritePartitions || o.Columns[1].Type.String() != "decimal(12,2)" || o.Columns[0].Comment != "구매일자" {
		t.Errorf("output %+v", o)
	}
	if d := cmp.Diff([]any{int64(1), port.Decimal("1.50"), "x", nil, true}, o.Tests[1].Values); d != "" || o.Tests[1].Severity != Warn {
		t.Errorf("accepted values %s", d)
	}
	if !strings.HasPrefix(o.SQL, "SELECT *") || !strings.HasSuffix(o.SQL, "$EXTRACT_TO") {
		t.Errorf("sql %q", o.SQL)
	}
	at := o.SQLPlace.At(strings.Index(o.SQL, "purchase_dt"), len("purchase_dt"))
	if at.String() != "jobs/t0_fact.sql:33:7" || at.Len != 11 {
		t.Errorf("place %s %d", at, at.Len)
	}
}

func TestLoadReadsSeveralOutputsWithCRLFAndBOM(t *testing.T) {
	j, err := load(t, "testdata/good", "").Job("T0_DIM")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range j.Outputs {
		i := strings.Index(o.SQL, "shop.")
		got = append(got, fmt.Sprintf("%s %s %s %d tests, %s: %q", o.Name, o.Target, o.Mode, len(o.Tests), o.SQLPlace.At(i, 4), o.SQL))
	}
	want := []string{
		`customer de-enhancement-db.customer overwrite 2 tests, jobs/t0_dim.sql:18:15: "SELECT * FROM shop.retail.customer"`,
		`상품 다른-db.product append 0 tests, jobs/t0_dim.sql:22:15: "SELECT * FROM shop.retail.product"`,
		`zipcode de-enhancement-db.zipcode overwrite 0 tests, jobs/t0_dim.sql:10:15: "SELECT *\nFROM shop.retail.zipcode"`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLoadReadsCrawlersInBothSpellings(t *testing.T) {
	p := load(t, "testdata/good", "")
	for _, c := range p.Crawlers {
		c.Place = nil
	}
	want := []*Crawler{
		{Name: "bronze", Database: "de-enhancement-db", TablePrefix: "b_", Recrawl: "CRAWL_EVERYTHING", Update: "UPDATE_IN_DATABASE", Delete: "DEPRECATE_IN_DATABASE", Schedule: "cron(0 4 * * ? *)",
			Targets: []CrawlerTarget{{"s3://blee-lab/bronze/", []string{"**/_temporary/**"}}}},
		{Name: "silver", Database: "de-enhancement-db", Recrawl: "CRAWL_NEW_FOLDERS_ONLY", Update: "LOG", Delete: "LOG", Schedule: "cron(15 12 * * ? *)", Targets: []CrawlerTarget{{Path: "s3n://other/silver"}}},
	}
	if d := cmp.Diff(want, p.Crawlers); d != "" {
		t.Error(d)
	}
}

func TestLoadReadsSchedules(t *testing.T) {
	p := load(t, "testdata/good", "")
	s, err := p.Schedule("nightly")
	if err != nil {
		t.Fatal(err)
	}
	seoul := p.Timezone
	if s.Kind != "workflow" || s.Target != "retail" || s.Zone != seoul || s.Window != 15*time.Minute || s.Retries != 3 || s.Age != 2*time.Hour ||
		s.DeadLetter != filepath.Join(p.Root, "dead") || s.CatchUp != "all" || !s.Enabled || s.NotifyWorkflow != "retail" || len(s.NotifyOn) != 1 {
		t.Errorf("%+v", s)
	}
	if !s.Start.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, seoul)) || !s.End.Equal(time.Date(2027, 12, 31, 23, 59, 59, 999_999_000, seoul)) {
		t.Errorf("from %s to %s", s.Start, s.End)
	}
	got := s.Input.Fill(s.sample())
	if want := `{"day":"20270228","months":["2027-02-01",3,true,null]}`; got != want {
		t.Errorf("input %s", got)
	}
	if s, err = p.Schedule("aws"); err != nil || s.Zone.String() != "America/New_York" || s.Enabled || s.CatchUp != "last" || s.Retries != 185 {
		t.Errorf("%+v, %v", s, err)
	}
	if got := s.Input.Fill(s.sample()); got != `{"at": "2027-03-01T05:00:00Z", "n": 1}` {
		t.Errorf("input %s", got)
	}
	if s, err = p.Schedule("crawler:bronze"); err != nil || s.Kind != "crawler" || s.Target != "bronze" || s.Expression.Text != "cron(0 4 * * ? *)" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err = p.Schedule("crawler:silver"); err != nil || s.Expression.Text != "cron(15 12 * * ? *)" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err = p.Schedule("nightli"); base.KindOf(err) != base.NotFound {
		t.Error(err)
	}
}

func TestTargetReplacesDeeply(t *testing.T) {
	p := load(t, "testdata/good", "prod")
	c := p.Connections["shop"]
	if l := p.Limits; l.Memory != 8<<30 || l.Threads != 2 || l.History >= 0 || l.WorkflowPayload >= 0 || l.WorkflowEvents != 100 || p.Buckets["blee-lab"] != "/srv/blee" || p.Buckets["real"] != "s3://company-real" {
		t.Errorf("%+v %v", p.Limits, p.Buckets)
	}
	a, err := c.Address()
	if err != nil || c.Workers != 4 || c.Tunnel == nil || a.Password.Reveal() != "0123" || a.Host != "db.example.com" {
		t.Errorf("%v %v %v", c, a.Host, err)
	}
	_, err = Load("testdata/good", Options{Target: "prd", Env: environment})
	if base.KindOf(err) != base.Usage || !strings.Contains(base.Render(err), `did you mean "prod"?`) {
		t.Errorf("unknown target: %v", err)
	}
}

func TestTargetOfAnotherTypeReplacesConnection(t *testing.T) {
	dir := write(t, map[string]string{"mulgil.yaml": `name: x
connections:
  shop: {type: sqlite, url: sqlite://./shop.db}
targets:
  prod:
    connections:
      shop: {type: postgres, secret: {env: SHOP_SECRET}}
`})
	a, err := load(t, dir, "prod").Connections["shop"].Address()
	if err != nil || a.Host != "secret.example.com" || a.Type != Postgres || a.Port != 5432 {
		t.Errorf("%+v %v", a, err)
	}
	if c := load(t, dir, "").Connections["shop"]; c.Type != SQLite {
		t.Error(c)
	}
}

func TestMistakesInOtherTargetsAreReported(t *testing.T) {
	dir := write(t, map[string]string{"mulgil.yaml": "name: x\ntargets:\n  prod:\n    limits: {treads: 1, memory: \"${M}\", threads: \"${N}\"}\n"})
	_, err := Load(dir, Options{Env: environment})
	if err == nil || !strings.HasPrefix(err.Error(), `mulgil.yaml:4:14: unknown key "treads"`) || len(err.(base.Errors)) != 1 {
		t.Error(err)
	}
}

func TestExampleProjectsAreValid(t *testing.T) {
	for _, target := range []string{"", "prod"} {
		if p := load(t, "../../examples/retail-batch", target); len(p.Warnings) > 0 {
			t.Error(p.Warnings)
		}
	}
}

func TestAddressJoinsJDBCAndSecret(t *testing.T) {
	a, err := load(t, "testdata/good", "").Connections["shop"].Address()
	if err != nil {
		t.Fatal(err)
	}
	if got := a.PostgresURL().Reveal(); got != "postgres://lee:p%40ss%20word@db.example.com:5433/retail?search_path=retail&sslmode=require" {
		t.Error(got)
	}
}

func TestConnectionNeverShowsSecrets(t *testing.T) {
	p := load(t, "testdata/good", "prod")
	c := p.Connections["shop"]
	d, err := ParseConnection(p.Root, "to", "postgres://u:topsecret@h/db?password=topsecret")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := d.Address()
	s, err := c.Secret()
	if err != nil {
		t.Fatal(err)
	}
	js, err := json.Marshal([]any{c, d, a, s})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "c", c, "d", d, "a", a, "p", d.Password)
	out := string(js) + log.String() + fmt.Sprintf("%v %+v %#v %s %q", c, d, d, d, d) + fmt.Sprintf("%v %+v %#v", a, a, s) + fmt.Sprintf("%+v %#v", p.Connections, &d)
	for _, secret := range []string{"topsecret", "0123", "p@ss"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s is shown in %s", secret, out)
		}
	}
}

func TestSecretErrorsNameThePlaceOnly(t *testing.T) {
	for text, want := range map[string]string{`{"password": hunter2}`: "is not well formed", `{"port": "hunter2"}`: "port that is not a number"} {
		dir := write(t, map[string]string{"mulgil.yaml": "name: x\nconnections: {a: {type: postgres, secret: {file: s.json}}, b: {type: postgres, secret: {env: NOPE}}}\n", "s.json": text})
		p := load(t, dir, "")
		_, err := p.Connections["a"].Secret()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(base.Render(err), "hunter2") {
			t.Errorf("%v", err)
		}
		if _, err := p.Connections["b"].Address(); base.KindOf(err) != base.NotFound || !strings.Contains(err.Error(), "NOPE") {
			t.Errorf("%v", err)
		}
	}
}

func TestParseConnectionTakesCommonAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://lee@h:1/db":                         "postgres://lee@h:1/db",
		"postgresql://h/한글?sslmode=disable":             "postgres://h:5432/%ED%95%9C%EA%B8%80?sslmode=disable",
		"jdbc:postgresql://h:5432/db?user=a&password=b": "postgres://a:b@h:5432/db",
		"jdbc:postgresql:db":                            "postgres://localhost:5432/db",
		"postgres:///db?host=/var/run/postgresql":       "postgres:///db",
		"sqlite://./shop.db":                            "/p/shop.db",
		"sqlite:///abs/shop.db":                         "/abs/shop.db",
		"jdbc:sqlite:가게.db":                             "/p/가게.db",
		"jdbc:mysql://h/db":                             "!databases of kind \"mysql\" are not supported",
		"postgres://u:pa ss@h/db":                       "!the address is not a well formed URL",
		"postgres://a,b/db":                             "!the address names several hosts",
		"shop.db":                                       "!the address has no scheme",
		"sqlite://":                                     "!the address names no file",
	} {
		c, err := ParseConnection("/p", "c", address)
		got := c.Path
		switch {
		case err != nil:
			got = "!" + err.Error()
		case c.Type == Postgres:
			a, err := c.Address()
			if err != nil {
				t.Fatal(err)
			}
			got = a.PostgresURL().Reveal()
			if strings.HasPrefix(a.Host, "/") {
				got = "postgres:///" + a.Database
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	p := &Project{Root: "/p", LakeDir: "/p/.mulgil/data/lake", Buckets: map[string]string{"blee-lab": "/p/data/blee", "real": "s3://company-real"}}
	for uri, want := range map[string]string{
		"s3://blee-lab/a//b/./c/":   "/p/data/blee/a/b/c",
		"s3a://blee-lab/a":          "/p/data/blee/a",
		"S3N://blee-lab":            "/p/data/blee",
		"s3://other/연월=201401/x y":  "/p/.mulgil/data/lake/other/연월=201401/x y",
		"s3://other/%2e%2e/x":       "/p/.mulgil/data/lake/other/%2e%2e/x",
		"file:///srv/a%20b":         "/srv/a b",
		"file:/srv/x":               "/srv/x",
		"file://localhost/srv":      "/srv",
		"data/x":                    "/p/data/x",
		"./data/a:b":                "/p/data/a:b",
		"/abs/x/":                   "/abs/x",
		"s3://real/x":               `!bucket "real" is mapped to s3://company-real, which is not on this machine`,
		"s3://blee-lab/a/../../etc": `!the path "s3://blee-lab/a/../../etc" contains ".."`,
		`s3://blee-lab/a/..\x`:      `!the path "s3://blee-lab/a/..\\x" contains ".."`,
		"s3://../x":                 `!the path "s3://../x" contains ".."`,
		"file:///a/%2e%2e/b":        `!the path "/a/../b" contains ".."`,
		"../x":                      `!the path "../x" contains ".."`,
		"a\x00b":                    `!the path "a\x00b" contains a NUL byte`,
		"s3:///x":                   `!"s3:///x" names no bucket`,
		"s3:x":                      `!"s3:x" names no bucket`,
		"file://host/x":             `!"file://host/x" names a host`,
		"gs://x/y":                  `!addresses of kind "gs" are not supported: gs://x/y`,
		"":                          "!the path is empty",
	} {
		got, err := p.Resolve(uri)
		if err != nil {
			got = "!" + err.Error()
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", uri, got, want)
		}
	}
}

func TestFindWalksUp(t *testing.T) {
	dir := write(t, map[string]string{"mulgil.yaml": "name: x\n", "a/b/c.txt": ""})
	if root, err := Find(filepath.Join(dir, "a", "b")); err != nil || root != dir {
		t.Errorf("%s %v", root, err)
	}
	_, err := Find(t.TempDir())
	if base.KindOf(err) != base.NotFound || !strings.Contains(base.Render(err), "mulgil init") {
		t.Error(err)
	}
	if _, err := Load(t.TempDir(), Options{}); base.KindOf(err) != base.NotFound {
		t.Error(err)
	}
}

func TestInitCopiesTemplateIntoEmptyFolderOnly(t *testing.T) {
	templates := fstest.MapFS{
		"retail-batch/mulgil.yaml":      {Data: []byte("name: shop\n")},
		"retail-batch/jobs/구매.sql":      {Data: []byte("/*---\ntarget: a\ndialect: duckdb\n---*/\nSELECT 1\n")},
		"retail-batch/scripts/hello.sh": {Data: []byte("#!/bin/sh\n")},
		"README.md":                     {Data: []byte("x")},
	}
	dir := filepath.Join(t.TempDir(), "new", "shop")
	if err := Init(dir, "retail-batch", templates); err != nil {
		t.Fatal(err)
	}
	if p := load(t, dir, ""); len(p.Jobs) != 1 {
		t.Error("jobs", p.Jobs)
	}
	if st, err := os.Stat(filepath.Join(dir, "scripts/hello.sh")); err != nil || st.Mode()&0o100 == 0 {
		t.Error("script", st, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err != nil || string(text) != "/.mulgil/\n" {
		t.Error(err)
	}
	if err := Init(dir, "retail-batch", templates); base.KindOf(err) != base.Exists {
		t.Error("not empty:", err)
	}
	err := Init(t.TempDir(), "retail-bach", templates)
	if base.KindOf(err) != base.NotFound || !strings.Contains(base.Render(err), `did you mean "retail-batch"?`) {
		t.Error(err)
	}
	if err := Init(t.TempDir(), "../x", templates); base.KindOf(err) != base.NotFound {
		t.Error(err)
	}
	broken := t.TempDir()
	err = Init(broken, "t", brokenFS{fstest.MapFS{"t/mulgil.yaml": {Data: []byte("name: x\n")}, "t/z.sql": {}}})
	if left, _ := os.ReadDir(broken); err == nil || len(left) != 0 {
		t.Errorf("after a failure: %v, left %v", err, left)
	}
}

// brokenFS cannot read z.sql.
type brokenFS struct{ fstest.MapFS }

func (b brokenFS) ReadFile(name string) ([]byte, error) {
	if strings.HasSuffix(name, "z.sql") {
		return nil, fs.ErrPermission
	}
	return b.MapFS.ReadFile(name)
}

func TestReadNameMap(t *testing.T) {
	dir := write(t, map[string]string{"good.yaml": "a: b\n'{blee}_x': 이름\n", "bad.yaml": "a: [1]\nb:\nb: c\n", "empty.yaml": "# none\n"})
	m, err := ReadNameMap(filepath.Join(dir, "good.yaml"))
	if d := cmp.Diff(map[string]string{"a": "b", "{blee}_x": "이름"}, m); d != "" || err != nil {
		t.Error(d, err)
	}
	if m, err := ReadNameMap(filepath.Join(dir, "empty.yaml")); err != nil || len(m) != 0 {
		t.Error(m, err)
	}
	_, err = ReadNameMap(filepath.Join(dir, "bad.yaml"))
	var list base.Errors
	if !errors.As(err, &list) || len(list) == 0 {
		t.Error(err)
	}
	if _, err := ReadNameMap(filepath.Join(dir, "none.yaml")); base.KindOf(err) != base.NotFound {
		t.Error(err)
	}
}

func TestEmptyJobFolderAndMinimalProject(t *testing.T) {
	p := load(t, write(t, map[string]string{"mulgil.yaml": "name: x\nconnections:\nbuckets:\n", "jobs/.keep": ""}), "")
	if p.Database != "default" || p.Timezone != time.UTC || p.LakeDir != filepath.Join(p.DataDir, "lake") || len(p.Jobs) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestJobWithoutModeIsSafeToRepeat(t *testing.T) {
	p := load(t, write(t, map[string]string{"mulgil.yaml": "name: x\n",
		"jobs/a.sql": "/*---\ntarget: a\ndialect: duckdb\npartition_by: p\n---*/ SELECT 1 p;", "jobs/b.sql": "/*---\ntarget: b\ndialect: duckdb\n---*/\nFROM a"}), "")
	if p.Jobs[0].Outputs[0].Mode != OverwritePartitions || p.Jobs[1].Outputs[0].Mode != Overwrite || p.Jobs[0].Outputs[0].SQL != "SELECT 1 p" {
		t.Errorf("%+v", p.Jobs[0].Outputs[0])
	}
	_, err := p.Job("aa")
	if base.KindOf(err) != base.NotFound || base.CodeOf(err) != "EntityNotFoundException" {
		t.Error(err)
	}
}

func TestKeyValueTables(t *testing.T) {
	dir := write(t, map[string]string{"mulgil.yaml": `name: t
keyvalue:
  sessions:
    hash_key: {name: 회원}
    range_key: {name: at, type: N}
  blobs.v1:
    hash_key: {name: id, type: B}
targets:
  prod:
    keyvalue:
      more: {hash_key: {name: id}}
`})
	want := []KeyTable{
		{Name: "blobs.v1", Hash: port.KeyAttribute{Name: "id", Type: "B"}},
		{Name: "sessions", Hash: port.KeyAttribute{Name: "회원", Type: "S"}, Range: port.KeyAttribute{Name: "at", Type: "N"}},
	}
	p := load(t, dir, "")
	if diff := cmp.Diff(want, p.KeyTables); diff != "" {
		t.Error(diff)
	}
	if got := load(t, dir, "prod").KeyTables; len(got) != 3 || got[1].Name != "more" {
		t.Errorf("with a target: %v", got)
	}
	if _, err := p.KeyTable("sesions"); base.KindOf(err) != base.NotFound || base.CodeOf(err) != "ResourceNotFoundException" || !strings.Contains(base.Render(err), `did you mean "sessions"?`) {
		t.Errorf("got %v", err)
	}
}
