package query

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Result is a statement's answer, whole.
type Result struct {
	Outcome
	Columns []port.EngineColumn
	// Rows are JSON arrays, one element for each column.
	Rows [][]any
}

// Dialects a statement can be in.
const (
	Athena = "athena"
	DuckDB = "duckdb"
)

// Select runs one statement and holds its whole answer.
func (s *Service) Select(ctx context.Context, req Request, dialect string) (*Result, error) {
	recv := &collector{}
	out, err := s.Answer(ctx, req, dialect, recv)
	if err != nil {
		return nil, err
	}
	return &Result{Outcome: *out, Columns: recv.columns, Rows: recv.rows}, nil
}

// Answer runs one statement of either dialect; its rows go to recv as they come.
func (s *Service) Answer(ctx context.Context, req Request, dialect string, recv Receiver) (*Outcome, error) {
	if dialect != DuckDB {
		return s.Execute(ctx, req, recv)
	}
	return s.record(ctx, req, recv, func(ctx context.Context, w *work) (*Outcome, error) {
		w.named("SELECT")
		return s.selectDuckDB(ctx, w, req)
	})
}

func (s *Service) selectDuckDB(ctx context.Context, w *work, req Request) (*Outcome, error) {
	b, err := s.Bind(ctx, []Text{req.Text}, nil, nil)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	x := Execution{Bound: b, SQL: first(b, req.MaxRows), Volatile: volatile(b), MaxRows: req.MaxRows, Report: req.Report}
	x.Locate = func(err error) error {
		if x.SQL != req.SQL {
			err = ducksql.Unwrap(err, req.SQL)
		}
		return req.Located(err)
	}
	return s.execute(ctx, w, x)
}

// steady are DuckDB functions whose answer follows from their arguments alone.
var steady = map[string]bool{
	"count": true, "count_star": true, "sum": true, "min": true, "max": true, "avg": true, "round": true, "coalesce": true, "+": true, "-": true, "*": true, "/": true, "%": true,
	"lower": true, "upper": true, "row_number": true, "rank": true, "dense_rank": true, "~~": true, "!~~": true, "||": true, "substr": true, "substring": true,
}

// volatile tells whether a statement may answer differently over the same data:
// it does unless all it calls is known.
func volatile(b *Bound) bool {
	for i, a := range b.Analyses {
		for f := range a.Functions {
			if !steady[f] {
				return true
			}
		}
		if strings.Contains(strings.ToLower(b.Statements[i].SQL), "sample") {
			return true
		}
	}
	return false
}

// collector is a Receiver that holds the whole answer.
type collector struct {
	columns []port.EngineColumn
	rows    [][]any
}

func (c *collector) Queued(string) {}
func (c *collector) Running()      {}

func (c *collector) Columns(cols []Column) error {
	for _, col := range cols {
		c.columns = append(c.columns, port.EngineColumn{Name: col.Name, Type: col.Type})
	}
	return nil
}

func (c *collector) Rows(batch []byte, n int) error {
	rows, err := DecodeRows(batch)
	if err != nil {
		return err
	}
	c.rows = append(c.rows, rows...)
	return nil
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
	leave, err := s.queue.Enter(ctx, "preview", nil)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.run(ctx, t, b, params, q, report)
}

// first is the bound statement, cut where nobody looks further: one row more
// than shown tells that there are more.
func first(b *Bound, limit int) string {
	if limit <= 0 {
		return b.Statements[0].SQL
	}
	return b.Statements[0].Limited(limit + 1)
}

// runLowered runs a statement of Athena's dialect whose values are the engine's.
func (s *Service) runLowered(ctx context.Context, b *Bound, functions []string, q worker.Select, report base.Report) (*Result, error) {
	start := time.Now()
	task := worker.Task{Engine: s.statementEngine(), Catalog: Catalog, Database: s.o.Database, Relations: b.Relations, Sources: b.Sources, Select: &q}
	task.Engine.Functions = functions
	out := &Result{Outcome: Outcome{Stats: Stats{ScanFiles: b.ScanFiles, TotalFiles: b.TotalFiles, ScanBytes: b.ScanBytes}}}
	out.Stats.ChargedBytes, out.Stats.PriceUSD = Charge(b.ScanBytes)
	if err := s.collect(ctx, task, out, report); err != nil {
		return nil, err
	}
	out.Stats.Elapsed = time.Since(start)
	return out, nil
}

func (s *Service) run(ctx context.Context, t Text, b *Bound, params []port.Arg, q worker.Select, report base.Report) (*Result, error) {
	start := time.Now()
	task := worker.Task{Engine: s.statementEngine(), Catalog: Catalog, Database: s.o.Database, Relations: b.Relations, Sources: b.Sources, Params: params, Select: &q}
	out := &Result{Outcome: Outcome{Stats: Stats{ScanFiles: b.ScanFiles, TotalFiles: b.TotalFiles, ScanBytes: b.ScanBytes}}}
	out.Stats.ChargedBytes, out.Stats.PriceUSD = Charge(b.ScanBytes)
	err := s.collect(ctx, task, out, report)
	if err != nil {
		if q.SQL != t.SQL && q.Tree == "" {
			err = ducksql.Unwrap(err, t.SQL)
		}
		return nil, t.Located(err)
	}
	out.Stats.Elapsed = time.Since(start)
	return out, nil
}

// collect runs a task and holds its whole answer.
func (s *Service) collect(ctx context.Context, task worker.Task, out *Result, report base.Report) error {
	recv := &collector{}
	var broken error
	_, err := s.Run(ctx, task, worker.Handler{Message: func(m worker.Message) {
		switch {
		case m.Progress != nil:
			report.Do(*m.Progress)
		case m.Columns != nil:
			out.Columns = m.Columns
		case m.Rows != nil:
			if err := recv.Rows(m.Rows.JSON, m.Rows.N); err != nil {
				broken = err
			}
		case m.Warnings != nil:
			out.Warnings = append(out.Warnings, m.Warnings...)
		case m.Done != nil:
			out.Truncated = m.Done.Truncated
		}
	}})
	out.Rows = recv.rows
	return cmp.Or(err, broken)
}

// Inspect shows the columns (rows = 0) or first rows of files on disk through
// a table function call that reads them.
func (s *Service) Inspect(ctx context.Context, from string, files []string, rows int) (*Result, error) {
	cfg := s.Engine(0, 0)
	cfg.Files = files
	task := worker.Task{Engine: cfg, Inspect: &worker.Inspect{From: from, Rows: rows}}
	out := &Result{}
	return out, s.collect(ctx, task, out, nil)
}

// DecodeRows reads a batch of rows; numbers keep their digits.
func DecodeRows(batch []byte) ([][]any, error) {
	d := json.NewDecoder(bytes.NewReader(batch))
	d.UseNumber()
	var rows [][]any
	err := d.Decode(&rows)
	return rows, err
}
