package duckdb

import (
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// conversionFunctions print numbers for people, and read what people write.
// typeof and format, which take anything, are special forms.
func conversionFunctions() []*overload {
	var f family
	f.t("format_number(bigint) varchar", "mg_format_number(CAST($1 AS DOUBLE))")
	f.t("format_number(double) varchar", "mg_format_number($1)")
	f.t("parse_data_size(varchar) decimal(38,0)", "CAST(mg_parse_data_size($1) AS DECIMAL(38,0))")
	f.t("parse_presto_data_size(varchar) decimal(38,0)", "CAST(mg_parse_data_size($1) AS DECIMAL(38,0))")
	f.t("human_readable_seconds(double) varchar", "mg_human_readable_seconds($1)")
	f.t("parse_duration(varchar) interval_day", "mg_parse_duration($1)")
	f.t("to_base(bigint, bigint) varchar(64)", "mg_to_base($1, $2)")
	f.t("from_base(varchar, bigint) bigint", "mg_from_base($1, $2)")
	return f
}

// format binds format(template, values...): a value crosses as the letter of
// its kind, a colon and its text.
func (b *binder) format(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 2, 1000); err != nil {
		return expr{}, err
	}
	list, err := b.exprs(x.Args, sc)
	if err != nil {
		return expr{}, err
	}
	if !types.Coercible(list[0].typ, types.TVarchar) {
		return expr{}, b.fail(x.Args[0], "TYPE_MISMATCH", "the format must be a varchar, not %s", list[0].typ)
	}
	args := []string{b.coerce(list[0], types.TVarchar).sql}
	for i, e := range list[1:] {
		text, ok := b.formatted(e)
		if !ok {
			return expr{}, b.fail(x.Args[i+1], "NOT_SUPPORTED", "format does not take a value of type %s", e.typ)
		}
		args = append(args, text)
	}
	return with(expr{typ: types.TVarchar, sql: b.fn("mg_format", args...)}, list...), nil
}

func (b *binder) formatted(e expr) (string, bool) {
	if e.typ.Kind == types.Unknown {
		return "CAST(NULL AS VARCHAR)", true
	}
	text := b.text(e)
	if e.typ.Is(types.Real, types.Double) {
		text = "CAST(" + e.sql + " AS VARCHAR)"
	}
	kind, ok := formatKinds[e.typ.Kind]
	if !ok {
		kind = "s"
	}
	return "('" + kind + ":' || " + text + ")", text != ""
}

// formatKinds are the letters by which mg_format knows its values; all others
// are texts.
var formatKinds = map[types.Kind]string{
	types.Boolean: "b", types.Tinyint: "i", types.Smallint: "i", types.Integer: "i", types.Bigint: "i", types.Real: "r", types.Double: "f", types.Decimal: "d",
	types.Date: "D", types.Time: "T", types.Timestamp: "t", types.TimestampTZ: "z",
}
