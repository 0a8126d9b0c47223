package hivefile

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// one reads a single value of a type into an array of length one.
func one(t hiveType, add func(b array.Builder) bool) (arrow.Array, bool) {
	b := array.NewBuilder(memory.DefaultAllocator, t.arrowType())
	defer b.Release()
	if !add(b) {
		return nil, false
	}
	return b.NewArray(), true
}

// partitionValue makes the value of a partition key of its type: text is as in
// the catalog, so "01" of an int key is 1.
func partitionValue(t hiveType, text string) (arrow.Array, bool) {
	return one(t, func(b array.Builder) bool {
		switch {
		case text == port.HiveNullPartition:
			b.AppendNull()
			return true
		case t.kind >= listType || t.kind == binaryType:
			return false
		}
		return keyPut(t, b)([]byte(text))
	})
}

// repeat appends v's only value n times.
func repeat(b array.Builder, v arrow.Array, n int) {
	if v.IsNull(0) {
		b.AppendNulls(n)
		return
	}
	b.Reserve(n)
	switch v := v.(type) {
	case *array.String:
		often(n, b.(*array.StringBuilder).Append, v.Value(0))
	case *array.Boolean:
		often(n, b.(*array.BooleanBuilder).Append, v.Value(0))
	case *array.Int8:
		often(n, b.(*array.Int8Builder).Append, v.Value(0))
	case *array.Int16:
		often(n, b.(*array.Int16Builder).Append, v.Value(0))
	case *array.Int32:
		often(n, b.(*array.Int32Builder).Append, v.Value(0))
	case *array.Int64:
		often(n, b.(*array.Int64Builder).Append, v.Value(0))
	case *array.Float32:
		often(n, b.(*array.Float32Builder).Append, v.Value(0))
	case *array.Float64:
		often(n, b.(*array.Float64Builder).Append, v.Value(0))
	case *array.Date32:
		often(n, b.(*array.Date32Builder).Append, v.Value(0))
	case *array.Timestamp:
		often(n, b.(*array.TimestampBuilder).Append, v.Value(0))
	case *array.Decimal128:
		often(n, b.(*array.Decimal128Builder).Append, v.Value(0))
	}
}

func often[T any](n int, add func(T), v T) {
	for range n {
		add(v)
	}
}

func keyPut(t hiveType, b array.Builder) put {
	switch t.kind {
	case textType:
		add := texts(t, b)
		return func(text []byte) bool { add(text); return true }
	case boolType:
		bb := b.(*array.BooleanBuilder)
		return func(text []byte) bool {
			yes := isTrue(text)
			return (yes || isFalse(text)) && done(bb.Append, yes)
		}
	case decimalType:
		return decimals(t, b)
	case floatType, doubleType:
		return reals(t, b)
	case dateType:
		return longs(t, b, strictDate)
	case timeType:
		return times(b, func(text []byte) (moment, bool) {
			if d, ok := strictDate(text); ok {
				return moment{sec: d * 86_400}, true
			}
			return fixedTime(text)
		})
	}
	return longs(t, b, parseLong)
}

// strictDate reads yyyy-mm-dd without rolling over.
func strictDate(text []byte) (int64, bool) {
	d, ok := hiveDate(text)
	if !ok || len(text) != 10 {
		return 0, false
	}
	r := reader{s: text, ok: true}
	y, _, m := r.number(), r.is('-'), r.number()
	next := days(y, m+1, 1)
	return d, m >= 1 && m <= 12 && d >= days(y, m, 1) && d < next
}

// invalidPartition says which folder has a value that its key cannot hold.
func invalidPartition(table, folder string, key port.HiveColumn, value string) error {
	return base.Errorf(base.Invalid, "table %s: partition value %q of folder %s is no %s, the type of key %s", table, value, folder, key.Type, key.Name).
		WithCode("HIVE_INVALID_PARTITION_VALUE").WithHint("drop the partition, or declare the key as string")
}
