package app

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/history"
	"github.com/mulgil/mulgil/internal/query/results"
)

// openHistory opens what keeps statements and their answers.
func (a *App) openHistory(ctx context.Context) (err error) {
	a.results = results.Open(results.Options{Dir: filepath.Join(a.p.DataDir, "results"), Clock: a.cfg.Clock})
	a.history, err = history.Open(ctx, history.Options{Store: a.state, Owner: a.cfg.Owner.Info().StartID, Clock: a.cfg.Clock, Log: a.cfg.Log})
	return err
}

// queryLimits are the project's limits of statements.
func (a *App) queryLimits() query.Limits {
	l := a.p.Limits
	return query.Limits{
		Timeout: l.QueryTimeout, ScanBytes: l.ScannedBytes, ResultRows: l.ResultRows, ResultBytes: l.ResultBytes,
		Concurrent: l.ConcurrentQueries, Queued: l.QueuedQueries, NoResultCache: l.NoResultCache,
	}
}

// listedSQL is how much of a statement's text a list shows.
const listedSQL = 1000

// QueryList implements Backend.
func (a *App) QueryList(ctx context.Context, req QueryListRequest) ([]QueryInfo, error) {
	switch history.State(req.State) {
	case "", history.Queued, history.Running, history.Succeeded, history.Failed, history.Cancelled:
	default:
		return nil, base.Errorf(base.Usage, "state %q is not known", req.State).WithHint("states: QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED")
	}
	list, err := a.history.List(ctx, history.Filter{State: history.State(req.State), User: req.User, Limit: req.Limit})
	if err != nil {
		return nil, err
	}
	out := make([]QueryInfo, len(list))
	for i, r := range list {
		out[i] = a.queryInfo(r)
		if text := []rune(out[i].SQL); len(text) > listedSQL {
			out[i].SQL = string(text[:listedSQL]) + "..."
		}
	}
	return out, nil
}

// QueryGet implements Backend.
func (a *App) QueryGet(ctx context.Context, req QueryGetRequest) (QueryInfo, error) {
	r, err := a.history.Get(ctx, req.ID)
	if err != nil {
		return QueryInfo{}, err
	}
	return a.queryInfo(r), nil
}

// QueryStop implements Backend.
func (a *App) QueryStop(ctx context.Context, req QueryStopRequest) (QueryInfo, error) {
	r, err := a.query.Stop(ctx, req.ID)
	if err != nil {
		return QueryInfo{}, err
	}
	return a.queryInfo(r), nil
}

var errEnough = errors.New("enough rows")

// QueryResults implements Backend.
func (a *App) QueryResults(ctx context.Context, req QueryResultsRequest) (ResultSet, error) {
	r, err := a.history.Get(ctx, req.ID)
	if err != nil {
		return ResultSet{}, err
	}
	if r.State != history.Succeeded {
		return ResultSet{}, base.Errorf(base.Conflict, "statement %s is %s: it has no rows to show", r.ID, r.State)
	}
	if req.Limit <= 0 || req.Limit > maxRows {
		req.Limit = 1000
	}
	res := &query.Result{Outcome: query.Outcome{ID: r.ID}}
	skip := max(req.Offset, 0)
	found, err := a.results.Read(r.ResultKey, func(h results.Head) error {
		res.Truncated, res.Warnings = h.Truncated, h.Warnings
		for _, c := range h.Columns {
			res.Columns = append(res.Columns, port.EngineColumn{Name: c.Name, Type: c.Type})
		}
		return nil
	}, func(batch []byte, n int) error {
		if skip >= n {
			skip -= n
			return nil
		}
		rows, err := query.DecodeRows(batch)
		if err != nil {
			return err
		}
		rows = rows[skip:]
		skip = 0
		if room := req.Limit - len(res.Rows); len(rows) > room {
			res.Rows, res.Truncated = append(res.Rows, rows[:room]...), true
			return errEnough
		}
		res.Rows = append(res.Rows, rows...)
		return ctx.Err()
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return ResultSet{}, err
	case !found:
		return ResultSet{}, base.Errorf(base.NotFound, "the rows of statement %s are not kept any more", r.ID).WithHint("run it again; rows are kept for 7 days, 5 GB in all")
	}
	out := resultSet(res)
	out.Stats = a.queryInfo(r).Stats
	return out, nil
}

func (a *App) queryInfo(r history.Record) QueryInfo {
	out := QueryInfo{
		ID: r.ID, State: QueryState(r.State), SQL: r.SQL, Kind: r.Kind, User: r.User, Source: r.Source, Catalog: r.Catalog, Schema: r.Schema,
		SubmittedAt: r.SubmittedAt, StartedAt: r.StartedAt, EndedAt: r.EndedAt, Rows: r.Rows,
		Stats: QueryStats{
			ElapsedMS: r.ElapsedMS, QueuedMS: r.QueuedMS, ScannedBytes: r.ScanBytes, ScannedFiles: r.ScanFiles, TotalFiles: r.TotalFiles,
			ChargedBytes: r.ChargedBytes, PriceUSD: r.PriceUSD, Cached: r.Cached, CPUSeconds: r.CPUSeconds, PeakMemory: r.PeakMemory,
		},
		ResultKept: r.State == history.Succeeded && a.results.Has(r.ResultKey),
	}
	if e := r.Error; e != nil {
		out.Error = &ErrorInfo{Kind: e.Kind, Code: e.Code, Message: e.Message, Hint: e.Hint}
		if e.Line > 0 {
			out.Error.Place = &ErrorPlace{Line: e.Line, Column: e.Column}
		}
	}
	return out
}
