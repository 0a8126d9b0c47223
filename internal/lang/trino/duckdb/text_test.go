package duckdb

import (
	"errors"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/fn"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

func TestTextCallsAreLowered(t *testing.T) {
	for _, c := range []struct{ call, want string }{
		{"lower(x)", "lower(r1.c0)"},
		{"substr(x, 2, 3)", "substr(r1.c0, 2, 3)"},
		{"substr(x, 0)", "substr(r1.c0, 1, 0)"},
		{"substr(x, 5)", "substr(r1.c0, 5)"},
		{"lpad(x, 8, '가')", "lpad(r1.c0, 8, CAST('가' AS VARCHAR))"},
		{"lpad(x, 8, '')", "mg_lpad(r1.c0, CAST(CAST(8 AS INTEGER) AS BIGINT), CAST('' AS VARCHAR))"},
		{"split(x, ',')", "string_split(r1.c0, CAST(',' AS VARCHAR))"},
		{"split(x, '')", "mg_split(r1.c0, CAST('' AS VARCHAR))"},
		{"split_part(x, '-', 2)", "list_extract(string_split(r1.c0, CAST('-' AS VARCHAR)), 2)"},
		{"trim(LEADING '0' FROM x)", "ltrim(r1.c0, CAST('0' AS VARCHAR))"},
		{"regexp_like(x, '\\d+원')", `regexp_matches(r1.c0, CAST('(?:[0-9]+)원' AS VARCHAR))`},
		{"regexp_like(x, 'a(?=b)')", `mg_regexp_like(r1.c0, CAST('a(?=b)' AS VARCHAR))`},
		{"regexp_like(x, 'a$')", `CASE WHEN NOT suffix(r1.c0, chr(10)) THEN regexp_matches(r1.c0, CAST('a$' AS VARCHAR)) ELSE mg_regexp_like(r1.c0, CAST('a$' AS VARCHAR)) END`},
		{"regexp_extract(x, '(a+)b*', 1)", `nullif(regexp_extract(r1.c0, CAST('((?:a+))(?:b*)' AS VARCHAR), 1), '')`},
		{"regexp_extract(x, 'a(b*)', 1)", `mg_regexp_extract(r1.c0, CAST('a(b*)' AS VARCHAR), CAST(1 AS BIGINT))`},
		{"regexp_replace(x, '(a)b', '$1-')", `regexp_replace(r1.c0, CAST('(a)b' AS VARCHAR), CAST('\1-' AS VARCHAR), 'g')`},
		{"regexp_replace(x, '(?<n>a)b', '${n}-')", `mg_regexp_replace(r1.c0, CAST('(?<n>a)b' AS VARCHAR), CAST('${n}-' AS VARCHAR))`},
		{"md5(to_utf8(x))", "unhex(md5(encode(r1.c0)))"},
		{"json_extract_scalar(x, '$.a[0]')", "mg_json_extract_scalar(r1.c0, CAST('$.a[0]' AS VARCHAR))"},
		{"json_format(json_parse(x))", "mg_json_parse(r1.c0)"},
		{"cast(json_parse(x) AS array(bigint))", `CAST(from_json_strict(mg_json_cast(mg_json_parse(r1.c0), 'array(bigint)'), '"BIGINT[]"') AS BIGINT[])`},
		{"json_exists(x, 'lax $.a')", "mg_json_exists(r1.c0, CAST('lax $.a' AS VARCHAR), CAST(NULL AS VARCHAR), 'FALSE')"},
	} {
		sql, err := lower(t, "SELECT "+c.call+" FROM (VALUES '한글') t(x)")
		if err != nil {
			t.Errorf("%s: %v", c.call, err)
			continue
		}
		if !strings.Contains(sql, c.want+" AS c0") && !strings.Contains(sql, c.want+" AS ") {
			t.Errorf("%s: want %s in\n%s", c.call, c.want, sql)
		}
	}
}

func TestWrongTextCallsAreRefused(t *testing.T) {
	for _, c := range []struct{ call, code string }{
		{"concat('a')", "INVALID_FUNCTION_ARGUMENT"},
		{"upper(1)", "FUNCTION_NOT_FOUND"},
		{"codepoint('ab')", "FUNCTION_NOT_FOUND"},
		{"regexp_like('a', '(')", "INVALID_FUNCTION_ARGUMENT"},
		{"regexp_like('a', '(?=(')", "INVALID_FUNCTION_ARGUMENT"},
		{"json_value('{}', '$.a')", "SYNTAX_ERROR"},
		{"json_value('{}', 'lax $x' PASSING 1 AS x)", "INVALID_PATH"},
		{"json_value('{}', 'lax $x' PASSING 1 AS \"x\", 2 AS \"x\")", "DUPLICATE_PARAMETER_NAME"},
		{"json_value('{}', 'lax $' RETURNING array(bigint))", "TYPE_MISMATCH"},
		{"json_value('{}', 'lax $' RETURNING time)", "NOT_SUPPORTED"},
		{"json_query(1, 'lax $')", "TYPE_MISMATCH"},
		{"json_query('{}', 'lax $' RETURNING bigint)", "TYPE_MISMATCH"},
		{"json_query('{}', 'lax $' WITH ARRAY WRAPPER KEEP QUOTES)", "INVALID_FUNCTION_ARGUMENT"},
		{"json_object(1 : 2)", "INVALID_FUNCTION_ARGUMENT"},
		{"json_array(X'00' FORMAT JSON ENCODING UTF9)", "SYNTAX_ERROR"},
		{"cast(X'00' AS json)", "TYPE_MISMATCH"},
		{"cast(json '1' AS date)", "TYPE_MISMATCH"},
		{"format(1, 2)", "TYPE_MISMATCH"},
		{"format('%s')", "SYNTAX_ERROR"},
		{"format('%s', ARRAY[1])", "NOT_SUPPORTED"},
		{"st_distance('a', 'b')", "NOT_SUPPORTED"},
		{"approx_set(1)", "NOT_SUPPORTED"},
		{"to_date('1', concat('y', 'y'))", "NOT_SUPPORTED"},
		{"uppr('a')", "FUNCTION_NOT_FOUND"},
	} {
		_, err := lower(t, "SELECT "+c.call)
		var e *base.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Place == nil {
			t.Errorf("%s: want %s with a place, got %v", c.call, c.code, err)
		}
	}
}

// textFamilies are the functions of this file's subject.
func textFamilies() map[string][]*overload {
	return map[string][]*overload{"string": stringFunctions(), "regexp": regexpFunctions(), "json": jsonFunctions(), "url": urlFunctions(), "binary": binaryFunctions(),
		"conversion": conversionFunctions(), "network": networkFunctions(), "teradata": teradataFunctions()}
}

func TestGoFunctionsThatTextsCallExist(t *testing.T) {
	have := map[string]bool{}
	for _, d := range fn.All() {
		have[d.Name] = true
	}
	for family, list := range textFamilies() {
		for _, o := range list {
			for _, text := range lowerings(t, o) {
				b := newBinder("", Options{})
				b.note(text)
				for name := range b.funcs {
					if !have[name] {
						t.Errorf("%s: %s calls %s, which is none", family, o.sig.text, name)
					}
				}
			}
		}
	}
}

// lowerings are an overload's texts for columns, and for constants with zeros.
func lowerings(t *testing.T, o *overload) []string {
	t.Helper()
	var out []string
	for _, constant := range []bool{false, true} {
		c := &invocation{b: newBinder("", Options{}), n: &trino.Call{Name: trino.QName{Parts: []trino.Name{{Text: o.sig.name}}}}, m: &binding{}, ret: types.TVarchar}
		for i := range o.sig.params {
			e := expr{typ: c.m.apply(o.sig.params[i], nil), sql: "f(a)", lambda: []string{"x"}}
			if constant {
				e.val = map[bool]any{true: "yyyy", false: int64(0)}[e.typ.Text()]
			}
			c.args = append(c.args, e)
		}
		if o.sig.variadic {
			c.args = append(c.args, c.args[len(c.args)-1])
		}
		if o.sig.name == "to_char" || o.sig.name == "to_date" || o.sig.name == "to_timestamp" {
			c.args[1].val = "yyyy"
		}
		text, err := o.scalar(c)
		if err != nil {
			t.Errorf("%s: %v", o.sig.text, err)
		}
		out = append(out, text)
	}
	return out
}
