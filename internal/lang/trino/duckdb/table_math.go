package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// mathFunctions are those of numbers.
func mathFunctions() []*overload {
	var f family
	realFunctions(&f)
	rounding(&f)
	signs(&f)
	randoms(&f)
	distributions(&f)
	f.t("to_base(bigint, bigint) varchar(64)", "mg_to_base($1, $2)")
	f.t("from_base(varchar, bigint) bigint", "mg_from_base($1, $2)")
	f.t("width_bucket(double, double, double, bigint) bigint", "mg_width_bucket($1, $2, $3, $4)")
	f.t("width_bucket(double, array(double)) bigint", "mg_width_bucket_bins($1, $2)")
	f.t("cosine_similarity(map(varchar, double), map(varchar, double)) double", "mg_cosine_similarity($1, $2)")
	return f
}

// nan and infinities as the engine writes them.
const (
	nanSQL    = "CAST('NaN' AS DOUBLE)"
	infSQL    = "CAST('Infinity' AS DOUBLE)"
	minusInf  = "CAST('-Infinity' AS DOUBLE)"
	finiteArg = "CASE WHEN isfinite($1) OR $1 IS NULL THEN %s($1) ELSE " + nanSQL + " END"
)

// realFunctions are Java's Math: where the engine fails they give NaN or an infinity.
func realFunctions(f *family) {
	for name, value := range map[string]string{"pi": "pi()", "e": "CAST('2.718281828459045' AS DOUBLE)", "nan": nanSQL, "infinity": infSQL} {
		f.t(name+"() double", value)
	}
	for _, name := range []string{"sin", "cos", "tan"} {
		f.fills(name+"(double) double", fmt.Sprintf(finiteArg, name))
	}
	for _, name := range []string{"acos", "asin"} {
		f.fills(name+"(double) double", "CASE WHEN abs($1) <= 1 OR $1 IS NULL THEN "+name+"($1) ELSE "+nanSQL+" END")
	}
	for _, name := range []string{"atan", "sinh", "cosh", "tanh", "cbrt", "exp", "degrees", "radians"} {
		f.t(name+"(double) double", name+"($1)")
	}
	f.t("atan2(double, double) double", "atan2($1, $2)")
	f.fills("sqrt(double) double", "CASE WHEN $1 < 0 THEN "+nanSQL+" ELSE sqrt($1) END")
	for _, name := range []string{"ln", "log2", "log10"} {
		f.fills(name+"(double) double", logarithm(name, "$1"))
	}
	f.fills("log(double, double) double", "("+logarithm("ln", "$2")+" / "+logarithm("ln", "$1")+")")
	power := "CASE WHEN isnan($2) OR abs($1) = 1 AND isinf($2) THEN " + nanSQL + " ELSE pow($1, $2) END"
	f.fills("power(double, double) double", power)
	f.fills("pow(double, double) double", power)
	f.t("is_nan(double) boolean", "isnan($1)")
	f.t("is_nan(real) boolean", "isnan($1)")
	f.t("is_finite(double) boolean", "isfinite($1)")
	f.t("is_infinite(double) boolean", "isinf($1)")
}

func logarithm(name, x string) string {
	return "CASE WHEN " + x + " > 0 THEN " + name + "(" + x + ") WHEN " + x + " = 0 THEN " + minusInf + " WHEN " + x + " < 0 THEN " + nanSQL + " ELSE " + x + " END"
}

var integers = []string{"tinyint", "smallint", "integer", "bigint"}

// rounding is round, ceiling, floor and truncate of every numeric type.
func rounding(f *family) {
	for _, name := range []string{"ceiling", "ceil", "floor", "round"} {
		for _, t := range integers {
			f.t(name+"("+t+") "+t, "$1")
		}
	}
	for _, t := range []string{"double", "real"} {
		f.t("ceiling("+t+") "+t, "ceil($1)")
		f.t("ceil("+t+") "+t, "ceil($1)")
		f.t("floor("+t+") "+t, "floor($1)")
		f.t("round("+t+") "+t, "round($1)")
		f.t("truncate("+t+") "+t, "trunc($1)")
	}
	f.fills("round(double, integer) double", "CASE WHEN abs($2) <= 15 AND isfinite($1) THEN round($1, $2) ELSE mg_round_double($1, CAST($2 AS BIGINT)) END")
	f.t("round(real, integer) real", "mg_round_real($1, CAST($2 AS BIGINT))")
	for _, t := range integers {
		f.f("round("+t+", integer) "+t, (*invocation).roundInteger)
	}
	for _, name := range []string{"ceiling", "ceil", "floor"} {
		f.f(name+"(decimal(p, s)) decimal(p, s)", func(c *invocation) (string, error) { return c.wholeDecimal(strings.TrimSuffix(name, "ing")) }).result(wholeType(1))
	}
	f.f("round(decimal(p, s)) decimal(p, s)", func(c *invocation) (string, error) { return c.wholeDecimal("round") }).result(wholeType(1))
	f.f("truncate(decimal(p, s)) decimal(p, s)", func(c *invocation) (string, error) { return c.wholeDecimal("trunc") }).result(wholeType(0))
	f.f("round(decimal(p, s), integer) decimal(p, s)", func(c *invocation) (string, error) { return c.decimalDigits("round") }).result(func(c *invocation) types.Type {
		t := c.args[0].typ
		return types.DecimalOf(min(38, t.P+1), t.S)
	})
	f.f("truncate(decimal(p, s), integer) decimal(p, s)", func(c *invocation) (string, error) { return c.decimalDigits("trunc") })
}

