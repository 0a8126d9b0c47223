package fn

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// castType is a Trino type that JSON is cast to.
type castType struct {
	name   string // "array", "map", "row", "varchar", "decimal", ...
	text   string // as it was given
	size   int64  // of varchar(n), char(n), decimal(p,s), timestamp(p); -1 without
	scale  int64
	args   []castType
	fields []string // of a row, in lower case
}

// parseCastType reads Trino's type text.
func parseCastType(s string) (castType, error) {
	t := castType{text: strings.Clone(strings.TrimSpace(s)), size: -1}
	name, rest, nested := strings.Cut(t.text, "(")
	t.name = strings.ToLower(strings.TrimSpace(name))
	inner, after, ok := cutClosing(rest)
	if nested && !ok {
		return t, invalid("not a type: %s", shorten(s))
	}
	if after = strings.TrimSpace(strings.ToLower(after)); after != "" {
		t.name += " " + after
	}
	parts := splitArguments(inner)
	switch t.name {
	case "array", "map", "row":
		return t, t.nest(parts)
	}
	if nested {
		var err error
		if t.size, err = strconv.ParseInt(strings.TrimSpace(parts[0]), 10, 32); err != nil {
			return t, invalid("not a type: %s", shorten(s))
		}
		if len(parts) > 1 {
			t.scale, _ = strconv.ParseInt(strings.TrimSpace(parts[1]), 10, 32)
		}
	}
	return t, nil
}

// cutClosing splits behind the parenthesis that closes an open one.
func cutClosing(s string) (inner, after string, ok bool) {
	depth := 1
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == '(':
			depth++
		case s[i] == ')':
			if depth--; depth == 0 {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

func splitArguments(s string) []string {
	var out []string
	depth, start, quoted := 0, 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out, start = append(out, s[start:i]), i+1
		}
	}
	return append(out, s[start:])
}

func (t *castType) nest(parts []string) error {
	if t.name == "array" && len(parts) != 1 || t.name == "map" && len(parts) != 2 {
		return invalid("not a type: %s", shorten(t.text))
	}
	for _, p := range parts {
		p = strings.TrimSpace(p)
		if t.name == "row" {
			field, rest := rowField(p)
			t.fields = append(t.fields, strings.ToLower(field))
			p = rest
		}
		e, err := parseCastType(p)
		if err != nil {
			return err
		}
		t.args = append(t.args, e)
	}
	return nil
}

var typeWords = map[string]bool{"boolean": true, "tinyint": true, "smallint": true, "integer": true, "bigint": true, "real": true, "double": true, "json": true,
	"varchar": true, "varbinary": true, "date": true, "uuid": true, "ipaddress": true, "time": true, "timestamp": true}

// rowField splits `a bigint` and `"b c" varchar`; a field may have no name.
func rowField(s string) (name, rest string) {
	if inner, ok := strings.CutPrefix(s, `"`); ok {
		for i := 0; i < len(inner); i++ {
			if inner[i] != '"' {
				continue
			}
			if i+1 < len(inner) && inner[i+1] == '"' {
				i++
				continue
			}
			return strings.ReplaceAll(inner[:i], `""`, `"`), inner[i+1:]
		}
	}
	first, rest, ok := strings.Cut(s, " ")
	if !ok || strings.Contains(first, "(") || typeWords[strings.ToLower(first)] && strings.HasPrefix(strings.ToLower(strings.TrimSpace(rest)), "with") {
		return "", s
	}
	return first, rest
}

// Cast is CAST(json AS type). A scalar's text is plain; an array, map or row is
// JSON that from_json of the engine reads: rows as objects with the fields f1,
// f2 and so on, maps as objects, decimals and not finite numbers as strings,
// values of type json as strings.
func (j *SQLJSON) Cast(json, typ string) (*string, error) {
	t, err := j.types.get(typ)
	if err != nil {
		return nil, err
	}
	v, ok := parseJSON(json)
	if !ok {
		return nil, badCast("cannot cast '%s' to %s", shorten(json), typ)
	}
	if v.kind == jNull && t.name != "json" {
		return nil, nil
	}
	if t.args == nil {
		s, err := j.scalarText(v, t, true)
		if err != nil {
			return nil, err
		}
		return &s, nil
	}
	b, err := j.appendCast(nil, v.unique(), t)
	if err != nil {
		return nil, err
	}
	s := string(b)
	return &s, nil
}

func (j *SQLJSON) appendCast(b []byte, v jsonValue, t castType) ([]byte, error) {
	if v.kind == jNull && t.name != "json" {
		return append(b, "null"...), nil
	}
	switch t.name {
	case "array":
		if v.kind != jArray {
			return nil, badCast("cannot cast to %s: expected a json array, but got %s", t.text, v.typeName())
		}
		return j.appendList(b, v, t)
	case "map":
		if v.kind != jObject {
			return nil, badCast("cannot cast to %s: expected a json object, but got %s", t.text, v.typeName())
		}
		return j.appendMap(b, v, t)
	case "row":
		return j.appendRow(b, v, t)
	}
	s, err := j.scalarText(v, t, true)
	if err != nil {
		return nil, err
	}
	switch t.name {
	case "boolean", "tinyint", "smallint", "integer", "bigint":
		return append(b, s...), nil
	}
	return appendQuoted(b, s), nil
}

