package attribute

import (
	"math/big"
	"strconv"
	"strings"
)

// Number is an exact decimal number of at most 38 significant digits, from
// 1e-130 to 9.99...e125, as DynamoDB's: digits[0] . digits[1:] times ten to
// the exponent. Zero has no digits.
type Number struct {
	negative bool
	digits   string // no zeros at either end
	exponent int
}

// Bounds of a number.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

const overflow = "Number overflow. Attempting to store a number with magnitude larger than supported range"

// ParseNumber reads decimal notation ("-12.50", "1e3"). Errors are DynamoDB's.
func ParseNumber(text string) (Number, error) {
	if text == "" {
		return Number{}, Invalid("The parameter cannot be converted to a numeric value")
	}
	mantissa, exp, ok := splitNumber(text)
	if !ok {
		return Number{}, Invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	negative := mantissa[0] == '-'
	mantissa = strings.TrimLeft(mantissa, "+-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	n := normal(negative, whole+fraction, exp+len(whole)-1)
	switch {
	case len(n.digits) == 0:
	case n.exponent > maxExponent:
		return Number{}, Invalid(overflow)
	case n.exponent < minExponent:
		return Number{}, Invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(n.digits) > maxDigits:
		return Number{}, Invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return n, nil
}

// splitNumber takes "[+-]ddd.ddd[e[+-]dd]" apart.
func splitNumber(text string) (mantissa string, exp int, ok bool) {
	mantissa = text
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		e := text[i+1:]
		if strings.TrimLeft(e, "+-0123456789") != "" || strings.LastIndexAny(e, "+-") > 0 || strings.Trim(e, "+-") == "" {
			return "", 0, false
		}
		var err error
		if exp, err = strconv.Atoi(e); err != nil || exp > 1<<20 || exp < -1<<20 {
			exp = 1 << 20 // far beyond any number; only a zero survives it
			if strings.HasPrefix(e, "-") {
				exp = -exp
			}
		}
	}
	digits := 0
	for i := range len(mantissa) {
		switch c := mantissa[i]; {
		case c >= '0' && c <= '9':
			digits++
		case (c == '+' || c == '-') && i == 0:
		case c == '.' && strings.IndexByte(mantissa, '.') == i:
		default:
			return "", 0, false
		}
	}
	return mantissa, exp, digits > 0
}

// normal strips zeros; exp is the power of ten of the first digit.
func normal(negative bool, digits string, exp int) Number {
	d := strings.TrimLeft(digits, "0")
	exp -= len(digits) - len(d)
	d = strings.TrimRight(d, "0")
	if d == "" {
		return Number{}
	}
	return Number{negative, d, exp}
}

// String is plain decimal notation without an exponent.
func (n Number) String() string {
	if n.digits == "" {
		return "0"
	}
	d := n.digits
	switch point := n.exponent + 1; {
	case point <= 0:
		d = "0." + strings.Repeat("0", -point) + d
	case point >= len(d):
		d += strings.Repeat("0", point-len(d))
	default:
		d = d[:point] + "." + d[point:]
	}
	if n.negative {
		return "-" + d
	}
	return d
}

// Value is the number as an attribute value.
func (n Number) Value() Value { return Value{Type: N, Text: n.String()} }

// number reads an N that was checked when it was made.
func (v Value) number() Number {
	n, err := ParseNumber(v.Text)
	if err != nil {
		return Number{}
	}
	return n
}

// Compare is -1, 0 or 1.
func (n Number) Compare(m Number) int { return strings.Compare(n.Key(), m.Key()) }

// Add computes n+m exactly. A sum that needs more digits or a larger exponent
// than a number has is refused, by DynamoDB's own words as an overflow.
func (n Number) Add(m Number) (Number, error) {
	low := min(n.unit(), m.unit())
	sum := new(big.Int).Add(n.scaled(low), m.scaled(low))
	digits := new(big.Int).Abs(sum).String()
	r := normal(sum.Sign() < 0, digits, low+len(digits)-1)
	if len(r.digits) > maxDigits || r.digits != "" && r.exponent > maxExponent {
		return Number{}, Invalid(overflow)
	}
	return r, nil
}

// Negate is -n.
func (n Number) Negate() Number {
	n.negative = !n.negative && n.digits != ""
	return n
}

// unit is the power of ten of the last digit.
func (n Number) unit() int {
	if n.digits == "" {
		return maxExponent
	}
	return n.exponent - len(n.digits) + 1
}

// scaled is n in units of ten to the power low.
func (n Number) scaled(low int) *big.Int {
	i := new(big.Int)
	if n.digits == "" {
		return i
	}
	i.SetString(n.digits+strings.Repeat("0", n.unit()-low), 10)
	if n.negative {
		i.Neg(i)
	}
	return i
}

// size is the number's size in bytes: two digits a byte, by their place, and
// one for the exponent.
func (n Number) size() int {
	if n.digits == "" {
		return 1
	}
	size := 1 + (len(n.digits)+1)/2
	if len(n.digits)%2 == 0 && n.exponent%2 == 0 {
		size++
	}
	if n.negative {
		size++
	}
	return size
}