// wholeType is a decimal without fraction, with one digit more where rounding may carry.
func wholeType(carry int) func(c *invocation) types.Type {
	return func(c *invocation) types.Type {
		t := c.args[0].typ
		return types.DecimalOf(max(1, t.P-t.S+min(t.S, 1)*carry), 0)
	}
}

// wholeDecimal rounds a decimal to a whole number; the engine's functions do so exactly.
func (c *invocation) wholeDecimal(how string) (string, error) {
	if c.args[0].typ.S == 0 {
		return c.b.coerce(c.args[0], c.ret).sql, nil
	}
	return "CAST(" + how + "(" + c.sql(0) + ") AS " + physical(c.ret) + ")", nil
}

// decimalDigits rounds or cuts a decimal at a digit and keeps its scale. A
// place beyond all digits gives 0; rounding at the first place before them
// gives that place's unit from its half on.
func (c *invocation) decimalDigits(how string) (string, error) {
	t := c.args[0].typ
	least := t.S - t.P
	if how == "trunc" {
		least++
	}
	zero := "CASE WHEN " + c.sql(0) + " IS NULL THEN NULL ELSE CAST(0 AS " + physical(c.ret) + ") END"
	at := func(d int) string {
		switch {
		case d >= t.S:
			return c.b.coerce(c.args[0], c.ret).sql
		case d < least:
			return zero
		case how == "round" && d == t.S-t.P:
			return c.roundBefore(t)
		case how == "round" && t.P == types.MaxPrecision && d < 0:
			most := "CAST('" + strings.Repeat("9", t.P-t.S) + "' AS " + physical(c.ret) + ")"
			return fmt.Sprintf("CASE WHEN abs(round(%[1]s, %[2]d)) > %[3]s THEN %[4]s ELSE CAST(round(%[1]s, %[2]d) AS %[5]s) END", c.sql(0), d, most, c.raiseRange(), physical(c.ret))
		}
		return fmt.Sprintf("CAST(%s(%s, %d) AS %s)", how, c.sql(0), d, physical(c.ret))
	}
	if d, ok := c.args[1].val.(int64); ok {
		return at(int(max(min(d, 100), -100))), nil
	}
	var out strings.Builder
	fmt.Fprintf(&out, "CASE WHEN %s IS NULL THEN NULL WHEN %[1]s >= %d THEN %s", c.sql(1), t.S, at(t.S))
	for d := least; d < t.S; d++ {
		fmt.Fprintf(&out, " WHEN %s = %d THEN %s", c.sql(1), d, at(d))
	}
	return out.String() + " ELSE " + zero + " END", nil
}

func (c *invocation) raiseRange() string {
	return c.b.raise(c.ret, "NUMERIC_VALUE_OUT_OF_RANGE", "decimal overflow")
}

// roundBefore rounds a decimal at the place before all its digits.
func (c *invocation) roundBefore(t types.Type) string {
	n, ret := t.P-t.S, physical(c.ret)
	half := "0.5"
	if n > 0 {
		half = "5" + strings.Repeat("0", n-1)
	}
	up := c.raiseRange()
	if t.P < types.MaxPrecision {
		up = "CAST(CASE WHEN " + c.sql(0) + " < 0 THEN '-' ELSE '' END || '1" + strings.Repeat("0", n) + "' AS " + ret + ")"
	}
	return "CASE WHEN " + c.sql(0) + " IS NULL THEN NULL WHEN abs(" + c.sql(0) + ") >= CAST('" + half + "' AS " + physical(t) + ") THEN " + up + " ELSE CAST(0 AS " + ret + ") END"
}

