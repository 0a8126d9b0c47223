package workflow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// load folds an execution's journal.
func (e *Engine) load(ctx context.Context, x Execution) (*run, error) {
	m, err := e.machineOf(x)
	if err != nil {
		return nil, err
	}
	r, err := newRun(m, x, &e.setup)
	if err != nil {
		return nil, err
	}
	r.exec.Status, r.exec.Output, r.exec.Error, r.exec.Cause = Running, nil, nil, nil // the journal says
	records, err := queryRecords(ctx, e.opts.Store.Reader(), x.ID)
	if err != nil {
		return nil, err
	}
	for _, rec := range records {
		if err := r.apply(rec); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// machineOf is what an execution runs: its definition, or the part of it that
// a child of a map run runs.
func (e *Engine) machineOf(x Execution) (*asl.Machine, error) {
	workflow := x.Workflow
	if x.MapRun != "" {
		workflow, _, _ = strings.Cut(x.Workflow, "/")
	}
	m, err := e.machine(workflow+".asl.json", x.Definition, x.Express && x.MapRun == "")
	if err != nil {
		return nil, fmt.Errorf("definition of execution %s: %w", x.ID, err)
	}
	if x.Flow == "" {
		return m, nil
	}
	sub := m.Sub(x.Flow)
	if sub == nil {
		return nil, base.Errorf(base.Internal, "execution %s runs %s, which its definition does not have", x.ID, x.Flow)
	}
	sub.Express = x.Express
	return sub, nil
}

// ResumeAll goes on with every RUNNING execution that is not being interpreted
// and returns how many; children of map runs follow their Map. One that cannot
// be read is logged and left alone; its error is returned with the others'.
func (e *Engine) ResumeAll(ctx context.Context) (int, error) {
	list, err := e.List(ctx, Filter{Status: Running})
	if err != nil {
		return 0, err
	}
	n := 0
	var errs []error
	for _, x := range list {
		if e.runner(x.ID) != nil {
			continue
		}
		if err := e.resume(ctx, x); err != nil {
			e.opts.Log.Error("resume", "execution", x.ID, "error", err)
			errs = append(errs, err)
			continue
		}
		n++
	}
	if err := e.stopOrphans(ctx); err != nil {
		errs = append(errs, err)
	}
	return n, errors.Join(errs...)
}

// Resume carries on one execution that an earlier engine left RUNNING; one that
// runs already or is over stays as it is.
func (e *Engine) Resume(ctx context.Context, id string) error {
	x, err := e.Get(ctx, id)
	if err != nil || x.Status != Running || e.runner(id) != nil {
		return err
	}
	return e.resume(ctx, x)
}

func (e *Engine) resume(ctx context.Context, x Execution) error {
	r, err := e.load(ctx, x)
	if err != nil {
		return err
	}
	_, err = e.launch(x, r.machine, r)
	return err
}

// Redrive goes on with an execution that failed, timed out or was stopped, from
// the states that failed: what had succeeded is not run again. It returns how
// often the execution was redriven.
func (e *Engine) Redrive(ctx context.Context, id string) (int, error) {
	x, err := e.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	_, err = e.redrive(ctx, x)
	return x.Redrives + 1, err
}

func (e *Engine) redrive(ctx context.Context, x Execution) (*runner, error) {
	if x.Status == Running || x.Status == Succeeded || x.Express {
		return nil, base.Errorf(base.Conflict, "execution %s is %s: only one that failed, timed out or was stopped can be redriven", x.ID, x.Status).
			WithCode("ExecutionNotRedrivable")
	}
	r, err := e.load(ctx, x)
	if err != nil {
		return nil, err
	}
	if r.root == nil {
		return nil, base.Errorf(base.Conflict, "execution %s has no history to go on from", x.ID).WithCode("ExecutionNotRedrivable")
	}
	rec := r.record(nil, "ExecutionRedriven", r.lastID, Details{RedriveCount: r.redrives + 1}, own{}, e.opts.Clock.Now())
	if err := r.apply(rec); err != nil {
		return nil, err
	}
	if err := e.journal.append(ctx, x, rec); err != nil {
		return nil, fmt.Errorf("redrive %s: %w", x.ID, err)
	}
	return e.launch(x, r.machine, r)
}
