package workflow

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Status is the state of an execution, spelled as AWS does.
type Status string

const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	Aborted   Status = "ABORTED"
	TimedOut  Status = "TIMED_OUT"
)

// Execution is one run of a workflow.
type Execution struct {
	// ID is "workflow:name".
	ID       string          `json:"id"`
	Workflow string          `json:"workflow"`
	Name     string          `json:"name"`
	Status   Status          `json:"status"`
	Started  time.Time       `json:"started"`
	Stopped  time.Time       `json:"stopped,omitzero"`
	Input    json.RawMessage `json:"input"`
	// From is the state it began at, where that is not the machine's StartAt.
	From string `json:"from,omitempty"`
	// Output is set once it succeeded, Error and Cause once it did not (a Fail
	// state may leave them out).
	Output json.RawMessage `json:"output,omitempty"`
	Error  *string         `json:"error,omitempty"`
	Cause  *string         `json:"cause,omitempty"`
	// Express executions (the type EXPRESS) leave no history.
	Express bool `json:"express,omitempty"`
	// Redrives is how often it was taken up again after it had failed.
	Redrives int `json:"redrives,omitempty"`
	// MapRun is the ARN of the map run it belongs to, Index its place among the
	// children and Items how many items it works on; empty for others.
	MapRun string `json:"mapRun,omitempty"`
	Index  int64  `json:"index,omitempty"`
	Items  int64  `json:"items,omitempty"`
	// Definition is the text it runs, as of its start; Flow the part of it that
	// a child of a map run runs.
	Definition string `json:"-"`
	Flow       string `json:"-"`
}

// Filter narrows List; empty fields do not.
type Filter struct {
	Workflow string
	Status   Status
	// MapRun takes the children of that map run, which are left out otherwise.
	MapRun string
	// Limit is the greatest number of executions, 0 for all.
	Limit int
}

func schema() []string {
	return []string{`
CREATE TABLE workflow_definition (hash TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE workflow_execution (
	id TEXT PRIMARY KEY, workflow TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL REFERENCES workflow_definition,
	status TEXT NOT NULL, started INTEGER NOT NULL, stopped INTEGER,
	input TEXT NOT NULL, output TEXT, error TEXT, cause TEXT);
CREATE INDEX workflow_execution_started ON workflow_execution (started);
CREATE INDEX workflow_execution_status ON workflow_execution (status);
CREATE TABLE workflow_event (
	execution TEXT NOT NULL REFERENCES workflow_execution, seq INTEGER NOT NULL,
	id INTEGER NOT NULL, previous INTEGER NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
	flow TEXT NOT NULL, state TEXT NOT NULL, details TEXT NOT NULL, own TEXT NOT NULL,
	PRIMARY KEY (execution, seq)) WITHOUT ROWID;`, `
ALTER TABLE workflow_execution ADD COLUMN express INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workflow_execution ADD COLUMN redrives INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workflow_execution ADD COLUMN flow TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow_execution ADD COLUMN map_run TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow_execution ADD COLUMN map_index INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workflow_execution ADD COLUMN map_items INTEGER NOT NULL DEFAULT 0;
CREATE INDEX workflow_execution_map ON workflow_execution (map_run, map_index) WHERE map_run <> '';
CREATE TABLE workflow_map_run (
	arn TEXT PRIMARY KEY, execution TEXT NOT NULL REFERENCES workflow_execution, state TEXT NOT NULL,
	status TEXT NOT NULL, started INTEGER NOT NULL, stopped INTEGER, plan TEXT NOT NULL, concurrency INTEGER NOT NULL);
CREATE INDEX workflow_map_run_execution ON workflow_map_run (execution);
CREATE TABLE workflow_activity (arn TEXT PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE workflow_key (id INTEGER PRIMARY KEY, key BLOB NOT NULL);`, `
ALTER TABLE workflow_execution ADD COLUMN start_at TEXT NOT NULL DEFAULT '';`}
}

const executionColumns = `SELECT e.id, e.workflow, e.name, e.status, e.started, e.stopped, e.input, e.output, e.error, e.cause,
	e.express, e.redrives, e.flow, e.map_run, e.map_index, e.map_items, e.start_at, d.text
	FROM workflow_execution e JOIN workflow_definition d ON d.hash = e.definition `

