package seeds

import (
	"fmt"
	"testing"

	"github.com/mulgil/mulgil/test/harness"
)

// TestDivisionFollowsTheOperandsTypes asks for divisions whose operands hide
// what they are: those of whole numbers give whole numbers, as Athena's do.
func TestDivisionFollowsTheOperandsTypes(t *testing.T) {
	p := project{dir: harness.Project(t, 100)}
	p.must(t, "job", "run", "T0_FACT")
	for sql, want := range map[string]string{
		"SELECT max(amount / 7 - amount / 7e0) FROM purchase":                                   "0.0",
		"SELECT sum(amount) / count(*) - avg(amount) < 0.001 FROM purchase":                     "true",
		"SELECT count(*) / 7 FROM purchase":                                                     "14",
		"SELECT amount / 7 FROM (SELECT count(*) AS amount FROM purchase) t":                    "14",
		"SELECT amount / 7 FROM (SELECT count(*) FROM purchase) t(amount)":                      "14",
		"WITH t(amount) AS (SELECT count(*) FROM purchase) SELECT amount / 7 FROM t":            "14",
		"SELECT x / 7 FROM (SELECT amount AS x FROM (SELECT count(*) AS amount FROM purchase))": "14",
		"SELECT 7 / 2": "3",
	} {
		if r := p.query(t, sql); len(r.Rows) != 1 || fmt.Sprint(r.Rows[0][0]) != want {
			t.Errorf("%s = %v, want %s", sql, r.Rows, want)
		}
	}
}
