package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// mapFunctions are those of maps: keys are never NULL and never twice.
func mapFunctions() []*overload {
	var f family
	f.t("map() map(unknown, unknown)", "CAST(MAP {} AS MAP(INTEGER, INTEGER))")
	f.f("map(array(K:comparable), array(V)) map(K, V)", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			differ := c.raise("key and value arrays must be the same length")
			null := ""
			if keys := c.args[0].typ; nested(keys.Elem()) {
				null = " WHEN " + c.b.holdsNull(expr{typ: keys, sql: v[0]}) + " THEN " + c.raise("map key cannot be indeterminate")
			}
			return "CASE WHEN " + v[0] + " IS NULL OR " + v[1] + " IS NULL THEN NULL WHEN len(" + v[0] + ") <> len(" + v[1] + ") THEN " + differ + null + " ELSE " + c.uniqueMap(v[0], v[1]) + " END"
		}), nil
	})
	f.t("cardinality(map(K, V)) bigint", "CAST(cardinality($1) AS BIGINT)")
	f.f("element_at(map(K:comparable, V), K:comparable) V", func(c *invocation) (string, error) {
		if c.args[1].typ.Is(types.Real, types.Double) && c.args[1].val == nil { // NaN is no key's equal
			return c.fill("CASE WHEN isnan($2) THEN NULL ELSE map_extract_value($1, $2) END"), nil
		}
		return c.expand("map_extract_value($1, $2)"), nil
	})
	f.t("map_keys(map(K, V)) array(K)", "map_keys($1)")
	f.t("map_values(map(K, V)) array(V)", "map_values($1)")
	f.fills("map_entries(map(K, V)) array(row(K, V))", "list_transform(map_entries($1), lambda @e: struct_pack(f1 := @e.key, f2 := @e.value))")
	f.f("map_concat(map(K:comparable, V), map(K:comparable, V)...) map(K, V)", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			return "CASE WHEN " + strings.Join(v, " IS NULL OR ") + " IS NULL THEN NULL ELSE map_concat(" + strings.Join(v, ", ") + ") END"
		}), nil
	})
	mapEntries(&f)
	mapLambdas(&f)
	return f
}

// uniqueMap is a map of keys and values of one length; both are short names.
// Bad keys are Trino's errors.
func (c *invocation) uniqueMap(keys, values string) string {
	t := types.Type{Kind: types.Map, Elems: c.ret.Elems}
	twice := c.b.raise(t, "INVALID_FUNCTION_ARGUMENT", "duplicate map keys are not allowed")
	null := c.b.raise(t, "INVALID_FUNCTION_ARGUMENT", "map key cannot be null")
	return fmt.Sprintf("CASE WHEN len(%[1]s) <> list_count(%[1]s) THEN %[3]s WHEN len(%[1]s) <> len(list_distinct(%[1]s)) THEN %[4]s ELSE map(%[1]s, %[2]s) END", keys, values, null, twice)
}

// mapEntries make maps of rows of key and value.
func mapEntries(f *family) {
	parts := func(c *invocation, body func(keys, values string) string) string {
		return c.let(func(v []string) string {
			null := c.raise("map entry cannot be null")
			keys := c.b.filled("list_transform($1, lambda @e: @e.f1)", v)
			values := c.b.filled("list_transform($1, lambda @e: @e.f2)", v)
			made := c.b.let([]string{keys, values}, func(p []string) string { return body(p[0], p[1]) })
			return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN len(%[1]s) <> list_count(%[1]s) THEN %[2]s ELSE %[3]s END", v[0], null, made)
		})
	}
	f.f("map_from_entries(array(row(K:comparable, V))) map(K, V)", func(c *invocation) (string, error) { return parts(c, c.uniqueMap), nil })
	f.f("multimap_from_entries(array(row(K:comparable, V))) map(K, array(V))", func(c *invocation) (string, error) {
		return parts(c, func(keys, values string) string {
			once := c.b.filled("list_filter($1, lambda @e, @i: list_position($1, @e) = @i)", []string{keys})
			null := c.raise("map key cannot be null")
			return c.b.let([]string{once}, func(k []string) string {
				return c.b.filled("CASE WHEN len($1) <> list_count($1) THEN "+null+" ELSE map($3, list_transform($3, lambda @k: list_transform(list_filter(range(1, len($1) + 1), lambda @i: list_extract($1, @i) = @k), lambda @j: list_extract($2, @j)))) END",
					[]string{keys, values, k[0]})
			})
		}), nil
	})
}

// mapLambdas are the functions of maps that take a lambda.
func mapLambdas(f *family) {
	f.f("map_filter(map(K, V), function(K, V, boolean)) map(K, V)", func(c *invocation) (string, error) {
		e := c.b.fresh("e")
		return "map_from_entries(list_filter(map_entries(" + c.sql(0) + "), lambda " + e + ": " + c.body(1, e+".key", e+".value") + "))", nil
	})
	f.f("transform_values(map(K, V), function(K, V, W)) map(K, W)", func(c *invocation) (string, error) {
		return c.b.let([]string{c.sql(0)}, func(v []string) string {
			e := c.b.fresh("e")
			return "CASE WHEN " + v[0] + " IS NULL THEN NULL ELSE map(map_keys(" + v[0] + "), list_transform(map_entries(" + v[0] + "), lambda " + e + ": " + c.body(1, e+".key", e+".value") + ")) END"
		}), nil
	})
	f.f("transform_keys(map(K, V), function(K, V, L)) map(L, V)", func(c *invocation) (string, error) {
		return c.b.let([]string{c.sql(0)}, func(v []string) string {
			e := c.b.fresh("e")
			keys := "list_transform(map_entries(" + v[0] + "), lambda " + e + ": " + c.body(1, e+".key", e+".value") + ")"
			made := c.b.let([]string{keys}, func(k []string) string { return c.uniqueMap(k[0], "map_values("+v[0]+")") })
			return "CASE WHEN " + v[0] + " IS NULL THEN NULL ELSE " + made + " END"
		}), nil
	})
	f.f("map_zip_with(map(K:comparable, V), map(K:comparable, U), function(K, V, U, W)) map(K, W)", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			keys := c.b.filled("list_concat(map_keys($1), list_filter(map_keys($2), lambda @k: NOT map_contains($1, @k)))", v)
			made := c.b.let([]string{keys}, func(k []string) string {
				e := c.b.fresh("e")
				at := func(m string) string { return "map_extract_value(" + m + ", " + e + ")" }
				return "map(" + k[0] + ", list_transform(" + k[0] + ", lambda " + e + ": " + c.body(2, e, at(v[0]), at(v[1])) + "))"
			})
			return "CASE WHEN " + v[0] + " IS NULL OR " + v[1] + " IS NULL THEN NULL ELSE " + made + " END"
		}), nil
	})
}
