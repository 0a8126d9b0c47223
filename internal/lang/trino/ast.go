// Package trino reads the SQL that Athena engine v3 speaks: Trino's query
// grammar with Athena's statements. A text becomes tokens (lex.go), the tokens
// a tree (parse*.go, this file), and every node keeps its place in the text, so
// that whoever finds a mistake later can underline it. The package knows
// grammar only: names, types and meaning are bound in trino/duckdb.
package trino

// Span is a stretch of the statement's text in bytes, [Start, End).
type Span struct{ Start, End int }

// Pos returns the span itself, so that embedding it makes a node.
func (s Span) Pos() Span { return s }

// Node is any part of the tree.
type Node interface{ Pos() Span }

// Expr is an expression.
type Expr interface {
	Node
	expr()
}

// Name is an identifier. Text is folded to lower case, as Trino compares
// names whether quoted or not; Raw is as written, without quotes.
type Name struct {
	Span
	Text, Raw string
	Quoted    bool
}

// QName is a dotted name: table, schema.table or catalog.schema.table.
type QName struct {
	Span
	Parts []Name
}

// String joins the folded parts with dots.
func (q QName) String() string {
	s := ""
	for i, p := range q.Parts {
		if i > 0 {
			s += "."
		}
		s += p.Text
	}
	return s
}

// Literals.
type (
	// NullLit is NULL.
	NullLit struct{ Span }
	// BoolLit is TRUE or FALSE.
	BoolLit struct {
		Span
		Value bool
	}
	// IntLit is digits (decimal, 0x.., 0b.., 0o.., with underscores), held as decimal digits without sign; it may exceed bigint.
	IntLit struct {
		Span
		Text string
	}
	// DecimalLit is digits with a point: "1.50", ".5", "10.".
	DecimalLit struct {
		Span
		Text string
	}
	// DoubleLit is a number with an exponent: "1e0".
	DoubleLit struct {
		Span
		Text string
	}
	// StringLit is '...' or U&'...', its value decoded.
	StringLit struct {
		Span
		Value string
	}
	// BinaryLit is X'...', decoded.
	BinaryLit struct {
		Span
		Value []byte
	}
	// TypedLit is TYPE 'text': DATE '2014-01-31', DECIMAL '1.5', CHAR 'a'.
	TypedLit struct {
		Span
		Type  TypeName
		Value string
		// ValuePos is where the text stands.
		ValuePos Span
	}
	// IntervalLit is INTERVAL [sign] 'text' FROM [TO TO].
	IntervalLit struct {
		Span
		Negative bool
		Value    string
		From, To string // year, month, day, hour, minute, second (Trino has no week); To may be empty
	}
	// Param is ?, numbered from 0 in the order of the text, or $name in a job.
	Param struct {
		Span
		Index int
		Name  string
	}
)

// TypeName is a type as written; trino/types makes a type of it.
type TypeName struct {
	Span
	// Text is the type in Trino's spelling, folded to lower case, with row
	// field names kept as written (quoted where they were).
	Text string
}

