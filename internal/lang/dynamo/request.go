package dynamo

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
)

// Request is the expressions of one call; nil means not given.
type Request struct {
	Condition, Update, Projection, Filter, KeyCondition *string
	// Names are the ExpressionAttributeNames, by #name.
	Names map[string]string
	// Values are the ExpressionAttributeValues, by :name.
	Values map[string]attribute.Value
}

// Expressions are those of a Request, ready to be applied; nil where not given.
type Expressions struct {
	Condition  *Condition
	Update     *Update
	Projection *Projection
	Filter     *Condition
	// Keys are the conditions of a KeyConditionExpression by attribute.
	Keys map[string]KeyCondition
	// Nested holds the attributes in which some path looks inside.
	Nested map[string]bool
}

var (
	goodName  = regexp.MustCompile(`^#[0-9a-zA-Z_]+$`)
	goodValue = regexp.MustCompile(`^:[0-9a-zA-Z_]+$`)
)

// Parse reads and checks the expressions of a request. Names and values that
// none of them uses are an error, as in DynamoDB.
func Parse(r Request) (Expressions, error) {
	out := Expressions{Nested: map[string]bool{}}
	s := &scope{Request: r, used: map[string]bool{}, nested: out.Nested}
	if err := s.placeholders(); err != nil {
		return out, err
	}
	if r.Update != nil {
		u, err := s.update(*r.Update)
		if err != nil {
			return out, within("UpdateExpression", err)
		}
		out.Update = u
	}
	if r.Condition != nil {
		n, err := s.condition(*r.Condition)
		if err != nil {
			return out, within("ConditionExpression", err)
		}
		out.Condition = &Condition{n}
	}
	if r.KeyCondition != nil {
		n, err := s.condition(*r.KeyCondition)
		if err != nil {
			return out, within("KeyConditionExpression", err)
		}
		out.Keys = map[string]KeyCondition{}
		if err := keyConditions(n, out.Keys); err != nil {
			return out, err
		}
	}
	if r.Filter != nil {
		n, err := s.condition(*r.Filter)
		if err != nil {
			return out, within("FilterExpression", err)
		}
		out.Filter = &Condition{n}
	}
	if r.Projection != nil {
		p, err := s.projection(*r.Projection)
		if err != nil {
			return out, within("ProjectionExpression", err)
		}
		out.Projection = p
	}
	return out, s.unused()
}

func within(parameter string, err *base.Error) error {
	return attribute.Invalid("Invalid %s: %s", parameter, err.Msg)
}

// scope is what the expressions of a request share.
type scope struct {
	Request
	used   map[string]bool // by name with its # or :
	nested map[string]bool
}

func (s *scope) placeholders() error {
	if s.Names != nil && len(s.Names) == 0 {
		return attribute.Invalid("ExpressionAttributeNames must not be empty")
	}
	for _, k := range slices.Sorted(maps.Keys(s.Names)) {
		if !goodName.MatchString(k) {
			return attribute.Invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: "%s"`, k)
		}
	}
	if s.Values != nil && len(s.Values) == 0 {
		return attribute.Invalid("ExpressionAttributeValues must not be empty")
	}
	for _, k := range slices.Sorted(maps.Keys(s.Values)) {
		if !goodValue.MatchString(k) {
			return attribute.Invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: "%s"`, k)
		}
	}
	return nil
}

func (s *scope) unused() error {
	for _, given := range []struct {
		parameter string
		names     []string
	}{
		{"ExpressionAttributeNames", slices.Sorted(maps.Keys(s.Names))},
		{"ExpressionAttributeValues", slices.Sorted(maps.Keys(s.Values))},
	} {
		left := slices.DeleteFunc(given.names, func(n string) bool { return s.used[n] })
		if len(left) > 0 {
			return attribute.Invalid("Value provided in %s unused in expressions: keys: {%s}", given.parameter, strings.Join(left, ", "))
		}
	}
	return nil
}

// faults keeps the first mistake of each rank; the lowest rank is told.
type faults map[rank]*base.Error

type rank int

func (f faults) note(r rank, format string, args ...any) {
	if f[r] == nil {
		f[r] = attribute.Invalid(format, args...)
	}
}

func (f faults) first() *base.Error {
	if len(f) == 0 {
		return nil
	}
	return f[slices.Min(slices.Collect(maps.Keys(f)))]
}

// path resolves the names in p in place: a reserved word is noted in f, a name
// that is not defined in own.
func (s *scope) path(p Path, f, own faults, reserved, undefined rank) {
	for i, x := range p {
		switch {
		case x.list:
		case x.name[0] != '#':
			if isReserved(x.name) {
				f.note(reserved, "Attribute name is a reserved keyword; reserved keyword: %s", x.name)
			}
		default:
			name, ok := s.Names[x.name]
			if !ok {
				own.note(undefined, "An expression attribute name used in the document path is not defined; attribute name: %s", x.name)
			}
			s.used[x.name] = true
			p[i].name = name
		}
	}
	if len(p) > 1 {
		s.nested[p.Attribute()] = true
	}
}

// value resolves a value node in place.
func (s *scope) value(n *node, f faults, undefined rank) {
	v, ok := s.Values[n.name]
	if !ok {
		f.note(undefined, "An expression attribute value used in expression is not defined; attribute value: %s", n.name)
	}
	s.used[n.name] = true
	n.val = v
}

// clashes reports the paths that cannot stand beside each other.
func clashes(all []Path, f faults, overlap, conflict rank) {
	for i, q := range all {
		for _, p := range all[:i] {
			if c := p.clash(q); c == "overlap" {
				f.note(overlap, "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", p, q)
			} else if c == "conflict" {
				f.note(conflict, "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", p, q)
			}
		}
	}
}

// projection checks a ProjectionExpression.
func (s *scope) projection(src string) (*Projection, *base.Error) {
	paths, err := parseProjection(src)
	if err != nil {
		return nil, err
	}
	f := faults{}
	for _, p := range paths {
		s.path(p, f, f, 0, 1)
	}
	clashes(paths, f, 2, 3)
	return &Projection{paths}, f.first()
}
