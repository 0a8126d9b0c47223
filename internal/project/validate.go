package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/schemas"
)

const schemaBase = "https://mulgil.dev/schemas/"

// validator checks nodes against the published schemas. Not safe for
// concurrent use.
type validator struct {
	compiler *jsonschema.Compiler
	docs     map[string]any
	compiled map[string]*jsonschema.Schema
}

func newValidator() (*validator, error) {
	v := &validator{jsonschema.NewCompiler(), map[string]any{}, map[string]*jsonschema.Schema{}}
	files, err := schemas.FS.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("read schemas: %w", err)
	}
	for _, f := range files {
		text, err := schemas.FS.ReadFile(f.Name())
		if err != nil {
			return nil, fmt.Errorf("read schemas: %w", err)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			return nil, fmt.Errorf("read schema %s: %w", f.Name(), err)
		}
		if err := v.compiler.AddResource(schemaBase+f.Name(), doc); err != nil {
			return nil, fmt.Errorf("read schema %s: %w", f.Name(), err)
		}
		v.docs[f.Name()] = doc
	}
	return v, nil
}

// check reports where n departs from the schema ("job.schema.json", or with a
// fragment "mulgil.schema.json#/$defs/target"). raw says that variables in n
// have not been replaced, so that mistakes at such values are not counted.
func (v *validator) check(ref string, n *node, raw bool) (base.Errors, error) {
	schema := v.compiled[ref]
	if schema == nil {
		var err error
		if schema, err = v.compiler.Compile(schemaBase + ref); err != nil {
			return nil, fmt.Errorf("compile schema %s: %w", ref, err)
		}
		v.compiled[ref] = schema
	}
	for round := 0; ; round++ {
		err := schema.Validate(n.json())
		var ve *jsonschema.ValidationError
		if err == nil {
			return nil, nil
		} else if !errors.As(err, &ve) {
			return nil, fmt.Errorf("validate: %w", err)
		}
		r := &schemaReport{v: v, root: n, raw: raw}
		r.walk(ve)
		if !r.retyped || round > 0 {
			return r.errs, nil
		}
	}
}

type schemaReport struct {
	v       *validator
	root    *node
	raw     bool
	retyped bool
	errs    base.Errors
}

func (r *schemaReport) walk(e *jsonschema.ValidationError) {
	if _, leaf := e.ErrorKind.(*kind.PropertyNames); len(e.Causes) > 0 && !leaf {
		for _, c := range e.Causes {
			r.walk(c)
		}
		return
	}
	n, key := r.find(e.InstanceLocation)
	if n != nil && n.null() && r.tolerates(e) {
		return
	}
	if n == nil || r.raw && n.kind == scalarNode && strings.Contains(n.raw, "${") {
		return
	}
	if t, ok := e.ErrorKind.(*kind.Type); ok && retype(n, t.Want) {
		r.retyped = true
		return
	}
	r.report(e, n, key)
}

// tolerates says whether an empty value is as good as an absent one: an empty
// mapping or list is, an empty text or number is reported once, by its type.
func (r *schemaReport) tolerates(e *jsonschema.ValidationError) bool {
	t, ok := e.ErrorKind.(*kind.Type)
	return !ok || r.raw || slices.Contains(t.Want, "object") || slices.Contains(t.Want, "array")
}

// find is the node at a path and how messages call it.
func (r *schemaReport) find(path []string) (*node, string) {
	n, name := r.root, ""
	for _, p := range path {
		switch {
		case n.isMap():
			n, name = n.entry(p).value(), p
		case n.isList():
			i, err := strconv.Atoi(p)
			if err != nil || i >= len(n.items) {
				return nil, ""
			}
			n = n.items[i]
			if name != "" && !strings.HasPrefix(name, "an item of ") {
				name = "an item of " + name
			}
		default:
			return nil, ""
		}
	}
	if name == "" {
		name = "the document"
	}
	return n, name
}

func (e *entry) value() *node {
	if e == nil {
		return nil
	}
	return e.val
}

func (r *schemaReport) add(e *base.Error) { r.errs = append(r.errs, e) }

