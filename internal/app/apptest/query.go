package apptest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Database is the one Query's lake has.
const Database = "가게"

const workerSign = "MULGIL_TEST_WORKER"

// Main runs the tests, or is one of Query's workers: it is called by TestMain.
func Main(m *testing.M) int {
	if os.Getenv(workerSign) != "" {
		return app.Worker(context.Background(), os.Stdin, os.Stdout, os.Stderr)
	}
	return m.Run()
}

// Query is a query service over a lake with an empty Database, in a folder of
// the test; its workers are the test program, whose TestMain calls Main.
func Query(t testing.TB) *query.Service {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(base.Render(err))
		}
	}
	dir := t.TempDir()
	store, err := sqlite.OpenStore(filepath.Join(dir, "catalog.db"))
	ok(err)
	t.Cleanup(func() { store.Close() })
	cat, err := sqlite.NewCatalog(t.Context(), store, "mulgil", lake.NewIO(nil))
	ok(err)
	l, err := lake.Open(t.Context(), lake.Options{Root: filepath.Join(dir, "lake"), Store: store, Catalog: cat, StartID: "test",
		Resolve: func(string) (string, error) { return dir, nil }})
	ok(err)
	t.Cleanup(func() { l.Close() })
	ok(l.EnsureDatabase(t.Context(), Database))
	ext, err := external.New(t.Context(), store, base.SystemClock{})
	ok(err)
	q := query.New(query.Options{Lake: l, External: ext, Engine: duckdb.Engine{}, Database: Database, Memory: 512 << 20, Threads: 2, TempDir: filepath.Join(dir, "tmp"),
		Launcher: worker.Launcher{Command: []string{os.Args[0]}, Env: []string{workerSign + "=1"}}})
	t.Cleanup(func() { q.Close() })
	return q
}
