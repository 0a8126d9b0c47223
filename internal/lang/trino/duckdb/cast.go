package duckdb

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// cast binds CAST and TRY_CAST.
func (b *binder) cast(x *trino.Cast, sc *scope) (expr, error) {
	t, err := types.Parse(x.Type.Text)
	if err != nil {
		return expr{}, b.fail(x.Type, badType(x.Type.Text), "unknown type: %s", x.Type.Text)
	}
	e, err := b.expr(x.X, sc)
	if err != nil {
		return e, err
	}
	if x.Try {
		return b.tryCast(x, e, t, sc)
	}
	return b.convert(x, e, t)
}

// tryCast is NULL where the CAST, not its operand, fails: by itself if only
// the engine converts, else by the engine's TRY.
func (b *binder) tryCast(x *trino.Cast, e expr, t types.Type, sc *scope) (expr, error) {
	if !nested(t) && e.typ.Kind != types.JSON {
		b.nulls++
		b.noGo = sc.inLambda()
		out, err := b.convert(x, e, t)
		b.nulls--
		b.noGo = false
		if err != nil || !raises(strings.ReplaceAll(out.sql, e.sql, "")) {
			out.val = nil
			return out, err
		}
	}
	if sc.inLambda() {
		return e, b.fail(x, "NOT_SUPPORTED", "TRY_CAST to %s inside a lambda is not supported by the embedded engine", t)
	}
	b.try++
	out, err := b.convert(x, e, t)
	b.try--
	out.sql, out.val = b.engineTry(out.sql), nil
	return out, err
}

var decimalForm = regexp.MustCompile(`(?i)^decimal\s*\(\s*\d+\s*(,\s*\d+\s*)?\)$`)

// badType is the error of a type that is none.
func badType(text string) string {
	if decimalForm.MatchString(strings.TrimSpace(text)) {
		return "INVALID_FUNCTION_ARGUMENT"
	}
	return "TYPE_MISMATCH"
}

// convert is CAST(e AS t).
func (b *binder) convert(n trino.Node, e expr, t types.Type) (expr, error) {
	sql, err := b.converted(n, e, t)
	if err != nil {
		return e, err
	}
	out := with(expr{typ: t, sql: keepType(sql, t)}, e)
	if sql == e.sql && e.typ.Kind == t.Kind {
		out.col, out.val = e.col, e.val
	}
	if e.typ.Kind == types.Date && t.Is(types.Timestamp, types.TimestampTZ) {
		out.val = e.val
	}
	return out, nil
}

func (b *binder) converted(n trino.Node, e expr, t types.Type) (string, error) {
	f := e.typ
	switch {
	case f.Equal(t):
		return e.sql, nil
	case f.Kind == types.Unknown:
		return "CAST(NULL AS " + physical(t) + ")", nil
	case f.Kind == types.JSON && t.Kind != types.JSON:
		return b.fromJSON(n, e, t)
	case t.Kind == types.JSON:
		return b.toJSON(n, e.sql, f, 0)
	case uncastable(f, t):
		return "", b.cannotCast(n, f, t)
	case nested(t):
		if f.Kind != t.Kind || t.Kind == types.Row && len(f.Elems) != len(t.Elems) {
			return "", b.cannotCast(n, f, t)
		}
		return b.castParts(n, e.sql, f, t)
	}
	var sql string
	switch t.Kind {
	case types.Boolean:
		sql = b.toBoolean(e)
	case types.Tinyint, types.Smallint, types.Integer, types.Bigint:
		sql = b.toInteger(e, t)
	case types.Real, types.Double:
		sql = b.toFloat(e, t)
	case types.Decimal:
		sql = b.toDecimal(e, t)
	case types.Varchar, types.Char:
		sql = b.toText(e, t)
	case types.Date:
		sql = b.toDate(e)
	case types.Timestamp, types.TimestampTZ, types.Time:
		sql = b.toClock(e, t)
	default:
		sql = b.toOther(e, t)
	}
	if sql == "" {
		return "", b.cannotCast(n, f, t)
	}
	return sql, nil
}

