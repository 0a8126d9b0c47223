package sample

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// textColumn collects strings directly in Arrow's layout.
type textColumn struct {
	offsets []int32
	data    []byte
	valid   validity
}

func newTextColumn(rows, width int) *textColumn {
	return &textColumn{offsets: append(make([]int32, 0, rows+1), 0), data: make([]byte, 0, rows*width)}
}

func (c *textColumn) add(s string) {
	c.data = append(c.data, s...)
	c.offsets = append(c.offsets, int32(len(c.data)))
}

func (c *textColumn) addNull() {
	c.valid.null(len(c.offsets) - 1)
	c.offsets = append(c.offsets, int32(len(c.data)))
}

// addOr adds NULL if s is empty: no text of the sample is.
func (c *textColumn) addOr(s string) {
	if s == "" {
		c.addNull()
		return
	}
	c.add(s)
}

func (c *textColumn) array() arrow.Array {
	n := len(c.offsets) - 1
	d := array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{
		c.valid.buffer(n), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets)), memory.NewBufferBytes(c.data),
	}, nil, len(c.valid.nulls), 0)
	defer d.Release()
	return array.NewStringData(d)
}

// numberColumn collects doubles.
type numberColumn struct {
	values []float64
	valid  validity
}

func (c *numberColumn) addNull() {
	c.valid.null(len(c.values))
	c.values = append(c.values, 0)
}

func (c *numberColumn) array() arrow.Array {
	n := len(c.values)
	d := array.NewData(arrow.PrimitiveTypes.Float64, n, []*memory.Buffer{
		c.valid.buffer(n), memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(c.values)),
	}, nil, len(c.valid.nulls), 0)
	defer d.Release()
	return array.NewFloat64Data(d)
}

// validity remembers the few rows that are NULL.
type validity struct{ nulls []int }

func (v *validity) null(row int) { v.nulls = append(v.nulls, row) }

// buffer is Arrow's bitmap, nil if every row has a value.
func (v *validity) buffer(rows int) *memory.Buffer {
	if len(v.nulls) == 0 {
		return nil
	}
	bits := make([]byte, bitutil.BytesForBits(int64(rows)))
	bitutil.SetBitsTo(bits, 0, int64(rows), true)
	for _, i := range v.nulls {
		bitutil.ClearBit(bits, i)
	}
	return memory.NewBufferBytes(bits)
}
