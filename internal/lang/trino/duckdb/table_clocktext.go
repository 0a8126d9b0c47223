package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// clockTexts print and read dates and times. A format that is known when
// binding and has an exact counterpart becomes the engine's; else Go does it.
func clockTexts(f *family) {
	for _, t := range []string{"timestamp(p)", "timestamp(p) with time zone"} {
		f.f("date_format("+t+", varchar) varchar", func(c *invocation) (string, error) {
			w, _ := c.printed()
			if s, ok := c.constant(1); ok {
				if e, ok := mysqlPrint(s); ok {
					return strftime(w, e), nil
				}
			}
			return c.b.fn("mg_date_format", w, typedNull(c.args[1])), nil
		})
		f.f("format_datetime("+t+", varchar) varchar", func(c *invocation) (string, error) {
			w, z := c.printed()
			if s, ok := c.constant(1); ok {
				if e, ok := jodaPrint(s); ok {
					return strftime(w, e), nil
				}
			}
			return c.b.fn("mg_format_datetime", w, z, typedNull(c.args[1])), nil
		})
	}
	f.f("date_parse(varchar, varchar) timestamp(3)", func(c *invocation) (string, error) {
		s, ok := c.constant(1)
		if !ok || c.b.try > 0 {
			return c.expand("mg_date_parse($1, $2)"), nil
		}
		return c.b.let([]string{typedNull(c.args[0])}, func(v []string) string {
			exact := c.b.fn("mg_date_parse", v[0], c.sql(1))
			if fast, ok := mysqlParse(v[0], s); ok {
				return "coalesce(" + fast + ", " + exact + ")"
			}
			return exact
		}), nil
	})
	f.t("parse_datetime(varchar, varchar) timestamp(3) with time zone", "mg_parse_datetime($1, $2)")
	f.t("to_iso8601(date) varchar(16)", "strftime($1, '%Y-%m-%d')")
	f.f("to_iso8601(timestamp(p)) varchar", func(c *invocation) (string, error) { return isoText(c.sql(0), c.args[0].typ.P), nil }).result(isoLength(0))
	f.f("to_iso8601(timestamp(p) with time zone) varchar", func(c *invocation) (string, error) {
		off := "'Z'"
		if zone(c.sql(0)) != "'UTC'" {
			o := c.offset(0)
			off = fmt.Sprintf("CASE WHEN %[1]s = 0 THEN 'Z' ELSE printf('%%s%%02d:%%02d', CASE WHEN %[1]s < 0 THEN '-' ELSE '+' END, abs(%[1]s) // 60, abs(%[1]s) %% 60) END", o)
		}
		return "(" + isoText(c.wall(0), c.args[0].typ.P) + " || " + off + ")", nil
	}).result(isoLength(6))
}

// strftime prints by the engine. Over date_parse it goes into both ways of
// reading: a chain of plain functions is computed once per distinct value
// where a column's values are stored as a dictionary.
func strftime(stamp, format string) string {
	print := func(s string) string { return "strftime(" + s + ", " + quote(format) + ")" }
	if fast, exact, ok := bothReadings(stamp); ok {
		return "coalesce(" + print(fast) + ", " + print(exact) + ")"
	}
	return print(stamp)
}

// bothReadings takes date_parse's text apart.
func bothReadings(sql string) (fast, exact string, ok bool) {
	rest, ok := strings.CutPrefix(sql, "coalesce(try_strptime(")
	i := strings.LastIndex(rest, ", mg_date_parse(")
	if !ok || i < 0 || !strings.HasSuffix(rest, ")") {
		return "", "", false
	}
	fast, exact = "try_strptime("+rest[:i], rest[i+2:len(rest)-1]
	return fast, exact, balanced(fast) && balanced(exact)
}

// isoLength is the type Trino gives: sign, year of six digits, the rest, the fraction.
func isoLength(more int) func(c *invocation) types.Type {
	return func(c *invocation) types.Type {
		p := c.args[0].typ.P
		return types.VarcharOf(22 + min(p, 1) + p + more)
	}
}

func isoText(sql string, p int) string {
	return "replace(" + stampText(sql, p) + ", ' ', 'T')"
}

// printed is argument 0's clock in milliseconds, rounded as Trino's formatters
// do, and its zone (” without one).
func (c *invocation) printed() (wall, z string) {
	a := c.args[0]
	wall, z = a.sql, "''"
	if a.typ.Kind == types.TimestampTZ {
		wall, z = c.wall(0), zone(a.sql)
		if a.typ.P > 3 {
			// A zone's instant is cut to milliseconds, a plain timestamp rounded.
			return "date_trunc('millisecond', " + coarse(wall, a.typ.P) + ")", z
		}
	}
	return rounded(wall, a.typ.P, min(a.typ.P, 3)), z
}

