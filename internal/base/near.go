package base

// Distance is how many characters must be inserted, dropped, changed or
// swapped with a neighbour to turn a into b: the measure of a misspelling.
func Distance(a, b string) int {
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
