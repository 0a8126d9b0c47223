package hivefile

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// lazyText reads lines as LazySimpleSerDe does: columns, elements, keys and so
// on are divided by one byte per depth, \N is NULL, and so is what cannot be read.
type lazyText struct {
	separators []byte
	escape     int // -1 if there is none
	null       []byte
	takesRest  bool
	extended   bool // t, f, 1 and 0 are booleans
	formats    []timeFormat
	total      int
	// at are the needed columns' readers by ordinal; the others are nil.
	at  []func(text []byte)
	nul []array.Builder
	buf []byte
}

// depthSeparators follow the first three, which a table can set.
var depthSeparators = []byte{4, 5, 6, 7, 8, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31}

func newLazyText(o options, c columns) (*lazyText, error) {
	if d := o.parameters["line.delim"]; d != "" && d != "\n" && d != `\n` && d != "10" {
		return nil, o.wrong("line.delim", "only a line feed can end a line")
	}
	l := &lazyText{null: []byte(`\N`), escape: -1, takesRest: o.flag("serialization.last.column.takes.rest", false),
		extended: o.flag("hive.lazysimple.extended_boolean_literal", false), total: c.total,
		at: make([]func([]byte), c.total), nul: make([]array.Builder, c.total)}
	l.separators = append([]byte{o.separator(1, "field.delim", "serialization.format"), o.separator(2, "collection.delim", "colelction.delim"), o.separator(3, "mapkey.delim")}, depthSeparators...)
	if n, ok := o.parameters["serialization.null.format"]; ok {
		l.null = []byte(n)
	}
	if o.parameters["escape.delim"] != "" {
		l.escape = int(o.separator('\\', "escape.delim"))
	}
	var err error
	if l.formats, err = o.timeFormats(); err != nil {
		return nil, err
	}
	for i, t := range c.types {
		l.at[c.ordinals[i]], l.nul[c.ordinals[i]] = l.decoder(t, c.builders[i], 1), c.builders[i]
	}
	return l, nil
}

func (l *lazyText) read(line []byte) (outcome, string) {
	i := 0
	l.split(line, l.separators[0], l.total, l.takesRest, func(part []byte) {
		if l.at[i] != nil {
			l.at[i](part)
		}
		i++
	})
	for ; i < l.total; i++ {
		if l.nul[i] != nil {
			l.nul[i].AppendNull()
		}
	}
	return fine, ""
}

// split gives the parts between separators, at most limit; the last takes the
// rest of the text only if rest is set. An escaped separator separates nothing.
func (l *lazyText) split(text []byte, sep byte, limit int, rest bool, give func(part []byte)) {
	for n := 1; ; n++ {
		end := l.next(text, sep)
		if rest && n == limit {
			end = len(text)
		}
		give(text[:end])
		if end == len(text) || n == limit {
			return
		}
		text = text[end+1:]
	}
}

// next is where the first separator of text is, or its end.
func (l *lazyText) next(text []byte, sep byte) int {
	if l.escape < 0 {
		if i := bytes.IndexByte(text, sep); i >= 0 {
			return i
		}
		return len(text)
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == sep:
			return i
		case int(text[i]) == l.escape:
			i++
		}
	}
	return len(text)
}

// plain is text without its escapes.
func (l *lazyText) plain(text []byte) []byte {
	if l.escape < 0 || bytes.IndexByte(text, byte(l.escape)) < 0 {
		return text
	}
	l.buf = l.buf[:0]
	for i := 0; i < len(text); i++ {
		if int(text[i]) == l.escape && i+1 < len(text) {
			i++
		}
		l.buf = append(l.buf, text[i])
	}
	return l.buf
}

// decoder makes the reader of a column (depth 1) or of a part of one.
func (l *lazyText) decoder(t hiveType, b array.Builder, depth int) func(text []byte) {
	var read func(text []byte)
	switch t.kind {
	case listType:
		read = l.list(t, b.(*array.ListBuilder), depth)
	case mapType:
		read = l.mapped(t, b.(*array.MapBuilder), depth)
	case structType:
		read = l.structure(t, b.(*array.StructBuilder), depth)
	default:
		add := l.put(t, b)
		read = func(text []byte) {
			if !add(text) {
				b.AppendNull()
			}
		}
	}
	return func(text []byte) {
		if bytes.Equal(text, l.null) {
			b.AppendNull()
			return
		}
		read(text)
	}
}

