package duckdb

import (
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// field is a column that can be named.
type field struct {
	// quals are the names that may stand before it, outermost first.
	quals  []string
	name   string
	typ    types.Type
	sql    string
	col    *origin
	hidden bool
}

// scope is what can be named at a place, and what lies around it.
type scope struct {
	parent *scope
	fields []field
	// group is set for what comes after GROUP BY: columns are then its keys.
	group *grouping
	// lambda marks the arguments of a lambda: they hide what is around.
	lambda bool
	// outputs are the select list's columns, seen first by ORDER BY.
	outputs []field
	// what tells where expressions stand, for messages: "WHERE clause".
	what string
	// noAgg and noWindow refuse such calls here.
	noAgg, noWindow bool
}

// inner is an empty scope below s.
func inner(s *scope) *scope { return &scope{parent: s} }

// clause is s under another name and its own rules about calls.
func (s *scope) clause(what string, noAgg, noWindow bool) *scope {
	c := *s
	c.what, c.noAgg, c.noWindow = what, noAgg, noWindow
	return &c
}

// plain is the scope that is not a lambda's.
func (s *scope) plain() *scope {
	for s != nil && s.lambda {
		s = s.parent
	}
	return s
}

// inLambda tells whether the arguments of a lambda are in sight.
func (s *scope) inLambda() bool { return s != nil && s.lambda }

// found is where a name led.
type found struct {
	field
	at *scope
	// used is how many parts of the name it took.
	used int
}

// lookup finds the longest prefix of parts that names a column, nearest scope first.
func (b *binder) lookup(n trino.Node, parts []trino.Name, s *scope) (*found, error) {
	for ; s != nil; s = s.parent {
		if len(parts) > 0 {
			if f, err := b.pick(n, s.outputs, parts, 1); f != nil || err != nil {
				return at(f, s, 1), err
			}
		}
		for k := min(len(parts), 4); k >= 1; k-- {
			f, err := b.pick(n, s.fields, parts, k)
			if err != nil {
				return nil, err
			}
			if f != nil {
				return at(f, s, k), nil
			}
		}
	}
	return nil, nil
}

func at(f *field, s *scope, used int) *found {
	if f == nil {
		return nil
	}
	return &found{field: *f, at: s, used: used}
}

func (b *binder) pick(n trino.Node, fields []field, parts []trino.Name, k int) (*field, error) {
	var hit *field
	for i := range fields {
		f := &fields[i]
		if f.name != parts[k-1].Text || f.name == "" || !qualified(f.quals, parts[:k-1]) {
			continue
		}
		if hit != nil && hit.sql != f.sql {
			return nil, b.fail(n, "AMBIGUOUS_NAME", "column %q is ambiguous", dotted(parts[:k])).
				WithHint("put the table's name before it")
		}
		hit = f
	}
	return hit, nil
}

// qualified tells whether q is the end of quals.
func qualified(quals []string, q []trino.Name) bool {
	if len(q) > len(quals) {
		return false
	}
	for i, p := range q {
		if quals[len(quals)-len(q)+i] != p.Text {
			return false
		}
	}
	return true
}

func dotted(parts []trino.Name) string {
	s := make([]string, len(parts))
	for i, p := range parts {
		s[i] = p.Raw
		if s[i] == "" {
			s[i] = p.Text
		}
	}
	return strings.Join(s, ".")
}

// unknown is the error for a name that leads nowhere.
func (b *binder) unknown(n trino.Node, parts []trino.Name, s *scope) error {
	last := parts[len(parts)-1].Text
	e := b.fail(n, "COLUMN_NOT_FOUND", "column %q cannot be resolved", dotted(parts))
	var names []string
	for ; s != nil; s = s.parent {
		for _, f := range s.fields {
			if f.name == last && len(parts) > 1 && len(f.quals) > 0 {
				return e.WithHint("%q is a column of %s", last, f.quals[len(f.quals)-1])
			}
			names = append(names, f.name)
		}
	}
	return didYouMean(e, last, names)
}

// didYouMean adds the nearest of names to e, if one is near.
func didYouMean(e *base.Error, word string, names []string) *base.Error {
	best, least := "", max(1, len(word)/3)+1
	for _, n := range names {
		if d := base.Distance(word, n); n != "" && d < least {
			best, least = n, d
		}
	}
	if best != "" {
		e = e.WithHint("did you mean %q?", best)
	}
	return e
}
