package app

import "time"

// QueryRequest runs one read-only statement.
type QueryRequest struct {
	SQL string `json:"sql"`
	// Dialect is "athena" or "duckdb"; empty means the project's default.
	Dialect string `json:"dialect,omitempty"`
	// Limit is the largest number of rows returned; 0 means 1000, a negative
	// number means all that the result limit allows.
	Limit int `json:"limit,omitempty"`
	// User and Source are who asks and with which program, for the history.
	User   string `json:"user,omitempty"`
	Source string `json:"source,omitempty"`
	// NoReuse runs the statement even if its answer is kept.
	NoReuse bool `json:"no_reuse,omitempty"`
}

// ResultSet is a table of values.
//
// A value is nil (NULL), bool, string, json.Number (all numeric types, digits
// exact; NaN and infinities are the strings "NaN", "Infinity", "-Infinity"),
// []any (array) or map[string]any (struct, map with text keys). Decimals are
// json.Number with all digits of their scale. Dates, times and timestamps are
// text as SQL prints them; binary is base64 text.
type ResultSet struct {
	// ID names the statement in the history; empty where none was recorded.
	ID      string   `json:"id,omitempty"`
	Columns []Column `json:"columns"`
	Rows    [][]any  `json:"rows"`
	// Truncated is set if there were more rows than the limit.
	Truncated bool       `json:"truncated,omitempty"`
	Stats     QueryStats `json:"stats"`
	Warnings  []string   `json:"warnings,omitempty"`
}

// Column is a column of a result or a table.
type Column struct {
	Name string `json:"name"`
	// Type is Hive's spelling: "bigint", "decimal(12,2)", "array<string>".
	Type string `json:"type"`
	// Comment is the catalog's, any language.
	Comment string `json:"comment,omitempty"`
	// Required is set if NULL is not allowed.
	Required bool `json:"required,omitempty"`
	// Partition is set for partition columns of a table.
	Partition bool `json:"partition,omitempty"`
}

// QueryStats tells what a statement cost.
type QueryStats struct {
	// ElapsedMS is wall time in milliseconds.
	ElapsedMS int64 `json:"elapsed_ms"`
	// ScannedBytes is the size of the files read, in bytes.
	ScannedBytes int64 `json:"scanned_bytes"`
	// ScannedFiles of TotalFiles were left after pruning.
	ScannedFiles int64 `json:"scanned_files"`
	TotalFiles   int64 `json:"total_files"`
	// QueuedMS is how much of ElapsedMS it waited for room.
	QueuedMS int64 `json:"queued_ms"`
	// ChargedBytes and PriceUSD are what Athena would have charged: whole
	// megabytes, at least ten, at 5 US dollars a terabyte.
	ChargedBytes int64   `json:"charged_bytes"`
	PriceUSD     float64 `json:"price_usd"`
	// Cached is set if the rows are those of an earlier equal statement.
	Cached     bool    `json:"cached,omitempty"`
	CPUSeconds float64 `json:"cpu_seconds,omitempty"`
	PeakMemory int64   `json:"peak_memory_bytes,omitempty"`
}

// QueryState is where a statement stands: "QUEUED", "RUNNING", "SUCCEEDED",
// "FAILED" or "CANCELLED".
type QueryState string

// QueryInfo is one statement of the history.
type QueryInfo struct {
	ID    string     `json:"id"`
	State QueryState `json:"state"`
	// SQL is the text; lists cut it at 1000 characters.
	SQL string `json:"sql"`
	// Kind is "SELECT", "CREATE TABLE", ... once it is known.
	Kind    string `json:"kind,omitempty"`
	User    string `json:"user,omitempty"`
	Source  string `json:"source,omitempty"`
	Catalog string `json:"catalog,omitempty"`
	Schema  string `json:"schema,omitempty"`
	// StartedAt is nil while it waits, EndedAt until it ended.
	SubmittedAt time.Time  `json:"submitted_at"`
	StartedAt   *time.Time `json:"started_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	// Rows is the size of its answer.
	Rows  int64      `json:"rows"`
	Stats QueryStats `json:"stats"`
	// ResultKept is set while query.results has its rows.
	ResultKept bool       `json:"result_kept"`
	Error      *ErrorInfo `json:"error,omitempty"`
}

// QueryListRequest asks for statements, newest first.
type QueryListRequest struct {
	State QueryState `json:"state,omitempty"`
	User  string     `json:"user,omitempty"`
	// Limit is the largest number of statements; 0 means 20.
	Limit int `json:"limit,omitempty"`
}

// QueryGetRequest asks for one statement.
type QueryGetRequest struct {
	ID string `json:"id"`
}

// QueryResultsRequest asks for the rows of a statement again.
type QueryResultsRequest struct {
	ID string `json:"id"`
	// Offset rows are left out.
	Offset int `json:"offset,omitempty"`
	// Limit is the largest number of rows returned; 0 means 1000.
	Limit int `json:"limit,omitempty"`
}

// QueryStopRequest stops a statement.
type QueryStopRequest struct {
	ID string `json:"id"`
}
