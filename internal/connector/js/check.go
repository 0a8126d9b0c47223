package js

import (
	"context"
	"slices"
)

// References is what an expression takes from outside itself.
type References struct {
	// Variables are the uses of variables that the expression does not bind itself.
	Variables []Reference
	// Functions are the calls of functions that it does not define itself.
	Functions []Reference
	// Names are fields read where there is no context item: `a.b` rather than
	// `$x.a.b`. AWS refuses them.
	Names []Reference
}

// Reference is one use of a name.
type Reference struct {
	// Name is without $; "$" is the document ($$) and "" the context ($).
	Name string
	// Path has the member names that follow directly: ["input", "id"] of $states.input.id[0].
	Path []string
	// Offset is the byte of the expression where the name begins.
	Offset int
}

// Check finds faults of syntax. Its error is an *[Error] with an Offset.
func (e *Evaluator) Check(ctx context.Context, expr string) error {
	_, err := e.References(ctx, expr)
	return err
}

// References lists what expr refers to, in the order of the text. A fault of
// syntax is an *[Error].
func (e *Evaluator) References(ctx context.Context, expr string) (*References, error) {
	out := new(References)
	err := e.with(ctx, expr, func(s *session) error {
		c, err := s.program(expr)
		if err != nil {
			return err
		}
		out.Variables = located(expr, "$", c.refs.Variables)
		out.Functions = located(expr, "$", c.refs.Functions)
		out.Names = located(expr, "", c.refs.Names)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// located turns the library's positions (end of the token, in UTF-16 units)
// into byte offsets.
func located(expr, mark string, refs []reference) []Reference {
	out := make([]Reference, len(refs))
	for i, r := range refs {
		out[i] = Reference{r.Name, r.Path, tokenStart(expr, r.Position, mark+r.Name)}
	}
	slices.SortStableFunc(out, func(a, b Reference) int { return a.Offset - b.Offset })
	return out
}
