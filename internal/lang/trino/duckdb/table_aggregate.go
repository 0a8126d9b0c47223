package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// aggregateFunctions are Trino's aggregates. In a lowering a.call is the
// engine's aggregate with all clauses of the call; it may stand several times
// in one expression.
func aggregateFunctions() []*overload {
	var f family
	f.counting()
	f.sums()
	f.extremes()
	f.statistics()
	f.collections()
	f.approximate()
	return f
}

// one is an aggregate whose engine counterpart means the same.
func (f *family) one(sig, engine string) {
	f.a(sig, func(a *aggregation) (string, error) { return a.call(engine, a.list()...), nil })
}

func (a *aggregation) list() []string {
	out := make([]string, len(a.args))
	for i := range a.args {
		out[i] = a.sql(i)
	}
	return out
}

func (f *family) counting() {
	f.a("count() bigint", func(a *aggregation) (string, error) { return a.plain("count", "*"), nil })
	f.a("count(T) bigint", func(a *aggregation) (string, error) { return a.call("count", cmpForm(a.args[0])), nil })
	f.a("count_if(boolean) bigint", func(a *aggregation) (string, error) {
		return "coalesce(CAST(" + a.call("countif", a.sql(0)) + " AS BIGINT), 0)", nil
	})
	f.one("bool_and(boolean) boolean", "bool_and")
	f.one("bool_or(boolean) boolean", "bool_or")
	f.one("every(boolean) boolean", "bool_and")
	f.a("checksum(T) varbinary", func(a *aggregation) (string, error) {
		return a.checksum()
	})
}

// checksum adds a hash of each value, of NULL too, and wraps at 64 bits.
func (a *aggregation) checksum() (string, error) {
	t, x := a.args[0].typ, a.sql(0)
	var hash string
	switch {
	case t.Integral(), t.Kind == types.Boolean:
		hash = a.b.fn("mg_checksum_bigint", "CAST("+x+" AS BIGINT)")
	case t.Kind == types.Date:
		hash = a.b.fn("mg_checksum_bigint", "CAST("+x+" - DATE '1970-01-01' AS BIGINT)")
	case t.Kind == types.Timestamp && t.P <= 6:
		hash = a.b.fn("mg_checksum_bigint", "epoch_us("+x+")")
	case t.Kind == types.Double:
		hash = a.b.fn("mg_checksum_double", x)
	case t.Kind == types.Real:
		hash = a.b.fn("mg_checksum_real", x)
	case t.Text():
		hash = a.b.fn("mg_checksum_varchar", x)
	case t.Kind == types.Decimal && t.P <= 18:
		hash = a.b.fn("mg_checksum_bigint", "CAST("+whole(x, t)+" AS BIGINT)")
	default:
		return "", a.b.fail(a.n, "NOT_SUPPORTED", "checksum of %s is not supported by the embedded engine", t)
	}
	sum := a.call("sum", "CAST(coalesce("+hash+", -7046029288634856825) AS HUGEINT)")
	const wrap = "18446744073709551616"
	return a.b.let([]string{"((" + sum + " % " + wrap + " + " + wrap + ") % " + wrap + ")"}, func(v []string) string {
		return a.b.fn("mg_checksum_bytes", fmt.Sprintf("CAST(CASE WHEN %[1]s >= 9223372036854775808 THEN %[1]s - %[2]s ELSE %[1]s END AS BIGINT)", v[0], wrap))
	}), nil
}

