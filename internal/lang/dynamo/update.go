package dynamo

import (
	"maps"
	"slices"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
)

// Update is a checked UpdateExpression.
type Update struct {
	root    *tree
	paths   []Path
	creates bool
}

// Paths are the paths it changes, in the order written.
func (u *Update) Paths() []Path { return u.paths }

// Creates tells whether it makes an item that is not there: one that only
// removes does not.
func (u *Update) Creates() bool { return u.creates }

// Touched is the part of an item on the paths that the update changes.
func (u *Update) Touched(item attribute.Item) attribute.Item { return pick(item, u.paths) }

// Apply gives the item after the update; the one passed stays as it is. All
// values are read from the item as it was before.
func (u *Update) Apply(item attribute.Item) (attribute.Item, error) {
	v, err := u.root.apply(attribute.Value{Type: attribute.M, Map: item}, item)
	if err != nil {
		return nil, err
	}
	return v.Map, nil
}

func badPath() *base.Error {
	return attribute.Invalid("The document path provided in the update expression is invalid for update")
}

func badOperand() *base.Error {
	return attribute.Invalid("An operand in the update expression has an incorrect data type")
}

// apply changes what the tree names in v, a map or a list.
func (t *tree) apply(v attribute.Value, item attribute.Item) (attribute.Value, error) {
	for s := range t.below {
		if s.list != (v.Type == attribute.L) || !s.list && v.Type != attribute.M {
			return v, badPath()
		}
	}
	if v.Type == attribute.L {
		return t.applyList(v, item)
	}
	out := maps.Clone(v.Map)
	if out == nil {
		out = attribute.Item{}
	}
	for s, sub := range t.below {
		old, there := v.Map[s.name]
		w, keep, err := sub.change(old, there, item)
		if err != nil {
			return v, err
		}
		if keep {
			out[s.name] = w
		} else {
			delete(out, s.name)
		}
	}
	return attribute.Value{Type: attribute.M, Map: out}, nil
}

// applyList changes elements; indexes mean the list as it was, and what lies
// beyond its end is appended in their order.
func (t *tree) applyList(v attribute.Value, item attribute.Item) (attribute.Value, error) {
	out := slices.Clone(v.List)
	gone := map[int]bool{}
	for _, i := range t.indexes() {
		var old attribute.Value
		there := i < len(v.List)
		if there {
			old = v.List[i]
		}
		w, keep, err := t.below[step{index: i, list: true}].change(old, there, item)
		switch {
		case err != nil:
			return v, err
		case there && keep:
			out[i] = w
		case there:
			gone[i] = true
		case keep:
			out = append(out, w)
		}
	}
	left := make([]attribute.Value, 0, len(out))
	for i, w := range out {
		if !gone[i] {
			left = append(left, w)
		}
	}
	return attribute.Value{Type: attribute.L, List: left}, nil
}

// change is what becomes of one value; keep is false if it goes.
func (t *tree) change(old attribute.Value, there bool, item attribute.Item) (v attribute.Value, keep bool, err error) {
	if t.do == nil {
		if !there {
			return old, false, badPath()
		}
		v, err = t.apply(old, item)
		return v, true, err
	}
	switch t.do.section {
	case "SET":
		v, err = t.do.value.eval(item)
		return v, true, err
	case "REMOVE":
		return old, false, nil
	case "ADD":
		v, err = add(old, there, t.do.value.val)
		return v, true, err
	}
	return subtract(old, there, t.do.value.val)
}

// add adds a number to a number, elements to a set, or begins with them.
func add(old attribute.Value, there bool, more attribute.Value) (attribute.Value, error) {
	switch {
	case !there:
		return more, nil
	case old.Type != more.Type:
		return old, badOperand()
	case old.Type == attribute.N:
		return sum(old, more, "+")
	}
	out := old
	out.Texts = slices.Clone(old.Texts)
	for _, t := range more.Texts {
		if !slices.Contains(old.Texts, t) {
			out.Texts = append(out.Texts, t)
		}
	}
	return out, nil
}

// subtract takes elements out of a set; an empty set goes.
func subtract(old attribute.Value, there bool, less attribute.Value) (attribute.Value, bool, error) {
	if !there {
		return old, false, nil
	}
	if old.Type != less.Type {
		return old, true, badOperand()
	}
	out := old
	out.Texts = slices.DeleteFunc(slices.Clone(old.Texts), func(t string) bool { return slices.Contains(less.Texts, t) })
	return out, len(out.Texts) > 0, nil
}

// eval is the value of the right side of SET.
func (n *node) eval(item attribute.Item) (attribute.Value, error) {
	switch n.op {
	case "value":
		return n.val, nil
	case "path":
		v, ok := n.path.get(item)
		if !ok {
			return v, attribute.Invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return v, nil
	}
	if n.name == "if_not_exists" {
		if v, ok := n.args[0].path.get(item); ok {
			return v, nil
		}
		return n.args[1].eval(item)
	}
	a, err := n.args[0].eval(item)
	if err != nil {
		return a, err
	}
	b, err := n.args[1].eval(item)
	if err != nil {
		return b, err
	}
	if n.name == "list_append" {
		if a.Type != attribute.L || b.Type != attribute.L {
			return a, badOperand()
		}
		return attribute.Value{Type: attribute.L, List: slices.Concat(a.List, b.List)}, nil
	}
	return sum(a, b, n.name)
}

func sum(a, b attribute.Value, op string) (attribute.Value, error) {
	if a.Type != attribute.N || b.Type != attribute.N {
		return a, badOperand()
	}
	x, err := attribute.ParseNumber(a.Text)
	if err != nil {
		return a, err
	}
	y, err := attribute.ParseNumber(b.Text)
	if err != nil {
		return a, err
	}
	if op == "-" {
		y = y.Negate()
	}
	x, err = x.Add(y)
	return x.Value(), err
}