// Expressions.
type (
	// Ident is a bare column (or lambda argument) name.
	Ident struct {
		Span
		Name Name
	}
	// Deref is Base.Field: a qualified column, or a field of a row; the binder decides.
	Deref struct {
		Span
		Base  Expr
		Field Name
	}
	// Subscript is Base[Index].
	Subscript struct {
		Span
		Base, Index Expr
	}
	// Unary is - + applied to X ("-", "+").
	Unary struct {
		Span
		Op string
		X  Expr
	}
	// Not is NOT X.
	Not struct {
		Span
		X Expr
	}
	// Binary is X Op Y: + - * / % || (arithmetic and concatenation).
	Binary struct {
		Span
		Op    string
		OpPos Span
		X, Y  Expr
	}
	// Compare is X Op Y: = <> < <= > >=, and "is distinct from", "is not distinct from". "!=" is "<>".
	Compare struct {
		Span
		Op    string
		OpPos Span
		X, Y  Expr
	}
	// Quantified is X Op ANY|SOME|ALL (query).
	Quantified struct {
		Span
		Op    string
		OpPos Span
		All   bool
		X     Expr
		Query *Query
	}
	// Logical is AND or OR ("and", "or") over two or more terms.
	Logical struct {
		Span
		Op    string
		Terms []Expr
	}
	// Between is X [NOT] BETWEEN Low AND High.
	Between struct {
		Span
		Not          bool
		X, Low, High Expr
	}
	// InList is X [NOT] IN (a, b).
	InList struct {
		Span
		Not  bool
		X    Expr
		List []Expr
	}
	// InQuery is X [NOT] IN (query).
	InQuery struct {
		Span
		Not   bool
		X     Expr
		Query *Query
	}
	// Like is X [NOT] LIKE Pattern [ESCAPE Escape]; Escape may be nil.
	Like struct {
		Span
		Not                bool
		X, Pattern, Escape Expr
	}
	// IsNull is X IS [NOT] NULL.
	IsNull struct {
		Span
		Not bool
		X   Expr
	}
	// Exists is EXISTS (query).
	Exists struct {
		Span
		Query *Query
	}
	// Subquery is (query) as a value.
	Subquery struct {
		Span
		Query *Query
	}
	// Case is both forms of CASE; Operand and Else may be nil.
	Case struct {
		Span
		Operand Expr
		Whens   []When
		Else    Expr
	}
	// Cast is CAST or TRY_CAST (Try).
	Cast struct {
		Span
		Try  bool
		X    Expr
		Type TypeName
	}
	// Array is ARRAY[...].
	Array struct {
		Span
		Elems []Expr
	}
	// Row is ROW(...) or (a, b).
	Row struct {
		Span
		Elems []Expr
	}
	// Lambda is x -> body or (x, y) -> body.
	Lambda struct {
		Span
		Params []Name
		Body   Expr
	}
	// Call is a function call. Special forms become calls too: EXTRACT(f FROM x) is
	// "extract" with Unit, SUBSTRING(x FROM a FOR b) "substring", POSITION(a IN b) "strpos" with
	// swapped arguments, TRIM(LEADING c FROM x) "trim" of x and c (or x alone) with Unit "leading"|"trailing"|"both"
	// (TRIM(x) and TRIM(x, c) have no Unit),
	// NORMALIZE(x, NFD) "normalize" with Unit, IF, COALESCE, NULLIF, TRY, GREATEST by their
	// names, CURRENT_DATE, CURRENT_TIMESTAMP(p), LOCALTIME, CURRENT_USER ... by theirs with no parentheses noted in NoParens.
	Call struct {
		Span
		Name QName
		Args []Expr
		// ArgNames holds a name for named arguments (name => value), empty otherwise; nil if none is named.
		ArgNames []string
		Unit     string
		// OrderBy is the aggregate's own ORDER BY, or WITHIN GROUP's.
		OrderBy     []SortItem
		Filter      Expr   // FILTER (WHERE ...), nil if none
		Over        *Over  // nil if no window
		OnOverflow  *Trunc // LISTAGG's ON OVERFLOW, nil if not written
		Star        bool   // count(*)
		Distinct    bool
		NoParens    bool
		WithinGroup bool
		IgnoreNulls bool // IGNORE NULLS
		RespectNull bool // RESPECT NULLS, as written
	}
	// AtZone is X AT TIME ZONE Zone.
	AtZone struct {
		Span
		X, Zone Expr
	}
	// JSONCall is JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY.
	JSONCall struct {
		Span
		Name  string // lower case
		Input Expr   // for exists, value, query
		// InputFormat is "json" or "json encoding utf8|utf16|utf32" for FORMAT JSON [ENCODING x], or empty. Members' and arguments' Format likewise.
		InputFormat string
		Path        string
		PathPos     Span
		// PathName is the name given to the path by AS; it means nothing.
		PathName  string
		Passing   []JSONArg
		Returning *TypeName
		// ReturningFormat is the FORMAT after RETURNING, in the form of InputFormat.
		ReturningFormat string
		// Wrapper: "", "without", "conditional", "unconditional"; Quotes: "", "keep", "omit".
		Wrapper, Quotes string
		// OnEmpty, OnError: "", "null", "error", "default", "empty array", "empty object", "true", "false", "unknown".
		OnEmpty, OnError               string
		OnEmptyDefault, OnErrorDefault Expr
		// Members of JSON_OBJECT and JSON_ARRAY.
		Members []JSONMember
		// NullOnNull: "" (default), "null", "absent". UniqueKeys as written.
		NullHandling string
		UniqueKeys   bool
	}
	// Grouping is GROUPING(a, b).
	Grouping struct {
		Span
		Args []Expr
	}
	// TableArg is TABLE(name) or TABLE(query), maybe with an alias, as an argument of a table function.
	TableArg struct {
		Span
		Of TableRef
	}
	// Descriptor is DESCRIPTOR(a, b), an argument of a table function.
	Descriptor struct {
		Span
		Columns []Name
	}
)

