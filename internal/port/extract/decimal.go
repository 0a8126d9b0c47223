package extract

import (
	"math/big"
	"math/bits"
)

// MaxPrecision is the most digits a decimal column holds.
const MaxPrecision = 38

// Pow10 returns 10^n as the halves of a 128-bit number, n from 0 to 38.
func Pow10(n int) (hi, lo uint64) {
	lo = 1
	for range n {
		hi, lo = MulAdd(hi, lo, 10, 0)
	}
	return hi, lo
}

// MulAdd returns x*m+a for a 128-bit x; the caller knows that it fits.
func MulAdd(hi, lo, m, a uint64) (uint64, uint64) {
	h, l := bits.Mul64(lo, m)
	l, carry := bits.Add64(l, a, 0)
	return hi*m + h + carry, l
}

// Signed gives a 128-bit magnitude its sign in two's complement.
func Signed(hi, lo uint64, negative bool) (int64, uint64) {
	if negative {
		l, borrow := bits.Sub64(0, lo, 0)
		h, _ := bits.Sub64(0, hi, borrow)
		return int64(h), l
	}
	return int64(hi), lo
}

// ParseDecimal reads decimal notation ("-12.50", "1e3") as a number with scale
// digits after the point. It is not ok if the text is no number or needs more
// than precision digits or more than scale decimals: nothing is ever rounded.
func ParseDecimal(text string, precision, scale int) (hi int64, lo uint64, ok bool) {
	n, ok := scaled(text, scale)
	if !ok {
		return 0, 0, false
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	if n.CmpAbs(limit) >= 0 {
		return 0, 0, false
	}
	neg := n.Sign() < 0
	var b [16]byte
	n.Abs(n).FillBytes(b[:])
	var h, l uint64
	for i := range 8 {
		h, l = h<<8|uint64(b[i]), l<<8|uint64(b[8+i])
	}
	hi, lo = Signed(h, l, neg)
	return hi, lo, true
}

// scaled is text times 10^scale, if that is a whole number.
func scaled(text string, scale int) (*big.Int, bool) {
	mant, exp, ok := splitDecimal(text)
	if !ok {
		return nil, false
	}
	n, ok := new(big.Int).SetString(mant, 10)
	if !ok {
		return nil, false
	}
	if n.Sign() == 0 {
		return n, true
	}
	shift := exp + scale
	if shift > 2*MaxPrecision || shift < -4096 {
		return nil, false
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		return n.Mul(n, ten), true
	}
	var rest big.Int
	n.QuoRem(n, ten, &rest)
	return n, rest.Sign() == 0
}

// splitDecimal takes "[+-]ddd.ddd[e[+-]dd]" apart into an integer and a power of ten.
func splitDecimal(text string) (mant string, exp int, ok bool) {
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		i++
	}
	b := make([]byte, 0, len(text))
	if i > 0 && text[0] == '-' {
		b = append(b, '-')
	}
	digits, point := 0, false
	for ; i < len(text) && text[i]|0x20 != 'e'; i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			b = append(b, c)
			digits++
			if point {
				exp--
			}
		case c == '.' && !point:
			point = true
		default:
			return "", 0, false
		}
	}
	if digits == 0 || digits > 4096 {
		return "", 0, false
	}
	if i == len(text) {
		return string(b), exp, true
	}
	e, ok := smallInt(text[i+1:])
	return string(b), exp + e, ok
}

func smallInt(s string) (int, bool) {
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if s == "" || len(s) > 4 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

// IsDecimal tells whether text is a number in decimal notation.
func IsDecimal(text string) bool {
	_, _, ok := splitDecimal(text)
	return ok
}
