package query_test

import (
	"fmt"
	"strings"
	"testing"
)

// sqlText quotes a text for SQL.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// oneColumn asks a query for the values of its only column, as JSON.
func oneColumn(t *testing.T, ask func(sql string) answer, sql string) string {
	t.Helper()
	a := ask(sql)
	if a.err != nil {
		return "error " + code(a.err)
	}
	return text(a.rows)
}

// Constant arguments are lowered to the engine's own functions where they can
// be; the same call on columns runs in Go. Both must give the same answer.
func TestConstantsAndColumnsAnswerAlike(t *testing.T) {
	s, b := session(t), newBench(t)
	run := func(sql string) answer { return ask(t, s, b, oracleCase{SQL: sql}) }
	texts := []string{"", "a", "abc", "가나다", "a,b,,c", "1a 2b 14m", "주문 12 건 34", "aXbXc\n", "e\u0301x", "Straße", "한 글", "\n", "x=1&y=2", "ааа", "a\\b$c"}
	var rows []string
	for i, x := range texts {
		rows = append(rows, fmt.Sprintf("(%d, %s)", i, sqlText(x)))
	}
	patterns := []string{`\d+`, `(\d+)([a-z]+)`, `a|ab`, `^a`, `c$`, `\ba`, `\s*[a-z]+\s*`, `[가-힣]+`, `x*`, `(a)(b)?`, `(?i)ß`, `(?i)x`, `.`, `\w+`, `[^a-z]`, `\$`, `(?:a|가)+?`, `\p{L}{2}`, `(?s).+`, `(?m)^.`, `a{2,}`, `(?<n>b)`, `а+`, `(a|b)+`, `\D+`, `\S+`, `\W`, `[\d가]`, `[^\s,]+`, `\x41`, `a.c`, `[[:alpha:]]+`, `[a-c&&b]`, `\Qa,\E`, `(?x) a b # 주석`, `\bX`, `[가-힣&&[^나]]`, `a{0,1}b`, `(|a)b`}
	calls := []string{"regexp_like(x, %s)", "regexp_extract(x, %s)", "regexp_extract_all(x, %s)", "regexp_split(x, %s)", "regexp_count(x, %s)", "regexp_replace(x, %s)", "regexp_replace(x, %s, '<$0\\$\\\\>')", "strpos(x, %s)", "split(x, %s)", "split_part(x, %s, 2)", "replace(x, %s, '-')", "starts_with(x, %s)"}
	for _, group := range []string{"1", "2"} {
		calls = append(calls, "regexp_extract(x, %s, "+group+")")
	}
	for _, call := range calls {
		for _, p := range patterns {
			from := fmt.Sprintf(" FROM (VALUES %s) t(i, x) ORDER BY i", strings.Join(rows, ", "))
			constant := oneColumn(t, run, "SELECT "+fmt.Sprintf(call, sqlText(p))+from)
			column := oneColumn(t, run, "SELECT "+fmt.Sprintf(call, "p")+fmt.Sprintf(" FROM (VALUES %s) t(i, x) CROSS JOIN (VALUES %s) u(p) ORDER BY i", strings.Join(rows, ", "), sqlText(p)))
			if constant != column || strings.Contains(constant, "error GENERIC") {
				t.Errorf("%s of %s: constant gives %s, column %s", call, p, constant, column)
			}
		}
	}
}

func TestNumbersOfTextsAnswerAlike(t *testing.T) {
	s, b := session(t), newBench(t)
	run := func(sql string) answer { return ask(t, s, b, oracleCase{SQL: sql}) }
	for _, call := range []string{"substr(x, %s)", "substr(x, %s, 2)", "substr(x, 2, %s)", "substr(x, -2, %s)", "lpad(x, %s, '가-')", "rpad(x, %s, 'ab')", "split_part(x, 'b', %s)", "substr(to_utf8(x), %s)", "substr(to_utf8(x), %s, 2)"} {
		for _, n := range []string{"0", "1", "2", "3", "7", "-1", "-2", "-9", "3000000000", "-9223372036854775808"} {
			constant := oneColumn(t, run, "SELECT "+fmt.Sprintf(call, n)+" FROM (VALUES '가나b다', '', 'abcb') t(x)")
			column := oneColumn(t, run, "SELECT "+fmt.Sprintf(call, "n")+" FROM (VALUES '가나b다', '', 'abcb') t(x) CROSS JOIN (VALUES bigint '"+n+"') u(n)")
			if constant != column || strings.Contains(constant, "error GENERIC") {
				t.Errorf("%s of %s: constant gives %s, column %s", call, n, constant, column)
			}
		}
	}
}