func (r *schemaReport) report(e *jsonschema.ValidationError, n *node, key string) {
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		known := r.known(e.SchemaURL)
		for _, p := range k.Properties {
			e := n.keyOf(p).errorf("unknown key %q", p).WithHint("%s", didYouMean(p, known))
			if strings.HasSuffix(p, ")") {
				e.Hint = "put a value that contains a comma in quotes, as \"decimal(12,2)\""
			}
			r.add(e)
		}
	case *kind.PropertyNames:
		if n.entry(k.Property) == nil {
			n = holder(r.root, k.Property)
		}
		r.add(n.keyOf(k.Property).errorf("%q is not a good name", k.Property).
			WithHint("use letters, digits and _, beginning with a letter"))
	case *kind.Required:
		for _, m := range k.Missing {
			r.add(n.errorf("missing key %q", m))
		}
	case *kind.Type:
		err := n.errorf("%s must be %s, not %s", key, typeNames(k.Want), n.show())
		err.Hint = map[string]string{"timeout": "write a number and a unit, as 90s, 15m or 2h", "memory": "write a number and a unit, as 512MB or 2GB",
			"disk": "write 5% or 10GB"}[key]
		r.add(err)
	case *kind.Enum:
		r.add(enumError(n, key, k.Want))
	case *kind.Pattern:
		r.add(patternError(n, key))
	case *kind.Minimum:
		r.add(n.errorf("%s must be at least %s, not %s", key, k.Want.RatString(), n.show()))
	case *kind.Maximum:
		r.add(n.errorf("%s must be at most %s, not %s", key, k.Want.RatString(), n.show()))
	case *kind.MinLength, *kind.MinItems:
		r.add(n.errorf("%s must not be empty", key))
	case *kind.MinProperties, *kind.MaxProperties:
		r.add(n.errorf("%s needs one of: %s", key, strings.Join(r.known(e.SchemaURL), ", ")))
	case *kind.MaxItems:
		r.add(n.errorf("%s is not supported", key).WithHint("only S3 targets can be crawled"))
	default:
		r.add(n.errorf("%s: %s", key, k.LocalizedString(message.NewPrinter(language.English))))
	}
}

// holder is the first mapping that has a key, the root if none has.
func holder(n *node, key string) *node {
	if n.entry(key) != nil {
		return n
	}
	for _, e := range n.entries {
		if h := holder(e.val, key); h.entry(key) != nil {
			return h
		}
	}
	for _, i := range n.items {
		if h := holder(i, key); h.entry(key) != nil {
			return h
		}
	}
	return n
}

func enumError(n *node, key string, want []any) *base.Error {
	var words []string
	for _, w := range want {
		words = append(words, fmt.Sprint(w))
	}
	e := n.errorf("%s must be one of %s, not %s", key, strings.Join(words, ", "), n.show())
	if m := near(n.str(), words); m != "" {
		e.Hint = "did you mean \"" + m + "\"?"
	}
	return e
}

// paramTypes are the types a job's parameter can have, with what people write instead.
var paramTypes = []string{"text", "int", "bigint", "double", "decimal", "boolean", "date", "timestamp"}

func patternError(n *node, key string) *base.Error {
	if key != "type" {
		return n.errorf("%s %s is not well formed", key, n.show())
	}
	e := n.errorf("type must be one of %s, not %s", strings.Join(paramTypes, ", "), n.show())
	other := map[string]string{"string": "text", "varchar": "text", "char": "text", "integer": "int", "long": "bigint",
		"float": "double", "real": "double", "number": "decimal", "numeric": "decimal", "bool": "boolean", "datetime": "timestamp"}
	if m := other[strings.ToLower(n.str())]; m != "" {
		return e.WithHint("write type: %s", m)
	}
	if m := near(n.str(), paramTypes); m != "" {
		return e.WithHint("did you mean %q?", m)
	}
	return e
}

func typeNames(want []string) string {
	names := map[string]string{"string": "text", "object": "a mapping", "array": "a list", "integer": "a whole number",
		"number": "a number", "boolean": "true or false", "null": "empty"}
	var out []string
	for _, w := range want {
		if w == "null" && len(want) > 1 {
			continue
		}
		out = append(out, names[w])
	}
	return strings.Join(out, " or ")
}

// known lists the property names a schema location allows.
func (r *schemaReport) known(url string) []string {
	file, fragment, _ := strings.Cut(strings.TrimPrefix(url, schemaBase), "#")
	doc := r.v.docs[file]
	for _, p := range strings.Split(strings.Trim(fragment, "/"), "/") {
		if p == "" {
			continue
		}
		m, ok := doc.(map[string]any)
		if !ok {
			return nil
		}
		doc = m[strings.NewReplacer("~1", "/", "~0", "~", "%24", "$").Replace(p)]
	}
	m, _ := doc.(map[string]any)
	props, _ := m["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(props))
}

// Schema is the text of a published JSON Schema ("job.schema.json").
func Schema(name string) (json.RawMessage, error) {
	text, err := schemas.FS.ReadFile(name)
	if err != nil {
		return nil, base.Errorf(base.NotFound, "no schema %q: %w", name, err)
	}
	return text, nil
}