// roundInteger rounds to tens, hundreds, ...; digits after the point change nothing.
func (c *invocation) roundInteger() (string, error) {
	far := c.b.raise(c.ret, "NUMERIC_VALUE_OUT_OF_RANGE", "numerical overflow")
	lim := integerRange[c.ret.Kind]
	at := func(d int) string {
		return fmt.Sprintf("CASE WHEN round(CAST(%[1]s AS DECIMAL(20,0)), %[2]d) BETWEEN %[3]s AND %[4]s THEN CAST(round(CAST(%[1]s AS DECIMAL(20,0)), %[2]d) AS %[5]s) WHEN %[1]s IS NOT NULL THEN %[6]s END", c.sql(0), d, lim[0], lim[1], physical(c.ret), far)
	}
	if d, ok := c.args[1].val.(int64); ok {
		switch {
		case d >= 0:
			return c.sql(0), nil
		case d < -18:
			return far, nil
		}
		return at(int(d)), nil
	}
	var out strings.Builder
	fmt.Fprintf(&out, "CASE WHEN %s IS NULL THEN NULL WHEN %[1]s >= 0 THEN %s", c.sql(1), c.sql(0))
	for d := -18; d < 0; d++ {
		fmt.Fprintf(&out, " WHEN %s = %d THEN %s", c.sql(1), d, at(d))
	}
	return out.String() + " ELSE " + far + " END", nil
}

// signs are abs, sign and mod.
func signs(f *family) {
	for _, t := range append([]string{"double", "real"}, integers...) {
		f.t("abs("+t+") "+t, "abs($1)")
	}
	f.t("abs(decimal(p, s)) decimal(p, s)", "abs($1)")
	for _, t := range integers {
		f.t("sign("+t+") "+t, "CAST(sign($1) AS "+t+")")
	}
	for _, t := range []string{"double", "real"} {
		f.fills("sign("+t+") "+t, "CASE WHEN $1 > 0 AND NOT isnan($1) THEN CAST(1 AS "+engineFloat(t)+") WHEN $1 < 0 THEN CAST(-1 AS "+engineFloat(t)+") ELSE $1 END")
	}
	f.t("sign(decimal(p, s)) decimal(1, 0)", "CAST(sign($1) AS DECIMAL(1,0))")
	mod := func(c *invocation) (string, error) {
		e, err := c.b.arith(&trino.Binary{Span: c.n.Span, Op: "%"}, c.args[0], c.args[1])
		return e.sql, err
	}
	for _, t := range []string{"double", "real"} {
		f.f("mod("+t+", "+t+") "+t, mod)
	}
	for _, t := range integers { // where % tells of a division by zero, mod does not
		f.f("mod("+t+", "+t+") "+t, func(c *invocation) (string, error) {
			if n, ok := c.args[1].val.(int64); ok && n != 0 {
				return c.expand("($1 % $2)"), nil
			}
			zero := c.b.raise(c.ret, "GENERIC_INTERNAL_ERROR", "/ by zero")
			return c.let(func(v []string) string { return fill("CASE WHEN $2 = 0 THEN "+zero+" ELSE $1 % $2 END", v) }), nil
		})
	}
	f.f("mod(decimal(p, s), decimal(q, t)) decimal(p, s)", mod).result(func(c *invocation) types.Type {
		a, b := c.args[0].typ, c.args[1].typ
		s := max(a.S, b.S)
		return types.DecimalOf(min(b.P-b.S, a.P-a.S)+s, s)
	})
}

func engineFloat(t string) string {
	if t == "real" {
		return "FLOAT"
	}
	return "DOUBLE"
}

// randoms answer differently for every row.
func randoms(f *family) {
	for _, name := range []string{"random", "rand"} {
		f.t(name+"() double", "random()").isVolatile()
		for _, t := range integers {
			f.f(name+"("+t+") "+t, func(c *invocation) (string, error) {
				bad := c.raise("bound must be positive")
				return c.fill("CASE WHEN $1 <= 0 THEN " + bad + " ELSE CAST(floor(random() * $1) AS " + t + ") END"), nil
			}).isVolatile()
			f.f(name+"("+t+", "+t+") "+t, func(c *invocation) (string, error) {
				bad := c.raise("start value must be less than stop value")
				return c.fill("CASE WHEN $1 >= $2 THEN " + bad + " ELSE CAST($1 + floor(random() * (CAST($2 AS DOUBLE) - $1)) AS " + t + ") END"), nil
			}).isVolatile()
		}
	}
}

// distributions are the statistics' functions.
func distributions(f *family) {
	for _, name := range []string{"normal_cdf", "inverse_normal_cdf", "beta_cdf", "inverse_beta_cdf"} {
		f.t(name+"(double, double, double) double", "mg_"+name+"($1, $2, $3)")
	}
	for _, name := range []string{"t_cdf", "t_pdf"} {
		f.t(name+"(double, double) double", "mg_"+name+"($1, $2)")
	}
	for _, name := range []string{"wilson_interval_lower", "wilson_interval_upper"} {
		f.t(name+"(bigint, bigint, double) double", "mg_"+name+"($1, $2, $3)")
	}
}
