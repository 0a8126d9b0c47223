package duckdb

import (
	"fmt"
	"slices"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// narrower tells whether o could be called with f's parameters: f is then at
// least as specific. o's variables count as variables again.
func (f *fit) narrower(o *fit) bool {
	_, ok := fitOf(o.f, f.params)
	return ok
}

// choose picks the overload a call means: one that fits as it is, else the
// most specific of those that fit by coercion, else one for which only NULLs
// change their type, else any if all give the same type.
func choose(fits []*fit, args []types.Type) (*fit, error) {
	for _, f := range fits {
		if f.exact {
			return f, nil
		}
	}
	for _, f := range fits {
		best := true
		for _, o := range fits {
			best = best && f.narrower(o)
		}
		if best {
			return f, nil
		}
	}
	if f := onlyNulls(fits, args); f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("could not choose a best candidate operator; explicit type casts must be added")
}

// onlyNulls is the choice between equally specific overloads for a call with
// NULLs that have no type.
func onlyNulls(fits []*fit, args []types.Type) *fit {
	null := func(t types.Type) bool { return t.Kind == types.Unknown }
	if !slices.ContainsFunc(args, null) {
		return nil
	}
	var plain []*fit
	for _, f := range fits {
		same := true
		for i, t := range args {
			same = same && (null(t) || t.Equal(f.m.apply(f.s.param(i), nil)))
		}
		if same {
			plain = append(plain, f)
		}
	}
	if len(plain) > 0 {
		fits = plain
	}
	for _, f := range fits {
		if !f.result().Equal(fits[0].result()) {
			return nil
		}
	}
	return fits[0]
}

func (f *fit) result() types.Type { return f.m.apply(f.s.ret, nil) }
