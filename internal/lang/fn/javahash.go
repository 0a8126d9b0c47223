package fn

import (
	"slices"
	"unicode/utf16"
)

// hashOrder is the order in which a Java HashMap, filled with distinct keys one
// after another, gives them back.
func hashOrder(keys []string) []int {
	size := uint32(16)
	for len(keys) > int(size)*3/4 {
		size *= 2
	}
	bucket := make([]uint32, len(keys))
	order := make([]int, len(keys))
	for i, k := range keys {
		h := uint32(0)
		for _, u := range utf16.Encode([]rune(k)) {
			h = h*31 + uint32(u)
		}
		bucket[i], order[i] = (h^h>>16)&(size-1), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(bucket[a]) - int(bucket[b]) })
	return order
}
