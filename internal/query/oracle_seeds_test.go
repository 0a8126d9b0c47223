package query_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
	"github.com/mulgil/mulgil/internal/query"
)

// seedCase is a statement of the workshop documents over a generated lake.
type seedCase struct {
	oracleCase
	// Lake is how the lake is made: "small = gen_lake.py OUT 3000 7 400".
	Lake string
	// Athena says why Athena takes what Trino's grammar refuses.
	Athena string
}

// TestOracleAthenaSeeds runs the documents' statements verbatim, through the
// service and its workers, over the lake the recorded answers come from.
func TestOracleAthenaSeeds(t *testing.T) {
	dir := oracleDir(t)
	python := os.Getenv("MULGIL_PYTHON")
	if python == "" {
		t.Skip("ORACLE athena/seeds: skipped, MULGIL_PYTHON names no python with the module duckdb")
	}
	text, err := os.ReadFile(filepath.Join(dir, "seed_queries.jsonl"))
	if err != nil {
		t.Skip("ORACLE athena/seeds: skipped, there are no seed queries")
	}
	lakes := map[string]*seedLake{}
	passed, total := 0, 0
	for _, c := range seedCases(t, string(text)) {
		l := lakes[c.Lake]
		if l == nil {
			l = newSeedLake(t, python, dir, c.Lake)
			lakes[c.Lake] = l
		}
		total++
		if why := l.judge(c); why != "" {
			t.Logf("%s: %s\n%s", c.ID, why, c.SQL)
		} else {
			passed++
		}
	}
	fmt.Printf("ORACLE athena/seeds: passed %d of %d\n", passed, total)
	if passed < total {
		t.Errorf("%d of %d statements of the documents do not answer as Trino", total-passed, total)
	}
}

// seedCases reads the cases; those that only Athena's grammar takes come last,
// since they make tables that the recorded listings do not have.
func seedCases(t *testing.T, text string) []seedCase {
	t.Helper()
	var trino, athena []seedCase
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var c seedCase
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
		if c.Athena != "" {
			athena = append(athena, c)
		} else {
			trino = append(trino, c)
		}
	}
	return append(trino, athena...)
}

// columnComment is Hive's; the recorded table had none.
var columnComment = regexp.MustCompile(` COMMENT '[^']*'`)

// seedLake is the generated lake as external tables of both databases.
type seedLake struct{ *bench }

var seedDatabases = []string{"de-enhancement-db", "de_enhancement_db_blee"}

func newSeedLake(t *testing.T, python, dir, how string) *seedLake {
	t.Helper()
	l := &seedLake{newBench(t)}
	_, command, _ := strings.Cut(how, "= ")
	args := strings.Fields(command)
	out := filepath.Join(l.dir, "lake")
	args[0] = filepath.Join(dir, args[0])
	args[1] = out
	if b, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput(); err != nil {
		t.Fatalf("make lake: %v\n%s", err, b)
	}
	for _, db := range seedDatabases {
		l.run1("CREATE SCHEMA IF NOT EXISTS `"+db+"`", db)
		for _, sub := range []string{"dimension", "fact/bronze", "fact/silver"} {
			folders, err := filepath.Glob(filepath.Join(out, sub, "*"))
			l.ok(err)
			for _, f := range folders {
				l.parquet(db, filepath.Base(f), f, "s3://lake/"+sub+"/"+filepath.Base(f)+"/")
			}
		}
		ddl := l.streamDDL(dir)
		ddl = strings.ReplaceAll(strings.ReplaceAll(ddl, "de_enhancement_db_blee.transaction_order2", db+"`.`transaction_order"), "s3://hist-streaming-lab-blee/data/stream_data", "s3://lake/stream_data")
		l.run1(columnComment.ReplaceAllString(ddl, ""), db)
		l.run1("MSCK REPAIR TABLE `"+db+"`.transaction_order", db)
	}
	return l
}

// streamDDL is the document's own CREATE EXTERNAL TABLE.
func (l *seedLake) streamDDL(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "seed_queries.jsonl"))
	l.ok(err)
	for _, line := range strings.Split(string(text), "\n") {
		var c struct{ SQL string }
		if json.Unmarshal([]byte(line), &c) == nil && strings.HasPrefix(c.SQL, "CREATE EXTERNAL TABLE") {
			return c.SQL
		}
	}
	l.Fatal("no CREATE EXTERNAL TABLE among the seeds")
	return ""
}

