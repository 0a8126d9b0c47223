package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// toJSON is CAST(x AS json): compact JSON text.
func (b *binder) toJSON(n trino.Node, sql string, f types.Type, depth int) (string, error) {
	null := func(text string) string {
		if depth == 0 {
			return text
		}
		return "coalesce(" + text + ", 'null')"
	}
	v := fmt.Sprintf("j%d", depth)
	switch f.Kind {
	case types.JSON:
		return null(sql), nil
	case types.Boolean, types.Tinyint, types.Smallint, types.Integer, types.Bigint, types.Decimal:
		return null(b.text(expr{typ: f, sql: sql})), nil
	case types.Real:
		return null(b.fn("mg_json_double", "CAST(CAST("+sql+" AS VARCHAR) AS DOUBLE)")), nil
	case types.Double:
		return null(b.fn("mg_json_double", sql)), nil
	case types.Varchar:
		return null(b.fn("mg_json_quote", sql)), nil
	case types.Date, types.Timestamp:
		return null(b.fn("mg_json_quote", b.text(expr{typ: f, sql: sql}))), nil
	case types.Unknown:
		return null("CAST(NULL AS VARCHAR)"), nil
	case types.Array:
		e, err := b.toJSON(n, v, f.Elem(), depth+1)
		return null("('[' || array_to_string(list_transform(" + sql + ", lambda " + v + ": " + e + "), ',') || ']')"), err
	case types.Map:
		if !jsonKeys[f.Key().Kind] {
			return "", b.cannotCast(n, f, types.TJSON)
		}
		key := b.text(expr{typ: f.Key(), sql: v + ".key"})
		e, err := b.toJSON(n, v+".value", f.Value(), depth+1)
		sorted := "list_sort(list_transform(map_entries(" + sql + "), lambda " + v + ": struct_pack(k := " + key + ", e := " + e + ")))"
		return null("('{' || array_to_string(list_transform(" + sorted + ", lambda " + v + ": " + b.fn("mg_json_quote", v+".k") + " || ':' || " + v + ".e), ',') || '}')"), err
	case types.Row:
		parts := make([]string, len(f.Elems))
		for i, t := range f.Elems {
			e, err := b.toJSON(n, rowGet(sql, i), t, depth+1)
			if err != nil {
				return "", err
			}
			parts[i] = quote(jsonKey(f.Names[i])) + " || " + e
		}
		return null("CASE WHEN " + sql + " IS NULL THEN NULL ELSE '{' || " + strings.Join(parts, " || ',' || ") + " || '}' END"), nil
	}
	return "", b.cannotCast(n, f, types.TJSON)
}

// jsonKeys are the types of keys that maps may have as JSON.
var jsonKeys = map[types.Kind]bool{
	types.Boolean: true, types.Tinyint: true, types.Smallint: true, types.Integer: true, types.Bigint: true, types.Real: true, types.Double: true, types.Decimal: true, types.Varchar: true,
}

func jsonKey(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `":`
}

// fromJSON is CAST(json AS t): the Go function checks the JSON against the
// type and prints it in a form the engine's own casts read.
func (b *binder) fromJSON(n trino.Node, e expr, t types.Type) (string, error) {
	if !fromJSON(t) {
		return "", b.cannotCast(n, e.typ, t)
	}
	return b.decode(b.fn("mg_json_cast", e.sql, quote(t.String())), t), nil
}

// fromJSON tells whether JSON can be cast to t.
func fromJSON(t types.Type) bool {
	switch t.Kind {
	case types.Array, types.Row:
	case types.Map:
		if !jsonKeys[t.Key().Kind] {
			return false
		}
	default:
		return jsonKeys[t.Kind] || t.Kind == types.JSON
	}
	for _, e := range t.Elems {
		if !fromJSON(e) {
			return false
		}
	}
	return true
}

// decode turns mg_json_cast's text into a value: a nested one is JSON in the
// engine's own form of the type.
func (b *binder) decode(sql string, t types.Type) string {
	switch {
	case t.Is(types.Varchar, types.JSON):
		return sql
	case nested(t):
		return "CAST(from_json_strict(" + sql + ", " + quote(`"`+physical(t)+`"`) + ") AS " + physical(t) + ")"
	}
	return "CAST(" + sql + " AS " + physical(t) + ")"
}
