package hivefile

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/mulgil/mulgil/internal/port/extract"
)

// batch is one worker's rows not yet handed on. It may span files.
type batch struct {
	schema   *arrow.Schema
	builders []array.Builder
	// data are the builders the line reader fills; the others get constants.
	data []array.Builder
	// fixed are the constant columns' places, filled has their rows so far.
	fixed  []int
	rows   int
	filled int
	bytes  int64
	// voided are rows whose data columns must become NULL.
	voided []int
}

func newBatch(schema *arrow.Schema, isData []bool) *batch {
	b := &batch{schema: schema}
	for i, f := range schema.Fields() {
		x := array.NewBuilder(memory.DefaultAllocator, f.Type)
		b.builders = append(b.builders, x)
		if isData[i] {
			b.data = append(b.data, x)
		} else {
			b.fixed = append(b.fixed, i)
		}
	}
	return b
}

func (b *batch) release() {
	for _, x := range b.builders {
		x.Release()
	}
}

// row counts a row of a line of size bytes; empty has its columns filled with NULL.
func (b *batch) row(o outcome, size int) {
	switch o {
	case empty:
		for _, x := range b.data {
			x.AppendNull()
		}
	case void:
		b.voided = append(b.voided, b.rows)
	}
	b.rows++
	b.bytes += int64(size) + 1
}

func (b *batch) full() bool {
	return b.rows >= extract.BatchRows || b.bytes >= extract.BatchBytes
}

// fill gives the rows since the last call the constants of their file.
func (b *batch) fill(constants []arrow.Array) {
	for i, at := range b.fixed {
		repeat(b.builders[at], constants[i], b.rows-b.filled)
	}
	b.filled = b.rows
}

// take returns the rows and starts anew.
func (b *batch) take() arrow.RecordBatch {
	arrs := make([]arrow.Array, len(b.builders))
	at := map[array.Builder]bool{}
	for _, x := range b.data {
		at[x] = true
	}
	for i, x := range b.builders {
		arrs[i] = x.NewArray()
		if len(b.voided) > 0 && at[x] {
			arrs[i] = without(arrs[i], b.voided)
		}
	}
	rec := array.NewRecordBatch(b.schema, arrs, int64(b.rows))
	for _, a := range arrs {
		a.Release()
	}
	b.rows, b.filled, b.bytes, b.voided = 0, 0, 0, b.voided[:0]
	return rec
}

// without is a with NULL in the given rows.
func without(a arrow.Array, rows []int) arrow.Array {
	defer a.Release()
	d := a.Data()
	valid := make([]byte, bitutil.BytesForBits(int64(d.Len())))
	for i := range d.Len() {
		if a.IsValid(i) {
			bitutil.SetBit(valid, i)
		}
	}
	nulls := a.NullN()
	for _, r := range rows {
		if bitutil.BitIsSet(valid, r) {
			bitutil.ClearBit(valid, r)
			nulls++
		}
	}
	bufs := append([]*memory.Buffer{memory.NewBufferBytes(valid)}, d.Buffers()[1:]...)
	out := array.NewData(d.DataType(), d.Len(), bufs, d.Children(), nulls, 0)
	defer out.Release()
	return array.MakeFromData(out)
}
