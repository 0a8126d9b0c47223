package query

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

func itoa(n int) string { return strconv.Itoa(n) }

var icebergKinds = map[base.TypeID]types.Type{
	base.Boolean: types.TBoolean, base.Int: types.TInteger, base.Long: types.TBigint, base.Float: types.TReal, base.Double: types.TDouble, base.String: types.TVarchar,
	base.Binary: types.TVarbinary, base.Date: types.TDate, base.Time: types.TimeOf(6), base.Timestamp: types.TimestampOf(6), base.TimestampTZ: types.TimestampTZOf(6), base.UUID: types.TUUID,
}

// icebergType is the type Trino's Iceberg tables show: timestamps have six digits.
func icebergType(t base.Type) types.Type {
	switch t.ID {
	case base.Decimal:
		return types.DecimalOf(t.Precision, t.Scale)
	case base.List:
		return types.ArrayOf(icebergType(t.Fields[0].Type))
	case base.Map:
		return types.MapOf(icebergType(t.Fields[0].Type), icebergType(t.Fields[1].Type))
	case base.Struct:
		out := types.Type{Kind: types.Row}
		for _, f := range t.Fields {
			out.Elems, out.Names = append(out.Elems, icebergType(f.Type)), append(out.Names, strings.ToLower(f.Name))
		}
		return out
	}
	return icebergKinds[t.ID]
}

func icebergColumns(fields []base.Field) []duckdb.Column {
	out := make([]duckdb.Column, len(fields))
	for i, f := range fields {
		out[i] = duckdb.Column{Name: strings.ToLower(f.Name), Physical: f.Name, Type: icebergType(f.Type)}
	}
	return out
}

// externalColumns are a Hive table's columns, its partition keys after them,
// and the hidden ones Trino's Hive tables have.
func externalColumns(t external.Table) []duckdb.Column {
	var out []duckdb.Column
	for _, list := range [][]base.Field{t.Columns, t.PartitionKeys} {
		for _, f := range list {
			out = append(out, duckdb.Column{Name: strings.ToLower(f.Name), Physical: strings.ToLower(f.Name), Type: hiveColumnType(declaredType(t, f), f.Type)})
		}
	}
	return append(out,
		duckdb.Column{Name: "$path", Type: types.TVarchar, Hidden: true}, duckdb.Column{Name: "$file_size", Type: types.TBigint, Hidden: true},
		duckdb.Column{Name: "$file_modified_time", Type: types.TimestampTZOf(3), Hidden: true})
}

// hiveColumnType is a declared Hive type in Trino's words: string is varchar,
// timestamp has three digits.
func hiveColumnType(text string, t base.Type) types.Type {
	return millis(declaredAs(text, t))
}

func declaredAs(text string, t base.Type) types.Type {
	w := strings.ToLower(strings.TrimSpace(text))
	switch {
	case w == "tinyint":
		return types.TTinyint
	case w == "smallint":
		return types.TSmallint
	case strings.HasPrefix(w, "varchar("), strings.HasPrefix(w, "char("):
		if p, err := types.Parse(w); err == nil {
			return p
		}
	}
	return icebergType(t)
}

// millis gives timestamps the three digits of Hive tables.
func millis(t types.Type) types.Type {
	if t.Is(types.Timestamp, types.TimestampTZ) {
		t.P = 3
	}
	if len(t.Elems) > 0 {
		elems := make([]types.Type, len(t.Elems))
		for i, e := range t.Elems {
			elems[i] = millis(e)
		}
		t.Elems = elems
	}
	return t
}

// engineType is a type the engine names, where it describes files.
func engineType(text string) (types.Type, bool) {
	w := strings.ToUpper(text)
	if strings.HasSuffix(w, "[]") {
		t, ok := engineType(text[:len(text)-2])
		return types.ArrayOf(t), ok
	}
	switch w {
	case "VARCHAR":
		return types.TVarchar, true
	case "INTEGER", "USMALLINT":
		return types.TInteger, true
	case "UTINYINT":
		return types.TSmallint, true
	case "BIGINT", "UINTEGER":
		return types.TBigint, true
	case "HUGEINT", "UBIGINT":
		return types.DecimalOf(38, 0), true
	case "FLOAT":
		return types.TReal, true
	case "BLOB":
		return types.TVarbinary, true
	case "TIMESTAMP":
		return types.TimestampOf(6), true
	case "TIMESTAMP WITH TIME ZONE":
		return types.TimestampTZOf(6), true
	case "TIME":
		return types.TimeOf(6), true
	case "JSON":
		return types.TJSON, true
	}
	if strings.HasPrefix(w, "STRUCT") || strings.HasPrefix(w, "MAP") || strings.HasPrefix(w, "UNION") || strings.HasPrefix(w, "ENUM") {
		return types.Type{}, false
	}
	t, err := types.Parse(strings.ToLower(w))
	return t, err == nil
}
