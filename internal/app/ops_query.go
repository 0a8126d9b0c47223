package app

// QueryRequest runs one read-only statement.
type QueryRequest struct {
	SQL string `json:"sql"`
	// Dialect is "athena" or "duckdb"; empty means the project's default.
	Dialect string `json:"dialect,omitempty"`
	// Limit is the largest number of rows returned; 0 means 1000, a negative
	// number means all that the result limit allows.
	Limit int `json:"limit,omitempty"`
}

// ResultSet is a table of values.
//
// A value is nil (NULL), bool, string, json.Number (all numeric types, digits
// exact; NaN and infinities are the strings "NaN", "Infinity", "-Infinity"),
// []any (array) or map[string]any (struct, map with text keys). Decimals are
// json.Number with all digits of their scale. Dates, times and timestamps are
// text as SQL prints them; binary is base64 text.
type ResultSet struct {
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
}
