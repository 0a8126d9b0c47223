package extract

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// BatchRows is the usual number of rows in a batch; BatchBytes ends one earlier
// when rows are wide, which bounds an extract's memory and keeps 32-bit offsets safe.
const (
	BatchRows  = 65_536
	BatchBytes = 32 << 20
)

// Batch collects rows of one schema. One goroutine at a time.
type Batch struct {
	schema *arrow.Schema
	// Columns are in the schema's order; a row is one value appended to each.
	Columns []*Column
	rows    int
	bytes   int
}

// NewBatch makes an empty batch.
func NewBatch(schema *arrow.Schema) *Batch {
	b := &Batch{schema: schema, Columns: make([]*Column, schema.NumFields())}
	for i, f := range schema.Fields() {
		b.Columns[i] = NewColumn(f.Type)
	}
	return b
}

// EndRow counts a row of size bytes (as the source sent it) and tells whether
// the batch is full and must be taken.
func (b *Batch) EndRow(size int) (full bool) {
	b.rows++
	b.bytes += size
	return b.rows >= BatchRows || b.bytes >= BatchBytes
}

// Rows is the number of rows collected and not yet taken.
func (b *Batch) Rows() int { return b.rows }

// Take returns the rows as a record batch the caller releases, and starts anew.
func (b *Batch) Take() arrow.RecordBatch {
	arrs := make([]arrow.Array, len(b.Columns))
	for i, c := range b.Columns {
		arrs[i] = c.finish()
	}
	rec := array.NewRecordBatch(b.schema, arrs, int64(b.rows))
	for _, a := range arrs {
		a.Release()
	}
	b.rows, b.bytes = 0, 0
	return rec
}
