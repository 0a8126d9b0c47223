package base

import (
	"fmt"
	"strconv"
	"strings"
)

// TypeID names a logical type. The set is Iceberg's, which every engine we
// speak to can hold.
type TypeID string

const (
	Boolean     TypeID = "boolean"
	Int         TypeID = "int"    // 32 bits, signed
	Long        TypeID = "long"   // 64 bits, signed
	Float       TypeID = "float"  // 32 bits
	Double      TypeID = "double" // 64 bits
	Decimal     TypeID = "decimal"
	String      TypeID = "string" // UTF-8
	Binary      TypeID = "binary"
	Date        TypeID = "date"
	Time        TypeID = "time"        // microseconds
	Timestamp   TypeID = "timestamp"   // microseconds, no zone
	TimestampTZ TypeID = "timestamptz" // microseconds, an instant in UTC
	UUID        TypeID = "uuid"
	List        TypeID = "list"
	Map         TypeID = "map"
	Struct      TypeID = "struct"
)

// Type is a logical data type.
type Type struct {
	ID TypeID `json:"id"`
	// Precision (1-38) and Scale are a Decimal's.
	Precision int `json:"precision,omitempty"`
	Scale     int `json:"scale,omitempty"`
	// Fields are a Struct's members; a List's single "element"; a Map's "key" and "value".
	Fields []Field `json:"fields,omitempty"`
}

// Field is a column or a member of a nested type.
type Field struct {
	// ID is the Iceberg field id; 0 when it has none yet.
	ID       int    `json:"id,omitempty"`
	Name     string `json:"name"`
	Type     Type   `json:"type"`
	Required bool   `json:"required,omitempty"`
	// Comment is shown in the catalog, any language.
	Comment string `json:"comment,omitempty"`
}

// DecimalOf is decimal(precision, scale).
func DecimalOf(precision, scale int) Type {
	return Type{ID: Decimal, Precision: precision, Scale: scale}
}

// ListOf is a list of elem.
func ListOf(elem Type) Type {
	return Type{ID: List, Fields: []Field{{Name: "element", Type: elem}}}
}

// MapOf is a map from key to value; keys are required.
func MapOf(key, value Type) Type {
	return Type{ID: Map, Fields: []Field{{Name: "key", Type: key, Required: true}, {Name: "value", Type: value}}}
}

// StructOf is a struct of fields.
func StructOf(fields ...Field) Type { return Type{ID: Struct, Fields: fields} }

// String is Hive's and Athena's spelling: "bigint", "decimal(12,2)",
// "array<string>", "struct<a:int>".
func (t Type) String() string {
	switch t.ID {
	case Long:
		return "bigint"
	case Decimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case TimestampTZ:
		return "timestamp with time zone"
	case List:
		return "array<" + t.Fields[0].Type.String() + ">"
	case Map:
		return "map<" + t.Fields[0].Type.String() + "," + t.Fields[1].Type.String() + ">"
	case Struct:
		s := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			s[i] = f.Name + ":" + f.Type.String()
		}
		return "struct<" + strings.Join(s, ",") + ">"
	}
	return string(t.ID)
}

// Equal compares types, ignoring field ids and comments.
func (t Type) Equal(o Type) bool {
	if t.ID != o.ID || t.Precision != o.Precision || t.Scale != o.Scale || len(t.Fields) != len(o.Fields) {
		return false
	}
	for i, f := range t.Fields {
		g := o.Fields[i]
		if t.ID == Struct && f.Name != g.Name || !f.Type.Equal(g.Type) {
			return false
		}
	}
	return true
}

// ParseType reads Hive's spelling of a type, the inverse of Type.String. It
// also accepts varchar(n), char(n), integer, bigint, smallint, tinyint and
// "array<...>", "map<...>", "struct<...>".
func ParseType(s string) (Type, error) {
	p := &typeParser{s: s}
	t, err := p.parse()
	if err == nil && strings.TrimSpace(p.s) != "" {
		err = fmt.Errorf("unexpected %q after type", strings.TrimSpace(p.s))
	}
	if err != nil {
		return Type{}, Errorf(Invalid, "type %q: %w", s, err)
	}
	return t, nil
}

