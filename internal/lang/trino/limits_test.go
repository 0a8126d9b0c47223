package trino_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

func TestNestingIsBounded(t *testing.T) {
	for _, c := range []struct{ name, open, core, end string }{
		{"parentheses", "(", "1", ")"},
		{"not", "NOT ", "true", ""},
		{"signs", "- ", "1", ""},
		{"case", "CASE WHEN true THEN ", "1", " END"},
		{"calls", "abs(", "1", ")"},
		{"arrays", "ARRAY[", "1", "]"},
		{"rows", "ROW(", "1", ")"},
		{"subscripts", "a[", "1", "]"},
		{"lambdas", "x -> ", "1", ""},
		{"subqueries", "(SELECT ", "1", ")"},
		{"exists", "EXISTS (SELECT ", "1", ")"},
		{"in", "1 IN (", "1", ")"},
		{"types", "CAST(1 AS ", "row(x int)", ")"},
		{"casts", "CAST(", "1", " AS int)"},
		{"json", "json_array(", "1", ")"},
		{"windows", "sum(1) OVER (ORDER BY ", "1", ")"},
		{"from", "(SELECT 1 FROM ", "(VALUES 1)", ")"},
		{"joins", "(SELECT 1 FROM a JOIN ", "b", ")"},
		{"nested tables", "(SELECT 1 FROM (", "t", "))"},
	} {
		nest := func(n int) error {
			_, err := trino.ParseExpr(strings.Repeat(c.open, n) + c.core + strings.Repeat(c.end, n))
			return err
		}
		if c.name == "types" || c.name == "joins" {
			continue // not an expression when repeated; below
		}
		if err := nest(120); err != nil {
			t.Errorf("%s: 120 levels: %v", c.name, err)
		}
		if err := nest(15_000); base.CodeOf(err) != "STACK_OVERFLOW" {
			t.Errorf("%s: 15,000 levels: %v", c.name, err)
		}
	}
	for _, sql := range []string{
		"SELECT CAST(1 AS " + strings.Repeat("row(x ", 20_000) + "int" + strings.Repeat(")", 20_000) + ")",
		"SELECT CAST(1 AS " + strings.Repeat("array<", 20_000) + "int" + strings.Repeat(">", 20_000) + ")",
		"SELECT CAST(1 AS int" + strings.Repeat(" array", 20_000) + ")",
		"SELECT 1 FROM a" + strings.Repeat(" JOIN b", 20_000) + strings.Repeat(" ON true", 20_000),
		strings.Repeat("EXPLAIN ", 20_000) + "SELECT 1",
		strings.Repeat("PREPARE p FROM ", 20_000) + "SELECT 1",
		strings.Repeat("(", 20_000) + "SELECT 1" + strings.Repeat(")", 20_000),
		"SELECT 1" + strings.Repeat(" + 1", 20_000),
		"SELECT a" + strings.Repeat(".b", 20_000),
		"SELECT a" + strings.Repeat("[1]", 20_000),
		"SELECT a" + strings.Repeat(" AT TIME ZONE 'UTC'", 20_000),
		"SELECT 1 FROM a" + strings.Repeat(" CROSS JOIN b", 20_000),
		"SELECT 1 FROM a" + strings.Repeat(" JOIN b ON true", 20_000),
	} {
		if _, err := trino.Parse(sql); base.CodeOf(err) != "STACK_OVERFLOW" {
			t.Errorf("%.60s...: %v", sql, err)
		}
	}
}

func TestTooDeepIsUnderlined(t *testing.T) {
	_, err := trino.Parse("SELECT " + strings.Repeat("(", 600) + "1" + strings.Repeat(")", 600))
	if got := base.KindOf(err).String() + " " + err.Error(); got != "invalid line 1:506: statement is nested too deep (the limit is 500 levels)" {
		t.Error(got)
	}
}

// Flat lists are read, walked and printed without deep recursion and fast, however long they are.
func TestLongFlatListsAreFast(t *testing.T) {
	const n = 100_000
	for _, c := range []struct{ name, head, sep, item string }{
		{"and", "SELECT 1 FROM t WHERE a", " AND ", "a"},
		{"or", "SELECT 1 FROM t WHERE a=1", " OR ", "a=1"},
		{"in", "SELECT a IN (1", ", ", "12"},
		{"values", "VALUES 1", ", ", "(1,2)"},
		{"union", "TABLE t", " UNION ", "TABLE"},
		{"select", "SELECT a", ", ", "b"},
		{"from", "SELECT 1 FROM a", ", ", "b"},
		{"array", "SELECT ARRAY[1", ", ", "1"},
		{"concat", "SELECT concat('a'", ", ", "'b'"},
		{"case", "SELECT CASE WHEN a THEN 1", " ", "WHEN a THEN 1"},
		{"cte", "WITH a AS (TABLE t)", ", ", "b AS (TABLE t)"},
	} {
		item, many := c.item, n
		if c.name == "union" {
			item = "TABLE t"
		}
		many = min(many, (1<<20-100)/len(c.sep+item))
		tail := map[string]string{"in": ")", "array": "]", "concat": ")", "case": " END", "cte": " SELECT 1"}[c.name]
		sql := c.head + strings.Repeat(c.sep+item, many) + tail
		begin := time.Now()
		s, err := trino.Parse(sql)
		took := time.Since(begin)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		nodes := 0
		trino.Walk(s, func(trino.Node) bool { nodes++; return true })
		if nodes < many {
			t.Errorf("%s: %d nodes for %d items", c.name, nodes, many)
		}
		if again, err := trino.Parse(trino.Print(s)); err != nil && base.CodeOf(err) != "QUERY_TEXT_TOO_LARGE" || again == nil && err == nil {
			t.Errorf("%s: printed text: %v", c.name, err)
		}
		if took > 5*time.Second {
			t.Errorf("%s: %d items took %v", c.name, many, took)
		}
	}
}

func TestTextOverOneMegabyteIsRefused(t *testing.T) {
	fits := "SELECT '" + strings.Repeat("가", (1<<20-10)/3) + "'"
	if _, err := trino.Parse(fits); err != nil {
		t.Error(err)
	}
	_, err := trino.Parse(fits + strings.Repeat(" ", 20))
	if base.CodeOf(err) != "QUERY_TEXT_TOO_LARGE" || base.KindOf(err) != base.Invalid {
		t.Error(err)
	}
	for _, sql := range []string{strings.Repeat("(", 1<<20), strings.Repeat("a", 1<<20), strings.Repeat("'", 1<<20-1), strings.Repeat("a.", 1<<19),
		strings.Repeat("((a,", 1<<18), strings.Repeat("x->", 1<<18), "0x" + strings.Repeat("f", 1<<19), strings.Repeat("/*", 1<<19), strings.Repeat("=any(", 1<<17)} {
		if _, err := trino.Parse("SELECT " + sql[:len(sql)-10]); err == nil && sql[0] != 'a' {
			t.Errorf("%.20s... is taken", sql)
		}
	}
}

func TestBrokenUTF8IsUnderlined(t *testing.T) {
	_, err := trino.Parse("SELECT '가\xff'")
	if got := fmt.Sprint(err); got != "line 1:10: the statement is not valid UTF-8" || base.CodeOf(err) != "SYNTAX_ERROR" {
		t.Error(got)
	}
}
