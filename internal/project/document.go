package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/mulgil/mulgil/internal/base"
)

// CaseSuffix ends the names of the files in workflows/ that have cases for a
// state machine; what stands before it is the machine's name.
const CaseSuffix = ".test.yaml"

// Document is a YAML file that its published schema allows, as JSON.
type Document struct {
	// JSON has numbers as they are written, where JSON can write them so.
	JSON json.RawMessage
	root *node
}

// ReadDocument reads dir/name and checks it against a published schema
// ("workflow-test.schema.json"). Variables are not replaced. Mistakes are
// base.Errors with their places; a missing file is base.NotFound.
func ReadDocument(dir, name, schema string) (*Document, error) {
	n, err := readYAML(dir, name)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, base.Errors{base.Errorf(base.Invalid, "the file is empty").At(&base.Place{File: name})}
	}
	v, err := newValidator()
	if err != nil {
		return nil, err
	}
	errs, err := v.check(schema, n, false)
	if err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, errs
	}
	text, err := json.Marshal(n.exact())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return &Document{JSON: text, root: n}, nil
}

// readYAML reads one document; nil if there is none in the file.
func readYAML(dir, name string) (*node, error) {
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); errors.Is(err, fs.ErrNotExist) {
		return nil, base.Errorf(base.NotFound, "no file %s", name)
	}
	s, e := readSource(dir, name)
	if e != nil {
		return nil, base.Errors{e}
	}
	n, errs := parseYAML(s, s.src)
	if len(errs) > 0 {
		return nil, errs
	}
	return n, nil
}

// At is where something stands in the file: keys, and numbers of elements,
// from the top. Of what is not there it is the place of the nearest thing around.
func (d *Document) At(path ...string) *base.Place {
	n := d.root
	at := n
	for _, p := range path {
		if i, err := strconv.Atoi(p); err == nil && n.isList() && i < len(n.items) {
			n, at = n.items[i], n.items[i]
			continue
		}
		e := n.entry(p)
		if e == nil {
			break
		}
		if n, at = e.val, e.val; n.isMap() || n.isList() {
			at = e.at
		}
	}
	return at.place()
}

// exact is json with numbers as they were written.
func (n *node) exact() any {
	return n.tree(func(n *node) any {
		if number(n.raw) != nil && n.plain && json.Valid([]byte(n.raw)) {
			return json.Number(n.raw)
		}
		return n.scalar()
	})
}
