package rowfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// objects writes rows as JSON objects: an array of them, or one on each line.
// Numbers keep all their digits; a row value with named fields is an object.
type objects struct {
	w     *bufio.Writer
	lines bool
	cols  []Column
	keys  [][]byte
	n     int
	buf   []byte
}

func newJSON(w io.Writer, lines bool) *objects {
	return &objects{w: bufio.NewWriterSize(w, 64<<10), lines: lines}
}

func (o *objects) Columns(cols []Column) error {
	o.cols = cols
	for _, c := range cols {
		key, err := appendJSON(nil, c.Name)
		if err != nil {
			return err
		}
		o.keys = append(o.keys, append(key, ':'))
	}
	return unique(cols)
}

func (o *objects) Row(values []any) (err error) {
	b := o.buf[:0]
	switch {
	case o.lines:
	case o.n == 0:
		b = append(b, "[\n "...)
	default:
		b = append(b, ",\n "...)
	}
	b = append(b, '{')
	for i, key := range o.keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, key...)
		var v any
		if i < len(values) {
			v = named(values[i], o.cols[i].Type)
		}
		if b, err = appendJSON(b, v); err != nil {
			return fmt.Errorf("column %s: %w", o.cols[i].Name, err)
		}
	}
	b = append(b, '}')
	if o.lines {
		b = append(b, '\n')
	}
	o.buf, o.n = b, o.n+1
	_, err = o.w.Write(b)
	return err
}

func (o *objects) Close() error {
	switch {
	case o.lines:
	case o.n == 0:
		o.w.WriteString("[]\n")
	default:
		o.w.WriteString("\n]\n")
	}
	return o.w.Flush()
}

// named gives the rows within v, which come as arrays, the names of their fields.
func named(v any, t types.Type) any {
	switch x := v.(type) {
	case string:
		return number(x, t)
	case []any:
		if t.Kind == types.Array {
			return mapped(x, func(int) types.Type { return t.Elem() })
		}
		if t.Kind != types.Row || len(x) != len(t.Elems) {
			return v
		}
		list := mapped(x, func(i int) types.Type { return t.Elems[i] })
		out := make(map[string]any, len(x))
		for i := range list {
			if i >= len(t.Names) || t.Names[i] == "" {
				return list
			}
			out[t.Names[i]] = list[i]
		}
		if len(out) != len(list) {
			return list // two fields of one name
		}
		return out
	case map[string]any:
		if t.Kind != types.Map {
			return v
		}
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = named(e, t.Value())
		}
		return out
	}
	return v
}

// number is a decimal, which may come as text, as the number it is.
func number(s string, t types.Type) any {
	if t.Kind == types.Decimal {
		return json.Number(s)
	}
	return s
}

func mapped(list []any, t func(int) types.Type) []any {
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = named(e, t(i))
	}
	return out
}

// appendJSON writes a value without escaping <, > and &.
func appendJSON(dst []byte, v any) ([]byte, error) {
	switch x := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case json.Number:
		return append(dst, x...), nil
	case bool:
		return fmt.Append(dst, x), nil
	case []any:
		dst = append(dst, '[')
		for i, e := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = appendJSON(dst, e); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case map[string]any:
		return appendObject(dst, x)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...), err
}

func appendObject(dst []byte, m map[string]any) ([]byte, error) {
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendJSON(dst, k); err != nil {
			return dst, err
		}
		if dst, err = appendJSON(append(dst, ':'), m[k]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}
