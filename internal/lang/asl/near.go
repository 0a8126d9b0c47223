package asl

import (
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Nearest finds the candidate that word was probably meant to be, or "".
func Nearest(word string, candidates []string) string {
	sort.Strings(candidates)
	best, bestAt := "", len([]rune(word))/2+1
	for _, c := range candidates {
		d := base.Distance(strings.ToLower(word), strings.ToLower(c))
		if d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}
