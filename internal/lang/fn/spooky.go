package fn

import (
	"encoding/binary"
	"math/bits"
)

// spookySeed is the constant of SpookyHash V2 that is not very regular.
const spookySeed = 0xdeadbeefdeadbeef

// SpookyHash64 is SpookyHash V2, 64 bits, with seed 0.
func SpookyHash64(b []byte) uint64 {
	if len(b) < 192 {
		return spookyShort(b)
	}
	return spookyLong(b)
}

type spookyState [4]uint64

var (
	shortMix = [12]int{50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36}
	shortEnd = [11]int{15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63}
)

// mix works on c, d, a, b in turn: each is turned, gets its neighbour and goes
// into the one opposite.
func (s *spookyState) mix() {
	for i, n := range shortMix {
		x := (i + 2) & 3
		s[x] = bits.RotateLeft64(s[x], n) + s[(x+1)&3]
		s[(x+2)&3] ^= s[x]
	}
}

func (s *spookyState) end() {
	for i, n := range shortEnd {
		x, y := (i+3)&3, (i+2)&3
		s[x] ^= s[y]
		s[y] = bits.RotateLeft64(s[y], n)
		s[x] += s[y]
	}
}

func spookyShort(b []byte) uint64 {
	s := spookyState{0, 0, spookySeed, spookySeed}
	size := uint64(len(b))
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	for ; len(b) >= 32; b = b[32:] {
		s[2] += word(0)
		s[3] += word(1)
		s.mix()
		s[0] += word(2)
		s[1] += word(3)
	}
	if len(b) >= 16 {
		s[2] += word(0)
		s[3] += word(1)
		s.mix()
		b = b[16:]
	}
	s[3] += size << 56
	if len(b) == 0 {
		s[2] += spookySeed
		s[3] += spookySeed
	} else {
		var rest [16]byte
		copy(rest[:], b)
		s[2] += binary.LittleEndian.Uint64(rest[:])
		s[3] += binary.LittleEndian.Uint64(rest[8:])
	}
	s.end()
	return s[0]
}

var (
	longMix = [12]int{11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46}
	longEnd = [12]int{44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54}
)

const spookyBlock = 96

func spookyLong(b []byte) uint64 {
	var h [12]uint64
	for i := range h {
		if i%3 == 2 {
			h[i] = spookySeed
		}
	}
	for ; len(b) >= spookyBlock; b = b[spookyBlock:] {
		for i := range h {
			h[i] += binary.LittleEndian.Uint64(b[8*i:])
			h[(i+2)%12] ^= h[(i+10)%12]
			h[(i+11)%12] ^= h[i]
			h[i] = bits.RotateLeft64(h[i], longMix[i])
			h[(i+11)%12] += h[(i+1)%12]
		}
	}
	var last [spookyBlock]byte
	copy(last[:], b)
	last[spookyBlock-1] = byte(len(b))
	for i := range h {
		h[i] += binary.LittleEndian.Uint64(last[8*i:])
	}
	for range 3 {
		for i, n := range longEnd {
			h[(i+11)%12] += h[(i+1)%12]
			h[(i+2)%12] ^= h[(i+11)%12]
			h[(i+1)%12] = bits.RotateLeft64(h[(i+1)%12], n)
		}
	}
	return h[0]
}
