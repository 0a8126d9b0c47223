package extract

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mulgil/mulgil/internal/base"
)

// ArrowType is the Arrow type an extract delivers for a logical type:
// microseconds for times, UTC for timestamptz, text for uuid. Maps, structs
// and unknown types are errors.
func ArrowType(t base.Type) (arrow.DataType, error) {
	switch t.ID {
	case base.Boolean:
		return arrow.FixedWidthTypes.Boolean, nil
	case base.Int:
		return arrow.PrimitiveTypes.Int32, nil
	case base.Long:
		return arrow.PrimitiveTypes.Int64, nil
	case base.Float:
		return arrow.PrimitiveTypes.Float32, nil
	case base.Double:
		return arrow.PrimitiveTypes.Float64, nil
	case base.Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}, nil
	case base.String, base.UUID:
		return arrow.BinaryTypes.String, nil
	case base.Binary:
		return arrow.BinaryTypes.Binary, nil
	case base.Date:
		return arrow.FixedWidthTypes.Date32, nil
	case base.Time:
		return arrow.FixedWidthTypes.Time64us, nil
	case base.Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}, nil
	case base.TimestampTZ:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, nil
	case base.List:
		elem, err := ArrowType(t.Fields[0].Type)
		if err != nil {
			return nil, err
		}
		return arrow.ListOf(elem), nil
	}
	return nil, fmt.Errorf("type %s has no column form", t)
}

// Schema is the Arrow schema of fields, all nullable.
func Schema(fields []base.Field) (*arrow.Schema, error) {
	out := make([]arrow.Field, len(fields))
	for i, f := range fields {
		t, err := ArrowType(f.Type)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
		out[i] = arrow.Field{Name: f.Name, Type: t, Nullable: true}
	}
	return arrow.NewSchema(out, nil), nil
}
