// Package render writes rows as Trino's REST protocol sends them: a JSON array
// for each row, each value in the form its Trino type has there. Values come
// as Arrow columns in the physical forms that lowering gives Trino's types
// (a timestamp with time zone is a struct of instant and zone, an interval a
// number of milliseconds or months); bytes go out, nothing in between is made
// per value.
//
// A Renderer is made once for a result's types. For each batch, Bind points it
// at the columns and Append writes single rows:
//
//	r, err := render.New([]string{"bigint", "timestamp(3)"})
//	err = r.Bind(batch)
//	out = r.Append(out, 0)
package render

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// Renderer writes rows of one result. Not safe for concurrent use.
type Renderer struct {
	types []types.Type
	cols  []column
	// forms are the arrow types cols were made for.
	forms []arrow.DataType
}

// column writes the values of one column, or of the elements of one.
type column interface {
	// bind points the column at values; they stay valid until the next bind.
	bind(arrow.Array)
	// write appends value i, which may be NULL.
	write(dst []byte, i int) []byte
}

// New makes a Renderer for columns of the given Trino types.
func New(texts []string) (*Renderer, error) {
	r := &Renderer{types: make([]types.Type, len(texts))}
	for i, t := range texts {
		var err error
		if r.types[i], err = types.Parse(t); err != nil {
			return nil, base.Errorf(base.Internal, "result column %d: %w", i+1, err)
		}
	}
	return r, nil
}

// Bind points r at a batch, which must stay valid while its rows are
// appended. A column whose physical form cannot hold its type is an error: no
// value is approximated.
func (r *Renderer) Bind(b arrow.RecordBatch) error {
	if int(b.NumCols()) != len(r.types) {
		return base.Errorf(base.Internal, "the result has %d columns, %d were announced", b.NumCols(), len(r.types))
	}
	if r.cols == nil {
		r.cols, r.forms = make([]column, len(r.types)), make([]arrow.DataType, len(r.types))
		for i, t := range r.types {
			c, err := newColumn(t, b.Column(i).DataType())
			if err != nil {
				return base.Errorf(base.Internal, "result column %d: %w", i+1, err)
			}
			r.cols[i], r.forms[i] = c, b.Column(i).DataType()
		}
	}
	for i, c := range r.cols {
		if !arrow.TypeEqual(b.Column(i).DataType(), r.forms[i]) {
			return base.Errorf(base.Internal, "result column %d changed from %s to %s", i+1, r.forms[i], b.Column(i).DataType())
		}
		c.bind(b.Column(i))
	}
	return nil
}

// Append appends row i of the bound batch as a JSON array.
func (r *Renderer) Append(dst []byte, i int) []byte {
	dst = append(dst, '[')
	for n, c := range r.cols {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = c.write(dst, i)
	}
	return append(dst, ']')
}

const null = "null"

// newColumn chooses the writer for a Trino type held in an arrow type.
func newColumn(t types.Type, in arrow.DataType) (column, error) {
	switch t.Kind {
	case types.Unknown:
		return nothing{}, nil
	case types.Array, types.Map, types.Row:
		return newNested(t, in)
	}
	if _, text := in.(*arrow.StringType); text {
		return newText(t), nil
	}
	c := newScalar(t, in)
	if c == nil {
		return nil, fmt.Errorf("%s cannot be sent from %s", t, in)
	}
	return c, nil
}

// newText is for types that travel as text, and for any type whose text
// lowering made itself.
func newText(t types.Type) column {
	if t.Kind == types.Char {
		return &padded{width: t.P}
	}
	return &text{}
}

func newScalar(t types.Type, in arrow.DataType) column {
	switch t.Kind {
	case types.Boolean:
		if in.ID() == arrow.BOOL {
			return &boolean{}
		}
	case types.Tinyint, types.Smallint, types.Integer, types.Bigint:
		return newInteger(in)
	case types.Real, types.Double:
		return newFloat(t, in)
	case types.Decimal:
		return newDecimal(t, in)
	case types.Varbinary:
		if in.ID() == arrow.BINARY {
			return &binary{}
		}
	case types.Date:
		if in.ID() == arrow.DATE32 {
			return &date{}
		}
	case types.Time:
		if u, ok := in.(*arrow.Time64Type); ok {
			return &clock{perSecond: perSecond(u.Unit), digits: t.P}
		}
	case types.Timestamp:
		if u, ok := in.(*arrow.TimestampType); ok {
			return &timestamp{perSecond: perSecond(u.Unit), digits: t.P}
		}
	case types.TimestampTZ:
		return newZoned(t, in)
	case types.IntervalDay, types.IntervalYear:
		return newInterval(t, in)
	}
	return nil
}

// nothing is a column of type unknown: it only holds NULL.
type nothing struct{}

func (nothing) bind(arrow.Array)               {}
func (nothing) write(dst []byte, _ int) []byte { return append(dst, null...) }

type boolean struct{ a *array.Boolean }

func (c *boolean) bind(a arrow.Array) { c.a = a.(*array.Boolean) }

func (c *boolean) write(dst []byte, i int) []byte {
	switch {
	case c.a.IsNull(i):
		return append(dst, null...)
	case c.a.Value(i):
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}
