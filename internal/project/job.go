package project

import (
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Kinds of jobs.
const (
	SQLJob     = "sql"
	CommandJob = "command"
)

// Mode says what a job does with the rows its table already has.
type Mode string

const (
	Append              Mode = "append"
	Overwrite           Mode = "overwrite"
	OverwritePartitions Mode = "overwrite_partitions" // only partitions that have new rows
	Merge               Mode = "merge"                // replaces rows with the same key
)

// Policy says what a finding leads to.
type Policy string

const (
	Fail   Policy = "fail"
	Warn   Policy = "warn"
	Ignore Policy = "ignore"
)

// Job is one file of jobs/.
type Job struct {
	Name string
	// Aliases are other names; names and aliases are unique in the project, letter case not counting.
	Aliases []string
	// File is the path relative to the project, with slashes.
	File        string
	Place       *base.Place
	Description string
	Kind        string // SQLJob or CommandJob
	Dialect     string // Athena or DuckDB; empty for commands
	// Params are in the order declared.
	Params []Param
	// Arguments are values for parameters that a run does not give, by name without dashes.
	Arguments map[string]string
	Sources   []string
	// Outputs has at least one element for SQL jobs and none for commands.
	Outputs    []Output
	FanOut     FanOut
	AllowEmpty bool
	Workers    Workers
	Memory     int64         // bytes, 0 if not given
	Threads    int           // 0 if not given
	Timeout    time.Duration // 0 if not given
	// MaxConcurrency is how many runs may be active at once, 1 if not given.
	MaxConcurrency int
	Retries        int
	// Command is the program and its arguments, run without a shell.
	Command []string
	// Connections are the ones the command is given.
	Connections []string
	Env         map[string]Hidden
	// WorkDir is the absolute folder the command runs in, the project's root if not given.
	WorkDir string
}

// Dialects of a job's SQL.
const (
	Athena = "athena"
	DuckDB = "duckdb"
)

// Name is a table in the catalog.
type Name struct {
	Database string `json:"database"`
	Table    string `json:"table"`
}

// String is "database.table".
func (n Name) String() string { return n.Database + "." + n.Table }

// Output is one table a job writes.
type Output struct {
	// Name marks the output in tests and in -- output: lines; the table's name if not given.
	Name   string
	Target Name
	// Mode is overwrite_partitions if not given and PartitionBy is, else overwrite.
	Mode        Mode
	Key         []string
	PartitionBy []string
	// Location is an object address or path for Project.Resolve, empty if not given.
	Location string
	Comment  string
	// Columns are in the order declared; they need not name every column.
	Columns []Column
	Tests   []Test
	// SQL is one statement without a semicolon; SQLPlace maps positions in it to the file.
	SQL      string
	SQLPlace SQLPlace
	Place    *base.Place
}

// Column is what a job says of a column it writes.
type Column struct {
	Name    string
	Comment string
	// Type is nil if not given.
	Type *base.Type
}

// FanOut says what happens when a join multiplies rows; Policy is Fail if not given.
type FanOut struct {
	Policy Policy
	// Measures are columns whose overstatement is reported.
	Measures []string
}

// Workers is the size of a run in Glue's words, zero if not given.
type Workers struct {
	Type   string
	Number int
}

// Kinds of tests.
const (
	NotNull        = "not_null"
	Unique         = "unique"
	AcceptedValues = "accepted_values"
	Relationships  = "relationships"
	RowCount       = "row_count"
)

// Test is a condition on an output's rows, checked before they are published.
type Test struct {
	// Name is as given, else made of kind and columns.
	Name string
	Kind string
	// Columns are those tested; for not_null each by itself, else together.
	Columns []string
	// Values are AcceptedValues': string, int64, port.Decimal, bool or nil.
	Values []any
	// To and Fields are the table and columns a Relationships test refers to.
	To     Name
	Fields []string
	// Min and Max bound a RowCount; nil means no bound.
	Min, Max *int64
	// Severity is Fail if not given, or Warn.
	Severity Policy
	Place    *base.Place
}
