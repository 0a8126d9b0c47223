package trino_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

var update = flag.Bool("update", false, "rewrite the expected results under testdata")

// golden runs every case of a file of cases: statements separated by lines of
// "====", each with its expected result after a line of "----".
func golden(t *testing.T, file string, result func(sql string) string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, block := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n====\n") {
		sql, want, _ := strings.Cut(block, "\n----\n")
		got := result(sql)
		if got != want && !*update {
			t.Errorf("%s\ngot\n%s\nwant\n%s", sql, got, want)
		}
		out = append(out, sql+"\n----\n"+got)
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n====\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// cases lists the statements of a file of cases.
func cases(t testing.TB, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, block := range strings.Split(string(raw), "\n====\n") {
		sql, _, _ := strings.Cut(block, "\n----\n")
		out = append(out, sql)
	}
	return out
}

func TestStatementsBecomeTrees(t *testing.T) {
	golden(t, "statements.txt", func(sql string) string {
		s, err := trino.Parse(sql)
		if err != nil {
			t.Error(base.Render(err))
			return base.Render(err)
		}
		return dump(s)
	})
}

func TestMistakesAreUnderlined(t *testing.T) {
	golden(t, "mistakes.txt", func(sql string) string {
		s, err := trino.Parse(sql)
		if err == nil {
			return "no mistake: " + dump(s)
		}
		return base.CodeOf(err) + " " + base.Render(err)
	})
}

// An expression or query alone takes nothing behind it.
func TestExpressionAndQueryStandAlone(t *testing.T) {
	if x, err := trino.ParseExpr("a + 1 -- 끝"); err != nil || trino.FormatExpr(x) != "a + 1" {
		t.Error(x, err)
	}
	if q, err := trino.ParseQuery("(SELECT 1) ORDER BY 1"); err != nil || trino.Print(q) != "(SELECT 1) ORDER BY 1" {
		t.Error(q, err)
	}
	if x, err := trino.ParseExpr("a -- 주석\r+ 1"); err != nil || trino.FormatExpr(x) != "a + 1" {
		t.Error(x, err)
	}
	for _, sql := range []string{"a b", "SELECT 1", "", "a,b"} {
		if x, err := trino.ParseExpr(sql); base.CodeOf(err) != "SYNTAX_ERROR" || x != nil {
			t.Errorf("%q: %v, %v", sql, x, err)
		}
	}
	for _, sql := range []string{"1", "SHOW TABLES", "SELECT 1 FROM t u v"} {
		if q, err := trino.ParseQuery(sql); base.CodeOf(err) != "SYNTAX_ERROR" || q != nil {
			t.Errorf("%q: %v, %v", sql, q, err)
		}
	}
}

// Names and strings made by a program are quoted where they must be.
func TestNamesAreQuotedWhereNeeded(t *testing.T) {
	for _, c := range []struct {
		name trino.Name
		want string
	}{
		{trino.Name{Text: "customer_no"}, "customer_no"},
		{trino.Name{Text: "Customer"}, "Customer"},
		{trino.Name{Text: "order"}, `"order"`},
		{trino.Name{Text: "year"}, "year"},
		{trino.Name{Text: "1a"}, `"1a"`},
		{trino.Name{Text: "고객"}, `"고객"`},
		{trino.Name{Text: "de-enhancement-db"}, `"de-enhancement-db"`},
		{trino.Name{Text: `a"b`}, `"a""b"`},
		{trino.Name{Text: "a", Raw: "A", Quoted: true}, `"A"`},
		{trino.Name{}, `""`},
	} {
		if got := trino.FormatName(c.name); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := trino.FormatString("it's 가"); got != "'it''s 가'" {
		t.Error(got)
	}
}

// A tree that no text gives directly is printed with the parentheses it needs.
func TestMadeTreesGetTheirParentheses(t *testing.T) {
	id := func(s string) trino.Expr { return &trino.Ident{Name: trino.Name{Text: s}} }
	sel := func(s string) trino.Body { return &trino.Select{Items: []trino.SelectItem{{X: id(s)}}} }
	tab := func(s string) trino.TableRef {
		return &trino.Table{Name: trino.QName{Parts: []trino.Name{{Text: s}}}}
	}
	cmp := &trino.Compare{Op: "=", X: id("a"), Y: id("b")}
	union := &trino.SetOp{Op: "union", Left: sel("a"), Right: sel("b")}
	cross := &trino.Join{Kind: "cross", Left: tab("b"), Right: tab("c")}
	for _, c := range []struct {
		node trino.Node
		want string
	}{
		{&trino.Compare{Op: "=", X: cmp, Y: &trino.Not{X: cmp}}, "(a = b) = (NOT a = b)"},
		{&trino.Logical{Op: "and", Terms: []trino.Expr{&trino.Logical{Op: "or", Terms: []trino.Expr{id("a"), id("b")}}, cmp}}, "(a OR b) AND a = b"},
		{&trino.Binary{Op: "-", X: id("a"), Y: &trino.Binary{Op: "-", X: id("b"), Y: id("c")}}, "a - (b - c)"},
		{&trino.Subscript{Base: &trino.Unary{Op: "-", X: id("a")}, Index: cmp}, "(-a)[(a = b)]"},
		{&trino.Deref{Base: &trino.IntLit{Text: "1"}, Field: trino.Name{Text: "x"}}, "(1).x"},
		{&trino.Unary{Op: "-", X: &trino.Unary{Op: "-", X: id("a")}}, "- -a"},
		{&trino.IsNull{X: &trino.Lambda{Params: []trino.Name{{Text: "x"}}, Body: id("x")}}, "(x -> x) IS NULL"},
		{&trino.SetOp{Op: "intersect", Left: union, Right: union}, "(SELECT a UNION SELECT b) INTERSECT (SELECT a UNION SELECT b)"},
		{&trino.SetOp{Op: "except", All: true, Left: union, Right: union}, "SELECT a UNION SELECT b EXCEPT ALL (SELECT a UNION SELECT b)"},
		{&trino.Aliased{Of: cross, Alias: trino.Name{Text: "x"}}, "(b CROSS JOIN c) AS x"},
		{&trino.Join{Kind: "left", Natural: true, Left: tab("a"), Right: cross}, "a NATURAL LEFT JOIN (b CROSS JOIN c)"},
	} {
		if got := trino.Print(c.node); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestPrecedenceShowsInParentheses(t *testing.T) {
	for _, c := range [][2]string{
		{"a or b and not c = d + e * -f", "(a or (b and (not (c = (d + (e * (-f)))))))"},
		{"a || b + c || d", "((a || (b + c)) || d)"},
		{"a - b - c * d / e % f", "((a - b) - (((c * d) / e) % f))"},
		{"-a + b", "((-a) + b)"},
		{"- - a", "(-(-a))"},
		{"2 - -1", "(2 - (-1))"},
		{"-a[1].b", "(-((a[1]).b))"},
		{"-x AT TIME ZONE 'UTC'", "(-(x at 'UTC'))"},
		{"x + y AT TIME ZONE 'Asia/Seoul'", "(x + (y at 'Asia/Seoul'))"},
		{"not not a and b", "((not (not a)) and b)"},
		{"not a between b and c and d", "((not (a between b and c)) and d)"},
		{"a + 1 between b - 1 and c || d and e", "(((a + 1) between (b - 1) and (c || d)) and e)"},
		{"a in (1, 2) or b like 'x' || y escape '!'", "((a in 1, 2) or (b like ('x' || y) '!'))"},
		{"a is null and b is not distinct from c + 1", "((a null) and (b is not distinct from (c + 1)))"},
		{"x -> x + 1 or y", "(x -> ((x + 1) or y))"},
		{"a = (b = c)", "(a = (b = c))"},
		{"a and b and (c and d) or e or f", "((a and b and (c and d)) or e or f)"},
	} {
		x, err := trino.ParseExpr(c[0])
		if err != nil {
			t.Errorf("%s", base.Render(err))
			continue
		}
		if got := grouped(x); got != c[1] {
			t.Errorf("%s: got %s, want %s", c[0], got, c[1])
		}
	}
}

// grouped writes an expression with every pair of parentheses.
func grouped(x trino.Expr) string {
	join := func(sep string, l ...trino.Expr) string {
		s := make([]string, len(l))
		for i, e := range l {
			s[i] = grouped(e)
		}
		return strings.Join(s, sep)
	}
	switch x := x.(type) {
	case *trino.Logical:
		return "(" + join(" "+x.Op+" ", x.Terms...) + ")"
	case *trino.Not:
		return "(not " + grouped(x.X) + ")"
	case *trino.Compare:
		return "(" + join(" "+x.Op+" ", x.X, x.Y) + ")"
	case *trino.Binary:
		return "(" + join(" "+x.Op+" ", x.X, x.Y) + ")"
	case *trino.Unary:
		return "(" + x.Op + grouped(x.X) + ")"
	case *trino.AtZone:
		return "(" + join(" at ", x.X, x.Zone) + ")"
	case *trino.Between:
		return "(" + grouped(x.X) + " between " + join(" and ", x.Low, x.High) + ")"
	case *trino.InList:
		return "(" + grouped(x.X) + " in " + join(", ", x.List...) + ")"
	case *trino.Like:
		return "(" + grouped(x.X) + " like " + join(" ", x.Pattern, x.Escape) + ")"
	case *trino.IsNull:
		return "(" + grouped(x.X) + " null)"
	case *trino.Lambda:
		return "(" + x.Params[0].Text + " -> " + grouped(x.Body) + ")"
	case *trino.Deref:
		return "(" + grouped(x.Base) + "." + x.Field.Text + ")"
	case *trino.Subscript:
		return "(" + grouped(x.Base) + "[" + grouped(x.Index) + "])"
	}
	return trino.FormatExpr(x)
}

// Printing a tree and parsing the text again gives the same tree.
func TestPrintedStatementsParseToTheSameTree(t *testing.T) {
	list := cases(t, "statements.txt")
	for _, file := range []string{"functions.jsonl", "seed_queries.jsonl"} {
		t.Run(file, func(t *testing.T) {
			for _, c := range oracle(t, file) {
				roundTrip(t, c.SQL)
			}
		})
	}
	for _, sql := range list {
		roundTrip(t, sql)
	}
}

func roundTrip(t *testing.T, sql string) {
	t.Helper()
	s, err := trino.Parse(sql)
	if err != nil {
		return
	}
	spansNest(t, sql, s)
	text := trino.Print(s)
	again, err := trino.Parse(text)
	if err != nil {
		t.Errorf("%s\nis printed as\n%s\n%s", sql, text, base.Render(err))
		return
	}
	plain(s)
	plain(again)
	if a, b := line(s), line(again); a != b {
		t.Errorf("%s\nis printed as\n%s\ntree\n%s\nbecomes\n%s", sql, text, a, b)
	}
	if twice := trino.Print(again); twice != text {
		t.Errorf("%s\nis printed as\n%s\nand then as\n%s", sql, text, twice)
	}
}

// plain clears the copies of the text that a statement keeps.
func plain(s trino.Statement) {
	switch s := s.(type) {
	case *trino.CreateView:
		s.Text = ""
	case *trino.Prepare:
		s.Text = ""
		plain(s.Of)
	case *trino.Explain:
		plain(s.Of)
	}
}

// spansNest checks that every node lies within the text and within the node that holds it.
func spansNest(t *testing.T, sql string, s trino.Statement) {
	t.Helper()
	var visit func(n trino.Node, outer trino.Span)
	visit = func(n trino.Node, outer trino.Span) {
		at := n.Pos()
		if at.Start < outer.Start || at.End > outer.End || at.Start > at.End {
			t.Errorf("%s\n%v: %T at %v is outside %v", sql, s.Pos(), n, at, outer)
		}
		first := true
		trino.Walk(n, func(k trino.Node) bool {
			if first {
				first = false
				return true
			}
			visit(k, at)
			return false
		})
	}
	visit(s, trino.Span{Start: 0, End: len(sql)})
	if p := s.Pos(); strings.TrimSpace(sql[p.Start:p.End]) != sql[p.Start:p.End] || p.Start == p.End {
		t.Errorf("%q: the statement is %q", sql, sql[p.Start:p.End])
	}
}
