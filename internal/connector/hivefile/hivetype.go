package hivefile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// kindOf sorts Hive's types.
type typeKind uint8

const (
	boolType typeKind = iota
	tinyType
	smallType
	intType
	bigType
	floatType
	doubleType
	decimalType
	textType // string, varchar(n), char(n)
	binaryType
	dateType
	timeType
	listType
	mapType
	structType
)

// hiveType is a parsed Hive type.
type hiveType struct {
	kind typeKind
	text string
	// length bounds varchar(n) and char(n) in characters; 0 is no bound.
	length int
	padded bool // char(n)
	// precision and scale are a decimal's.
	precision, scale int
	// parts are a list's element, a map's key and value, a struct's fields.
	parts []hiveType
	names []string // a struct's
}

var plainKinds = map[string]typeKind{
	"boolean": boolType, "bool": boolType, "tinyint": tinyType, "smallint": smallType, "int": intType, "integer": intType,
	"bigint": bigType, "long": bigType, "float": floatType, "real": floatType, "double": doubleType,
	"string": textType, "binary": binaryType, "varbinary": binaryType, "date": dateType, "timestamp": timeType,
}

// parseType reads a type as Hive spells it.
func parseType(text string) (hiveType, error) {
	p := &typeReader{rest: text}
	t, err := p.read()
	if err == nil && strings.TrimSpace(p.rest) != "" {
		err = fmt.Errorf("unexpected %q after it", strings.TrimSpace(p.rest))
	}
	if err != nil {
		return hiveType{}, fmt.Errorf("type %q: %w", text, err)
	}
	return t, nil
}

// typeDepth bounds nesting.
const typeDepth = 64

type typeReader struct {
	rest  string
	depth int
}

func (p *typeReader) read() (hiveType, error) {
	if p.depth++; p.depth > typeDepth {
		return hiveType{}, fmt.Errorf("nested more than %d deep", typeDepth)
	}
	defer func() { p.depth-- }()
	before := p.rest
	word := strings.ToLower(strings.TrimSpace(p.word("<>(),:")))
	t := hiveType{}
	var err error
	switch word {
	case "decimal", "numeric", "dec":
		t, err = p.decimal()
	case "varchar", "char":
		t, err = p.bounded(word == "char")
	case "array", "map":
		t, err = p.nested(word)
	case "struct":
		t, err = p.structure()
	default:
		kind, ok := plainKinds[word]
		if !ok {
			return t, fmt.Errorf("unknown type %q", word)
		}
		t.kind = kind
	}
	t.text = strings.TrimSpace(before[:len(before)-len(p.rest)])
	return t, err
}

// word takes what stands before the next of the stop characters.
func (p *typeReader) word(stop string) string {
	i := strings.IndexAny(p.rest, stop)
	if i < 0 {
		i = len(p.rest)
	}
	w := p.rest[:i]
	p.rest = p.rest[i:]
	return w
}

func (p *typeReader) take(c string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(p.rest, " \t\r\n"), c)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *typeReader) numbers() ([]int, error) {
	if !p.take("(") {
		return nil, nil
	}
	body := p.word(")")
	if !p.take(")") {
		return nil, fmt.Errorf("missing )")
	}
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

func (p *typeReader) decimal() (hiveType, error) {
	t := hiveType{kind: decimalType, precision: 10}
	n, err := p.numbers()
	switch {
	case err != nil:
		return t, err
	case len(n) > 2:
		return t, fmt.Errorf("decimal takes a precision and a scale")
	case len(n) > 0:
		t.precision = n[0]
	}
	if len(n) > 1 {
		t.scale = n[1]
	}
	if t.precision < 1 || t.precision > 38 || t.scale < 0 || t.scale > t.precision {
		return t, fmt.Errorf("decimal(%d,%d) is out of range", t.precision, t.scale)
	}
	return t, nil
}

func (p *typeReader) bounded(padded bool) (hiveType, error) {
	t := hiveType{kind: textType, padded: padded}
	n, err := p.numbers()
	if err == nil && len(n) > 0 {
		t.length = n[0]
	}
	if err == nil && (len(n) > 1 || len(n) == 1 && n[0] < 1 || padded && len(n) == 0) {
		err = fmt.Errorf("it needs one length of at least 1")
	}
	return t, err
}

func (p *typeReader) nested(word string) (hiveType, error) {
	t, want := hiveType{kind: listType}, 1
	if word == "map" {
		t, want = hiveType{kind: mapType}, 2
	}
	if !p.take("<") {
		return t, fmt.Errorf("missing < after %s", word)
	}
	for i := range want {
		if i > 0 && !p.take(",") {
			return t, fmt.Errorf("%s takes %d types", word, want)
		}
		part, err := p.read()
		if err != nil {
			return t, err
		}
		t.parts = append(t.parts, part)
	}
	if !p.take(">") {
		return t, fmt.Errorf("missing > after %s", word)
	}
	return t, nil
}

func (p *typeReader) structure() (hiveType, error) {
	t := hiveType{kind: structType}
	if !p.take("<") {
		return t, fmt.Errorf("missing < after struct")
	}
	for {
		name := strings.Trim(strings.TrimSpace(p.word(":<>,")), "`")
		if name == "" || !p.take(":") {
			return t, fmt.Errorf("a struct's fields are written name:type")
		}
		part, err := p.read()
		if err != nil {
			return t, err
		}
		t.names, t.parts = append(t.names, name), append(t.parts, part)
		if p.take(",") {
			continue
		}
		if !p.take(">") {
			return t, fmt.Errorf("missing > after struct")
		}
		return t, nil
	}
}

var plainArrow = map[typeKind]arrow.DataType{
	boolType: arrow.FixedWidthTypes.Boolean, tinyType: arrow.PrimitiveTypes.Int8, smallType: arrow.PrimitiveTypes.Int16,
	intType: arrow.PrimitiveTypes.Int32, bigType: arrow.PrimitiveTypes.Int64, floatType: arrow.PrimitiveTypes.Float32,
	doubleType: arrow.PrimitiveTypes.Float64, textType: arrow.BinaryTypes.String, binaryType: arrow.BinaryTypes.Binary,
	dateType: arrow.FixedWidthTypes.Date32, timeType: &arrow.TimestampType{Unit: arrow.Microsecond},
}

// arrowType is how values of t are delivered; char without its padding.
func (t hiveType) arrowType() arrow.DataType {
	switch t.kind {
	case decimalType:
		return &arrow.Decimal128Type{Precision: int32(t.precision), Scale: int32(t.scale)}
	case listType:
		return arrow.ListOf(t.parts[0].arrowType())
	case mapType:
		return arrow.MapOf(t.parts[0].arrowType(), t.parts[1].arrowType())
	case structType:
		fields := make([]arrow.Field, len(t.parts))
		for i, p := range t.parts {
			fields[i] = arrow.Field{Name: t.names[i], Type: p.arrowType(), Nullable: true}
		}
		return arrow.StructOf(fields...)
	}
	return plainArrow[t.kind]
}
