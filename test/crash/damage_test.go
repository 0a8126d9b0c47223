package crash

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// damagedProject has two jobs for each table, one in each dialect, and a
// crawler over the Hive folder.
func damagedProject(t *testing.T, port int) *project {
	t.Helper()
	p := &project{t: t, dir: t.TempDir(), bin: ownBinary(t)}
	files := map[string]string{
		"mulgil.yaml":   fmt.Sprintf("name: d\ndatabase: d\nbuckets:\n  shop: bucket\npgwire:\n  port: %d\n", port),
		"crawlers.yaml": "crawlers:\n  - name: c\n    database: crawled\n    targets: [{path: \"s3://shop/hive/\"}]\n",
	}
	for _, table := range []string{"ice", "hive"} {
		for _, dialect := range []string{"athena", "duckdb"} {
			files["jobs/"+dialect+"_"+table+".sql"] = "/*---\ntarget: made\ndialect: " + dialect + "\n---*/\nSELECT max(s) AS s FROM " + table
		}
	}
	for name, text := range files {
		path := filepath.Join(p.dir, name)
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return p
}

// way asks the program one statement: what it answered, or what was wrong.
type way struct {
	name string
	ask  func(sql string) (text string, ok bool)
}

// commands asks by the command line, in a process that works itself unless there is an owner.
func (p *project) commands() way {
	return way{"mulgil query", func(sql string) (string, bool) {
		file := filepath.Join(p.dir, "asked.sql")
		check(p.t, os.WriteFile(file, []byte(sql), 0o644))
		r := p.run("query", "--dialect", "athena", "-f", file, "--format", "csv", "--no-head", "-q")
		return r.out.String() + r.errs.String(), r.code() == 0
	}}
}

// ways are all doors of an owner that take a statement.
func (p *project) ways(t *testing.T, port int) []way {
	api := door{t, p.owner()}
	return []way{
		p.commands(),
		{"API", func(sql string) (string, bool) {
			body, err := json.Marshal(map[string]string{"sql": sql, "dialect": "athena"})
			check(t, err)
			res, err := api.request(t.Context(), "POST", "http://"+api.Address+"/api/query", string(body), "application/json")
			check(t, err)
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			check(t, err)
			return string(text), res.StatusCode == 200
		}},
		{"Trino", func(sql string) (string, bool) {
			name, text, rows := api.answer(sql)
			return fmt.Sprint(name, " ", text, rows), name == ""
		}},
		{"PostgreSQL", func(sql string) (string, bool) {
			c, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://kim@127.0.0.1:%d/d?sslmode=disable&default_query_exec_mode=simple_protocol", port))
			check(t, err)
			defer c.Close(t.Context())
			res, err := c.PgConn().Exec(t.Context(), sql).ReadAll()
			if err != nil {
				return err.Error(), false
			}
			return fmt.Sprintf("%q", res[0].Rows), true
		}},
	}
}

// TestBadInputAtEveryDoor cuts or removes the data file of a table: every way of
// reading it fails with the file's name, and goes on with others.
func TestBadInputAtEveryDoor(t *testing.T) {
	port := freePort(t)
	p := damagedProject(t, port)
	up := p.up()
	api := door{t, p.owner()}
	const rows = " AS SELECT x AS id, CAST(x AS varchar) || 'abc' AS s FROM unnest(sequence(1, 10000)) t(x)"
	for _, table := range []string{"ice", "other"} {
		check(t, api.does("CREATE TABLE d."+table+" WITH (table_type = 'ICEBERG', is_external = false, location = 's3://shop/"+table+"/')"+rows))
	}
	check(t, api.does("CREATE TABLE d.hive WITH (external_location = 's3://shop/hive/')"+rows))
	p.must("crawler", "run", "c")
	only := func(pattern string) string {
		list, err := filepath.Glob(filepath.Join(p.dir, "bucket", pattern))
		check(t, err)
		if len(list) != 1 {
			t.Fatalf("%s: %q", pattern, list)
		}
		return list[0]
	}
	ice, hive := only("ice/data/*"), only("hive/*")
	goesOn := func(w way) {
		t.Helper()
		if text, ok := w.ask("SELECT count(*) FROM d.other"); !ok || !strings.Contains(text, "10000") {
			t.Errorf("%s, the next statement: %s", w.name, text)
		}
	}
	damages := []struct {
		what, table, file string
		cut               bool
	}{{"cut", "ice", ice, true}, {"gone", "ice", ice, false}, {"cut", "hive", hive, true}}
	beside := p.ways(t, port)
	for _, alone := range []bool{false, true} {
		if alone {
			enormous(t, beside)
			up.down(t)
		}
		for _, d := range damages {
			good, err := os.ReadFile(d.file)
			check(t, err)
			check(t, os.Remove(d.file))
			if d.cut {
				check(t, os.WriteFile(d.file, good[:len(good)/2], 0o644))
			}
			ways := beside
			if alone {
				ways = []way{p.commands()}
			}
			for _, w := range ways {
				if text, ok := w.ask("SELECT max(s) FROM d." + d.table); ok || !strings.Contains(text, filepath.Base(d.file)) {
					t.Errorf("%s, file of %s %s: %s", w.name, d.table, d.what, text)
				}
				goesOn(w)
			}
			for _, dialect := range []string{"athena", "duckdb"} {
				if alone == (dialect == "athena") {
					continue // one beside the owner is enough, and one alone
				}
				r := p.run("job", "run", dialect+"_"+d.table)
				if r.code() != 1 || !strings.Contains(r.errs.String(), filepath.Base(d.file)) || !strings.Contains(r.errs.String(), "\nhint: ") {
					t.Errorf("job of dialect %s, file of %s %s: exit code %d\n%s", dialect, d.table, d.what, r.code(), &r.errs)
				}
			}
			if d.table == "hive" && !alone { // the crawler leaves the file out and its table alone
				p.must("crawler", "run", "c")
				if text := p.must("crawler", "runs", "c", "--json"); !strings.Contains(text, filepath.Base(d.file)) || !strings.Contains(text, "left out") {
					t.Errorf("the crawler's run: %s", text)
				}
			}
			check(t, os.WriteFile(d.file, good, 0o644))
		}
		if !alone { // what a Hive folder holds is what is there
			away := filepath.Join(p.dir, "away")
			check(t, os.Rename(hive, away))
			if text, ok := beside[2].ask("SELECT count(*) FROM d.hive"); !ok || !strings.Contains(text, "[0]") {
				t.Errorf("a Hive folder without its file: %s", text)
			}
			check(t, os.Rename(away, hive))
		}
	}
	damagedMetadata(t, p, only("ice/metadata/*.metadata.json"))
}

// damagedMetadata expects a table without metadata not to hide the others.
func damagedMetadata(t *testing.T, p *project, file string) {
	good, err := os.ReadFile(file)
	check(t, err)
	check(t, os.WriteFile(file, good[:len(good)/2], 0o644))
	up := p.up()
	api := door{t, p.owner()}
	for sql, want := range map[string]string{
		"SHOW TABLES FROM d": "[hive] [ice] [other]",
		"SELECT table_name FROM information_schema.tables WHERE table_schema = 'd' ORDER BY 1":                  "[hive] [ice] [other]",
		"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'd' ORDER BY 1, 2": "[hive id] [hive s] [other id] [other s]",
		"SELECT table_name FROM system.jdbc.columns WHERE table_schem = 'd' AND column_name = 'id' ORDER BY 1":  "[hive] [other]",
		"SELECT table_name FROM system.metadata.table_comments WHERE schema_name = 'd' ORDER BY 1":              "[hive] [ice] [other]",
		"SELECT count(*) FROM d.other": "[10000]",
	} {
		if name, text, rows := api.answer(sql); name != "" || strings.Trim(fmt.Sprint(rows), "[]") != strings.Trim(want, "[]") {
			t.Errorf("%s: %s %s %v", sql, name, text, rows)
		}
	}
	for _, sql := range []string{"SELECT * FROM d.ice", "DESCRIBE d.ice", "INSERT INTO d.ice VALUES (1, 'x')"} {
		if name, text, _ := api.answer(sql); name != "ICEBERG_INVALID_METADATA" || !strings.Contains(text, file) {
			t.Errorf("%s: %s %s", sql, name, text)
		}
	}
	r := p.run("table", "list", "d")
	if lines := strings.Count(r.out.String(), "\n"); r.code() != 0 || lines < 4 || !strings.Contains(r.errs.String(), "warning: table d.ice: metadata file "+file+" cannot be read") {
		t.Errorf("mulgil table list: exit code %d\n%s%s", r.code(), &r.out, &r.errs)
	}
	p.must("status")
	p.must("crawler", "run", "c") // looks elsewhere
	check(t, os.WriteFile(file, good, 0o644))
	check(t, api.does("INSERT INTO d.ice VALUES (1, 'x')"))
	up.down(t)
}

// enormous expects statements of great depth or length to be answered or
// refused in bounded time.
func enormous(t *testing.T, ways []way) {
	t.Helper()
	list := strings.TrimPrefix(strings.Repeat(", 1000000", 100_000), ", ")
	for _, c := range []struct{ name, sql, want string }{
		{"10,000 parentheses", "SELECT " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000), `nested too deep \(the limit is 500 levels\)`},
		{"100,000 values", "SELECT 41 + 1 WHERE 7 NOT IN (" + list + ")", "42"},
		{"1.5 MB of text", "SELECT length('" + strings.Repeat("x", 1_500_000) + "')", `query text length \(1500017 bytes\) exceeds the maximum length \(1048576 bytes\)`},
	} {
		for _, w := range ways {
			start := time.Now()
			text, ok := w.ask(c.sql)
			took := time.Since(start)
			if len(text) > len(c.sql)+2000 || !regexp.MustCompile(c.want).MatchString(text) || ok != (c.want == "42") || took > 20*time.Second {
				t.Errorf("%s, %s, after %v: %d bytes, %.300s", c.name, w.name, took, len(text), text)
			}
		}
	}
}
