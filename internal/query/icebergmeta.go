package query

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

// icebergMetadata answers "t$history" and its like: what Iceberg keeps of a
// table, as a relation of constants.
func (s *Service) icebergMetadata(ctx context.Context, name lake.Name, what string) (*rowSet, error) {
	pin := lake.Pin{Name: name}
	view, err := s.o.Lake.PinAt(ctx, []lake.Pin{pin})
	if err != nil {
		return nil, err
	}
	defer view.Release()
	m, err := view.Meta(ctx, pin, what)
	if err != nil {
		return nil, err
	}
	set := &rowSet{columns: icebergColumns(m.Fields)}
	for _, f := range m.Fields {
		set.forms = append(set.forms, ducksql.Type(f.Type))
	}
	for _, row := range m.Rows {
		values := make([]string, len(row))
		for i, v := range row {
			values[i] = constant(v, m.Fields[i].Type)
		}
		set.add(values...)
	}
	return set, nil
}

// constant is a value of the catalog as SQL of its stored type.
func constant(v any, t base.Type) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case bool:
		return strconv.FormatBool(x)
	case int32, int64:
		return fmt.Sprint(x)
	case float32, float64:
		return text(fmt.Sprint(x))
	case string:
		return text(x)
	case base.DecimalText:
		return text(string(x))
	case []byte:
		return fmt.Sprintf("from_hex('%X')", x)
	case time.Time:
		return text(x.UTC().Format("2006-01-02 15:04:05.000000"))
	case []any:
		return nestedConstant(x, t)
	}
	return mapConstant(v, t)
}

// nestedConstant is a list, or a struct with its members in order.
func nestedConstant(list []any, t base.Type) string {
	out := make([]string, len(list))
	if t.ID == base.Struct {
		for i, x := range list {
			out[i] = ducksql.Ident(t.Fields[i].Name) + " := CAST(" + constant(x, t.Fields[i].Type) + " AS " + ducksql.Type(t.Fields[i].Type) + ")"
		}
		return "struct_pack(" + strings.Join(out, ", ") + ")"
	}
	for i, x := range list {
		out[i] = constant(x, t.Fields[0].Type)
	}
	return "CAST([" + strings.Join(out, ", ") + "] AS " + ducksql.Type(t) + ")"
}

// mapConstant is a map with its entries in the order of their keys.
func mapConstant(v any, t base.Type) string {
	entries := map[string]string{}
	m := reflect.ValueOf(v)
	for _, k := range m.MapKeys() {
		entries[constant(k.Interface(), t.Fields[0].Type)] = constant(m.MapIndex(k).Interface(), t.Fields[1].Type)
	}
	keys := slices.Sorted(maps.Keys(entries))
	values := make([]string, len(keys))
	for i, k := range keys {
		values[i] = entries[k]
	}
	return "CAST(map([" + strings.Join(keys, ", ") + "], [" + strings.Join(values, ", ") + "]) AS " + ducksql.Type(t) + ")"
}
