package crawl_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake/crawl"
	"github.com/mulgil/mulgil/internal/port"
)

// eventually polls until ok; the machine's clock only bounds the wait.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func get(t *testing.T, s *crawl.Service, name string) crawl.Crawler {
	t.Helper()
	c, err := s.Get(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func isCode(t *testing.T, err error, code string) {
	t.Helper()
	if base.CodeOf(err) != code {
		t.Errorf("error %v, want code %s", err, code)
	}
}

// gated makes every crawl wait inside RUNNING until the gate is closed.
func gated(b *bench) *watchedFS {
	fs := &watchedFS{gate: make(chan struct{}), reached: make(chan struct{}, 1)}
	b.options.FS = fs
	return fs
}

func TestCrawlerGoesFromRunningThroughStoppingToReady(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	fs := gated(b)
	b.options.StoppingFor = 3 * time.Second
	b.parquet("t/f.parquet", "a int")
	s := b.service(one("c", "s3://lake/t"))
	if c := get(t, s, "c"); c.State != crawl.Ready || c.LastCrawl != nil || c.CrawlElapsedTime != 0 {
		t.Errorf("before: %+v", c)
	}
	isCode(t, s.Stop(ctx, "c"), "CrawlerNotRunningException")
	id, err := s.Start(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	<-fs.reached
	b.clock.Advance(7 * time.Second)
	if c := get(t, s, "c"); c.State != crawl.Running || c.LastCrawl != nil || c.CrawlElapsedTime != 7000 {
		t.Errorf("running: %+v", c)
	}
	_, err = s.Start(ctx, "c")
	isCode(t, err, "CrawlerRunningException")
	if base.KindOf(err) != base.Conflict {
		t.Errorf("kind %v", base.KindOf(err))
	}
	close(fs.gate)
	eventually(t, "stopping", func() bool { return b.clock.Waiting() == 1 })
	c := get(t, s, "c")
	if c.State != crawl.Stopping || c.LastCrawl == nil || c.LastCrawl.Status != crawl.Succeeded || c.LastCrawl.MessagePrefix != id {
		t.Errorf("stopping: %+v %+v", c, c.LastCrawl)
	}
	_, err = s.Start(ctx, "c")
	isCode(t, err, "CrawlerRunningException")
	isCode(t, s.Stop(ctx, "c"), "CrawlerStoppingException")
	b.clock.Advance(3 * time.Second)
	r, err := s.Wait(ctx, id)
	if err != nil || r.Status != crawl.Succeeded {
		t.Fatalf("%+v %v", r, err)
	}
	if c := get(t, s, "c"); c.State != crawl.Ready || c.CrawlElapsedTime != 0 {
		t.Errorf("ready: %+v", c)
	}
}

func TestUnknownCrawlerIsEntityNotFound(t *testing.T) {
	ctx := context.Background()
	s := newBench(t).service(one("c", "s3://lake/t"))
	_, err := s.Start(ctx, "nope")
	isCode(t, err, "EntityNotFoundException")
	_, err = s.Get(ctx, "nope")
	isCode(t, err, "EntityNotFoundException")
	_, err = s.Runs(ctx, "nope")
	isCode(t, err, "EntityNotFoundException")
	_, err = s.Plan(ctx, "nope")
	isCode(t, err, "EntityNotFoundException")
	isCode(t, s.Stop(ctx, "nope"), "EntityNotFoundException")
	_, err = s.Wait(ctx, "nope")
	isCode(t, err, "EntityNotFoundException")
}

func TestStoppedCrawlIsCancelledAndWritesNothing(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	fs := gated(b)
	b.parquet("t/f.parquet", "a int")
	s := b.service(one("c", "s3://lake/t"))
	id, err := s.Start(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	<-fs.reached
	if err := s.Stop(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	if c := get(t, s, "c"); c.State != crawl.Stopping {
		t.Errorf("state %s", c.State)
	}
	close(fs.gate)
	if r, err := s.Wait(ctx, id); err != nil || r.Status != crawl.Cancelled || r.Error != "" {
		t.Errorf("%+v %v", r, err)
	}
	if c := get(t, s, "c"); c.State != crawl.Ready || c.LastCrawl.Status != crawl.Cancelled {
		t.Errorf("%+v", c)
	}
	same(t, "tables", b.columns("shop"))
	fs.gate = nil
	b.crawl(s, "c")
}

func TestCloseEndsRunningCrawlsAndWaits(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	fs := gated(b)
	b.options.StoppingFor = time.Hour // of a clock that stands still: Close must not wait for it
	b.parquet("t/f.parquet", "a int")
	s := b.service(one("c", "s3://lake/t"))
	if _, err := s.Start(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	<-fs.reached
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	eventually(t, "refuses starts", func() bool {
		_, err := s.Start(ctx, "c")
		return base.KindOf(err) == base.Unavailable
	})
	close(fs.gate)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if c := get(t, s, "c"); c.State != crawl.Ready || c.LastCrawl.Status != crawl.Failed || c.LastCrawl.ErrorMessage != "owner stopped" {
		t.Errorf("%+v %+v", c, c.LastCrawl)
	}
}

func TestDrainLetsCrawlsEndTheirWork(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	fs := gated(b)
	b.options.StoppingFor = time.Hour // of a clock that stands still: Drain must not wait for it
	b.parquet("t/f.parquet", "a int")
	s := b.service(one("c", "s3://lake/t"))
	if _, err := s.Start(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	<-fs.reached
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Drain(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("drain of an interrupted command: %v", err)
	}
	close(fs.gate)
	if err := s.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if c := get(t, s, "c"); c.State != crawl.Ready || c.LastCrawl.Status != crawl.Succeeded {
		t.Errorf("%+v %+v", c, c.LastCrawl)
	}
}

func TestCrawlOfADeadOwnerIsFoundFailed(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	fs := gated(b)
	b.parquet("t/f.parquet", "a int")
	dead := b.service(one("c", "s3://lake/t"))
	t.Cleanup(func() { close(fs.gate) }) // lets the dead owner's goroutine end before its service closes
	id, err := dead.Start(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	<-fs.reached
	// The next owner opens the file as it lies on disk.
	db, err := sqlite.OpenStore(b.state.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	b.options.State, b.options.FS = db, nil
	b.clock.Advance(time.Minute)
	s, err := crawl.New(ctx, b.options)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := get(t, s, "c")
	if c.State != crawl.Ready || c.LastCrawl.Status != crawl.Failed || c.LastCrawl.ErrorMessage != "owner stopped" || c.LastCrawl.MessagePrefix != id {
		t.Errorf("%+v %+v", c, c.LastCrawl)
	}
	b.crawl(s, "c")
	runs, err := s.Runs(ctx, "c")
	if err != nil || len(runs) != 2 || runs[0].Status != crawl.Succeeded || runs[1].Status != crawl.Failed || !runs[1].Ended.Equal(start.Add(time.Minute)) {
		t.Errorf("runs %+v %v", runs, err)
	}
}

// watchedStore calls before ahead of each update.
type watchedStore struct {
	port.Store
	before func()
}

func (w *watchedStore) Update(ctx context.Context, fn func(*sql.Tx) error) error {
	if w.before != nil {
		w.before()
	}
	return w.Store.Update(ctx, fn)
}

func TestTablesAreVisibleBeforeRunningEnds(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.parquet("t/f.parquet", "a int")
	store := &watchedStore{Store: b.state}
	b.options.State = store
	s := b.service(one("c", "s3://lake/t"))
	var seen []string
	starting := true
	store.before = func() { // the updates after the start are those that end the crawl
		if starting {
			starting = false
			return
		}
		var state string
		if err := b.state.Reader().QueryRow(`SELECT state FROM crawler`).Scan(&state); err != nil {
			t.Error(err)
		}
		if now := state + ": " + strings.Join(b.columns("shop"), " "); !slices.Contains(seen, now) {
			seen = append(seen, now)
		}
	}
	id, err := s.Start(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Wait(ctx, id); err != nil {
		t.Fatal(err)
	}
	same(t, "seen", seen, "RUNNING: t a:int", "STOPPING: t a:int")
}

func TestFailedCrawlSaysWhy(t *testing.T) {
	b := newBench(t)
	b.file("t/a.csv", "x,y\n1,2\n")
	b.options.FS = brokenFS{}
	s := b.service(one("c", "s3://lake/t"), one("elsewhere", "s3://unknown/t"))
	if r := b.ended(s, "c"); r.Status != crawl.Failed || r.Error != "crawl: panic: boom" {
		t.Errorf("%+v", r)
	}
	r := b.ended(s, "elsewhere")
	if r.Status != crawl.Failed || r.Error != "resolve s3://unknown/t: no bucket for s3://unknown/t" {
		t.Errorf("%+v", r)
	}
	if c := get(t, s, "elsewhere"); c.State != crawl.Ready || c.LastCrawl.ErrorMessage != r.Error {
		t.Errorf("%+v", c.LastCrawl)
	}
}

// brokenFS breaks down when a file is opened.
type brokenFS struct{ crawl.OS }

func (brokenFS) Open(string) (crawl.File, error) { panic("boom") }

func TestManyStartsBeginOneCrawl(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	fs := gated(b)
	b.parquet("t/f.parquet", "a int")
	b.parquet("u/f.parquet", "a int")
	s := b.service(one("c", "s3://lake/t"), one("d", "s3://lake/u"))
	var wg sync.WaitGroup
	errs := make(chan error, 40)
	for i := range 40 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, err := s.Start(ctx, []string{"c", "d"}[i%2])
			errs <- err
			if _, err := s.List(ctx); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	close(errs)
	started := 0
	for err := range errs {
		if err == nil {
			started++
		} else {
			isCode(t, err, "CrawlerRunningException")
		}
	}
	if started != 2 {
		t.Errorf("started %d", started)
	}
	close(fs.gate)
	for _, name := range []string{"c", "d"} {
		eventually(t, name+" ready", func() bool { return get(t, s, name).State == crawl.Ready })
	}
	same(t, "tables", b.columns("shop"), "t a:int", "u a:int")
}

func TestChangedDefinitionIsANewVersion(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	d := one("c", "s3://lake/t")
	b.service(d)
	b.clock.Advance(time.Hour)
	s := b.service(d)
	if c := get(t, s, "c"); c.Version != 1 || c.LastUpdated != "2022-08-19T08:01:25Z" {
		t.Errorf("unchanged: %+v", c)
	}
	d.Delete = crawl.LogOnly
	if err := s.Define(ctx, []crawl.Definition{d}); err != nil {
		t.Fatal(err)
	}
	if c := get(t, s, "c"); c.Version != 2 || c.LastUpdated != "2022-08-19T09:01:25Z" || c.CreationTime != "2022-08-19T08:01:25Z" {
		t.Errorf("changed: %+v", c)
	}
}

func TestDefinitionMistakesAreReportedTogether(t *testing.T) {
	b := newBench(t)
	bad := one("x", "s3://lake/t")
	bad.Update = "MAYBE"
	glob := one("y", "s3://lake/t")
	glob.Targets[0].Exclusions = []string{"[a"}
	b.options.Definitions = []crawl.Definition{bad, glob, {Name: "z", Database: "d"}, one("ok", "p"), one("ok", "p")}
	_, err := crawl.New(context.Background(), b.options)
	want := `crawler "x": unknown update behavior "MAYBE"
crawler "y": exclusion: pattern "[a": missing ]
crawler "z" has no target
crawler "ok" is defined twice`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v", err)
	}
	var list base.Errors
	if !errors.As(err, &list) || list[0].Kind != base.Invalid || !strings.Contains(list[0].Hint, "UPDATE_IN_DATABASE, LOG") {
		t.Errorf("%#v", err)
	}
}

func TestGetCrawlerHasGluesShape(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.options.StoppingFor = time.Second
	b.parquet("factdata/sales/f.parquet", "a int")
	s := b.service(crawl.Definition{
		Name: "cr_retail_factdata_sales", Database: "hist-retail", Role: "AWSGlueServiceRole-PipelineRole",
		Targets: []crawl.Target{{Path: "s3://lake/factdata/sales", Exclusions: []string{"**/_temporary/**"}}},
		Recrawl: crawl.CrawlNewFoldersOnly, Update: crawl.LogOnly, Delete: crawl.LogOnly,
	})
	b.clock.Advance(25 * time.Minute)
	id, err := s.Start(ctx, "cr_retail_factdata_sales")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "stopping", func() bool { return b.clock.Waiting() == 1 })
	b.clock.Advance(900 * time.Millisecond)
	text, err := json.MarshalIndent(crawl.Output{Crawler: get(t, s, "cr_retail_factdata_sales")}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "Crawler": {
    "Classifiers": [],
    "CrawlElapsedTime": 900,
    "CreationTime": "2022-08-19T08:01:25Z",
    "DatabaseName": "hist-retail",
    "LakeFormationConfiguration": {
      "AccountId": "",
      "UseLakeFormationCredentials": false
    },
    "LastCrawl": {
      "LogGroup": "/aws-glue/crawlers",
      "LogStream": "cr_retail_factdata_sales",
      "MessagePrefix": "RUN",
      "StartTime": "2022-08-19T08:26:25Z",
      "Status": "SUCCEEDED"
    },
    "LastUpdated": "2022-08-19T08:01:25Z",
    "LineageConfiguration": {
      "CrawlerLineageSettings": "DISABLE"
    },
    "Name": "cr_retail_factdata_sales",
    "RecrawlPolicy": {
      "RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"
    },
    "Role": "AWSGlueServiceRole-PipelineRole",
    "SchemaChangePolicy": {
      "DeleteBehavior": "LOG",
      "UpdateBehavior": "LOG"
    },
    "State": "STOPPING",
    "Targets": {
      "CatalogTargets": [],
      "DeltaTargets": [],
      "DynamoDBTargets": [],
      "JdbcTargets": [],
      "MongoDBTargets": [],
      "S3Targets": [
        {
          "Exclusions": [
            "**/_temporary/**"
          ],
          "Path": "s3://lake/factdata/sales"
        }
      ]
    },
    "Version": 1
  }
}`
	if got := strings.Replace(string(text), id, "RUN", 1); got != want {
		t.Errorf("got:\n%s", got)
	}
	b.clock.Advance(time.Second)
	if _, err := s.Wait(ctx, id); err != nil {
		t.Fatal(err)
	}
}
