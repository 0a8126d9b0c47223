package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// expireStep is how many records are looked at together.
const expireStep = 200

// Expire removes the records and logs of runs that ended before t. A run that a
// workflow's task started stays while kept says so of the task: what is resumed
// must meet the run it began.
func (s *Service) Expire(ctx context.Context, t time.Time, kept func(ctx context.Context, task string) (bool, error)) error {
	for from, id := int64(0), ""; ; {
		list, err := s.records.list(ctx, `WHERE started < ? AND (started, id) > (?, ?) ORDER BY started, id LIMIT ?`, t.UnixMicro(), from, id, expireStep)
		if err != nil {
			return err
		}
		var old []string
		for _, run := range list {
			from, id = run.StartedAt.UnixMicro(), run.ID
			keep := run.EndedAt == nil || !run.EndedAt.Before(t)
			if !keep && run.WorkflowTask != "" {
				if keep, err = kept(ctx, run.WorkflowTask); err != nil {
					return err
				}
			}
			if !keep {
				old = append(old, id)
			}
		}
		if err := s.remove(ctx, old); err != nil {
			return fmt.Errorf("expire runs: %w", err)
		}
		if len(list) < expireStep {
			return nil
		}
	}
}

// remove deletes runs, their logs first: a record without a log does no harm.
func (s *Service) remove(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if err := os.Remove(s.LogPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return s.o.Store.Update(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(`DELETE FROM job_run WHERE id = ?`, id); err != nil {
				return err
			}
		}
		return nil
	})
}