// parquet declares a Hive folder of Parquet files with the types in its files.
func (l *seedLake) parquet(db, name, folder, location string) {
	l.Helper()
	var files []string
	var keys []string
	l.ok(filepath.WalkDir(folder, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return err
	}))
	rel, err := filepath.Rel(folder, files[0])
	l.ok(err)
	for _, part := range strings.Split(filepath.ToSlash(filepath.Dir(rel)), "/") {
		if k, _, ok := strings.Cut(part, "="); ok {
			keys = append(keys, k+" string")
		}
	}
	res, err := l.query.Inspect(l.Context(), "read_parquet('"+strings.ReplaceAll(files[0], "'", "''")+"', hive_partitioning=false)", files[:1], 0)
	l.ok(err)
	var cols []string
	for _, c := range res.Columns {
		typ := map[string]string{"VARCHAR": "string", "DOUBLE": "double", "BIGINT": "bigint", "INTEGER": "int"}[c.Type]
		cols = append(cols, "`"+c.Name+"` "+typ)
	}
	ddl := "CREATE EXTERNAL TABLE `" + db + "`.`" + name + "` (" + strings.Join(cols, ", ") + ")"
	if len(keys) > 0 {
		ddl += " PARTITIONED BY (" + strings.Join(keys, ", ") + ")"
	}
	l.run1(ddl+" STORED AS PARQUET LOCATION '"+location+"'", db)
	if len(keys) > 0 {
		l.run1("MSCK REPAIR TABLE `"+db+"`.`"+name+"`", db)
	}
}

// answered holds a statement's answer.
type answered struct {
	columns []query.Column
	rows    [][]any
}

func (a *answered) Queued(string) {}
func (a *answered) Running()      {}
func (a *answered) Columns(c []query.Column) error {
	a.columns = c
	return nil
}
func (a *answered) Rows(batch []byte, _ int) error {
	rows, err := query.DecodeRows(batch)
	a.rows = append(a.rows, rows...)
	return err
}

func (l *seedLake) ask(sql, schema string) (*answered, error) {
	a := &answered{}
	_, err := l.query.Execute(l.Context(), query.Request{Text: query.Text{SQL: sql}, Session: query.Session{User: "analyst", Schema: schema}}, a)
	return a, err
}

func (l *seedLake) run1(sql, schema string) *answered {
	l.Helper()
	a, err := l.ask(sql, schema)
	if err != nil {
		l.Fatalf("%s\n%s", sql, base.Render(err))
	}
	return a
}

func (l *seedLake) judge(c seedCase) string {
	if c.Athena != "" {
		for _, st := range hive.Split(c.SQL) {
			if _, err := l.ask(st.SQL, c.Schema); err != nil {
				return "Athena takes it: " + base.Render(err)
			}
		}
		if len(hive.Split(c.SQL)) == 0 {
			return "no statement found"
		}
		return ""
	}
	a, err := l.ask(c.SQL, c.Schema)
	if c.Error != nil {
		if err == nil || code(err) != c.Error.Name {
			return fmt.Sprintf("want error %s, got %v", c.Error.Name, err)
		}
		return ""
	}
	if err != nil {
		return base.Render(err)
	}
	for i, col := range c.Columns {
		if i >= len(a.columns) || a.columns[i].Name != col.Name || !sameType(col.Type, a.columns[i].Type) {
			return fmt.Sprintf("want columns %v, got %v", c.Columns, a.columns)
		}
	}
	if strings.HasPrefix(c.Check, "row_count") {
		if len(c.Rows) != len(a.rows) {
			return fmt.Sprintf("want %d rows, got %d", len(c.Rows), len(a.rows))
		}
		return ""
	}
	return differ(c.Rows, a.rows)
}

func sameType(want, got string) bool {
	a, err := types.Parse(want)
	b, err2 := types.Parse(got)
	return errors.Join(err, err2) == nil && a.Equal(b)
}

// differ compares rows as multisets; numbers within 1e-9.
func differ(want, got [][]any) string {
	if len(want) != len(got) {
		return fmt.Sprintf("want %d rows, got %d", len(want), len(got))
	}
	left := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(left, func(g []any) bool { return same(w, g) })
		if i < 0 {
			return fmt.Sprintf("no row %s", text(w))
		}
		left = slices.Delete(left, i, i+1)
	}
	return ""
}
