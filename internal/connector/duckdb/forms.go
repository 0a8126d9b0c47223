package duckdb

import (
	"strings"

	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/mulgil/mulgil/internal/base"
)

// form is an engine type as functions see it: how the driver knows it, and what
// turns the driver's value into a port.Function's and back. Nil conversions
// leave values as they are; none is called with nil.
type form struct {
	info    duck.TypeInfo
	in, out func(any) any
}

var scalarForms = map[string]duck.Type{
	"BOOLEAN": duck.TYPE_BOOLEAN, "TINYINT": duck.TYPE_TINYINT, "SMALLINT": duck.TYPE_SMALLINT,
	"INTEGER": duck.TYPE_INTEGER, "BIGINT": duck.TYPE_BIGINT, "FLOAT": duck.TYPE_FLOAT, "DOUBLE": duck.TYPE_DOUBLE,
	"VARCHAR": duck.TYPE_VARCHAR, "BLOB": duck.TYPE_BLOB, "DATE": duck.TYPE_DATE,
	"TIMESTAMP": duck.TYPE_TIMESTAMP, "TIMESTAMP_NS": duck.TYPE_TIMESTAMP_NS,
}

// formOf reads a function's type text.
func formOf(s string) (form, error) {
	s = strings.TrimSpace(s)
	if t, ok := scalarForms[s]; ok {
		info, err := duck.NewTypeInfo(t)
		return form{info: info}, err
	}
	switch {
	case strings.HasSuffix(s, "[]"):
		return listForm(strings.TrimSuffix(s, "[]"))
	case strings.HasPrefix(s, "MAP(") && strings.HasSuffix(s, ")"):
		if parts := splitTop(s[len("MAP(") : len(s)-1]); len(parts) == 2 {
			return mapForm(parts[0], parts[1])
		}
	case strings.HasPrefix(s, "STRUCT(") && strings.HasSuffix(s, ")"):
		return structForm(splitTop(s[len("STRUCT(") : len(s)-1]))
	}
	return form{}, base.Errorf(base.Internal, "functions have no type %s", s)
}

func listForm(elem string) (form, error) {
	e, err := formOf(elem)
	if err != nil {
		return form{}, err
	}
	f := form{in: each(e.in), out: each(e.out)}
	f.info, err = duck.NewListInfo(e.info)
	return f, err
}

// each applies a conversion to a list's elements.
func each(conv func(any) any) func(any) any {
	if conv == nil {
		return nil
	}
	return func(v any) any {
		list := v.([]any)
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = convert(conv, e)
		}
		return out
	}
}

func convert(conv func(any) any, v any) any {
	if v == nil || conv == nil {
		return v
	}
	return conv(v)
}

func mapForm(key, value string) (form, error) {
	k, err := formOf(key)
	if err != nil {
		return form{}, err
	}
	v, err := formOf(value)
	if err != nil {
		return form{}, err
	}
	f := form{
		in: func(x any) any {
			m := x.(duck.OrderedMap)
			keys, values := m.Keys(), m.Values()
			out := make([][2]any, len(keys))
			for i := range keys {
				out[i] = [2]any{convert(k.in, keys[i]), convert(v.in, values[i])}
			}
			return out
		},
		out: func(x any) any {
			var m duck.OrderedMap
			for _, e := range x.([][2]any) {
				m.Set(convert(k.out, e[0]), convert(v.out, e[1]))
			}
			return m
		},
	}
	f.info, err = duck.NewMapInfo(k.info, v.info)
	return f, err
}

func structForm(parts []string) (form, error) {
	names, forms := make([]string, len(parts)), make([]form, len(parts))
	entries := make([]duck.StructEntry, len(parts))
	for i, p := range parts {
		var rest string
		var err error
		names[i], rest = fieldName(strings.TrimSpace(p))
		if forms[i], err = formOf(rest); err != nil {
			return form{}, err
		}
		if entries[i], err = duck.NewStructEntry(forms[i].info, names[i]); err != nil {
			return form{}, err
		}
	}
	f := form{
		in: func(x any) any {
			m := x.(map[string]any)
			out := make([]any, len(names))
			for i, n := range names {
				out[i] = convert(forms[i].in, m[n])
			}
			return out
		},
		out: func(x any) any {
			m := make(map[string]any, len(names))
			for i, v := range x.([]any) {
				m[names[i]] = convert(forms[i].out, v)
			}
			return m
		},
	}
	var err error
	f.info, err = duck.NewStructInfo(entries[0], entries[1:]...)
	return f, err
}
