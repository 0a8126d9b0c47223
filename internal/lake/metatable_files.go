package lake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// bound is a bound as text, NULL if there is none or it cannot be read.
func bound(t iceberg.Type, b []byte) any {
	v, ok := boundValue(t, b)
	if !ok {
		return nil
	}
	return v.String()
}

// boundValue reads a bound; those from before a column was widened are shorter.
func boundValue(t iceberg.Type, b []byte) (iceberg.Literal, bool) {
	if b == nil {
		return nil, false
	}
	if _, long := t.(iceberg.Int64Type); long && len(b) == 4 {
		n, _ := wholeOf(b)
		return iceberg.NewLiteral(n), true
	}
	if _, double := t.(iceberg.Float64Type); double && len(b) == 4 {
		l, err := iceberg.LiteralFromBytes(iceberg.PrimitiveTypes.Float32, b)
		if err != nil {
			return nil, false
		}
		l, err = l.To(t)
		return l, err == nil
	}
	l, err := iceberg.LiteralFromBytes(t, b)
	return l, err == nil
}

// metaValue turns iceberg-go's value into one of a MetaTable's.
func metaValue(v any) any {
	switch v := v.(type) {
	case iceberg.Date:
		return time.Unix(int64(v)*86400, 0).UTC()
	case iceberg.Timestamp:
		return time.UnixMicro(int64(v)).UTC()
	case iceberg.Decimal:
		return base.DecimalText(v.String())
	case uuid.UUID:
		return v.String()
	case iceberg.Time:
		return time.UnixMicro(int64(v)).UTC().Format("15:04:05.000000")
	case int:
		return int32(v)
	}
	return v
}

// eachEntry calls f for every live data or delete file of a moment.
func eachEntry(ctx context.Context, n Name, t *table.Table, m moment, f func(iceberg.DataFile) error) error {
	if m.snapshot == nil {
		return nil
	}
	fs := newFS(t.Location(), nil)
	list, err := manifests(m.snapshot, fs)
	if err != nil {
		return fmt.Errorf("read manifests of %s: %w", n, err)
	}
	for _, x := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		for e, err := range entries(x, fs) {
			if err != nil {
				return fmt.Errorf("read manifests of %s: %w", n, err)
			}
			if err := f(e.DataFile()); err != nil {
				return err
			}
		}
	}
	return nil
}

func manifestsTable(_ context.Context, n Name, t *table.Table, m moment) (MetaTable, error) {
	summary := structType(col("contains_null", base.Boolean), col("contains_nan", base.Boolean), col("lower_bound", base.String), col("upper_bound", base.String))
	out := MetaTable{Fields: []base.Field{col("path", base.String), col("length", base.Long), col("partition_spec_id", base.Int), col("added_snapshot_id", base.Long),
		col("added_data_files_count", base.Int), col("added_rows_count", base.Long), col("existing_data_files_count", base.Int), col("existing_rows_count", base.Long),
		col("deleted_data_files_count", base.Int), col("deleted_rows_count", base.Long), nested("partition_summaries", base.ListOf(summary))}}
	if m.snapshot == nil {
		return out, nil
	}
	list, err := manifests(m.snapshot, newFS(t.Location(), nil))
	if err != nil {
		return out, fmt.Errorf("read manifests of %s: %w", n, err)
	}
	specs := specsOf(t)
	for _, x := range list {
		out.Rows = append(out.Rows, []any{plainPath(x.FilePath()), x.Length(), x.PartitionSpecID(), x.SnapshotID(), x.AddedDataFiles(), x.AddedRows(),
			x.ExistingDataFiles(), x.ExistingRows(), x.DeletedDataFiles(), x.DeletedRows(), summaries(specs[int(x.PartitionSpecID())], t, x.Partitions())})
	}
	return out, nil
}

func summaries(spec iceberg.PartitionSpec, t *table.Table, list []iceberg.FieldSummary) []any {
	out := []any{}
	types := partitionTypes(spec, t)
	for i, s := range list {
		row := []any{s.ContainsNull, orNull(s.ContainsNaN), nil, nil}
		if i < len(types) && types[i] != nil {
			if s.LowerBound != nil {
				row[2] = bound(types[i], *s.LowerBound)
			}
			if s.UpperBound != nil {
				row[3] = bound(types[i], *s.UpperBound)
			}
		}
		out = append(out, row)
	}
	return out
}

