package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// arrayFunctions are those of arrays. Elements are told apart as Trino does:
// NULL is like NULL where sets are made, and unknown where one is looked for.
func arrayFunctions() []*overload {
	var f family
	arrayParts(&f)
	arraySets(&f)
	arrayConcat(&f)
	arrayTexts(&f)
	arrayZips(&f)
	arrayLambdas(&f)
	sequences(&f)
	return f
}

// fills adds a function by a template in which arguments may be used often.
func (f *family) fills(sig, template string) *overload {
	return f.f(sig, func(c *invocation) (string, error) { return c.fill(template), nil })
}

// nullIf wraps a template: NULL where one of the n first arguments is.
func nullIf(n int, template string) string {
	tests := make([]string, n)
	for i := range tests {
		tests[i] = fmt.Sprintf("$%d IS NULL", i+1)
	}
	return "CASE WHEN " + strings.Join(tests, " OR ") + " THEN NULL ELSE " + template + " END"
}

// arrayParts look into an array or take a part of it.
func arrayParts(f *family) {
	f.t("cardinality(array(T)) bigint", "len($1)")
	f.f("element_at(array(T), bigint) T", func(c *invocation) (string, error) {
		if n, ok := c.args[1].val.(int64); ok && n != 0 {
			return c.expand("list_extract($1, $2)"), nil
		}
		return c.fill("CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN " + c.raise("SQL array indices start at 1") + " ELSE list_extract($1, $2) END"), nil
	})
	f.sought("contains(array(T:comparable), T:comparable) boolean", "CASE WHEN list_contains($1, $2) THEN true WHEN len($1) <> list_count($1) THEN NULL ELSE false END")
	f.sought("array_position(array(T:comparable), T:comparable) bigint", "CAST(coalesce(list_position($1, $2), 0) AS BIGINT)")
	f.sought("array_remove(array(T:comparable), T:comparable) array(T)", "list_filter($1, lambda @e: @e IS DISTINCT FROM $2)")
	f.f("array_max(array(T:orderable)) T", func(c *invocation) (string, error) {
		most := "list_max($1)"
		if nested(c.ret) {
			return c.bestElement(">"), nil
		}
		if c.ret.Is(types.Real, types.Double) { // NaN counts only where there is nothing else
			most = "coalesce(list_max(list_filter($1, lambda @e: NOT isnan(@e))), list_max($1))"
		}
		return c.fill("CASE WHEN len($1) <> list_count($1) THEN NULL ELSE " + most + " END"), nil
	})
	f.f("array_min(array(T:orderable)) T", func(c *invocation) (string, error) {
		if nested(c.ret) {
			return c.bestElement("<"), nil
		}
		return c.fill("CASE WHEN len($1) <> list_count($1) THEN NULL ELSE list_min($1) END"), nil
	})
	f.t("reverse(array(T)) array(T)", "list_reverse($1)")
	f.t("flatten(array(array(T))) array(T)", "flatten($1)")
	f.f("slice(array(T), bigint, bigint) array(T)", func(c *invocation) (string, error) {
		return c.fill(nullIf(3, "CASE WHEN $2 = 0 THEN "+c.raise("SQL array indices start at 1")+" WHEN $3 < 0 THEN "+c.raise("length must be greater than or equal to 0")+
			" WHEN $3 = 0 OR - $2 > len($1) THEN list_slice($1, 2, 1) WHEN $2 > 0 THEN list_slice($1, $2, least($2, len($1) + 1) + least($3, len($1)) - 1) ELSE list_slice($1, len($1) + $2 + 1, len($1) + $2 + least($3, len($1))) END")), nil
	})
	f.f("trim_array(array(T), bigint) array(T)", func(c *invocation) (string, error) {
		return c.fill(nullIf(2, "CASE WHEN $2 < 0 THEN "+c.raise("size must not be negative")+" WHEN $2 > len($1) THEN "+c.raise("size must not exceed array cardinality")+
			" WHEN $2 = len($1) THEN list_slice($1, 2, 1) ELSE list_slice($1, 1, len($1) - $2) END")), nil
	})
	f.fills("contains_sequence(array(T:comparable), array(T:comparable)) boolean",
		nullIf(2, "(len($2) = 0 OR len(list_filter(range(1, len($1) - len($2) + 2), lambda @i: list_slice($1, @i, @i + len($2) - 1) = $2)) > 0)"))
	f.f("repeat(T, bigint) array(T)", func(c *invocation) (string, error) {
		return c.fill("CASE WHEN $2 < 0 THEN " + c.raise("count argument of repeat function must be greater than or equal to 0") + " WHEN $2 > 10000 THEN " +
			c.raise("count argument of repeat function must be less than or equal to 10000") + " ELSE list_transform(range($2), lambda @i: $1) END"), nil
	})
	f.fills("ngrams(array(T), bigint) array(array(T))", "CASE WHEN len($1) = 0 AND $2 > 0 THEN [$1] ELSE list_transform(mg_ngram_indexes(len($1), $2), lambda @c: list_slice($1, @c[1], @c[2])) END")
	f.fills("combinations(array(T), bigint) array(array(T))", "list_transform(mg_combination_indexes(len($1), $2), lambda @c: list_transform(@c, lambda @i: list_extract($1, @i)))")
	f.f("array_sort(array(T:orderable)) array(T)", func(c *invocation) (string, error) {
		key := func(e string) expr { return expr{typ: c.ret.Elem(), sql: e} }
		return c.b.checkSorted(c.expand("list_sort($1, 'ASC', 'NULLS LAST')"), key, c.ret), nil
	})
	f.fills("shuffle(array(T)) array(T)", "list_transform(list_sort(list_transform($1, lambda @e: struct_pack(r := random(), e := @e))), lambda @p: @p.e)").isVolatile()
}