// uncastable tells what Trino has no CAST for though the engine has: char from
// and to what is no text, and texts too short for all values of some types.
func uncastable(f, t types.Type) bool {
	switch {
	case f.Kind == types.Char:
		return !t.Is(types.Varchar, types.Char, types.JSON)
	case t.Kind == types.Char:
		return f.Kind != types.Varchar
	}
	return f.Is(types.UUID, types.IPAddress) && t.Kind == types.Varchar && t.P != types.Unbounded
}

func (b *binder) cannotCast(n trino.Node, f, t types.Type) error {
	return b.fail(n, "TYPE_MISMATCH", "cannot cast %s to %s", f, t)
}

func (b *binder) castParts(n trino.Node, sql string, f, t types.Type) (string, error) {
	var failed error
	out := b.mapParts(sql, f, t, 0, func(part string, f, t types.Type, depth int) string {
		s, err := b.converted(n, expr{typ: f, sql: part}, t)
		if err != nil {
			failed = err
		}
		return s
	})
	return out, failed
}

// checked is sql where ok holds of x; else Trino's error for a value that cannot be cast.
func (b *binder) checked(e expr, t types.Type, ok, sql string) string {
	bad := b.badCast(e, t)
	if rest, ok := strings.CutPrefix(sql, "CAST("); ok {
		sql = "coalesce(TRY_CAST(" + rest + ", " + bad + ")"
	}
	return fmt.Sprintf("CASE WHEN %s IS NULL THEN NULL WHEN %s THEN %s ELSE %s END", e.sql, ok, sql, bad)
}

// badCast is the error of a value that cannot be cast.
func (b *binder) badCast(e expr, t types.Type) string {
	return b.raiseWith(t, "INVALID_CAST_ARGUMENT", quote("cannot cast value to "+t.String()+": ")+" || CAST("+e.sql+" AS VARCHAR)")
}

func (b *binder) toBoolean(e expr) string {
	switch {
	case e.typ.Kind == types.Boolean:
		return e.sql
	case e.typ.Numeric():
		return "(" + e.sql + " <> 0)"
	case e.typ.Text():
		v := "lower(" + e.sql + ")"
		return fmt.Sprintf("CASE WHEN %[1]s IN ('t', 'true', '1') THEN true WHEN %[1]s IN ('f', 'false', '0') THEN false WHEN %[2]s IS NULL THEN NULL ELSE %[3]s END", v, e.sql,
			b.raiseWith(types.TBoolean, "INVALID_CAST_ARGUMENT", quote("cannot cast value to boolean: ")+" || "+e.sql))
	}
	return ""
}

var integerRange = map[types.Kind][2]string{
	types.Tinyint: {"-128", "127"}, types.Smallint: {"-32768", "32767"}, types.Integer: {"-2147483648", "2147483647"},
	types.Bigint: {"-9223372036854775808", "9223372036854775807"},
}

