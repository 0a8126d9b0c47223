package duckdb

import (
	"regexp"
	"strings"
)

// jsonFunctions are those on JSON texts and values of type json, which are
// compact JSON texts to the engine. Paths are Presto's: $.a["b c"][0].
func jsonFunctions() []*overload {
	var f family
	f.t("json_parse(varchar) json", "mg_json_parse($1)")
	f.t("json_format(json) varchar", "$1")
	for _, in := range []struct{ json, bare string }{{"varchar(x)", "varchar(x)"}, {"json", "varchar"}} {
		f.f("json_extract_scalar("+in.json+", varchar) "+in.bare, extractScalar)
		f.t("json_extract("+in.json+", varchar) json", "mg_json_extract($1, $2)")
		f.t("json_size("+in.json+", varchar) bigint", "mg_json_size($1, $2)")
		f.t("json_array_length("+in.json+") bigint", "mg_json_array_length($1)")
		f.t("json_array_get("+in.json+", bigint) json", "mg_json_array_get($1, $2)")
		f.t("is_json_scalar("+in.json+") boolean", "mg_is_json_scalar($1)")
		for _, t := range []string{"boolean", "bigint", "double", "varchar"} {
			f.t("json_array_contains("+in.json+", "+t+") boolean", "mg_json_array_contains_"+t+"($1, $2)")
		}
	}
	return f
}

// keyPath is a path of names alone, which the engine follows as Trino does.
var keyPath = regexp.MustCompile(`^\$(\.[A-Za-z_][A-Za-z0-9_]*)+$`)

// lenientJSON finds what the engine's reader lets pass and Trino's does not:
// commas before a closing bracket, NaN and infinities. It may find more.
const lenientJSON = `(?i),\s*[\]}]|[:\[,]\s*-?(?:nan|inf)|^\s*-?(?:nan|inf)`

// extractScalar reads texts, whole numbers and booleans by the engine's own
// reader, which is faster; numbers whose text it would change, and JSON it would
// read otherwise than Trino, go to the Go function.
func extractScalar(c *invocation) (string, error) {
	path, ok := c.constant(1)
	if !ok || !keyPath.MatchString(path) {
		return c.expand("mg_json_extract_scalar($1, $2)"), nil
	}
	own := quote(`$."` + strings.ReplaceAll(path[len("$."):], ".", `"."`) + `"`)
	return c.let(func(v []string) string {
		const slow = "mg_json_extract_scalar($1, $2)"
		c.b.note(slow)
		return fill("CASE WHEN NOT json_valid($1) OR regexp_matches($1, "+quote(lenientJSON)+") THEN "+slow+
			" WHEN json_type($1, "+own+") IN ('VARCHAR', 'UBIGINT', 'BOOLEAN') THEN json_extract_string($1, "+own+")"+
			" WHEN json_type($1, "+own+") IN ('DOUBLE', 'BIGINT') THEN "+slow+" END", v)
	}), nil
}
