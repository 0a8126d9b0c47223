package duckdb

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/fn"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// jsonCall binds the SQL/JSON functions.
func (b *binder) jsonCall(x *trino.JSONCall, sc *scope) (expr, error) {
	switch x.Name {
	case "json_object", "json_array":
		return b.jsonBuild(x, sc)
	}
	return b.jsonRead(x, sc)
}

// jsonRead binds JSON_EXISTS, JSON_VALUE and JSON_QUERY.
func (b *binder) jsonRead(x *trino.JSONCall, sc *scope) (expr, error) {
	in, err := b.expr(x.Input, sc)
	if err != nil {
		return in, err
	}
	text, err := b.jsonText(x.Input, in, x.InputFormat)
	if err != nil {
		return in, err
	}
	passing, args, err := b.passing(x, sc)
	if err != nil {
		return in, err
	}
	call := []string{text, textSQL(x.Path), passing}
	out := expr{typ: types.TBoolean}
	switch x.Name {
	case "json_exists":
		out.sql = b.fn("mg_json_exists", append(call, quote(strings.ToUpper(orWord(x.OnError, "false"))))...)
	case "json_query":
		out, err = b.jsonQuery(x, call)
	default:
		out, err = b.jsonValue(x, call, sc)
	}
	return with(out, append(args, in)...), err
}

