package ducksql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
)

func printed(t *testing.T, tree string) string {
	t.Helper()
	if tree == "" {
		return ""
	}
	return strings.TrimSuffix(rows(t, ducksql.PrintQuery, port.Arg{Name: "tree", Value: tree})[0], ";")
}

func TestJoinsTellTheirKeys(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		{"one key", `select * from t left join u on t.a = u.b`, "LEFT u.b 1"},
		{"turned around", `select * from t left join u on u.b = t.a`, "LEFT u.b 1"},
		{"two keys", `select * from t join u on t.a = u.b and t.c = u.d`, "INNER u.(b, d) 2"},
		{"using", `select * from t join u using (k)`, "INNER u.k 1"},
		{"alias of a subquery", `select * from t join (select * from u) q on t.a = q.b`, "INNER q.b 1"},
		{"inequality", `select * from t join u on t.a > u.b`, "INNER u why"},
		{"expression", `select * from t join u on lower(t.a) = u.b`, "INNER u why"},
		{"unqualified", `select * from t join u on a = b`, "INNER u why"},
		{"right and full joins are not checked", `select * from t right join u on t.a = u.b full join v on v.a = u.b`, ""},
		{"innermost first", `select * from t left join u on t.a = u.b left join v on t.c = v.d`, "LEFT u.b 1; LEFT v.d 1"},
		{"inside a CTE", `with x as (select * from t join u on t.a = u.b) select * from x`, "INNER u.b 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, j := range analyze(t, c.sql, nil).Joins {
				text := fmt.Sprintf("%s %s %d", j.Type, j.Label, j.Keys)
				if j.Why != "" {
					text = j.Type + " " + j.Label + " why"
				}
				got = append(got, text)
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

func TestJoinSidesPrintToRunnableQueries(t *testing.T) {
	sql := `with z as (select * from zip where ok) select * from p left join c on p.cust = c.cust left join z on p.code = z.code where p.day = $DAY and c.name = 'x' and amount > 0`
	a := analyze(t, sql, ducksql.Params{"DAY": "1"})
	last := a.Joins[len(a.Joins)-1]
	right, left := printed(t, last.Right), printed(t, last.Left)
	for _, want := range []string{"WITH z AS", "z.code AS k0", "FROM z"} {
		if !strings.Contains(right, want) {
			t.Errorf("right side %s lacks %s", right, want)
		}
	}
	for _, want := range []string{"p.code AS k0", "*", "p.\"day\" = $DAY"} {
		if !strings.Contains(strings.ReplaceAll(left, "p.day", `p."day"`), want) {
			t.Errorf("left side %s lacks %s", left, want)
		}
	}
	if strings.Contains(left, "JOIN") || strings.Contains(left, "amount") || strings.Contains(left, "'x'") {
		t.Errorf("left side %s keeps what its keys do not need", left)
	}
}

func TestCTECanBeLookedAtAlone(t *testing.T) {
	s := parse(t, `with a as (select 1 as n), b as (select n + 1 as n from a) select * from b where n > 5`)
	tree, ok := s.CTE("B")
	if got := rows(t, printed(t, tree)); !ok || len(got) != 1 || got[0] != "2" {
		t.Errorf("got %v, %v", got, ok)
	}
	if _, ok := s.CTE("c"); ok {
		t.Error("found a CTE that is not there")
	}
}
