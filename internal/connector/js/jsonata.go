package js

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// libraryText is JSONata 2.2.2 of https://jsonata.org, unchanged.
//
//go:embed jsonata/jsonata.min.js
var libraryText string

//go:embed jsonata.js
var glueText string

var programs = sync.OnceValues(func() (*Program, error) {
	// The engine has no other way to bound a pattern that backtracks.
	regexp2.DefaultMatchTimeout = matchLimit
	return Compile(Source{"jsonata.min.js", libraryText})
})

var glue = sync.OnceValues(func() (*goja.Program, error) {
	return goja.Compile("jsonata.js", glueText, true)
})

// Options are the limits of an evaluation and where it gets time and chance
// from. The zero value means the defaults. AWS's own limits, as far as they were
// measured, are narrower (a depth of about 100, about 7 MB).
type Options struct {
	// Timeout of one evaluation, waiting for a machine included; 10 s.
	Timeout time.Duration
	// Bytes is the size of the biggest text or list one step may make; 64 MiB.
	// All values of one evaluation together may be 16 times that.
	Bytes int64
	// Depth of nested evaluation; 500.
	Depth int
	// Elements of the longest sequence; 1,000,000.
	Elements int
	// Cache is how many compiled expressions a machine keeps; 512.
	Cache int
	// Machines is how many expressions run at once; one a processor.
	Machines int
	// Now is the clock of $now and $millis; time.Now.
	Now func() time.Time
	// Random feeds $random, $shuffle and $uuid; crypto/rand. It must be safe for
	// concurrent use.
	Random io.Reader
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Bytes <= 0 {
		o.Bytes = 64 << 20
	}
	if o.Depth <= 0 {
		o.Depth = 500
	}
	if o.Elements <= 0 {
		o.Elements = 1_000_000
	}
	if o.Cache <= 0 {
		o.Cache = 512
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return o
}

// Evaluator evaluates JSONata as AWS Step Functions does. Safe for concurrent
// use; it holds no resource that must be closed.
type Evaluator struct {
	limits Options
	pool   *Pool[*session]
	fast   fastCache
}

// New makes an evaluator. Machines start when they are first needed.
func New(o Options) (*Evaluator, error) {
	program, err := programs()
	if err != nil {
		return nil, err
	}
	glue, err := glue()
	if err != nil {
		return nil, err
	}
	e := &Evaluator{limits: o.withDefaults()}
	e.fast.limit = e.limits.Cache
	e.pool = NewPool(program, o.Machines, func(vm *goja.Runtime) (*session, error) {
		return newSession(vm, glue, &e.limits)
	})
	return e, nil
}

// Eval computes expr, which stands without {% and %}. bindings are the variables
// it sees, named without $: "states" and those a workflow assigned, as JSON
// values (nil, bool, string, json.Number, []any, map[string]any). The value has
// the same form; what passes through untouched is the value that was bound, so
// it must not be changed. Keys of objects are seen in sorted order. defined is
// false when the expression gave nothing. A number beyond all bounds is the text
// "Infinity".
//
// A fault of the expression and a limit are an *[Error]; the end of ctx is a
// *base.Error of kind Canceled.
func (e *Evaluator) Eval(ctx context.Context, expr string, bindings map[string]any) (value any, defined bool, err error) {
	if value, defined, ok := e.fast.eval(expr, bindings); ok {
		return value, defined, nil
	}
	return e.slow(ctx, expr, bindings)
}

func (e *Evaluator) slow(ctx context.Context, expr string, bindings map[string]any) (value any, defined bool, err error) {
	err = e.with(ctx, expr, func(s *session) error {
		value, defined, err = s.eval(expr, "", bindings)
		return err
	})
	return value, defined && err == nil, err
}

func (e *Evaluator) with(ctx context.Context, expr string, use func(*session) error) error {
	err := e.pool.Do(ctx, e.limits.Timeout, func(_ *goja.Runtime, s *session) error {
		s.values, s.spent = newExchange(s.vm), 0
		err := use(s)
		var t *thrown
		if errors.As(err, &t) {
			return thrownError(expr, t.value)
		}
		return err
	})
	return fault(ctx, expr, err)
}
