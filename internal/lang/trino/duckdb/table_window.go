package duckdb

import "github.com/mulgil/mulgil/internal/lang/trino/types"

// windowFunctions are those that need OVER.
func windowFunctions() []*overload {
	var f family
	named := func(sig, engine string) {
		f.w(sig, func(a *aggregation) (string, error) {
			args := make([]string, len(a.args))
			for i := range a.args {
				args[i] = a.sql(i)
			}
			return a.plain(engine, args...), nil
		})
	}
	named("row_number() bigint", "row_number")
	named("rank() bigint", "rank")
	named("dense_rank() bigint", "dense_rank")
	named("percent_rank() double", "percent_rank")
	named("cume_dist() double", "cume_dist")
	f.w("ntile(bigint) bigint", func(a *aggregation) (string, error) {
		if n, ok := a.args[0].val.(int64); ok && n < 1 {
			return "", a.b.fail(a.n, "INVALID_FUNCTION_ARGUMENT", "buckets must be greater than 0")
		}
		return a.plain("ntile", a.sql(0)), nil
	})
	named("first_value(T) T", "first_value")
	named("last_value(T) T", "last_value")
	f.w("nth_value(T, bigint) T", func(a *aggregation) (string, error) {
		if n, ok := a.args[1].val.(int64); ok && n < 1 {
			return "", a.b.fail(a.n, "INVALID_FUNCTION_ARGUMENT", "offset must be at least 1")
		}
		return a.plain("nth_value", a.sql(0), a.sql(1)), nil
	})
	for _, name := range []string{"lag", "lead"} {
		f.w(name+"(T) T", func(a *aggregation) (string, error) { return a.plain(name, a.sql(0)), a.ordered(name) })
		f.w(name+"(T, bigint) T", func(a *aggregation) (string, error) { return a.offset(name) })
		f.w(name+"(T, bigint, T) T", func(a *aggregation) (string, error) { return a.offset(name) })
	}
	return f
}

// offset lowers lag and lead with a distance, which must not be negative.
func (a *aggregation) offset(name string) (string, error) {
	if err := a.ordered(name); err != nil {
		return "", err
	}
	distance := a.sql(1)
	if n, ok := a.args[1].val.(int64); ok && n < 0 {
		return "", a.b.fail(a.n, "INVALID_FUNCTION_ARGUMENT", "offset must be at least 0")
	} else if !ok {
		bad := a.b.raise(types.TBigint, "INVALID_FUNCTION_ARGUMENT", "offset must be a number of at least 0")
		distance = "CASE WHEN " + distance + " >= 0 THEN " + distance + " ELSE " + bad + " END"
	}
	args := []string{a.sql(0), distance}
	if len(a.args) == 3 {
		args = append(args, a.b.coerce(a.args[2], a.ret).sql)
	}
	return a.plain(name, args...), nil
}

// ordered fails where a function that looks along an order has none, or a frame.
func (a *aggregation) ordered(name string) error {
	spec, err := a.b.windowSpec(a.n.Over, 0)
	switch {
	case err != nil:
		return err
	case len(spec.OrderBy) == 0:
		return a.b.fail(a.n.Over, "MISSING_ORDER_BY", "%s function requires an ORDER BY window clause", name)
	case spec.Frame != nil:
		return a.b.fail(spec.Frame, "INVALID_WINDOW_FRAME", "cannot specify window frame for %s function", name)
	}
	return nil
}
