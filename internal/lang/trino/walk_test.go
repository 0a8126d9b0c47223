package trino_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

func TestTablesLeavesOutNamesOfWith(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT * FROM a, b.c JOIN d.e.f g ON true", "a b.c d.e.f"},
		{"WITH a AS (SELECT * FROM b) SELECT * FROM a, c", "b c"},
		{"WITH A AS (TABLE a) SELECT * FROM \"a\"", "a"},
		{"WITH a AS (TABLE t), b AS (TABLE a) TABLE b", "t"},
		{"WITH b AS (TABLE a), a AS (TABLE t) TABLE b", "a t"},
		{"WITH RECURSIVE a(n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM a, x) SELECT * FROM a", "x"},
		{"WITH a AS (TABLE t) SELECT * FROM s.a", "t s.a"},
		{"SELECT (WITH q AS (TABLE t) SELECT max(x) FROM q) FROM q", "t q"},
		{"WITH q AS (TABLE t) SELECT * FROM (SELECT * FROM q WHERE x IN (SELECT y FROM q, u)) v, LATERAL (SELECT 1 FROM w)", "t u w"},
		{"WITH q AS (TABLE t) SELECT * FROM (WITH q AS (TABLE q) TABLE q)", "t"},
		{"(WITH q AS (TABLE t) TABLE q) UNION TABLE q", "t q"},
		{"SELECT EXISTS (TABLE 고객), ARRAY[(TABLE b)], sum(x) OVER (ORDER BY (TABLE c)) FILTER FROM UNNEST((TABLE d)) ORDER BY (TABLE e)", "고객 b c d e"},
		{"INSERT INTO target WITH q AS (TABLE a) TABLE q", "a"},
		{"CREATE TABLE target AS SELECT * FROM a FOR VERSION AS OF 1", "a"},
		{"CREATE VIEW v AS TABLE a", "a"},
		{"MERGE INTO target USING (SELECT * FROM s) x ON EXISTS (TABLE b) WHEN MATCHED AND 1 = (TABLE c) THEN UPDATE SET a = (TABLE d) WHEN NOT MATCHED THEN INSERT VALUES ((TABLE e))", "s b c d e"},
		{"DELETE FROM target WHERE a IN (TABLE b)", "b"},
		{"UPDATE target SET a = (TABLE b) WHERE c = ANY (TABLE d)", "b d"},
		{"EXPLAIN UNLOAD (TABLE a) TO 'x'", "a"},
		{"PREPARE p FROM TABLE a", "a"},
		{"SELECT * FROM TABLE(exclude_columns(input => TABLE(a), columns => DESCRIPTOR(b))), t TABLESAMPLE BERNOULLI (1), (u)", "a t u"},
		{"SELECT * FROM m MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)", "m"},
		{"SHOW STATS FOR (SELECT * FROM a)", "a"},
		{"SELECT 1 GROUP BY GROUPING SETS (((TABLE a)), ()) HAVING (TABLE b) WINDOW w AS (ORDER BY (TABLE c))", "a b c"},
		{"SELECT json_value((TABLE a), '$' PASSING (TABLE b) AS x DEFAULT (TABLE c) ON EMPTY), json_object('a' : (TABLE d)), CASE (TABLE e) WHEN (TABLE f) THEN (TABLE g) ELSE (TABLE h) END", "a b c d e f g h"},
		{"SHOW TABLES FROM a", ""},
	} {
		s, err := trino.Parse(c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		var got []string
		for _, x := range trino.Tables(s) {
			got = append(got, x.Name.String())
			if text := c.sql[x.Start:x.End]; !strings.Contains(strings.ToLower(text), x.Name.Parts[len(x.Name.Parts)-1].Text) {
				t.Errorf("%s: %s stands at %q", c.sql, x.Name, text)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.sql, s, c.want)
		}
	}
}

func TestParamsAreCountedInTheOrderOfTheText(t *testing.T) {
	const sql = "WITH q AS (SELECT ? AS a) SELECT ?, sum(x) FILTER (WHERE a > ?) OVER (ORDER BY ? ROWS ? PRECEDING) FROM q, UNNEST(?) TABLESAMPLE SYSTEM (?) WHERE x BETWEEN ? AND ? AND y LIKE ? ESCAPE ? GROUP BY ? HAVING ? OFFSET ? LIMIT ?"
	s, err := trino.Parse(sql)
	if err != nil {
		t.Fatal(err)
	}
	if n := trino.Params(s); n != strings.Count(sql, "?") {
		t.Errorf("got %d params", n)
	}
	last, next := -1, 0
	trino.Walk(s, func(n trino.Node) bool {
		if p, ok := n.(*trino.Param); ok {
			if p.Start <= last || p.Index != next {
				t.Errorf("param %d at %d comes after %d", p.Index, p.Start, last)
			}
			last = p.Start
			next++
		}
		return true
	})
}

// Walk reaches every node that the tree holds: as many as reflection finds.
func TestWalkReachesEveryNode(t *testing.T) {
	for _, sql := range cases(t, "statements.txt") {
		s, err := trino.Parse(sql)
		if err != nil {
			t.Fatal(err)
		}
		want, got := map[string]int{}, map[string]int{}
		count(reflect.ValueOf(s), want)
		trino.Walk(s, func(n trino.Node) bool {
			got[fmt.Sprintf("%T", n)]++
			return true
		})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nwalk %v\nhas  %v", sql, got, want)
		}
	}
}

// count finds the nodes behind pointers that Walk visits.
func count(v reflect.Value, into map[string]int) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			count(v.Elem(), into)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		switch v.Interface().(type) {
		case trino.Expr, trino.Body, trino.TableRef, trino.Statement, *trino.Query:
			into[v.Type().String()]++
		}
		count(v.Elem(), into)
	case reflect.Slice:
		for i := range v.Len() {
			count(v.Index(i), into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			count(v.Field(i), into)
		}
	}
}

func TestWalkStopsWhereItIsTold(t *testing.T) {
	s, err := trino.Parse("SELECT a + b * 2 FROM t JOIN u ON c UNION SELECT d")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"*trino.Binary", "*trino.Join", "*trino.SetOp", "*trino.Query", "*trino.QueryStatement"} {
		var after []string
		trino.Walk(s, func(n trino.Node) bool {
			after = append(after, fmt.Sprintf("%T", n))
			return after[len(after)-1] != kind
		})
		inside := 0
		for _, k := range after {
			if k == kind {
				inside++
			}
		}
		if inside != 1 {
			t.Errorf("%s is entered: %v", kind, after)
		}
	}
}
