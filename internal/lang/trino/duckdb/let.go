package duckdb

import (
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// let gives values names in a piece of text that uses each of them more than
// once, so that nested calls do not double the text. The engine has no such
// form: a list of one struct is mapped.
func (b *binder) let(values []string, body func(names []string) string) string {
	short := true
	for _, v := range values {
		// What stands twice the engine computes once, and outside of TRY.
		short = short && plainName(v) && (b.try == 0 || indexOutside(v, "(") < 0)
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

// plainName tells whether evaluating sql twice costs nothing, or less than
// naming it: a name, a constant, a short call of the engine's cheap functions.
func plainName(sql string) bool {
	if len(sql) > 120 {
		return false
	}
	for _, form := range dearForms {
		if strings.Contains(sql, form) {
			return false
		}
	}
	return true
}

// dearForms are in what is not cheap, or may differ when it is asked again.
var dearForms = [...]string{"mg_", "TRY", "SELECT", "CASE", "list", "lambda", "struct", "map", "regexp", "json", "array", "random", "uuid", "gen_", "error", "nextval"}

// let is let for the arguments of a call; lambdas have no value to name.
func (c *invocation) let(body func(names []string) string) string {
	values := make([]string, 0, len(c.args))
	for _, a := range c.args {
		if a.typ.Kind != types.Lambda && a.lambda == nil {
			values = append(values, typedNull(a))
		}
	}
	return c.b.let(values, body)
}

// fill is let with a template in which $1, $2, ... are the arguments and @a,
// @b, ... names that nothing else has.
func (c *invocation) fill(template string) string {
	return c.let(func(names []string) string { return c.b.filled(template, names) })
}

func (b *binder) filled(template string, names []string) string {
	own := map[byte]string{}
	var out strings.Builder
	for i := 0; i < len(template); i++ {
		next := byte(0)
		if i+1 < len(template) {
			next = template[i+1]
		}
		switch {
		case template[i] == '$' && next >= '1' && next <= '9':
			out.WriteString(names[next-'1'])
			i++
		case template[i] == '@' && next >= 'a' && next <= 'z':
			if own[next] == "" {
				own[next] = b.fresh(string(next))
			}
			out.WriteString(own[next])
			i++
		default:
			out.WriteByte(template[i])
		}
	}
	b.note(out.String())
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

// indexOutside is where part begins in SQL, outside of quotes; -1 if it does not.
func indexOutside(sql, part string) int {
	for i := 0; i < len(sql); i++ {
		if c := sql[i]; c == '\'' || c == '"' {
			i = quoteEnd(sql, i)
		} else if strings.HasPrefix(sql[i:], part) {
			return i
		}
	}
	return -1
}

// quoteEnd is where the quote that begins at i ends.
func quoteEnd(sql string, i int) int {
	j := i + 1
	for j < len(sql) && sql[j] != sql[i] {
		j++
	}
	return j
}

// splitArgs divides a call's arguments, the first of which begins at i, and
// gives the place behind its closing parenthesis.
func splitArgs(sql string, i int) (args []string, end int) {
	depth, start := 0, i
	for ; i < len(sql); i++ {
		switch c := sql[i]; c {
		case '\'', '"':
			i = quoteEnd(sql, i)
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return append(args, sql[start:i]), i + 1
			}
			depth--
		case ',':
			if depth == 0 {
				args, start = append(args, sql[start:i]), i+1
			}
		}
	}
	return append(args, sql[start:]), len(sql)
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
