package query

import (
	"context"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/results"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Execution is a SELECT whose names are bound and whose tables are pinned. It
// belongs to the statement that runs it; whoever made Bound releases it after.
type Execution struct {
	Bound *Bound
	// SQL is the engine's text. Tree, if set, is a parse tree to run instead.
	SQL, Tree string
	// Instead is another text that may run in SQL's place.
	Instead *worker.Instead
	// Types are the columns' Trino types: rows then have the forms of Trino's
	// protocol. Without them values and types are the engine's.
	Types []string
	// Columns are announced to the receiver; empty means those the engine tells.
	Columns []Column
	// Functions are the Go functions that SQL calls.
	Functions []string
	// Volatile is set if the answer does not follow from SQL and the data read.
	Volatile bool
	Params   []port.Arg
	// MaxRows cuts the answer, 0 means all of it.
	MaxRows int
	// Locate moves an error from SQL into the user's text; nil leaves it.
	Locate func(error) error
	Report base.Report
}

// execute runs x and hands its rows to w's receiver: from the kept result of
// an equal statement over equal data, else in a worker once there is room.
// Stopping ctx stops it at every stage within a second; a receiver that is
// blocked then is left to return by itself and is not called again.
func (s *Service) execute(ctx context.Context, w *work, x Execution) (*Outcome, error) {
	w.planned(x.Bound)
	if err := s.limits.scan(x.Bound); err != nil {
		return nil, err
	}
	key, reuse := s.resultKey(w, x)
	if reuse {
		if out, found, err := s.replay(ctx, w, key); found {
			return out, err
		}
	}
	leave, err := s.enter(ctx, w)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.answer(ctx, w, x, key)
}

// answer runs x in a worker.
func (s *Service) answer(ctx context.Context, w *work, x Execution, key string) (*Outcome, error) {
	d := s.deliver(ctx, w, x.Columns)
	d.keepAs(key)
	task := worker.Task{
		Engine: s.statementEngine(), Catalog: Catalog, Database: s.o.Database, Params: x.Params,
		Select:   &worker.Select{SQL: x.SQL, Instead: x.Instead, Tree: x.Tree, Limit: x.MaxRows, Types: x.Types},
		Planning: planning,
	}
	task.Engine.Functions = x.Functions
	if x.Bound != nil {
		task.Relations, task.Sources = x.Bound.Relations, x.Bound.Sources
	}
	task.Keep()
	out := &Outcome{}
	usage, err := s.Run(d.ctx, task, worker.Handler{Message: func(m worker.Message) {
		switch {
		case m.Progress != nil:
			x.Report.Do(*m.Progress)
		case m.Columns != nil:
			d.columns(columnsOf(m.Columns))
		case m.Rows != nil:
			d.rows(m.Rows.JSON, m.Rows.N)
		case m.Warnings != nil:
			out.Warnings = append(out.Warnings, m.Warnings...)
		case m.Done != nil:
			out.Truncated = m.Done.Truncated
		}
	}})
	if err != nil && x.Locate != nil && d.ctx.Err() == nil {
		err = x.Locate(err)
	}
	err = d.finish(err, out)
	w.stats.CPUSeconds, w.stats.PeakMemory = usage.CPUSeconds, usage.PeakMemory
	if err != nil {
		return nil, err
	}
	return out, nil
}

// statementEngine is the configuration of one interactive statement.
func (s *Service) statementEngine() port.EngineConfig {
	return port.EngineConfig{Memory: s.limits.share(s.o.Memory), Threads: s.o.Threads}
}

func columnsOf(cols []port.EngineColumn) []Column {
	out := make([]Column, len(cols))
	for i, c := range cols {
		out[i] = Column{Name: c.Name, Type: c.Type}
	}
	return out
}

// replay answers from a kept result.
func (s *Service) replay(ctx context.Context, w *work, key string) (*Outcome, bool, error) {
	if !s.o.Results.Has(key) {
		return nil, false, nil
	}
	d := s.deliver(ctx, w, nil)
	out := &Outcome{}
	found, err := s.o.Results.Read(key, func(h results.Head) error {
		w.running()
		w.key, w.stats.Cached = key, true
		w.stats.ScanBytes, w.stats.ScanFiles, w.stats.ChargedBytes, w.stats.PriceUSD = 0, 0, 0, 0
		out.Truncated, out.Warnings = h.Truncated, h.Warnings
		cols := make([]Column, len(h.Columns))
		for i, c := range h.Columns {
			cols[i] = Column(c)
		}
		return d.columns(cols)
	}, func(batch []byte, n int) error {
		return d.rows(append([]byte{}, batch...), n)
	})
	if err = d.finish(err, out); !found {
		return nil, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	return out, true, nil
}