type typeParser struct{ s string }

var simpleTypes = map[string]TypeID{
	"boolean": Boolean, "bool": Boolean, "tinyint": Int, "smallint": Int, "int": Int, "integer": Int,
	"bigint": Long, "long": Long, "float": Float, "real": Float, "double": Double, "string": String,
	"text": String, "varchar": String, "char": String, "binary": Binary, "varbinary": Binary,
	"date": Date, "time": Time, "timestamp": Timestamp, "timestamptz": TimestampTZ,
	"timestamp with time zone": TimestampTZ, "uuid": UUID,
}

func (p *typeParser) parse() (Type, error) {
	p.s = strings.TrimLeft(p.s, " ")
	i := strings.IndexAny(p.s, "<>(),:")
	if i < 0 {
		i = len(p.s)
	}
	word := strings.ToLower(strings.TrimSpace(p.s[:i]))
	p.s = p.s[i:]
	switch word {
	case "decimal", "numeric":
		t := DecimalOf(10, 0)
		if args, err := p.numbers(); err != nil {
			return t, err
		} else if len(args) > 2 {
			return t, fmt.Errorf("decimal takes a precision and a scale")
		} else if len(args) > 0 {
			t.Precision = args[0]
			if len(args) > 1 {
				t.Scale = args[1]
			}
		}
		if t.Precision < 1 || t.Precision > 38 || t.Scale < 0 || t.Scale > t.Precision {
			return t, fmt.Errorf("decimal(%d,%d) is out of range", t.Precision, t.Scale)
		}
		return t, nil
	case "array", "list":
		f, err := p.args(1, false)
		if err != nil {
			return Type{}, err
		}
		return ListOf(f[0].Type), nil
	case "map":
		f, err := p.args(2, false)
		if err != nil {
			return Type{}, err
		}
		return MapOf(f[0].Type, f[1].Type), nil
	case "struct", "row":
		f, err := p.args(-1, true)
		return StructOf(f...), err
	}
	id, ok := simpleTypes[word]
	if !ok {
		return Type{}, fmt.Errorf("unknown type %q", word)
	}
	_, err := p.numbers()
	return Type{ID: id}, err
}

func (p *typeParser) numbers() ([]int, error) {
	if !strings.HasPrefix(p.s, "(") {
		return nil, nil
	}
	body, rest, ok := strings.Cut(p.s[1:], ")")
	if !ok {
		return nil, fmt.Errorf("missing )")
	}
	p.s = rest
	var out []int
	for _, w := range strings.Split(body, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(w))
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", w)
		}
		out = append(out, n)
	}
	return out, nil
}

func (p *typeParser) args(n int, named bool) ([]Field, error) {
	if !strings.HasPrefix(p.s, "<") {
		return nil, fmt.Errorf("missing <")
	}
	p.s = p.s[1:]
	var out []Field
	for {
		var f Field
		if named {
			name, rest, ok := strings.Cut(p.s, ":")
			if !ok {
				return nil, fmt.Errorf("missing name:type")
			}
			f.Name, p.s = strings.TrimSpace(name), rest
		}
		t, err := p.parse()
		if err != nil {
			return nil, err
		}
		f.Type = t
		out = append(out, f)
		p.s = strings.TrimLeft(p.s, " ")
		if strings.HasPrefix(p.s, ",") {
			p.s = p.s[1:]
			continue
		}
		if !strings.HasPrefix(p.s, ">") {
			return nil, fmt.Errorf("missing >")
		}
		p.s = p.s[1:]
		if n >= 0 && len(out) != n {
			return nil, fmt.Errorf("want %d type arguments, have %d", n, len(out))
		}
		return out, nil
	}
}
