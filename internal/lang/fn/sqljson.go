package fn

import (
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// SQLJSON are json_value, json_query and json_exists. Safe for concurrent use.
type SQLJSON struct {
	zones *Zones
	paths *cache[sqlPath]
	types *cache[castType]
}

// NewSQLJSON returns the functions with empty caches.
func NewSQLJSON(z *Zones) *SQLJSON {
	return &SQLJSON{z, newCache(parseSQLPath), newCache(parseCastType)}
}

func jsonFault(code, format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...).WithCode(code)
}

// run evaluates a path. passing is a JSON object of the named parameters. wrong
// says that err is the path's own and no matter of ON ERROR.
func (j *SQLJSON) run(input, path string, passing *string) (out []jsonValue, err error, wrong bool) {
	p, err := j.paths.get(path)
	if err != nil {
		return nil, err, true
	}
	r := pathRun{strict: p.strict, passing: jsonValue{kind: jObject}}
	if passing != nil {
		var ok bool
		if r.passing, ok = parseJSON(*passing); !ok || r.passing.kind != jObject {
			return nil, invalid("parameters of a JSON path are not a JSON object: %s", shorten(*passing)), true
		}
	}
	var ok bool
	if r.context, ok = parseJSON(input); !ok {
		return nil, jsonFault("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: %s", shorten(input)), false
	}
	r.context = r.context.unique()
	out, err = r.eval(p.root)
	code := base.CodeOf(err)
	return out, err, code == "INVALID_PATH" || code == "NOT_SUPPORTED"
}

// Exists is json_exists. onError is TRUE, FALSE, UNKNOWN or ERROR.
func (j *SQLJSON) Exists(input, path, passing, onError *string) (*bool, error) {
	if input == nil || path == nil {
		return nil, nil
	}
	out, err, wrong := j.run(*input, *path, passing)
	if err == nil {
		found := len(out) > 0
		return &found, nil
	}
	switch {
	case wrong || word(onError) == "ERROR":
		return nil, err
	case word(onError) == "UNKNOWN":
		return nil, nil
	}
	found := word(onError) == "TRUE"
	return &found, nil
}

func word(s *string) string {
	if s == nil {
		return ""
	}
	return strings.ToUpper(*s)
}

// Query is json_query. wrapper is WITHOUT, CONDITIONAL or UNCONDITIONAL, quotes
// KEEP or OMIT, onEmpty and onError are NULL, ERROR, EMPTY ARRAY or EMPTY OBJECT.
func (j *SQLJSON) Query(input, path, passing, wrapper, quotes, onEmpty, onError *string) (*string, error) {
	if input == nil || path == nil {
		return nil, nil
	}
	out, err, wrong := j.run(*input, *path, passing)
	if wrong {
		return nil, err
	}
	if err != nil {
		return emptyAnswer(onError, err)
	}
	if len(out) == 0 {
		return emptyAnswer(onEmpty, jsonFault("JSON_OUTPUT_CONVERSION_ERROR", "conversion from JSON failed: JSON path found no items"))
	}
	switch one := len(out) == 1; {
	case word(wrapper) == "UNCONDITIONAL", word(wrapper) == "CONDITIONAL" && (!one || out[0].scalar()):
		out = []jsonValue{{kind: jArray, items: out}}
	case !one:
		return emptyAnswer(onError, jsonFault("JSON_OUTPUT_CONVERSION_ERROR", "conversion from JSON failed: JSON path found multiple items"))
	}
	s := string(appendJSON(nil, out[0], false))
	if word(quotes) == "OMIT" && out[0].kind == jString {
		s = plain(out[0].text)
	}
	return &s, checkSize(len(s))
}

func emptyAnswer(behaviour *string, err error) (*string, error) {
	s := ""
	switch word(behaviour) {
	case "ERROR":
		return nil, err
	case "EMPTY ARRAY":
		s = "[]"
	case "EMPTY OBJECT":
		s = "{}"
	default:
		return nil, nil
	}
	return &s, nil
}

// Value is json_value: the text of the one scalar that the path leads to, as a
// value of the given type (Trino's type text). onEmpty and onError are NULL,
// ERROR or DEFAULT, which gives the text that follows each.
func (j *SQLJSON) Value(input, path, passing, typ, onEmpty, emptyText, onError, errorText *string) (*string, error) {
	if input == nil || path == nil || typ == nil {
		return nil, nil
	}
	t, err := j.types.get(*typ)
	if err != nil {
		return nil, err
	}
	out, err, wrong := j.run(*input, *path, passing)
	if wrong {
		return nil, err
	}
	if err != nil {
		return defaultAnswer(onError, errorText, err)
	}
	const fault = "cannot extract SQL scalar from JSON: JSON path found "
	switch {
	case len(out) == 0:
		return defaultAnswer(onEmpty, emptyText, jsonFault("JSON_VALUE_RESULT_ERROR", fault+"no items"))
	case len(out) > 1:
		return defaultAnswer(onError, errorText, jsonFault("JSON_VALUE_RESULT_ERROR", fault+"multiple items"))
	case !out[0].scalar(), out[0].isInteger() && !out[0].isInt64():
		return defaultAnswer(onError, errorText, jsonFault("JSON_VALUE_RESULT_ERROR", fault+"an item that cannot be converted to an SQL value"))
	case out[0].kind == jNull:
		return nil, nil
	}
	s, err := j.scalarText(out[0], t, false)
	if base.CodeOf(err) == "NOT_SUPPORTED" {
		return nil, err
	}
	if err != nil {
		return defaultAnswer(onError, errorText, jsonFault("JSON_VALUE_RESULT_ERROR", fault+"an item that cannot be converted to %s: %w", *typ, err))
	}
	return &s, nil
}

func defaultAnswer(behaviour, text *string, err error) (*string, error) {
	switch word(behaviour) {
	case "ERROR":
		return nil, err
	case "DEFAULT":
		return text, nil
	}
	return nil, nil
}

func sqlJSONDefs(z *Zones) []Def {
	j := NewSQLJSON(z)
	text := "VARCHAR"
	arg := func(v []any, i int) *string {
		if s, ok := v[i].(string); ok {
			return &s
		}
		return nil
	}
	give := func(s *string, err error) (any, error) {
		if s == nil || err != nil {
			return nil, err
		}
		return *s, nil
	}
	return []Def{
		nulls(def4("mg_json_exists", j.Exists)),
		{Name: "mg_json_query", Params: []string{text, text, text, text, text, text, text}, Returns: text, NullArgs: true, Body: func(v []any) (any, error) {
			return give(j.Query(arg(v, 0), arg(v, 1), arg(v, 2), arg(v, 3), arg(v, 4), arg(v, 5), arg(v, 6)))
		}},
		{Name: "mg_json_value", Params: []string{text, text, text, text, text, text, text, text}, Returns: text, NullArgs: true, Body: func(v []any) (any, error) {
			return give(j.Value(arg(v, 0), arg(v, 1), arg(v, 2), arg(v, 3), arg(v, 4), arg(v, 5), arg(v, 6), arg(v, 7)))
		}},
		def2("mg_json_cast", j.Cast),
	}
}
