package duckdb

import "github.com/mulgil/mulgil/internal/lang/trino/types"

// sequences are sequence(start, stop, step): both ends belong to it, and it has
// at most 10,000 entries.
func sequences(f *family) {
	const number, oneDay = "(CAST($2 AS HUGEINT) - CAST($1 AS HUGEINT))", "($2 - $1)"
	both := "CASE WHEN $1 <= $2 THEN 1 ELSE -1 END"
	f.f("sequence(bigint, bigint) array(bigint)", func(c *invocation) (string, error) {
		return c.sequence(both, number, "generate_series($1, $2, $3)"), nil
	})
	f.f("sequence(bigint, bigint, bigint) array(bigint)", func(c *invocation) (string, error) {
		return c.sequence("", number, "generate_series($1, $2, $3)"), nil
	})
	days := "list_transform(generate_series(0, $2 - $1, $3), lambda @i: $1 + CAST(@i AS INTEGER))"
	f.f("sequence(date, date) array(date)", func(c *invocation) (string, error) { return c.sequence(both, oneDay, days), nil })
	f.f("sequence(date, date, interval_day) array(date)", func(c *invocation) (string, error) {
		step := "CASE WHEN " + c.sql(2) + " % 86400000 <> 0 THEN " + c.b.raise(types.TBigint, "INVALID_FUNCTION_ARGUMENT", "sequence step must be a day interval if start and end values are dates") +
			" ELSE " + c.sql(2) + " // 86400000 END"
		return c.sequence(step, oneDay, days), nil
	})
	const months = "date_sub('month', $1, $2)"
	f.f("sequence(date, date, interval_year) array(date)", func(c *invocation) (string, error) {
		return c.sequence("CAST("+c.sql(2)+" AS BIGINT)", months, "list_transform(range("+months+" // $3 + 1), lambda @i: CAST($1 + to_months(CAST(@i * $3 AS INTEGER)) AS DATE))"), nil
	})
	f.f("sequence(timestamp(p), timestamp(p), interval_year) array(timestamp(p))", func(c *invocation) (string, error) {
		return c.stamps("CAST("+c.sql(2)+" AS BIGINT)", months, "to_months(CAST(@i * $3 AS INTEGER))")
	})
	f.f("sequence(timestamp(p), timestamp(p), interval_day) array(timestamp(p))", func(c *invocation) (string, error) {
		return c.stamps("("+c.sql(2)+" * 1000)", "(epoch_us($2) - epoch_us($1))", "to_microseconds(@i * $3)")
	})
}

// stamps is a sequence of timestamps of up to six digits.
func (c *invocation) stamps(step, distance, move string) (string, error) {
	if c.args[0].typ.P > 6 || c.args[1].typ.P > 6 {
		return "", c.b.fail(c.n, "NOT_SUPPORTED", "sequence of timestamps with more than 6 digits is not supported by the embedded engine")
	}
	return c.sequence(step, distance, "list_transform(range("+distance+" // $3 + 1), lambda @i: $1 + "+move+")"), nil
}

// sequence checks step and length; distance is from start to stop in the
// step's unit. step is SQL, with $1 and $2 the ends; empty takes the third argument.
func (c *invocation) sequence(step, distance, list string) string {
	if step == "" {
		step = typedNull(c.args[2])
	}
	ends := []string{typedNull(c.args[0]), typedNull(c.args[1])}
	return c.b.let(ends, func(v []string) string {
		return c.b.let(append(v, "CAST("+c.b.filled(step, v)+" AS BIGINT)"), func(v []string) string {
			return c.b.filled(nullIf(3, "CASE WHEN $3 = 0 THEN "+c.raise("step must not be zero")+
				" WHEN $3 > 0 AND $1 > $2 OR $3 < 0 AND $1 < $2 THEN "+c.raise("sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start")+
				" WHEN "+distance+" // $3 >= 10000 THEN "+c.raise("result of sequence function must not have more than 10000 entries")+" ELSE "+list+" END"), v)
		})
	})
}
