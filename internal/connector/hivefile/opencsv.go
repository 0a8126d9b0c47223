package hivefile

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
)

// openCSV reads lines as OpenCSVSerde does: one line is one record, quotes and
// escapes taken away. Text columns show what is there; other columns are read
// from it as Athena reads them, and a value that cannot be read is an error.
type openCSV struct {
	sep, quote, escape rune // 0 for none
	total              int
	at                 []func(text []byte) string
	nul                []array.Builder
	parts              [][]byte
	buf                []byte
}

func newOpenCSV(o options, c columns) (*openCSV, error) {
	v := &openCSV{total: c.total, at: make([]func([]byte) string, c.total), nul: make([]array.Builder, c.total)}
	v.sep, v.quote, v.escape = o.character("separatorChar", ','), o.character("quoteChar", '"'), o.character("escapeChar", '\\')
	switch {
	case v.sep == 0:
		return nil, o.wrong("separatorChar", "it cannot be the NUL character")
	case v.sep == v.quote:
		return nil, o.wrong("quoteChar", "it is the separator too")
	case v.sep == v.escape:
		return nil, o.wrong("escapeChar", "it is the separator too")
	case v.quote == v.escape && v.quote != 0:
		return nil, o.wrong("escapeChar", "it is the quote too; a quote within quotes is written twice without it")
	}
	for i, t := range c.types {
		add, err := csvPut(t, c.builders[i])
		if err != nil {
			return nil, base.Errorf(base.Invalid, "table %s: column %s: %w", o.table, c.names[i], err).WithCode("HIVE_INVALID_METADATA")
		}
		name := c.names[i]
		at := c.ordinals[i]
		v.nul[at] = c.builders[i]
		v.at[at] = func(text []byte) string {
			if add(text) {
				return ""
			}
			v.nul[at].AppendNull()
			return fmt.Sprintf("column %s: %q cannot be read as %s", name, short(string(text)), t.text)
		}
	}
	return v, nil
}

// character is a parameter that is one character.
func (o options) character(name string, otherwise rune) rune {
	v, ok := o.parameters[name]
	if !ok || v == "" {
		return otherwise
	}
	r, _ := utf8.DecodeRuneInString(v)
	return r
}

// csvPut reads a column's text: milliseconds since 1970 for a timestamp, days
// for a date.
func csvPut(t hiveType, b array.Builder) (put, error) {
	switch t.kind {
	case textType:
		add := texts(t, b)
		return func(text []byte) bool { add(text); return true }, nil
	case boolType:
		bb := b.(*array.BooleanBuilder)
		return func(text []byte) bool {
			yes := isTrue(text)
			return (yes || isFalse(text)) && done(bb.Append, yes)
		}, nil
	case decimalType:
		return decimals(t, b), nil
	case floatType, doubleType:
		return reals(t, b), nil
	case timeType:
		return times(b, func(text []byte) (moment, bool) {
			ms, ok := parseLong(text)
			return fromMillis(ms), ok
		}), nil
	case binaryType, listType, mapType, structType:
		return nil, fmt.Errorf("OpenCSVSerde has no %s columns", t.text)
	}
	return longs(t, b, parseLong), nil
}

func (v *openCSV) read(line []byte) (outcome, string) {
	ended := v.split(line)
	why := ""
	for i, add := range v.at {
		switch {
		case add == nil:
		case i >= len(v.parts):
			v.nul[i].AppendNull()
		default:
			if w := add(v.parts[i]); why == "" {
				why = w
			}
		}
	}
	switch {
	case why != "":
		return fatal, why
	case !ended:
		return noted, "a quote does not end, its value is NULL"
	}
	return fine, ""
}

// split finds the values of a line; false if the last one's quote does not end,
// and then that value is left out. A line without a character has none.
func (v *openCSV) split(line []byte) bool {
	v.parts, v.buf = v.parts[:0], v.buf[:0]
	if len(line) == 0 {
		return true
	}
	if v.simple(line) {
		for len(v.parts) < v.total {
			i := bytes.IndexByte(line, byte(v.sep))
			if i < 0 {
				v.parts = append(v.parts, line)
				break
			}
			v.parts = append(v.parts, line[:i])
			line = line[i+1:]
		}
		return true
	}
	return v.quotedSplit(line)
}

// simple tells whether the line has neither quotes nor escapes.
func (v *openCSV) simple(line []byte) bool {
	return v.sep < utf8.RuneSelf && v.quote < utf8.RuneSelf && v.escape < utf8.RuneSelf &&
		bytes.IndexByte(line, byte(v.quote)) < 0 && bytes.IndexByte(line, byte(v.escape)) < 0
}

// quotedSplit follows the reference reader, whose rules for quotes in the
// middle of a value are peculiar: such a quote is kept, unless it stands in the
// line's first three characters or beside a separator.
func (v *openCSV) quotedSplit(line []byte) bool {
	var inQuotes, inField bool
	start := 0 // of the value, in buf
	position := 0
	before := rune(-1)
	for len(line) > 0 && len(v.parts) < v.total {
		c, w := utf8.DecodeRune(line)
		raw, rest := line[:w], line[w:]
		next, nw := rune(-1), 0
		if len(rest) > 0 {
			next, nw = utf8.DecodeRune(rest)
		}
		switch {
		case c == v.escape && c != 0:
			if (inQuotes || inField) && (next == v.quote || next == v.escape) {
				v.buf = append(v.buf, rest[:nw]...)
				rest, position, c = rest[nw:], position+1, next
			}
		case c == v.quote && c != 0:
			if (inQuotes || inField) && next == v.quote {
				v.buf = append(v.buf, rest[:nw]...)
				rest, position = rest[nw:], position+1
			} else {
				if position > 2 && before != v.sep && next >= 0 && next != v.sep {
					if len(v.buf) > start && len(bytes.TrimSpace(v.buf[start:])) == 0 {
						v.buf = v.buf[:start]
					} else {
						v.buf = append(v.buf, raw...)
					}
				}
				inQuotes = !inQuotes
			}
			inField = !inField
		case c == v.sep && !inQuotes:
			v.parts = append(v.parts, v.buf[start:len(v.buf):len(v.buf)])
			start, inField = len(v.buf), false
		default:
			v.buf = append(v.buf, raw...)
			inField = true
		}
		line, before, position = rest, c, position+1
	}
	if len(v.parts) < v.total && !inQuotes {
		v.parts = append(v.parts, v.buf[start:])
	}
	return !inQuotes || len(v.parts) == v.total
}
