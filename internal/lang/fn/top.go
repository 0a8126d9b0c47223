package fn

// topHeap is the heap of Trino's aggregates that keep the n least or greatest
// values: it decides which of equal ones are kept and in which order they are
// given. The worst of those kept is at its top.
type topHeap struct {
	places []int64 // from 1
	ranks  []int
	least  bool
}

// better is negative if what is at place a is to be given before b.
func (h *topHeap) better(a, b int64) int {
	x, y := h.ranks[a-1], h.ranks[b-1]
	if h.least {
		return x - y
	}
	return y - x
}

func (h *topHeap) add(place int64, n int) {
	if len(h.places) < n {
		h.places = append(h.places, place)
		h.up()
	} else if h.better(place, h.places[0]) < 0 {
		h.places[0] = place
		h.down()
	}
}

// up and down swap equal ones too.
func (h *topHeap) up() {
	for i := len(h.places) - 1; i > 0; {
		parent := (i - 1) / 2
		if h.better(h.places[i], h.places[parent]) < 0 {
			return
		}
		h.places[i], h.places[parent] = h.places[parent], h.places[i]
		i = parent
	}
}

func (h *topHeap) down() {
	for i := 0; 2*i+1 < len(h.places); {
		child := 2*i + 1
		if child+1 < len(h.places) && h.better(h.places[child], h.places[child+1]) < 0 {
			child++
		}
		if h.better(h.places[child], h.places[i]) < 0 {
			return
		}
		h.places[i], h.places[child] = h.places[child], h.places[i]
		i = child
	}
}

// sort is the quicksort of fastutil, which Trino uses: equal elements end where
// its exchanges leave them. Bentley and McIlroy, "Engineering a sort function".
func (h *topHeap) sort(x []int64) {
	n := len(x)
	if n < 16 {
		for i := range x {
			best := i
			for j := i + 1; j < n; j++ {
				if h.better(x[j], x[best]) < 0 {
					best = j
				}
			}
			x[i], x[best] = x[best], x[i]
		}
		return
	}
	v := x[h.pivot(x)]
	a, b, c, d := 0, 0, n-1, n-1
	for {
		for ; b <= c; b++ {
			o := h.better(x[b], v)
			if o > 0 {
				break
			}
			if o == 0 {
				x[a], x[b] = x[b], x[a]
				a++
			}
		}
		for ; c >= b; c-- {
			o := h.better(x[c], v)
			if o < 0 {
				break
			}
			if o == 0 {
				x[c], x[d] = x[d], x[c]
				d--
			}
		}
		if b > c {
			break
		}
		x[b], x[c] = x[c], x[b]
		b++
		c--
	}
	exchange(x, 0, b, min(a, b-a))
	exchange(x, b, n, min(d-c, n-d-1))
	h.sort(x[:b-a])
	h.sort(x[n-(d-c):])
}

// exchange swaps n elements from one with the n before end.
func exchange(x []int64, from, end, n int) {
	for i := range n {
		x[from+i], x[end-n+i] = x[end-n+i], x[from+i]
	}
}

func (h *topHeap) pivot(x []int64) int {
	n := len(x)
	l, m, r := 0, n/2, n-1
	if n > 128 {
		s := n / 8
		l, m, r = h.middle(x, l, l+s, l+2*s), h.middle(x, m-s, m, m+s), h.middle(x, r-2*s, r-s, r)
	}
	return h.middle(x, l, m, r)
}

func (h *topHeap) middle(x []int64, a, b, c int) int {
	ab, ac, bc := h.better(x[a], x[b]), h.better(x[a], x[c]), h.better(x[b], x[c])
	switch {
	case ab < 0 && bc < 0, ab >= 0 && bc > 0:
		return b
	case ab < 0 && ac < 0, ab >= 0 && ac > 0:
		return c
	}
	return a
}

// TopPlaces are the places, from 1, of the n least (or greatest) values of a
// list, best first. grades are all places from the least value's to the
// greatest's, same tells of each but the first whether its value is that of the
// one before (1) or not (0).
func TopPlaces(grades, same []int64, n int64, least bool) ([]int64, error) {
	h := topOf(grades, same, int(n), least)
	// An aggregation has two steps: the second reads what the first has kept.
	final := topHeap{ranks: h.ranks, least: least}
	for _, place := range h.places {
		final.add(place, int(n))
	}
	final.sort(final.places)
	return final.places, nil
}

// RunningTopPlaces is TopPlaces of an aggregate over a window, which has one step.
func RunningTopPlaces(grades, same []int64, n int64, least bool) ([]int64, error) {
	h := topOf(grades, same, int(n), least)
	h.sort(h.places)
	return h.places, nil
}

func topOf(grades, same []int64, n int, least bool) *topHeap {
	h := &topHeap{ranks: make([]int, len(grades)), least: least}
	rank := 0
	for i, place := range grades {
		if i > 0 && same[i-1] == 0 {
			rank++
		}
		h.ranks[place-1] = rank
	}
	for i := range grades {
		h.add(int64(i)+1, n)
	}
	return h
}
