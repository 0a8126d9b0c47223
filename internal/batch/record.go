package batch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// State is where a run stands, as Glue spells it.
type State string

const (
	Running   State = "RUNNING"
	Succeeded State = "SUCCEEDED"
	Failed    State = "FAILED"
	Stopped   State = "STOPPED"
	TimedOut  State = "TIMEOUT"
)

// Run is the record of one run. Times are UTC; sizes are bytes.
type Run struct {
	ID           string             `json:"id"`
	Job          string             `json:"job"`
	State        State              `json:"state"`
	Args         map[string]string  `json:"args,omitempty"`
	WorkflowTask string             `json:"workflow_task,omitempty"`
	StartedAt    time.Time          `json:"started_at"`
	EndedAt      *time.Time         `json:"ended_at,omitempty"`
	Rows         int64              `json:"rows"`
	Bytes        int64              `json:"bytes"`
	Files        int64              `json:"files"`
	PeakMemory   int64              `json:"peak_memory_bytes,omitempty"`
	CPUSeconds   float64            `json:"cpu_seconds,omitempty"`
	Seconds      map[string]float64 `json:"seconds,omitempty"`
	Outputs      []RunOutput        `json:"outputs,omitempty"`
	Tests        []TestResult       `json:"tests,omitempty"`
	FanOut       []FanOut           `json:"fan_out,omitempty"`
	Plan         string             `json:"plan,omitempty"`
	Pushed       []string           `json:"pushed,omitempty"`
	Warnings     []string           `json:"warnings,omitempty"`
	Error        *RunError          `json:"error,omitempty"`
	// Owner is the start id of the owner that ran it.
	Owner string `json:"owner,omitempty"`
}

// RunOutput is what a run published to one table. SnapshotID is text: it does
// not fit a JavaScript number.
type RunOutput struct {
	Table      string `json:"table"`
	Mode       string `json:"mode"`
	SnapshotID string `json:"snapshot_id,omitempty"`
	Rows       int64  `json:"rows"`
	Files      int64  `json:"files"`
	Bytes      int64  `json:"bytes"`
	Partitions int64  `json:"partitions,omitempty"`
}

// TestResult is one test's outcome.
type TestResult struct {
	Name     string `json:"name"`
	Output   string `json:"output,omitempty"`
	OK       bool   `json:"ok"`
	Severity string `json:"severity"`
	Failures int64  `json:"failures,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// FanOut is a join that multiplied rows.
type FanOut struct {
	Join       string            `json:"join"`
	Key        string            `json:"key"`
	Factor     float64           `json:"factor"`
	Overstated map[string]string `json:"overstated,omitempty"`
	Policy     string            `json:"policy"`
}

// RunError is an error as the record keeps it.
type RunError struct {
	Kind    string    `json:"kind"`
	Code    string    `json:"code,omitempty"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
	Place   *RunPlace `json:"place,omitempty"`
	// Errors lists each mistake when several are reported together.
	Errors []*RunError `json:"errors,omitempty"`
}

// RunPlace is base.Place as the record keeps it.
type RunPlace struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Length int    `json:"length,omitempty"`
	Text   string `json:"text,omitempty"`
}

func runError(err error) *RunError {
	out := &RunError{Kind: base.KindOf(err).String(), Code: base.CodeOf(err), Message: err.Error()}
	var list base.Errors
	var e *base.Error
	if errors.As(err, &list) && len(list) > 1 {
		for _, m := range list {
			out.Errors = append(out.Errors, runError(m))
		}
		return out
	}
	if len(list) == 1 {
		err = list[0]
	}
	if errors.As(err, &e) {
		if p := e.Place; p != nil {
			out.Place = &RunPlace{p.File, p.Line, p.Col, p.Len, p.Text}
			if err == error(e) {
				out.Message = e.Msg
			}
		}
	}
	for x := err; errors.As(x, &e); x = e.Err {
		if e.Hint != "" {
			out.Hint = e.Hint
			break
		}
	}
	return out
}

// Err is the error the record keeps.
func (e *RunError) Err() error {
	if e == nil {
		return nil
	}
	if len(e.Errors) > 0 {
		var list base.Errors
		for _, m := range e.Errors {
			list = append(list, m.single())
		}
		return list
	}
	return e.single()
}

func (e *RunError) single() *base.Error {
	out := &base.Error{Kind: base.ParseKind(e.Kind), Code: e.Code, Msg: e.Message, Hint: e.Hint}
	if p := e.Place; p != nil {
		out.Place = &base.Place{File: p.File, Line: p.Line, Col: p.Column, Len: p.Length, Text: p.Text}
	}
	return out
}

var schema = []string{
	`CREATE TABLE job_run (id TEXT PRIMARY KEY, job TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, started INTEGER NOT NULL, record TEXT NOT NULL);
	CREATE INDEX job_run_by_job ON job_run (job, started);
	CREATE INDEX job_run_by_start ON job_run (started)`,
}

// records keeps runs in state.db.
type records struct{ store port.Store }

func (r records) save(ctx context.Context, run *Run) error { return r.saveAnd(ctx, run, nil) }

// saveAnd saves run and, unless it is nil, does also in the same transaction.
func (r records) saveAnd(ctx context.Context, run *Run, also func(tx *sql.Tx, run string) error) error {
	b, err := json.Marshal(run)
	if err != nil {
		return fmt.Errorf("save run %s: %w", run.ID, err)
	}
	err = r.store.Update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO job_run VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, owner = excluded.owner, record = excluded.record`,
			run.ID, run.Job, run.State, run.Owner, run.StartedAt.UnixMicro(), string(b))
		if err != nil || also == nil {
			return err
		}
		return also(tx, run.ID)
	})
	if err != nil {
		return fmt.Errorf("save run %s: %w", run.ID, err)
	}
	return nil
}

func (r records) get(ctx context.Context, id string) (*Run, error) {
	runs, err := r.list(ctx, `WHERE id = ?`, id)
	if err == nil && len(runs) == 0 {
		err = base.Errorf(base.NotFound, "no run %q", id).WithCode("EntityNotFoundException").WithHint("mulgil job runs lists them")
	}
	if err != nil {
		return nil, err
	}
	return &runs[0], nil
}

func (r records) list(ctx context.Context, where string, args ...any) ([]Run, error) {
	rows, err := r.store.Reader().QueryContext(ctx, `SELECT record FROM job_run `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	defer rows.Close()
	var out []Run
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("list runs: %w", err)
		}
		var run Run
		if err := json.Unmarshal([]byte(text), &run); err != nil {
			return nil, fmt.Errorf("list runs: %w", err)
		}
		out = append(out, run)
	}
	return out, rows.Err()
}
