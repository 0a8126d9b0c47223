package ducksql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
)

// engine is one real DuckDB for all tests, used by one at a time.
var engine = sync.OnceValues(func() (port.Session, error) {
	dir, err := os.MkdirTemp("", "ducksql-")
	if err != nil {
		return nil, err
	}
	s, err := duckdb.Engine{}.Open(context.Background(), port.EngineConfig{Threads: 1, Memory: 512 << 20, TempDir: dir})
	return s, errors.Join(err, os.RemoveAll(dir))
})

func session(t testing.TB) port.Session {
	t.Helper()
	s, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rows runs a statement and prints each row with its values joined by commas.
func rows(t testing.TB, sql string, args ...port.Arg) []string {
	t.Helper()
	r, err := session(t).Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer r.Close()
	var out []string
	for r.Next() {
		v, err := r.Values()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		text := make([]string, len(v))
		for i, x := range v {
			text[i] = fmt.Sprint(x)
		}
		out = append(out, strings.Join(text, ","))
	}
	if err := r.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

func tryParse(t testing.TB, sql string) (*ducksql.Statement, error) {
	t.Helper()
	return ducksql.Parse(sql, rows(t, ducksql.ParseQuery, port.Arg{Name: "sql", Value: sql})[0])
}

func parse(t testing.TB, sql string) *ducksql.Statement {
	t.Helper()
	s, err := tryParse(t, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

func analyze(t testing.TB, sql string, params ducksql.Params) *ducksql.Analysis {
	t.Helper()
	a, err := parse(t, sql).Analyze(params)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return a
}

// show writes a predicate as text.
func show(p base.Predicate) string {
	switch x := p.(type) {
	case nil:
		return "all"
	case base.And:
		return "(" + list(x, " and ") + ")"
	case base.Or:
		return "(" + list(x, " or ") + ")"
	case base.Compare:
		return fmt.Sprintf("%s %s %v", x.Column, x.Op, x.Value)
	case base.In:
		return fmt.Sprintf("%s in %v", x.Column, x.Values)
	case base.IsNull:
		if x.Not {
			return x.Column + " is not null"
		}
		return x.Column + " is null"
	}
	return fmt.Sprintf("%T", p)
}

func list(terms []base.Predicate, sep string) string {
	s := make([]string, len(terms))
	for i, p := range terms {
		s[i] = show(p)
	}
	return strings.Join(s, sep)
}
