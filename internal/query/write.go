package query

import (
	"context"
	"errors"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// lakeWrite is one statement's write to a table of the lake: the rows of a
// bound query, or changes of rows.
type lakeWrite struct {
	target lake.Target
	bound  *Bound
	rows   *duckdb.Stored
	change *worker.Change
}

// wrote counts what a write did.
type wrote struct {
	// rows were written, changed those of a change; files stand for replaced.
	rows, changed   int64
	files, replaced []string
}

// admit lets a statement begin once there is room for it.
func (s *Service) admit(ctx context.Context, w *work, b *Bound) (leave func(), err error) {
	w.planned(b)
	if err := s.limits.scan(b); err != nil {
		return nil, err
	}
	return s.enter(ctx, w)
}

func (s *Service) enter(ctx context.Context, w *work) (leave func(), err error) {
	waiting := s.o.Clock.Now()
	leave, err = s.queue.Enter(ctx, w.session.User+"\x00"+w.session.Source, nil)
	w.stats.Queued = s.o.Clock.Now().Sub(waiting)
	if err != nil {
		return nil, err
	}
	w.running()
	return leave, nil
}

// writeLake has a worker write the rows and commits them: all at once, under
// the statement's id. Whatever goes wrong before leaves the table as it was.
func (a *athena) writeLake(ctx context.Context, x lakeWrite) (*wrote, error) {
	leave, err := a.s.admit(ctx, a.w, x.bound)
	if err != nil {
		return nil, err
	}
	defer leave()
	w, err := a.s.o.Lake.Begin(ctx, a.w.id, []lake.Target{x.target})
	if err != nil {
		return nil, err
	}
	out, err := a.fill(ctx, w, x)
	if err == nil && x.change != nil && out.changed == 0 {
		return out, w.Abort(context.WithoutCancel(ctx)) // nothing to commit
	}
	if err == nil {
		_, err = w.Commit(ctx, []lake.Output{{Files: out.files, Replaced: out.replaced}}, map[string]string{"mulgil.statement": a.w.id})
	}
	if err != nil {
		if aerr := w.Abort(context.WithoutCancel(ctx)); aerr != nil {
			return nil, errors.Join(err, aerr)
		}
		return nil, err
	}
	return out, nil
}

// fill runs the worker that writes the files.
func (a *athena) fill(ctx context.Context, w *lake.Write, x lakeWrite) (*wrote, error) {
	o := worker.Output{Name: "rows", SQL: x.rows.SQL, Change: x.change}
	t := a.task(x.bound, x.rows.Functions)
	t.Engine.Dirs = w.Dirs()
	t.Write = &worker.Write{Outputs: []worker.Output{o}, Trino: true}
	out := &wrote{}
	h := worker.Handler{
		Plan: func(ctx context.Context, d worker.Described) (worker.Plan, error) {
			p, err := w.Prepare(ctx, d.I, d.Fields)
			return worker.Plan{Fields: p.Fields, PartitionBy: p.PartitionBy, Dir: p.Dir, Prefix: p.FilePrefix}, err
		},
		Message: func(m worker.Message) {
			a.hear(m)
			if m.Written != nil {
				out.rows, out.changed, out.files, out.replaced = m.Written.Rows, m.Written.Changed, m.Written.Files, m.Written.Replaced
			}
		},
	}
	return out, a.runWrite(ctx, t, h)
}

// task is what all the statement's workers are given.
func (a *athena) task(b *Bound, functions []string) worker.Task {
	t := worker.Task{Engine: a.s.statementEngine(), Catalog: Catalog, Database: a.s.o.Database, Statement: true, Planning: planning}
	t.Engine.Functions = functions
	if b != nil {
		t.Relations, t.Sources = b.Relations, b.Sources
	}
	return t
}

// hear takes what every task may say.
func (a *athena) hear(m worker.Message) {
	switch {
	case m.Progress != nil:
		a.req.Report.Do(*m.Progress)
	case m.Warnings != nil:
		a.warnings = append(a.warnings, m.Warnings...)
	}
}

func (a *athena) runWrite(ctx context.Context, t worker.Task, h worker.Handler) error {
	used, err := a.s.Run(ctx, t, h)
	a.w.stats.CPUSeconds += used.CPUSeconds
	a.w.stats.PeakMemory = max(a.w.stats.PeakMemory, used.PeakMemory)
	return notOurs(err)
}

// changed is the outcome of a statement that counted rows.
func (a *athena) changed(kind string, n int64) *Outcome {
	a.w.stats.Rows = n
	return &Outcome{UpdateType: kind, UpdateCount: &n, Warnings: a.warnings}
}

// done is the outcome of a statement that counted nothing.
func (a *athena) done(kind string, err error) (*Outcome, error) {
	if err != nil {
		return nil, err
	}
	return &Outcome{UpdateType: kind, Warnings: a.warnings}, nil
}

// changeTries bounds how often a change is computed again because another
// write came between.
const changeTries = 10

// again repeats do while it meets other writes to the same table.
func again(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if base.KindOf(err) != base.Conflict || try == changeTries || ctx.Err() != nil {
			return err
		}
	}
}