func (f *family) sums() {
	f.a("sum(tinyint) bigint", sumInteger)
	f.a("sum(smallint) bigint", sumInteger)
	f.a("sum(integer) bigint", sumInteger)
	f.a("sum(bigint) bigint", sumInteger)
	f.a("sum(real) real", func(a *aggregation) (string, error) {
		return "CAST(" + a.call("sum", "CAST("+a.sql(0)+" AS DOUBLE)") + " AS FLOAT)", nil
	})
	f.a("sum(double) double", func(a *aggregation) (string, error) { return a.call("sum", a.sql(0)), nil })
	f.a("sum(decimal(p,s)) decimal(38,s)", func(a *aggregation) (string, error) {
		sum := a.call("sum", a.sql(0))
		if a.args[0].typ.P <= 25 { // no table has the rows for more than 38 digits
			return "CAST(" + sum + " AS " + physical(a.ret) + ")", nil
		}
		most := "CAST('" + strings.Repeat("9", 38-a.ret.S) + "." + strings.Repeat("9", a.ret.S) + "' AS " + physical(a.ret) + ")"
		return "CASE WHEN " + sum + " > " + most + " OR " + sum + " < -" + most + " THEN " + a.b.raise(a.ret, "NUMERIC_VALUE_OUT_OF_RANGE", "decimal overflow") + " ELSE CAST(" + sum + " AS " + physical(a.ret) + ") END", nil
	})
	f.a("sum(interval_day) interval_day", sumInteger)
	f.a("sum(interval_year) interval_year", func(a *aggregation) (string, error) { return "CAST(" + a.call("sum", a.sql(0)) + " AS INTEGER)", nil })
	f.one("avg(bigint) double", "avg")
	f.one("avg(double) double", "avg")
	f.a("avg(real) real", func(a *aggregation) (string, error) {
		return "CAST(" + a.call("avg", "CAST("+a.sql(0)+" AS DOUBLE)") + " AS FLOAT)", nil
	})
	f.a("avg(decimal(p,s)) decimal(p,s)", averageDecimal)
	f.a("avg(interval_year) interval_year", func(a *aggregation) (string, error) { return "CAST(" + a.call("avg", a.sql(0)) + " AS INTEGER)", nil })
	f.a("avg(interval_day) interval_day", func(a *aggregation) (string, error) { return "CAST(" + a.call("avg", a.sql(0)) + " AS BIGINT)", nil })
}

// sumInteger fails, as Trino does, when the sum leaves bigint.
func sumInteger(a *aggregation) (string, error) {
	return "CAST(" + a.call("sum", a.sql(0)) + " AS BIGINT)", nil
}

// averageDecimal is sum/count rounded half up to the argument's scale.
func averageDecimal(a *aggregation) (string, error) {
	t := a.args[0].typ
	sum := fmt.Sprintf("CAST(CAST(%s AS DECIMAL(38,%d)) * CAST(1%s AS DECIMAL(38,0)) AS HUGEINT)", a.call("sum", a.sql(0)), t.S, strings.Repeat("0", t.S))
	n := a.call("count", a.sql(0))
	return "CASE WHEN " + n + " = 0 THEN NULL ELSE " + unscaled(ratio(sum, "CAST("+n+" AS HUGEINT)"), a.ret) + " END", nil
}

func (f *family) extremes() {
	for _, name := range []string{"min", "max"} {
		f.a(name+"(T:orderable) T", func(a *aggregation) (string, error) { return a.extreme(name), nil })
		f.a(name+"(T:orderable, bigint) array(T)", func(a *aggregation) (string, error) { return a.top(name, 0, 1) })
		f.a(name+"_by(T, K:orderable) T", func(a *aggregation) (string, error) { return a.extremeBy(name), nil })
		f.a(name+"_by(T, K:orderable, bigint) array(T)", func(a *aggregation) (string, error) { return a.top(name, 1, 2) })
	}
	f.a("any_value(T) T", func(a *aggregation) (string, error) { return a.plain("any_value", a.sql(0)), nil })
	f.a("arbitrary(T) T", func(a *aggregation) (string, error) { return a.plain("any_value", a.sql(0)), nil })
}

// filtered adds a condition to a list aggregate's FILTER.
func (a *aggregation) filtered(call, cond string) string {
	if a.filter == "" {
		if a.over != "" {
			return strings.Replace(call, " "+a.over, " FILTER (WHERE "+cond+") "+a.over, 1)
		}
		return call + " FILTER (WHERE " + cond + ")"
	}
	return strings.Replace(call, a.filter, strings.TrimSuffix(a.filter, ")")+" AND "+cond+")", 1)
}

// wholeNumber is a constant argument between 1 and most.
func (a *aggregation) wholeNumber(i int, most int64) (int64, error) {
	n, ok := a.args[i].val.(int64)
	if !ok {
		return 0, a.b.fail(a.n, "NOT_SUPPORTED", "argument %d must be a constant here", i+1)
	}
	if n < 1 || n > most {
		return 0, a.b.fail(a.n, "INVALID_FUNCTION_ARGUMENT", "argument %d must be between 1 and %d", i+1, most)
	}
	return n, nil
}

