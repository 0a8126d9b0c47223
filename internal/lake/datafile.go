package lake

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"golang.org/x/sync/errgroup"

	"github.com/mulgil/mulgil/internal/base"
)

// footerReaders is how many footers are read at a time.
const footerReaders = 4

// describe reads the footers of files and makes them ready to be committed to
// a table of the given shape. Files without rows are returned as empty.
func describe(ctx context.Context, fields []base.Field, spec iceberg.PartitionSpec, props iceberg.Properties, files []string) (data []iceberg.DataFile, empty []string, err error) {
	schema, err := SchemaOf(fields)
	if err != nil {
		return nil, nil, err
	}
	all := make([]iceberg.DataFile, len(files))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(footerReaders)
	for i, path := range files {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			df, err := describeFile(fields, schema, spec, props, path)
			all[i] = df
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for i, df := range all {
		if df == nil {
			empty = append(empty, files[i])
			continue
		}
		data = append(data, df)
	}
	return data, empty, nil
}

func describeFile(fields []base.Field, schema *iceberg.Schema, spec iceberg.PartitionSpec, props iceberg.Properties, path string) (iceberg.DataFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read data file: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read data file: %w", err)
	}
	r, err := file.NewParquetReader(f)
	if err != nil {
		return nil, fmt.Errorf("read data file %s: %w", path, err)
	}
	defer r.Close()
	if r.NumRows() == 0 {
		return nil, nil
	}
	if err := checkColumns(r, fields, path); err != nil {
		return nil, err
	}
	values := map[int]any{}
	for _, p := range spec.Fields() {
		col, _ := schema.FindFieldByID(p.SourceID())
		v, err := partitionValue(r, p.SourceID(), col.Type.Equals(iceberg.PrimitiveTypes.Date))
		if err != nil {
			return nil, base.Errorf(base.Invalid, "partition column %q in %s: %w", sourceName(p, schema), path, err)
		}
		values[p.FieldID] = v
	}
	df, err := table.DataFileFromMetadata(table.DataFileArgs{Schema: schema, Spec: spec, Format: iceberg.ParquetFile, Metadata: r.MetaData(),
		FilePath: path, FileSize: st.Size(), Content: iceberg.EntryContentData, PartitionValues: values, Properties: props, FormatVersion: 2})
	if err != nil {
		return nil, fmt.Errorf("describe data file %s: %w", path, err)
	}
	return df, nil
}

// checkColumns holds a file against the table's columns: known names, the
// right field ids, no NULL where none may be.
func checkColumns(r *file.Reader, fields []base.Field, path string) error {
	root := r.MetaData().Schema.Root()
	for i := range root.NumFields() {
		node := root.Field(i)
		k := -1
		for j, f := range fields {
			if f.Name == node.Name() {
				k = j
			}
		}
		if k < 0 {
			return base.Errorf(base.Invalid, "data file %s has a column %q that the table lacks", path, node.Name())
		}
		if int(node.FieldID()) != fields[k].ID {
			return base.Errorf(base.Internal, "data file %s: column %q has field id %d, the table has %d", path, node.Name(), node.FieldID(), fields[k].ID)
		}
	}
	for _, f := range fields {
		if !f.Required {
			continue
		}
		if root.FieldIndexByName(f.Name) < 0 {
			return base.Errorf(base.Invalid, "required column %q is missing in %s", f.Name, path)
		}
		if len(f.Type.Fields) == 0 {
			if n, known, err := nulls(r, leaf(r, f.ID)); err != nil {
				return fmt.Errorf("read data file %s: %w", path, err)
			} else if known && n > 0 {
				return base.Errorf(base.Invalid, "required column %q has %d empty values", f.Name, n)
			}
		}
	}
	return nil
}

// leaf is the index of the Parquet column with a field id, -1 if there is none.
func leaf(r *file.Reader, id int) int {
	s := r.MetaData().Schema
	for i := range s.NumColumns() {
		if int(s.Column(i).SchemaNode().FieldID()) == id {
			return i
		}
	}
	return -1
}

