package duckdb

import "strings"

// once adds a function lowered by a template whose arguments are evaluated once
// however often they are named.
func (f *family) once(sig, template string) *overload {
	return f.f(sig, func(c *invocation) (string, error) {
		return c.let(func(v []string) string { return fill(template, v) }), nil
	})
}

// fill puts v in the place of $1, $2, ... The template must hold no texts of the
// statement, which may have a $1 of their own.
func fill(template string, v []string) string {
	var out strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] == '$' && i+1 < len(template) && template[i+1] >= '1' && int(template[i+1]-'1') < len(v) {
			i++
			out.WriteString(v[template[i]-'1'])
			continue
		}
		out.WriteByte(template[i])
	}
	return out.String()
}

// number is the i-th argument if it is a whole number known when binding.
func (c *invocation) number(i int) (int64, bool) {
	n, ok := c.args[i].val.(int64)
	return n, ok
}
