package app

import (
	"cmp"
	"encoding/json"
	"maps"
	"time"
)

// QueryRequest runs one statement.
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
	// Session is what earlier statements of the same client have set.
	Session QuerySession `json:"session,omitzero"`
	// Receive, if set, takes the rows as they come, called from one goroutine at
	// a time; its error ends the statement. The result then has none.
	Receive func(RowBatch) error `json:"-"`
}

// SendRows makes send the receiver of the rows.
func (q *QueryRequest) SendRows(send func(RowBatch) error) { q.Receive = send }

// RowsHeader is the header of a call that takes its rows as they come, in
// lines before the result: its value is "stream".
const RowsHeader = "Mulgil-Rows"

// RowReceiver is the receiver of the rows, nil if there is none.
func (q QueryRequest) RowReceiver() func(RowBatch) error { return q.Receive }

// RowBatch is a part of an answer: its columns, once and first, or N rows as a
// JSON array of arrays in the forms of a ResultSet.
type RowBatch struct {
	Columns []Column        `json:"columns,omitempty"`
	Rows    json.RawMessage `json:"rows,omitempty"`
	N       int             `json:"n,omitempty"`
}

// QuerySession is what one client has set for its statements (USE, SET SESSION,
// PREPARE). The client keeps it and sends it with each statement.
type QuerySession struct {
	// Catalog and Schema are where bare names are looked up; empty means the
	// lake and the project's database.
	Catalog string `json:"catalog,omitempty"`
	Schema  string `json:"schema,omitempty"`
	// Prepared holds the text of prepared statements by name.
	Prepared   map[string]string `json:"prepared,omitempty"`
	Properties map[string]string `json:"properties,omitempty"`
}

// IsZero is true of a session in which nothing was set.
func (s QuerySession) IsZero() bool {
	return s.Catalog == "" && s.Schema == "" && len(s.Prepared) == 0 && len(s.Properties) == 0
}

// SessionChange is what a statement changed in its session.
type SessionChange struct {
	SetCatalog      string            `json:"set_catalog,omitempty"`
	SetSchema       string            `json:"set_schema,omitempty"`
	AddPrepared     map[string]string `json:"add_prepared,omitempty"`
	DropPrepared    []string          `json:"drop_prepared,omitempty"`
	SetProperties   map[string]string `json:"set_properties,omitempty"`
	ResetProperties []string          `json:"reset_properties,omitempty"`
}

// Apply gives the session after the change; s itself stays as it is.
func (s QuerySession) Apply(c *SessionChange) QuerySession {
	if c == nil {
		return s
	}
	s.Catalog, s.Schema = cmp.Or(c.SetCatalog, s.Catalog), cmp.Or(c.SetSchema, s.Schema)
	s.Prepared = changed(s.Prepared, c.AddPrepared, c.DropPrepared)
	s.Properties = changed(s.Properties, c.SetProperties, c.ResetProperties)
	return s
}

func changed(m, add map[string]string, drop []string) map[string]string {
	if len(add) == 0 && len(drop) == 0 {
		return m
	}
	out := map[string]string{}
	maps.Copy(out, m)
	maps.Copy(out, add)
	for _, k := range drop {
		delete(out, k)
	}
	return out
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
	// UpdateType is set for statements that are no query: "CREATE TABLE",
	// "INSERT"; UpdateCount where rows were counted.
	UpdateType  string `json:"update_type,omitempty"`
	UpdateCount *int64 `json:"update_count,omitempty"`
	// Session is what the statement changed in its session; nil for nothing.
	Session *SessionChange `json:"session,omitempty"`
}

// Column is a column of a result or a table.
type Column struct {
	Name string `json:"name"`
	// Type is Hive's spelling: "bigint", "decimal(12,2)", "array<string>".
	Type string `json:"type"`
	// SQLType is the dialect's own spelling, where it is known: in Athena
	// "decimal(12,2)", "timestamp(3) with time zone", "row(a integer)".
	SQLType string `json:"sql_type,omitempty"`
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