// sought adds a function that looks for an element equal to its second
// argument. NaN is equal to none: what is unknown takes its place, which no
// element equals but an unknown one.
func (f *family) sought(sig, template string) {
	f.f(sig, func(c *invocation) (string, error) {
		t := template
		if c.args[1].typ.Is(types.Real, types.Double) && c.args[1].val == nil {
			t = "CASE WHEN isnan($2) THEN " + strings.ReplaceAll(strings.ReplaceAll(template, "@e IS DISTINCT FROM $2", "true"), "$2", "CAST(NULL AS "+physical(c.args[1].typ)+")") + " ELSE " + template + " END"
		}
		return c.fill(nullIf(2, t)), nil
	})
}

// bestElement is array_min or array_max of arrays or rows.
func (c *invocation) bestElement(op string) string {
	return c.let(func(v []string) string {
		best := c.b.best(v[0], op, func(e string) expr { return expr{typ: c.ret, sql: e} })
		return "CASE WHEN len(" + v[0] + ") <> list_count(" + v[0] + ") THEN NULL ELSE " + best + " END"
	})
}

// first keeps the first of elements that are alike.
const first = "list_filter($1, lambda @e, @i: list_position($1, @e) = @i)"

// arraySets are unions and the like, in the order in which elements are first seen.
func arraySets(f *family) {
	f.fills("array_distinct(array(T:comparable)) array(T)", first)
	f.f("array_union(array(T:comparable), array(T:comparable)) array(T)", func(c *invocation) (string, error) {
		both := c.fill(nullIf(2, "list_concat($1, $2)"))
		return c.b.let([]string{both}, func(v []string) string { return c.b.filled(first, v) }), nil
	})
	f.fills("array_except(array(T:comparable), array(T:comparable)) array(T)", nullIf(2, "list_filter($1, lambda @e, @i: list_position($1, @e) = @i AND coalesce(list_position($2, @e), 0) = 0)"))
	f.f("array_intersect(array(T:comparable), array(T:comparable)) array(T)", func(c *invocation) (string, error) {
		// The order is that of the longer array.
		both := nullIf(2, "list_filter($1, lambda @e, @i: list_position($1, @e) = @i AND coalesce(list_position($2, @e), 0) > 0)")
		return c.let(func(v []string) string {
			return "CASE WHEN len(" + v[0] + ") < len(" + v[1] + ") THEN " + c.b.filled(both, []string{v[1], v[0]}) + " ELSE " + c.b.filled(both, v) + " END"
		}), nil
	})
	f.fills("arrays_overlap(array(T:orderable), array(T:orderable)) boolean",
		nullIf(2, "CASE WHEN list_has_any(list_filter($1, lambda @e: @e IS NOT NULL), $2) THEN true WHEN len($1) = 0 OR len($2) = 0 THEN false WHEN len($1) <> list_count($1) OR len($2) <> list_count($2) THEN NULL ELSE false END"))
	f.f("array_histogram(array(T:comparable)) map(T, bigint)", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			keys := c.b.filled("list_filter($1, lambda @e, @i: @e IS NOT NULL AND list_position($1, @e) = @i)", v)
			return c.b.let([]string{keys}, func(k []string) string {
				return c.b.filled("CASE WHEN $1 IS NULL THEN NULL ELSE map($2, list_transform($2, lambda @k: len(list_filter($1, lambda @e: @e = @k)))) END", []string{v[0], k[0]})
			})
		}), nil
	})
}