// When is one WHEN ... THEN ... of a Case.
type When struct{ Cond, Then Expr }

// Trunc is LISTAGG's ON OVERFLOW ERROR | TRUNCATE 'x' WITH[OUT] COUNT.
type Trunc struct {
	Error     bool
	Filler    string
	WithCount bool
}

// JSONArg is one PASSING value AS name; a bare name is in upper case, as paths see it.
type JSONArg struct {
	Value  Expr
	Format string
	Name   string
}

// JSONMember is a member of JSON_OBJECT (Key set) or an element of JSON_ARRAY.
type JSONMember struct {
	Key, Value Expr
	Format     string
}

// Over is OVER name or OVER (...).
type Over struct {
	Span
	Ref string // a named window, alone (OVER w) or as base (OVER (w ORDER BY ...))
	// Bare is OVER w without parentheses.
	Bare        bool
	PartitionBy []Expr
	OrderBy     []SortItem
	Frame       *Frame
}

// Frame is a window frame. Mode is "rows", "range" or "groups"; without BETWEEN it ends at the current row.
type Frame struct {
	Span
	Mode       string
	Start, End Bound
}

// Bound is a frame's bound: Kind "unbounded preceding", "preceding", "current row", "following", "unbounded following".
type Bound struct {
	Span
	Kind  string
	Value Expr
}

// SortItem is one key of an ORDER BY. Nulls is "", "first" or "last".
type SortItem struct {
	Span
	X     Expr
	Desc  bool
	Nulls string
}

// Query is a whole query expression: WITH, a body, ORDER BY, OFFSET, LIMIT.
type Query struct {
	Span
	With    *With
	Body    Body
	OrderBy []SortItem
	Offset  Expr // IntLit or Param, nil if none
	// Limit is LIMIT n (IntLit or Param) or FETCH FIRST n; nil for none and LIMIT ALL. WithTies is FETCH's.
	Limit    Expr
	WithTies bool
}

// With is WITH [RECURSIVE] name (cols) AS (query), ...
type With struct {
	Span
	Recursive bool
	CTEs      []CTE
}

// CTE is one named query.
type CTE struct {
	Span
	Name    Name
	Columns []Name
	Query   *Query
}

// Body is what a Query orders and limits: Select, SetOp, Values, TableBody or a nested Query.
type Body interface {
	Node
	body()
}

type (
	// Select is SELECT ... FROM ... WHERE ... GROUP BY ... HAVING ... WINDOW ...
	Select struct {
		Span
		Distinct bool
		Items    []SelectItem
		From     []TableRef // comma list; empty if no FROM
		Where    Expr
		GroupBy  *GroupBy
		Having   Expr
		Windows  []NamedWindow
	}
	// SetOp is UNION, INTERSECT or EXCEPT ("union", ...); All as written, else distinct.
	SetOp struct {
		Span
		Op          string
		All         bool
		Left, Right Body
	}
	// Values is VALUES a, (b, c): each row is a Row or a single expression.
	Values struct {
		Span
		Rows []Expr
	}
	// TableBody is TABLE name.
	TableBody struct {
		Span
		Name QName
	}
	// ParenBody is a parenthesized query as a body.
	ParenBody struct {
		Span
		Query *Query
	}
)

// SelectItem is one item of a select list: an expression with an optional
// alias, * , t.* or expr.* [AS (a, b)].
type SelectItem struct {
	Span
	X       Expr
	Alias   *Name
	Star    bool
	Of      Expr   // what stands before .*, nil for a bare *
	Aliases []Name // row.* AS (a, b)
}

