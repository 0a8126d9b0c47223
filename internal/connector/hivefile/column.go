package hivefile

import (
	"encoding/base64"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// put appends a scalar read from text to one column; false if the text is no
// value of the column's type, and then nothing was appended.
type put func(text []byte) bool

// ints appends whole numbers that lie in the column's range.
func ints(t hiveType, b array.Builder) func(n int64) bool {
	switch b := b.(type) {
	case *array.Int8Builder:
		return func(n int64) bool { return n == int64(int8(n)) && done(b.Append, int8(n)) }
	case *array.Int16Builder:
		return func(n int64) bool { return n == int64(int16(n)) && done(b.Append, int16(n)) }
	case *array.Int32Builder:
		return func(n int64) bool { return n == int64(int32(n)) && done(b.Append, int32(n)) }
	case *array.Int64Builder:
		return func(n int64) bool { return done(b.Append, n) }
	case *array.Date32Builder:
		return func(n int64) bool { return n == int64(int32(n)) && done(b.Append, arrow.Date32(n)) }
	}
	panic("no whole numbers in a column of " + t.text)
}

func done[T any](f func(T), v T) bool { f(v); return true }

func longs(t hiveType, b array.Builder, parse func([]byte) (int64, bool)) put {
	add := ints(t, b)
	return func(text []byte) bool {
		n, ok := parse(text)
		return ok && add(n)
	}
}

func times(b array.Builder, parse func([]byte) (moment, bool)) put {
	tb := b.(*array.TimestampBuilder)
	return func(text []byte) bool {
		m, ok := parse(text)
		if !ok {
			return false
		}
		us, ok := m.micros()
		return ok && done(tb.Append, arrow.Timestamp(us))
	}
}

func decimals(t hiveType, b array.Builder) put {
	db := b.(*array.Decimal128Builder)
	return func(text []byte) bool {
		n, ok := parseNumber(text)
		if !ok {
			return false
		}
		d, ok := n.decimal(t.precision, t.scale)
		return ok && done(db.Append, d)
	}
}

func reals(t hiveType, b array.Builder) put {
	if t.kind == floatType {
		fb := b.(*array.Float32Builder)
		return func(text []byte) bool {
			f, ok := parseFloat(text)
			return ok && done(fb.Append, f)
		}
	}
	fb := b.(*array.Float64Builder)
	return func(text []byte) bool {
		f, ok := parseDouble(text)
		return ok && done(fb.Append, f)
	}
}

func texts(t hiveType, b array.Builder) func(text []byte) {
	sb := b.(*array.StringBuilder)
	if t.length == 0 && !t.padded {
		return func(text []byte) { sb.BinaryBuilder.Append(utf8Text(text)) }
	}
	return func(text []byte) { sb.BinaryBuilder.Append(clip(utf8Text(text), t)) }
}

// base64Bytes decodes the standard alphabet, with or without padding.
func base64Bytes(text []byte) ([]byte, bool) {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	enc := base64.StdEncoding
	if len(text)%4 != 0 {
		enc = base64.RawStdEncoding
		out = make([]byte, enc.DecodedLen(len(text)))
	}
	n, err := enc.Strict().Decode(out, text)
	return out[:n], err == nil
}

// isTrue is Java's parseBoolean: true in any case, else false.
func isTrue(text []byte) bool {
	return len(text) == 4 && text[0]|0x20 == 't' && text[1]|0x20 == 'r' && text[2]|0x20 == 'u' && text[3]|0x20 == 'e'
}

func isFalse(text []byte) bool {
	return len(text) == 5 && text[0]|0x20 == 'f' && text[1]|0x20 == 'a' && text[2]|0x20 == 'l' && text[3]|0x20 == 's' && text[4]|0x20 == 'e'
}

// distinct picks which of a map's keys stay: the first or the last of equals.
func distinct(keys []string, last bool) []bool {
	keep := make([]bool, len(keys))
	at := make(map[string]int, len(keys))
	for i, k := range keys {
		j, ok := at[k]
		if ok && !last {
			continue
		}
		if ok {
			keep[j] = false
		}
		keep[i], at[k] = true, i
	}
	return keep
}

// keyText identifies a map key by its value, so that 1 and 01 are one key of an
// int map. A key that is no value is not ok.
func keyText(t hiveType, text []byte) (string, bool) {
	switch t.kind {
	case tinyType, smallType, intType, bigType:
		n, ok := lenientLong(text)
		return string(append([]byte("i"), byte(n), byte(n>>8), byte(n>>16), byte(n>>24), byte(n>>32), byte(n>>40), byte(n>>48), byte(n>>56))), ok
	case floatType, doubleType:
		f, ok := parseDouble(text)
		n := math.Float64bits(f)
		return string(append([]byte("f"), byte(n), byte(n>>8), byte(n>>16), byte(n>>24), byte(n>>32), byte(n>>40), byte(n>>48), byte(n>>56))), ok
	case boolType:
		if isTrue(text) {
			return "true", true
		}
		return "false", true
	}
	return string(clip(utf8Text(text), t)), true
}