// querier is a transaction or the read pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func queryExecutions(ctx context.Context, q querier, where string, args ...any) ([]Execution, error) {
	rows, err := q.QueryContext(ctx, executionColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read executions: %w", err)
	}
	defer rows.Close()
	var out []Execution
	for rows.Next() {
		x, err := scanExecution(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

func scanExecution(rows *sql.Rows) (Execution, error) {
	var x Execution
	var started int64
	var stopped sql.NullInt64
	var in string
	var output sql.NullString
	err := rows.Scan(&x.ID, &x.Workflow, &x.Name, &x.Status, &started, &stopped, &in, &output, &x.Error, &x.Cause,
		&x.Express, &x.Redrives, &x.Flow, &x.MapRun, &x.Index, &x.Items, &x.From, &x.Definition)
	if err != nil {
		return x, fmt.Errorf("read executions: %w", err)
	}
	x.Started, x.Input = time.UnixMicro(started).UTC(), json.RawMessage(in)
	if stopped.Valid {
		x.Stopped = time.UnixMicro(stopped.Int64).UTC()
	}
	if output.Valid {
		x.Output = json.RawMessage(output.String)
	}
	return x, nil
}

func notFound(id string) error {
	return base.Errorf(base.NotFound, "no execution %q", id).WithCode("ExecutionDoesNotExist")
}

func queryExecution(ctx context.Context, q querier, id string) (Execution, error) {
	list, err := queryExecutions(ctx, q, "WHERE e.id = ?", id)
	if err == nil && (len(list) == 0 || list[0].Status == expired) {
		err = notFound(id)
	}
	if err != nil {
		return Execution{}, err
	}
	return list[0], nil
}

func insertExecution(tx *sql.Tx, x Execution) error {
	sum := sha256.Sum256([]byte(x.Definition))
	hash := hex.EncodeToString(sum[:])
	if _, err := tx.Exec(`INSERT INTO workflow_definition VALUES (?, ?) ON CONFLICT DO NOTHING`, hash, x.Definition); err != nil {
		return err
	}
	var stopped, output any
	if !x.Stopped.IsZero() {
		stopped = x.Stopped.UnixMicro()
	}
	if x.Output != nil {
		output = string(x.Output)
	}
	_, err := tx.Exec(`INSERT INTO workflow_execution (id, workflow, name, definition, status, started, stopped, input, output, error, cause,
		express, flow, map_run, map_index, map_items, start_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		x.ID, x.Workflow, x.Name, hash, x.Status, x.Started.UnixMicro(), stopped, string(x.Input), output, x.Error, x.Cause,
		x.Express, x.Flow, x.MapRun, x.Index, x.Items, x.From)
	return err
}

// insertRecords appends to journals; the primary key refuses a second writer.
func insertRecords(tx *sql.Tx, entries ...*entry) error {
	st, err := tx.Prepare(`INSERT INTO workflow_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`) // reading it costs as much as doing it
	if err != nil {
		return err
	}
	defer st.Close()
	for _, x := range entries {
		for i, r := range x.records {
			if _, err := st.Exec(x.rows[i]...); err != nil {
				return err
			}
			if err := updateExecution(tx, x.execution.ID, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// endStatus is an execution's status after its last event.
var endStatus = map[string]Status{"ExecutionSucceeded": Succeeded, "ExecutionFailed": Failed, "ExecutionAborted": Aborted, "ExecutionTimedOut": TimedOut}

// updateExecution keeps an execution's row in step with the records that end it
// or take it up again.
func updateExecution(tx *sql.Tx, execution string, r *record) error {
	status, over := endStatus[r.Type]
	var err error
	switch {
	case over:
		_, err = tx.Exec(`UPDATE workflow_execution SET status = ?, stopped = ?, output = ?, error = ?, cause = ? WHERE id = ?`,
			status, r.Time.UnixMicro(), r.Details.Output, r.Details.Error, r.Details.Cause, execution)
	case r.Type == "ExecutionRedriven":
		_, err = tx.Exec(`UPDATE workflow_execution SET status = ?, stopped = NULL, output = NULL, error = NULL, cause = NULL, redrives = redrives + 1 WHERE id = ?`, Running, execution)
	}
	return err
}

// queryRecords reads a journal in order.
func queryRecords(ctx context.Context, q querier, execution string) ([]*record, error) {
	rows, err := q.QueryContext(ctx, `SELECT seq, id, previous, type, at, flow, state, details, own FROM workflow_event WHERE execution = ? ORDER BY seq`, execution)
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", execution, err)
	}
	defer rows.Close()
	var out []*record
	for rows.Next() {
		r := &record{}
		var at int64
		var details, extra string
		err := rows.Scan(&r.seq, &r.ID, &r.PreviousID, &r.Type, &at, &r.flow, &r.State, &details, &extra)
		if err == nil {
			err = errors.Join(json.Unmarshal([]byte(details), &r.Details), json.Unmarshal([]byte(extra), &r.own))
		}
		if err != nil {
			return nil, fmt.Errorf("read history of %s: %w", execution, err)
		}
		r.Time = time.UnixMicro(at).UTC()
		out = append(out, r)
	}
	return out, rows.Err()
}