func orWord(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// jsonText is an input of JSON as text.
func (b *binder) jsonText(n trino.Node, e expr, format string) (string, error) {
	_, encoding, _ := strings.Cut(format, "encoding ")
	switch {
	case e.typ.Kind == types.Varbinary && (encoding == "" || encoding == "utf8"):
		return b.fn("mg_from_utf8", e.sql, "chr(65533)"), nil
	case e.typ.Kind == types.Varbinary:
		return b.fn("mg_decode_text", e.sql, quote(encoding)), nil
	case encoding != "":
		return "", b.fail(n, "TYPE_MISMATCH", "cannot read input of type %s as JSON using formatting JSON ENCODING %s", e.typ, strings.ToUpper(encoding))
	case e.typ.Text(), e.typ.Kind == types.JSON, e.typ.Kind == types.Unknown:
		return textOf(expr{typ: e.typ, sql: typedText(e)}), nil
	}
	return "", b.fail(n, "TYPE_MISMATCH", "cannot read input of type %s as JSON", e.typ)
}

// typedText is e's SQL, a bare NULL being a text.
func typedText(e expr) string {
	if e.typ.Kind == types.Unknown {
		return "CAST(NULL AS VARCHAR)"
	}
	return e.sql
}

// passing is the PASSING clause as a JSON object of the path's variables.
func (b *binder) passing(x *trino.JSONCall, sc *scope) (string, []expr, error) {
	names := make([]string, len(x.Passing))
	args := make([]expr, len(x.Passing))
	pairs := []string{"''"}
	seen := map[string]bool{}
	for i, p := range x.Passing {
		if seen[p.Name] {
			return "", nil, b.fail(p.Value, "DUPLICATE_PARAMETER_NAME", "%s JSON path parameter is specified more than once", p.Name)
		}
		seen[p.Name], names[i] = true, p.Name
		e, err := b.expr(p.Value, sc)
		if err != nil {
			return "", nil, err
		}
		v, err := b.jsonItem(p.Value, e, p.Format)
		if err != nil {
			return "", nil, err
		}
		args[i] = e
		pairs = append(pairs, textSQL(p.Name), "coalesce("+v+", 'null')")
	}
	if err := fn.CheckSQLJSONPath(x.Path, names); err != nil {
		return "", nil, b.placedAt(x.PathPos, err)
	}
	if len(args) == 0 {
		return "CAST(NULL AS VARCHAR)", nil, nil
	}
	return b.fn("mg_json_object", pairs...), args, nil
}

// placedAt gives err a place in the text.
func (b *binder) placedAt(at trino.Span, err error) error {
	return b.placed(&trino.NullLit{Span: at}, err)
}

// jsonItem is a value as JSON text: numbers, booleans and texts as such,
// everything else as its text; NULL stays NULL.
func (b *binder) jsonItem(n trino.Node, e expr, format string) (string, error) {
	if format != "" {
		text, err := b.jsonText(n, e, format)
		return b.fn("mg_json_formatted", text), err
	}
	switch e.typ.Kind {
	case types.Unknown:
		return "CAST(NULL AS VARCHAR)", nil
	case types.Boolean, types.Tinyint, types.Smallint, types.Integer, types.Bigint, types.Real, types.Double, types.Decimal, types.Varchar:
		return b.toJSON(n, e.sql, e.typ, 0)
	}
	text := b.text(e)
	if text == "" {
		return "", b.fail(n, "NOT_SUPPORTED", "a value of type %s cannot be part of JSON here", e.typ)
	}
	return b.fn("mg_json_quote", text), nil
}

// returning is the type after RETURNING, varchar if there is none.
func (b *binder) returning(x *trino.JSONCall, kinds ...types.Kind) (types.Type, error) {
	if x.Returning == nil {
		return types.TVarchar, nil
	}
	t, err := types.Parse(x.Returning.Text)
	if err != nil {
		return t, b.fail(x.Returning, "TYPE_NOT_FOUND", "unknown type: %s", x.Returning.Text)
	}
	if !t.Is(kinds...) {
		return t, b.fail(x.Returning, "TYPE_MISMATCH", "invalid return type of function %s: %s", strings.ToUpper(x.Name), t)
	}
	return t, nil
}

// jsonOutput is JSON text as what RETURNING asks for.
func (b *binder) jsonOutput(x *trino.JSONCall, text string) (expr, error) {
	t, err := b.returning(x, types.Varchar, types.Char, types.Varbinary)
	if err != nil {
		return expr{}, err
	}
	_, encoding, _ := strings.Cut(x.ReturningFormat, "encoding ")
	switch {
	case t.Kind == types.Varbinary && (encoding == "" || encoding == "utf8"):
		return expr{typ: t, sql: "encode(" + text + ")"}, nil
	case t.Kind == types.Varbinary:
		return expr{typ: t, sql: b.fn("mg_encode_text", text, quote(encoding))}, nil
	case encoding != "":
		return expr{}, b.fail(x.Returning, "TYPE_MISMATCH", "cannot output JSON value as %s using formatting JSON ENCODING %s", t, strings.ToUpper(encoding))
	case t.Kind == types.Varchar && t.P == types.Unbounded:
		return expr{typ: t, sql: text}, nil
	}
	return b.convert(x, expr{typ: types.TVarchar, sql: text}, t)
}

func (b *binder) jsonQuery(x *trino.JSONCall, call []string) (expr, error) {
	wrapper := orWord(x.Wrapper, "without")
	if x.Quotes != "" && wrapper != "without" {
		return expr{}, b.fail(x, "INVALID_FUNCTION_ARGUMENT", "%s QUOTES behavior specified with WITH %s ARRAY WRAPPER behavior", strings.ToUpper(x.Quotes), strings.ToUpper(wrapper))
	}
	for _, s := range []string{wrapper, orWord(x.Quotes, "keep"), orWord(x.OnEmpty, "null"), orWord(x.OnError, "null")} {
		call = append(call, quote(strings.ToUpper(s)))
	}
	return b.jsonOutput(x, b.fn("mg_json_query", call...))
}

// jsonValue binds JSON_VALUE. A default that is no text is computed apart: the
// Go function answers with its name, which no value of such a type has.
func (b *binder) jsonValue(x *trino.JSONCall, call []string, sc *scope) (expr, error) {
	t, err := b.returning(x, types.Boolean, types.Tinyint, types.Smallint, types.Integer, types.Bigint, types.Real, types.Double, types.Decimal, types.Varchar, types.Char,
		types.Date, types.Time, types.Timestamp, types.TimestampTZ)
	if err != nil {
		return expr{}, err
	}
	if t.Is(types.Time, types.TimestampTZ) {
		return expr{}, b.fail(x.Returning, "NOT_SUPPORTED", "JSON_VALUE that returns %s is not supported by the embedded engine", t)
	}
	var args []expr
	var whens string
	v := b.fresh("value")
	for i, c := range []struct {
		behavior string
		def      trino.Expr
	}{{orWord(x.OnEmpty, "null"), x.OnEmptyDefault}, {orWord(x.OnError, "null"), x.OnErrorDefault}} {
		mark := "CAST(NULL AS VARCHAR)"
		if c.behavior == "default" {
			d, err := b.expr(c.def, sc)
			if err != nil {
				return d, err
			}
			if !types.Coercible(d.typ, t) {
				if d, err = b.convert(c.def, d, t); err != nil {
					return d, err
				}
			}
			args = append(args, d)
			if mark = b.coerce(d, t).sql; !t.Text() {
				name := quote("default " + strconv.Itoa(i))
				whens += " WHEN " + v + " = " + name + " THEN " + mark
				mark = name
			}
		}
		if i == 0 {
			call = append(call, quote(t.String()))
		}
		call = append(call, quote(strings.ToUpper(c.behavior)), mark)
	}
	text := b.fn("mg_json_value", call...)
	if whens == "" {
		return expr{typ: t, sql: b.decode(text, t)}, nil
	}
	sql := "list_extract(list_transform([" + text + "], lambda " + v + ": CASE" + whens + " ELSE " + b.decode(v, t) + " END), 1)"
	return with(expr{typ: t, sql: sql}, args...), nil
}

// jsonBuild binds JSON_OBJECT and JSON_ARRAY.
func (b *binder) jsonBuild(x *trino.JSONCall, sc *scope) (expr, error) {
	object := x.Name == "json_object"
	absent := x.NullHandling == "absent" || x.NullHandling == "" && !object
	var args []expr
	var parts []string
	for _, m := range x.Members {
		if object {
			k, err := b.expr(m.Key, sc)
			if err != nil {
				return k, err
			}
			if !k.typ.Text() && k.typ.Kind != types.Unknown {
				return k, b.fail(m.Key, "INVALID_FUNCTION_ARGUMENT", "invalid type of JSON object key: %s", k.typ)
			}
			args = append(args, k)
			parts = append(parts, textOf(expr{typ: k.typ, sql: typedText(k)}))
		}
		e, err := b.expr(m.Value, sc)
		if err != nil {
			return e, err
		}
		v, err := b.jsonItem(m.Value, e, formatOf(m))
		if err != nil {
			return e, err
		}
		if !absent {
			v = "coalesce(" + v + ", 'null')"
		}
		args = append(args, e)
		parts = append(parts, v)
	}
	out, err := b.jsonOutput(x, b.built(object, x.UniqueKeys, parts))
	return with(out, args...), err
}

func (b *binder) built(object, unique bool, parts []string) string {
	if !object {
		return "('[' || concat_ws(" + strings.Join(append([]string{"','"}, parts...), ", ") + ", NULL) || ']')"
	}
	mode := "''"
	if unique {
		mode = "'unique'"
	}
	return b.fn("mg_json_object", append([]string{mode}, parts...)...)
}

// formatOf is a member's format: what a JSON function returns is JSON without
// saying so.
func formatOf(m trino.JSONMember) string {
	if c, ok := m.Value.(*trino.JSONCall); ok && m.Format == "" && (c.Name == "json_query" || c.Name == "json_object" || c.Name == "json_array") {
		return "json"
	}
	return m.Format
}