// nulls counts a column's NULLs by the footer's statistics.
func nulls(r *file.Reader, col int) (n int64, known bool, err error) {
	for g := range r.NumRowGroups() {
		c, err := r.MetaData().RowGroup(g).ColumnChunk(col)
		if err != nil {
			return 0, false, err
		}
		st, err := c.Statistics()
		if err != nil {
			return 0, false, err
		}
		if st == nil || !st.HasNullCount() {
			return 0, false, nil
		}
		n += st.NullCount()
	}
	return n, true, nil
}

// partitionValue finds the one value a partition column has in a file. A row
// group whose statistics leave no doubt is not read; the others are, row by row:
// footers may hold long values cut short, and Iceberg's metrics hold 16
// characters. nil is NULL. date tells that an int is a number of days.
func partitionValue(r *file.Reader, id int, date bool) (any, error) {
	col := leaf(r, id)
	if col < 0 {
		return nil, fmt.Errorf("the column is missing")
	}
	var found any
	first := true
	for g := range r.NumRowGroups() {
		v, sure, err := statedValue(r, g, col)
		if err != nil {
			return nil, err
		}
		if n, ok := v.(int32); ok && date {
			v = iceberg.Date(n)
		}
		if sure {
			if !first && v != found {
				return nil, errMixed
			}
			found, first = v, false
			continue
		}
		chunk, err := r.RowGroup(g).Column(col)
		if err != nil {
			return nil, err
		}
		for chunk.HasNext() {
			v, same, err := readBatch(chunk)
			if err != nil {
				return nil, err
			}
			if n, ok := v.(int32); ok && date {
				v = iceberg.Date(n)
			}
			if !first && v != found || !same {
				return nil, errMixed
			}
			found, first = v, false
		}
	}
	return found, nil
}

var errMixed = errors.New("the file holds more than one value")

// surelyWhole is a length no writer of footers cuts text to.
const surelyWhole = 16

// statedValue is the value all rows of a row group have by its statistics;
// sure is false if they leave a doubt.
func statedValue(r *file.Reader, g, col int) (v any, sure bool, err error) {
	meta := r.MetaData().RowGroup(g)
	c, err := meta.ColumnChunk(col)
	if err != nil {
		return nil, false, err
	}
	st, err := c.Statistics()
	if err != nil || st == nil || !st.HasNullCount() {
		return nil, false, err
	}
	switch {
	case st.NullCount() == meta.NumRows():
		return nil, true, nil
	case st.NullCount() > 0 || !st.HasMinMax():
		return nil, false, nil
	}
	switch x := st.(type) {
	case *metadata.ByteArrayStatistics:
		lo, hi := string(x.Min()), string(x.Max())
		return lo, lo == hi && lo != "" && len(lo) < surelyWhole, nil
	case *metadata.Int32Statistics:
		return x.Min(), x.Min() == x.Max(), nil
	case *metadata.Int64Statistics:
		return x.Min(), x.Min() == x.Max(), nil
	}
	return nil, false, nil
}

const batchRows = 4096

// readBatch reads the next rows of a column and tells whether all are the same.
func readBatch(chunk file.ColumnChunkReader) (v any, same bool, err error) {
	levels := make([]int16, batchRows)
	switch c := chunk.(type) {
	case *file.ByteArrayColumnChunkReader:
		buf := make([]parquet.ByteArray, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		text := make([]string, n)
		for i := range text {
			text[i] = string(buf[i])
		}
		v, same = uniform(rows, text)
		return v, same, err
	case *file.Int32ColumnChunkReader:
		buf := make([]int32, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		v, same = uniform(rows, buf[:n])
		return v, same, err
	case *file.Int64ColumnChunkReader:
		buf := make([]int64, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		v, same = uniform(rows, buf[:n])
		return v, same, err
	case *file.BooleanColumnChunkReader:
		buf := make([]bool, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		v, same = uniform(rows, buf[:n])
		return v, same, err
	}
	return nil, false, fmt.Errorf("cannot read a partition value of type %s", chunk.Type())
}

func uniform[T comparable](rows int64, values []T) (any, bool) {
	if len(values) == 0 {
		return nil, true
	}
	for _, v := range values {
		if v != values[0] {
			return nil, false
		}
	}
	return values[0], int64(len(values)) == rows
}
