package schedule

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Times are in microseconds since 1970; 0 is none.
var migrations = []string{`
CREATE TABLE schedule (
	name TEXT PRIMARY KEY, definition TEXT NOT NULL,
	anchor INTEGER NOT NULL,   -- where a rate counts from: when the schedule was first seen
	cursor INTEGER NOT NULL,   -- nominal times up to here are settled
	declared INTEGER NOT NULL, -- enabled: in the project when switched was set
	switched INTEGER           -- enabled or disabled by hand
);
CREATE TABLE schedule_fire (
	schedule TEXT NOT NULL, nominal INTEGER NOT NULL, manual INTEGER NOT NULL,
	kind TEXT NOT NULL, target TEXT NOT NULL, state TEXT NOT NULL, catch_up INTEGER NOT NULL, due INTEGER NOT NULL,
	attempts INTEGER NOT NULL, first INTEGER NOT NULL, run TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL,
	error TEXT NOT NULL, missed INTEGER NOT NULL,
	PRIMARY KEY (schedule, nominal, manual)) WITHOUT ROWID;
CREATE INDEX schedule_fire_by_time ON schedule_fire (nominal);
CREATE INDEX schedule_fire_open ON schedule_fire (schedule, nominal) WHERE state IN ('WAITING', 'STARTED');`}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// entry is a schedule's row.
type entry struct {
	anchor, cursor time.Time
	enabled        bool
}

// querier is a transaction or the read pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readEntry gives the row of d, false if there is none or it is of another definition.
func readEntry(ctx context.Context, q querier, d *Schedule) (e entry, ok bool, err error) {
	var definition string
	var anchor, cursor int64
	var declared bool
	var switched sql.NullBool
	err = q.QueryRowContext(ctx, `SELECT definition, anchor, cursor, declared, switched FROM schedule WHERE name = ?`, d.Name).
		Scan(&definition, &anchor, &cursor, &declared, &switched)
	e.enabled = d.Enabled
	if err == sql.ErrNoRows {
		return e, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("read schedule %s: %w", d.Name, err)
	}
	if switched.Valid && declared == d.Enabled {
		e.enabled = switched.Bool
	}
	e.anchor, e.cursor = fromMicros(anchor), fromMicros(cursor)
	return e, definition == d.definition(), nil
}

// register gives d a row if it has none, and begins it anew if its definition
// changed or the project switches it on.
func (s *Service) register(ctx context.Context, d *Schedule) (entry, error) {
	var e entry
	err := s.o.Store.Update(ctx, func(tx *sql.Tx) error {
		var known bool
		var err error
		if e, known, err = readEntry(ctx, tx, d); err != nil {
			return err
		}
		now := s.now()
		if known {
			r, err := tx.Exec(`UPDATE schedule SET declared = ?1, switched = NULL, cursor = CASE WHEN ?1 THEN ?2 ELSE cursor END WHERE name = ?3 AND declared <> ?1`,
				d.Enabled, micros(now), d.Name)
			if err != nil {
				return err
			}
			if n, err := r.RowsAffected(); err != nil || n == 0 {
				return err
			}
			e, _, err = readEntry(ctx, tx, d)
			return err
		}
		e.anchor, e.cursor = now, now.Add(-time.Microsecond) // a rate fires at its anchor
		_, err = tx.Exec(`INSERT INTO schedule VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (name) DO UPDATE SET
			definition = excluded.definition, anchor = excluded.anchor, cursor = excluded.cursor`,
			d.Name, d.definition(), micros(e.anchor), micros(e.cursor), d.Enabled)
		return err
	})
	if err != nil {
		return e, fmt.Errorf("register schedule %s: %w", d.Name, err)
	}
	return e, nil
}

// taken are the nominal times in (from, to] that have fired or were settled.
func (s *Service) taken(ctx context.Context, name string, from, to time.Time) (map[int64]bool, error) {
	rows, err := s.o.Store.Reader().QueryContext(ctx, `SELECT nominal FROM schedule_fire WHERE schedule = ? AND nominal > ? AND nominal <= ? AND manual = 0`,
		name, micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("read fires: %w", err)
	}
	defer rows.Close()
	out := map[int64]bool{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("read fires: %w", err)
		}
		out[n] = true
	}
	return out, rows.Err()
}

func moveCursor(tx *sql.Tx, name string, to time.Time) error {
	_, err := tx.Exec(`UPDATE schedule SET cursor = ? WHERE name = ?`, micros(to), name)
	return err
}

const fireColumns = `SELECT schedule, nominal, manual, kind, target, state, catch_up, due, attempts, first, run, started, ended, error, missed FROM schedule_fire `

func queryFires(ctx context.Context, q querier, where string, args ...any) ([]Fire, error) {
	rows, err := q.QueryContext(ctx, fireColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read fires: %w", err)
	}
	defer rows.Close()
	var out []Fire
	for rows.Next() {
		var f Fire
		var nominal, manual, due, first, started, ended int64
		err := rows.Scan(&f.Schedule, &nominal, &manual, &f.Target.Kind, &f.Target.Name, &f.State, &f.CatchUp, &due, &f.Attempts, &first, &f.Run,
			&started, &ended, &f.Error, &f.Missed)
		if err != nil {
			return nil, fmt.Errorf("read fires: %w", err)
		}
		f.Nominal, f.Manual, f.Due, f.First = fromMicros(nominal), fromMicros(manual), fromMicros(due), fromMicros(first)
		f.Started, f.Ended = fromMicros(started), fromMicros(ended)
		out = append(out, f)
	}
	return out, rows.Err()
}

// errTaken says that a fire is another's already.
var errTaken = base.Errorf(base.Exists, "the schedule has fired for this time already")

// insertFire adds a new fire; errTaken if it is there.
func insertFire(tx *sql.Tx, f *Fire) error {
	r, err := tx.Exec(`INSERT INTO schedule_fire VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Schedule, micros(f.Nominal), micros(f.Manual), f.Target.Kind, f.Target.Name, f.State, f.CatchUp, micros(f.Due), f.Attempts, micros(f.First), f.Run,
		micros(f.Started), micros(f.Ended), f.Error, f.Missed)
	if err != nil {
		return fmt.Errorf("record fire: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errTaken
	}
	return nil
}

// updateFire changes a fire that is in state from; errTaken if it is not.
func updateFire(tx *sql.Tx, f *Fire, from State) error {
	r, err := tx.Exec(`UPDATE schedule_fire SET state = ?, due = ?, attempts = ?, first = ?, run = ?, started = ?, ended = ?, error = ?
		WHERE schedule = ? AND nominal = ? AND manual = ? AND state = ?`,
		f.State, micros(f.Due), f.Attempts, micros(f.First), f.Run, micros(f.Started), micros(f.Ended), f.Error,
		f.Schedule, micros(f.Nominal), micros(f.Manual), from)
	if err != nil {
		return fmt.Errorf("record fire: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errTaken
	}
	return nil
}
