package js

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"github.com/mulgil/mulgil/internal/base"
)

// Program is JavaScript compiled once, for any number of machines.
type Program struct{ parts []*goja.Program }

// Source is one script of a program.
type Source struct {
	// Name stands in stack traces.
	Name string
	Text string
}

// Compile compiles scripts that a machine runs in the order given.
func Compile(sources ...Source) (*Program, error) {
	p := new(Program)
	for _, s := range sources {
		tree, err := goja.Parse(s.Name, s.Text, parser.WithDisableSourceMaps)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", s.Name, err)
		}
		part, err := goja.CompileAST(tree, false)
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", s.Name, err)
		}
		p.parts = append(p.parts, part)
	}
	return p, nil
}

// Pool lends machines that have run one program. Safe for concurrent use.
type Pool[T any] struct {
	program *Program
	prepare func(*goja.Runtime) (T, error)
	idle    chan machine[T]
	slots   chan struct{}
}

type machine[T any] struct {
	vm    *goja.Runtime
	state T
}

// maxCallStack bounds calls inside calls of JavaScript.
const maxCallStack = 20_000

// NewPool makes a pool of at most n machines (0: one a processor). prepare runs
// once on each new machine, after the program; what it returns is handed to
// every use of that machine.
func NewPool[T any](p *Program, n int, prepare func(*goja.Runtime) (T, error)) *Pool[T] {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return &Pool[T]{program: p, prepare: prepare, idle: make(chan machine[T], n), slots: make(chan struct{}, n)}
}

// ErrTimeout is the error of a use that took longer than its limit.
var ErrTimeout = errors.New("time limit exceeded")

// Do lends a machine to use, which must not keep it. It waits for a free one,
// and stops use when ctx ends (its error) or limit has passed ([ErrTimeout]).
// A panic of the engine and an exhausted stack are errors.
func (p *Pool[T]) Do(ctx context.Context, limit time.Duration, use func(*goja.Runtime, T) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, ErrTimeout)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	m, err := p.take()
	if err != nil {
		return err
	}
	sound, err := m.run(ctx, use)
	if sound {
		p.idle <- m // never blocks: no more machines than slots
	}
	return err
}

func (p *Pool[T]) take() (machine[T], error) {
	select {
	case m := <-p.idle:
		return m, nil
	default:
	}
	vm := goja.New()
	vm.SetMaxCallStackSize(maxCallStack)
	for _, part := range p.program.parts {
		if _, err := vm.RunProgram(part); err != nil {
			return machine[T]{}, fmt.Errorf("start the JavaScript machine: %w", err)
		}
	}
	state, err := p.prepare(vm)
	return machine[T]{vm, state}, err
}

// run says whether the machine may be used again.
func (m machine[T]) run(ctx context.Context, use func(*goja.Runtime, T) error) (sound bool, err error) {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		m.vm.Interrupt(context.Cause(ctx))
		close(interrupted)
	})
	defer func() {
		if fault := recover(); fault != nil {
			sound, err = false, base.Errorf(base.Internal, "the JavaScript engine failed: %v\n%s", fault, debug.Stack())
		}
		if !stop() {
			<-interrupted
			sound, err = false, context.Cause(ctx)
		}
	}()
	err = use(m.vm, m.state)
	var deep *goja.StackOverflowError
	return !errors.As(err, &deep), err
}
