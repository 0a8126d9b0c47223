package trino_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/worker"
	"github.com/mulgil/mulgil/internal/server/trino"
)

// TestMain makes the test binary its own worker.
func TestMain(m *testing.M) {
	if os.Getenv("TRINO_TEST_WORKER") != "" {
		host := worker.Host{Engine: duckdb.Engine{}, Log: os.Stderr, Orphaned: worker.ExitOrphan}
		os.Exit(worker.Serve(context.Background(), host, os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

const token = "열쇠"

// service is a lake with the database "가게" and real workers.
func service(t *testing.T) *query.Service {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.OpenStore(filepath.Join(dir, "catalog.db"))
	ok(t, err)
	t.Cleanup(func() { store.Close() })
	cat, err := sqlite.NewCatalog(t.Context(), store, "mulgil", lake.NewIO(nil))
	ok(t, err)
	l, err := lake.Open(t.Context(), lake.Options{Root: filepath.Join(dir, "lake"), Store: store, Catalog: cat, StartID: "test",
		Resolve: func(string) (string, error) { return dir, nil }})
	ok(t, err)
	t.Cleanup(func() { l.Close() })
	ok(t, l.EnsureDatabase(t.Context(), "가게"))
	ext, err := external.New(t.Context(), store, base.SystemClock{})
	ok(t, err)
	q := query.New(query.Options{Lake: l, External: ext, Engine: duckdb.Engine{}, Database: "가게", Memory: 512 << 20, Threads: 2, TempDir: filepath.Join(dir, "tmp"),
		Launcher: worker.Launcher{Command: []string{os.Args[0]}, Env: []string{"TRINO_TEST_WORKER=1"}}})
	t.Cleanup(func() { q.Close() })
	return q
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func serve(t *testing.T, o trino.Options) string {
	t.Helper()
	o.Knows = func(s string) bool { return s == token }
	ts := httptest.NewServer(trino.New(t.Context(), o))
	t.Cleanup(ts.Close)
	return ts.URL
}

// reply is what a client reads.
type reply struct {
	ID, NextURI string
	Columns     []struct {
		Name, Type    string
		TypeSignature json.RawMessage
	}
	Data  [][]any
	Stats struct {
		State string
	}
	Error *struct {
		Message, ErrorName, ErrorType string
		ErrorCode                     int
		ErrorLocation                 *struct{ LineNumber, ColumnNumber int }
	}
	UpdateType  string
	UpdateCount *int64
	status      int
	header      http.Header
	body        string
}

func call(t testing.TB, method, url, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	ok(t, err)
	req.Header.Set("X-Trino-User", "김")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	ok(t, err)
	r := reply{status: res.StatusCode, header: res.Header, body: string(b)}
	if res.StatusCode == http.StatusOK {
		ok(t, json.Unmarshal(b, &r))
	}
	return r
}

// ask runs a statement to its end and returns all rows with the last page.
func ask(t testing.TB, at, sql string, header ...string) reply {
	t.Helper()
	r := call(t, "POST", at+"/v1/statement", sql, header...)
	var rows [][]any
	for r.NextURI != "" {
		cols := r.Columns
		r = call(t, "GET", r.NextURI, "")
		rows = append(rows, r.Data...)
		if r.Columns == nil {
			r.Columns = cols
		}
	}
	r.Data = rows
	return r
}
