package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/fn"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// regexpFunctions take patterns in Java's syntax. A constant pattern that means
// the same to the engine's RE2 runs there; Go functions run all others.
func regexpFunctions() []*overload {
	var f family
	f.f("regexp_like(varchar, varchar) boolean", func(c *invocation) (string, error) {
		return c.native(func(p fn.RE2) bool { return true }, "regexp_matches($1, %s)", "mg_regexp_like($1, $2)")
	})
	f.f("regexp_extract(varchar(x), varchar) varchar(x)", extraction)
	f.f("regexp_extract(varchar(x), varchar, bigint) varchar(x)", extraction)
	f.f("regexp_extract_all(varchar(x), varchar) array(varchar(x))", func(c *invocation) (string, error) {
		return c.native(fn.RE2.Steady, "regexp_extract_all($1, %s)", "mg_regexp_extract_all($1, $2, CAST(0 AS BIGINT))")
	})
	f.f("regexp_extract_all(varchar(x), varchar, bigint) array(varchar(x))", func(c *invocation) (string, error) {
		return c.compiled("mg_regexp_extract_all($1, $2, $3)")
	})
	f.f("regexp_split(varchar(x), varchar) array(varchar(x))", func(c *invocation) (string, error) {
		return c.native(fn.RE2.Steady, "regexp_split_to_array($1, %s)", "mg_regexp_split($1, $2)")
	})
	f.f("regexp_count(varchar, varchar) bigint", func(c *invocation) (string, error) {
		return c.native(fn.RE2.Steady, "len(regexp_extract_all($1, %s))", "mg_regexp_count($1, $2)")
	})
	f.f("regexp_position(varchar, varchar) integer", func(c *invocation) (string, error) {
		return c.compiled("CAST(mg_regexp_position($1, $2, CAST(1 AS BIGINT), CAST(1 AS BIGINT)) AS INTEGER)")
	})
	f.f("regexp_position(varchar, varchar, bigint) integer", func(c *invocation) (string, error) {
		return c.compiled("CAST(mg_regexp_position($1, $2, $3, CAST(1 AS BIGINT)) AS INTEGER)")
	})
	f.f("regexp_position(varchar, varchar, bigint, bigint) integer", func(c *invocation) (string, error) {
		return c.compiled("CAST(mg_regexp_position($1, $2, $3, $4) AS INTEGER)")
	})
	f.f("regexp_replace(varchar(x), varchar) varchar(x)", func(c *invocation) (string, error) {
		return c.native(fn.RE2.Steady, "regexp_replace($1, %s, '', 'g')", "mg_regexp_replace($1, $2, '')")
	})
	f.f("regexp_replace(varchar(x), varchar, varchar(y)) varchar", replacement).result(replacedLength)
	f.f("regexp_replace(varchar, varchar, function(array(varchar), varchar)) varchar", replacementByLambda)
	return f
}

// pattern is the constant pattern as RE2 takes it. A pattern that is wrong is
// an error of the statement.
func (c *invocation) pattern() (p fn.RE2, ok bool, err error) {
	src, known := c.constant(1)
	if !known {
		return p, false, nil
	}
	p, ok, err = fn.ToRE2(src)
	if err != nil && c.b.try > 0 {
		return p, false, nil
	}
	return p, ok, err
}

// compiled checks a constant pattern and calls a Go function.
func (c *invocation) compiled(template string) (string, error) {
	if _, _, err := c.pattern(); err != nil {
		return "", err
	}
	return c.expand(template), nil
}

// native is the engine's own form where the pattern suits it, guarded where
// only some texts do; %s in it is the pattern.
func (c *invocation) native(suits func(fn.RE2) bool, own, slow string) (string, error) {
	p, ok, err := c.pattern()
	if err != nil {
		return "", err
	}
	if !ok || !suits(p) {
		return c.expand(slow), nil
	}
	own = fmt.Sprintf(own, strings.ReplaceAll(textSQL(p.Text), "$", "\x00"))
	guard := guardOf(p)
	return c.let(func(v []string) string {
		text := fill(own, v)
		if guard != "" {
			text = fill("CASE WHEN "+guard+" THEN "+own+" ELSE "+slow+" END", v)
		}
		return strings.ReplaceAll(text, "\x00", "$")
	}), nil
}

// guardOf is what must hold of a text for the engine to give Java's answer.
func guardOf(p fn.RE2) string {
	var all []string
	if p.NoFinalNewline {
		all = append(all, "NOT suffix($1, chr(10))")
	}
	if p.ASCIIOnly {
		all = append(all, "strlen($1) = length($1)")
	}
	return strings.Join(all, " AND ")
}

func extraction(c *invocation) (string, error) {
	group := int64(0)
	if len(c.args) == 3 {
		n, ok := c.number(2)
		if !ok {
			return c.compiled("mg_regexp_extract($1, $2, $3)")
		}
		group = n
	}
	slow := fmt.Sprintf("mg_regexp_extract($1, $2, CAST(%d AS BIGINT))", group)
	return c.native(func(p fn.RE2) bool { return p.Extracts(int(group)) }, fmt.Sprintf("nullif(regexp_extract($1, %%s, %d), '')", group), slow)
}

func replacement(c *invocation) (string, error) {
	slow := "mg_regexp_replace($1, $2, $3)"
	text, ok := c.constant(2)
	p, known, err := c.pattern()
	if err != nil || !ok || !known {
		return c.expand(slow), err
	}
	text, ok = p.Replacement(text)
	if !ok {
		return c.expand(slow), nil
	}
	return c.native(fn.RE2.Steady, "regexp_replace($1, %s, "+strings.NewReplacer("$", "\x00", "%", "%%").Replace(textSQL(text))+", 'g')", slow)
}

// replacedLength is Trino's: x + max(x * y / 2, y) * (x + 1).
func replacedLength(c *invocation) types.Type {
	x, y := c.args[0].typ.P, c.args[2].typ.P
	return bounded(x, y, func() int64 {
		x, y := int64(x), int64(y)
		if x > longest/2 || y > longest/2 {
			return longest
		}
		if n := max(x*y/2, y); n < longest && x < longest/(n+1) {
			return x + n*(x+1)
		}
		return longest
	})
}

// replacementByLambda puts the lambda's text of each match's groups in the
// match's place; one NULL makes the whole NULL.
func replacementByLambda(c *invocation) (string, error) {
	if _, _, err := c.pattern(); err != nil {
		return "", err
	}
	all, parts := c.b.fresh("matches"), c.b.fresh("parts")
	body := fmt.Sprintf("list_extract(list_transform([list_slice(m, 2, len(m))], %s), 1)", c.lambda(2))
	each := fmt.Sprintf("list_transform(%[1]s, lambda m, i: list_extract(m, 1) || CASE WHEN i < len(%[1]s) THEN %[2]s ELSE '' END)", all, body)
	whole := fmt.Sprintf("CASE WHEN list_count(%[1]s) < len(%[1]s) THEN NULL ELSE array_to_string(%[1]s, '') END", parts)
	return fmt.Sprintf("list_extract(list_transform(list_transform([%s], lambda %s: %s), lambda %s: %s), 1)", c.b.fn("mg_regexp_groups", c.sql(0), c.sql(1)), all, each, parts, whole), nil
}
