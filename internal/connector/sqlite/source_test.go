package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/sourcetest"
)

// shopFile is an empty WAL database and a way to change it.
func shopFile(t *testing.T) (path string, exec func(t testing.TB, text string)) {
	t.Helper()
	return shopFileAt(t.TempDir())
}

// shopFileAt is shopFile in a folder.
func shopFileAt(dir string) (path string, exec func(t testing.TB, text string)) {
	path = filepath.Join(dir, "가게 1.db")
	return path, func(t testing.TB, text string) {
		t.Helper()
		db, err := sql.Open("sqlite", DSN(path, "journal_mode(WAL)"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func openSource(t *testing.T, path string) *Source {
	t.Helper()
	s, err := NewSource(SourceConfig{Name: "shop", Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSourceConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Setup {
		path, exec := shopFile(t)
		return sourcetest.Setup{
			Open: func(t *testing.T) port.Source { return openSource(t, path) },
			Exec: func(t *testing.T, text string) { t.Helper(); exec(t, text) },
			SQL:  func(n port.TableName) string { return sqlName(n.String()) },
			Kill: func(t *testing.T) {
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Truncate(path, info.Size()/2); err != nil {
					t.Fatal(err)
				}
			},
			KillRows: 600_000,
		}
	})
}

// readTable returns all cells as text.
func readTable(t *testing.T, path, table string, columns ...string) (string, error) {
	t.Helper()
	snap, err := openSource(t, path).Begin(context.Background())
	if err != nil {
		return "", err
	}
	defer snap.Close()
	st, err := snap.Read(context.Background(), port.ReadSpec{Table: port.TableName{Name: table}, Columns: columns})
	if err != nil {
		return "", err
	}
	defer st.Release()
	var out []string
	for st.Next() {
		rec := st.RecordBatch()
		for r := range int(rec.NumRows()) {
			for c := range int(rec.NumCols()) {
				out = append(out, rec.Column(c).ValueStr(r))
			}
		}
	}
	return strings.Join(out, " | "), st.Err()
}

func TestSourceReadsEveryDeclaredType(t *testing.T) {
	path, exec := shopFile(t)
	exec(t, `CREATE TABLE t (a varchar(5), b int, c double precision, d numeric(20,3), e date, f timestamp, g boolean, h blob, i time, j uuid)`)
	exec(t, `INSERT INTO t VALUES ('긴 글자도 된다', -9223372036854775808, 3, 12, '2024-02-29', '2024-02-29T01:02', 1, x'00ff', '23:59:59.25', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
		('', 0, 1e300, 0.125, '0001-01-01', '9999-12-31', 0, x'', '00:00', NULL)`)
	got, err := readTable(t, path, "t")
	want := "긴 글자도 된다 | -9223372036854775808 | 3 | 12 | 2024-02-29 | 2024-02-29T01:02:00 | true | AP8= | 23:59:59.250000 | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 | " +
		" | 0 | 1e+300 | 0.125 | 0001-01-01 | 9999-12-31T00:00:00 | false |  | 00:00:00.000000 | (null)"
	if err != nil || got != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestSourceRefusesValuesThatDoNotFitTheirColumn(t *testing.T) {
	cases := []struct{ name, decl, value, want string }{
		{"text in a number", "integer", "'abc'", `table t column "v", rowid 7: the text "abc" does not fit the declared type bigint`},
		{"fraction in an integer", "bigint", "1.5", `the number 1.5 does not fit the declared type bigint`},
		{"number in a text", "text", "x'41'", `a blob of 1 bytes does not fit the declared type string`},
		{"too many decimals", "numeric(10,2)", "1.005", `the number 1.005 does not fit the declared type decimal(10,2)`},
		{"too many digits", "numeric(4,2)", "123.4", `the number 123.4 does not fit`},
		{"no such day", "date", "'2023-02-29'", `the text "2023-02-29" does not fit the declared type date`},
		{"a date with a time", "date", "'2023-02-28 10:00:00'", `does not fit the declared type date`},
		{"nanoseconds", "timestamp", "'2023-02-28 10:00:00.1234567'", `does not fit the declared type timestamp`},
		{"two as boolean", "boolean", "2", `the integer 2 does not fit the declared type boolean`},
		{"text in a blob", "blob", "'가'", `the text "가" does not fit the declared type binary`},
		{"broken UTF-8", "text", "cast(x'ff' as text)", `does not fit the declared type string`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path, exec := shopFile(t)
			exec(t, `CREATE TABLE t (v `+c.decl+`)`)
			exec(t, `INSERT INTO t (rowid, v) VALUES (3, NULL), (7, `+c.value+`)`)
			_, err := readTable(t, path, "t")
			if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestSourceRefusesColumnsWithoutAUsableType(t *testing.T) {
	path, exec := shopFile(t)
	exec(t, `CREATE TABLE t (a numeric, b geometry, c, d text)`)
	_, err := readTable(t, path, "t")
	for _, want := range []string{`column "a": numeric is no exact decimal`, `column "b": type geometry is not known`, `column "c" has no declared type`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := readTable(t, path, "t", "d"); err != nil {
		t.Errorf("the columns that can be read: %v", err)
	}
}

func TestSourceComparesTimesOfAnyWriting(t *testing.T) {
	path, exec := shopFile(t)
	exec(t, `CREATE TABLE t (id integer, at timestamp, day date)`)
	exec(t, `INSERT INTO t VALUES (1, '2024-01-01T10:00', '2024-01-01'), (2, '2024-01-01 10:00:00', '2024-01-02'), (3, '2024-01-01 10:00:00.000001', NULL), (4, '2024-01-01', '2023-12-31')`)
	snap, err := openSource(t, path).Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ten, newYear := time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		p    port.Predicate
		want string
	}{
		{port.Compare{Column: "at", Op: port.Eq, Value: ten}, "12"},
		{port.Compare{Column: "at", Op: port.Gt, Value: ten}, "3"},
		{port.Compare{Column: "at", Op: port.Lt, Value: ten}, "4"},
		{port.Compare{Column: "day", Op: port.Ge, Value: newYear}, "12"},
		{port.Compare{Column: "day", Op: port.Gt, Value: ten}, "2"},
		{port.In{Column: "day", Values: []any{newYear}}, "1"},
	} {
		st, err := snap.Read(context.Background(), port.ReadSpec{Table: port.TableName{Name: "t"}, Columns: []string{"id"}, Where: c.p})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for st.Next() {
			for r := range int(st.RecordBatch().NumRows()) {
				got += st.RecordBatch().Column(0).ValueStr(r)
			}
		}
		if st.Err() != nil || got != c.want {
			t.Errorf("%s: rows %s, %v; want %s", st.Pushed(), got, st.Err(), c.want)
		}
		st.Release()
	}
}

func TestSourceLooksUpDaysInAnIndex(t *testing.T) {
	path, exec := shopFile(t)
	exec(t, `CREATE TABLE t (day date, id integer, PRIMARY KEY (day, id)); INSERT INTO t VALUES ('2024-01-01', 1), ('2024-01-02', 2)`)
	snap, err := openSource(t, path).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, op := range []port.Op{port.Eq, port.Gt, port.Ge, port.Lt, port.Le} {
		st, err := snap.Read(t.Context(), port.ReadSpec{Table: port.TableName{Name: "t"}, Where: port.Compare{Column: "day", Op: op, Value: day}})
		if err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", DSN(path))
		if err != nil {
			t.Fatal(err)
		}
		var id, parent, unused int
		var how string
		if err := db.QueryRow("EXPLAIN QUERY PLAN "+st.Pushed()).Scan(&id, &parent, &unused, &how); err != nil || !strings.HasPrefix(how, "SEARCH") {
			t.Errorf("%s is answered by %s, %v", st.Pushed(), how, err)
		}
		db.Close()
		st.Release()
	}
}

func TestSourceReadsCommentsFromTheSideTable(t *testing.T) {
	path, exec := shopFile(t)
	exec(t, `CREATE TABLE "retail.customer" (id integer PRIMARY KEY, "고객명" text)`)
	exec(t, `CREATE TABLE mulgil_comments (table_name TEXT, column_name TEXT, comment TEXT, PRIMARY KEY (table_name, column_name))`)
	exec(t, `INSERT INTO mulgil_comments VALUES ('retail.customer', '', '고객'), ('retail.customer', '고객명', '고객의 이름')`)
	exec(t, `CREATE VIEW names AS SELECT "고객명" FROM "retail.customer"`)
	snap, err := openSource(t, path).Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	st, err := snap.Describe(context.Background(), port.TableName{Schema: "retail", Name: "customer"})
	if err != nil || st.Comment != "고객" || st.Fields[1].Comment != "고객의 이름" || !st.Fields[0].Required || st.Key[0] != "id" {
		t.Errorf("described as %+v, %v", st, err)
	}
	all, err := snap.Tables(context.Background())
	if err != nil || len(all) != 2 || all[0].Name.Name != "names" || all[1].Comment != "고객" {
		t.Errorf("tables are %+v, %v", all, err)
	}
	if _, err := snap.Describe(context.Background(), port.TableName{Schema: "main", Name: "names"}); err != nil {
		t.Errorf("main.names: %v", err)
	}
}

func TestSourceSaysWhatIsWrongWithItsFile(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]base.Kind{filepath.Join(dir, "none.db"): base.NotFound, text: base.Invalid} {
		_, err := openSource(t, path).Begin(context.Background())
		if base.KindOf(err) != want || !strings.Contains(err.Error(), "connection shop: ") || !strings.Contains(base.Render(err), "hint: ") {
			t.Errorf("%s: %v", path, base.Render(err))
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("reading made the missing file")
	}
}
