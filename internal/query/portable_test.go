package query

import (
	"context"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/query/worker"
)

func TestStatementsRunAsAthenaOnlyWhereBothAgree(t *testing.T) {
	s := New(Options{Engine: duckdb.Engine{}, TempDir: t.TempDir()})
	t.Cleanup(func() { s.Close() })
	relations := []worker.Relation{
		{Fields: []base.Field{{Name: "amount", Type: base.Type{ID: base.Double}}, {Name: "n", Type: base.Type{ID: base.Long}}, {Name: "x", Type: base.Type{ID: base.Double}}}},
		{Fields: []base.Field{{Name: "x", Type: base.Type{ID: base.Long}}}},
	}
	for sql, want := range map[string]string{
		"select sum(amount), count(*), round(max(amount)) from t where n between 1 and 2": "",
		"select upper(a) || 'x' from t":         "line 1:17: the Athena dialect is not there yet, and || does not mean the same to DuckDB",
		"select amount / n from t":              "",
		"select n / 2 from t":                   "line 1:10: the Athena dialect is not there yet, and / on whole numbers does not mean the same to DuckDB",
		"select x / 2 from t":                   "line 1:10: the Athena dialect is not there yet, and / on whole numbers does not mean the same to DuckDB",
		"select '한글', strftime(d, '%Y') from t": "line 1:14: the Athena dialect is not there yet, and strftime() does not mean the same to DuckDB",
		"select n % 2 from t":                   "line 1:10: the Athena dialect is not there yet, and % does not mean the same to DuckDB",
	} {
		st, err := s.Parse(context.Background(), sql)
		if err != nil {
			t.Fatal(err)
		}
		a, err := st.Analyze(nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := portable(&Bound{Relations: relations, Statements: []*ducksql.Statement{st}, Analyses: []*ducksql.Analysis{a}}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", sql, got, want)
		}
	}
}
