package duckdb

import (
	"strings"
)

// let gives values names in a piece of text that uses each of them more than
// once, so that nested calls do not double the text. The engine has no such
// form: a list of one struct is mapped.
func (b *binder) let(values []string, body func(names []string) string) string {
	short := true
	for _, v := range values {
		short = short && plainName(v)
	}
	if short {
		return body(values)
	}
	v := b.fresh("v")
	fields, names := make([]string, len(values)), make([]string, len(values))
	for i, x := range values {
		fields[i] = rowField(i) + " := " + x
		names[i] = v + "." + rowField(i)
	}
	return "list_extract(list_transform([struct_pack(" + strings.Join(fields, ", ") + ")], lambda " + v + ": " + body(names) + "), 1)"
}

// plainName tells whether evaluating sql twice costs nothing: a name or a constant.
func plainName(sql string) bool {
	return len(sql) <= 40 && !strings.ContainsAny(sql, "(")
}

// letArgs is let for the arguments of a call.
func (c *invocation) let(body func(names []string) string) string {
	values := make([]string, len(c.args))
	for i, a := range c.args {
		values[i] = typedNull(a)
	}
	return c.b.let(values, body)
}

// fill is let with a template in which $1, $2, ... are the arguments.
func (c *invocation) fill(template string) string {
	return c.let(func(names []string) string { return filled(template, names) })
}

func filled(template string, names []string) string {
	var out strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] == '$' && i+1 < len(template) && template[i+1] >= '1' && template[i+1] <= '9' {
			out.WriteString(names[template[i+1]-'1'])
			i++
			continue
		}
		out.WriteByte(template[i])
	}
	return out.String()
}

// substituted puts other text in the place of names in SQL, but not inside quotes.
func substituted(sql string, with map[string]string) string {
	var out strings.Builder
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			j := i + 1
			for j < len(sql) && sql[j] != c {
				j++
			}
			j = min(j+1, len(sql))
			out.WriteString(sql[i:j])
			i = j
		case wordByte(c):
			j := i
			for j < len(sql) && wordByte(sql[j]) {
				j++
			}
			w := sql[i:j]
			if r, ok := with[w]; ok && (i == 0 || sql[i-1] != '.') {
				w = r
			}
			out.WriteString(w)
			i = j
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String()
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// body is a lambda's body with other text in the place of its parameters.
func (c *invocation) body(i int, params ...string) string {
	with := map[string]string{}
	for j, p := range c.args[i].lambda {
		with[p] = params[j]
	}
	return substituted(c.args[i].sql, with)
}
