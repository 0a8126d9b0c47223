// Package worker runs SQL in a child process: the third barrier between what
// users write and the lake. The owner hands a Task to a child of the same
// binary; the child opens a private, locked engine that can reach only the
// task's files, and answers with rows, or with the list of files it wrote. It
// never touches the catalog: the owner commits. A child that is killed, runs
// out of memory or crashes takes nothing with it.
//
// A child serves tasks one after the other, each in an engine of its own that
// ends with it; only tasks over exactly the same files may follow each other in one. A Launcher starts a child for one task; a Pool keeps a few
// ready, for statements whose user waits.
//
// Owner and child speak gob over the child's stdin and stdout: a Task goes in,
// Messages come out, and a Plan goes in for every output the child describes.
// Done or Err ends a task; closing stdin ends the child.
package worker

import (
	"encoding/gob"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
)

// Task is everything a child needs. Exactly one of Select to Export is set.
type Task struct {
	Engine port.EngineConfig
	// Catalog and Database are what unqualified names resolve in.
	Catalog, Database string
	Relations         []Relation
	Sources           []SourceRead
	Params            []port.Arg
	Select            *Select
	Write             *Write
	Rewrite           *Rewrite
	Inspect           *Inspect
	Command           *Command
	Export            *Export
	// Statement is set for the work of a statement whose user waits: a child
	// that is ready does it.
	Statement bool
	// Planning bounds the time until the engine knows how to run a query with
	// Types, or one whose rows are written; 0 does not.
	Planning time.Duration
	// Kept, if set, names the engine that this task may take over and leave
	// behind; see Keep.
	Kept string
}

// Relation is one lake table at one moment, or files read as a table.
type Relation struct {
	// Catalog is the task's if empty.
	Catalog, Database, Table string
	Fields                   []base.Field
	// Files may be read. From is a SQL expression over them; empty reads them
	// as data files of a lake table.
	Files []string
	From  string
	// Version changes with the files' content where their names do not; Changed
	// is when the last of them was changed, as they were listed. Empty for
	// files that never change, and for those nobody listed.
	Version string
	Changed time.Time
	// Origin is the table that Files belong to, for messages; nil if none of the lake.
	Origin *Origin
	// Hive, if set, is read instead, by the reader of its SerDe.
	Hive *HiveRead
}

// Origin is a table of the lake as messages about its files name it.
type Origin struct {
	Table string
	// Errors begins Trino's names of what is wrong with its files: "HIVE", "ICEBERG".
	Errors string
	// Folders are those that the catalog calls by an address.
	Folders []Folder
}

// Folder lies at Path; the catalog calls it Address.
type Folder struct{ Path, Address string }

// HiveRead is a Hive folder of text files that the statement reads.
type HiveRead struct {
	// ID is the same for every name of one table, which is then read once.
	ID    int
	Table port.HiveTable
	// All and Names say which columns are needed.
	All   bool
	Names map[string]bool
	// Materialize says the statement reads it more than once, or joins it: a
	// stream can be read only once.
	Materialize bool
}

// SourceRead is one table of an outside source, read through Connection.
type SourceRead struct {
	// Alias is the connection's name, the first part of the table's name in SQL.
	Alias      string
	Connection []byte
	Table      port.TableName
	// As, if set, is the bare name the statement reads it under instead.
	As string
	// All and Names say which columns are needed, Where which rows, as the
	// statement has them: the child fits both to the table it finds.
	All   bool
	Names map[string]bool
	Where base.Predicate
	// Materialize says the statement reads it more than once, or joins it.
	Materialize bool
}

// Select runs a query and sends its rows back.
type Select struct {
	SQL string
	// Tree, if set, is a parse tree to print and run instead of SQL.
	Tree string
	// Instead, if set, may run in SQL's place: both give the same rows.
	Instead *Instead
	// Limit bounds the rows sent, 0 means no bound.
	Limit int
	// Types are the columns' Trino types. If set, rows travel in the forms of
	// Trino's REST protocol, in batches made while the query runs; the query
	// then has no parameters. If not, values are those of the engine.
	Types []string
}

// Instead is a text that is faster where each query If gives true.
type Instead struct {
	SQL string
	If  []string
}

