package fn

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// JavaDigits are the digits that Java 17's Float.toString (of 32 bits) and
// Double.toString (of 64) show, in the form 1.5e+07.
func JavaDigits(v float64, size int) string {
	var b [32]byte
	return string(AppendJavaDigits(b[:0], v, size))
}

// AppendJavaDigits is JavaDigits behind dst. They read back as v, and are the
// fewest that do but for powers of two, for numbers so large that not every
// whole number near them is one, and for the very small.
func AppendJavaDigits(dst []byte, v float64, size int) []byte {
	f := floats[size]
	m, _ := math.Frexp(math.Abs(v))
	if abs := math.Abs(v); v == 0 || math.IsInf(v, 0) || v != v || abs > f.small && abs < f.whole && m != 0.5 {
		return strconv.AppendFloat(dst, v, 'e', -1, size)
	}
	digits, exp := f.develop(math.Abs(v))
	if v < 0 {
		dst = append(dst, '-')
	}
	dst = append(append(dst, digits[0], '.'), digits[1:]...)
	if len(digits) == 1 {
		dst = append(dst, '0')
	}
	dst = append(dst, 'e')
	if exp >= 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exp), 10)
}

// floatForm is how floats of a size are made. Between small and whole, Java
// shows the fewest digits.
type floatForm struct {
	mantissa     int
	least        int // the exponent of the smallest normal number
	small, whole float64
}

var floats = map[int]floatForm{32: {24, -126, 1e-30, 1 << 24}, 64: {53, -1022, 1e-290, 1 << 53}}

// develop is Java's FloatingDecimal.dtoa: digits without zeros at the end, and
// the power of ten of the first. v is above 0.
func (f floatForm) develop(v float64) (string, int) {
	fraction, exp := math.Frexp(v)
	exp--
	m := uint64(math.Ldexp(fraction, 53))
	significant := min(f.mantissa, f.mantissa+exp-f.least)
	tail := bits.TrailingZeros64(m)
	count := 53 - tail
	tiny := max(0, count-exp-1)
	if tiny == 0 && exp <= 62 && count < 64 {
		return wholeDigits(m, exp, significant)
	}
	return fractionDigits(m>>tail, exp, significant, count, tiny)
}

// wholeDigits are those of a whole number below 2^63: without the ones that
// the last bit makes uncertain.
func wholeDigits(m uint64, exp, significant int) (string, int) {
	n, cut := uint64(0), 0
	if exp >= 52 {
		n = m << (exp - 52)
	} else {
		n = m >> (52 - exp)
	}
	if exp > significant {
		if p := exp - significant - 1; p > 1 {
			cut = int(float64(p) * math.Log10(2))
		}
	}
	if cut > 0 {
		unit := uint64(math.Pow10(cut))
		rest := n % unit
		n /= unit
		if rest >= unit/2 {
			n++
		}
	}
	s := strconv.FormatUint(n, 10)
	return trimZeros(s), len(s) - 1 + cut
}

func trimZeros(s string) string {
	if s = strings.TrimRight(s, "0"); s == "" {
		return "0"
	}
	return s
}

// fractionDigits divides until what is left is less than half the distance to
// the next number: value over unit is the number, margin that distance.
func fractionDigits(m uint64, exp, significant, count, tiny int) (string, int) {
	head := math.Ldexp(float64(m), 1-count)
	dec := int(math.Floor((head-1.5)*0.289529654 + 0.176091259 + float64(exp)*0.301029995663981))
	b5, s5 := max(0, -dec), max(0, dec)
	b2, s2 := b5+tiny+exp, s5+tiny
	m2 := b2 - significant
	b2 -= count - 1
	common := min(b2, s2)
	b2, s2, m2 = b2-common, s2-common, m2-common
	if count == 1 { // below a power of two the distance is half as far
		m2--
	}
	if m2 < 0 {
		b2, s2, m2 = b2-m2, s2-m2, 0
	}
	d := &division{ten: big.NewInt(10)}
	d.value, d.unit, d.margin = scaled(new(big.Int).SetUint64(m), b5, b2), scaled(big.NewInt(1), s5, s2), scaled(big.NewInt(1), b5, m2)
	d.tens = new(big.Int).Mul(d.unit, d.ten)
	if word := max(count+b2+fiveBits(b5), s2+1+fiveBits(s5+1)); word < 64 {
		d.word = 64
		if word < 32 {
			d.word = 32
		}
	}
	var digits []byte
	if c := d.next(); c == '0' && !d.high {
		dec--
	} else {
		digits = append(digits, c)
	}
	if dec < -3 || dec >= 8 { // there is a digit behind the point
		d.low, d.high = false, false
	}
	for !d.low && !d.high {
		digits = append(digits, d.next())
	}
	if d.high && (!d.low || d.above(digits[len(digits)-1])) {
		digits, dec = roundUp(digits, dec)
	}
	return trimZeros(string(digits)), dec
}

// division is one under way: low and high tell whether the digits so far, or
// those and one more unit in the last place, are near enough.
type division struct {
	value, unit, tens, margin, ten *big.Int
	// word is how wide the machine words are that Java takes, 0 for none: its
	// sums overflow.
	word      int
	low, high bool
}

func (d *division) next() byte {
	q, r := new(big.Int).QuoRem(d.value, d.unit, new(big.Int))
	d.value = r.Mul(r, d.ten)
	d.margin.Mul(d.margin, d.ten)
	d.low = d.value.Cmp(d.margin) < 0
	sum := new(big.Int).Add(d.value, d.margin)
	switch margin := d.wrapped(d.margin); {
	case d.word == 0:
		d.high = sum.Cmp(d.tens) >= 0
	case margin.Sign() > 0:
		d.margin = margin
		d.low = d.value.Cmp(margin) < 0
		d.high = d.wrapped(sum).Cmp(d.tens) > 0
	default:
		d.low, d.high = true, true
	}
	return byte('0' + q.Int64())
}

// above tells whether what is left rounds up: halves go to even digits.
func (d *division) above(last byte) bool {
	c := d.wrapped(new(big.Int).Sub(new(big.Int).Lsh(d.value, 1), d.tens)).Sign()
	return c > 0 || c == 0 && last&1 != 0
}

// wrapped is what a machine word holds of a number.
func (d *division) wrapped(v *big.Int) *big.Int {
	if d.word == 0 {
		return v
	}
	low := new(big.Int).And(v, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	if d.word == 32 {
		return big.NewInt(int64(int32(low)))
	}
	return big.NewInt(int64(low))
}

func scaled(v *big.Int, five, two int) *big.Int {
	v = new(big.Int).Mul(v, new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(five)), nil))
	return v.Lsh(v, uint(two))
}

// fiveBits is how many bits 5^n has, as Java estimates it.
func fiveBits(n int) int {
	if n == 0 {
		return 0
	}
	if n < 27 {
		return int(float64(n)*math.Log2(5)) + 1
	}
	return n * 3
}

func roundUp(digits []byte, dec int) ([]byte, int) {
	i := len(digits) - 1
	for ; i >= 0 && digits[i] == '9'; i-- {
		digits[i] = '0'
	}
	if i < 0 {
		return append([]byte{'1'}, digits...), dec + 1
	}
	digits[i]++
	return digits, dec
}
