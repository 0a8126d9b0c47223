// Package footer reads the columns of Parquet files from their footers,
// without touching a row.
package footer

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/mulgil/mulgil/internal/base"
)

// Read returns a file's columns as the types that hold them. It does not close
// f. A damaged footer is an error, never a panic.
func Read(f parquet.ReaderAtSeeker) (fields []base.Field, err error) {
	defer func() {
		if p := recover(); p != nil { // a damaged footer must not end the process
			err = fmt.Errorf("damaged parquet footer: %v", p)
		}
	}()
	r, err := file.NewParquetReader(f)
	if err != nil {
		return nil, fmt.Errorf("read parquet footer: %w", err)
	}
	schema, err := pqarrow.FromParquet(r.MetaData().Schema, nil, r.MetaData().KeyValueMetadata())
	if err != nil {
		return nil, fmt.Errorf("read parquet schema: %w", err)
	}
	return arrowFields(schema.Fields())
}

func arrowFields(in []arrow.Field) ([]base.Field, error) {
	out := make([]base.Field, 0, len(in))
	for _, f := range in {
		t, err := arrowType(f.Type)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
		out = append(out, base.Field{Name: f.Name, Type: t})
	}
	return out, nil
}

var arrowTypes = map[arrow.Type]base.TypeID{
	arrow.BOOL: base.Boolean, arrow.NULL: base.String,
	arrow.INT8: base.Int, arrow.INT16: base.Int, arrow.INT32: base.Int, arrow.UINT8: base.Int, arrow.UINT16: base.Int,
	arrow.INT64: base.Long, arrow.UINT32: base.Long,
	arrow.FLOAT16: base.Float, arrow.FLOAT32: base.Float, arrow.FLOAT64: base.Double,
	arrow.STRING: base.String, arrow.LARGE_STRING: base.String, arrow.STRING_VIEW: base.String,
	arrow.BINARY: base.Binary, arrow.LARGE_BINARY: base.Binary, arrow.BINARY_VIEW: base.Binary, arrow.FIXED_SIZE_BINARY: base.Binary,
	arrow.DATE32: base.Date, arrow.DATE64: base.Date, arrow.TIME32: base.Time, arrow.TIME64: base.Time,
}

// arrowType is the catalog's type for values of t; an unsigned type becomes
// the next signed one.
func arrowType(t arrow.DataType) (base.Type, error) {
	if id, ok := arrowTypes[t.ID()]; ok {
		return base.Type{ID: id}, nil
	}
	switch t := t.(type) {
	case *arrow.Uint64Type:
		return base.DecimalOf(20, 0), nil
	case *arrow.TimestampType:
		if t.TimeZone != "" {
			return base.Type{ID: base.TimestampTZ}, nil
		}
		return base.Type{ID: base.Timestamp}, nil
	case arrow.DecimalType:
		if t.GetPrecision() > 38 {
			return base.Type{}, base.Errorf(base.Invalid, "%s is wider than decimal(38)", t)
		}
		return base.DecimalOf(int(t.GetPrecision()), int(t.GetScale())), nil
	case *arrow.DictionaryType:
		return arrowType(t.ValueType)
	case arrow.ExtensionType:
		if t.ExtensionName() == "arrow.uuid" {
			return base.Type{ID: base.UUID}, nil
		}
		return arrowType(t.StorageType())
	case *arrow.MapType:
		k, err := arrowType(t.KeyType())
		if err != nil {
			return k, err
		}
		v, err := arrowType(t.ItemType())
		return base.MapOf(k, v), err
	case arrow.ListLikeType:
		e, err := arrowType(t.Elem())
		return base.ListOf(e), err
	case *arrow.StructType:
		f, err := arrowFields(t.Fields())
		return base.StructOf(f...), err
	}
	return base.Type{}, base.Errorf(base.Invalid, "type %s has no place in the catalog", t)
}