func (l *lazyText) put(t hiveType, b array.Builder) put {
	switch t.kind {
	case textType:
		add := texts(t, b)
		return func(text []byte) bool { add(l.plain(text)); return true }
	case boolType:
		bb := b.(*array.BooleanBuilder)
		return func(text []byte) bool {
			v, ok := l.boolean(text)
			return ok && done(bb.Append, v)
		}
	case binaryType:
		bb := b.(*array.BinaryBuilder)
		return func(text []byte) bool {
			v, ok := base64Bytes(text)
			return ok && done(bb.Append, v)
		}
	case decimalType:
		return decimals(t, b)
	case floatType, doubleType:
		return reals(t, b)
	case dateType:
		return longs(t, b, hiveDate)
	case timeType:
		return times(b, func(text []byte) (moment, bool) {
			if m, ok := parseFormats(l.formats, trimmed(text)); ok {
				return m, true
			}
			return hiveTime(text)
		})
	}
	return longs(t, b, cutLong)
}

func (l *lazyText) boolean(text []byte) (value, ok bool) {
	if l.extended && len(text) == 1 {
		switch text[0] {
		case 't', 'T', '1':
			return true, true
		case 'f', 'F', '0':
			return false, true
		}
	}
	t, f := isTrue(text), isFalse(text)
	return t, t || f
}

// cutLong reads a whole number; digits after a point are dropped.
func cutLong(text []byte) (int64, bool) {
	whole, frac, point := bytes.Cut(text, []byte("."))
	if !point {
		return parseLong(text)
	}
	for _, c := range frac {
		if c-'0' > 9 {
			return 0, false
		}
	}
	if len(whole) == 0 {
		return 0, true
	}
	return parseLong(whole)
}

func (l *lazyText) separator(depth int) byte {
	return l.separators[min(depth, len(l.separators)-1)]
}

const anyNumber = 1 << 30

func (l *lazyText) list(t hiveType, b *array.ListBuilder, depth int) func([]byte) {
	elem := l.decoder(t.parts[0], b.ValueBuilder(), depth+1)
	return func(text []byte) {
		b.Append(true)
		if len(text) > 0 {
			l.split(text, l.separator(depth), anyNumber, false, elem)
		}
	}
}

func (l *lazyText) mapped(t hiveType, b *array.MapBuilder, depth int) func([]byte) {
	key := l.put(t.parts[0], b.KeyBuilder())
	item := l.decoder(t.parts[1], b.ItemBuilder(), depth+2)
	return func(text []byte) {
		b.Append(true)
		if len(text) == 0 {
			return
		}
		var keys []string
		var entries [][2][]byte
		l.split(text, l.separator(depth), anyNumber, false, func(part []byte) {
			end := l.next(part, l.separator(depth+1))
			k, ok := keyText(t.parts[0], l.plain(part[:end]))
			if !ok || bytes.Equal(part[:end], l.null) {
				return
			}
			v := l.null
			if end < len(part) {
				v = part[end+1:]
			}
			keys, entries = append(keys, k), append(entries, [2][]byte{part[:end], v})
		})
		for i, keep := range distinct(keys, false) {
			if keep && key(entries[i][0]) {
				item(entries[i][1])
			}
		}
	}
}

func (l *lazyText) structure(t hiveType, b *array.StructBuilder, depth int) func([]byte) {
	parts := make([]func([]byte), len(t.parts))
	for i, p := range t.parts {
		parts[i] = l.decoder(p, b.FieldBuilder(i), depth+1)
	}
	return func(text []byte) {
		b.Append(true)
		i := 0
		l.split(text, l.separator(depth), len(parts), l.takesRest, func(part []byte) {
			parts[i](part)
			i++
		})
		for ; i < len(parts); i++ {
			b.FieldBuilder(i).AppendNull()
		}
	}
}
