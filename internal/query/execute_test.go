package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/query/history"
	"github.com/mulgil/mulgil/internal/query/results"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// service runs statements in real workers; there is no lake behind it.
func service(t testing.TB, l Limits) *Service {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.OpenStore(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := history.Open(t.Context(), history.Options{Store: store, Owner: "o", Clock: base.SystemClock{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{
		Engine: duckdb.Engine{}, Launcher: worker.Launcher{Command: []string{os.Args[0]}, Env: []string{"QUERY_TEST_WORKER=1"}},
		Database: "main", Memory: 512 << 20, Threads: 1, TempDir: filepath.Join(dir, "tmp"), Limits: l, History: log,
		Results: results.Open(results.Options{Dir: filepath.Join(dir, "results"), Clock: base.SystemClock{}}),
	})
	t.Cleanup(func() { s.Close(); log.Close(); store.Close() })
	return s
}

// client is a Receiver that notes what it hears.
type client struct {
	mu      sync.Mutex // guards the fields below
	id      string
	columns []Column
	text    bytes.Buffer
	n       int
	// took is called for every batch; nil takes it.
	took func(n int) error
	ran  chan struct{} // closed by Running
}

func newClient() *client { return &client{ran: make(chan struct{})} }

func (c *client) Queued(id string) { c.mu.Lock(); c.id = id; c.mu.Unlock() }
func (c *client) Running()         { close(c.ran) }

func (c *client) Columns(cols []Column) error { c.columns = cols; return nil }

func (c *client) Rows(b []byte, n int) error {
	c.mu.Lock()
	c.n += n
	if c.text.Len() < 1<<16 {
		c.text.Write(b)
	}
	c.mu.Unlock()
	if c.took != nil {
		return c.took(n)
	}
	return nil
}

func (c *client) ID() string { c.mu.Lock(); defer c.mu.Unlock(); return c.id }

// ask runs one statement of integers in Trino's forms.
func ask(ctx context.Context, s *Service, c *client, sql string, change ...func(*Execution)) (*Outcome, error) {
	x := Execution{Bound: &Bound{}, SQL: sql, Types: []string{"bigint"}, Columns: []Column{{"_col0", "bigint"}}}
	for _, f := range change {
		f(&x)
	}
	req := Request{Text: Text{SQL: sql}, Session: Session{User: "김", Source: "test"}}
	return s.record(ctx, req, c, func(ctx context.Context, w *work) (*Outcome, error) {
		w.named("SELECT")
		return s.execute(ctx, w, x)
	})
}

func recorded(t *testing.T, s *Service, id string) history.Record {
	t.Helper()
	r, err := s.o.History.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"

func TestStatementIsAnsweredAndRecorded(t *testing.T) {
	s := service(t, Limits{})
	c := newClient()
	out, err := ask(t.Context(), s, c, "SELECT i FROM range(12000) r(i) ORDER BY i", func(x *Execution) { x.MaxRows = 10000 })
	if err != nil || !out.Truncated || c.n != 10000 || out.Stats.Rows != 10000 || !strings.HasPrefix(c.text.String(), "[[0],[1],") || c.columns[0].Name != "_col0" {
		t.Fatalf("%+v %v: %d rows %.40s", out, err, c.n, c.text.String())
	}
	r := recorded(t, s, out.ID)
	if c.id != out.ID || r.State != history.Succeeded || r.Rows != 10000 || r.User != "김" || r.Kind != "SELECT" || r.StartedAt == nil || r.EndedAt == nil || r.PeakMemory == 0 {
		t.Errorf("%+v", r)
	}
	left, err := os.ReadDir(s.o.TempDir)
	if err != nil || len(left) != 0 {
		t.Errorf("spill folders left: %v %v", left, err)
	}
}

func TestSQLErrorsReachTheRecordUnderTheirName(t *testing.T) {
	s := service(t, Limits{})
	for sql, code := range map[string]string{
		"SELECT error('[[INVALID_FUNCTION_ARGUMENT]] 안 됩니다')":  "INVALID_FUNCTION_ARGUMENT",
		"SELECT CAST('가' AS BIGINT)":                           "INVALID_CAST_ARGUMENT",
		"SELECT 9223372036854775807 + i FROM range(1, 2) r(i)": "NUMERIC_VALUE_OUT_OF_RANGE",
		"SELECT (SELECT i FROM range(2) r(i))":                 "SUBQUERY_MULTIPLE_ROWS",
		"SELECT nowhere":                                       "GENERIC_INTERNAL_ERROR",
	} {
		c := newClient()
		_, err := ask(t.Context(), s, c, sql)
		if r := recorded(t, s, c.id); base.CodeOf(err) != code || r.State != history.Failed || r.Error.Code != code {
			t.Errorf("%s: %v, recorded %+v", sql, err, r.Error)
		}
	}
}

// within fails if f takes longer than a second.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > time.Second {
		t.Errorf("%s took %s", what, took)
	}
}

func TestStatementsStopAtEveryStage(t *testing.T) {
	s := service(t, Limits{Concurrent: 1})
	if _, err := ask(t.Context(), s, newClient(), "SELECT 1"); err != nil { // a worker is warm
		t.Fatal(err)
	}
	hold := make(chan struct{})
	defer close(hold)
	sending, first := newClient(), make(chan struct{})
	var once sync.Once
	sending.took = func(int) error {
		once.Do(func() { close(first) })
		<-hold
		return nil
	}
	ends := make(chan error, 3)
	start := func(c *client, sql string) { go func() { _, err := ask(t.Context(), s, c, sql); ends <- err }() }
	stop := func(what string, c *client) {
		t.Helper()
		within(t, "stopping while "+what, func() {
			r, err := s.Stop(t.Context(), c.ID())
			if err != nil || r.State != history.Cancelled || r.Error == nil || r.Error.Code != "USER_CANCELED" {
				t.Errorf("%s: %+v %v", what, r, err)
			}
			if err := <-ends; base.KindOf(err) != base.Canceled || base.CodeOf(err) != "USER_CANCELED" {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	start(sending, "SELECT i FROM range(10000000) r(i)")
	<-first
	waiting := newClient()
	start(waiting, "SELECT 2")
	for waiting.ID() == "" {
		time.Sleep(time.Millisecond)
	}
	stop("waiting", waiting)
	stop("sending", sending)
	running := newClient()
	start(running, endless)
	<-running.ran
	stop("running", running)
	if out, err := ask(t.Context(), s, newClient(), "SELECT 3"); err != nil || out.Stats.Rows != 1 {
		t.Errorf("afterwards: %+v %v", out, err)
	}
}

func TestGoneClientStopsItsStatement(t *testing.T) {
	s := service(t, Limits{})
	c, gone := newClient(), errors.New("connection reset")
	c.took = func(int) error { return gone }
	within(t, "stopping", func() {
		_, err := ask(t.Context(), s, c, "SELECT i FROM range(100000000) r(i)")
		if !errors.Is(err, gone) || base.CodeOf(err) != "ABANDONED_QUERY" {
			t.Errorf("%v", err)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	c = newClient()
	go func() { <-c.ran; cancel() }()
	_, err := ask(ctx, s, c, endless)
	if r := recorded(t, s, c.id); base.KindOf(err) != base.Canceled || r.State != history.Cancelled {
		t.Errorf("%v %+v", err, r)
	}
}

func TestLimitsEndStatementsWithTheirNames(t *testing.T) {
	slow := service(t, Limits{Timeout: 1500 * time.Millisecond})
	tight := service(t, Limits{ScanBytes: 1000, ResultRows: 5000, ResultBytes: 40000})
	for _, c := range []struct {
		sql, code, msg string
		bytes          int64
	}{
		{endless, "EXCEEDED_TIME_LIMIT", "the query exceeded the maximum run time of 1.5s", 0},
		{"SELECT 1", "EXCEEDED_SCAN_LIMIT", "the query would read 2.0 KB in 1 files, the bytes scanned limit is 1.0 KB", 2000},
		{"SELECT 1 FROM range(5001) r(i)", "EXCEEDED_RESULT_LIMIT", "the result has more than 5000 rows", 0},
		{"SELECT 1000000000000 + i FROM range(3000) r(i)", "EXCEEDED_RESULT_LIMIT", "the result is larger than 40.0 KB", 0},
	} {
		who, s := newClient(), tight
		if c.sql == endless {
			s = slow
		}
		_, err := ask(t.Context(), s, who, c.sql, func(x *Execution) { x.Bound = &Bound{ScanBytes: c.bytes, ScanFiles: 1, TotalFiles: 3} })
		r := recorded(t, s, who.id)
		if base.CodeOf(err) != c.code || err.Error() != c.msg || hint(err) == "" || r.State != history.Failed || r.PriceUSD != 0 {
			t.Errorf("%s: %v (%s), %+v", c.sql, err, base.CodeOf(err), r)
		}
	}
}

func TestSixtyFourClientsAtOnceAreAllAnswered(t *testing.T) {
	s := service(t, Limits{Concurrent: 3})
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			c := newClient()
			sql := fmt.Sprintf("SELECT sum(i) + %d FROM range(100000) r(i)", i)
			_, err := ask(t.Context(), s, c, sql, func(x *Execution) { x.SQL = strings.Replace(sql, "sum(i)", "sum(i)::BIGINT", 1) })
			if want := fmt.Sprintf("[[%d]]", 4999950000+i); err != nil || c.text.String() != want {
				t.Errorf("%s: %s %v", sql, c.text.String(), err)
			}
		})
	}
	all.Wait()
	if list, err := s.o.History.List(t.Context(), history.Filter{State: history.Succeeded, Limit: 100}); err != nil || len(list) != 64 {
		t.Errorf("%d recorded, %v", len(list), err)
	}
}

func TestMemoryStaysBoundedWhateverTheResult(t *testing.T) {
	s := service(t, Limits{})
	c := newClient()
	out, err := ask(t.Context(), s, c, "SELECT repeat('가나다라', 100) || i FROM range(400000) r(i)", func(x *Execution) { x.Types, x.Columns = []string{"varchar"}, nil })
	if err != nil || c.n != 400000 {
		t.Fatalf("%d rows, %v", c.n, err)
	}
	if out.Stats.PeakMemory > 400<<20 {
		t.Errorf("the worker took %d MB for a result of 480 MB", out.Stats.PeakMemory>>20)
	}
}

func TestChargeIsAthenas(t *testing.T) {
	for _, c := range []struct {
		scanned, bytes int64
		usd            float64
	}{{0, 0, 0}, {1, 10 << 20, 5 * 10.0 / (1 << 20)}, {10<<20 + 1, 11 << 20, 5 * 11.0 / (1 << 20)}, {1 << 40, 1 << 40, 5}} {
		if bytes, usd := Charge(c.scanned); bytes != c.bytes || usd != c.usd {
			t.Errorf("%d bytes: %d, %g; want %d, %g", c.scanned, bytes, usd, c.bytes, c.usd)
		}
	}
}