func (j *SQLJSON) appendList(b []byte, v jsonValue, t castType) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, e := range v.items {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = j.appendCast(b, e, t.args[0]); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func (j *SQLJSON) appendMap(b []byte, v jsonValue, t castType) ([]byte, error) {
	b = append(b, '{')
	for i, k := range v.keys {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := j.scalarText(jsonValue{kind: jString, text: k}, t.args[0], true)
		if err != nil {
			return nil, err
		}
		b = append(appendQuoted(b, key), ':')
		if b, err = j.appendCast(b, v.items[i], t.args[1]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendRow takes fields by place from an array and by name from an object.
func (j *SQLJSON) appendRow(b []byte, v jsonValue, t castType) ([]byte, error) {
	values := make([]jsonValue, len(t.args))
	switch v.kind {
	case jArray:
		if len(v.items) != len(t.args) {
			return nil, badCast("cannot cast to %s: %d values for %d fields", t.text, len(v.items), len(t.args))
		}
		values = v.items
	case jObject:
		if slices.Contains(t.fields, "") {
			return nil, badCast("cannot cast to %s: a json object has no place for fields without a name", t.text)
		}
		for i := range values {
			values[i].kind = jAbsent
		}
		for i, k := range v.keys {
			for f, name := range t.fields {
				if strings.EqualFold(k, name) {
					values[f] = v.items[i]
				}
			}
		}
	default:
		return nil, badCast("cannot cast to %s: expected a json array or object, but got %s", t.text, v.typeName())
	}
	b = append(b, '{')
	var err error
	for i, e := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `"f`...)
		b = append(strconv.AppendInt(b, int64(i)+1, 10), `":`...)
		if e.kind == jAbsent {
			b = append(b, "null"...)
			continue
		}
		if b, err = j.appendCast(b, e, t.args[i]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// scalarText is a scalar as a value of type t, in the text that t's CAST from
// varchar reads. cast tells CAST's length rule from json_value's.
func (j *SQLJSON) scalarText(v jsonValue, t castType, cast bool) (string, error) {
	if t.name == "json" {
		return string(appendJSON(nil, v, false)), nil
	}
	if !v.scalar() || v.kind == jNull {
		return "", badCast("cannot cast %s to %s", v.typeName(), t.text)
	}
	switch t.name {
	case "varchar", "char":
		return v.varchar(t, cast)
	case "boolean":
		return v.boolean()
	case "tinyint", "smallint", "integer", "bigint":
		return v.integer(t.name)
	case "double", "real":
		return v.floating(t.name)
	case "decimal":
		return v.decimal(t)
	}
	if v.kind != jString || cast {
		return "", notSupported("cast of a json %s to %s", v.typeName(), t.text)
	}
	return j.momentText(v.text, t)
}

// momentText checks the text of a date or timestamp.
func (j *SQLJSON) momentText(s string, t castType) (string, error) {
	p := t.size
	if p < 0 {
		p = 3
	}
	switch t.name {
	case "date":
		d, err := TextDate(s)
		if err != nil {
			return "", err
		}
		return ToISO(d.Time, 0)[:len(ToISO(d.Time, 0))-len("T00:00:00")], nil
	case "time":
		return TextTime(s, p)
	case "timestamp":
		v, err := j.zones.TextTimestamp(s, p)
		return TimestampText(v, p), err
	case "timestamp with time zone":
		v, err := j.zones.TextTimestampZone(s, p)
		if err != nil {
			return "", err
		}
		return j.zones.ZonedText(v, p)
	}
	return "", notSupported("a JSON string as %s", t.text)
}

func (v jsonValue) varchar(t castType, cast bool) (string, error) {
	s := *v.bare()
	if v.kind == jNumber && !v.isInteger() && !v.exact {
		s = DoubleText(v.float())
	}
	if t.size < 0 || int64(utf8.RuneCountInString(s)) <= t.size {
		return s, nil
	}
	if cast || v.kind != jString {
		return "", badCast("value %s cannot be represented as %s", shorten(s), t.text)
	}
	return string([]rune(s)[:t.size]), nil
}

func (v jsonValue) boolean() (string, error) {
	b := v.kind == jTrue
	switch v.kind {
	case jNumber:
		b = v.float() != 0
	case jString:
		var err error
		if b, err = TextBoolean(v.text); err != nil {
			return "", err
		}
	}
	return strconv.FormatBool(b), nil
}

var integerBits = map[string]int{"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}

func (v jsonValue) integer(name string) (string, error) {
	bits := integerBits[name]
	switch {
	case v.kind == jTrue:
		return "1", nil
	case v.kind == jFalse:
		return "0", nil
	case v.kind == jString || v.isInteger():
		n, err := strconv.ParseInt(v.text, 10, bits)
		if err != nil {
			return "", badCast("cannot cast '%s' to %s", shorten(v.text), name)
		}
		return strconv.FormatInt(n, 10), nil
	}
	f := math.Round(v.float())
	if limit := math.Ldexp(1, bits-1); !(f >= -limit && f < limit) {
		return "", badCast("cannot cast '%s' to %s", shorten(v.text), name)
	}
	return strconv.FormatInt(int64(f), 10), nil
}

func (v jsonValue) floating(name string) (string, error) {
	bits := 64
	if name == "real" {
		bits = 32
	}
	text := v.text
	switch v.kind {
	case jTrue:
		text = "1"
	case jFalse:
		text = "0"
	}
	f, ok := parseJavaFloat(text, bits)
	if !ok {
		return "", badCast("cannot cast '%s' to %s", shorten(text), strings.ToUpper(name))
	}
	if math.IsInf(f, 0) {
		return DoubleText(f), nil
	}
	return strconv.FormatFloat(f, 'g', -1, bits), nil
}

func (v jsonValue) decimal(t castType) (string, error) {
	text := v.text
	switch v.kind {
	case jTrue:
		text = "1"
	case jFalse:
		text = "0"
	}
	if t.size < 0 {
		t.size = 38
	}
	return TextDecimal(text, t.size, t.scale)
}
