package app

import (
	"context"
	"maps"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query"
)

// maxRows bounds a result held in memory.
const maxRows = 1_000_000

// Query implements Backend.
func (a *App) Query(ctx context.Context, req QueryRequest, report base.Report) (ResultSet, error) {
	limit := req.Limit
	switch {
	case limit == 0:
		limit = 1000
	case limit < 0 || limit > maxRows:
		limit = maxRows
	}
	switch req.Dialect {
	case "", query.Athena, query.DuckDB:
	default:
		return ResultSet{}, base.Errorf(base.Usage, "dialect %q is not known", req.Dialect).WithHint("dialects: athena, duckdb")
	}
	sql := strings.TrimRight(strings.TrimSpace(req.SQL), "; \n\t")
	if sql == "" {
		return ResultSet{}, base.Errorf(base.Usage, "there is no statement to run")
	}
	q := query.Request{Text: query.Text{SQL: sql}, Session: session(req), MaxRows: limit, Report: report}
	if req.Receive == nil {
		res, err := a.query.Select(ctx, q, req.Dialect)
		if err != nil {
			return ResultSet{}, err
		}
		return resultSet(res), nil
	}
	if req.Limit < 0 {
		q.MaxRows = 0
	}
	r := &relay{send: req.Receive}
	out, err := a.query.Answer(ctx, q, req.Dialect, r)
	if err != nil {
		return ResultSet{}, err
	}
	return resultSet(&query.Result{Outcome: *out, Columns: r.columns}), nil
}

// session is what the statement runs in.
func session(req QueryRequest) query.Session {
	s := req.Session
	out := query.Session{User: req.User, Source: req.Source, Catalog: s.Catalog, Schema: s.Schema, Prepared: s.Prepared, Properties: s.Properties}
	if req.NoReuse {
		out.Properties = map[string]string{}
		maps.Copy(out.Properties, s.Properties)
		out.Properties[query.ReuseProperty] = "false"
	}
	return out
}

// relay hands an answer on as it comes.
type relay struct {
	send    func(RowBatch) error
	columns []port.EngineColumn
}

func (r *relay) Queued(string) {}
func (r *relay) Running()      {}

func (r *relay) Columns(cols []query.Column) error {
	for _, c := range cols {
		r.columns = append(r.columns, port.EngineColumn{Name: c.Name, Type: c.Type})
	}
	return r.send(RowBatch{Columns: columns(r.columns)})
}

func (r *relay) Rows(batch []byte, n int) error { return r.send(RowBatch{Rows: batch, N: n}) }

func columns(cols []port.EngineColumn) []Column {
	out := make([]Column, len(cols))
	for i, c := range cols {
		out[i] = Column{Name: c.Name, Type: hiveType(c.Type), SQLType: c.Type}
	}
	return out
}

func resultSet(r *query.Result) ResultSet {
	st := r.Stats
	out := ResultSet{ID: r.ID, Rows: r.Rows, Truncated: r.Truncated, Warnings: r.Warnings, Columns: columns(r.Columns),
		UpdateType: r.UpdateType, UpdateCount: r.UpdateCount, Session: sessionChange(r.Outcome),
		Stats: QueryStats{
			ElapsedMS: st.Elapsed.Milliseconds(), QueuedMS: st.Queued.Milliseconds(), ScannedBytes: st.ScanBytes, ScannedFiles: int64(st.ScanFiles),
			TotalFiles: int64(st.TotalFiles), ChargedBytes: st.ChargedBytes, PriceUSD: st.PriceUSD, Cached: st.Cached, CPUSeconds: st.CPUSeconds, PeakMemory: st.PeakMemory,
		}}
	if out.Rows == nil {
		out.Rows = [][]any{}
	}
	return out
}

func sessionChange(o query.Outcome) *SessionChange {
	if o.SetCatalog == "" && o.SetSchema == "" && len(o.AddPrepared)+len(o.DropPrepared)+len(o.SetProperties)+len(o.ResetProperties) == 0 {
		return nil
	}
	return &SessionChange{SetCatalog: o.SetCatalog, SetSchema: o.SetSchema, AddPrepared: o.AddPrepared, DropPrepared: o.DropPrepared,
		SetProperties: o.SetProperties, ResetProperties: o.ResetProperties}
}
