package crawl

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

var migrations = []string{`
CREATE TABLE crawler (
  name TEXT PRIMARY KEY,
  version INTEGER NOT NULL, hash TEXT NOT NULL,
  created TEXT NOT NULL, updated TEXT NOT NULL,
  state TEXT NOT NULL, run TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE crawler_run (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE, crawler TEXT NOT NULL,
  record TEXT NOT NULL -- JSON of Run
);
CREATE INDEX crawler_run_by_crawler ON crawler_run (crawler, seq);
CREATE TABLE crawler_folder (
  crawler TEXT NOT NULL, path TEXT NOT NULL, summary TEXT NOT NULL,
  PRIMARY KEY (crawler, path)
) WITHOUT ROWID;`}

// Run is one crawl.
type Run struct {
	ID      string     `json:"id"`
	Crawler string     `json:"crawler"`
	Started time.Time  `json:"started"`
	Ended   *time.Time `json:"ended,omitempty"`
	// Status is RUNNING, SUCCEEDED, CANCELLED or FAILED.
	Status            string   `json:"status"`
	Error             string   `json:"error,omitempty"`
	TablesCreated     int      `json:"tables_created"`
	TablesUpdated     int      `json:"tables_updated"`
	TablesDeleted     int      `json:"tables_deleted"` // deprecated ones too
	PartitionsAdded   int      `json:"partitions_added"`
	PartitionsRemoved int      `json:"partitions_removed"`
	FilesSeen         int64    `json:"files_seen"`
	Log               []string `json:"log"`
	// Diff is what the crawl found; which of it was done says Applied there. Nil if it failed before.
	Diff *Diff `json:"diff,omitempty"`
}

// Interrupted tells whether the crawl ended because its owner did.
func (r Run) Interrupted() bool { return r.Status == Failed && r.Error == errClosed.Error() }

// The states of a crawler and of a run, as Glue names them.
const (
	Ready     = "READY"
	Running   = "RUNNING"
	Stopping  = "STOPPING"
	Succeeded = "SUCCEEDED"
	Cancelled = "CANCELLED"
	Failed    = "FAILED"
)

// row is a crawler's durable state.
type row struct {
	name             string
	version          int64
	created, updated time.Time
	state, run       string
}

// state is the crawlers' part of state.db.
type state struct{ db port.Store }

const stamp = time.RFC3339Nano

// define records a definition; a changed one is a new version.
func (s state) define(ctx context.Context, d Definition, now time.Time) error {
	at := now.UTC().Format(stamp)
	return s.db.Update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO crawler VALUES (?, 1, ?, ?, ?, 'READY', '')
			ON CONFLICT (name) DO UPDATE SET version = version + 1, hash = excluded.hash, updated = excluded.updated WHERE hash <> excluded.hash`,
			d.Name, d.hash(), at, at)
		return err
	})
}

func (s state) get(q interface {
	QueryRow(string, ...any) *sql.Row
}, name string) (row, error) {
	r := row{name: name}
	var created, updated string
	err := q.QueryRow(`SELECT version, created, updated, state, run FROM crawler WHERE name = ?`, name).Scan(&r.version, &created, &updated, &r.state, &r.run)
	if errors.Is(err, sql.ErrNoRows) {
		return r, unknown(name)
	}
	if err == nil {
		r.created, err = time.Parse(stamp, created)
	}
	if err == nil {
		r.updated, err = time.Parse(stamp, updated)
	}
	if err != nil {
		return r, fmt.Errorf("read crawler %s: %w", name, err)
	}
	return r, nil
}

func unknown(name string) *base.Error {
	return base.Errorf(base.NotFound, "crawler %q is not defined", name).WithCode("EntityNotFoundException").
		WithHint("crawlers are declared in crawlers.yaml")
}

// begin makes a READY crawler RUNNING with a new run.
func (s state) begin(ctx context.Context, r Run, also func(tx *sql.Tx, run string) error) error {
	return s.db.Update(ctx, func(tx *sql.Tx) error {
		c, err := s.get(tx, r.Crawler)
		if err != nil {
			return err
		}
		if c.state != Ready {
			return running(r.Crawler)
		}
		if _, err := tx.Exec(`INSERT INTO crawler_run (id, crawler, record) VALUES (?, ?, ?)`, r.ID, r.Crawler, encode(r)); err != nil {
			return err
		}
		if _, err = tx.Exec(`UPDATE crawler SET state = 'RUNNING', run = ? WHERE name = ?`, r.ID, r.Crawler); err != nil {
			return err
		}
		return also(tx, r.ID)
	})
}

func running(name string) error {
	return base.Errorf(base.Conflict, "crawler %q is running already", name).WithCode("CrawlerRunningException").
		WithHint("wait until its state is READY, or stop it")
}

// finish records a run's end; the crawler is STOPPING from here on.
func (s state) finish(ctx context.Context, r Run) error {
	return s.db.Update(ctx, func(tx *sql.Tx) error {
		if err := s.record(tx, r); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE crawler SET state = 'STOPPING' WHERE name = ? AND run = ?`, r.Crawler, r.ID)
		return err
	})
}

