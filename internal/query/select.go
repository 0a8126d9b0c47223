package query

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Result is a statement's answer.
type Result struct {
	Columns []port.EngineColumn
	// Rows are JSON arrays, one element for each column.
	Rows [][]any
	// Truncated is set if more rows than the limit matched.
	Truncated             bool
	Elapsed               time.Duration
	ScanFiles, TotalFiles int
	ScanBytes             int64
	// Warnings tell of lines in text files that were read as rows of NULLs.
	Warnings []string
}

// Dialects a statement can be in.
const (
	Athena = "athena"
	DuckDB = "duckdb"
)

// Select runs one statement. Without the Athena front end, a statement in that
// dialect runs only where DuckDB is known to give Athena's answer as written;
// everything else is refused by name.
func (s *Service) Select(ctx context.Context, t Text, dialect string, limit int, report base.Report) (*Result, error) {
	b, err := s.Bind(ctx, []Text{t}, nil, nil)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	if dialect == "" || dialect == Athena {
		if err := portable(b); err != nil {
			return nil, t.Located(err)
		}
	}
	return s.run(ctx, t, b, nil, worker.Select{SQL: first(b, limit), Limit: limit}, port.EngineConfig{}, report)
}

// Preview runs a job's SELECT, or one of its named queries, and shows the
// first rows; nothing is written.
func (s *Service) Preview(ctx context.Context, t Text, params []port.Arg, cte string, limit int, report base.Report) (*Result, error) {
	b, err := s.Bind(ctx, []Text{t}, params, nil)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	q := worker.Select{SQL: first(b, limit), Limit: limit}
	if cte != "" {
		tree, ok := b.Statements[0].CTE(cte)
		if !ok {
			return nil, base.Errorf(base.Usage, "no CTE %q in this query", cte).WithHint("it has: %v", b.Analyses[0].CTEs)
		}
		q = worker.Select{Tree: tree, Limit: limit}
	}
	return s.run(ctx, t, b, params, q, port.EngineConfig{}, report)
}

// first is the bound statement, cut where nobody looks further: one row more
// than shown tells that there are more.
func first(b *Bound, limit int) string {
	if limit <= 0 {
		return b.Statements[0].SQL
	}
	return b.Statements[0].Limited(limit + 1)
}

func (s *Service) run(ctx context.Context, t Text, b *Bound, params []port.Arg, q worker.Select, cfg port.EngineConfig, report base.Report) (*Result, error) {
	if cfg.Memory == 0 {
		cfg = s.Engine(0, 0)
	}
	start := time.Now()
	task := worker.Task{Engine: cfg, Catalog: Catalog, Database: s.o.Database, Relations: b.Relations, Sources: b.Sources, Params: params, Select: &q}
	out := &Result{ScanFiles: b.ScanFiles, TotalFiles: b.TotalFiles, ScanBytes: b.ScanBytes}
	var broken error
	_, err := s.Run(ctx, task, worker.Handler{Message: func(m worker.Message) {
		switch {
		case m.Progress != nil:
			report.Do(*m.Progress)
		case m.Columns != nil:
			out.Columns = m.Columns
		case m.Rows != nil:
			if err := appendRows(out, m.Rows.JSON); err != nil {
				broken = err
			}
		case m.Warnings != nil:
			out.Warnings = append(out.Warnings, m.Warnings...)
		case m.Done != nil:
			out.Truncated = m.Done.Truncated
		}
	}})
	if err == nil {
		err = broken
	}
	if err != nil {
		if q.SQL != t.SQL && q.Tree == "" {
			err = ducksql.Unwrap(err, t.SQL)
		}
		return nil, t.Located(err)
	}
	out.Elapsed = time.Since(start)
	return out, nil
}

func appendRows(out *Result, b []byte) error {
	var rows [][]any
	if err := decodeNumbers(b, &rows); err != nil {
		return err
	}
	out.Rows = append(out.Rows, rows...)
	return nil
}

// Inspect shows the columns (rows = 0) or first rows of files on disk through
// a table function call that reads them.
func (s *Service) Inspect(ctx context.Context, from string, files []string, rows int) (*Result, error) {
	cfg := s.Engine(0, 0)
	cfg.Files = files
	task := worker.Task{Engine: cfg, Inspect: &worker.Inspect{From: from, Rows: rows}}
	out := &Result{}
	var broken error
	_, err := s.Run(ctx, task, worker.Handler{Message: func(m worker.Message) {
		switch {
		case m.Columns != nil:
			out.Columns = m.Columns
		case m.Rows != nil:
			if err := appendRows(out, m.Rows.JSON); err != nil {
				broken = err
			}
		}
	}})
	if err == nil {
		err = broken
	}
	return out, err
}

func decodeNumbers(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(v)
}
