// Package extract is what every source's Read needs and what none should write
// twice: columns that collect decoded values straight into Arrow's memory
// layout (no builder, no allocation per value), a Batch that groups them, and
// a Stream that carries the batches of any number of workers to one reader
// while keeping port.Stream's promise that a short extract never looks whole.
package extract

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Column collects one column's values in order. Exactly one Append call (or
// Null) is made per value; which one follows from the type. Not safe for
// concurrent use.
type Column struct {
	typ   arrow.DataType
	width int // bytes of a fixed-width value; 0 for booleans, text, binary, lists
	n     int
	nulls int
	data  []byte
	off   []int32 // text, binary and lists: n+1 offsets
	valid []byte  // made at the first NULL
	elem  *Column // a list's elements
}

// NewColumn makes an empty column of a type that ArrowType returned.
func NewColumn(t arrow.DataType) *Column {
	c := &Column{typ: t}
	switch t := t.(type) {
	case *arrow.StringType, *arrow.BinaryType:
		c.off = []int32{0}
	case *arrow.ListType:
		c.off = []int32{0}
		c.elem = NewColumn(t.Elem())
	case *arrow.BooleanType:
	case arrow.FixedWidthDataType:
		c.width = t.BitWidth() / 8
	}
	return c
}

// Len is the number of values, NULLs included.
func (c *Column) Len() int { return c.n }

// Size is the bytes held, elements of lists included.
func (c *Column) Size() int {
	s := len(c.data) + 4*len(c.off) + len(c.valid)
	if c.elem != nil {
		s += c.elem.Size()
	}
	return s
}

// zeros is the value of a NULL in fixed-width columns.
const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// Null appends a NULL.
func (c *Column) Null() {
	for len(c.valid) <= c.n>>3 {
		c.valid = append(c.valid, 0xff)
	}
	c.valid[c.n>>3] &^= 1 << (c.n & 7)
	c.nulls++
	switch {
	case c.elem != nil:
		c.off = append(c.off, int32(c.elem.n))
		c.n++
	case c.off != nil:
		c.AppendBytes(nil)
	case c.width == 0:
		c.AppendBool(false)
	default:
		c.data = append(c.data, zeros[:c.width]...)
		c.n++
	}
}

// AppendBytes appends a text or binary value; v is copied.
func (c *Column) AppendBytes(v []byte) {
	c.data = append(c.data, v...)
	c.off = append(c.off, int32(len(c.data)))
	c.n++
}

// AppendString appends a text value.
func (c *Column) AppendString(v string) {
	c.data = append(c.data, v...)
	c.off = append(c.off, int32(len(c.data)))
	c.n++
}

// AppendBool appends to a boolean column.
func (c *Column) AppendBool(v bool) {
	if c.n&7 == 0 {
		c.data = append(c.data, 0)
	}
	if v {
		c.data[c.n>>3] |= 1 << (c.n & 7)
	}
	c.n++
}

// Append32 appends to a column of 4-byte values (int32, date32).
func (c *Column) Append32(v int32) {
	c.data = binary.LittleEndian.AppendUint32(c.data, uint32(v))
	c.n++
}

// Append64 appends to a column of 8-byte values (int64, time, timestamps).
func (c *Column) Append64(v int64) {
	c.data = binary.LittleEndian.AppendUint64(c.data, uint64(v))
	c.n++
}

// AppendFloat32 appends to a float32 column.
func (c *Column) AppendFloat32(v float32) { c.Append32(int32(math.Float32bits(v))) }

// AppendFloat64 appends to a float64 column.
func (c *Column) AppendFloat64(v float64) { c.Append64(int64(math.Float64bits(v))) }

// AppendDecimal appends the two halves of a two's complement 128-bit number.
func (c *Column) AppendDecimal(hi int64, lo uint64) {
	c.data = binary.LittleEndian.AppendUint64(c.data, lo)
	c.data = binary.LittleEndian.AppendUint64(c.data, uint64(hi))
	c.n++
}

// Elem is a list's element column: append the elements there, then call EndList.
func (c *Column) Elem() *Column { return c.elem }

// EndList closes a list value made of the elements appended since the last one.
func (c *Column) EndList() {
	c.off = append(c.off, int32(c.elem.n))
	c.n++
}

// finish hands the values over as an array and leaves c empty, with room for
// as much again.
func (c *Column) finish() arrow.Array {
	data := c.arrayData()
	defer data.Release()
	return array.MakeFromData(data)
}

func (c *Column) arrayData() *array.Data {
	var valid *memory.Buffer
	if c.nulls > 0 {
		for len(c.valid) < (c.n+7)>>3 {
			c.valid = append(c.valid, 0xff)
		}
		valid = memory.NewBufferBytes(c.valid)
	}
	bufs := []*memory.Buffer{valid}
	var kids []arrow.ArrayData
	if c.off != nil {
		bufs = append(bufs, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.off)))
	}
	if c.elem != nil {
		kid := c.elem.arrayData()
		defer kid.Release()
		kids = append(kids, kid)
	} else {
		bufs = append(bufs, memory.NewBufferBytes(c.data))
	}
	data := array.NewData(c.typ, c.n, bufs, kids, c.nulls, 0)
	c.reset()
	return data
}

// reset forgets the values, which the array made of them still uses.
func (c *Column) reset() {
	if c.off != nil {
		c.off = append(make([]int32, 0, len(c.off)+len(c.off)/16), 0)
	}
	if c.elem == nil {
		c.data = make([]byte, 0, len(c.data)+len(c.data)/16)
	}
	c.valid, c.n, c.nulls = nil, 0, 0
}
