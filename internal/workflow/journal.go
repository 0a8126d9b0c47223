package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// journal writes the records of all executions. What arrives while a
// transaction is being made durable goes into the next one together, in one
// savepoint and by one statement: with many executions at work that is most of
// the cost.
type journal struct {
	update func(context.Context, func(*sql.Tx) error) error
	// ended is Options.Ended.
	ended func(*sql.Tx, Execution) error
	in    chan *entry
}

type entry struct {
	execution Execution
	records   []*record
	rows      [][]any // of records
	done      chan error
}

// newEntry encodes records, so that the store's only writer need not.
func newEntry(execution Execution, records ...*record) (*entry, error) {
	x := &entry{execution: execution, records: records, rows: make([][]any, len(records)), done: make(chan error, 1)}
	for i, r := range records {
		details, err := json.Marshal(r.Details)
		if err != nil {
			return nil, err
		}
		own, err := json.Marshal(r.own)
		if err != nil {
			return nil, err
		}
		x.rows[i] = []any{execution.ID, r.seq, r.ID, r.PreviousID, r.Type, r.Time.UnixMicro(), r.flow, r.State, string(details), string(own)}
	}
	return x, nil
}

// journalRows bounds the rows of one transaction, which keeps it short.
const journalRows = 2000

func (j *journal) write(ctx context.Context, execution Execution, records []*record) error {
	x, err := newEntry(execution, records...)
	if err != nil {
		return err
	}
	select {
	case j.in <- x: // whoever is taken is answered
		return <-x.done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// append writes records of an execution that no runner works on.
func (j *journal) append(ctx context.Context, execution Execution, records ...*record) error {
	x, err := newEntry(execution, records...)
	if err != nil {
		return err
	}
	return j.update(ctx, func(tx *sql.Tx) error { return j.insert(tx, x) })
}

// loop serves until ctx ends.
func (j *journal) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case x := <-j.in:
			j.commit(ctx, j.gather(x))
		}
	}
}

// gather takes what is waiting behind x.
func (j *journal) gather(x *entry) []*entry {
	group, rows := []*entry{x}, len(x.records)
	for rows < journalRows {
		select {
		case y := <-j.in:
			group, rows = append(group, y), rows+len(y.records)
		default:
			return group
		}
	}
	return group
}

// commit makes a group durable. If that fails each entry is tried by itself, so
// that one whose journal has another writer does not harm the others.
func (j *journal) commit(ctx context.Context, group []*entry) {
	err := j.update(ctx, func(tx *sql.Tx) error { return j.insert(tx, group...) })
	for _, x := range group {
		if err != nil && len(group) > 1 && ctx.Err() == nil {
			x.done <- j.update(ctx, func(tx *sql.Tx) error { return j.insert(tx, x) })
		} else {
			x.done <- err
		}
	}
}

// roomCheck is how often a write is tried again on a full disk.
const roomCheck = time.Second

// update makes what happens in executions durable. As long as the disk is full
// it tries again: an end of a task that is forgotten would be a task run twice.
func (e *Engine) update(ctx context.Context, fn func(*sql.Tx) error) error {
	for told := false; ; told = true {
		err := e.opts.Store.Update(ctx, fn)
		if base.CodeOf(err) != base.DiskFull {
			if told && err == nil {
				e.opts.Log.Warn("there is room on the disk again, executions go on")
			}
			return err
		}
		if !told {
			e.opts.Log.Error("executions wait until there is room on the disk", "error", err)
		}
		select {
		case <-e.opts.Clock.After(roomCheck):
		case <-ctx.Done():
			return err
		}
	}
}

// insert adds entries to their journals; the end of an execution is told.
func (j *journal) insert(tx *sql.Tx, group ...*entry) error {
	if err := insertRecords(tx, group...); err != nil {
		return err
	}
	for _, x := range group {
		if err := j.tell(tx, x); err != nil {
			return err
		}
	}
	return nil
}

func (j *journal) tell(tx *sql.Tx, e *entry) error {
	if j.ended == nil || e.execution.MapRun != "" || len(e.records) == 0 {
		return nil
	}
	last := e.records[len(e.records)-1]
	if !terminal(last.Type) {
		return nil
	}
	x, d := e.execution, last.Details
	x.Status, x.Stopped, x.Error, x.Cause = endStatus[last.Type], last.Time.UTC(), d.Error, d.Cause
	if d.Output != nil {
		x.Output = json.RawMessage(*d.Output)
	}
	return j.ended(tx, x)
}
