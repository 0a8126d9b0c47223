package keyvalue

import (
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/port"
)

const wrongParameter = "One or more parameter values were invalid: "

// keyAttributes are the one or two of a table's key.
func keyAttributes(t port.KeyTable) []port.KeyAttribute {
	if t.Range.Name == "" {
		return []port.KeyAttribute{t.Hash}
	}
	return []port.KeyAttribute{t.Hash, t.Range}
}

// checkKey checks a key alone: all of the table's key attributes and no others.
func checkKey(t port.KeyTable, key attribute.Item) error {
	attributes := keyAttributes(t)
	if len(key) != len(attributes) {
		return attribute.Invalid("The provided key element does not match the schema")
	}
	for i, a := range attributes {
		v, ok := key[a.Name]
		if !ok || v.Type != a.Type {
			return attribute.Invalid("The provided key element does not match the schema")
		}
		if err := checkKeyValue(v, wrongParameter, a.Name, i == 0); err != nil {
			return err
		}
	}
	return nil
}

// checkItem checks the key within a whole item.
func checkItem(t port.KeyTable, item attribute.Item) error {
	for i, a := range keyAttributes(t) {
		v, ok := item[a.Name]
		if !ok {
			return attribute.Invalid(wrongParameter+"Missing the key %s in the item", a.Name)
		}
		if v.Type != a.Type {
			return attribute.Invalid(wrongParameter+"Type mismatch for key %s expected: %s actual: %s", a.Name, a.Type, v.Type)
		}
		if err := checkKeyValue(v, "One or more parameter values are not valid. ", a.Name, i == 0); err != nil {
			return err
		}
	}
	return nil
}

func checkKeyValue(v attribute.Value, intro, name string, hash bool) error {
	if v.Type == attribute.N {
		return nil
	}
	kind := map[attribute.Type]string{attribute.S: "string", attribute.B: "binary"}[v.Type]
	switch {
	case v.Text == "":
		return attribute.Invalid("%sThe AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", intro, kind, name)
	case hash && len(v.Text) > 2048:
		return attribute.Invalid(wrongParameter + "Size of hashkey has exceeded the maximum size limit of2048 bytes")
	case !hash && len(v.Text) > 1024:
		return attribute.Invalid(wrongParameter + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
	}
	return nil
}

// checkUse refuses expressions that change the key or look inside it.
func (r *request) checkUse(t port.KeyTable) error {
	for _, a := range keyAttributes(t) {
		if r.parsed.Update == nil {
			break
		}
		for _, p := range r.parsed.Update.Paths() {
			if p.Attribute() == a.Name {
				return attribute.Invalid(wrongParameter+"Cannot update attribute %s. This attribute is part of the key", a.Name)
			}
		}
	}
	for _, a := range keyAttributes(t) {
		if r.parsed.Nested[a.Name] {
			return attribute.Invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: %s", a.Name)
		}
	}
	return nil
}