func (b *binder) toInteger(e expr, t types.Type) string {
	lim := integerRange[t.Kind]
	cast := func(x string) string { return "CAST(" + x + " AS " + physical(t) + ")" }
	beyond := b.raiseWith(t, "INVALID_CAST_ARGUMENT", quote("out of range for "+t.String()+": ")+" || CAST("+e.sql+" AS VARCHAR)")
	switch {
	case e.typ.Kind == types.Boolean:
		return cast(e.sql)
	case e.typ.Integral() && e.typ.Kind < t.Kind:
		return cast(e.sql)
	case e.typ.Integral():
		beyond = b.raiseWith(t, "NUMERIC_VALUE_OUT_OF_RANGE", quote("out of range for "+t.String()+": ")+" || CAST("+e.sql+" AS VARCHAR)")
		return fmt.Sprintf("CASE WHEN %[1]s < %[2]s OR %[1]s > %[3]s THEN %[4]s ELSE %[5]s END", e.sql, lim[0], lim[1], beyond, cast(e.sql))
	case e.typ.Kind == types.Decimal:
		v := "round(" + e.sql + ", 0)"
		return fmt.Sprintf("CASE WHEN %[1]s < %[2]s OR %[1]s > %[3]s THEN %[4]s ELSE %[5]s END", v, lim[0], lim[1], beyond, cast(v))
	case e.typ.Is(types.Real, types.Double):
		v := "round(CAST(" + e.sql + " AS DOUBLE))"
		if t.Kind != types.Bigint {
			over := b.raiseWith(t, "NUMERIC_VALUE_OUT_OF_RANGE", quote("out of range for "+t.String()+": ")+" || CAST("+e.sql+" AS VARCHAR)")
			return fmt.Sprintf("CASE WHEN isnan(%[1]s) THEN %[4]s WHEN %[1]s < %[2]s.0 OR %[1]s > %[3]s.0 THEN %[5]s ELSE %[6]s END", v, lim[0], lim[1], beyond, over, cast(v))
		}
		if e.typ.Kind == types.Real { // the greatest and least bigint stand for what is beyond them
			return fmt.Sprintf("CASE WHEN isnan(%[1]s) THEN %[4]s WHEN %[1]s >= %[3]s.0 THEN %[3]s WHEN %[1]s <= %[2]s.0 THEN CAST('%[2]s' AS BIGINT) ELSE %[5]s END", v, lim[0], lim[1], beyond, cast(v))
		}
		return fmt.Sprintf("CASE WHEN NOT (%[1]s >= %[2]s.0 AND %[1]s < %[3]s.0 + 1) OR isnan(%[1]s) THEN %[4]s ELSE %[5]s END", v, lim[0], lim[1], beyond, cast(v))
	case e.typ.Text():
		x := textOf(e)
		return b.checked(expr{typ: types.TVarchar, sql: x}, t, "regexp_full_match("+x+", '[+-]?[0-9]{1,19}')", cast(x))
	}
	return ""
}

// textOf is a text value with a char's blanks.
func textOf(e expr) string {
	if e.typ.Kind == types.Char {
		return padded(e)
	}
	return e.sql
}

func (b *binder) toFloat(e expr, t types.Type) string {
	cast := func(x string) string { return "CAST(" + x + " AS " + physical(t) + ")" }
	switch {
	case e.typ.Kind == types.Double && t.Kind == types.Real: // what is too large becomes infinite
		return fmt.Sprintf("coalesce(TRY_CAST(%[1]s AS FLOAT), CAST(CASE WHEN %[1]s > 0 THEN 'Infinity' WHEN %[1]s < 0 THEN '-Infinity' END AS FLOAT))", e.sql)
	case e.typ.Numeric(), e.typ.Kind == types.Boolean:
		return cast(e.sql)
	case e.typ.Text():
		x := textOf(e)
		if t.Kind == types.Real {
			return b.fn("mg_text_real", x)
		}
		if b.noGo {
			return b.tryDouble(x)
		}
		plain := "regexp_full_match(" + x + `, '[+-]?([0-9]{1,60}(\.[0-9]{0,60})?|\.[0-9]{1,60})([eE][+-]?[0-9]{1,2})?')`
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", plain, cast(x), b.fn("mg_text_double", x))
	}
	return ""
}

// tryDouble reads a double, NULL if it is none, without Go's help.
func (b *binder) tryDouble(x string) string {
	return b.let([]string{"trim(" + x + ")"}, func(v []string) string {
		return fill(`CASE WHEN regexp_full_match($1, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?') THEN TRY_CAST(rtrim($1, 'dDfF') AS DOUBLE) WHEN $1 IN ('NaN', 'Infinity', '+Infinity', '-Infinity') THEN TRY_CAST(ltrim($1, '+') AS DOUBLE) WHEN $1 ILIKE '%0x%p%' THEN error('[[NOT_SUPPORTED]] hexadecimal numbers') END`, v)
	})
}

