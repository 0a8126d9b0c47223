package duckdb

import "strings"

// teradataFunctions are those of Teradata's SQL that have formats of their own;
// index and char2hexint are among the texts.
func teradataFunctions() []*overload {
	var f family
	f.f("to_char(timestamp(p) with time zone, varchar) varchar", func(c *invocation) (string, error) {
		format, err := c.teradata()
		return c.b.fn("mg_format_datetime", "CAST("+c.b.wall(c.sql(0), c.args[0].typ.P)+" AS TIMESTAMP)", zone(c.sql(0)), quote(format)), err
	})
	f.f("to_date(varchar, varchar) date", func(c *invocation) (string, error) {
		format, err := c.teradata()
		return "CAST(" + instant(c.b.fn("mg_parse_datetime", c.sql(0), quote(format))) + " AS DATE)", err
	})
	f.f("to_timestamp(varchar, varchar) timestamp(3)", func(c *invocation) (string, error) {
		format, err := c.teradata()
		return instant(c.b.fn("mg_parse_datetime", c.sql(0), quote(format))), err
	})
	return f
}

// teradataFields are a format's fields and Joda's letters for them, longer ones first.
var teradataFields = [][2]string{{"yyyy", "yyyy"}, {"hh24", "HH"}, {"yy", "yy"}, {"dd", "dd"}, {"hh", "hh"}, {"mi", "mm"}, {"mm", "MM"}, {"ss", "ss"}}

// teradata is the format, the second argument, in Joda's letters.
func (c *invocation) teradata() (string, error) {
	s, ok := c.constant(1)
	if !ok {
		return "", c.b.fail(c.n.Args[1], "NOT_SUPPORTED", "the format must be a constant")
	}
	var out strings.Builder
next:
	for s != "" {
		if strings.IndexByte("-/,.;: ", s[0]) >= 0 {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		for _, f := range teradataFields {
			if rest, ok := strings.CutPrefix(s, f[0]); ok {
				out.WriteString(f[1])
				s = rest
				continue next
			}
		}
		return "", c.b.fail(c.n.Args[1], "INVALID_FUNCTION_ARGUMENT", "unknown field in a Teradata format: %s", s)
	}
	return out.String(), nil
}
