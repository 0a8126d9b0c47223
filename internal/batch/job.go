// Package batch runs jobs: a SELECT becomes a table's new content, or a
// program runs with the project's connections. A run binds its parameters,
// pins what it reads, has a worker write and test the files, and publishes all
// outputs in one commit. Every run leaves a record; one that fails leaves the
// lake as it was.
package batch

import (
	"database/sql"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query"
)

// Policies for findings.
const (
	Fail   = "fail"
	Warn   = "warn"
	Ignore = "ignore"
)

// Job is what to run, names resolved.
type Job struct {
	Name string
	// Athena is set for statements in Athena's dialect; else they are DuckDB's.
	Athena bool
	// Outputs of an SQL job; empty for a command.
	Outputs []Output
	// FanOut is the policy for joins that multiply rows; Measures are the
	// columns whose overstatement is reported, nil for every inexact number.
	FanOut     string
	Measures   []string
	AllowEmpty bool
	// Memory in bytes and Threads for the run; 0 means the project's.
	Memory  int64
	Threads int
	// Timeout of 0 is none.
	Timeout time.Duration
	// MaxConcurrency is how many runs of the job may be active; at least 1.
	MaxConcurrency int
	// Retries is how often a run that failed for reasons that may pass starts again.
	Retries int
	Command *Command
}

// Output is one table a job writes.
type Output struct {
	Name        string
	Target      lake.Name
	Mode        lake.Mode
	Key         []string
	PartitionBy []string
	Location    string
	Comment     string
	// Columns carry comments and types declared in the job's file.
	Columns []Column
	Tests   []Test
	Text    query.Text
}

// Column is what the job's file says of one column.
type Column struct {
	Name, Comment string
	Type          *base.Type
}

// Test is a condition on the output's new rows.
type Test struct {
	Name, Kind string
	Columns    []string
	Values     []any
	To         lake.Name
	Fields     []string
	Min, Max   *int64
	Severity   string
}

// Kinds of tests.
const (
	NotNull        = "not_null"
	Unique         = "unique"
	AcceptedValues = "accepted_values"
	Relationships  = "relationships"
	RowCount       = "row_count"
)

// Command is a program to run.
type Command struct {
	Args []string
	Env  []string
	Dir  string
}

// Request asks for one run.
type Request struct {
	Job Job
	// Params are bound values; Args the same as the user wrote them, for the record.
	Params []port.Arg
	Args   map[string]string
	// Task is the identity of the workflow task that wants the run. Asking again
	// with the same one attaches to the run that was started first.
	Task string
	// Also, if set, runs in the transaction that records a new run (or one that
	// starts again under its task); its error undoes the record. Started is
	// called once the record is durable. Neither is called for a run that was there.
	Also    func(tx *sql.Tx, run string) error
	Started func()
	Report  base.Report
}
