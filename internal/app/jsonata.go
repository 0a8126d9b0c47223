package app

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/connector/js"
)

// jsonata evaluates JSONata; its engine starts with the first expression.
type jsonata struct{ open func() (*js.Evaluator, error) }

// now and random may be nil: the machine's.
func newJSONata(now func() time.Time, random io.Reader) jsonata {
	return jsonata{sync.OnceValues(func() (*js.Evaluator, error) { return js.New(js.Options{Now: now, Random: random}) })}
}

// Eval implements asl.Evaluator.
func (j jsonata) Eval(ctx context.Context, expr string, bindings map[string]any) (value any, defined bool, err error) {
	e, err := j.open()
	if err != nil {
		return nil, false, err
	}
	return e.Eval(ctx, expr, bindings)
}

// Check implements asl.Evaluator.
func (j jsonata) Check(ctx context.Context, expr string) error {
	e, err := j.open()
	if err != nil {
		return err
	}
	return e.Check(ctx, expr)
}

// syntax is what is wrong with an expression, for asl.Options.
func (j jsonata) syntax(expr string) error { return j.Check(context.Background(), expr) }
