package rowfile

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

var arrowKinds = map[types.Kind]arrow.DataType{
	types.Boolean: arrow.FixedWidthTypes.Boolean, types.Tinyint: arrow.PrimitiveTypes.Int8, types.Smallint: arrow.PrimitiveTypes.Int16, types.Integer: arrow.PrimitiveTypes.Int32,
	types.Bigint: arrow.PrimitiveTypes.Int64, types.Real: arrow.PrimitiveTypes.Float32, types.Double: arrow.PrimitiveTypes.Float64, types.Varbinary: arrow.BinaryTypes.Binary,
	types.Date: arrow.FixedWidthTypes.Date32,
}

// arrowType is the Arrow type that holds a type's values without loss; a zone
// beside an instant is the one thing that is left. Types Arrow lacks are text.
func arrowType(t types.Type) arrow.DataType {
	switch t.Kind {
	case types.Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.P), Scale: int32(t.S)}
	case types.Time:
		if t.P <= 6 {
			return arrow.FixedWidthTypes.Time64us
		}
		return arrow.FixedWidthTypes.Time64ns
	case types.Timestamp:
		return &arrow.TimestampType{Unit: unit(t.P)}
	case types.TimestampTZ:
		return &arrow.TimestampType{Unit: unit(t.P), TimeZone: "UTC"}
	case types.Array:
		return arrow.ListOf(arrowType(t.Elem()))
	case types.Map:
		return arrow.MapOf(arrowType(t.Key()), arrowType(t.Value()))
	case types.Row:
		fields := make([]arrow.Field, len(t.Elems))
		for i, e := range t.Elems {
			fields[i] = arrow.Field{Name: fieldName(t, i), Type: arrowType(e), Nullable: true}
		}
		return arrow.StructOf(fields...)
	}
	if a, ok := arrowKinds[t.Kind]; ok {
		return a
	}
	return arrow.BinaryTypes.String
}

func fieldName(t types.Type, i int) string {
	if i < len(t.Names) && t.Names[i] != "" {
		return t.Names[i]
	}
	return "field" + strconv.Itoa(i)
}

func unit(p int) arrow.TimeUnit {
	switch {
	case p <= 3:
		return arrow.Millisecond
	case p <= 6:
		return arrow.Microsecond
	}
	return arrow.Nanosecond
}

// appendValue adds a value of type t to the builder of arrowType(t).
func appendValue(b array.Builder, t types.Type, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		x, ok := v.(bool)
		if !ok {
			return mismatch(t, v)
		}
		b.Append(x)
	case *array.StringBuilder:
		s, _ := Text(v)
		b.Append(s)
	case *array.MapBuilder:
		return appendMap(b, t, v)
	case *array.ListBuilder:
		return appendList(b, t, v)
	case *array.StructBuilder:
		return appendStruct(b, t, v)
	default:
		return appendScalar(b, t, v)
	}
	return nil
}

func appendScalar(b array.Builder, t types.Type, v any) error {
	s, _ := Text(v)
	n, isNumber := v.(json.Number)
	if t.Integral() && !isNumber {
		return mismatch(t, v)
	}
	whole, err := int64(0), error(nil)
	if t.Integral() {
		whole, err = n.Int64()
	}
	switch b := b.(type) {
	case *array.Int8Builder:
		b.Append(int8(whole))
	case *array.Int16Builder:
		b.Append(int16(whole))
	case *array.Int32Builder:
		b.Append(int32(whole))
	case *array.Int64Builder:
		b.Append(whole)
	case *array.Float32Builder:
		var f float64
		f, err = float(s, 32)
		b.Append(float32(f))
	case *array.Float64Builder:
		var f float64
		f, err = float(s, 64)
		b.Append(f)
	case *array.Decimal128Builder:
		var d decimal128.Num
		d, err = decimal128.FromString(s, int32(t.P), int32(t.S))
		b.Append(d)
	case *array.BinaryBuilder:
		var raw []byte
		raw, err = base64.StdEncoding.DecodeString(s)
		b.Append(raw)
	default:
		return appendClock(b, t, s)
	}
	if err != nil {
		return mismatch(t, v)
	}
	return nil
}