// better is the operator by which a value takes the place of the best so far.
var better = map[string]string{"min": "<", "max": ">"}

// extreme is min or max. NaN is to Trino the extreme only of nothing but NaN:
// to the engine it is the greatest, also when the signs of numbers are changed.
func (a *aggregation) extreme(name string) string {
	x := a.args[0]
	switch {
	case x.typ.Kind == types.TimestampTZ:
		return a.plain("arg_"+name, x.sql, instant(x.sql))
	case nested(x.typ):
		list := a.filtered(a.plain("list", x.sql), x.sql+" IS NOT NULL")
		return a.b.best(list, better[name], func(e string) expr { return expr{typ: x.typ, sql: e} })
	case name == "max" && x.typ.Is(types.Real, types.Double):
		return "(- " + a.call("min", "(- "+x.sql+")") + ")"
	}
	return a.call(name, x.sql)
}

func notNaN(x string) string { return "CASE WHEN isnan(" + x + ") THEN NULL ELSE " + x + " END" }

// extremeBy is min_by or max_by.
func (a *aggregation) extremeBy(name string) string {
	x, key := a.args[0], a.args[1]
	switch {
	case nested(key.typ):
		list := a.filtered(a.plain("list", "struct_pack(v := "+x.sql+", k := "+key.sql+")"), key.sql+" IS NOT NULL")
		return "struct_extract(" + a.b.best(list, better[name], func(e string) expr { return expr{typ: key.typ, sql: "struct_extract(" + e + ", 'k')"} }) + ", 'v')"
	case name == "max" && key.typ.Is(types.Real, types.Double):
		return a.plain("arg_min_null", x.sql, "(- "+key.sql+")")
	}
	return a.plain("arg_"+name+"_null", x.sql, cmpForm(key))
}

// top is min or max (by a key) with a count: argument k is the key, argument n
// the count. Trino's heap decides the order of equal keys; it is told how the
// keys lie, and gives the places of those it keeps.
func (a *aggregation) top(name string, k, n int) (string, error) {
	count, err := a.wholeNumber(n, 10000)
	if err != nil {
		return "", err
	}
	key := a.args[k]
	order := a.b.sortForm(key)
	if name == "max" && key.typ.Is(types.Real, types.Double) { // NaN is the least here
		order = "struct_pack(n := NOT isnan(" + order + "), k := " + order + ")"
	}
	list := a.filtered(a.call("list", "struct_pack(k := "+order+", v := "+a.sql(0)+")"), key.sql+" IS NOT NULL")
	places := "mg_top_places"
	if a.over != "" {
		places = "mg_running_top_places"
	}
	return a.b.let([]string{list}, func(l []string) string {
		keys := a.b.filled("list_transform($1, lambda @e: @e.k)", l)
		return a.b.let([]string{keys, "list_grade_up(" + keys + ", 'ASC', 'NULLS LAST')"}, func(v []string) string {
			same := a.b.filled("list_transform(range(2, len($1) + 1), lambda @i: CAST(list_extract($1, list_extract($2, @i)) IS NOT DISTINCT FROM list_extract($1, list_extract($2, @i - 1)) AS BIGINT))", v)
			kept := a.b.fn(places, v[1], same, fmt.Sprint(count), fmt.Sprint(name == "min"))
			return "CASE WHEN len(" + l[0] + ") > 0 THEN list_transform(" + kept + ", lambda p: list_extract(" + l[0] + ", p).v) END"
		})
	}), nil
}

