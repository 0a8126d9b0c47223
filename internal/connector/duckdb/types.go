package duckdb

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/mulgil/mulgil/internal/base"
)

// plainTypes are DuckDB's scalar type names and what holds them exactly in a
// lake table: unsigned goes to the next signed type, HUGEINT to decimal(38,0).
var plainTypes = map[string]base.Type{
	"BOOLEAN": {ID: base.Boolean}, "TINYINT": {ID: base.Int}, "SMALLINT": {ID: base.Int}, "INTEGER": {ID: base.Int},
	"BIGINT": {ID: base.Long}, "UTINYINT": {ID: base.Int}, "USMALLINT": {ID: base.Int}, "UINTEGER": {ID: base.Long},
	"UBIGINT": base.DecimalOf(20, 0), "HUGEINT": base.DecimalOf(38, 0), "UHUGEINT": base.DecimalOf(38, 0),
	"FLOAT": {ID: base.Float}, "DOUBLE": {ID: base.Double}, "VARCHAR": {ID: base.String}, "JSON": {ID: base.String},
	"BLOB": {ID: base.Binary}, "DATE": {ID: base.Date}, "TIME": {ID: base.Time}, "TIMESTAMP": {ID: base.Timestamp},
	"TIMESTAMP_S": {ID: base.Timestamp}, "TIMESTAMP_MS": {ID: base.Timestamp},
	"TIMESTAMP WITH TIME ZONE": {ID: base.TimestampTZ}, "UUID": {ID: base.UUID}, `"NULL"`: {ID: base.String}, "NULL": {ID: base.String},
}

var noType = map[string]string{
	"INTERVAL":            "an interval has no column type in the lake",
	"TIMESTAMP_NS":        "nanoseconds do not fit a timestamp in microseconds",
	"TIME WITH TIME ZONE": "a time of day with a zone has no column type in the lake",
	"BIT":                 "a bit string has no column type in the lake",
	"BIGNUM":              "numbers of unlimited size have no column type in the lake",
	"TIME_NS":             "nanoseconds do not fit a time in microseconds",
}

// ParseType reads a type as DESCRIBE prints it and returns what a lake table
// holds it in. Types that cannot be held exactly are errors.
func ParseType(s string) (base.Type, error) {
	s = strings.TrimSpace(s)
	if t, ok := plainTypes[s]; ok {
		return t, nil
	}
	if why, ok := noType[s]; ok {
		return base.Type{}, base.Errorf(base.Invalid, "type %s: %s", s, why)
	}
	switch {
	case strings.HasSuffix(s, "]"):
		elem, err := ParseType(s[:strings.LastIndexByte(s, '[')])
		return base.ListOf(elem), err
	case strings.HasPrefix(s, "ENUM("):
		return base.Type{ID: base.String}, nil
	case strings.HasPrefix(s, "DECIMAL("):
		var p, c int
		if _, err := fmt.Sscanf(s, "DECIMAL(%d,%d)", &p, &c); err != nil {
			return base.Type{}, fmt.Errorf("type %s: %w", s, err)
		}
		return base.DecimalOf(p, c), nil
	case strings.HasPrefix(s, "STRUCT("):
		return structType(s)
	case strings.HasPrefix(s, "MAP("):
		parts := splitTop(s[len("MAP(") : len(s)-1])
		if len(parts) != 2 {
			break
		}
		k, err := ParseType(parts[0])
		if err != nil {
			return base.Type{}, err
		}
		v, err := ParseType(parts[1])
		return base.MapOf(k, v), err
	}
	return base.Type{}, base.Errorf(base.Invalid, "type %s has no column type in the lake", s)
}

func structType(s string) (base.Type, error) {
	var fields []base.Field
	for _, part := range splitTop(s[len("STRUCT(") : len(s)-1]) {
		name, rest := fieldName(strings.TrimSpace(part))
		t, err := ParseType(rest)
		if err != nil {
			return base.Type{}, fmt.Errorf("field %s: %w", name, err)
		}
		fields = append(fields, base.Field{Name: name, Type: t})
	}
	return base.StructOf(fields...), nil
}

// fieldName splits `"a b" INTEGER` or `a INTEGER`.
func fieldName(s string) (name, rest string) {
	if !strings.HasPrefix(s, `"`) {
		name, rest, _ = strings.Cut(s, " ")
		return name, rest
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], `""`, `"`), strings.TrimSpace(s[i+1:])
	}
	return s, ""
}

// splitTop splits at commas outside brackets and quotes.
func splitTop(s string) []string {
	var out []string
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ',' && depth == 0:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func decimalText(d duck.Decimal) string {
	s := new(big.Int).Abs(d.Value).String()
	if n := int(d.Scale); n > 0 {
		if len(s) <= n {
			s = strings.Repeat("0", n-len(s)+1) + s
		}
		s = s[:len(s)-n] + "." + s[len(s)-n:]
	}
	if d.Value.Sign() < 0 {
		s = "-" + s
	}
	return s
}

func keyText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	}
	return fmt.Sprint(v)
}
