package hivefile

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// outcome is what a line became.
type outcome uint8

const (
	// fine is a row.
	fine outcome = iota
	// empty left nothing appended: the line is a row of NULLs.
	empty
	// void is a row appended whose values must all become NULL.
	void
	// noted is a row, but something in the line was lost.
	noted
	// fatal ends the statement.
	fatal
)

// lineReader appends one row for each line to the columns it was made for, and
// tells why where the line is not simply a row. One goroutine.
type lineReader interface {
	read(line []byte) (outcome, string)
}

// fault collects the first thing wrong with values of one row. Readers go on
// after it with NULLs, so that all columns stay equally long.
type fault struct{ why string }

func (f *fault) set(format string, args ...any) {
	if f.why == "" {
		f.why = fmt.Sprintf(format, args...)
	}
}

// columns are the data columns a line reader fills.
type columns struct {
	names []string
	types []hiveType
	// ordinals are their places in the table, of which total is the number.
	ordinals []int
	total    int
	builders []array.Builder
}

// decode appends one value, or NULL, to one column.
type decode func(v value)

// openx reads lines as the OpenX JSON SerDe does.
type openx struct {
	top      *members
	columns  []decode
	ordinals []int
	fault    fault
	scan     scanner
	// lenient makes malformed lines rows of NULLs, nulls bad values NULL.
	lenient, nulls bool
	fold           bool
	formats        []timeFormat
	mapping        map[string]string
	dots           bool
	text           textWriter
}

func newOpenX(o options, c columns) (*openx, error) {
	x := &openx{
		lenient: o.flag("ignore.malformed.json", false), nulls: o.flag("use.null.for.invalid.data", false),
		fold: o.flag("case.insensitive", true), dots: o.flag("dots.in.keys", false), mapping: map[string]string{}, ordinals: c.ordinals,
	}
	for k, v := range o.parameters {
		if name, ok := strings.CutPrefix(strings.ToLower(k), "mapping."); ok {
			x.mapping[name] = v
		}
	}
	var err error
	if x.formats, err = o.timeFormats(); err != nil {
		return nil, err
	}
	x.text.fold = x.fold
	x.top = newMembers(newNames(c.names, x.mapping, x.fold, x.dots))
	for i, t := range c.types {
		x.columns = append(x.columns, x.decoder(c.names[i], t, c.builders[i]))
	}
	return x, nil
}

func (x *openx) read(line []byte) (outcome, string) {
	line = trimmed(line)
	if len(line) == 0 {
		return empty, "the line is blank"
	}
	if line[0] != '{' && line[0] != '[' {
		return empty, "the line is not a JSON object"
	}
	x.fault.why = ""
	x.scan = scanner{s: line, i: 1}
	if line[0] == '[' {
		return x.positional()
	}
	x.top.reset()
	if !x.scan.members(x.top) {
		return x.malformed()
	}
	for i, d := range x.columns {
		d(x.top.get(i))
	}
	return x.ended()
}

func (x *openx) malformed() (outcome, string) {
	why := "the line is not a valid JSON object: " + x.scan.why
	if x.lenient {
		return empty, why
	}
	return fatal, why
}

func (x *openx) ended() (outcome, string) {
	if x.fault.why != "" {
		return fatal, x.fault.why
	}
	return fine, ""
}

// positional reads a line that is an array: its elements are the columns in order.
func (x *openx) positional() (outcome, string) {
	var all []value
	if !x.scan.elements(func(v value) { all = append(all, v) }) {
		return x.malformed()
	}
	for i, d := range x.columns {
		v := value{}
		if at := x.ordinals[i]; at < len(all) {
			v = all[at]
		}
		d(v)
	}
	return x.ended()
}

// decoder makes the reader of a column, or of a part of one; where names it.
func (x *openx) decoder(where string, t hiveType, b array.Builder) decode {
	switch t.kind {
	case textType:
		add := texts(t, b)
		return orNull(b, func(v value) { add(x.text.text(v)) })
	case boolType:
		bb := b.(*array.BooleanBuilder)
		return orNull(b, func(v value) { bb.Append((v.kind == quoted || v.kind == bare) && isTrue(x.scalar(v))) })
	case binaryType:
		return x.binary(where, b.(*array.BinaryBuilder))
	case listType:
		return x.list(where, t, b.(*array.ListBuilder))
	case mapType:
		return x.mapped(where, t, b.(*array.MapBuilder))
	case structType:
		return x.structure(where, t, b.(*array.StructBuilder))
	}
	add := x.scalarPut(t, b)
	return orNull(b, func(v value) {
		if v.kind != quoted && v.kind != bare {
			x.invalid("column %s: %s cannot be read as %s", where, v.noun(), t.text)
			b.AppendNull()
			return
		}
		if !add(x.scalar(v)) {
			b.AppendNull()
		}
	})
}