// arrayConcat is concat and ||: arrays, or an array and an element at its end or start.
func arrayConcat(f *family) {
	f.f("concat(array(T), array(T)...) array(T)", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			out := v[0]
			tests := make([]string, len(v))
			for i, x := range v {
				tests[i] = x + " IS NULL"
				if i > 0 {
					out = "list_concat(" + out + ", " + x + ")"
				}
			}
			return "CASE WHEN " + strings.Join(tests, " OR ") + " THEN NULL ELSE " + out + " END"
		}), nil
	})
	f.fills("concat(array(T), T) array(T)", nullIf(2, "list_append($1, $2)"))
	f.fills("concat(T, array(T)) array(T)", nullIf(2, "list_prepend($1, $2)"))
}

// arrayTexts is array_join: elements as CAST to varchar prints them.
func arrayTexts(f *family) {
	f.f("array_join(array(T), varchar) varchar", func(c *invocation) (string, error) {
		return c.joined("list_transform(list_filter($1, lambda @e: @e IS NOT NULL), lambda @e: #)")
	})
	f.f("array_join(array(T), varchar, varchar) varchar", func(c *invocation) (string, error) {
		return c.joined("list_transform(CASE WHEN $3 IS NULL THEN NULL ELSE $1 END, lambda @e: CASE WHEN @e IS NULL THEN $3 ELSE # END)")
	})
}

// joined glues the texts that a template makes of an array; in it # is the text of @e.
func (c *invocation) joined(template string) (string, error) {
	t := c.args[0].typ.Elem()
	text := "CAST(@e AS VARCHAR)"
	if t.Kind != types.Unknown {
		text = c.b.text(expr{typ: t, sql: "@e"})
	}
	if text == "" {
		return "", c.b.fail(c.n, "OPERATOR_NOT_FOUND", "array_join cannot print elements of type %s", t)
	}
	list := strings.Replace(template, "#", text, 1)
	if d, ok := c.constant(1); ok {
		return c.fill("array_to_string(" + list + ", " + quote(d) + ")"), nil
	}
	return c.let(func(v []string) string {
		texts := c.b.filled("CASE WHEN $2 IS NULL THEN NULL ELSE "+list+" END", v)
		return c.b.let([]string{texts}, func(l []string) string {
			return c.b.filled("CASE WHEN len($1) = 0 THEN '' ELSE list_reduce($1, lambda @a, @e: @a || $2 || @e) END", []string{l[0], v[1]})
		})
	}), nil
}

// arrayZips pair arrays; the shorter ones are filled up with NULL.
func arrayZips(f *family) {
	vars := []string{"T", "U", "V", "W", "X"}
	for n := 2; n <= 5; n++ {
		arrays := "array(" + strings.Join(vars[:n], "), array(") + ")"
		f.f("zip("+arrays+") array(row("+strings.Join(vars[:n], ", ")+"))", func(c *invocation) (string, error) {
			lens, parts := make([]string, n), make([]string, n)
			for i := range n {
				lens[i] = fmt.Sprintf("len($%d)", i+1)
				parts[i] = fmt.Sprintf("%s := list_extract($%d, @i)", rowField(i), i+1)
			}
			return c.fill(nullIf(n, "list_transform(range(1, greatest("+strings.Join(lens, ", ")+") + 1), lambda @i: struct_pack("+strings.Join(parts, ", ")+"))")), nil
		})
	}
	f.f("zip_with(array(T), array(U), function(T, U, R)) array(R)", func(c *invocation) (string, error) {
		return c.let(func(v []string) string {
			i := c.b.fresh("i")
			at := func(a string) string { return "list_extract(" + a + ", " + i + ")" }
			return "CASE WHEN " + v[0] + " IS NULL OR " + v[1] + " IS NULL THEN NULL ELSE list_transform(range(1, greatest(len(" + v[0] + "), len(" + v[1] + ")) + 1), lambda " + i + ": " + c.body(2, at(v[0]), at(v[1])) + ") END"
		}), nil
	})
}
