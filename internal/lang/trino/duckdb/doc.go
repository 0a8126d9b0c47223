// Package duckdb gives Trino statements their meaning and says it in DuckDB's
// SQL. One pass over the tree binds names, types and functions (Trino's rules)
// and writes text whose every operator has Trino's semantics: integer
// division, decimal scales, index errors, NULL rules, error names. What cannot
// be said exactly is refused by name.
//
// The pieces: scope.go finds columns, from.go tables and joins, select.go and
// group.go SELECT and its aggregation, query.go set operations, ordering and
// WITH; expr*.go expressions, cast.go conversions, resolve.go picks a
// function's signature, table_*.go are the functions as data with their
// lowering. A bound statement is a Plan: text, result columns, and the scans
// it reads with the rows that can matter (prune.go). store.go turns its columns
// into ones that files hold, change.go binds statements that change rows.
//
// Physical forms are in physical.go: what a value of each type is to DuckDB.
package duckdb

import (
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// Catalog finds what a name means.
type Catalog interface {
	// Resolve finds a table or view. parts are 1 to 3 folded names; version is
	// nil for the present. Errors are base.Errors with Trino's code
	// (TABLE_NOT_FOUND, SCHEMA_NOT_FOUND, ...), without a place.
	Resolve(parts []string, version *Version) (*Relation, error)
}

// Version is a moment of a table: a snapshot id, tag or branch, or a time.
type Version struct {
	Snapshot int64
	Ref      string
	Time     time.Time
}

// Relation is a table or view as the catalog knows it.
type Relation struct {
	// Parts are the full name: catalog, schema, table.
	Parts   []string
	Columns []Column
	// View, if set, is the query to put in the name's place.
	View *View
	// Data is the catalog's own, handed back in the Scan.
	Data any
}

// View is a stored query.
type View struct {
	SQL string
	// Catalog and Schema are where its names are looked up.
	Catalog, Schema string
	// Columns are the view's columns as declared; empty takes the query's.
	Columns []Column
}

// Column is a column of a relation or a result.
type Column struct {
	Name string
	Type types.Type
	// Hidden columns ("$path") are found by name only, never by *.
	Hidden bool
	// Unnamed is set for a result column that nobody named: Name is then made up.
	Unnamed bool
	// Physical, if set, is the column's name in the engine, where it differs from Name.
	Physical string
	// FromType, if set, is the engine's type of the stored column where it
	// differs from Type's physical form: the scan converts it.
	FromType string
}

// Options are what a statement's meaning depends on beside its text.
type Options struct {
	Catalog Catalog
	// CatalogName and Schema resolve unqualified names; User is current_user.
	CatalogName, Schema, User string
	// Now is current_timestamp, in UTC.
	Now time.Time
	// Params are the values of ? in order.
	Params []trino.Expr
	// Named are the values of $name in a job's text.
	Named map[string]trino.Expr
	// Seq is where the numbers in made-up names begin: a Plan's Seq keeps those
	// of another apart from its own.
	Seq int
	// MaxRecursion bounds WITH RECURSIVE; 0 is Trino's default of 10.
	MaxRecursion int
}

// Plan is a bound query.
type Plan struct {
	// SQL is one DuckDB SELECT; its columns are c0, c1, ... in Columns' order.
	SQL     string
	Columns []Column
	Scans   []*Scan
	// Alternative is another text with the same answer, nil if there is none.
	Alternative *Alternative
	// Functions are the Go functions (mg_...) the text calls.
	Functions []string
	// Once is set if the text reads its only scan once and joins it with nothing.
	Once bool
	// Volatile is set if running it again may give another answer on the same data.
	Volatile bool
	Seq      int
	// Shown are the user's names of the text's relations, by the text's names.
	Shown map[string]Shown
}

// Shown is what the user calls a relation. Columns are the names of its columns
// c0, c1, ...; nil if it has its own.
type Shown struct {
	Name    string
	Columns []string
}

// Scan is one reference to a table. The text reads it as relation Name, whose
// columns have the Relation's names.
type Scan struct {
	Name     string
	Relation *Relation
	// Used are the columns the statement needs, by name; it may be empty (count(*)).
	Used map[string]bool
	// Where holds for every row that can matter; nil: all rows.
	Where base.Predicate
}

// Bind gives a query its meaning. src is the text q's places lie in.
func Bind(src string, q *trino.Query, o Options) (*Plan, error) {
	b := newBinder(src, o)
	r, err := b.query(q, nil)
	if err != nil {
		return nil, err
	}
	return b.plan(r), nil
}
