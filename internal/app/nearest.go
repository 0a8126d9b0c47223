package app

import (
	"sort"
	"strings"
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
		d := edits(w, r)
		if len(w) >= 3 && strings.HasPrefix(string(r), string(w)) {
			d = min(d, 1)
		}
		if d < score || d == score && best == "" && d <= len(w)/3 {
			best, score = c, d
		}
	}
	return best
}

// edits is the number of insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func edits(a, b []rune) int {
	older, old := []int(nil), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old = old, row
	}
	return old[len(b)]
}
