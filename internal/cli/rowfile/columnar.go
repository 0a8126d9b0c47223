package rowfile

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// batchRows is how many rows are held before they go to the file: a row group
// of a Parquet file, a record of an Arrow file.
const batchRows = 65536

// columnar writes formats of typed columns.
type columnar struct {
	open    func(*arrow.Schema) (records, error)
	out     records
	cols    []Column
	builder *array.RecordBuilder
	n       int
}

// records takes batches of rows.
type records interface {
	Write(arrow.RecordBatch) error
	Close() error
}

func (c *columnar) Columns(cols []Column) error {
	if err := unique(cols); err != nil {
		return err
	}
	c.cols = cols
	fields := make([]arrow.Field, len(cols))
	for i, col := range cols {
		fields[i] = arrow.Field{Name: col.Name, Type: arrowType(col.Type), Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	c.builder = array.NewRecordBuilder(memory.DefaultAllocator, schema)
	var err error
	c.out, err = c.open(schema)
	return err
}

func (c *columnar) Row(values []any) error {
	for i, col := range c.cols {
		var v any
		if i < len(values) {
			v = values[i]
		}
		if err := appendValue(c.builder.Field(i), col.Type, v); err != nil {
			return fmt.Errorf("column %q: %w", col.Name, err)
		}
	}
	if c.n++; c.n < batchRows {
		return nil
	}
	return c.flush()
}

func (c *columnar) flush() error {
	rec := c.builder.NewRecordBatch()
	defer rec.Release()
	c.n = 0
	return c.out.Write(rec)
}

func (c *columnar) Close() error {
	if c.out == nil {
		return nil
	}
	defer c.builder.Release()
	if c.n > 0 {
		if err := c.flush(); err != nil {
			return err
		}
	}
	return c.out.Close()
}

// unclosed keeps a writer from closing what it writes to.
type unclosed struct{ io.Writer }

func openParquet(w io.Writer) func(*arrow.Schema) (records, error) {
	return func(s *arrow.Schema) (records, error) {
		props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithVersion(parquet.V2_6))
		return pqarrow.NewFileWriter(s, unclosed{w}, props, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	}
}

func openArrow(w io.Writer) func(*arrow.Schema) (records, error) {
	return func(s *arrow.Schema) (records, error) { return ipc.NewFileWriter(w, ipc.WithSchema(s)) }
}
