package project

import (
	"slices"
	"strings"
)

// near is the known word closest to word, or "" if none is close.
func near(word string, known []string) string {
	best, least := "", 1+len([]rune(word))/3
	if least > 4 {
		least = 4
	}
	for _, k := range slices.Sorted(slices.Values(known)) {
		d := distance(fold(word), fold(k))
		closer := d < least || d == least && (best == "" || distance(word, k) < distance(word, best))
		if closer && d < len([]rune(word)) {
			best, least = k, d
		}
	}
	return best
}

func fold(s string) string {
	return strings.ReplaceAll(strings.TrimLeft(strings.ToLower(s), "-"), "-", "_")
}

// distance counts insertions, deletions, replacements and swapped neighbours.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	two, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], two[j-2]+1)
			}
		}
		two, prev, cur = prev, cur, two
	}
	return prev[len(y)]
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