// GroupBy is GROUP BY [ALL|DISTINCT] elements.
type GroupBy struct {
	Span
	Distinct bool
	Elems    []GroupElem
}

// GroupElem is an expression, a parenthesized list, or ROLLUP, CUBE, GROUPING
// SETS. Kind is "simple", "rollup", "cube" or "sets"; Sets holds one
// expression list per set (simple: one set).
type GroupElem struct {
	Span
	Kind string
	Sets [][]Expr
}

// NamedWindow is WINDOW name AS (...).
type NamedWindow struct {
	Name Name
	Spec Over
}

// TableRef is an item of FROM.
type TableRef interface {
	Node
	tableRef()
}

type (
	// Table is a named table with an optional time: FOR VERSION|TIMESTAMP AS OF x, or SYSTEM_VERSION|SYSTEM_TIME as Athena spells it too.
	Table struct {
		Span
		Name QName
		// Travel is "", "version" or "timestamp"; At is its expression.
		Travel string
		At     Expr
	}
	// SubqueryRef is (query) in FROM.
	SubqueryRef struct {
		Span
		Query   *Query
		Lateral bool
	}
	// Unnest is UNNEST(a, b) [WITH ORDINALITY].
	Unnest struct {
		Span
		Args       []Expr
		Ordinality bool
	}
	// TableCall is TABLE(f(...)): table functions.
	TableCall struct {
		Span
		Call *Call
	}
	// Aliased gives a name, and maybe column names, to what it holds.
	Aliased struct {
		Span
		Of      TableRef
		Alias   Name
		Columns []Name
	}
	// Sampled is TABLESAMPLE BERNOULLI|SYSTEM (p).
	Sampled struct {
		Span
		Of      TableRef
		Method  string
		Percent Expr
	}
	// Join is a join. Kind is "inner", "left", "right", "full" or "cross"; exactly one of On, Using, Natural unless cross.
	Join struct {
		Span
		Kind        string
		Left, Right TableRef
		On          Expr
		Using       []Name
		Natural     bool
	}
	// Paren is a parenthesized join or table.
	Paren struct {
		Span
		Of TableRef
	}
	// MatchRecognize is recognized so that it can be refused by name; Text is what stands in its parentheses, they included.
	MatchRecognize struct {
		Span
		Of   TableRef
		Text string
	}
)

func (*NullLit) expr()     {}
func (*BoolLit) expr()     {}
func (*IntLit) expr()      {}
func (*DecimalLit) expr()  {}
func (*DoubleLit) expr()   {}
func (*StringLit) expr()   {}
func (*BinaryLit) expr()   {}
func (*TypedLit) expr()    {}
func (*IntervalLit) expr() {}
func (*Param) expr()       {}
func (*Ident) expr()       {}
func (*Deref) expr()       {}
func (*Subscript) expr()   {}
func (*Unary) expr()       {}
func (*Not) expr()         {}
func (*Binary) expr()      {}
func (*Compare) expr()     {}
func (*Quantified) expr()  {}
func (*Logical) expr()     {}
func (*Between) expr()     {}
func (*InList) expr()      {}
func (*InQuery) expr()     {}
func (*Like) expr()        {}
func (*IsNull) expr()      {}
func (*Exists) expr()      {}
func (*Subquery) expr()    {}
func (*Case) expr()        {}
func (*Cast) expr()        {}
func (*Array) expr()       {}
func (*Row) expr()         {}
func (*Lambda) expr()      {}
func (*Call) expr()        {}
func (*AtZone) expr()      {}
func (*JSONCall) expr()    {}
func (*Grouping) expr()    {}
func (*TableArg) expr()    {}
func (*Descriptor) expr()  {}

func (*Select) body()    {}
func (*SetOp) body()     {}
func (*Values) body()    {}
func (*TableBody) body() {}
func (*ParenBody) body() {}

func (*Table) tableRef()          {}
func (*SubqueryRef) tableRef()    {}
func (*Unnest) tableRef()         {}
func (*TableCall) tableRef()      {}
func (*Aliased) tableRef()        {}
func (*Sampled) tableRef()        {}
func (*Join) tableRef()           {}
func (*Paren) tableRef()          {}
func (*MatchRecognize) tableRef() {}
