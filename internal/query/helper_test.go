package query_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/connector/hivefile"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/fn"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// TestMain makes the test binary its own worker.
func TestMain(m *testing.M) {
	if os.Getenv("QUERY_TEST_WORKER") != "" {
		host := worker.Host{Engine: duckdb.Engine{Functions: functions()}, OpenHive: hivefile.Open, Log: os.Stderr, Orphaned: worker.ExitOrphan}
		os.Exit(worker.Serve(context.Background(), host, os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// functions are the Go functions of the SQL front end, as the program registers them.
func functions() []port.Function {
	var fs []port.Function
	for _, d := range fn.All() {
		fs = append(fs, port.Function{Name: d.Name, Params: d.Params, Variadic: d.Variadic, Returns: d.Returns, Volatile: d.Volatile, NullArgs: d.NullArgs, Body: d.Body})
	}
	return fs
}

// bench is a lake folder with a catalog and a query service over it.
type bench struct {
	testing.TB
	dir    string
	tables *external.Store
	query  *query.Service
	lake   *lake.Lake
	// hook is what the lake calls at every step of a commit.
	hook func(string) error
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, dir: filepath.Join(t.TempDir(), "호수 하나")}
	store, err := sqlite.OpenStore(filepath.Join(b.dir, "catalog.db"))
	b.ok(err)
	t.Cleanup(func() { store.Close() })
	cat, err := sqlite.NewCatalog(t.Context(), store, "mulgil", lake.NewIO(nil))
	b.ok(err)
	resolve := func(uri string) (string, error) {
		return filepath.Join(b.dir, filepath.FromSlash(strings.TrimPrefix(uri, "s3://"))), nil
	}
	l, err := lake.Open(t.Context(), lake.Options{Root: filepath.Join(b.dir, "lake"), Store: store, Catalog: cat, Resolve: resolve, StartID: "test",
		Hook: func(step string) error {
			if b.hook == nil {
				return nil
			}
			return b.hook(step)
		}})
	b.lake = l
	b.ok(err)
	t.Cleanup(func() { l.Close() })
	b.tables, err = external.New(t.Context(), store, base.NewFakeClock(time.Date(2022, 8, 19, 8, 0, 0, 0, time.UTC)))
	b.ok(err)
	exe, err := os.Executable()
	b.ok(err)
	b.query = query.New(query.Options{Lake: l, External: b.tables, Resolve: resolve, Engine: duckdb.Engine{}, Database: "sales",
		Launcher: worker.Launcher{Command: []string{exe}, Env: []string{"QUERY_TEST_WORKER=1", "PATH=" + os.Getenv("PATH")}},
		Memory:   512 << 20, Threads: 2, TempDir: filepath.Join(b.dir, "tmp")})
	t.Cleanup(func() { b.query.Close() })
	return b
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(base.Render(err))
	}
}

// write puts a file below the bucket "lake".
func (b *bench) write(name, text string) string {
	b.Helper()
	path := filepath.Join(b.dir, "lake", filepath.FromSlash(name))
	b.ok(os.MkdirAll(filepath.Dir(path), 0o755))
	b.ok(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// engine runs statements in an engine that may write below the lake.
func (b *bench) engine(statements ...string) {
	b.Helper()
	s, err := duckdb.Engine{}.Open(b.Context(), portConfig(b.dir))
	b.ok(err)
	defer s.Close()
	for _, q := range statements {
		b.ok(s.Exec(b.Context(), strings.ReplaceAll(q, "LAKE", filepath.Join(b.dir, "lake"))))
	}
}

// create adds a table at s3://lake/NAME/; columns and keys are written "a int, b string".
func (b *bench) create(name, format, columns, keys string, change ...func(*external.Table)) {
	b.Helper()
	t := external.Table{Database: "sales", Name: name, Format: format, Serde: external.DefaultSerde(format), Columns: b.fields(columns),
		PartitionKeys: b.fields(keys), Location: "s3://lake/" + name + "/"}
	for _, c := range change {
		c(&t)
	}
	_, err := b.tables.Create(b.Context(), t)
	b.ok(err)
}

// partition adds one; its folder is that of its values in Hive's way unless given.
func (b *bench) partition(table, folder string, values ...string) {
	b.Helper()
	_, err := b.tables.AddPartitions(b.Context(), "sales", table, []external.Partition{{Values: values, Location: "s3://lake/" + table + "/" + folder + "/"}})
	b.ok(err)
}

func (b *bench) fields(text string) []base.Field {
	var out []base.Field
	for _, c := range splitColumns(text) {
		name, typ, _ := strings.Cut(c, " ")
		t, err := base.ParseType(typ)
		b.ok(err)
		out = append(out, base.Field{Name: name, Type: t})
	}
	return out
}

func splitColumns(text string) []string {
	var out []string
	depth, start := 0, 0
	for i, c := range text + "," {
		switch c {
		case '<', '(':
			depth++
		case '>', ')':
			depth--
		case ',':
			if s := strings.TrimSpace(text[start:i]); depth == 0 && s != "" {
				out = append(out, s)
			}
			if depth == 0 {
				start = i + 1
			}
		}
	}
	return out
}

// run gives the rows of a statement in DuckDB's dialect, each as one text.
func (b *bench) run(sql string) (rows []string, res *query.Result, err error) {
	b.Helper()
	res, err = b.query.Select(b.Context(), query.Request{Text: query.Text{SQL: sql}}, query.DuckDB)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range res.Rows {
		cells := make([]string, len(r))
		for i, v := range r {
			cells[i] = fmt.Sprint(v)
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return rows, res, nil
}

func (b *bench) want(sql string, rows ...string) *query.Result {
	b.Helper()
	got, res, err := b.run(sql)
	b.ok(err)
	if strings.Join(got, "\n") != strings.Join(rows, "\n") {
		b.Errorf("%s\n%s\nwant:\n%s", sql, strings.Join(got, "\n"), strings.Join(rows, "\n"))
	}
	return res
}

func (b *bench) refused(sql, code string, words ...string) {
	b.Helper()
	_, _, err := b.run(sql)
	if err == nil || base.CodeOf(err) != code {
		b.Errorf("%s: error %v (%q), want %s", sql, err, base.CodeOf(err), code)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			b.Errorf("%s: error %v does not have %q", sql, err, w)
		}
	}
}

func portConfig(dir string) port.EngineConfig {
	return port.EngineConfig{Memory: 256 << 20, Threads: 1, TempDir: filepath.Join(dir, "tmp"), Dirs: []string{filepath.Join(dir, "lake")}}
}
