package ducksql_test

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

var fields = []base.Field{
	{Name: "n", Type: base.Type{ID: base.Long}}, {Name: "d", Type: base.Type{ID: base.Double}}, {Name: "s", Type: base.Type{ID: base.String}},
	{Name: "day", Type: base.Type{ID: base.Date}}, {Name: "at", Type: base.Type{ID: base.Timestamp}}, {Name: "p", Type: base.DecimalOf(8, 2)},
	{Name: "b", Type: base.Type{ID: base.Boolean}},
}

func fieldTypes() map[string]base.Type {
	out := map[string]base.Type{}
	for _, f := range fields {
		out[f.Name] = f.Type
	}
	return out
}

func TestFitKeepsOnlyWhatTheColumnsTypeAnswersExactly(t *testing.T) {
	for where, want := range map[string]string{
		`N = 1`:                                  "n = 1",
		`n = 1.5`:                                "all",
		`n = '1'`:                                "all",
		`s = 'x'`:                                "s = x",
		`s = 1`:                                  "all",
		`d > 1`:                                  "d > 1",
		`d > 9007199254740993`:                   "all",
		`p >= 1.25`:                              "p >= 1.25",
		`p = 3`:                                  "p = 3",
		`b = true`:                               "b = true",
		`day = '2014-01-31'`:                     "day = 2014-01-31 00:00:00 +0000 UTC",
		`day = date '2014-01-31'`:                "day = 2014-01-31 00:00:00 +0000 UTC",
		`day = '2014-1-31'`:                      "all",
		`day = timestamp '2014-01-31 10:00:00'`:  "all",
		`"at" < timestamp '2014-01-31 10:00:00'`: "at < 2014-01-31 10:00:00 +0000 UTC",
		`nope = 1`:                               "all",
		`n = 1 and nope = 2`:                     "(n = 1)",
		`n = 1 or nope = 2`:                      "all",
		`n in (1, 2.5)`:                          "all",
		`n in (1, 2) or s in ('a')`:              "(n in [1 2] or s in [a])",
		`nope is null`:                           "all",
		`s is not null`:                          "s is not null",
	} {
		a := analyze(t, "select * from t where "+where, nil)
		if got := show(ducksql.Fit(a.Refs[0].Where, fields)); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
}

func TestSelectAliasIsNotTakenForAColumn(t *testing.T) {
	a := analyze(t, `select n + 1 as total from t where total = 5 and n = 2`, nil)
	if got := show(ducksql.Fit(a.Refs[0].Where, fields)); got != "(n = 2)" {
		t.Errorf("got %s", got)
	}
}

func TestAnyOfNeedsEverythingIfOneReferenceDoes(t *testing.T) {
	x, y := base.Compare{Column: "n", Op: base.Eq, Value: int64(1)}, base.Compare{Column: "n", Op: base.Eq, Value: int64(2)}
	for want, preds := range map[string][]base.Predicate{"n = 1": {x}, "(n = 1 or n = 2)": {x, y}, "all": {x, nil}} {
		if got := show(ducksql.AnyOf(preds)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// comparable are the constants a column can be compared with at all.
var comparable = map[string][]string{
	"n":   {"0", "1", "-2", "7", "1.5", "2.50", "1e0", "'1'", "null", "cast(1 as bigint)", "true"},
	"d":   {"0", "1", "-2", "1.5", "2.50", "-0.25", "1e0", "'1'", "null"},
	"s":   {"'a'", "'B'", "'가'", "'나무'", "''", "'1'", "null"},
	"p":   {"0", "1", "-2", "1.5", "2.50", "-0.25", "1e0", "'1'", "null"},
	"b":   {"true", "false", "null", "cast('t' as boolean)"},
	"day": {"'2014-01-02'", "date '2014-01-02'", "date '2014-01-01'", "timestamp '2014-01-02 00:00:00'", "timestamp '2014-01-02 10:30:00.5'", "null", "cast('2014-01-01' as date)"},
	"at":  {"'2014-01-02'", "date '2014-01-02'", "timestamp '2014-01-02 00:00:00'", "timestamp '2014-01-02 10:30:00.5'", "timestamp '2014-01-02 10:30:00.1234567'", "null"},
}

func clause(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		l, right := clause(r, depth-1), clause(r, depth-1)
		switch r.IntN(5) {
		case 0, 1:
			return "(" + l + " AND " + right + ")"
		case 2, 3:
			return "(" + l + " OR " + right + ")"
		}
		return "NOT (" + l + ")"
	}
	f := fields[r.IntN(len(fields))].Name
	pick := func() string { c := comparable[f]; return c[r.IntN(len(c))] }
	col := `"` + f + `"`
	if r.IntN(3) == 0 {
		col = `t.` + col
	}
	ops := []string{"=", "<>", "<", "<=", ">", ">="}
	switch r.IntN(9) {
	case 0:
		return fmt.Sprintf("%s BETWEEN %s AND %s", col, pick(), pick())
	case 1:
		return fmt.Sprintf("%s IN (%s, %s)", col, pick(), pick())
	case 2:
		return fmt.Sprintf("%s NOT IN (%s, %s)", col, pick(), pick())
	case 3:
		return col + " IS NULL"
	case 4:
		return col + " IS NOT NULL"
	case 5:
		return fmt.Sprintf("%s %s %s", pick(), ops[r.IntN(len(ops))], col)
	case 6:
		return fmt.Sprintf("%s IS DISTINCT FROM %s", col, pick())
	}
	return fmt.Sprintf("%s %s %s", col, ops[r.IntN(len(ops))], pick())
}

const randomTable = `CREATE OR REPLACE TEMP TABLE t AS SELECT
	CASE WHEN i % 5 = 0 THEN NULL ELSE (i * 7 % 11 - 3)::BIGINT END AS n,
	CASE WHEN i % 7 = 0 THEN NULL WHEN i % 13 = 0 THEN 'nan'::DOUBLE WHEN i % 17 = 0 THEN '-0.0'::DOUBLE ELSE (i % 9 - 4) / 2 END AS d,
	CASE WHEN i % 6 = 0 THEN NULL ELSE ['a', 'B', '가', '나무', '', '1', 'b'][i % 7 + 1] END AS s,
	CASE WHEN i % 8 = 0 THEN NULL ELSE DATE '2014-01-01' + (i % 4)::INTEGER END AS day,
	CASE WHEN i % 9 = 0 THEN NULL ELSE [TIMESTAMP '2014-01-02 00:00:00', '2014-01-02 10:30:00.5', '2014-01-02 10:30:00.123456', '2014-01-02 10:30:00.123457', '2013-12-31 23:59:59'][i % 5 + 1] END AS "at",
	CASE WHEN i % 4 = 0 THEN NULL ELSE ((i % 12 - 5) * 0.25)::DECIMAL(8,2) END AS p,
	CASE WHEN i % 3 = 0 THEN NULL ELSE i % 2 = 0 END AS b
FROM range(200) r(i)`

// TestPushedPredicateRefusesNoRowTheClauseKeeps is the promise that pruning
// and pushdown rest on.
func TestPushedPredicateRefusesNoRowTheClauseKeeps(t *testing.T) {
	s := session(t)
	if err := s.Exec(t.Context(), randomTable); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 20140101))
	pushed := 0
	for range 1500 {
		where := clause(r, 3)
		a := analyze(t, "select * from t where "+where, nil)
		p := ducksql.Fit(a.Refs[0].Where, fields)
		if p == nil {
			continue
		}
		rs, err := s.Query(t.Context(), `select n, d, s, day, "at", p, b from t where `+where)
		if err != nil {
			continue // types that cannot be compared are the engine's to refuse
		}
		pushed++
		for rs.Next() {
			v, err := rs.Values()
			if err != nil {
				t.Fatal(err)
			}
			row := map[string]any{}
			for i, f := range fields {
				row[f.Name] = v[i]
			}
			if !keeps(t, p, row) {
				t.Errorf("%s\nkeeps %v, but what is pushed refuses it: %s", where, v, show(p))
				break
			}
		}
		rs.Close()
	}
	if pushed < 500 {
		t.Errorf("only %d clauses pushed anything", pushed)
	}
}

// keeps evaluates a predicate by SQL's rules; NULL is not true.
func keeps(t *testing.T, p base.Predicate, row map[string]any) bool {
	switch x := p.(type) {
	case base.And:
		for _, c := range x {
			if !keeps(t, c, row) {
				return false
			}
		}
		return true
	case base.Or:
		for _, c := range x {
			if keeps(t, c, row) {
				return true
			}
		}
		return false
	case base.IsNull:
		return (row[x.Column] == nil) != x.Not
	case base.In:
		for _, v := range x.Values {
			if keeps(t, base.Compare{Column: x.Column, Op: base.Eq, Value: v}, row) {
				return true
			}
		}
		return false
	case base.Compare:
		if row[x.Column] == nil {
			return false
		}
		c := order(t, row[x.Column], x.Value)
		switch x.Op {
		case base.Eq:
			return c == 0
		case base.Ne:
			return c != 0
		case base.Lt:
			return c < 0
		case base.Le:
			return c <= 0
		case base.Gt:
			return c > 0
		}
		return c >= 0
	}
	t.Fatalf("unknown predicate %T", p)
	return false
}

func order(t *testing.T, have, want any) int {
	switch h := have.(type) {
	case int64:
		return cmp.Compare(h, want.(int64))
	case float64:
		switch w := want.(float64); { // the engine holds NaN for the greatest number
		case h != h && w != w:
			return 0
		case h != h:
			return 1
		default:
			return cmp.Compare(h+0, w+0)
		}
	case string:
		return strings.Compare(h, want.(string))
	case bool:
		return cmp.Compare(fmt.Sprint(h), fmt.Sprint(want))
	case time.Time:
		return h.Compare(want.(time.Time))
	case base.DecimalText:
		return rat(t, h).Cmp(rat(t, want))
	}
	t.Fatalf("unknown value %T", have)
	return 0
}

func rat(t *testing.T, v any) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(fmt.Sprint(v))
	if !ok {
		t.Fatalf("%v is no number", v)
	}
	return r
}
