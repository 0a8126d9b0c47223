package app

import (
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Nearest returns the candidate that word is most likely a misspelling of, or
// "" if none is close: at most one edit in three characters, or a prefix of
// three characters or more. Case does not count.
func Nearest(word string, candidates []string) string {
	sorted := append([]string(nil), candidates...)
	sort.Strings(sorted)
	w := []rune(strings.ToLower(word))
	best, score := "", len(w)/3+1
	for _, c := range sorted {
		r := []rune(strings.ToLower(c))
		d := base.Distance(string(w), string(r))
		if len(w) >= 3 && strings.HasPrefix(string(r), string(w)) {
			d = min(d, 1)
		}
		if d < score || d == score && best == "" && d <= len(w)/3 {
			best, score = c, d
		}
	}
	return best
}
