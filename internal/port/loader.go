package port

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
)

// TableDef is a table to be created in an OLTP database.
type TableDef struct {
	Name    TableName
	Comment string
	Columns []ColumnDef
	// PrimaryKey and ForeignKeys are added after the load.
	PrimaryKey  []string
	ForeignKeys []ForeignKey
}

// ColumnDef is a column in the database's own words.
type ColumnDef struct {
	Name    string
	SQLType string // "varchar(10)", "double precision"
	NotNull bool
	Comment string
}

// ForeignKey says Columns reference RefColumns of Ref.
type ForeignKey struct {
	Name       string
	Columns    []string
	Ref        TableName
	RefColumns []string
}

// Loader fills an OLTP database with whole tables (sample data).
type Loader interface {
	// Create drops and creates the tables without keys, schemas included.
	Create(ctx context.Context, tables []TableDef) error
	// Load streams rows into a table by the database's fastest way and returns
	// their number. The reader's columns are in the table's order.
	Load(ctx context.Context, table TableDef, rows array.RecordReader, report base.Report) (int64, error)
	// Finish adds keys and comments and gathers statistics.
	Finish(ctx context.Context, tables []TableDef, report base.Report) error
	// Close is safe to call twice.
	Close() error
}
