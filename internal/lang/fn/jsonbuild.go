package fn

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// CheckSQLJSONPath tells what is wrong with a path of the SQL standard that is
// given these variables.
func CheckSQLJSONPath(path string, vars []string) error {
	p, err := parseSQLPath(path)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, v := range vars {
		have[v] = true
	}
	for _, v := range p.root.variables(nil) {
		if !have[v] {
			return base.Errorf(base.Invalid, "no value passed for parameter %s of the JSON path", v).WithCode("INVALID_PATH").
				WithHint("a name that is not quoted after AS is in upper case")
		}
	}
	return nil
}

// variables are the names that a path uses.
func (n *pathNode) variables(out []string) []string {
	if n == nil {
		return out
	}
	if n.op == pVariable {
		out = append(out, n.text)
	}
	for _, a := range n.args {
		out = a.variables(out)
	}
	for _, s := range n.subs {
		for _, a := range s {
			out = a.variables(out)
		}
	}
	return out
}

// JSONFormatted checks text that is embedded as JSON, and makes it compact.
func JSONFormatted(s string) (string, error) {
	r := jsonReader{s: s}
	v, ok := r.value()
	if !ok {
		return "", jsonFault("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: %s", shorten(s))
	}
	return string(appendJSON(nil, v.unique(), false)), nil
}

// JSONObject is JSON_OBJECT of keys and JSON texts in turn; a value that is nil
// is left out. Members stand in the order of a Java HashMap, as Trino's do.
func JSONObject(mode string, members []*string) (string, error) {
	var keys, values []string
	seen := map[string]bool{}
	for i := 0; i+1 < len(members); i += 2 {
		key, v := members[i], members[i+1]
		switch {
		case key == nil:
			return "", invalid("null value passed for JSON object key to JSON_OBJECT function")
		case v == nil:
			continue
		case seen[*key] && mode == "unique":
			return "", invalid("duplicate key passed to JSON_OBJECT function")
		case seen[*key]:
			return "", notSupported("cannot construct a JSON object with duplicate key")
		}
		seen[*key] = true
		keys, values = append(keys, *key), append(values, *v)
	}
	b := []byte{'{'}
	for n, i := range hashOrder(keys) {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, keys[i]), ':')
		b = append(b, values[i]...)
	}
	return string(append(b, '}')), checkSize(len(b))
}

// DecodeText is text in one of the encodings of FORMAT JSON: utf16, utf16be or
// utf32; without a B their bytes are in little-endian order.
func DecodeText(b []byte, encoding string) (string, error) {
	var out strings.Builder
	if encoding == "utf32" {
		for ; len(b) >= 4; b = b[4:] {
			r := rune(binary.LittleEndian.Uint32(b))
			if !utf8.ValidRune(r) {
				r = utf8.RuneError
			}
			out.WriteRune(r)
		}
	} else {
		units := make([]uint16, 0, len(b)/2)
		for ; len(b) >= 2; b = b[2:] {
			units = append(units, byteOrder(encoding).Uint16(b))
		}
		for _, r := range utf16.Decode(units) {
			out.WriteRune(r)
		}
	}
	if len(b) > 0 {
		out.WriteRune(utf8.RuneError)
	}
	return out.String(), checkSize(out.Len())
}

func byteOrder(encoding string) interface {
	binary.ByteOrder
	binary.AppendByteOrder
} {
	if encoding == "utf16be" {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// EncodeText is the reverse of DecodeText.
func EncodeText(s, encoding string) ([]byte, error) {
	out := []byte{}
	if encoding == "utf32" {
		for _, r := range s {
			out = binary.LittleEndian.AppendUint32(out, uint32(r))
		}
		return out, checkSize(len(out))
	}
	for _, u := range utf16.Encode([]rune(s)) {
		out = byteOrder(encoding).AppendUint16(out, u)
	}
	return out, checkSize(len(out))
}

func jsonBuildDefs() []Def {
	return []Def{
		def1("mg_json_formatted", JSONFormatted),
		nulls(variadic("mg_json_object", JSONObject)),
		def2("mg_decode_text", DecodeText),
		def2("mg_encode_text", EncodeText),
	}
}