// Write runs a job's SELECTs, writes their files and tests them.
type Write struct {
	Outputs []Output
	// RefuseEmpty fails the job when an output has no row.
	RefuseEmpty bool
	Checks      []Check
	Joins       []JoinCheck
	// Trino says that the statements were written in Trino's dialect: errors
	// then have Trino's names.
	Trino bool
}

// Output is one SELECT and where its rows go.
type Output struct {
	Name string
	SQL  string
	// Merge replaces rows with equal Key instead of adding.
	Merge bool
	Key   []string
	// Change, if set, says that SQL gives changed rows.
	Change *Change
}

// Check is a test as a query that counts failures: one row, one number.
type Check struct {
	Name, Output, Severity string
	// SQL reads the new rows as the relation "output" and other outputs by name.
	SQL string
	// Rows, for row_count, is the accepted range; SQL is then empty.
	Min, Max *int64
}

// JoinCheck is one join to be checked for fan-out.
type JoinCheck struct {
	Output, Label, Type string
	Keys                int
	Left, Right         string
	// Measures are columns whose overstatement is reported; nil means every
	// floating point or decimal column of the left side that the output has too.
	Measures []string
	// Shown are the user's names of the left side's columns, where they differ.
	Shown map[string]string
	Why   string
}

// Rewrite merges data files into fewer, of the rows that still exist. Hidden
// are columns that the files' deletes compare.
type Rewrite struct {
	Fields      []base.Field
	Hidden      []base.Field
	PartitionBy []base.PartitionField
	Files       []ducksql.DataFile
	Dir, Prefix string
}

// Inspect looks at files: their columns, or their first rows.
type Inspect struct {
	// From is a table function call over the files, made by the owner.
	From string
	// Rows is how many rows to send; 0 sends columns only.
	Rows int
}

// Word is what the owner says to a child. Exactly one field is set.
type Word struct {
	Task *Task
	Plan *Plan
}

// Plan answers a Described message: how the output's files must look.
type Plan struct {
	Fields      []base.Field
	PartitionBy []base.PartitionField
	Dir, Prefix string
	// Existing is the table's current content, for merges.
	Existing []string
	// Err refuses the output.
	Err *base.Error
}

// Message is one word from the child. Exactly one field is set.
type Message struct {
	Progress  *base.Progress
	Described *Described
	Columns   []port.EngineColumn
	Rows      *Rows
	Written   *Written
	Exported  *Exported
	Checked   *Checked
	Joined    *Joined
	// Pushed is what a source was asked for; SourceTable what it said of a table.
	Pushed      string
	SourceTable *port.SourceTable
	Plan        string
	// Warnings tell of lines in text files that were read as rows of NULLs.
	Warnings []string
	Stage    *Stage
	Done     *Done
	Err      *Failure
}

// Rows are N rows as a JSON array of arrays.
type Rows struct {
	JSON []byte
	N    int
}

// Described asks the owner for output I's Plan.
type Described struct {
	I      int
	Fields []base.Field
}

// Written reports output I's files.
type Written struct {
	I        int
	Files    []string
	Replaced []string
	Rows     int64
	Bytes    int64
	// Changed counts the rows of a Change.
	Changed int64
}

// Checked is a test's outcome.
type Checked struct {
	Name, Output, Severity string
	Failures               int64
	Detail                 string
}

// Joined is a join check's outcome: Factor is rows after the join for each row
// before it, Overstated what each measure's sum gained.
type Joined struct {
	Output, Label string
	Factor        float64
	Overstated    map[string]string
	Why           string
}

// Stage is the time one part of the work took.
type Stage struct {
	Name    string
	Seconds float64
}

// Done ends a task that went well.
type Done struct {
	// Truncated says that Select.Limit cut rows off.
	Truncated bool
	Elapsed   time.Duration
	Usage     Usage
}

// Failure ends a task that did not.
type Failure struct {
	Error base.Error
	// Output is the output it happened in, -1 if none.
	Output int
	Usage  Usage
}

// Usage is what a task used of the machine.
type Usage struct {
	PeakMemory int64
	CPUSeconds float64
}

// register teaches gob what stands behind interfaces.
func register() {
	for _, v := range []any{base.And{}, base.Or{}, base.Compare{}, base.In{}, base.IsNull{}, base.DecimalText(""), time.Time{}, int64(0), "", 0.0, false} {
		gob.Register(v)
	}
}

// Command is a program to run as a job: its output goes to the run's log.
type Command struct {
	Args []string
	Env  []string
	Dir  string
}