func (b *binder) toDecimal(e expr, t types.Type) string {
	cast := func(x string) string { return "CAST(" + x + " AS " + physical(t) + ")" }
	switch {
	case fits(e.typ, t):
		return cast(e.sql)
	case e.typ.Integral(), e.typ.Kind == types.Decimal:
		return b.decimalOr(e, t, e.sql)
	case e.typ.Is(types.Real, types.Double):
		// The digits shown count, not the binary value.
		return b.decimalOr(e, t, "CASE WHEN abs("+e.sql+") < 1e-39 THEN '0' ELSE CAST("+e.sql+" AS VARCHAR) END")
	case e.typ.Kind == types.Boolean:
		return cast("CAST(" + e.sql + " AS INTEGER)")
	case e.typ.Text():
		x := textOf(e)
		return b.checked(expr{typ: types.TVarchar, sql: x}, t, "regexp_full_match("+x+`, '[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?')`, cast(x))
	}
	return ""
}

// fits tells whether every value of f is one of the decimal type t.
func fits(f, t types.Type) bool {
	d, ok := f.AsDecimal()
	return ok && (d.P-d.S < t.P-t.S || d.P-d.S == t.P-t.S && d.S <= t.S)
}

// decimalOr is x, a number or its text, as a decimal; what has too many digits cannot be cast.
func (b *binder) decimalOr(e expr, t types.Type, x string) string {
	return "CASE WHEN " + e.sql + " IS NULL THEN NULL ELSE coalesce(TRY_CAST(" + x + " AS " + physical(t) + "), " + b.badCast(e, t) + ") END"
}

// toText prints a value as Trino's CAST does; what does not fit the length is
// cut from text and an error for everything else.
func (b *binder) toText(e expr, t types.Type) string {
	x := b.text(e)
	if x == "" {
		return ""
	}
	if t.Kind == types.Char {
		return fmt.Sprintf("rtrim(left(%s, %d), ' ')", x, t.P)
	}
	if t.P == types.Unbounded || e.typ.Text() && e.typ.P != types.Unbounded && e.typ.P <= t.P {
		return x
	}
	if e.typ.Text() || e.typ.Kind == types.JSON {
		return fmt.Sprintf("left(%s, %d)", x, t.P)
	}
	msg := quote("value ") + " || " + x + " || " + quote(" cannot be represented as "+t.String())
	code := "INVALID_CAST_ARGUMENT"
	if e.typ.Is(types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.IntervalDay, types.IntervalYear) {
		code = "GENERIC_INTERNAL_ERROR" // Trino checks no length here, its result does
	}
	return fmt.Sprintf("CASE WHEN length(%[1]s) > %[2]d THEN %[3]s ELSE %[1]s END", x, t.P, b.raiseWith(t, code, msg))
}

// text is a value's text by CAST(x AS varchar).
func (b *binder) text(e expr) string {
	switch e.typ.Kind {
	case types.Varchar, types.JSON, types.IPAddress:
		return e.sql
	case types.Char:
		return padded(e)
	case types.Boolean, types.Tinyint, types.Smallint, types.Integer, types.Bigint, types.Date, types.UUID:
		return "CAST(" + e.sql + " AS VARCHAR)"
	case types.Decimal:
		return decimalText(e)
	case types.Real:
		return b.fn("mg_real_text", e.sql)
	case types.Double:
		return b.fn("mg_double_text", e.sql)
	case types.Timestamp:
		return stampText(e.sql, e.typ.P)
	case types.TimestampTZ:
		return stampText(b.wall(e.sql, e.typ.P), e.typ.P) + " || ' ' || " + zone(e.sql)
	case types.Time:
		return timeText(e.sql, e.typ.P)
	case types.IntervalDay:
		return intervalDayText(e.sql)
	case types.IntervalYear:
		return fmt.Sprintf("(CASE WHEN %[1]s < 0 THEN '-' ELSE '' END || CAST(abs(%[1]s) // 12 AS VARCHAR) || '-' || CAST(abs(%[1]s) %% 12 AS VARCHAR))", e.sql)
	}
	return ""
}

