package app

import (
	"context"
	"sync"
)

// behind is work that goes on after the operation that began it has ended.
type behind struct {
	mu     sync.Mutex
	ctx    context.Context
	stop   context.CancelFunc
	closed bool
	work   sync.WaitGroup
}

// run runs f in the background; its ctx ends with the project. After close it
// runs at once with an ended ctx.
func (b *behind) run(f func(ctx context.Context)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil {
		b.ctx, b.stop = context.WithCancel(context.Background())
	}
	if b.closed {
		b.stop()
	}
	ctx := b.ctx
	b.work.Go(func() { f(ctx) })
}

// drain waits for all of it; the error is ctx's if that ends first.
func (b *behind) drain(ctx context.Context) error {
	done := make(chan struct{})
	go func() { b.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close stops all of it and waits.
func (b *behind) close() {
	b.mu.Lock()
	b.closed = true
	if b.stop != nil {
		b.stop()
	}
	b.mu.Unlock()
	b.work.Wait()
}
