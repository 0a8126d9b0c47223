package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/port"
)

// expired marks an execution that is being removed, so that nobody reads or
// redrives what is left of it.
const expired Status = "EXPIRED"

// expireStep is how many executions are removed together.
const expireStep = 50

// Expire removes the executions that ended before the time given, with their
// events, map runs and children, in small transactions. What was interrupted is
// taken up by the next. Definitions stay.
func (e *Engine) Expire(ctx context.Context, before time.Time) error {
	for {
		ids, err := e.markExpired(ctx, before)
		if err == nil && len(ids) > 0 {
			err = e.remove(ctx, ids)
		}
		if err != nil {
			return fmt.Errorf("expire executions: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
	}
}

const isExpired = `map_run = '' AND status <> 'RUNNING' AND started < ?1 AND (stopped < ?1 OR status = 'EXPIRED') `

func (e *Engine) markExpired(ctx context.Context, before time.Time) ([]string, error) {
	ids, err := texts(ctx, e.opts.Store.Reader(), `SELECT id FROM workflow_execution WHERE `+isExpired+`LIMIT 1`, before.UnixMicro())
	if err != nil || len(ids) == 0 { // the usual case writes nothing
		return nil, err
	}
	err = e.opts.Store.Update(ctx, func(tx *sql.Tx) (err error) {
		ids, err = texts(ctx, tx, `UPDATE workflow_execution SET status = 'EXPIRED'
			WHERE id IN (SELECT id FROM workflow_execution WHERE `+isExpired+`LIMIT ?2) RETURNING id`, before.UnixMicro(), expireStep)
		return err
	})
	return ids, err
}

// remove deletes executions, what refers to them first.
func (e *Engine) remove(ctx context.Context, ids []string) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	arns, err := texts(ctx, e.opts.Store.Reader(), `SELECT arn FROM workflow_map_run WHERE execution IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return err
	}
	for _, arn := range arns {
		if err := e.removeChildren(ctx, arn); err != nil {
			return err
		}
	}
	for _, what := range []string{
		`workflow_map_run WHERE arn IN (SELECT arn FROM workflow_map_run WHERE execution IN (SELECT value FROM json_each(?)) LIMIT ?)`,
		`workflow_event WHERE (execution, seq) IN (SELECT execution, seq FROM workflow_event WHERE execution IN (SELECT value FROM json_each(?)) LIMIT ?)`,
		`workflow_execution WHERE id IN (SELECT value FROM json_each(?) LIMIT ?)`,
	} {
		if err := port.Prune(ctx, e.opts.Store, what, string(list)); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) removeChildren(ctx context.Context, mapRun string) error {
	for {
		ids, err := texts(ctx, e.opts.Store.Reader(), `SELECT id FROM workflow_execution WHERE map_run = ? LIMIT ?`, mapRun, expireStep)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := e.remove(ctx, ids); err != nil {
			return err
		}
	}
}

// texts reads one column.
func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
