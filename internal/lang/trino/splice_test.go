package trino_test

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

var splices = flag.Int("splices", 4000, "how many statements TestSplicedStatementsKeepTheirTree makes")

// Statements with tokens dropped, doubled or taken from others are refused or
// keep their tree through printing: mistakes at the seams of the grammar.
func TestSplicedStatementsKeepTheirTree(t *testing.T) {
	var texts [][]string
	var all []string
	for _, sql := range append(cases(t, "statements.txt"), cases(t, "mistakes.txt")...) {
		var words []string
		for _, tok := range trino.Tokens(sql) {
			if tok.Kind != trino.TokenComment {
				words = append(words, sql[tok.Start:tok.End])
			}
		}
		if len(words) > 0 {
			texts = append(texts, words)
			all = append(all, words...)
		}
	}
	r, taken := rand.New(rand.NewPCG(1, 2)), 0
	for range *splices {
		sql := splice(r, texts, all)
		_, err := trino.Parse(sql)
		if err == nil {
			taken++
			roundTrip(t, sql)
		} else if strings.HasSuffix(err.Error(), "Expecting: ") {
			t.Errorf("%s\n%s", sql, base.Render(err))
		}
		if t.Failed() {
			return
		}
	}
	if taken < *splices/50 {
		t.Errorf("only %d of %d statements are statements", taken, *splices)
	}
}

func splice(r *rand.Rand, texts [][]string, all []string) string {
	words := append([]string(nil), texts[r.IntN(len(texts))]...)
	for range 1 + r.IntN(3) {
		at := r.IntN(len(words))
		switch r.IntN(6) {
		case 0:
			words = append(words[:at], words[at+1:]...)
		case 1:
			words[at] = all[r.IntN(len(all))]
		case 2:
			words = append(words[:at], append([]string{all[r.IntN(len(all))]}, words[at:]...)...)
		case 3:
			other := texts[r.IntN(len(texts))]
			from := r.IntN(len(other))
			words = append(words[:at], append(append([]string(nil), other[from:min(len(other), from+1+r.IntN(12))]...), words[at:]...)...)
		case 4:
			other := r.IntN(len(words))
			words[at], words[other] = words[other], words[at]
		case 5:
			to := at + r.IntN(len(words)-at)
			words = append(words[:to], append([]string{")"}, words[to:]...)...)
			words = append(words[:at], append([]string{"("}, words[at:]...)...)
		}
		if len(words) == 0 {
			return "SELECT 1"
		}
	}
	return strings.Join(words, " ")
}
