package dynamo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base/attribute"
)

// step is one part of a document path: a name, or the index of a list.
type step struct {
	name  string
	index int
	list  bool
}

func (s step) String() string {
	if s.list {
		return fmt.Sprintf("[%d]", s.index)
	}
	return s.name
}

// Path is a document path: an attribute and what lies in it.
type Path []step

// Attribute is the path's first name.
func (p Path) Attribute() string { return p[0].name }

// String is the path as DynamoDB prints it: "[a, [1], b]".
func (p Path) String() string {
	s := make([]string, len(p))
	for i, x := range p {
		s[i] = x.String()
	}
	return "[" + strings.Join(s, ", ") + "]"
}

// get finds the value at the path.
func (p Path) get(item attribute.Item) (attribute.Value, bool) {
	v := attribute.Value{Type: attribute.M, Map: item}
	for _, s := range p {
		switch {
		case s.list && v.Type == attribute.L && s.index < len(v.List):
			v = v.List[s.index]
		case !s.list && v.Type == attribute.M:
			w, ok := v.Map[s.name]
			if !ok {
				return v, false
			}
			v = w
		default:
			return v, false
		}
	}
	return v, true
}

// clash tells how two paths cannot stand in one expression: "overlap" if one
// lies in the other, "conflict" if a part is a list in one and a map in the
// other; empty if they can.
func (p Path) clash(q Path) string {
	for i := range min(len(p), len(q)) {
		if p[i].list != q[i].list {
			return "conflict"
		}
		if p[i] != q[i] {
			return ""
		}
	}
	return "overlap"
}

// tree holds paths that do not clash by their steps; a leaf has do.
type tree struct {
	below map[step]*tree
	do    *action // nil in projections
}

// add puts a path into the tree.
func (t *tree) add(p Path, do *action) {
	for _, s := range p {
		if t.below == nil {
			t.below = map[step]*tree{}
		}
		if t.below[s] == nil {
			t.below[s] = &tree{}
		}
		t = t.below[s]
	}
	t.do = do
}

// indexes are the list elements the tree names, in order.
func (t *tree) indexes() []int {
	var out []int
	for s := range t.below {
		if s.list {
			out = append(out, s.index)
		}
	}
	slices.Sort(out)
	return out
}

// pick keeps of v what lies on the tree's paths; elements of lists move together.
func (t *tree) pick(v attribute.Value) (attribute.Value, bool) {
	if t.below == nil {
		return v, true
	}
	out := attribute.Value{Type: v.Type}
	switch v.Type {
	case attribute.M:
		out.Map = attribute.Item{}
		for s, sub := range t.below {
			w, ok := v.Map[s.name]
			if !ok || s.list {
				continue
			}
			if w, ok = sub.pick(w); ok {
				out.Map[s.name] = w
			}
		}
		return out, len(out.Map) > 0
	case attribute.L:
		for _, i := range t.indexes() {
			if i >= len(v.List) {
				break
			}
			if w, ok := t.below[step{index: i, list: true}].pick(v.List[i]); ok {
				out.List = append(out.List, w)
			}
		}
		return out, len(out.List) > 0
	}
	return out, false
}

// Projection is what a ProjectionExpression asks for.
type Projection struct{ paths []Path }

// Of is the part of the item that was asked for; empty if nothing of it is there.
func (p *Projection) Of(item attribute.Item) attribute.Item { return pick(item, p.paths) }

func pick(item attribute.Item, paths []Path) attribute.Item {
	t := &tree{}
	for _, p := range paths {
		t.add(p, nil)
	}
	v, ok := t.pick(attribute.Value{Type: attribute.M, Map: item})
	if !ok {
		return attribute.Item{}
	}
	return v.Map
}
