package query

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/query/worker"
)

// over is an execution that reads one file of a Hive folder.
func over(file string, change ...func(*Execution)) func(*Execution) {
	return func(x *Execution) {
		x.Bound = &Bound{ScanBytes: 5, ScanFiles: 1, TotalFiles: 1, Relations: []worker.Relation{{Database: "main", Table: "표", From: "(SELECT * FROM read_csv('" + file + "'))", Files: []string{file}}}}
		for _, f := range change {
			f(x)
		}
	}
}

func writeAged(t *testing.T, file, text string, age time.Duration) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-age)
	if err := os.Chtimes(file, then, then); err != nil {
		t.Fatal(err)
	}
}

func TestEqualStatementsOverEqualDataAreAnsweredOnce(t *testing.T) {
	s := service(t, Limits{})
	file := filepath.Join(t.TempDir(), "값.csv")
	const sql = `SELECT sum(a)::BIGINT FROM 표`
	expect := func(what, want string, cached bool, change ...func(*Execution)) {
		t.Helper()
		c := newClient()
		out, err := ask(t.Context(), s, c, sql, over(file, change...))
		if err != nil || c.text.String() != want || out.Stats.Cached != cached || c.columns[0].Name == "" {
			t.Fatalf("%s: %s %+v %v; want %s, cached %v", what, c.text.String(), out, err, want, cached)
		}
		r := recorded(t, s, out.ID)
		if r.Cached != cached || (r.PriceUSD == 0) != cached || r.ResultKey == "" {
			t.Errorf("%s: recorded %+v", what, r)
		}
	}
	writeAged(t, file, "a\n1\n2\n", time.Hour)
	expect("first", "[[3]]", false)
	expect("second", "[[3]]", true)
	expect("other columns", "[[3]]", false, func(x *Execution) { x.Columns = []Column{{"합", "bigint"}} })
	expect("volatile", "[[3]]", false, func(x *Execution) { x.Volatile = true })
	writeAged(t, file, "a\n1\n4\n", time.Minute)
	expect("changed file of the same size", "[[5]]", false)
	expect("changed file again", "[[5]]", true)
	writeAged(t, file, "a\n1\n5\n", 0)
	expect("just now changed", "[[6]]", false)
	expect("still just now", "[[6]]", false)
	writeAged(t, file, "a\n1\n4\n", time.Minute)
	kept, err := filepath.Glob(filepath.Join(filepath.Dir(s.o.TempDir), "results", "*.result"))
	if err != nil || len(kept) == 0 {
		t.Fatal(kept, err)
	}
	for _, k := range kept {
		if err := os.WriteFile(k, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect("damaged", "[[5]]", false)
	s.limits.NoResultCache = true
	expect("switched off", "[[5]]", false)
}