func (f *family) statistics() {
	for sig, engine := range map[string]string{
		"stddev(double) double": "stddev_samp", "stddev_samp(double) double": "stddev_samp", "stddev_pop(double) double": "stddev_pop", "variance(double) double": "var_samp",
		"var_samp(double) double": "var_samp", "var_pop(double) double": "var_pop",
	} {
		f.a(sig, func(a *aggregation) (string, error) { return a.call(engine, a.sql(0)), nil })
	}
	f.a("skewness(double) double", func(a *aggregation) (string, error) { return moments(a, "skewness"), nil })
	f.a("kurtosis(double) double", func(a *aggregation) (string, error) { return moments(a, "kurtosis"), nil })
	for _, t := range []string{"double", "real"} {
		for name, engine := range map[string]string{"corr": "corr", "covar_samp": "covar_samp", "covar_pop": "covar_pop", "regr_slope": "regr_slope", "regr_intercept": "regr_intercept"} {
			f.a(fmt.Sprintf("%s(%s, %s) %s", name, t, t, t), func(a *aggregation) (string, error) {
				x := "CAST(" + a.sql(0) + " AS DOUBLE)"
				y := "CAST(" + a.sql(1) + " AS DOUBLE)"
				v := a.plain(engine, x, y) // what is not finite is NULL to Trino
				return "CAST(CASE WHEN isfinite(" + v + ") THEN " + v + " END AS " + physical(a.ret) + ")", nil
			})
		}
	}
	f.a("geometric_mean(double) double", func(a *aggregation) (string, error) { return "exp(" + a.call("avg", "ln("+a.sql(0)+")") + ")", nil })
	f.a("geometric_mean(bigint) double", func(a *aggregation) (string, error) {
		return "exp(" + a.call("avg", "ln(CAST("+a.sql(0)+" AS DOUBLE))") + ")", nil
	})
	f.a("geometric_mean(real) real", func(a *aggregation) (string, error) {
		return "CAST(exp(" + a.call("avg", "ln(CAST("+a.sql(0)+" AS DOUBLE))") + ") AS FLOAT)", nil
	})
	for _, name := range []string{"bitwise_and_agg", "bitwise_or_agg", "bitwise_xor_agg"} {
		engine := map[string]string{"bitwise_and_agg": "bit_and", "bitwise_or_agg": "bit_or", "bitwise_xor_agg": "bit_xor"}[name]
		f.one(name+"(bigint) bigint", engine)
	}
}

// moments is Trino's population skewness and kurtosis, which the engine
// computes with other corrections. Shifted power sums keep it exact enough.
func moments(a *aggregation, which string) string {
	x := a.sql(0)
	n := "CAST(" + a.call("count", x) + " AS DOUBLE)"
	if which == "skewness" {
		// The engine's is g1 * sqrt(n(n-1))/(n-2).
		return fmt.Sprintf("CASE WHEN %[1]s < 3 THEN NULL ELSE %[2]s * (%[1]s - 2) / sqrt(%[1]s * (%[1]s - 1)) END", n, a.call("skewness", x))
	}
	// The engine's kurtosis() is the sample excess kurtosis Trino has too.
	return fmt.Sprintf("CASE WHEN %[1]s < 4 THEN NULL ELSE %[2]s END", n, a.call("kurtosis", x))
}

func (f *family) collections() {
	f.a("array_agg(T) array(T)", func(a *aggregation) (string, error) {
		// Trino keeps NULLs, as list() does, and an empty input gives NULL.
		return a.call("list", a.sql(0)), nil
	})
	f.a("set_agg(T) array(T)", func(a *aggregation) (string, error) { return a.render("list", true, "", []string{a.sql(0)}), nil })
	f.a("set_union(array(T)) array(T)", func(a *aggregation) (string, error) {
		return a.b.let([]string{"flatten(" + a.plain("list", a.sql(0)) + ")"}, func(v []string) string { return a.b.filled(first, v) }), nil
	})
	f.a("map_agg(K, V) map(K, V)", func(a *aggregation) (string, error) {
		return firstOfKeys(a.filtered(a.plain("list", entry(a.sql(0), a.sql(1))), a.sql(0)+" IS NOT NULL")), nil
	})
	f.a("multimap_agg(K, V) map(K, array(V))", func(a *aggregation) (string, error) {
		list := a.filtered(a.plain("list", entry(a.sql(0), a.sql(1))), a.sql(0)+" IS NOT NULL")
		return multimap(list), nil
	})
	f.a("map_union(map(K, V)) map(K, V)", func(a *aggregation) (string, error) {
		// Empty maps leave nothing, as no maps do.
		return firstOfKeys("flatten(" + a.filtered(a.plain("list", "map_entries("+a.sql(0)+")"), "cardinality("+a.sql(0)+") > 0") + ")"), nil
	})
	f.a("histogram(K) map(K, bigint)", func(a *aggregation) (string, error) {
		if a.args[0].typ.Is(types.Real, types.Double) { // the engine's does not tell NaN from other values
			count, m := a.plain("count", "CASE WHEN isnan("+a.sql(0)+") THEN 1 END"), physical(a.ret)
			rest := "CAST(" + a.plain("histogram", notNaN(a.sql(0))) + " AS " + m + ")"
			return "CASE WHEN " + count + " = 0 THEN " + rest + " ELSE map_concat(coalesce(" + rest + ", CAST(MAP {} AS " + m + ")), CAST(MAP {" + nanSQL + ": " + count + "} AS " + m + ")) END", nil
		}
		return "CAST(" + a.plain("histogram", a.sql(0)) + " AS " + physical(a.ret) + ")", nil
	})
	f.a("listagg(varchar) varchar", func(a *aggregation) (string, error) { return a.listagg("''") })
	f.a("listagg(varchar, varchar) varchar", func(a *aggregation) (string, error) { return a.listagg(a.sql(1)) })
	f.a("reduce_agg(T, S, function(S, T, S), function(S, S, S)) S", func(a *aggregation) (string, error) {
		list := a.filtered(a.plain("list", a.sql(0)), a.sql(0)+" IS NOT NULL")
		return reduced(a, list), nil
	})
}

