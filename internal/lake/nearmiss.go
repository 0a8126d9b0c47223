package lake

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// notFound says that no such thing exists and which ones are spelled alike.
func notFound(kind, name string, have []string) error {
	e := base.Errorf(base.NotFound, "%s %s does not exist", kind, name)
	if names := Near(name, have); len(names) > 0 {
		return e.WithHint("did you mean %s?", `"`+strings.Join(names, `" or "`)+`"`)
	}
	return e
}

// Near returns the names spelled most like a dotted name, nearest first, at
// most three. A long first part does not excuse a distant last one.
func Near(name string, have []string) []string {
	type near struct {
		name string
		far  int
	}
	var list []near
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, h := range have {
		if d := base.Distance(strings.ToLower(name), strings.ToLower(h)); d <= max(2, len([]rune(last))/4) {
			list = append(list, near{h, d})
		}
	}
	slices.SortStableFunc(list, func(a, b near) int { return a.far - b.far })
	var names []string
	for _, n := range list[:min(3, len(list))] {
		names = append(names, n.name)
	}
	return names
}
