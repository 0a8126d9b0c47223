package sample

import "math/bits"

// rng is SplitMix64: a counter and a mixing function, so that any block of
// rows can start its own sequence without having drawn what comes before.
type rng struct{ state uint64 }

const golden = 0x9e3779b97f4a7c15

// stream names keep the tables' random numbers independent of each other.
const (
	streamZipcode uint64 = iota + 1
	streamProduct
	streamCustomer
	streamRank
	streamPurchase
	streamHome
	streamGoods
	streamReceipt
	streamOrder // and the two after it
)

// newRNG starts the n-th sequence of a stream.
func newRNG(seed, stream, n uint64) rng {
	return rng{mix(mix(seed+stream*golden) + n*golden)}
}

// mix spreads every bit of x over the whole word.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (r *rng) next() uint64 {
	r.state += golden
	return mix(r.state)
}

// below draws from 0 to n-1, n up to 2^32.
func (r *rng) below(n int) int { return scale(r.next(), n) }

// scale maps the upper half of u onto 0 to n-1.
func scale(u uint64, n int) int { return int((u >> 32) * uint64(n) >> 32) }

// shuffled returns 0 to n-1 in random order.
func (r *rng) shuffled(n int) []int {
	p := make([]int, n)
	for i := range p {
		j := r.below(i + 1)
		p[i], p[j] = p[j], i
	}
	return p
}

// alias draws from a weighted list in constant time (Walker's method, in
// integers: slot i keeps i below its threshold and else yields its alias).
type alias struct {
	keep  []uint32
	other []uint32
}

// newAlias prepares weights; their sum times their number must stay below 2^64.
func newAlias(weights []uint64) alias {
	n := uint64(len(weights))
	var total uint64
	for _, w := range weights {
		total += w
	}
	a := alias{keep: make([]uint32, n), other: make([]uint32, n)}
	left := make([]uint64, n) // in units of total/n, times n
	var small, large []int
	for i, w := range weights {
		left[i] = w * n
		a.other[i] = uint32(i)
		if left[i] < total {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		hi, lo := bits.Mul64(left[s], 1<<32)
		q, _ := bits.Div64(hi, lo, total)
		a.keep[s], a.other[s] = uint32(q), uint32(l)
		left[l] -= total - left[s]
		if left[l] < total {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	return a
}

// draw uses all of u's bits once.
func (a alias) draw(u uint64) int {
	i := scale(u, len(a.keep))
	if uint32(u) < a.keep[i] {
		return i
	}
	return int(a.other[i])
}

// tail returns falling weights for n ranks, like a shop's customers or goods:
// 1/(rank+shift), less what the last would have, so the end is nearly idle.
func tail(n, shift int) []uint64 {
	const unit uint64 = 1 << 40
	w := make([]uint64, n)
	last := unit / uint64(n+n/40+shift)
	for i := range w {
		w[i] = unit/uint64(i+shift) - last
	}
	return w
}