// orNull handles values that are NULL or not there.
func orNull(b array.Builder, d decode) decode {
	return func(v value) {
		if v.kind <= null {
			b.AppendNull()
			return
		}
		d(v)
	}
}

func (v value) noun() string {
	switch v.kind {
	case object:
		return "a JSON object"
	case sequence:
		return "a JSON array"
	}
	return "a JSON value"
}

// invalid is a value that no rule bends to its column's type.
func (x *openx) invalid(format string, args ...any) {
	if !x.nulls {
		x.fault.set(format, args...)
	}
}

// scalar is a value's text without escapes.
func (x *openx) scalar(v value) []byte {
	if !v.escaped {
		return v.text
	}
	x.text.buf = unescape(x.text.buf[:0], v.text)
	return x.text.buf
}

func (x *openx) scalarPut(t hiveType, b array.Builder) put {
	switch t.kind {
	case decimalType:
		return decimals(t, b)
	case floatType, doubleType:
		return reals(t, b)
	case dateType:
		return longs(t, b, func(text []byte) (int64, bool) {
			if d, ok := hiveDate(text); ok {
				return d, true
			}
			return parseRadixLong(text)
		})
	case timeType:
		return times(b, func(text []byte) (moment, bool) {
			if m, ok := parseFormats(x.formats, text); ok {
				return m, true
			}
			return openxTime(text)
		})
	}
	return longs(t, b, lenientLong)
}

func (x *openx) binary(where string, b *array.BinaryBuilder) decode {
	return orNull(b, func(v value) {
		if v.kind == quoted {
			if bytes, ok := base64Bytes(x.scalar(v)); ok {
				b.Append(bytes)
				return
			}
		}
		x.invalid("column %s: a binary value must be a quoted text in base64", where)
		b.AppendNull()
	})
}

// list reads an array; any other value is a list of that one, ” is NULL.
func (x *openx) list(where string, t hiveType, b *array.ListBuilder) decode {
	elem := x.decoder(where, t.parts[0], b.ValueBuilder())
	return orNull(b, func(v value) {
		switch {
		case v.kind == quoted && len(v.text) == 0:
			b.AppendNull()
		case v.kind == sequence:
			b.Append(true)
			s := scanner{s: v.text, i: 1}
			s.elements(elem)
		default:
			b.Append(true)
			elem(v)
		}
	})
}

// blank tells whether a text is nothing but blanks; those stand for no value.
func (x *openx) blank(v value) bool {
	return (v.kind == quoted || v.kind == bare) && len(trimmed(x.scalar(v))) == 0
}

func (x *openx) mapped(where string, t hiveType, b *array.MapBuilder) decode {
	key, item := x.decoder(where, t.parts[0], b.KeyBuilder()), x.decoder(where, t.parts[1], b.ItemBuilder())
	return orNull(b, func(v value) {
		if v.kind != object {
			if !x.blank(v) {
				x.invalid("column %s: only a JSON object can be read as %s", where, t.text)
			}
			b.AppendNull()
			return
		}
		all := pairs(v, x.fold)
		keys, usable := make([]string, 0, len(all)), all[:0]
		for _, m := range all {
			if k, ok := keyText(t.parts[0], m.key); ok {
				keys, usable = append(keys, k), append(usable, m)
			}
		}
		keep := distinct(keys, true)
		b.Append(true)
		for i, m := range usable {
			if keep[i] {
				key(value{kind: quoted, text: m.key})
				item(m.value)
			}
		}
	})
}

func (x *openx) structure(where string, t hiveType, b *array.StructBuilder) decode {
	parts := make([]decode, len(t.parts))
	for i, p := range t.parts {
		parts[i] = x.decoder(where+"."+t.names[i], p, b.FieldBuilder(i))
	}
	o := newMembers(newNames(t.names, x.mapping, x.fold, x.dots))
	return orNull(b, func(v value) {
		b.Append(true)
		switch v.kind {
		case object:
			o.reset()
			s := scanner{s: v.text, i: 1}
			s.members(o)
			for i, d := range parts {
				d(o.get(i))
			}
		case sequence:
			var all []value
			s := scanner{s: v.text, i: 1}
			s.elements(func(e value) { all = append(all, e) })
			for i, d := range parts {
				if i < len(all) {
					d(all[i])
				} else {
					d(value{})
				}
			}
		default:
			if !x.blank(v) {
				x.invalid("column %s: only a JSON object can be read as %s", where, t.text)
			}
			for _, d := range parts {
				d(value{})
			}
		}
	})
}
