package postgres

import (
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/mulgil/mulgil/internal/port/extract"
)

// Signs of a binary numeric.
const (
	signNegative = 0x4000
	signNaN      = 0xC000
	signInf      = 0xD000
	signNegInf   = 0xF000
)

// numeric appends a decimal. The wire form is n digits of base 10000, the
// first of which counts 10000^weight.
func (d *decoder) numeric(c *column, dst *extract.Column, v []byte) error {
	if len(v) < 8 {
		return d.bad(c, "holds a broken numeric")
	}
	n := int(binary.BigEndian.Uint16(v))
	weight := int(int16(binary.BigEndian.Uint16(v[2:])))
	sign := binary.BigEndian.Uint16(v[4:])
	switch sign {
	case signNaN:
		return d.bad(c, "holds NaN, which no decimal can keep")
	case signInf:
		return d.bad(c, "holds Infinity, which no decimal can keep")
	case signNegInf:
		return d.bad(c, "holds -Infinity, which no decimal can keep")
	}
	v = v[8:]
	if len(v) != 2*n {
		return d.bad(c, "holds a broken numeric")
	}
	t := c.field.Type
	if c.wire == wireArray {
		t = t.Fields[0].Type
	}
	shift := 4*(weight-n+1) + t.Scale // value = digits * 10^shift at the column's scale
	if 4*n+max(shift, 0) > extract.MaxPrecision || shift < -3 && n > 0 {
		return d.longNumeric(c, dst, v, shift, sign == signNegative)
	}
	var hi, lo uint64
	for i := 0; i < len(v); i += 2 {
		hi, lo = extract.MulAdd(hi, lo, 10_000, uint64(binary.BigEndian.Uint16(v[i:])))
	}
	for ; shift > 0 && n > 0; shift-- {
		hi, lo = extract.MulAdd(hi, lo, 10, 0)
	}
	for ; shift < 0 && n > 0; shift++ {
		var rest uint64
		if hi, lo, rest = div10(hi, lo); rest != 0 {
			return d.bad(c, "holds a number with more decimals than its type has")
		}
	}
	h, l := extract.Signed(hi, lo, sign == signNegative)
	dst.AppendDecimal(h, l)
	return nil
}

// longNumeric is the way for numbers near 38 digits, through decimal text.
func (d *decoder) longNumeric(c *column, dst *extract.Column, v []byte, shift int, negative bool) error {
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := 0; i < len(v); i += 2 {
		g := binary.BigEndian.Uint16(v[i:])
		b.Write([]byte{'0' + byte(g/1000), '0' + byte(g/100%10), '0' + byte(g/10%10), '0' + byte(g%10)})
	}
	text := b.String()
	if shift < 0 {
		if cut := len(text) + shift; cut >= 1 && strings.Trim(text[cut:], "0") == "" {
			text, shift = text[:cut], 0
		} else {
			return d.bad(c, "holds a number with more decimals than its type has")
		}
	}
	hi, lo, ok := extract.ParseDecimal(text+strings.Repeat("0", shift), extract.MaxPrecision, 0)
	if !ok {
		return d.bad(c, "holds a number of more than 38 digits")
	}
	dst.AppendDecimal(hi, lo)
	return nil
}

// div10 divides a 128-bit number by ten.
func div10(hi, lo uint64) (qhi, qlo, rest uint64) {
	qhi, rest = hi/10, hi%10
	qlo, rest = bits.Div64(rest, lo, 10)
	return qhi, qlo, rest
}
