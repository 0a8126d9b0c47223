package render

import (
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/mulgil/mulgil/internal/lang/fn"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

type whole interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32
}

// integer writes whole numbers as JSON numbers.
type integer[T whole] struct {
	a      arrow.Array
	nulls  bool
	values []T
	of     func(arrow.Array) []T
}

func (c *integer[T]) bind(a arrow.Array) {
	c.a, c.nulls, c.values = a, a.NullN() > 0, c.of(a)
}

func (c *integer[T]) write(dst []byte, i int) []byte {
	if c.nulls && c.a.IsNull(i) {
		return append(dst, null...)
	}
	return strconv.AppendInt(dst, int64(c.values[i]), 10)
}

func newInteger(in arrow.DataType) column {
	switch t := in.(type) {
	case *arrow.Int8Type:
		return &integer[int8]{of: func(a arrow.Array) []int8 { return a.(*array.Int8).Int8Values() }}
	case *arrow.Int16Type:
		return &integer[int16]{of: func(a arrow.Array) []int16 { return a.(*array.Int16).Int16Values() }}
	case *arrow.Int32Type:
		return &integer[int32]{of: func(a arrow.Array) []int32 { return a.(*array.Int32).Int32Values() }}
	case *arrow.Int64Type:
		return &integer[int64]{of: func(a arrow.Array) []int64 { return a.(*array.Int64).Int64Values() }}
	case *arrow.Uint8Type:
		return &integer[uint8]{of: func(a arrow.Array) []uint8 { return a.(*array.Uint8).Uint8Values() }}
	case *arrow.Uint16Type:
		return &integer[uint16]{of: func(a arrow.Array) []uint16 { return a.(*array.Uint16).Uint16Values() }}
	case *arrow.Uint32Type:
		return &integer[uint32]{of: func(a arrow.Array) []uint32 { return a.(*array.Uint32).Uint32Values() }}
	case *arrow.Decimal128Type:
		if t.Scale == 0 {
			return &decimal{}
		}
	}
	return nil
}

// float writes real and double as Java does: digits that read back as the same
// number, with a point, in powers of ten outside 0.001 to 10,000,000.
type float struct {
	narrow *array.Float32
	wide   *array.Float64
	bits   int
}

func newFloat(t types.Type, in arrow.DataType) column {
	switch in.ID() {
	case arrow.FLOAT32:
		return &float{bits: 32}
	case arrow.FLOAT64:
		if t.Kind == types.Real {
			return &float{bits: 32}
		}
		return &float{bits: 64}
	}
	return nil
}

func (c *float) bind(a arrow.Array) {
	c.narrow, c.wide = nil, nil
	switch x := a.(type) {
	case *array.Float32:
		c.narrow = x
	case *array.Float64:
		c.wide = x
	}
}

func (c *float) write(dst []byte, i int) []byte {
	var f float64
	switch {
	case c.wide != nil && c.wide.IsValid(i):
		f = c.wide.Value(i)
	case c.narrow != nil && c.narrow.IsValid(i):
		f = float64(c.narrow.Value(i))
	default:
		return append(dst, null...)
	}
	return appendFloat(dst, f, c.bits)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case abs >= 1e-3 && abs < 1e7 || abs == 0:
		at := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
		return withPoint(dst, at, len(dst))
	}
	var b [32]byte
	s := fn.AppendJavaDigits(b[:0], f, bits)
	e := len(s) - 1
	for s[e] != 'e' {
		e--
	}
	at := len(dst)
	dst = append(dst, s[:e]...)
	dst = withPoint(dst, at, len(dst))
	dst = append(dst, 'E')
	if s[e+1] == '-' {
		dst = append(dst, '-')
	}
	digits := s[e+2:]
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	return append(dst, digits...)
}

// withPoint appends ".0" if dst[from:to], which ends dst, has no point.
func withPoint(dst []byte, from, to int) []byte {
	for _, c := range dst[from:to] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// decimal writes decimals as strings with their full scale, and whole numbers
// of 128 bits as JSON numbers.
type decimal struct {
	a      *array.Decimal128
	quoted bool
	// scale is the values' own, zeros what the type has beyond it.
	scale, zeros int
}

func newDecimal(t types.Type, in arrow.DataType) column {
	if d, ok := in.(*arrow.Decimal128Type); ok && int(d.Scale) <= t.S {
		return &decimal{quoted: true, scale: int(d.Scale), zeros: t.S - int(d.Scale)}
	}
	return nil
}

func (c *decimal) bind(a arrow.Array) { c.a = a.(*array.Decimal128) }

func (c *decimal) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	v := c.a.Value(i)
	if !c.quoted {
		return appendUnscaled(dst, v)
	}
	dst = append(dst, '"')
	var b [48]byte
	s := appendUnscaled(b[:0], v)
	if s[0] == '-' {
		dst, s = append(dst, '-'), s[1:]
	}
	point := len(s) - c.scale
	if point <= 0 {
		dst = append(dst, '0')
	} else {
		dst = append(dst, s[:point]...)
	}
	if c.scale+c.zeros > 0 {
		dst = append(dst, '.')
	}
	for ; point < 0; point++ {
		dst = append(dst, '0')
	}
	dst = append(dst, s[point:]...)
	for range c.zeros {
		dst = append(dst, '0')
	}
	return append(dst, '"')
}

func appendUnscaled(dst []byte, v decimal128.Num) []byte {
	if hi, lo := v.HighBits(), v.LowBits(); hi == 0 && lo <= math.MaxInt64 || hi == -1 && lo > math.MaxInt64 {
		return strconv.AppendInt(dst, int64(lo), 10)
	}
	return (*big.Int)(v.BigInt()).Append(dst, 10)
}
