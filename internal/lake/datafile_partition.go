package lake

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/iceberg-go"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// partitionValue finds the one value that a partition field has in a file; of
// is its column's type. A row group whose statistics leave no doubt is not read;
// the others are, row by row: footers may hold long values cut short, Iceberg's
// metrics hold 16 characters, and a bucket has no bounds. nil is NULL.
func partitionValue(r *file.Reader, p iceberg.PartitionField, of iceberg.Type) (any, error) {
	if _, void := p.Transform.(iceberg.VoidTransform); void {
		return nil, nil
	}
	col := leaf(r, p.SourceID())
	if col < 0 {
		return nil, errors.New("the column is missing")
	}
	var found one
	value := func(raw any) error {
		v, err := transformed(p.Transform, of, raw)
		if err != nil {
			return err
		}
		return found.meet(v)
	}
	for g := range r.NumRowGroups() {
		b, sure, err := statedBounds(r, g, col)
		if err != nil {
			return nil, err
		}
		if sure && (b.lo == b.hi || p.Transform.PreservesOrder()) {
			for _, raw := range []any{b.lo, b.hi} {
				if err := value(raw); err != nil {
					return nil, err
				}
			}
			continue
		}
		chunk, err := r.RowGroup(g).Column(col)
		if err != nil {
			return nil, err
		}
		for chunk.HasNext() {
			if err := eachValue(chunk, value); err != nil {
				return nil, err
			}
		}
	}
	if found.v == nil {
		return nil, nil
	}
	return found.v.Any(), nil
}

// one holds a value that all rows must have; nil is NULL.
type one struct {
	v   iceberg.Literal
	set bool
}

var errMixed = errors.New("the file holds more than one value")

func (o *one) meet(v iceberg.Literal) error {
	if o.set && ((v == nil) != (o.v == nil) || v != nil && !v.Equals(o.v)) {
		return errMixed
	}
	o.v, o.set = v, true
	return nil
}

// transformed is what a partition's transform makes of a value as Parquet holds it.
func transformed(t iceberg.Transform, of iceberg.Type, raw any) (iceberg.Literal, error) {
	if raw == nil {
		return nil, nil
	}
	in, err := literalOf(of, raw)
	if err != nil {
		return nil, err
	}
	out := t.Apply(iceberg.Optional[iceberg.Literal]{Val: in, Valid: true})
	if !out.Valid {
		return nil, fmt.Errorf("%s cannot be made of a value of type %s", t, of)
	}
	if _, cut := t.(iceberg.TruncateTransform); cut && below(in, out.Val) {
		return nil, base.Errorf(base.Invalid, "%s lies too low to be made a multiple by %s", in, t)
	}
	return out.Val, nil
}

// below tells whether a number was truncated past the smallest there is, and
// wrapped around. Planning would leave such files out.
func below(in, out iceberg.Literal) bool {
	switch in := in.(type) {
	case iceberg.Int32Literal:
		cut, ok := out.(iceberg.Int32Literal)
		return ok && in < 0 && cut > in
	case iceberg.Int64Literal:
		cut, ok := out.(iceberg.Int64Literal)
		return ok && in < 0 && cut > in
	}
	return false
}

// literalOf reads a value of Parquet's as one of the column's type.
func literalOf(of iceberg.Type, raw any) (iceberg.Literal, error) {
	switch v := raw.(type) {
	case bool:
		return iceberg.BoolLiteral(v), nil
	case int32:
		switch of := of.(type) {
		case iceberg.Int32Type:
			return iceberg.Int32Literal(v), nil
		case iceberg.DateType:
			return iceberg.DateLiteral(v), nil
		case iceberg.DecimalType:
			return iceberg.DecimalLiteral{Val: decimal128.FromI64(int64(v)), Scale: of.Scale()}, nil
		}
	case int64:
		switch of := of.(type) {
		case iceberg.Int64Type:
			return iceberg.Int64Literal(v), nil
		case iceberg.TimeType:
			return iceberg.TimeLiteral(v), nil
		case iceberg.TimestampType, iceberg.TimestampTzType:
			return iceberg.TimestampLiteral(v), nil
		case iceberg.DecimalType:
			return iceberg.DecimalLiteral{Val: decimal128.FromI64(v), Scale: of.Scale()}, nil
		}
	case string:
		switch of := of.(type) {
		case iceberg.StringType:
			return iceberg.StringLiteral(v), nil
		case iceberg.BinaryType:
			return iceberg.BinaryLiteral(v), nil
		case iceberg.UUIDType:
			u, err := uuid.FromBytes([]byte(v))
			return iceberg.UUIDLiteral(u), err
		case iceberg.DecimalType:
			return iceberg.DecimalLiteral{Val: decimal128.FromBigInt(signed([]byte(v))), Scale: of.Scale()}, nil
		}
	}
	return nil, fmt.Errorf("a value of type %T cannot be one of %s", raw, of)
}

