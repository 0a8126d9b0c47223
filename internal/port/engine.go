package port

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
)

// EngineConfig is fixed for an engine's life: a change means a new engine.
type EngineConfig struct {
	// Memory is the engine's own limit in bytes; beyond it work spills to TempDir.
	Memory  int64
	Threads int
	TempDir string
	// Files may be read, Dirs may be read and written (subfolders included);
	// everything else on the machine is out of reach.
	Files []string
	Dirs  []string
	// Functions names those of the engine's Go functions that this session can
	// call; an unknown name is an error of Open.
	Functions []string
	// Footers remembers the footers of Parquet files that were read, for a
	// session that answers several statements.
	Footers bool
}

// Engine opens analytical SQL sessions.
type Engine interface {
	Open(ctx context.Context, cfg EngineConfig) (Session, error)
}

// Starter is an Engine that can start an instance before its configuration is
// known, so that whoever waits for it does not wait for the start.
type Starter interface {
	Start() (Started, error)
}

// Started is an instance without a configuration. Open gives it one and is
// called at most once; Close ends one that was never opened.
type Started interface {
	Open(ctx context.Context, cfg EngineConfig) (Session, error)
	Close() error
}

// Arg is a named parameter ($Name) of a statement.
type Arg struct {
	Name string
	// Value is nil, bool, int64, float64, string, Decimal or time.Time.
	Value any
	// Type is what the engine sees the value as; its zero leaves it to the Value.
	Type base.Type
}

// Session is one connection of one private engine instance. Not safe for
// concurrent use. Errors in SQL are *base.Error with Kind Invalid and, where
// the engine tells it, a Place whose Col and Line lie in the statement text
// (File empty).
type Session interface {
	Exec(ctx context.Context, sql string, args ...Arg) error
	// Query streams rows; the caller closes them.
	Query(ctx context.Context, sql string, args ...Arg) (Rows, error)
	// Batches runs a SELECT without parameters and hands its rows over as Arrow
	// batches while they are made: a reader that waits holds the SELECT back.
	// planned is called once it is known how the SELECT runs, before it does; it
	// may be nil. The caller closes it before the session does anything else.
	Batches(ctx context.Context, sql string, planned func()) (Batches, error)
	// Describe returns a SELECT's columns without running it. A type no lake
	// table can hold is an error naming the column.
	Describe(ctx context.Context, sql string, args ...Arg) ([]base.Field, error)
	// Columns is Describe in the engine's own type names, never refusing.
	Columns(ctx context.Context, sql string, args ...Arg) ([]EngineColumn, error)
	// Extend makes further Go functions of the engine callable; those that are
	// already stay. An unknown name is an error.
	Extend(names []string) error
	// Stream makes r readable once as a relation called name until release.
	Stream(name string, r array.RecordReader) (release func(), err error)
	// Close ends the instance and frees its memory. Safe to call twice.
	Close() error
}

// Batches are a result's rows in columns. A Batch is valid until the next
// Next or Close.
type Batches interface {
	Schema() *arrow.Schema
	Next() bool
	Batch() arrow.RecordBatch
	Err() error
	Close() error
}

// EngineColumn is a result column in the engine's own words.
type EngineColumn struct {
	Name string
	Type string
}

// Rows are query results. Values are Go values: nil, bool, int64, float64,
// string, []byte, time.Time, *big.Int, Decimal, []any, map[string]any.
type Rows interface {
	Columns() []EngineColumn
	Next() bool
	Values() ([]any, error)
	Err() error
	Close() error
}
