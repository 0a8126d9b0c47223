package duckdb

import (
	"fmt"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// arrayLambdas are the functions of arrays that take a lambda.
func arrayLambdas(f *family) {
	f.f("transform(array(T), function(T, U)) array(U)", func(c *invocation) (string, error) {
		return "list_transform(" + c.sql(0) + ", " + c.lambda(1) + ")", nil
	})
	f.f("filter(array(T), function(T, boolean)) array(T)", func(c *invocation) (string, error) {
		return "list_filter(" + c.sql(0) + ", " + c.lambda(1) + ")", nil
	})
	// A match that is not known makes the answer unknown, unless another decides it.
	match := func(name, decides, then, other string) {
		f.f(name+"(array(T), function(T, boolean)) boolean", func(c *invocation) (string, error) {
			return c.b.let([]string{"list_transform(" + c.sql(0) + ", " + c.lambda(1) + ")"}, func(v []string) string {
				return c.b.filled("CASE WHEN $1 IS NULL THEN NULL WHEN list_contains($1, "+decides+") THEN "+then+" WHEN len($1) <> list_count($1) THEN NULL ELSE "+other+" END", v)
			}), nil
		})
	}
	match("any_match", "true", "true", "false")
	match("all_match", "false", "false", "true")
	match("none_match", "true", "false", "true")
	f.f("reduce(array(T), S, function(S, T, S), function(S, R)) R", (*invocation).reduce)
	f.f("array_sort(array(T), function(T, T, bigint)) array(T)", (*invocation).sortBy)
}

// reduce folds an array. The engine folds values of the elements' type, so
// state and element travel together in a struct.
func (c *invocation) reduce() (string, error) {
	state, elem := c.args[1].typ, c.args[0].typ.Elem()
	null := func(t types.Type) string { return "CAST(NULL AS " + physical(t) + ")" }
	pack := func(s, v string) string { return "struct_pack(s := " + s + ", v := " + v + ")" }
	a, e := c.b.fresh("a"), c.b.fresh("e")
	step := "CAST(" + c.body(2, a+".s", e+".v") + " AS " + physical(state) + ")"
	array := typedNull(c.args[0])
	return c.b.let([]string{array}, func(v []string) string {
		folded := fmt.Sprintf("list_reduce(list_transform(%s, lambda %s: %s), lambda %s, %s: %s, %s)", v[0], e, pack(null(state), e), a, e, pack(step, null(elem)), pack("CAST("+c.sql(1)+" AS "+physical(state)+")", null(elem)))
		out := c.b.let([]string{"struct_extract(" + folded + ", 's')"}, func(s []string) string { return c.body(3, s[0]) })
		return "CASE WHEN " + v[0] + " IS NULL THEN NULL ELSE " + out + " END"
	}), nil
}

// sortBy sorts by a comparator: an element's place is the number of those that
// come before it. Of two elements the later one is compared with the earlier,
// as Java's sort does, and goes first only if it is less.
func (c *invocation) sortBy() (string, error) {
	bad := c.b.raise(types.TBoolean, "INVALID_FUNCTION_ARGUMENT", "lambda comparator must return either -1, 0, or 1")
	n := map[string]string{}
	for _, k := range []string{"x", "i", "y", "j", "s"} {
		n[k] = c.b.fresh(k)
	}
	less := func(a, b string) string {
		return "CASE " + c.body(1, a, b) + " WHEN -1 THEN true WHEN 0 THEN false WHEN 1 THEN false ELSE " + bad + " END"
	}
	return c.b.let([]string{typedNull(c.args[0])}, func(v []string) string {
		before := fmt.Sprintf("CASE WHEN %[1]s > %[2]s THEN CASE WHEN %[3]s THEN 1 ELSE 0 END WHEN %[1]s < %[2]s THEN CASE WHEN %[4]s THEN 0 ELSE 1 END ELSE 0 END", n["j"], n["i"], less(n["y"], n["x"]), less(n["x"], n["y"]))
		rank := fmt.Sprintf("list_sum(list_transform(%s, lambda %s, %s: %s))", v[0], n["y"], n["j"], before)
		places := fmt.Sprintf("list_sort(list_transform(%s, lambda %s, %s: struct_pack(r := %s, i := %s)))", v[0], n["x"], n["i"], rank, n["i"])
		return fmt.Sprintf("list_transform(%s, lambda %s: list_extract(%s, %s.i))", places, n["s"], v[0], n["s"])
	}), nil
}
