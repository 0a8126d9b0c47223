package extract

import "strings"

// Near returns the candidate most like name, or "" if none is close: equal
// but for case, or at most a third of the letters different.
func Near(name string, candidates []string) string {
	best, dist := "", len([]rune(name))/3+1
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := distance([]rune(strings.ToLower(name)), []rune(strings.ToLower(c))); d < dist {
			best, dist = c, d
		}
	}
	return best
}

// Hint is the line for a missing thing: a near miss if there is one, otherwise
// what there is (the first ten).
func Hint(name string, candidates []string) string {
	if n := Near(name, candidates); n != "" {
		return `did you mean "` + n + `"?`
	}
	if len(candidates) == 0 {
		return "there are none"
	}
	list := candidates
	if len(list) > 10 {
		list = append(append([]string(nil), list[:10]...), "...")
	}
	return "there are: " + strings.Join(list, ", ")
}

// distance is the least number of letters to change, add or drop.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diag := row[0]
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diag, row[j+1] = row[j+1], min(diag+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
