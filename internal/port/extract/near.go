package extract

import (
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Near returns the candidate most like name, or "" if none is close: equal
// but for case, or at most a third of the letters different.
func Near(name string, candidates []string) string {
	best, dist := "", len([]rune(name))/3+1
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := base.Distance(strings.ToLower(name), strings.ToLower(c)); d < dist {
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