// partitionTypes are the types of a spec's values, nil for one whose column is gone.
func partitionTypes(spec iceberg.PartitionSpec, t *table.Table) []iceberg.Type {
	var out []iceberg.Type
	for _, p := range spec.Fields() {
		var typ iceberg.Type
		for _, s := range append([]*iceberg.Schema{t.Schema()}, t.Metadata().Schemas()...) {
			if f, ok := s.FindFieldByID(p.SourceID()); ok {
				typ = p.Transform.ResultType(f.Type)
				break
			}
		}
		out = append(out, typ)
	}
	return out
}

func filesTable(ctx context.Context, n Name, t *table.Table, m moment) (MetaTable, error) {
	counts, bounds := mapType(base.Int, base.Long), mapType(base.Int, base.String)
	out := MetaTable{Fields: []base.Field{col("content", base.Int), col("file_path", base.String), col("file_format", base.String), col("record_count", base.Long), col("file_size_in_bytes", base.Long),
		nested("column_sizes", counts), nested("value_counts", counts), nested("null_value_counts", counts), nested("nan_value_counts", counts), nested("lower_bounds", bounds), nested("upper_bounds", bounds),
		col("key_metadata", base.Binary), nested("split_offsets", base.ListOf(base.Type{ID: base.Long})), nested("equality_ids", base.ListOf(base.Type{ID: base.Int}))}}
	err := eachEntry(ctx, n, t, m, func(f iceberg.DataFile) error {
		var key any
		if b := f.KeyMetadata(); b != nil {
			key = b
		}
		out.Rows = append(out.Rows, []any{int32(f.ContentType()), plainPath(f.FilePath()), string(f.FileFormat()), f.Count(), f.FileSizeBytes(),
			countMap(f.ColumnSizes()), countMap(f.ValueCounts()), countMap(f.NullValueCounts()), countMap(f.NaNValueCounts()),
			boundMap(m.schema, f.LowerBoundValues()), boundMap(m.schema, f.UpperBoundValues()), key, list(f.SplitOffsets(), func(n int64) any { return n }), list(f.EqualityFieldIDs(), func(n int) any { return int32(n) })})
		return nil
	})
	slices.SortFunc(out.Rows, func(a, b []any) int { return strings.Compare(a[1].(string), b[1].(string)) })
	return out, err
}

func countMap(m map[int]int64) any {
	if m == nil {
		return nil
	}
	out := make(map[int32]int64, len(m))
	for k, v := range m {
		out[int32(k)] = v
	}
	return out
}

func boundMap(schema *iceberg.Schema, m map[int][]byte) any {
	if m == nil {
		return nil
	}
	out := map[int32]string{}
	for id, b := range m {
		if f, ok := schema.FindFieldByID(id); ok {
			if text, ok := bound(f.Type, b).(string); ok {
				out[int32(id)] = text
			}
		}
	}
	return out
}

func list[T any](in []T, f func(T) any) any {
	if in == nil {
		return nil
	}
	out := make([]any, len(in))
	for i, x := range in {
		out[i] = f(x)
	}
	return out
}

// partitionSum adds up the data files of one partition.
type partitionSum struct {
	key                  string
	values               []any
	records, files, size int64
	columns              []*columnSum
}

// columnSum is what the files of a partition say of a column. One file that
// does not say it makes a fact unknown.
type columnSum struct {
	min, max         iceberg.Literal
	nulls, nans      int64
	noBounds, noNull bool
	noNaN            bool
}

func partitionsTable(ctx context.Context, n Name, t *table.Table, m moment) (MetaTable, error) {
	fields, columns, err := partitionFields(t, m)
	if err != nil {
		return MetaTable{}, base.Errorf(base.Invalid, "table %s: %w", n, err)
	}
	specs := specsOf(t)
	sums := map[string]*partitionSum{}
	err = eachEntry(ctx, n, t, m, func(f iceberg.DataFile) error {
		if f.ContentType() != iceberg.EntryContentData {
			return nil
		}
		key := tuple(specs[int(f.SpecID())], f)
		s := sums[key]
		if s == nil {
			s = &partitionSum{key: key, values: partitionValues(t, f)}
			for range columns {
				s.columns = append(s.columns, &columnSum{})
			}
			sums[key] = s
		}
		s.add(f, columns)
		return nil
	})
	out := MetaTable{Fields: fields}
	for _, s := range sums {
		out.Rows = append(out.Rows, s.row(len(fields) == 5))
	}
	slices.SortFunc(out.Rows, func(a, b []any) int { return strings.Compare(fmt.Sprint(a[0]), fmt.Sprint(b[0])) })
	return out, err
}

