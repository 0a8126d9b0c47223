// Package port declares what Mulgil asks of outside systems: small interfaces
// with their promises. Each default in the box and each real system behind the
// same port passes the port's suite (sourcetest, ...).
package port

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
)

// TableName is a table of a source as its owner spells it: "retail.purchase"
// is Schema "retail", Name "purchase". Schema may be empty.
type TableName struct {
	Schema string `json:"schema,omitempty"`
	Name   string `json:"name"`
}

// String joins the parts with a dot.
func (t TableName) String() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// SourceTable describes one table of a source.
type SourceTable struct {
	Name    TableName
	Comment string
	// Fields are in the table's own order; Comment carries the source's column comments.
	Fields []base.Field
	// Key holds the primary key's column names, in key order; empty if none.
	Key []string
	// Rows is the source's own estimate, 0 if it has none.
	Rows int64
}

// Source is a database or a set of files that jobs extract from.
type Source interface {
	// Begin opens one consistent view: all Describe and Read calls on the
	// snapshot see the same moment where the system can do that (PostgreSQL,
	// SQLite). Errors: base.Unavailable (cannot connect), base.Denied (wrong
	// password); messages never contain secrets.
	Begin(ctx context.Context) (Snapshot, error)
	// Close releases connections and tunnels. Safe to call twice.
	Close() error
}

// Snapshot is one moment of a source. Not safe for concurrent use, except that
// several open Streams may be read at the same time.
type Snapshot interface {
	// Tables lists what can be read, without fields.
	Tables(ctx context.Context) ([]SourceTable, error)
	// Describe returns a table's columns, types and comments; base.NotFound
	// names near misses in its hint.
	Describe(ctx context.Context, name TableName) (SourceTable, error)
	// Read starts extracting. Columns absent from the table and types that
	// cannot be held exactly are errors here, before the first row.
	Read(ctx context.Context, spec ReadSpec) (Stream, error)
	// Close ends the snapshot, stopping open streams.
	Close() error
}

// ReadSpec says what to extract from one table.
type ReadSpec struct {
	Table TableName
	// Columns in the order wanted; nil means all.
	Columns []string
	// Where is evaluated by the source. It may return more rows than match
	// only if Exact is reported false by Stream; nil means every row.
	Where Predicate
	// Report receives rows and bytes so far; may be nil.
	Report base.Report
}

// Stream is an extract in flight. After Next returned false, Err tells whether
// the whole table came: a source that ends early MUST report an error there,
// never a normal end. Total is the source's own row count (COPY tags), valid
// once Next returned false; the reader checks it against what it received.
// Release stops the extract and waits for its goroutines.
type Stream interface {
	array.RecordReader
	Total() int64
	// Pushed is the text of the predicate and projection as sent to the source, for the run record.
	Pushed() string
}