// reduced folds a list by the input function; the state is boxed, since the
// engine's reduce wants elements and state of one type.
func reduced(a *aggregation, list string) string {
	s := a.args[2].lambda
	elem := physical(a.args[0].typ)
	state := physical(a.ret)
	box := func(v, st string) string {
		return "struct_pack(v := CAST(" + v + " AS " + elem + "), s := CAST(" + st + " AS " + state + "))"
	}
	boxes := "list_prepend(" + box("NULL", a.sql(1)) + ", list_transform(" + list + ", lambda e: " + box("e", "NULL") + "))"
	body := substituted(a.args[2].sql, map[string]string{s[0]: "struct_extract(a, 's')", s[1]: "struct_extract(b, 'v')"})
	return "CASE WHEN " + list + " IS NULL THEN NULL ELSE struct_extract(list_reduce(" + boxes + ", lambda a, b: " + box("NULL", body) + "), 's') END"
}

func entry(k, v string) string { return "struct_pack(key := " + k + ", value := " + v + ")" }

// firstOfKeys is a map of entries; of entries with one key the first counts.
func firstOfKeys(entries string) string {
	keys := "list_transform(e, lambda x: x.key)"
	return "list_extract(list_transform([" + entries + "], lambda e: CASE WHEN e IS NULL THEN NULL ELSE map_from_entries(list_filter(e, lambda x, i: list_position(" + keys + ", x.key) = i)) END), 1)"
}

// multimap is a map from each key to the list of its values.
func multimap(entries string) string {
	return "list_extract(list_transform([" + entries + "], lambda e: CASE WHEN e IS NULL THEN NULL ELSE map_from_entries(list_transform(" + orderedKeys("list_transform(e, lambda x: x.key)") +
		", lambda k: struct_pack(key := k, value := list_transform(list_filter(e, lambda x: x.key = k), lambda x: x.value)))) END), 1)"
}

// orderedKeys are the distinct values of a list in the order they came.
func orderedKeys(list string) string {
	return "list_extract(list_transform([" + list + "], lambda ks: list_filter(ks, lambda k, i: list_position(ks, k) = i)), 1)"
}

func (a *aggregation) listagg(sep string) (string, error) {
	if !a.n.WithinGroup {
		return "", a.b.fail(a.n, "MISSING_ORDER_BY", "listagg needs WITHIN GROUP (ORDER BY ...)")
	}
	all := a.call("string_agg", a.sql(0), sep)
	code, message := "EXCEEDED_FUNCTION_MEMORY_LIMIT", "concatenated string has the length in bytes larger than the maximum output length 1048576"
	if o := a.n.OnOverflow; o != nil && !o.Error {
		code, message = "NOT_SUPPORTED", "LISTAGG ... ON OVERFLOW TRUNCATE of a longer text than 1048576 bytes is not supported by the embedded engine"
	}
	return "CASE WHEN strlen(" + all + ") > 1048576 THEN " + a.b.raise(a.ret, code, message) + " ELSE " + all + " END", nil
}

