package ducksql_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

// tables lists what a statement reads, in order, with what is pushed to each.
func tables(a *ducksql.Analysis) string {
	var out []string
	for _, r := range a.Refs {
		text := strings.Join(r.Parts(), ".")
		if r.Where != nil {
			text += " where " + show(r.Where)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestAnalyzeFindsTablesAndWhatIsAskedOfThem(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		{"three parts", `select a from c.s.t`, "c.s.t"},
		{"quoted Korean", `select * from "데이터"."구매 정보"`, "데이터.구매 정보"},
		{"FROM first", `from t`, "t"},
		{"union", `select a from t where a = 1 union all select b from u where b = 2`, "t where a = 1; u where b = 2"},
		{"subquery in FROM", `select * from (select * from t where a > 1) q where q.b = 2`, "t where a > 1"},
		{"subquery in SELECT", `select (select max(x) from u) from t`, "t; u"},
		{"subquery in WHERE", `select * from t where a in (select b from u where c = 3) and d = 4`, "t where (d = 4); u where c = 3"},
		{"subquery in ORDER BY", `select * from t order by (select max(x) from u)`, "t; u"},
		{"subquery in ON", `select * from t join u on t.a = u.a and t.b = (select max(z) from v)`, "t; u; v"},
		{"CTE hides table", `with t as (select 1 as a) select * from t`, ""},
		{"CTE reads the table it hides", `with t as (select * from t where b = 1) select * from t where a = 2`, "t where b = 1"},
		{"later CTE sees earlier", `with x as (select * from t), y as (select * from x) select * from y`, "t"},
		{"CTE of a subquery ends there", `select * from (with x as (select 1) select * from x) q, x`, "x"},
		{"CTE does not hide qualified names", `with t as (select 1) select * from s.t`, "s.t"},
		{"recursive CTE", `with recursive r as (select 1 as n union all select n + 1 from r, t where n < 3) select * from r`, "t"},
		{"AND", `select * from t where a = 1 and b <> 'x' and 3 < c`, "t where (a = 1 and b <> x and c > 3)"},
		{"AND keeps what it can", `select * from t where a = 1 and lower(b) = 'x'`, "t where (a = 1)"},
		{"OR", `select * from t where a = 1 or b = 2`, "t where (a = 1 or b = 2)"},
		{"OR with what it cannot", `select * from t where a = 1 or lower(b) = 'x'`, "t"},
		{"NOT", `select * from t where not (a = 1)`, "t where a <> 1"},
		{"BETWEEN", `select * from t where a between 1 and 5`, "t where (a >= 1 and a <= 5)"},
		{"NOT BETWEEN", `select * from t where a not between 1 and 5`, "t"},
		{"IN", `select * from t where a in (1, 2)`, "t where a in [1 2]"},
		{"IN with NULL", `select * from t where a in (1, null)`, "t"},
		{"NOT IN", `select * from t where a not in (1, 2)`, "t"},
		{"IS NULL", `select * from t where a is null and b is not null`, "t where (a is null and b is not null)"},
		{"compare with NULL", `select * from t where a = null`, "t"},
		{"IS DISTINCT FROM", `select * from t where a is distinct from 1`, "t"},
		{"constant on the left", `select * from t where 1 <= a`, "t where a >= 1"},
		{"negative and decimal", `select * from t where a > -1.50`, "t where a > -1.50"},
		{"two columns", `select * from t where a = b`, "t"},
		{"HAVING is not WHERE", `select a, count(*) from t group by a having a = 1`, "t"},
		{"QUALIFY is not WHERE", `select * from t qualify row_number() over (order by a) = 1`, "t"},
		{"join by alias", `select * from t x join u y on x.a = y.a where x.b = 1 and y.c = 2 and x.d = y.d`, "t where (b = 1); u where (c = 2)"},
		{"left join", `select * from t left join u on t.a = u.a where t.b = 1 and u.c = 2`, "t where (b = 1); u"},
		{"right join", `select * from t right join u on t.a = u.a where t.b = 1 and u.c = 2`, "t; u where (c = 2)"},
		{"full join", `select * from t full join u on t.a = u.a where t.b = 1 and u.c = 2`, "t; u"},
		{"condition of a join", `select * from t join u on t.a = u.a and t.b = 1`, "t; u"},
		{"unqualified in a join", `select * from t join u on t.a = u.a where b = 1`, "t; u"},
		{"positional join", `select * from t positional join u where t.a = 1`, "t; u"},
		{"asof join", `select * from t asof join u on t.a >= u.a where u.b = 1`, "t; u"},
		{"sample", `select * from t tablesample 3 rows where a = 1`, "t"},
		{"sample of the result", `select * from t where a = 1 using sample 3 rows`, "t"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := tables(analyze(t, c.sql, nil)); got != c.want {
				t.Errorf("%s\ngot  %s\nwant %s", c.sql, got, c.want)
			}
		})
	}
}

func TestParametersArePushedAsTheirValues(t *testing.T) {
	a := analyze(t, `select * from t where d between $FROM and $TO and e = $MISSING`, ducksql.Params{"FROM": "20140101", "TO": "20141231", "MISSING": nil})
	if got := tables(a); got != "t where ((d >= 20140101 and d <= 20141231))" {
		t.Errorf("got %s", got)
	}
}

func TestProjectionNamesEveryColumnThatMayBeNeeded(t *testing.T) {
	for _, c := range []struct {
		sql  string
		all  []bool
		need string
	}{
		{`select A, b + c from t where d = 1 group by e having max(f) > 1 order by g`, []bool{false}, "a b c d e f g"},
		{`select * from t`, []bool{true}, ""},
		{`select t.*, u.b from t join u using (k)`, []bool{true, false}, "b k"},
		{`select count(*) from t`, []bool{false}, ""},
		{`select t from t`, []bool{true}, "t"},
		{`select a from t natural join u`, []bool{true, true}, "a"},
		{`select columns('a.*') from t`, []bool{true}, ""},
		{`with x as (select * from t) select a from x`, []bool{true}, "a"},
		{`select 가격 from t`, []bool{false}, "가격"},
	} {
		a := analyze(t, c.sql, nil)
		var need []string
		for i, r := range a.Refs {
			if i < len(c.all) && r.All != c.all[i] {
				t.Errorf("%s: all columns of %s: %v, want %v", c.sql, r.Table, r.All, c.all[i])
			}
			for n := range r.Names {
				need = append(need, n)
			}
			break
		}
		slices.Sort(need)
		for _, n := range strings.Fields(c.need) {
			if !slices.Contains(need, n) {
				t.Errorf("%s: %q is not among the names %v", c.sql, n, need)
			}
		}
	}
}

func TestTableFunctionsThatReachOutsideAreRefused(t *testing.T) {
	for _, f := range []string{
		"read_csv('/etc/passwd')", "read_csv_auto('x')", "read_parquet('x')", "parquet_scan('x')", "read_json('x')", "read_text('x')",
		"read_blob('x')", "glob('*')", "sniff_csv('x')", "query('select 1')", "query_table('t')", "duckdb_settings()", "duckdb_secrets()",
		"enable_logging(storage='file')", "pragma_version()", "checkpoint()", "sqlite_scan('a', 'b')", "seq_scan('t')",
	} {
		for _, sql := range []string{
			"select * from " + f, "select (select count(*) from " + f + ")", "with x as (select * from " + f + ") select * from x",
			"select * from t join " + f + " as g on true", "select * from t where a in (select 1 from " + f + ")", "select 1 union all select 1 from " + f,
		} {
			_, err := parse(t, sql).Analyze(nil)
			var list base.Errors
			if !errors.As(err, &list) || list[0].Kind != base.Denied || list[0].Place == nil {
				t.Errorf("%s: got %v", sql, err)
			}
		}
	}
	for _, sql := range []string{`select * from range(3)`, `select * from unnest([1, 2])`, `select * from generate_series(1, 3)`, `select * from (values (1)) v`} {
		if _, err := parse(t, sql).Analyze(nil); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestOnlyOneSelectIsParsed(t *testing.T) {
	for sql, want := range map[string]string{
		"insert into t values (1)":   "line 1:1: only a SELECT can run here",
		"\n  drop table t":           "line 2:3: only a SELECT can run here",
		"select 1; select 2":         "one SELECT is wanted here, this text holds 2 statements",
		"select 1; drop table t":     "only a SELECT",
		"select '한글' frm t u":        `line 1:17: syntax error at or near "t"`,
		"select '한글',\n  from where": `line 2:8: syntax error at or near "where"`,
		"copy t to 'x'":              "line 1:1: only a SELECT can run here",
		"set threads = 1":            "only a SELECT",
		"attach 'x'":                 "only a SELECT",
		"install httpfs":             "only a SELECT",
	} {
		if _, err := tryParse(t, sql); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
}

func TestUnknownParameterIsPlaced(t *testing.T) {
	_, err := parse(t, "select $DAY,\n '한글', $DYA from t").Analyze(ducksql.Params{"DAY": "x"})
	if err == nil || err.Error() != "line 2:8: there is no parameter $DYA" {
		t.Errorf("got %v", err)
	}
}