// mysqlLetters are date_format's letters as the engine prints them.
var mysqlLetters = map[byte]string{
	'a': "%a", 'b': "%b", 'c': "%-m", 'd': "%d", 'e': "%-d", 'f': "%g000", 'H': "%H", 'h': "%I", 'I': "%I", 'i': "%M", 'j': "%j", 'k': "%-H", 'l': "%-I", 'M': "%B", 'm': "%m",
	'p': "%p", 'r': "%I:%M:%S %p", 'S': "%S", 's': "%S", 'T': "%H:%M:%S", 'v': "%V", 'x': "%G", 'W': "%A", 'Y': "%Y", 'y': "%y", '%': "%%",
}

// mysqlPrint is a format of date_format in the engine's letters.
func mysqlPrint(format string) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c == 0 {
			return "", false
		}
		if c != '%' {
			out.WriteByte(c)
			continue
		}
		if i++; i == len(format) {
			return "", false
		}
		if strings.IndexByte("DUuVwX", format[i]) >= 0 || format[i] >= 0x80 {
			return "", false // Go knows the error
		}
		if e, ok := mysqlLetters[format[i]]; ok {
			out.WriteString(e)
			continue
		}
		out.WriteByte(format[i])
	}
	return out.String(), out.Len() > 0
}

// mysqlReads are date_parse's letters that the engine reads as Trino does: the
// engine's letter and the digits it takes.
var mysqlReads = map[byte]struct {
	letter, digits string
}{
	'Y': {"%Y", `\d{4}`}, 'm': {"%m", `\d{1,2}`}, 'c': {"%m", `\d{1,2}`}, 'd': {"%d", `\d{1,2}`}, 'e': {"%d", `\d{1,2}`}, 'H': {"%H", `\d{1,2}`}, 'k': {"%H", `\d{1,2}`},
	'i': {"%M", `\d{1,2}`}, 's': {"%S", `\d{1,2}`}, 'S': {"%S", `\d{1,2}`},
}

// mysqlParse reads x by the engine where the two cannot differ: numbers, each
// field once, with a year. NULL means that Go must look. The engine skips
// blanks at both ends and around blanks of the format: marks at the ends and a
// pattern forbid it. There is no CASE, see strftime.
func mysqlParse(x, format string) (string, bool) {
	format = strings.ReplaceAll(format, "%T", "%H:%i:%s")
	var out, pattern strings.Builder
	seen := map[string]bool{}
	blank := false
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' {
			if c < ' ' || c == '!' {
				return "", false
			}
			blank = blank || c == ' '
			out.WriteByte(c)
			if strings.IndexByte(`\.+*?()|[]{}^$`, c) >= 0 {
				pattern.WriteByte('\\')
			}
			pattern.WriteByte(c)
			continue
		}
		if i++; i == len(format) {
			return "", false
		}
		r, ok := mysqlReads[format[i]]
		if !ok || seen[r.letter] {
			return "", false
		}
		seen[r.letter] = true
		out.WriteString(r.letter)
		pattern.WriteString(r.digits)
	}
	if !seen["%Y"] {
		return "", false
	}
	if blank {
		return "try_strptime(regexp_extract(" + x + `, '\A(?:` + strings.ReplaceAll(pattern.String(), "'", "''") + `)\z'), ` + quote(out.String()) + ")", true
	}
	return "try_strptime('!' || " + x + " || '!', " + quote("!"+out.String()+"!") + ")", true
}

// jodaLetters are runs of letters of format_datetime that the engine prints alike.
var jodaLetters = map[string]string{
	"yyyy": "%Y", "y": "", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S",
	"s": "%-S", "SSS": "%g", "a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A", "DDD": "%j",
}

// jodaPrint is a pattern of format_datetime in the engine's letters.
func jodaPrint(pattern string) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, n, ok := jodaQuoted(pattern[i:])
			if !ok {
				return "", false
			}
			out.WriteString(strings.ReplaceAll(text, "%", "%%"))
			i += n
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			j := i
			for j < len(pattern) && pattern[j] == c {
				j++
			}
			e := jodaLetters[pattern[i:j]]
			if e == "" {
				return "", false
			}
			out.WriteString(e)
			i = j
		case c == '%':
			out.WriteString("%%")
			i++
		case c == 0:
			return "", false
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String(), out.Len() > 0
}

// jodaQuoted reads quoted text at the start of s and how long it is.
func jodaQuoted(s string) (string, int, bool) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, true
	}
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			out.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			out.WriteByte('\'')
			i++
			continue
		}
		return out.String(), i + 1, true
	}
	return "", 0, false
}