// decimalText prints a decimal; where all digits stand behind the point the engine leaves out the 0 before it.
func decimalText(e expr) string {
	text := "CAST(" + e.sql + " AS VARCHAR)"
	if e.typ.P > e.typ.S {
		return text
	}
	return "replace(replace('!' || " + text + ", '!-.', '-0.'), '!.', '0.')"
}

// stampText prints a timestamp with p digits.
func stampText(sql string, p int) string {
	const day = "%Y-%m-%d %H:%M:%S"
	switch {
	case p == 0:
		return "strftime(" + sql + ", '" + day + "')"
	case p == 3:
		return "strftime(" + sql + ", '" + day + ".%g')"
	case p == 6:
		return "strftime(" + sql + ", '" + day + ".%f')"
	case p < 6:
		return fmt.Sprintf("left(strftime(%s, '%s.%%f'), -%d)", sql, day, 6-p)
	case p == 9:
		return "strftime(" + sql + ", '" + day + ".%n')"
	case p < 9:
		return fmt.Sprintf("left(strftime(%s, '%s.%%n'), -%d)", sql, day, 9-p)
	}
	return fmt.Sprintf("rpad(strftime(%s, '%s.%%n'), %d, '0')", sql, day, 20+p)
}

// timeText prints a time with p digits: its microseconds of the day as a timestamp's clock.
func timeText(sql string, p int) string {
	stamp := "(DATE '1970-01-01' + " + sql + ")"
	return "substr(" + stampText(stamp, p) + ", 12)"
}

func intervalDayText(sql string) string {
	return fmt.Sprintf("(CASE WHEN %[1]s < 0 THEN '-' ELSE '' END || printf('%%d %%02d:%%02d:%%02d.%%03d', abs(%[1]s) // 86400000, abs(%[1]s) // 3600000 %% 24, abs(%[1]s) // 60000 %% 60, abs(%[1]s) // 1000 %% 60, abs(%[1]s) %% 1000))", sql)
}

func (b *binder) toOther(e expr, t types.Type) string {
	switch {
	case t.Kind == types.Varbinary && e.typ.Text():
		return "encode(" + textOf(e) + ")"
	case t.Kind == types.Varbinary && e.typ.Kind == types.UUID:
		return "from_hex(replace(CAST(" + e.sql + " AS VARCHAR), '-', ''))"
	case t.Kind == types.UUID && e.typ.Text():
		return b.checked(e, t, "regexp_full_match("+e.sql+", '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')", "CAST("+e.sql+" AS UUID)")
	case t.Kind == types.IPAddress && e.typ.Text():
		return b.fn("mg_ip_text", textOf(e))
	case t.Kind == types.IPAddress && e.typ.Kind == types.Varbinary:
		return b.fn("mg_ip_from_bytes", e.sql)
	case t.Kind == types.Varbinary && e.typ.Kind == types.IPAddress:
		return b.fn("mg_ip_bytes", e.sql)
	case t.Kind == types.UUID && e.typ.Kind == types.Varbinary:
		bytes := quote("cannot cast ") + " || CAST(octet_length(" + e.sql + ") AS VARCHAR) || " + quote(" bytes to uuid")
		return fmt.Sprintf("CASE WHEN octet_length(%[1]s) <> 16 THEN %[2]s ELSE CAST(hex(%[1]s) AS UUID) END", e.sql, b.raiseWith(t, "INVALID_CAST_ARGUMENT", bytes))
	case t.Kind == types.IntervalDay && e.typ.Kind == types.IntervalDay, t.Kind == types.IntervalYear && e.typ.Kind == types.IntervalYear:
		return e.sql
	}
	return ""
}
