package render

import (
	"encoding/json"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

func newNested(t types.Type, in arrow.DataType) (column, error) {
	switch d := in.(type) {
	case *arrow.MapType:
		if t.Kind == types.Map {
			return newMapping(t, d)
		}
	case arrow.ListLikeType:
		if t.Kind == types.Array {
			elem, err := newColumn(t.Elem(), d.Elem())
			return &list{elem: elem}, err
		}
	case *arrow.StructType:
		if t.Kind == types.Row && d.NumFields() == len(t.Elems) {
			return newRow(t, d)
		}
	}
	return nil, fmt.Errorf("%s cannot be sent from %s", t, in)
}

// list writes arrays as JSON arrays.
type list struct {
	a    array.ListLike
	elem column
}

func (c *list) bind(a arrow.Array) {
	c.a = a.(array.ListLike)
	c.elem.bind(c.a.ListValues())
}

func (c *list) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '[')
	from, to := c.a.ValueOffsets(i)
	for n := from; n < to; n++ {
		if n > from {
			dst = append(dst, ',')
		}
		dst = c.elem.write(dst, int(n))
	}
	return append(dst, ']')
}

// mapping writes maps as JSON objects. A key that is no string in JSON is
// written as its text.
type mapping struct {
	a          *array.Map
	key, value column
	scratch    []byte
}

func newMapping(t types.Type, in *arrow.MapType) (column, error) {
	key, err := newColumn(t.Key(), in.KeyType())
	if err != nil {
		return nil, err
	}
	value, err := newColumn(t.Value(), in.ItemType())
	return &mapping{key: key, value: value}, err
}

func (c *mapping) bind(a arrow.Array) {
	c.a = a.(*array.Map)
	c.key.bind(c.a.Keys())
	c.value.bind(c.a.Items())
}

func (c *mapping) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '{')
	from, to := c.a.ValueOffsets(i)
	for n := from; n < to; n++ {
		if n > from {
			dst = append(dst, ',')
		}
		dst = c.writeKey(dst, int(n))
		dst = append(dst, ':')
		dst = c.value.write(dst, int(n))
	}
	return append(dst, '}')
}

func (c *mapping) writeKey(dst []byte, n int) []byte {
	c.scratch = c.key.write(c.scratch[:0], n)
	if c.scratch[0] == '"' {
		return append(dst, c.scratch...)
	}
	if k, ok := c.key.(nested); ok {
		c.scratch = k.plain(c.scratch[:0], n)
	}
	dst = append(dst, '"')
	dst = appendEscaped(dst, string(c.scratch))
	return append(dst, '"')
}

// nested has a text as a map's key, which is Java's: [1, a], {k=v}.
type nested interface {
	plain(dst []byte, i int) []byte
}

// appendPlain writes a value as it stands in such a text: strings without quotes.
func appendPlain(dst []byte, c column, i int) []byte {
	if n, ok := c.(nested); ok {
		return n.plain(dst, i)
	}
	at := len(dst)
	dst = c.write(dst, i)
	var s string
	if dst[at] == '"' && json.Unmarshal(dst[at:], &s) == nil {
		return append(dst[:at], s...)
	}
	return dst
}

func (c *list) plain(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '[')
	from, to := c.a.ValueOffsets(i)
	for n := from; n < to; n++ {
		if n > from {
			dst = append(dst, ", "...)
		}
		dst = appendPlain(dst, c.elem, int(n))
	}
	return append(dst, ']')
}

func (c *mapping) plain(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '{')
	from, to := c.a.ValueOffsets(i)
	for n := from; n < to; n++ {
		if n > from {
			dst = append(dst, ", "...)
		}
		dst = append(appendPlain(dst, c.key, int(n)), '=')
		dst = appendPlain(dst, c.value, int(n))
	}
	return append(dst, '}')
}

func (c *row) plain(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '[')
	for n, f := range c.fields {
		if n > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendPlain(dst, f, i)
	}
	return append(dst, ']')
}

// row writes rows as JSON arrays; the fields' names are in the type.
type row struct {
	a      *array.Struct
	fields []column
}

func newRow(t types.Type, in *arrow.StructType) (column, error) {
	out := &row{fields: make([]column, len(t.Elems))}
	for i, e := range t.Elems {
		var err error
		if out.fields[i], err = newColumn(e, in.Field(i).Type); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *row) bind(a arrow.Array) {
	c.a = a.(*array.Struct)
	for i, f := range c.fields {
		f.bind(c.a.Field(i))
	}
}

func (c *row) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '[')
	for n, f := range c.fields {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = f.write(dst, i)
	}
	return append(dst, ']')
}
