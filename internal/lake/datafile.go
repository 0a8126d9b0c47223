package lake

import (
	"context"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/parquet/file"
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
		v, err := partitionValue(r, p, col.Type)
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
