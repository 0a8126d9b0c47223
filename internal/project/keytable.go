package project

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/port"
)

// KeyTable is a table of keyvalue: in mulgil.yaml.
type KeyTable = port.KeyTable

// keyTableName is what DynamoDB allows.
var keyTableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func (r *reader) keyTables(n *node) []KeyTable {
	if !n.isMap() {
		return nil
	}
	var out []KeyTable
	for _, e := range n.entries {
		if !keyTableName.MatchString(e.key) {
			r.add(e.at.errorf("%q cannot be the name of a key-value table", e.key).WithHint("use 3 to 255 of a-z A-Z 0-9 _ . -, as DynamoDB does"))
		}
		t := KeyTable{Name: e.key, Hash: keyAttribute(e.val.get("hash_key")), Range: keyAttribute(e.val.get("range_key"))}
		if k := e.val.get("range_key"); k != nil && t.Hash.Name == t.Range.Name {
			r.add(k.errorf("the range key of %q is its hash key", e.key).WithHint("name another attribute, or leave range_key out"))
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b KeyTable) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func keyAttribute(n *node) port.KeyAttribute {
	if !n.isMap() {
		return port.KeyAttribute{}
	}
	return port.KeyAttribute{Name: n.get("name").str(), Type: attribute.Type(cmp.Or(n.get("type").str(), string(attribute.S)))}
}
