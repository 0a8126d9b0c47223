package postgres

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/sourcetest"
)

// testDB is a database of a test's own on the server of MULGIL_TEST_POSTGRES.
type testDB struct {
	url  string
	name string
}

// databases numbers the test databases of this process.
var databases atomic.Int64

func newDB(t *testing.T) testDB {
	t.Helper()
	server := os.Getenv("MULGIL_TEST_POSTGRES")
	if server == "" {
		t.Skip("set MULGIL_TEST_POSTGRES=postgres://... (a superuser) to run")
	}
	name := "mulgil_test_" + strconv.Itoa(os.Getpid()) + "_" + strconv.FormatInt(databases.Add(1), 10)
	execAt(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { execAt(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	db := testDB{url: u.String(), name: name}
	db.exec(t, "CREATE SCHEMA retail")
	return db
}

func execAt(t *testing.T, url, sql string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (d testDB) exec(t *testing.T, sql string) {
	t.Helper()
	execAt(t, d.url, sql)
}

// source opens the database with small page ranges, so that small tables are cut too.
func (d testDB) source(t *testing.T, workers int) *Source {
	t.Helper()
	s, err := New(Config{Name: "shop", URL: d.url, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	s.rangeBytes = 1 << 20
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Setup {
		db := newDB(t)
		return sourcetest.Setup{
			Open: func(t *testing.T) port.Source { return db.source(t, 3) },
			Exec: db.exec,
			SQL:  func(n port.TableName) string { return quote(n.Schema) + "." + quote(n.Name) },
			Kill: func(t *testing.T) {
				db.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'")
			},
			KillRows: 1_000_000,
		}
	})
}

func begin(t *testing.T, s *Source) port.Snapshot {
	t.Helper()
	snap, err := s.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { snap.Close() })
	return snap
}

// readAll returns all cells of a table as text, row by row.
func readAll(snap port.Snapshot, table string, columns ...string) (string, error) {
	st, err := snap.Read(context.Background(), port.ReadSpec{Table: port.TableName{Schema: "retail", Name: table}, Columns: columns})
	if err != nil {
		return "", err
	}
	defer st.Release()
	var out []string
	for st.Next() {
		rec := st.RecordBatch()
		for r := range int(rec.NumRows()) {
			for c := range int(rec.NumCols()) {
				if rec.Column(c).IsNull(r) {
					out = append(out, "NULL")
				} else {
					out = append(out, rec.Column(c).ValueStr(r))
				}
			}
		}
	}
	return strings.Join(out, " | "), st.Err()
}

func readSpec(table string) port.ReadSpec {
	return port.ReadSpec{Table: port.TableName{Schema: "retail", Name: table}}
}

func TestHoldsTheTableAgainstRewrites(t *testing.T) {
	db := newDB(t)
	db.exec(t, "CREATE TABLE retail.t (v int); INSERT INTO retail.t SELECT generate_series(1, 1000)")
	snap := begin(t, db.source(t, 2))
	st, err := snap.Read(context.Background(), readSpec("t"))
	if err != nil {
		t.Fatal(err)
	}
	st.Release()
	c, err := pgx.Connect(context.Background(), db.url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	_, err = c.PgConn().Exec(context.Background(), "SET lock_timeout = '100ms'; TRUNCATE retail.t").ReadAll()
	if err == nil {
		t.Error("TRUNCATE went through while the snapshot was open")
	}
}
