package duckdb

import "github.com/mulgil/mulgil/internal/lang/trino/types"

// urlFunctions take URLs apart; a text that is none gives NULL.
func urlFunctions() []*overload {
	var f family
	for _, part := range []string{"fragment", "host", "path", "protocol", "query"} {
		f.t("url_extract_"+part+"(varchar(x)) varchar(x)", "mg_url_extract_"+part+"($1)")
	}
	f.t("url_extract_port(varchar) bigint", "mg_url_extract_port($1)")
	f.t("url_extract_parameter(varchar(x), varchar) varchar(x)", "mg_url_extract_parameter($1, $2)")
	f.t("url_encode(varchar(x)) varchar", "mg_url_encode($1)").result(func(c *invocation) types.Type {
		x := c.args[0].typ.P
		return bounded(x, x, func() int64 { return 12 * int64(x) })
	})
	f.t("url_decode(varchar(x)) varchar(x)", "mg_url_decode($1)")
	return f
}
