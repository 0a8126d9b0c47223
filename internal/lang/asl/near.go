package asl

import (
	"sort"
	"strings"
)

// nearest finds the candidate that word was probably meant to be, or "".
func nearest(word string, candidates []string) string {
	sort.Strings(candidates)
	best, bestAt := "", len([]rune(word))/2+1
	for _, c := range candidates {
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// distance is the number of characters to insert, delete or change.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		prev := row[0]
		row[0] = i + 1
		for j := range y {
			d := prev
			if x[i] != y[j] {
				d = 1 + min(prev, row[j], row[j+1])
			}
			prev, row[j+1] = row[j+1], d
		}
	}
	return row[len(y)]
}
