package duckdb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// stringFunctions are those on texts. Lengths and positions count code points,
// as the engine's own do; where the engine counts graphemes or bytes instead a
// Go function answers.
func stringFunctions() []*overload {
	var f family
	f.t("length(varchar) bigint", "length($1)")
	f.f("length(char(x)) bigint", func(c *invocation) (string, error) {
		return fmt.Sprintf("CASE WHEN %s IS NULL THEN NULL ELSE CAST(%d AS BIGINT) END", c.sql(0), c.args[0].typ.P), nil
	})
	f.t("length(varbinary) bigint", "octet_length($1)")
	caseFunctions(&f)
	trimFunctions(&f)
	joinFunctions(&f)
	partFunctions(&f)
	searchFunctions(&f)
	charFunctions(&f)
	wordFunctions(&f)
	return f
}

// caseFunctions change letters one by one: ß stays, though the engine has a capital for it.
func caseFunctions(f *family) {
	for _, text := range []string{"varchar(x)", "char(x)"} {
		f.once("upper("+text+") "+text, "CASE WHEN contains($1, 'ß') THEN array_to_string(list_transform(string_split($1, 'ß'), lambda piece: upper(piece)), 'ß') ELSE upper($1) END")
		f.t("lower("+text+") "+text, "lower($1)")
	}
}

// blanks are what TRIM without characters removes: Java's white space. The
// engine's own trim removes Unicode's spaces; they differ in the characters of
// oddBlanks, which hardly any text has.
const blanks = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"

const oddBlanks = `[\x{9}-\x{d}\x{1c}-\x{1f}\x{a0}\x{2007}\x{2028}\x{2029}\x{202f}]`

func trimFunctions(f *family) {
	for _, name := range []string{"trim", "ltrim", "rtrim"} {
		for _, text := range []string{"varchar(x)", "char(x)"} {
			f.f(name+"("+text+") varchar(x)", func(c *invocation) (string, error) {
				return c.let(func(v []string) string {
					return fill("CASE WHEN regexp_matches($1, "+quote(oddBlanks)+") THEN "+trimName(c)+"($1, "+quote(blanks)+") ELSE "+trimName(c)+"($1) END", v)
				}), nil
			})
			f.f(name+"("+text+", varchar) varchar(x)", func(c *invocation) (string, error) {
				return trimName(c) + "(" + c.sql(0) + ", " + c.sql(1) + ")", nil
			})
		}
	}
}

// trimName is the engine's function: TRIM(LEADING c FROM x) is a trim with a unit.
func trimName(c *invocation) string {
	switch c.n.Unit {
	case "leading":
		return "ltrim"
	case "trailing":
		return "rtrim"
	}
	return c.n.Name.Parts[len(c.n.Name.Parts)-1].Text
}

func joinFunctions(f *family) {
	f.f("concat(varchar...) varchar", concatenation)
	f.f("concat(varbinary...) varbinary", concatenation)
	f.f("concat(char(x), char(y)) char(z)", func(c *invocation) (string, error) {
		return "(" + padded(c.args[0]) + " || " + c.sql(1) + ")", nil
	}).result(func(c *invocation) types.Type {
		return types.CharOf(min(c.args[0].typ.P+c.args[1].typ.P, 65536))
	})
	f.t("concat_ws(varchar, varchar...) varchar", "concat_ws($*)")
	f.t("concat_ws(varchar, array(varchar)) varchar", "array_to_string($2, $1)")
	for _, name := range []string{"lpad", "rpad"} {
		f.f(name+"(varchar, bigint, varchar) varchar", func(c *invocation) (string, error) { return c.pad(name), nil })
		f.t(name+"(varbinary, bigint, varbinary) varbinary", "mg_"+name+"_blob($*)")
	}
}

func concatenation(c *invocation) (string, error) {
	if len(c.args) < 2 {
		return "", c.b.fail(c.n, "INVALID_FUNCTION_ARGUMENT", "there must be two or more concatenation arguments")
	}
	parts := make([]string, len(c.args))
	for i, a := range c.args {
		parts[i] = a.sql
	}
	return "(" + strings.Join(parts, " || ") + ")", nil
}

// maxText is the longest text a function may make on its own.
const maxText = 1 << 20

// pad is the engine's own where nothing can be wrong with the constants.
func (c *invocation) pad(name string) string {
	n, known := c.number(1)
	with, ok := c.constant(2)
	if known && ok && n >= 0 && n <= maxText/4 && with != "" {
		return fmt.Sprintf("%s(%s, %d, %s)", name, c.sql(0), n, c.sql(2))
	}
	return c.b.fn("mg_"+name, c.sql(0), c.sql(1), c.sql(2))
}

// longest is the greatest length the engine's substr takes.
const longest = 2147483647

func partFunctions(f *family) {
	for _, name := range []string{"substr", "substring"} {
		for _, text := range []string{"varchar(x)", "char(x)"} {
			f.f(name+"("+text+", bigint) varchar(x)", func(c *invocation) (string, error) { return c.substr(), nil })
			f.f(name+"("+text+", bigint, bigint) varchar(x)", func(c *invocation) (string, error) { return c.substr(), nil })
		}
	}
	f.f("split(varchar(x), varchar) array(varchar(x))", func(c *invocation) (string, error) {
		if sep, ok := c.constant(1); ok && sep != "" {
			return "string_split(" + c.sql(0) + ", " + c.sql(1) + ")", nil
		}
		return c.expand("mg_split($1, $2)"), nil
	})
	f.t("split(varchar(x), varchar, bigint) array(varchar(x))", "mg_split_limit($1, $2, $3)")
	f.f("split_part(varchar(x), varchar, bigint) varchar(x)", func(c *invocation) (string, error) {
		sep, ok := c.constant(1)
		if n, known := c.number(2); ok && known && sep != "" && n > 0 {
			return fmt.Sprintf("list_extract(string_split(%s, %s), %d)", c.sql(0), c.sql(1), n), nil
		}
		return c.expand("mg_split_part($1, $2, $3)"), nil
	})
	f.t("split_to_map(varchar, varchar, varchar) map(varchar, varchar)", "mg_split_to_map($1, $2, $3)")
	f.t("split_to_multimap(varchar, varchar, varchar) map(varchar, array(varchar))", "mg_split_to_multimap($1, $2, $3)")
}

