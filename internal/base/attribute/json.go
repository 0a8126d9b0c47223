package attribute

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Spelling is how JSON names the types of values.
type Spelling bool

const (
	// Wire is DynamoDB's own spelling: BOOL, NULL, SS.
	Wire Spelling = false
	// SDK is what AWS's SDK integrations of Step Functions write: Bool, Nul, Ss.
	SDK Spelling = true
)

var sdkNames = map[Type]string{BOOL: "Bool", NULL: "Nul", SS: "Ss", NS: "Ns", BS: "Bs"}

// typeOf knows every name of a type in either spelling.
var typeOf = func() map[string]Type {
	m := map[string]Type{}
	for _, t := range []Type{S, N, B, BOOL, NULL, SS, NS, BS, L, M} {
		m[string(t)] = t
	}
	for t, name := range sdkNames {
		m[name] = t
	}
	return m
}()

// maxNesting is how deep lists and maps may lie in each other.
const maxNesting = 32

// ParseItem reads {"name": {"S": "text"}, ...} in either spelling. The error's
// code and text are DynamoDB's: SerializationException for JSON of the wrong
// shape, ValidationException for values that cannot be.
func ParseItem(text []byte) (Item, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, misshapen("the item is not JSON: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, misshapen("unexpected text after the item")
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, misshapen("an item must be an object, not %s", jsonKind(v))
	}
	return itemOf(m, 0)
}

func itemOf(m map[string]any, depth int) (Item, error) {
	item := make(Item, len(m))
	for name, x := range m {
		v, err := valueOf(x, depth)
		if err != nil {
			return nil, err
		}
		item[name] = v
	}
	return item, nil
}

// ParseValue reads one value from decoded JSON, numbers as json.Number.
func ParseValue(x any) (Value, error) { return valueOf(x, 0) }

func valueOf(x any, depth int) (Value, error) {
	m, ok := x.(map[string]any)
	if !ok {
		return Value{}, misshapen("Unexpected value type in payload: an attribute value is an object such as {\"S\": \"text\"}, not %s", jsonKind(x))
	}
	if depth > maxNesting {
		return Value{}, Invalid("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit")
	}
	var out Value
	found := 0
	for name, x := range m {
		t, ok := typeOf[name]
		if !ok {
			return Value{}, misshapen("unknown type %q of an attribute value", name)
		}
		if x == nil {
			continue
		}
		v := Value{Type: t}
		if err := v.read(x, depth); err != nil {
			return Value{}, err
		}
		out, found = v, found+1
	}
	switch found {
	case 0:
		return Value{}, Invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case 1:
		return out, nil
	}
	return Value{}, Invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
}

// read fills the value of type v.Type from its JSON.
func (v *Value) read(x any, depth int) (err error) {
	switch v.Type {
	case S, N, B:
		v.Text, err = v.Type.scalar(x)
		return err
	case BOOL, NULL:
		b, ok := x.(bool)
		if !ok {
			return misshapen("%s cannot be converted to Boolean", jsonKind(x))
		}
		if v.Bool = b && v.Type == BOOL; v.Type == NULL && !b {
			return Invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
		}
		return nil
	case M:
		m, ok := x.(map[string]any)
		if !ok {
			return misshapen("%s cannot be converted to a map", jsonKind(x))
		}
		v.Map, err = itemOf(m, depth+1)
		return err
	}
	list, ok := x.([]any)
	if !ok {
		return misshapen("%s cannot be converted to a list", jsonKind(x))
	}
	if v.Type != L {
		return v.readSet(list)
	}
	for _, x := range list {
		e, err := valueOf(x, depth+1)
		if err != nil {
			return err
		}
		v.List = append(v.List, e)
	}
	return nil
}

// scalar reads the JSON text of an S, N or B.
func (t Type) scalar(x any) (string, error) {
	s, ok := x.(string)
	if !ok {
		return "", misshapen("%s cannot be converted to String", jsonKind(x))
	}
	switch t {
	case N:
		n, err := ParseNumber(s)
		return n.String(), err
	case B:
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "", misshapen("Invalid Base64 in a binary value: %v", err)
		}
		return string(b), nil
	}
	return s, nil
}

func (v *Value) readSet(list []any) error {
	element := Type(strings.TrimSuffix(string(v.Type), "S"))
	seen := map[string]bool{}
	written := make([]string, len(list))
	twice := false
	for i, x := range list {
		s, err := element.scalar(x)
		if err != nil {
			return err
		}
		twice = twice || seen[s]
		seen[s] = true
		v.Texts = append(v.Texts, s)
		written[i], _ = x.(string)
	}
	return v.Type.checkSet(written, twice)
}

// checkSet words what is wrong with a set, as DynamoDB does.
func (t Type) checkSet(written []string, twice bool) error {
	const invalid = "One or more parameter values were invalid: "
	shown := "[" + strings.Join(written, ", ") + "]"
	switch {
	case len(written) == 0 && t == BS:
		return Invalid(invalid + "Binary sets should not be empty")
	case len(written) == 0 && t == SS:
		return Invalid(invalid + "An string set  may not be empty")
	case len(written) == 0:
		return Invalid(invalid + "An number set  may not be empty")
	case twice && t == NS:
		return Invalid("Input collection contains duplicates")
	case twice && t == BS:
		return Invalid(invalid+"Input collection %sof type BS contains duplicates.", shown)
	case twice:
		return Invalid(invalid+"Input collection %s contains duplicates.", shown)
	}
	return nil
}

func misshapen(format string, args ...any) *base.Error {
	return base.Errorf(base.Invalid, format, args...).WithCode("SerializationException")
}

func jsonKind(x any) string {
	switch x.(type) {
	case nil:
		return "NULL_VALUE"
	case bool:
		return "BOOLEAN_VALUE"
	case json.Number:
		return "NUMBER_VALUE"
	case string:
		return "STRING_VALUE"
	case []any:
		return "START_ARRAY"
	}
	return "START_OBJECT"
}

// JSON is the value for encoding/json, types named as s says.
func (v Value) JSON(s Spelling) map[string]any {
	name := string(v.Type)
	if other := sdkNames[v.Type]; s == SDK && other != "" {
		name = other
	}
	return map[string]any{name: v.content(s)}
}

func (v Value) content(s Spelling) any {
	switch v.Type {
	case B:
		return base64.StdEncoding.EncodeToString([]byte(v.Text))
	case BOOL:
		return v.Bool
	case NULL:
		return true
	case BS:
		out := make([]string, len(v.Texts))
		for i, t := range v.Texts {
			out[i] = base64.StdEncoding.EncodeToString([]byte(t))
		}
		return out
	case SS, NS:
		return v.Texts
	case L:
		out := make([]any, len(v.List))
		for i, e := range v.List {
			out[i] = e.JSON(s)
		}
		return out
	case M:
		return v.Map.JSON(s)
	}
	return v.Text
}

// JSON is the item for encoding/json, types named as s says.
func (i Item) JSON(s Spelling) map[string]any {
	out := make(map[string]any, len(i))
	for name, v := range i {
		out[name] = v.JSON(s)
	}
	return out
}

// Encode writes v, made of what the JSON methods give, as compact JSON: names
// in order, nothing escaped for HTML.
func Encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // maps, lists, texts and booleans can be encoded
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
