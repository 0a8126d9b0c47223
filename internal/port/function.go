package port

// Function is a scalar function written in Go that an engine makes callable
// from SQL. Types are the engine's type text: "VARCHAR", "BIGINT[]",
// "MAP(VARCHAR, VARCHAR[])", "STRUCT(t TIMESTAMP, z VARCHAR)".
//
// Values cross in these Go forms, both ways; nil is NULL:
//
//	BOOLEAN               bool
//	TINYINT ... BIGINT    int8, int16, int32, int64
//	FLOAT, DOUBLE         float32, float64
//	VARCHAR, BLOB         string, []byte
//	DATE, TIMESTAMP(_NS)  time.Time in UTC
//	list                  []any
//	MAP                   [][2]any, key and value, in order
//	STRUCT                []any in the order of its fields
type Function struct {
	// Name is what SQL calls it by; all begin with "mg_".
	Name   string
	Params []string
	// Variadic, if not empty, is the type of any further arguments.
	Variadic string
	Returns  string
	// Volatile functions are called once per row even with constant arguments.
	Volatile bool
	// NullArgs functions see NULL arguments; for others one NULL makes the result NULL.
	NullArgs bool
	// Body is called by several threads at once. args is reused after it returns.
	// A *base.Error with a Code reaches the statement's error text as
	// "[[CODE]] message"; a panic becomes an error of the statement.
	Body func(args []any) (any, error)
}