// substr counts from 1, from the end if negative; 0 and places before the
// first character give an empty text.
func (c *invocation) substr() string {
	c.args[0] = expr{typ: c.args[0].typ, sql: textOf(c.args[0]), val: c.args[0].val}
	start, known := c.number(1)
	length, fixed := int64(longest), true
	if len(c.args) == 3 {
		length, fixed = c.number(2)
		length = min(max(length, 0), longest)
	}
	if known && fixed && start >= 0 {
		if start == 0 {
			start, length = 1, 0
		}
		if len(c.args) == 2 && length > 0 {
			return fmt.Sprintf("substr(%s, %d)", c.sql(0), min(start, longest))
		}
		return fmt.Sprintf("substr(%s, %d, %d)", c.sql(0), min(start, longest), length)
	}
	return c.let(func(v []string) string {
		if len(v) == 2 {
			v = append(v, strconv.Itoa(longest))
		}
		return fill("CASE WHEN $2 = 0 OR $3 <= 0 OR $2 > 2147483647 OR $2 < - length($1) THEN substr($1, 1, 0 * $2 * $3) ELSE substr($1, $2, CASE WHEN $3 > 2147483647 THEN 2147483647 ELSE $3 END) END", v)
	})
}

func searchFunctions(f *family) {
	for _, name := range []string{"strpos", "position", "index"} {
		f.t(name+"(varchar, varchar) bigint", "strpos($1, $2)")
	}
	f.t("strpos(varchar, varchar, bigint) bigint", "mg_strpos_instance($1, $2, $3)")
	f.t("starts_with(varchar, varchar) boolean", "starts_with($1, $2)")
	f.t("replace(varchar(x), varchar) varchar(x)", "replace($1, $2, '')")
	f.f("replace(varchar(x), varchar(y), varchar(z)) varchar", func(c *invocation) (string, error) {
		if s, ok := c.constant(1); ok && s != "" {
			return c.expand("replace($1, $2, $3)"), nil
		}
		// An empty search text puts the replacement before every character and at the end.
		return c.let(func(v []string) string {
			return fill(`CASE WHEN $2 = '' THEN $3 || regexp_replace($1, '(?s)(.)', '\1' || replace($3, '\', '\\'), 'g') ELSE replace($1, $2, $3) END`, v)
		}), nil
	}).result(func(c *invocation) types.Type {
		x, z := c.args[0].typ.P, c.args[2].typ.P
		return bounded(x, z, func() int64 { return int64(x) + int64(z)*int64(x+1) })
	})
	f.t("translate(varchar, varchar, varchar) varchar", "mg_translate($1, $2, $3)")
}

// bounded is varchar of a computed length, plain varchar if a part has none.
func bounded(a, b int, n func() int64) types.Type {
	if a == types.Unbounded || b == types.Unbounded || n() >= longest {
		return types.TVarchar
	}
	return types.VarcharOf(int(n()))
}

func charFunctions(f *family) {
	f.f("chr(bigint) varchar(1)", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			bad := c.b.raiseWith(c.ret, "INVALID_FUNCTION_ARGUMENT", "'not a valid Unicode code point: ' || CAST($1 AS VARCHAR)")
			return fill("CASE WHEN $1 < 0 OR $1 > 1114111 OR $1 BETWEEN 55296 AND 57343 THEN "+bad+" ELSE chr(CAST($1 AS INTEGER)) END", v)
		}), nil
	})
	f.f("codepoint(varchar(1)) integer", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			return fill("CASE WHEN length($1) <> 1 THEN "+c.raise("input string must be a single character string")+" ELSE unicode($1) END", v)
		}), nil
	})
	f.once("reverse(varchar(x)) varchar(x)", "CASE WHEN strlen($1) = length($1) THEN reverse($1) ELSE array_to_string(list_reverse(regexp_extract_all($1, '(?s).')), '') END")
	f.t("char2hexint(varchar) varchar", "hex(mg_encode_text($1, 'utf16be'))")
	f.f("normalize(varchar) varchar", normalization)
}

// normalization is NORMALIZE(x [, form]), NFC if no form is given.
func normalization(c *invocation) (string, error) {
	switch form := c.n.Unit; form {
	case "", "nfc":
		return "nfc_normalize(" + c.sql(0) + ")", nil
	default:
		return c.b.fn("mg_normalize", c.sql(0), quote(strings.ToUpper(form))), nil
	}
}

func wordFunctions(f *family) {
	f.t("levenshtein_distance(varchar, varchar) bigint", "mg_levenshtein_distance($1, $2)")
	f.t("hamming_distance(varchar, varchar) bigint", "mg_hamming_distance($1, $2)")
	f.t("soundex(varchar) varchar(4)", "mg_soundex($1)")
	f.t("luhn_check(varchar) boolean", "mg_luhn_check($1)")
	f.t("word_stem(varchar(x)) varchar(x)", "mg_word_stem($1, 'en')")
	f.t("word_stem(varchar(x), varchar(2)) varchar(x)", "mg_word_stem($1, $2)")
}
