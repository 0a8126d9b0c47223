package duckdb_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/port"
)

func TestDescribeFindsTheLakeTypeOfEveryColumn(t *testing.T) {
	s := open(t, port.EngineConfig{})
	for expr, want := range map[string]string{
		"true": "boolean", "1::TINYINT": "int", "1::USMALLINT": "int", "1::UINTEGER": "bigint", "1::UBIGINT": "decimal(20,0)",
		"1::BIGINT": "bigint", "1::HUGEINT": "decimal(38,0)", "1::UHUGEINT": "decimal(38,0)", "1.5": "decimal(2,1)", "1::DECIMAL(38,10)": "decimal(38,10)",
		"1::FLOAT": "float", "1::DOUBLE": "double", "'가'": "string", "'x'::BLOB": "binary", "NULL": "int",
		"DATE '2014-01-01'": "date", "TIME '10:00:00'": "time", "TIMESTAMP '2014-01-01 00:00:00'": "timestamp", "TIMESTAMP_S '2014-01-01 00:00:00'": "timestamp",
		"TIMESTAMPTZ '2014-01-01 00:00:00+09'": "timestamp with time zone", "uuid()": "uuid", `'{"a": 1}'::JSON`: "string",
		"'a'::ENUM('a', 'b, c', 'it''s')": "string", "[1, 2]": "array<int>", "[[1]]": "array<array<int>>", "[1, 2]::INTEGER[2]": "array<int>",
		"MAP {'가': 1.5}": "map<string,decimal(2,1)>", "{'a': 1, 'b c': [DATE '2014-01-01']}": "struct<a:int,b c:array<date>>",
		`{'a "q", (x': 1, '한글': {'안': 'x'}}`: `struct<a "q", (x:int,한글:struct<안:string>>`,
		"MAP {{'a': 1}: [1::DECIMAL(4,2)]}":  "map<struct<a:int>,array<decimal(4,2)>>", "sum(1::BIGINT)": "decimal(38,0)",
	} {
		fields, err := s.Describe(t.Context(), "SELECT "+expr+" AS v")
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := fields[0].Type.String(); got != want {
			t.Errorf("%s: %s, want %s", expr, got, want)
		}
	}
}

func TestTypesNoTableHoldsAreRefusedByColumn(t *testing.T) {
	s := open(t, port.EngineConfig{})
	for _, expr := range []string{"INTERVAL 1 DAY", "TIMESTAMP_NS '2014-01-01 00:00:00'", "TIMETZ '10:00:00+09'", "'101'::BIT", "[INTERVAL 1 DAY]", "{'a': INTERVAL 1 DAY}",
		"MAP {'a': INTERVAL 1 DAY}", "union_value(n := 1)"} {
		_, err := s.Describe(t.Context(), "SELECT 1 AS ok, "+expr+" AS 배송")
		if e := asError(t, err); e.Kind != base.Invalid || !strings.Contains(e.Msg, `column "배송"`) || e.Hint == "" {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestParseTypeRefusesNonsense(t *testing.T) {
	for _, s := range []string{"", "FROB", "DECIMAL(x)", "MAP(INTEGER)", "STRUCT(a FROB)"} {
		if got, err := duckdb.ParseType(s); err == nil {
			t.Errorf("%q: %s", s, got)
		}
	}
}

func TestParametersKeepTheirDeclaredType(t *testing.T) {
	s := open(t, port.EngineConfig{})
	at := time.Date(2014, 1, 31, 13, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		arg  port.Arg
		want string
	}{
		{port.Arg{Value: int64(7), Type: base.Type{ID: base.Int}}, "INTEGER 7"},
		{port.Arg{Value: int64(7), Type: base.Type{ID: base.Long}}, "BIGINT 7"},
		{port.Arg{Value: at, Type: base.Type{ID: base.Date}}, "DATE 2014-01-31"},
		{port.Arg{Value: at, Type: base.Type{ID: base.Timestamp}}, "TIMESTAMP 2014-01-31 13:05:00"},
		{port.Arg{Value: "x' OR '1'='1"}, "VARCHAR x' OR '1'='1"},
		{port.Arg{Value: true}, "BOOLEAN true"},
		{port.Arg{Value: 1.5}, "DOUBLE 1.5"},
	} {
		c.arg.Name = "P"
		rows, err := run(t, s, "SELECT typeof(p) || ' ' || p::VARCHAR FROM (SELECT $P AS p)", c.arg)
		if err != nil || rows[0][0] != c.want {
			t.Errorf("%v: got %v, %v, want %s", c.arg.Value, rows, err, c.want)
		}
	}
}

func TestValuesAreExact(t *testing.T) {
	s := open(t, port.EngineConfig{})
	for expr, want := range map[string]string{
		"99999999999999999999999999999999999999::HUGEINT": "99999999999999999999999999999999999999", "-0.05::DECIMAL(4,2)": "-0.05", "0.00::DECIMAL(4,2)": "0.00",
		"-12345678901234567890.1234567890::DECIMAL(38,10)": "-12345678901234567890.1234567890", "18446744073709551615::UBIGINT": "18446744073709551615",
		"[1::TINYINT, NULL]": "[1 <nil>]", "{'a': 1.50}": "map[a:1.50]", "MAP {'k': 2}": "map[k:2]",
		"'00000000-0000-0000-0000-00000000000a'::UUID":        "00000000-0000-0000-0000-00000000000a",
		"['00000000-0000-0000-0000-00000000000a'::UUID]":      "[00000000-0000-0000-0000-00000000000a]",
		"{'u': '00000000-0000-0000-0000-00000000000a'::UUID}": "map[u:00000000-0000-0000-0000-00000000000a]",
		"NULL": "<nil>", "1.5::FLOAT": "1.5",
	} {
		rows, err := run(t, s, "SELECT "+expr)
		if err != nil || fmt.Sprint(rows[0][0]) != want {
			t.Errorf("%s: got %v, %v, want %s", expr, rows, err, want)
		}
	}
}
