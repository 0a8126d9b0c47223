package trino

// Statement is one whole statement.
type Statement interface {
	Node
	statement()
}

// Property is name = value of a WITH (...) list; Value is an expression (literal, ARRAY[...], ROW), nil for DEFAULT.
// An argument of a procedure is one too, its Name empty if it was not named.
type Property struct {
	Span
	Name  string
	Value Expr
}

// ColumnDef is a column of CREATE TABLE or ADD COLUMN.
type ColumnDef struct {
	Span
	Name    Name
	Type    TypeName
	NotNull bool
	Comment string
	// Properties is WITH (...) of the column.
	Properties []Property
}

type (
	// QueryStatement is a query.
	QueryStatement struct {
		Span
		Query *Query
	}
	// CreateTableAs is CREATE TABLE t [(cols)] [COMMENT] [WITH (...)] AS query [WITH [NO] DATA].
	CreateTableAs struct {
		Span
		Name        QName
		OrReplace   bool
		IfNotExists bool
		Columns     []Name
		Comment     string
		Properties  []Property
		Query       *Query
		NoData      bool
	}
	// CreateTable is Trino's CREATE TABLE t (col type, ..., LIKE other) [WITH (...)]. Athena's own DDL is lang/hive's.
	CreateTable struct {
		Span
		Name        QName
		OrReplace   bool
		IfNotExists bool
		Columns     []ColumnDef
		Like        []QName
		// LikeProperties says for each of Like whether it is INCLUDING PROPERTIES.
		LikeProperties []bool
		Comment        string
		Properties     []Property
	}
	// CreateView is CREATE [OR REPLACE] VIEW v AS query. Text is the query as written.
	CreateView struct {
		Span
		Name      QName
		OrReplace bool
		Comment   string
		Security  string // "", "definer", "invoker"
		Query     *Query
		Text      string
	}
	// Drop is DROP TABLE|VIEW|SCHEMA; Kind is "table", "view" or "schema".
	Drop struct {
		Span
		Kind     string
		Name     QName
		IfExists bool
		Cascade  bool
	}
	// CreateSchema is CREATE SCHEMA|DATABASE.
	CreateSchema struct {
		Span
		Name        QName
		IfNotExists bool
		Properties  []Property
	}
	// Insert is INSERT INTO t [(cols)] query.
	Insert struct {
		Span
		Name    QName
		Columns []Name
		Query   *Query
	}
	// Delete is DELETE FROM t [WHERE].
	Delete struct {
		Span
		Name  QName
		Where Expr
	}
	// Assignment is col = expr.
	Assignment struct {
		Column Name
		Value  Expr
	}
	// Update is UPDATE t SET ... [WHERE].
	Update struct {
		Span
		Name  QName
		Set   []Assignment
		Where Expr
	}
	// MergeCase is WHEN [NOT] MATCHED [AND cond] THEN action; Action is "update", "delete" or "insert".
	MergeCase struct {
		Span
		Matched bool
		Cond    Expr
		Action  string
		Set     []Assignment // update
		Columns []Name       // insert
		Values  []Expr       // insert
	}
	// Merge is MERGE INTO t [AS a] USING source ON cond cases.
	Merge struct {
		Span
		Name   QName
		Alias  *Name
		Source TableRef
		On     Expr
		Cases  []MergeCase
	}
	// Unload is UNLOAD (query) TO 'location' WITH (...).
	Unload struct {
		Span
		Query      *Query
		Location   string
		Properties []Property
	}
	// Optimize is OPTIMIZE t REWRITE DATA USING BIN_PACK [WHERE]; Trino's ALTER TABLE t EXECUTE optimize is the same.
	Optimize struct {
		Span
		Name  QName
		Args  []Property // of EXECUTE optimize(...)
		Where Expr
	}
	// Vacuum is VACUUM t.
	Vacuum struct {
		Span
		Name QName
	}
	// AlterTable is Trino-grammar ALTER TABLE. Action is "rename", "add column", "drop column", "rename column", "set type", "set properties", "execute".
	AlterTable struct {
		Span
		Name       QName
		IfExists   bool
		Action     string
		To         QName     // rename
		Column     Name      // drop, rename and set type
		NewName    Name      // rename column
		Def        ColumnDef // add column
		Type       TypeName  // set type
		Properties []Property
		Procedure  string // execute
		Args       []Property
		Where      Expr // execute
		// ColumnIfExists is DROP or RENAME COLUMN IF EXISTS, ColumnIfNotExists ADD COLUMN IF NOT EXISTS.
		ColumnIfExists, ColumnIfNotExists bool
	}
	// Comment is COMMENT ON TABLE|VIEW|COLUMN x IS 'text' (nil: NULL).
	Comment struct {
		Span
		Kind string
		Name QName
		Text *string
	}
	// Prepare is PREPARE name FROM statement; Text is the statement as written.
	Prepare struct {
		Span
		Name Name
		Of   Statement
		Text string
	}
	// Execute is EXECUTE name [USING a, b], or EXECUTE IMMEDIATE 'text' [USING ...] (Immediate).
	Execute struct {
		Span
		Name      Name
		Immediate string
		IsText    bool
		Using     []Expr
	}
	// Deallocate is DEALLOCATE PREPARE name.
	Deallocate struct {
		Span
		Name Name
	}
	// DescribePrepared is DESCRIBE INPUT|OUTPUT name.
	DescribePrepared struct {
		Span
		Input bool
		Name  Name
	}
	// Show is SHOW CATALOGS|SCHEMAS|TABLES|COLUMNS|FUNCTIONS|SESSION|STATS|CREATE ...; What is lower case:
	// "catalogs", "schemas", "tables", "columns", "functions", "session", "create table", "create view", "create schema", "stats".
	// DESCRIBE t and DESC t are "columns".
	Show struct {
		Span
		What    string
		Name    QName // FROM|IN x, or the object; empty Parts if none
		Like    string
		Escape  string
		HasLike bool
		// Query is that of SHOW STATS FOR (query), else nil.
		Query *Query
	}
	// Explain is EXPLAIN [ANALYZE] [(TYPE x, FORMAT y)] statement.
	Explain struct {
		Span
		Analyze, Verbose bool
		Type, Format     string // lower case, empty if not given
		Of               Statement
	}
	// Use is USE [catalog.]schema.
	Use struct {
		Span
		Name QName
	}
	// SetSession is SET SESSION name = expr; Reset is RESET SESSION name.
	SetSession struct {
		Span
		Name  QName
		Value Expr
		Reset bool
	}
	// SetZone is SET TIME ZONE expr; Value is nil for LOCAL.
	SetZone struct {
		Span
		Value Expr
	}
	// Call statement: CALL procedure(args).
	CallStatement struct {
		Span
		Name     QName
		Args     []Expr
		ArgNames []string
	}
)

func (*QueryStatement) statement()   {}
func (*CreateTableAs) statement()    {}
func (*CreateTable) statement()      {}
func (*CreateView) statement()       {}
func (*Drop) statement()             {}
func (*CreateSchema) statement()     {}
func (*Insert) statement()           {}
func (*Delete) statement()           {}
func (*Update) statement()           {}
func (*Merge) statement()            {}
func (*Unload) statement()           {}
func (*Optimize) statement()         {}
func (*Vacuum) statement()           {}
func (*AlterTable) statement()       {}
func (*Comment) statement()          {}
func (*Prepare) statement()          {}
func (*Execute) statement()          {}
func (*Deallocate) statement()       {}
func (*DescribePrepared) statement() {}
func (*Show) statement()             {}
func (*Explain) statement()          {}
func (*Use) statement()              {}
func (*SetSession) statement()       {}
func (*SetZone) statement()          {}
func (*CallStatement) statement()    {}