func (f *family) approximate() {
	// Exact answers are within every error bound, and small sets are exact in Trino too.
	f.a("approx_distinct(T) bigint", func(a *aggregation) (string, error) {
		return a.render("count", true, "", []string{cmpForm(a.args[0])}), nil
	})
	f.a("approx_distinct(T, double) bigint", func(a *aggregation) (string, error) {
		return a.render("count", true, "", []string{cmpForm(a.args[0])}), nil
	})
	for _, t := range []string{"bigint", "real", "double"} {
		f.a("approx_percentile("+t+", double) "+t, func(a *aggregation) (string, error) { return a.percentile(a.sql(1)) })
		f.a("approx_percentile("+t+", double, double) "+t, func(a *aggregation) (string, error) { return "", a.weighted() })
		f.a("approx_percentile("+t+", array(double)) array("+t+")", func(a *aggregation) (string, error) { return a.percentiles() })
		f.a("approx_percentile("+t+", double, array(double)) array("+t+")", func(a *aggregation) (string, error) { return "", a.weighted() })
	}
	for _, t := range []string{"double", "real"} {
		f.a("numeric_histogram(bigint, "+t+") map("+t+", "+t+")", func(a *aggregation) (string, error) {
			n, err := a.wholeNumber(0, 1000)
			if err != nil {
				return "", err
			}
			list := a.filtered(a.plain("list", "CAST("+a.sql(1)+" AS DOUBLE)"), a.sql(1)+" IS NOT NULL")
			return a.b.let([]string{a.b.fn("mg_numeric_histogram", fmt.Sprint(n), list)}, func(v []string) string {
				return fmt.Sprintf("CAST(map(list_slice(%[1]s, 1, len(%[1]s) // 2), list_slice(%[1]s, len(%[1]s) // 2 + 1, len(%[1]s))) AS %[2]s)", v[0], physical(a.ret))
			}), nil
		})
	}
	f.a("approx_most_frequent(bigint, varchar, bigint) map(varchar, bigint)", func(a *aggregation) (string, error) { return a.frequent() })
	f.a("approx_most_frequent(bigint, bigint, bigint) map(bigint, bigint)", func(a *aggregation) (string, error) { return a.frequent() })
}

func (a *aggregation) weighted() error {
	return a.b.fail(a.n, "NOT_SUPPORTED", "approx_percentile with weights is not supported by the embedded engine")
}

// percentile is the value at rank floor(p * n) of the sorted values, counted
// from 0, which is what Trino's digest gives where it is exact.
func (a *aggregation) percentile(p string) (string, error) {
	if v, ok := a.args[1].val.(float64); ok && (v < 0 || v > 1) {
		return "", a.b.fail(a.n, "INVALID_FUNCTION_ARGUMENT", "percentile must be between 0 and 1")
	}
	list := a.sortedList()
	return ranked(list, p), nil
}

func (a *aggregation) sortedList() string {
	return a.filtered(a.render("list", false, "ORDER BY "+a.sql(0), []string{a.sql(0)}), a.sql(0)+" IS NOT NULL")
}

func ranked(list, p string) string {
	return fmt.Sprintf("list_extract(%[1]s, least(CAST(floor(%[2]s * len(%[1]s)) AS BIGINT) + 1, len(%[1]s)))", list, p)
}

func (a *aggregation) percentiles() (string, error) {
	list := a.sortedList()
	return "CASE WHEN " + list + " IS NULL THEN NULL ELSE list_transform(" + a.sql(1) + ", lambda p: " + ranked(list, "p") + ") END", nil
}

func (a *aggregation) frequent() (string, error) {
	n, err := a.wholeNumber(0, 10000)
	if err != nil {
		return "", err
	}
	counts := "CAST(" + a.plain("histogram", a.sql(1)) + " AS " + physical(a.ret) + ")"
	return fmt.Sprintf("list_extract(list_transform([map_entries(%s)], lambda e: CASE WHEN e IS NULL THEN NULL ELSE map_from_entries(list_slice(list_transform(list_reverse_sort(list_transform(e, lambda x, i: struct_pack(n := x.value, i := -i, key := x.key))), lambda y: struct_pack(key := y.key, value := y.n)), 1, %d)) END), 1)",
		counts, n), nil
}
