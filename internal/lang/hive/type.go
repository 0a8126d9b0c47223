package hive

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Type is a declared column type. Name is Hive's: "int", "tinyint",
// "varchar", "decimal", "array", "map", "struct" ...
type Type struct {
	Name string
	// Length is of varchar and char.
	Length int
	// Precision and Scale are a decimal's.
	Precision, Scale int
	// Fields are a struct's members, an array's one element, a map's key and value.
	Fields []TypeField
}

// TypeField is a part of a nested type; Name is empty for array and map.
type TypeField struct {
	Name    string
	Type    Type
	Comment string
}

// String is Hive's spelling, without blanks: "struct<a:int,b:array<string>>".
func (t Type) String() string {
	switch t.Name {
	case "varchar", "char":
		return fmt.Sprintf("%s(%d)", t.Name, t.Length)
	case "decimal":
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case "array", "map", "struct":
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Type.String()
			if t.Name == "struct" {
				parts[i] = fieldName(f.Name) + ":" + parts[i]
			}
		}
		return t.Name + "<" + strings.Join(parts, ",") + ">"
	}
	return t.Name
}

// fieldName puts back-ticks around a name that would not be read again bare.
func fieldName(name string) string {
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !wordRune(r) }) < 0 {
		return name
	}
	return Quote(name)
}

// Quote puts a name into back-ticks.
func Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// QuoteText makes a text literal that is read again as s.
func QuoteText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\x00", `\0`).Replace(s) + "'"
}

// simpleTypes are the logical types of the names without parameters.
func simpleType(name string) (base.TypeID, bool) {
	switch name {
	case "boolean":
		return base.Boolean, true
	case "tinyint", "smallint", "int":
		return base.Int, true
	case "bigint":
		return base.Long, true
	case "float":
		return base.Float, true
	case "double":
		return base.Double, true
	case "string":
		return base.String, true
	case "binary":
		return base.Binary, true
	case "date":
		return base.Date, true
	case "timestamp":
		return base.Timestamp, true
	}
	return "", false
}

// typeNames are all names a type can begin with.
func typeNames() []string {
	return []string{"boolean", "tinyint", "smallint", "int", "integer", "bigint", "float", "double", "decimal", "string", "varchar", "char", "binary", "date", "timestamp", "array", "map", "struct"}
}

// Base is the logical type that holds the values: tinyint and smallint are
// int, varchar and char are string; String keeps what was declared.
func (t Type) Base() base.Type {
	switch t.Name {
	case "varchar", "char":
		return base.Type{ID: base.String}
	case "decimal":
		return base.DecimalOf(t.Precision, t.Scale)
	case "array":
		return base.ListOf(t.Fields[0].Type.Base())
	case "map":
		return base.MapOf(t.Fields[0].Type.Base(), t.Fields[1].Type.Base())
	case "struct":
		fields := make([]base.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = base.Field{Name: f.Name, Type: f.Type.Base(), Comment: f.Comment}
		}
		return base.StructOf(fields...)
	}
	id, _ := simpleType(t.Name)
	return base.Type{ID: id}
}

// ParseType reads a type alone, as the catalog keeps it: "varchar(10)",
// "map<string,array<int>>".
func ParseType(text string) (Type, error) {
	p := newParser(text)
	t := p.typ(0)
	p.end()
	if p.err != nil {
		return Type{}, p.err
	}
	return t, nil
}

// maxDepth bounds how deep types nest.
const maxDepth = 100

func (p *parser) typ(depth int) Type {
	t := p.peek()
	if t.kind != tokWord {
		p.tried = append(p.tried, "a type")
		p.unexpected()
		return Type{}
	}
	if depth > maxDepth {
		p.fail(t, "types nest deeper than %d", maxDepth)
		return Type{}
	}
	name := strings.ToLower(t.text)
	switch name {
	case "integer":
		name = "int"
	case "dec", "numeric":
		name = "decimal"
	}
	p.next()
	switch name {
	case "varchar", "char":
		return p.textType(t, name)
	case "decimal":
		return p.decimal(t)
	case "array", "map", "struct":
		return p.nested(t, name, depth)
	case "double":
		p.word("PRECISION")
	}
	if _, ok := simpleType(name); !ok {
		p.badType(t, name)
	}
	return Type{Name: name}
}

func (p *parser) badType(t token, name string) {
	e := p.fail(t, "unknown type %q", t.text)
	switch name {
	case "real":
		e.WithHint("Hive calls it float")
	case "text", "long", "bool", "varbinary", "uuid", "json", "row", "list":
		e.WithHint("Hive calls it %s", map[string]string{"text": "string", "long": "bigint", "bool": "boolean", "varbinary": "binary", "uuid": "string", "json": "string", "row": "struct<name:type>", "list": "array<type>"}[name])
	default:
		p.near(e, t.text, typeNames())
	}
}

func (p *parser) textType(t token, name string) Type {
	limit := 65535
	if name == "char" {
		limit = 255
	}
	if p.peek().text != "(" {
		p.fail(t, "type %s needs a length", name).WithHint("write %s(n), or string for text of any length", name)
		return Type{}
	}
	p.next()
	at := p.peek()
	n := p.number()
	p.symbol(")")
	if p.err == nil && (n < 1 || n > limit) {
		p.fail(at, "%s(%d) is out of range, its length is 1 to %d", name, n, limit)
	}
	return Type{Name: name, Length: n}
}

func (p *parser) decimal(t token) Type {
	d := Type{Name: "decimal", Precision: 10}
	if p.peek().text != "(" {
		return d
	}
	p.next()
	d.Precision = p.number()
	if p.accept(",") {
		d.Scale = p.number()
	}
	p.symbol(")")
	if p.err == nil && (d.Precision < 1 || d.Precision > 38 || d.Scale > d.Precision) {
		p.fail(t, "%s is out of range, its precision is 1 to 38 and its scale at most that", d)
	}
	return d
}

func (p *parser) nested(t token, name string, depth int) Type {
	out := Type{Name: name}
	if p.peek().text == "(" {
		p.fail(p.peek(), "unexpected %q after %s", "(", name).WithHint("Hive writes %s<...>", name)
		return out
	}
	p.symbol("<")
	for p.err == nil {
		var f TypeField
		if name == "struct" {
			f.Name = strings.ToLower(p.ident("a field name"))
			p.symbol(":")
		}
		f.Type = p.typ(depth + 1)
		if name == "struct" && p.word("COMMENT") {
			f.Comment = p.text()
		}
		out.Fields = append(out.Fields, f)
		if !p.accept(",") {
			break
		}
	}
	p.symbol(">")
	if want := map[string]int{"array": 1, "map": 2}[name]; p.err == nil && want > 0 && len(out.Fields) != want {
		p.fail(t, "%s takes %d type arguments, %d were given", name, want, len(out.Fields))
	}
	if name == "map" && p.err == nil && len(out.Fields[0].Type.Fields) > 0 {
		p.fail(t, "the key of a map must be a simple type, not %s", out.Fields[0].Type)
	}
	return out
}
