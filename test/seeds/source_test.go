package seeds

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/mulgil/mulgil/test/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// source is a PostgreSQL database of a test's own.
type source struct {
	url *url.URL
	db  *pgx.Conn
}

// newSource makes a database (texts in the order of their bytes) on the server of MULGIL_TEST_POSTGRES that is
// dropped with the test, or skips the test where there is none.
func newSource(t *testing.T, name string) source {
	t.Helper()
	server := os.Getenv("MULGIL_TEST_POSTGRES")
	if server == "" {
		t.Skip("needs PostgreSQL: set MULGIL_TEST_POSTGRES to a superuser's URL")
	}
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	name = fmt.Sprintf("seeds_%s_%d", name, os.Getpid())
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	db, err := pgx.Connect(ctx, u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Close(ctx)
		if _, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		admin.Close(ctx)
	})
	return source{u, db}
}

// shop is a source with rows purchases of sample data.
func shop(t *testing.T, name string, rows int) source {
	t.Helper()
	s := newSource(t, name)
	harness.Must(t, t.TempDir(), "sample", "retail", "--rows", strconv.Itoa(rows), "--seed", "7", "--to", s.url.String(), "-q")
	return s
}

// secret is how the project's target prod learns of the database.
func (s source) secret() string {
	port, _ := strconv.Atoi(s.url.Port())
	password, _ := s.url.User.Password()
	text, _ := json.Marshal(map[string]any{"host": s.url.Hostname(), "port": port, "username": s.url.User.Username(), "password": password, "dbname": strings.TrimPrefix(s.url.Path, "/")})
	return "SHOP_SECRET=" + string(text)
}

func (s source) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := s.db.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// rows are a query's rows as PostgreSQL answers, in the form lakeRows have.
func (s source) rows(t *testing.T, sql string) []string {
	t.Helper()
	rows, err := s.db.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, line(t, values))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return out
}
