package hivefile

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/mulgil/mulgil/internal/port/extract"
)

// view is b as a string that must not outlive it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// trimmed is b without what Java's trim takes off: characters up to the space.
func trimmed(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// parseLong reads [+-]digits.
func parseLong(b []byte) (int64, bool) {
	i, neg := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i, neg = 1, b[0] == '-'
	}
	if i == len(b) {
		return 0, false
	}
	if len(b)-i > 18 {
		n, err := strconv.ParseInt(view(b), 10, 64)
		return n, err == nil
	}
	var n int64
	for ; i < len(b); i++ {
		d := b[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	if neg {
		n = -n
	}
	return n, true
}

// parseRadixLong also reads 0x1f and, after a leading zero, octal digits.
func parseRadixLong(b []byte) (int64, bool) {
	if len(b) < 2 || b[0] != '0' {
		return parseLong(b)
	}
	base, digits := 10, b
	switch {
	case len(b) >= 3 && b[1]|0x20 == 'x':
		base, digits = 16, b[2:]
	case b[1] >= '0' && b[1] <= '8':
		base, digits = 8, b[1:]
	default:
		return parseLong(b)
	}
	if digits[0] == '-' || digits[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(view(digits), base, 64)
	return n, err == nil
}

// lenientLong reads any number and cuts its fraction off.
func lenientLong(b []byte) (int64, bool) {
	if n, ok := parseRadixLong(b); ok {
		return n, true
	}
	d, ok := parseNumber(b)
	if !ok {
		return 0, false
	}
	return d.whole()
}

// number is digits times 10^-scale; digits have no leading zero but for 0 itself.
type number struct {
	neg    bool
	digits []byte // may hold one '.'-free run only
	scale  int
}

// maxExponent bounds what is read as a number; Java's own bound is wider, but
// nothing beyond fits any column.
const maxExponent = 1 << 20

// parseNumber reads decimal notation with an optional exponent.
func parseNumber(b []byte) (number, bool) {
	n := number{}
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		n.neg = b[i] == '-'
		i++
	}
	whole, frac, i := mantissa(b, i)
	if len(whole)+len(frac) == 0 {
		return n, false
	}
	n.scale = len(frac)
	if i < len(b) {
		if b[i]|0x20 != 'e' {
			return n, false
		}
		e, ok := parseLong(b[i+1:])
		if !ok || e > maxExponent || e < -maxExponent {
			return n, false
		}
		n.scale -= int(e)
	}
	n.digits = whole
	if len(frac) > 0 {
		n.digits = append(append(make([]byte, 0, len(whole)+len(frac)), whole...), frac...)
	}
	for len(n.digits) > 1 && n.digits[0] == '0' {
		n.digits = n.digits[1:]
	}
	return n, true
}

func mantissa(b []byte, i int) (whole, frac []byte, end int) {
	start := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	whole = b[start:i]
	if i < len(b) && b[i] == '.' {
		start = i + 1
		for i++; i < len(b) && b[i]-'0' <= 9; i++ {
		}
		frac = b[start:i]
	}
	return whole, frac, i
}

func (n number) zero() bool { return len(n.digits) == 1 && n.digits[0] == '0' }

// whole is the number without its fraction, if 64 bits hold it.
func (n number) whole() (int64, bool) {
	keep := len(n.digits) - n.scale
	if n.zero() || keep <= 0 {
		return 0, true
	}
	if keep > 19 {
		return 0, false
	}
	text := make([]byte, 0, 20)
	if n.neg {
		text = append(text, '-')
	}
	text = append(text, n.digits[:min(keep, len(n.digits))]...)
	for range keep - len(n.digits) {
		text = append(text, '0')
	}
	v, err := strconv.ParseInt(view(text), 10, 64)
	return v, err == nil
}

// decimal rounds half up to scale; it is not ok beyond precision digits.
func (n number) decimal(precision, scale int) (decimal128.Num, bool) {
	keep := len(n.digits) + scale - n.scale
	if n.zero() || keep < 0 {
		return decimal128.Num{}, true
	}
	if keep > precision {
		return decimal128.Num{}, false
	}
	var hi, lo uint64
	for i := range keep {
		d := uint64(0)
		if i < len(n.digits) {
			d = uint64(n.digits[i] - '0')
		}
		hi, lo = extract.MulAdd(hi, lo, 10, d)
	}
	if keep < len(n.digits) && n.digits[keep] >= '5' {
		hi, lo = extract.MulAdd(hi, lo, 1, 1)
	}
	if h, l := extract.Pow10(precision); hi > h || hi == h && lo >= l {
		return decimal128.Num{}, false
	}
	h, l := extract.Signed(hi, lo, n.neg)
	return decimal128.New(h, l), true
}

// appendText writes the number as Java's BigDecimal does.
func (n number) appendText(dst []byte) []byte {
	if n.neg && !n.zero() {
		dst = append(dst, '-')
	}
	exponent := len(n.digits) - 1 - n.scale
	switch {
	case n.scale == 0:
		return append(dst, n.digits...)
	case n.scale > 0 && exponent >= -6:
		return n.appendPlain(dst)
	}
	dst = append(dst, n.digits[0])
	if len(n.digits) > 1 {
		dst = append(append(dst, '.'), n.digits[1:]...)
	}
	if exponent == 0 {
		return dst
	}
	dst = append(dst, 'E')
	if exponent > 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exponent), 10)
}