// signed is a number of big-endian bytes, negative if the highest bit is set.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// surelyWhole is a length no writer of footers cuts text to.
const surelyWhole = 16

// bounds are the smallest and the greatest value of a row group, both in it;
// nil means that all are NULL.
type bounds struct{ lo, hi any }

// statedBounds are those that a row group's statistics tell; sure is false if
// they leave a doubt, or tell of NULLs among others.
func statedBounds(r *file.Reader, g, col int) (b bounds, sure bool, err error) {
	meta := r.MetaData().RowGroup(g)
	c, err := meta.ColumnChunk(col)
	if err != nil {
		return b, false, err
	}
	st, err := c.Statistics()
	if err != nil || st == nil || !st.HasNullCount() {
		return b, false, err
	}
	switch {
	case st.NullCount() == meta.NumRows():
		return b, true, nil
	case st.NullCount() > 0 || !st.HasMinMax():
		return b, false, nil
	}
	switch x := st.(type) {
	case *metadata.ByteArrayStatistics:
		lo, hi := string(x.Min()), string(x.Max())
		return bounds{lo, hi}, lo != "" && len(lo) < surelyWhole && len(hi) < surelyWhole, nil
	case *metadata.Int32Statistics:
		return bounds{x.Min(), x.Max()}, true, nil
	case *metadata.Int64Statistics:
		return bounds{x.Min(), x.Max()}, true, nil
	}
	return b, false, nil
}

const batchRows = 4096

// eachValue reads the next rows of a column. A value that repeats the one
// before it is not told again.
func eachValue(chunk file.ColumnChunkReader, tell func(raw any) error) error {
	levels := make([]int16, batchRows)
	switch c := chunk.(type) {
	case *file.ByteArrayColumnChunkReader:
		buf := make([]parquet.ByteArray, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		return errors.Join(err, runs(rows, texts(buf[:n]), tell))
	case *file.FixedLenByteArrayColumnChunkReader:
		buf := make([]parquet.FixedLenByteArray, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		return errors.Join(err, runs(rows, texts(buf[:n]), tell))
	case *file.Int32ColumnChunkReader:
		buf := make([]int32, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		return errors.Join(err, runs(rows, buf[:n], tell))
	case *file.Int64ColumnChunkReader:
		buf := make([]int64, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		return errors.Join(err, runs(rows, buf[:n], tell))
	case *file.BooleanColumnChunkReader:
		buf := make([]bool, batchRows)
		rows, n, err := c.ReadBatch(batchRows, buf, levels, nil)
		return errors.Join(err, runs(rows, buf[:n], tell))
	}
	return fmt.Errorf("cannot read a partition value of type %s", chunk.Type())
}

func texts[T ~[]byte](list []T) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = string(b)
	}
	return out
}

// runs tells of NULL, if fewer values than rows were read, and of each value
// that differs from the one before it.
func runs[T comparable](rows int64, values []T, tell func(raw any) error) error {
	if int64(len(values)) < rows {
		if err := tell(nil); err != nil {
			return err
		}
	}
	for i, v := range values {
		if i > 0 && v == values[i-1] {
			continue
		}
		if err := tell(v); err != nil {
			return err
		}
	}
	return nil
}
