package hivefile

import (
	"github.com/apache/arrow-go/v18/arrow/array"
)

// hiveJSON reads lines as Hive's own JSON SerDe does: strict JSON, numbers in
// number columns, and a line that breaks a rule is an error, or a row of NULLs
// if the table says ignore.malformed.json.
type hiveJSON struct {
	top     *members
	columns []decode
	fault   fault
	lenient bool
	formats []timeFormat
	buf     []byte
}

func newHiveJSON(o options, c columns) (*hiveJSON, error) {
	h := &hiveJSON{lenient: o.flag("ignore.malformed.json", false), top: newMembers(newNames(c.names, nil, true, false))}
	var err error
	if h.formats, err = o.timeFormats(); err != nil {
		return nil, err
	}
	for i, t := range c.types {
		h.columns = append(h.columns, h.decoder(c.names[i], t, c.builders[i]))
	}
	return h, nil
}

func (h *hiveJSON) read(line []byte) (outcome, string) {
	s := scanner{s: line, strict: true}
	h.top.reset()
	if s.token() != '{' {
		return h.malformed(empty, "the line is not a JSON object")
	}
	if !s.members(h.top) {
		return h.malformed(empty, "the line is not a valid JSON object: "+s.why)
	}
	h.fault.why = ""
	for i, d := range h.columns {
		d(h.top.get(i))
	}
	if h.fault.why != "" {
		return h.malformed(void, h.fault.why)
	}
	return fine, ""
}

func (h *hiveJSON) malformed(o outcome, why string) (outcome, string) {
	if h.lenient {
		return o, why
	}
	return fatal, why
}

func (h *hiveJSON) text(v value) []byte {
	if !v.escaped {
		return v.text
	}
	h.buf = unescape(h.buf[:0], v.text)
	return h.buf
}

func (h *hiveJSON) decoder(where string, t hiveType, b array.Builder) decode {
	switch t.kind {
	case listType:
		return h.list(where, t, b.(*array.ListBuilder))
	case mapType:
		return h.mapped(where, t, b.(*array.MapBuilder))
	case structType:
		return h.structure(where, t, b.(*array.StructBuilder))
	}
	add := h.put(t, b)
	number := t.kind >= tinyType && t.kind <= doubleType
	return orNull(b, func(v value) {
		ok := v.kind == quoted && !number || v.kind == bare && (!number || !isTrue(v.text) && !isFalse(v.text))
		if !ok || !add(h.text(v)) {
			h.fault.set("column %s: %s cannot be read as %s", where, v.shown(), t.text)
			b.AppendNull()
		}
	})
}

// shown is a value in a message.
func (v value) shown() string {
	switch v.kind {
	case quoted:
		return short(`"` + string(v.text) + `"`)
	case bare:
		return short(string(v.text))
	}
	return v.noun()
}

// short cuts a text for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}

func (h *hiveJSON) put(t hiveType, b array.Builder) put {
	switch t.kind {
	case textType:
		add := texts(t, b)
		return func(text []byte) bool { add(text); return true }
	case boolType:
		bb := b.(*array.BooleanBuilder)
		return func(text []byte) bool { bb.Append(isTrue(text)); return true }
	case binaryType:
		bb := b.(*array.BinaryBuilder)
		return func(text []byte) bool { bb.Append(utf8Text(text)); return true }
	case decimalType:
		return decimals(t, b)
	case floatType, doubleType:
		return reals(t, b)
	case dateType:
		return longs(t, b, hiveDate)
	case timeType:
		return times(b, func(text []byte) (moment, bool) {
			if m, ok := parseFormats(h.formats, trimmed(text)); ok {
				return m, true
			}
			return hiveTime(text)
		})
	}
	return longs(t, b, func(text []byte) (int64, bool) {
		if n, ok := parseLong(text); ok {
			return n, true
		}
		n, ok := parseNumber(text)
		if !ok {
			return 0, false
		}
		return n.whole()
	})
}

func (h *hiveJSON) list(where string, t hiveType, b *array.ListBuilder) decode {
	elem := h.decoder(where, t.parts[0], b.ValueBuilder())
	return orNull(b, func(v value) {
		if v.kind != sequence {
			h.fault.set("column %s: only a JSON array can be read as %s", where, t.text)
			b.AppendNull()
			return
		}
		b.Append(true)
		s := scanner{s: v.text, i: 1, strict: true}
		s.elements(elem)
	})
}

func (h *hiveJSON) mapped(where string, t hiveType, b *array.MapBuilder) decode {
	item := h.decoder(where, t.parts[1], b.ItemBuilder())
	key := h.keyPut(t.parts[0], b.KeyBuilder())
	return orNull(b, func(v value) {
		if v.kind != object {
			h.fault.set("column %s: only a JSON object can be read as %s", where, t.text)
			b.AppendNull()
			return
		}
		all := pairs(v, false)
		keys := make([]string, len(all))
		for i, m := range all {
			keys[i], _ = keyText(t.parts[0], m.key)
		}
		keep := distinct(keys, true)
		b.Append(true)
		for i, m := range all {
			if !keep[i] {
				continue
			}
			if !key(m.key) {
				h.fault.set("column %s: the key %q cannot be read as %s", where, short(string(m.key)), t.parts[0].text)
				b.KeyBuilder().AppendEmptyValue() // the row becomes NULL as a whole
			}
			item(m.value)
		}
	})
}

func (h *hiveJSON) keyPut(t hiveType, b array.Builder) put {
	if t.kind >= listType {
		return func([]byte) bool { return false }
	}
	return h.put(t, b)
}

func (h *hiveJSON) structure(where string, t hiveType, b *array.StructBuilder) decode {
	parts := make([]decode, len(t.parts))
	for i, p := range t.parts {
		parts[i] = h.decoder(where+"."+t.names[i], p, b.FieldBuilder(i))
	}
	o := newMembers(newNames(t.names, nil, true, false))
	return orNull(b, func(v value) {
		if v.kind != object {
			h.fault.set("column %s: only a JSON object can be read as %s", where, t.text)
			b.AppendNull()
			return
		}
		b.Append(true)
		o.reset()
		s := scanner{s: v.text, i: 1, strict: true}
		s.members(o)
		for i, d := range parts {
			d(o.get(i))
		}
	})
}
