package fn

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// JSONPaths are the functions on Presto's small JSONPath: $.a["b c"][0].
// Safe for concurrent use.
type JSONPaths struct{ known *cache[[]string] }

// NewJSONPaths returns the functions with an empty cache.
func NewJSONPaths() *JSONPaths { return &JSONPaths{newCache(parseJSONPath)} }

// parseJSONPath returns the steps; one that is a number also counts elements.
func parseJSONPath(path string) ([]string, error) {
	path = strings.Clone(path)
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, badPath(path)
	}
	steps := []string{}
	for rest != "" {
		var step string
		switch {
		case rest[0] == '.':
			step, rest = pathWord(rest[1:], true)
			ok = step != ""
		case strings.HasPrefix(rest, `["`):
			step, rest, ok = pathQuoted(rest[2:])
		case rest[0] == '[':
			step, rest = pathWord(rest[1:], false)
			ok = step != "" && strings.HasPrefix(rest, "]")
			rest = strings.TrimPrefix(rest, "]")
		default:
			ok = false
		}
		if !ok {
			return nil, badPath(path)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func badPath(path string) error { return invalid("invalid JSON path: '%s'", shorten(path)) }

// pathWord takes letters, digits, _ and, behind a point, also a colon.
func pathWord(s string, colon bool) (word, rest string) {
	i := 0
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !(colon && r == ':') {
			break
		}
		i += n
	}
	return s[:i], s[i:]
}

func pathQuoted(s string) (step, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			rest, ok = strings.CutPrefix(s[i+1:], "]")
			return b.String(), rest, ok
		case c == '\\':
			if i++; i >= len(s) || s[i] != '"' && s[i] != '\\' {
				return "", "", false
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

// find moves the reader to where the path leads.
func (r *jsonReader) find(steps []string) bool {
	for _, step := range steps {
		found := false
		switch r.peek() {
		case '{':
			r.members(func(key string) bool {
				if found = key == step; found {
					return false
				}
				_, ok := r.value()
				return ok
			})
		case '[':
			n, err := strconv.ParseUint(step, 10, 31)
			if err != nil {
				return false
			}
			r.elements(func(i int) bool {
				if found = uint64(i) == n && r.peek() != ']'; found {
					return false
				}
				_, ok := r.value()
				return ok
			})
		}
		if !found {
			return false
		}
	}
	return true
}

func (p *JSONPaths) at(json, path string) (v jsonValue, ok bool, err error) {
	steps, err := p.known.get(path)
	if err != nil {
		return v, false, err
	}
	r := jsonReader{s: json}
	if !r.find(steps) {
		return v, false, nil
	}
	v, ok = r.value()
	return v, ok, nil
}

// Extract is json_extract: the value's text, nil where there is none.
func (p *JSONPaths) Extract(json, path string) (*string, error) {
	v, ok, err := p.at(json, path)
	if !ok || err != nil {
		return nil, err
	}
	s := string(appendJSON(nil, v, false))
	return &s, nil
}

// ExtractScalar is json_extract_scalar: strings bare, numbers as written, nil
// for null, arrays and objects.
func (p *JSONPaths) ExtractScalar(json, path string) (*string, error) {
	v, ok, err := p.at(json, path)
	if !ok || err != nil {
		return nil, err
	}
	return v.bare(), nil
}

// bare is a scalar's text, nil for null and for what is no scalar.
func (v jsonValue) bare() *string {
	s := v.text
	switch v.kind {
	case jFalse:
		s = "false"
	case jTrue:
		s = "true"
	case jString:
		s = plain(s)
	case jNumber:
	default:
		return nil
	}
	return &s
}

// Size is json_size: how many elements or members, 0 for a scalar.
func (p *JSONPaths) Size(json, path string) (*int64, error) {
	v, ok, err := p.at(json, path)
	if !ok || err != nil {
		return nil, err
	}
	n := int64(len(v.items))
	return &n, nil
}

// jsonElements calls f for the elements of an array's text until f says no;
// whole says that the text was an array to its end.
func jsonElements(json string, f func(v jsonValue) bool) (whole bool) {
	r := jsonReader{s: json}
	if r.peek() != '[' {
		return false
	}
	return r.elements(func(int) bool {
		v, ok := r.value()
		return ok && f(v)
	})
}

// JSONArrayLength is json_array_length, nil for what is no array.
func JSONArrayLength(json string) (*int64, error) {
	n := int64(0)
	if !jsonElements(json, func(jsonValue) bool { n++; return true }) {
		return nil, nil
	}
	return &n, nil
}

// JSONArrayGet is json_array_get, from the end for negative indexes. Strings
// are bare, as Trino's are.
func JSONArrayGet(json string, index int64) (*string, error) {
	var out *string
	var all []jsonValue
	whole := jsonElements(json, func(v jsonValue) bool {
		if index < 0 {
			all = append(all, v)
			return true
		}
		if index == 0 {
			out = v.element()
		}
		index--
		return index >= 0
	})
	if at := int64(len(all)) + index; whole && index < 0 && at >= 0 && all != nil {
		out = all[at].element()
	}
	return out, nil
}

func (v jsonValue) element() *string {
	if v.kind == jNull || v.scalar() {
		return v.bare()
	}
	s := string(appendJSON(nil, v, false))
	return &s
}

func jsonContains(json string, is func(v jsonValue) bool) (*bool, error) {
	found := false
	if !jsonElements(json, func(v jsonValue) bool { found = is(v); return !found }) && !found {
		return nil, nil
	}
	return &found, nil
}

// IsJSONScalar is is_json_scalar.
func IsJSONScalar(s string) (bool, error) {
	v, ok := parseJSON(s)
	if !ok {
		return false, invalid("invalid JSON value: %s", shorten(s))
	}
	return v.scalar(), nil
}

func jsonDefs() []Def {
	p := NewJSONPaths()
	return []Def{
		def1("mg_json_parse", JSONParse),
		def1("mg_json_quote", sure(JSONQuote)),
		def1("mg_json_double", sure(jsonDouble)),
		def1("mg_json_real", sure(jsonReal)),
		def2("mg_json_extract", p.Extract),
		def2("mg_json_extract_scalar", p.ExtractScalar),
		def2("mg_json_size", p.Size),
		def1("mg_json_array_length", JSONArrayLength),
		def2("mg_json_array_get", JSONArrayGet),
		def2("mg_json_array_contains_bigint", func(s string, n int64) (*bool, error) {
			return jsonContains(s, func(v jsonValue) bool {
				x, err := strconv.ParseInt(v.text, 10, 64)
				return v.isInteger() && err == nil && x == n
			})
		}),
		def2("mg_json_array_contains_double", func(s string, n float64) (*bool, error) {
			return jsonContains(s, func(v jsonValue) bool {
				x, _ := strconv.ParseFloat(v.text, 64)
				return v.kind == jNumber && !v.isInteger() && x == n
			})
		}),
		def2("mg_json_array_contains_varchar", func(s, text string) (*bool, error) {
			return jsonContains(s, func(v jsonValue) bool { return v.kind == jString && v.text == text })
		}),
		def2("mg_json_array_contains_boolean", func(s string, b bool) (*bool, error) {
			return jsonContains(s, func(v jsonValue) bool { return v.kind == jTrue && b || v.kind == jFalse && !b })
		}),
		def1("mg_is_json_scalar", IsJSONScalar),
	}
}
