package app

import (
	"context"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
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
	q := query.Request{Text: query.Text{SQL: sql}, Session: query.Session{User: req.User, Source: req.Source}, MaxRows: limit, Report: report}
	if req.NoReuse {
		q.Session.Properties = map[string]string{query.ReuseProperty: "false"}
	}
	res, err := a.query.Select(ctx, q, req.Dialect)
	if err != nil {
		return ResultSet{}, err
	}
	return resultSet(res), nil
}

func resultSet(r *query.Result) ResultSet {
	st := r.Stats
	out := ResultSet{ID: r.ID, Rows: r.Rows, Truncated: r.Truncated, Warnings: r.Warnings, Columns: make([]Column, len(r.Columns)),
		Stats: QueryStats{
			ElapsedMS: st.Elapsed.Milliseconds(), QueuedMS: st.Queued.Milliseconds(), ScannedBytes: st.ScanBytes, ScannedFiles: int64(st.ScanFiles),
			TotalFiles: int64(st.TotalFiles), ChargedBytes: st.ChargedBytes, PriceUSD: st.PriceUSD, Cached: st.Cached, CPUSeconds: st.CPUSeconds, PeakMemory: st.PeakMemory,
		}}
	if out.Rows == nil {
		out.Rows = [][]any{}
	}
	for i, c := range r.Columns {
		out.Columns[i] = Column{Name: c.Name, Type: hiveType(c.Type)}
	}
	return out
}
