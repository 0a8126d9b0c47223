package duckdb

import (
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

func lower(t *testing.T, sql string) (string, error) {
	t.Helper()
	q, err := trino.ParseQuery(sql)
	if err != nil {
		return "", err
	}
	p, err := Bind(sql, q, Options{Now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		return "", err
	}
	return p.SQL, nil
}

func TestQueriesAreLowered(t *testing.T) {
	for _, q := range []string{"select 1", "select x+1, y from (values (1,2),(3,4)) t(x,y) where x > 1 order by y desc limit 3", "with a as (select 1 x) select * from a, a b", "select a.x from (values 1,2) a(x) left join (values 1) b(x) using (x)",
		"select 7/2, 1/3.0, date '2014-01-31' + interval '1' month, cast('a' as varchar(3))", "with recursive t(n) as (values 1 union all select n+1 from t where n < 5) select * from t"} {
		s, err := lower(t, q)
		t.Log(q, "\n=>", s, err)
	}
}

// TestLongSelectListIsBoundFast: the time grows with its length, not faster.
func TestLongSelectListIsBoundFast(t *testing.T) {
	const n = 60_000
	sql := "SELECT 1" + strings.Repeat(", 1", n-1)
	start := time.Now()
	p, err := inShop(sql)
	if took := time.Since(start); err != nil || len(p.Columns) != n || took > 10*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}
