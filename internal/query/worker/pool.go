package worker

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/mulgil/mulgil/internal/base"
)

// Pool keeps children ready, so that a statement does not wait for a process
// to start. Safe for concurrent use.
//
// The first task starts the first child. A child whose task ended well, or
// with a mistake in the SQL, is kept for the next one; a child that was
// stopped, broke down or took much more memory than its limit is killed, and
// if none is left another takes its place at once. A child that opened a
// source's connection is not used again either: it has seen its secrets.
type Pool struct {
	launcher Launcher
	keep     int
	mu       sync.Mutex // guards the fields below
	idle     []*process // the last one is taken first
	starting bool
	closed   bool
	work     sync.WaitGroup
}

// NewPool returns a pool that keeps at most keep idle children. None is started.
func NewPool(l Launcher, keep int) *Pool { return &Pool{launcher: l, keep: max(keep, 1)} }

// Warm starts a child unless one is ready. It does not wait.
func (p *Pool) Warm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.starting || len(p.idle) > 0 {
		return
	}
	p.starting = true
	p.work.Add(1)
	go func() {
		defer p.work.Done()
		child, err := p.launcher.start()
		p.mu.Lock()
		p.starting = false
		p.mu.Unlock()
		if err == nil { // else the next task tries again, and reports it
			p.give(child)
		}
	}()
}

// Run runs one task as Launcher.Run does, in a child that is ready if there is one.
func (p *Pool) Run(ctx context.Context, t Task, h Handler) (Usage, error) {
	spill := t.Engine.TempDir
	for {
		child, used, err := p.take(t.Kept)
		if err != nil {
			return Usage{}, err
		}
		if t.Kept != "" {
			child.spill = filepath.Join(spill, "worker-"+strconv.Itoa(child.cmd.Process.Pid))
			t.Engine.TempDir = child.spill
		}
		u, err := child.run(ctx, t, h)
		if !errors.Is(err, errHungUp) {
			child.tail.passTo(nil)
			p.put(child, t, u, err)
			return u, err
		}
		quiet := !child.heard
		child.discard()
		p.Warm()
		// A child that died while idle had no part in this task.
		if used && quiet && ctx.Err() == nil {
			continue
		}
		return usage(child.cmd.ProcessState), child.died()
	}
}

// take returns a child, one that has the wanted engine if there is one; used
// tells that it waited in the pool.
func (p *Pool) take(engine string) (child *process, used bool, err error) {
	p.mu.Lock()
	for len(p.idle) > 0 {
		i := p.choose(engine)
		child = p.idle[i]
		p.idle = slices.Delete(p.idle, i, i+1)
		if child.alive() {
			p.mu.Unlock()
			return child, true, nil
		}
		child.dismiss()
	}
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return nil, false, base.Errorf(base.Canceled, "the project is closing")
	}
	child, err = p.launcher.start()
	return child, false, err
}

// choose is the idle child to take: one that has the engine, else the one with
// the fewest to lose, the last used among equals.
func (p *Pool) choose(engine string) int {
	best := len(p.idle) - 1
	for i := best; i >= 0; i-- {
		switch c := p.idle[i]; {
		case engine != "" && slices.Contains(c.kept, engine):
			return i
		case len(c.kept) < len(p.idle[best].kept):
			best = i
		}
	}
	return best
}

// put decides whether a child that ended a task is used again.
func (p *Pool) put(child *process, t Task, u Usage, err error) {
	if sound(t, u, err) {
		child.keeps(t.Kept, err == nil)
		p.give(child)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		child.discard()
		return
	}
	p.work.Add(1)
	go func() {
		defer p.work.Done()
		child.discard()
		p.Warm()
	}()
}

// peakSlack is what a child may take beyond its engine's limit before it is
// replaced: the program itself, and values the engine does not count.
const peakSlack = 512 << 20

func sound(t Task, u Usage, err error) bool {
	switch {
	case err != nil && (base.KindOf(err) == base.Internal || base.KindOf(err) == base.Canceled):
		return false
	case len(t.Sources) > 0:
		return false
	}
	return u.PeakMemory <= t.Engine.Memory+t.Engine.Memory/4+peakSlack
}

// give adds an idle child, or ends it if there are enough.
func (p *Pool) give(child *process) {
	p.mu.Lock()
	keep := !p.closed && len(p.idle) < p.keep
	if keep {
		p.idle = append(p.idle, child)
	}
	p.mu.Unlock()
	if !keep {
		child.dismiss()
	}
}

// Close ends the idle children and waits for them. Tasks still running end
// with their ctx. Safe to call twice.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, child := range idle {
		child.discard()
	}
	p.work.Wait()
	return nil
}