// folderBatch bounds the folders written in one transaction.
const folderBatch = 500

// remember keeps the summaries of the folders read, in place of the earlier
// ones if all is set. Folders forgotten by a crash in between are read again.
func (s state) remember(ctx context.Context, crawler string, seen map[string]*summary, all bool) error {
	var paths []string
	for path, sum := range seen {
		if sum != nil {
			paths = append(paths, path)
		}
	}
	if all {
		err := s.db.Update(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec(`DELETE FROM crawler_folder WHERE crawler = ?`, crawler)
			return err
		})
		if err != nil {
			return fmt.Errorf("forget folders of crawler %s: %w", crawler, err)
		}
	}
	for batch := range slices.Chunk(paths, folderBatch) {
		err := s.db.Update(ctx, func(tx *sql.Tx) error {
			for _, path := range batch {
				if _, err := tx.Exec(`INSERT OR REPLACE INTO crawler_folder VALUES (?, ?, ?)`, crawler, path, encode(seen[path])); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("remember folders of crawler %s: %w", crawler, err)
		}
	}
	return nil
}

func (s state) record(tx *sql.Tx, r Run) error {
	_, err := tx.Exec(`UPDATE crawler_run SET record = ? WHERE id = ?`, encode(r), r.ID)
	return err
}

// set moves a crawler to a state if its run is still the given one.
func (s state) set(ctx context.Context, name, run, to string) error {
	return s.db.Update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE crawler SET state = ? WHERE name = ? AND run = ?`, to, name, run)
		return err
	})
}

// recover makes every crawler that was left running READY again, its run
// FAILED. Only a starting owner may call it.
func (s state) recover(ctx context.Context, now time.Time) error {
	return s.db.Update(ctx, func(tx *sql.Tx) error {
		runs, err := scanRuns(tx.Query(`SELECT r.record FROM crawler_run r JOIN crawler c ON c.run = r.id`))
		if err != nil {
			return err
		}
		for _, r := range runs {
			if r.Status != Running { // its end was recorded, only STOPPING was left
				continue
			}
			end := now.UTC()
			r.Status, r.Error, r.Ended = Failed, errClosed.Error(), &end
			if err := s.record(tx, r); err != nil {
				return err
			}
		}
		_, err = tx.Exec(`UPDATE crawler SET state = 'READY' WHERE state <> 'READY'`)
		return err
	})
}

// runs returns a crawler's runs, newest first.
func (s state) runs(ctx context.Context, name string, limit int) ([]Run, error) {
	return scanRuns(s.db.Reader().QueryContext(ctx, `SELECT record FROM crawler_run WHERE crawler = ? ORDER BY seq DESC LIMIT ?`, name, limit))
}

func (s state) run(ctx context.Context, id string) (Run, error) {
	runs, err := scanRuns(s.db.Reader().QueryContext(ctx, `SELECT record FROM crawler_run WHERE id = ?`, id))
	if err == nil && len(runs) == 0 {
		err = base.Errorf(base.NotFound, "no crawl with id %q", id).WithCode("EntityNotFoundException")
	}
	if err != nil {
		return Run{}, err
	}
	return runs[0], nil
}

func scanRuns(rows *sql.Rows, err error) ([]Run, error) {
	if err != nil {
		return nil, fmt.Errorf("read crawls: %w", err)
	}
	defer rows.Close()
	var out []Run
	for rows.Next() {
		var text string
		var r Run
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read crawls: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("read crawls: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// folders returns the folders an earlier crawl has read.
func (s state) folders(ctx context.Context, name string) (map[string]*summary, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT path, summary FROM crawler_folder WHERE crawler = ?`, name)
	if err != nil {
		return nil, fmt.Errorf("read known folders: %w", err)
	}
	defer rows.Close()
	out := map[string]*summary{}
	for rows.Next() {
		var path, text string
		sum := &summary{}
		if err := rows.Scan(&path, &text); err != nil {
			return nil, fmt.Errorf("read known folders: %w", err)
		}
		if err := json.Unmarshal([]byte(text), sum); err != nil {
			return nil, fmt.Errorf("read known folders: %w", err)
		}
		out[path] = sum
	}
	return out, rows.Err()
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of text, numbers and times always encode
	}
	return string(b)
}

// expire removes the runs that ended before t, except each crawler's newest.
func (s state) expire(ctx context.Context, t time.Time) error {
	return port.Prune(ctx, s.db, `crawler_run WHERE seq IN (SELECT r.seq FROM crawler_run r
		WHERE r.seq IN (SELECT seq FROM crawler_run ORDER BY seq LIMIT 1000) -- the oldest: records are large
		AND julianday(json_extract(r.record, '$.ended')) < julianday(?) AND r.seq < (SELECT max(seq) FROM crawler_run n WHERE n.crawler = r.crawler) LIMIT ?)`,
		t.UTC().Format(stamp))
}
