package duckdb

// jsonFunctions are those on JSON texts and values of type json, which are
// compact JSON texts to the engine. Paths are Presto's: $.a["b c"][0].
func jsonFunctions() []*overload {
	var f family
	f.t("json_parse(varchar) json", "mg_json_parse($1)")
	f.t("json_format(json) varchar", "$1")
	for _, in := range []struct{ json, bare string }{{"varchar(x)", "varchar(x)"}, {"json", "varchar"}} {
		f.t("json_extract_scalar("+in.json+", varchar) "+in.bare, "mg_json_extract_scalar($1, $2)")
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
