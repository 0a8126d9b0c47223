package duckdb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// physical is the DuckDB type that holds values of t:
//
//	char(n)                      text without its trailing blanks
//	json, ipaddress              text
//	timestamp(0..6), (7..12)     TIMESTAMP, TIMESTAMP_NS
//	timestamp(p) with time zone  STRUCT(t in UTC, z zone)
//	time(0..6), (7..12)          TIME, TIME_NS
//	intervals                    BIGINT milliseconds, INTEGER months
//	row                          STRUCT(f1, f2, ...)
func physical(t types.Type) string {
	switch t.Kind {
	case types.Unknown:
		return "INTEGER"
	case types.Real:
		return "FLOAT"
	case types.Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.P, t.S)
	case types.Varchar, types.Char, types.JSON, types.IPAddress:
		return "VARCHAR"
	case types.Varbinary:
		return "BLOB"
	case types.Time:
		if t.P > 6 {
			return "TIME_NS"
		}
		return "TIME"
	case types.Timestamp:
		return clockType(t.P)
	case types.TimestampTZ:
		return "STRUCT(t " + clockType(t.P) + ", z VARCHAR)"
	case types.TimeTZ:
		return "STRUCT(t TIME, z VARCHAR)"
	case types.IntervalDay:
		return "BIGINT"
	case types.IntervalYear:
		return "INTEGER"
	case types.Array:
		return physical(t.Elem()) + "[]"
	case types.Map:
		return "MAP(" + physical(t.Key()) + ", " + physical(t.Value()) + ")"
	case types.Row:
		f := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			f[i] = rowField(i) + " " + physical(e)
		}
		return "STRUCT(" + strings.Join(f, ", ") + ")"
	}
	return strings.ToUpper(t.String())
}

func clockType(p int) string {
	if p > 6 {
		return "TIMESTAMP_NS"
	}
	return "TIMESTAMP"
}

// rowField is the engine's name of a row's i-th field, from 0.
func rowField(i int) string { return "f" + strconv.Itoa(i+1) }

// Physical is the DuckDB type that holds values of t.
func Physical(t types.Type) string { return physical(t) }
