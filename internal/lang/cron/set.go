package cron

import "math/bits"

// set holds numbers from 0 to 255.
type set [4]uint64

func (s *set) add(n int)      { s[n>>6] |= 1 << (n & 63) }
func (s *set) has(n int) bool { return n >= 0 && n < 256 && s[n>>6]&(1<<(n&63)) != 0 }

// next is the least member that is n or more, or -1.
func (s *set) next(n int) int {
	n = max(n, 0)
	for w := n >> 6; w < len(s); w++ {
		x := s[w]
		if w == n>>6 {
			x &= ^uint64(0) << (n & 63)
		}
		if x != 0 {
			return w<<6 + bits.TrailingZeros64(x)
		}
	}
	return -1
}
