package project

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// near is the known word closest to word, or "" if none is close.
func near(word string, known []string) string {
	best, least := "", 1+len([]rune(word))/3
	if least > 4 {
		least = 4
	}
	for _, k := range slices.Sorted(slices.Values(known)) {
		d := base.Distance(fold(word), fold(k))
		closer := d < least || d == least && (best == "" || base.Distance(word, k) < base.Distance(word, best))
		if closer && d < len([]rune(word)) {
			best, least = k, d
		}
	}
	return best
}

func fold(s string) string {
	return strings.ReplaceAll(strings.TrimLeft(strings.ToLower(s), "-"), "-", "_")
}

// didYouMean is a hint naming the nearest known word, else listing them all.
func didYouMean(word string, known []string) string {
	if n := near(word, known); n != "" {
		return "did you mean \"" + n + "\"?"
	}
	if len(known) == 0 {
		return ""
	}
	if len(known) > 30 {
		return ""
	}
	return "known: " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}
