// Package history keeps what was asked: every statement with who asked, how it
// went, what it cost and where its rows are kept. Records live in state.db.
//
// A statement never waits for its record: changes are collected and written by
// one goroutine, many in a transaction, and reads see what is not written yet.
// So a statement may be missing after the machine lost power, and only then or
// when its owner was killed within milliseconds of its start.
package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// State is where a statement stands, as Athena spells it.
type State string

const (
	Queued    State = "QUEUED"
	Running   State = "RUNNING"
	Succeeded State = "SUCCEEDED"
	Failed    State = "FAILED"
	Cancelled State = "CANCELLED"
)

// OwnerDied is the code of a statement whose process ended before it did.
const OwnerDied = "OWNER_DIED"

// Ended tells whether a statement in this state can still change.
func (s State) Ended() bool { return s != Queued && s != Running }

// Record is one statement. Times are UTC; sizes are bytes.
type Record struct {
	ID    string `json:"id"`
	SQL   string `json:"sql"`
	State State  `json:"state"`
	User  string `json:"user,omitempty"`
	// Source is the program it came through.
	Source  string `json:"source,omitempty"`
	Catalog string `json:"catalog,omitempty"`
	Schema  string `json:"schema,omitempty"`
	// Kind is "SELECT", "CREATE TABLE", ... once it is known.
	Kind        string     `json:"kind,omitempty"`
	SubmittedAt time.Time  `json:"submitted_at"`
	StartedAt   *time.Time `json:"started_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	QueuedMS    int64      `json:"queued_ms"`
	ElapsedMS   int64      `json:"elapsed_ms"`
	CPUSeconds  float64    `json:"cpu_seconds,omitempty"`
	PeakMemory  int64      `json:"peak_memory_bytes,omitempty"`
	Rows        int64      `json:"rows"`
	ScanBytes   int64      `json:"scanned_bytes"`
	ScanFiles   int64      `json:"scanned_files"`
	TotalFiles  int64      `json:"total_files"`
	// ChargedBytes and PriceUSD are what Athena would have charged.
	ChargedBytes int64   `json:"charged_bytes"`
	PriceUSD     float64 `json:"price_usd"`
	Cached       bool    `json:"cached,omitempty"`
	// ResultKey is where the rows are kept; it may be swept before the record.
	ResultKey string `json:"result_key,omitempty"`
	Error     *Error `json:"error,omitempty"`
	// Owner is the start id of the process that ran it.
	Owner string `json:"owner,omitempty"`
}

// Error is why a statement failed.
type Error struct {
	Kind    string `json:"kind"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
}

// Options are what a Log works with.
type Options struct {
	Store port.Store
	// Owner is the start id of this process.
	Owner string
	Clock base.Clock
	Log   *slog.Logger
}

// Log is the history. Safe for concurrent use.
type Log struct {
	o     Options
	mu    sync.Mutex // guards the fields below
	live  map[string]*statement
	dirty map[string]*Record // changed since they were written
	wake  chan struct{}
	quit  chan struct{}
	idle  sync.WaitGroup
	once  sync.Once
}

type statement struct {
	record Record
	stop   context.CancelCauseFunc
	done   chan struct{}
}

var schema = []string{
	`CREATE TABLE query_history (id TEXT PRIMARY KEY, state TEXT NOT NULL, owner TEXT NOT NULL, submitted INTEGER NOT NULL, record TEXT NOT NULL);
	CREATE INDEX query_history_by_time ON query_history (submitted);
	CREATE INDEX query_history_open ON query_history (state) WHERE state IN ('QUEUED', 'RUNNING')`,
}

// Open opens the history: statements that a dead owner left at work become
// FAILED.
func Open(ctx context.Context, o Options) (*Log, error) {
	if err := o.Store.Migrate(ctx, "query", schema); err != nil {
		return nil, err
	}
	l := &Log{o: o, live: map[string]*statement{}, dirty: map[string]*Record{}, wake: make(chan struct{}, 1), quit: make(chan struct{})}
	if err := l.settle(ctx); err != nil {
		return nil, err
	}
	l.idle.Add(1)
	go l.loop()
	return l, nil
}

// Close writes what is not written. Safe to call twice.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.quit) })
	l.idle.Wait()
	return nil
}

func (l *Log) settle(ctx context.Context) error {
	left, err := l.query(ctx, `WHERE state IN ('QUEUED', 'RUNNING') AND owner <> ?`, l.o.Owner)
	if err != nil {
		return err
	}
	now := l.o.Clock.Now().UTC()
	batch := map[string]*Record{}
	for i := range left {
		r := &left[i]
		r.State, r.EndedAt = Failed, &now
		r.Error = &Error{Kind: base.Internal.String(), Code: OwnerDied, Message: "the owner of the project died while the statement was at work", Hint: "run it again"}
		batch[r.ID] = r
		if len(batch) == maxBatch || i == len(left)-1 {
			if err := l.write(ctx, batch); err != nil {
				return err
			}
			clear(batch)
		}
	}
	return nil
}

// Expire removes the records of statements submitted before t, in small transactions.
func (l *Log) Expire(ctx context.Context, t time.Time) error {
	return port.Prune(ctx, l.o.Store, `query_history WHERE id IN (SELECT id FROM query_history WHERE submitted < ? LIMIT ?)`, t.UnixMicro())
}

// maxBatch bounds the records of one transaction.
const maxBatch = 100

func (l *Log) loop() {
	defer l.idle.Done()
	for {
		select {
		case <-l.wake:
			l.flush()
		case <-l.quit:
			l.flush()
			return
		}
	}
}

// flush writes what has changed. What cannot be written stays for the next time.
func (l *Log) flush() {
	for {
		batch := map[string]*Record{}
		l.mu.Lock()
		for id, r := range l.dirty {
			if batch[id] = r; len(batch) == maxBatch {
				break
			}
		}
		l.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		if err := l.write(context.Background(), batch); err != nil {
			l.o.Log.Warn("history not written", "error", err)
			return
		}
		l.mu.Lock()
		for id, r := range batch {
			if l.dirty[id] == r {
				delete(l.dirty, id)
			}
		}
		l.mu.Unlock()
	}
}

func (l *Log) write(ctx context.Context, batch map[string]*Record) error {
	return l.o.Store.Update(ctx, func(tx *sql.Tx) error {
		for _, r := range batch {
			b, err := json.Marshal(r)
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO query_history VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, owner = excluded.owner, record = excluded.record`,
				r.ID, r.State, r.Owner, r.SubmittedAt.UnixMicro(), string(b))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// query reads written records.
func (l *Log) query(ctx context.Context, where string, args ...any) ([]Record, error) {
	rows, err := l.o.Store.Reader().QueryContext(ctx, `SELECT record FROM query_history `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	defer rows.Close()
	var out []Record
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		var r Record
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