// float reads the forms of numbers that JSON has no words for, too.
func float(s string, bits int) (float64, error) {
	switch s {
	case "NaN":
		return math.NaN(), nil
	case "Infinity", "-Infinity":
		return math.Inf(8 - len(s)), nil // 8 letters, 9 with a sign
	}
	f, err := strconv.ParseFloat(s, bits)
	if ne, ok := err.(*strconv.NumError); ok && ne.Err == strconv.ErrRange {
		err = nil
	}
	return f, err
}

func appendClock(b array.Builder, t types.Type, s string) error {
	at, err := Moment(s, t)
	if err != nil {
		return mismatch(t, s)
	}
	switch b := b.(type) {
	case *array.Date32Builder:
		b.Append(arrow.Date32FromTime(at))
	case *array.Time64Builder:
		day := at.Sub(at.Truncate(24 * time.Hour))
		if t.P <= 6 {
			b.Append(arrow.Time64(day.Microseconds()))
		} else {
			b.Append(arrow.Time64(day.Nanoseconds()))
		}
	case *array.TimestampBuilder:
		ts, err := arrow.TimestampFromTime(at, unit(t.P))
		if err != nil {
			return mismatch(t, s)
		}
		b.Append(ts)
	default:
		return mismatch(t, s)
	}
	return nil
}

// Moment reads the text of a date, time or timestamp; one with a zone in UTC.
func Moment(s string, t types.Type) (time.Time, error) {
	switch t.Kind {
	case types.Date:
		return time.Parse(time.DateOnly, s)
	case types.Time:
		return time.Parse("15:04:05.999999999", s)
	case types.TimestampTZ:
		i := strings.LastIndexByte(s, ' ')
		if i < 0 {
			return time.Time{}, fmt.Errorf("no zone in %q", s)
		}
		if at, err := time.Parse("2006-01-02 15:04:05.999999999 -07:00", s); err == nil {
			return at.UTC(), nil
		}
		zone, err := time.LoadLocation(s[i+1:])
		if err != nil {
			return time.Time{}, err
		}
		at, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", s[:i], zone)
		return at.UTC(), err
	}
	return time.Parse("2006-01-02 15:04:05.999999999", s)
}

func appendList(b *array.ListBuilder, t types.Type, v any) error {
	list, ok := v.([]any)
	if !ok {
		return mismatch(t, v)
	}
	b.Append(true)
	for _, e := range list {
		if err := appendValue(b.ValueBuilder(), t.Elem(), e); err != nil {
			return err
		}
	}
	return nil
}

func appendMap(b *array.MapBuilder, t types.Type, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return mismatch(t, v)
	}
	b.Append(true)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if err := appendValue(b.KeyBuilder(), t.Key(), keyValue(k, t.Key())); err != nil {
			return err
		}
		if err := appendValue(b.ItemBuilder(), t.Value(), m[k]); err != nil {
			return err
		}
	}
	return nil
}

// keyValue is a map's key, which JSON has as text, as a value of its type.
func keyValue(k string, t types.Type) any {
	switch {
	case t.Numeric():
		return json.Number(k)
	case t.Kind == types.Boolean:
		return k == "true"
	case t.Kind == types.Array, t.Kind == types.Row, t.Kind == types.Map:
		d := json.NewDecoder(strings.NewReader(k))
		d.UseNumber()
		var v any
		if d.Decode(&v) == nil {
			return v
		}
	}
	return k
}

func appendStruct(b *array.StructBuilder, t types.Type, v any) error {
	list, ok := v.([]any)
	if m, isMap := v.(map[string]any); isMap {
		list, ok = make([]any, len(t.Elems)), true
		for i := range t.Elems {
			list[i] = m[fieldName(t, i)]
		}
	}
	if !ok || len(list) != len(t.Elems) {
		return mismatch(t, v)
	}
	b.Append(true)
	for i, e := range list {
		if err := appendValue(b.FieldBuilder(i), t.Elems[i], e); err != nil {
			return err
		}
	}
	return nil
}

func mismatch(t types.Type, v any) error {
	return fmt.Errorf("%v is no value of type %s that fits into this format", v, t)
}