// partitionFields are the columns of a $partitions table, and the table's
// columns that it tells bounds of: those of simple types.
func partitionFields(t *table.Table, m moment) ([]base.Field, []iceberg.NestedField, error) {
	var keys []base.Field
	spec := t.Spec()
	for i, typ := range partitionTypes(spec, t) {
		if typ == nil {
			typ = iceberg.PrimitiveTypes.String
		}
		b, err := baseType(typ)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, base.Field{Name: sourceName(spec.Field(i), t.Schema()), Type: b})
	}
	var columns []iceberg.NestedField
	var data []base.Field
	for _, f := range m.schema.Fields() {
		b, err := baseType(f.Type)
		if err != nil {
			return nil, nil, err
		}
		if len(b.Fields) == 0 {
			columns = append(columns, f)
			data = append(data, nested(f.Name, structType(nested("min", b), nested("max", b), col("null_count", base.Long), col("nan_count", base.Long))))
		}
	}
	fields := []base.Field{col("record_count", base.Long), col("file_count", base.Long), col("total_size", base.Long), nested("data", structType(data...))}
	if len(keys) > 0 {
		fields = append([]base.Field{nested("partition", structType(keys...))}, fields...)
	}
	return fields, columns, nil
}

// partitionValues are a file's values for the fields of the current spec; those
// its own spec lacks are NULL.
func partitionValues(t *table.Table, f iceberg.DataFile) []any {
	values := f.Partition()
	out := []any{}
	spec := t.Spec()
	for _, p := range spec.Fields() {
		out = append(out, metaValue(values[p.FieldID]))
	}
	return out
}

func (s *partitionSum) add(f iceberg.DataFile, columns []iceberg.NestedField) {
	s.records, s.files, s.size = s.records+f.Count(), s.files+1, s.size+f.FileSizeBytes()
	lower, upper, values, nulls, nans := f.LowerBoundValues(), f.UpperBoundValues(), f.ValueCounts(), f.NullValueCounts(), f.NaNValueCounts()
	for i, c := range columns {
		x := s.columns[i]
		null, known := nulls[c.ID]
		x.nulls, x.noNull = x.nulls+null, x.noNull || !known
		nan, known := nans[c.ID]
		x.nans, x.noNaN = x.nans+nan, x.noNaN || !known
		if v, ok := values[c.ID]; ok && v == null {
			continue // nothing but NULLs
		}
		lo, ok := boundValue(c.Type, lower[c.ID])
		hi, also := boundValue(c.Type, upper[c.ID])
		if x.noBounds = x.noBounds || !ok || !also; x.noBounds {
			continue
		}
		if x.min == nil || less(lo, x.min) {
			x.min = lo
		}
		if x.max == nil || less(x.max, hi) {
			x.max = hi
		}
	}
}

func less(a, b iceberg.Literal) bool {
	switch a := a.(type) {
	case iceberg.Int32Literal:
		return a.Comparator()(a.Value(), b.(iceberg.Int32Literal).Value()) < 0
	case iceberg.Int64Literal:
		return a.Comparator()(a.Value(), b.(iceberg.Int64Literal).Value()) < 0
	case iceberg.Float32Literal:
		return a.Value() < b.(iceberg.Float32Literal).Value()
	case iceberg.Float64Literal:
		return a.Value() < b.(iceberg.Float64Literal).Value()
	case iceberg.DecimalLiteral:
		return a.Comparator()(a.Value(), b.(iceberg.DecimalLiteral).Value()) < 0
	}
	return a.String() < b.String() // dates, timestamps, text: in the order of their text
}

func (s *partitionSum) row(partitioned bool) []any {
	data := []any{}
	for _, x := range s.columns {
		v := []any{nil, nil, nil, nil}
		if !x.noBounds && x.min != nil {
			v[0], v[1] = metaValue(x.min.Any()), metaValue(x.max.Any())
		}
		if !x.noNull {
			v[2] = x.nulls
		}
		if !x.noNaN {
			v[3] = x.nans
		}
		data = append(data, v)
	}
	row := []any{s.records, s.files, s.size, data}
	if partitioned {
		row = append([]any{s.values}, row...)
	}
	return row
}
