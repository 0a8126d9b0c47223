package seeds

import (
	"strings"
	"testing"

	"github.com/mulgil/mulgil/test/harness"
)

// TestWholeNumbersAreNotDividedAsDoubles asks for divisions whose operands hide
// what they are: those of whole numbers are refused, for Athena's answer would
// be whole; those of doubles run.
func TestWholeNumbersAreNotDividedAsDoubles(t *testing.T) {
	p := project{dir: harness.Project(t, 100)}
	p.must(t, "job", "run", "T0_FACT")
	for sql, runs := range map[string]bool{
		"SELECT amount / 7 FROM purchase":                                                       true,
		"SELECT sum(amount) / count(*) AS amount FROM purchase":                                 true,
		"SELECT amount / 7 FROM (SELECT amount FROM purchase) t":                                true,
		"SELECT count(*) / 7 FROM purchase":                                                     false,
		"SELECT amount / 7 FROM (SELECT count(*) AS amount FROM purchase) t":                    false,
		"SELECT amount / 7 FROM (SELECT count(*) FROM purchase) t(amount)":                      false,
		"WITH t(amount) AS (SELECT count(*) FROM purchase) SELECT amount / 7 FROM t":            false,
		"SELECT x / 7 FROM (SELECT amount AS x FROM (SELECT count(*) AS amount FROM purchase))": false,
		"SELECT 7 / 2": false,
	} {
		_, stderr, code := p.run(t, "query", sql)
		if refused := code == 1 && strings.Contains(stderr, "the Athena dialect is not there yet, and / on whole numbers"); runs && code != 0 || !runs && !refused {
			t.Errorf("%s: exit code %d\n%s", sql, code, stderr)
		}
	}
}