func (n number) appendPlain(dst []byte) []byte {
	point := len(n.digits) - n.scale
	if point > 0 {
		dst = append(append(dst, n.digits[:point]...), '.')
		return append(dst, n.digits[point:]...)
	}
	dst = append(dst, '0', '.')
	for range -point {
		dst = append(dst, '0')
	}
	return append(dst, n.digits...)
}

// exactPowers are the powers of ten a double holds exactly.
var exactPowers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// shortDouble reads [-]digits[.digits] of at most 15 digits, for which one
// division is exact.
func shortDouble(b []byte) (float64, bool) {
	i, neg := 0, false
	if len(b) > 0 && b[0] == '-' {
		i, neg = 1, true
	}
	if len(b)-i > 16 {
		return 0, false
	}
	var m int64
	digits, frac, point := 0, 0, false
	for ; i < len(b); i++ {
		switch d := b[i] - '0'; {
		case d <= 9:
			m = m*10 + int64(d)
			digits++
			if point {
				frac++
			}
		case b[i] == '.' && !point:
			point = true
		default:
			return 0, false
		}
	}
	if digits == 0 || digits > 15 {
		return 0, false
	}
	f := float64(m) / exactPowers[frac]
	if neg {
		f = -f
	}
	return f, true
}

// parseDouble reads a number as Java's parseDouble does: blanks around it, NaN,
// Infinity and a type letter at the end are fine; too large is infinite.
func parseDouble(b []byte) (float64, bool) {
	if f, ok := shortDouble(b); ok {
		return f, true
	}
	return javaFloat(b, 64)
}

func parseFloat(b []byte) (float32, bool) {
	f, ok := javaFloat(b, 32)
	return float32(f), ok
}

func javaFloat(b []byte, bits int) (float64, bool) {
	b = trimmed(b)
	if len(b) == 0 {
		return 0, false
	}
	sign, body := 1.0, b
	if b[0] == '-' || b[0] == '+' {
		body = b[1:]
		if b[0] == '-' {
			sign = -1
		}
	}
	switch string(body) {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(int(sign)), true
	}
	hex := len(body) > 2 && body[0] == '0' && body[1]|0x20 == 'x'
	if c := body[max(len(body)-1, 0)] | 0x20; len(body) > 1 && (c == 'd' || c == 'f') {
		body = body[:len(body)-1]
	}
	if !hex {
		if _, ok := parseNumber(body); !ok || body[0] == '-' || body[0] == '+' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(view(body), bits)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return sign * f, true
}
