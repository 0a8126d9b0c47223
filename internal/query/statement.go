package query

import (
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Session is what one client has set for the statements it sends. It is a
// value: a statement that changes it (USE, PREPARE) says so in its Outcome.
type Session struct {
	// User and Source are who asks and with which program, for the history.
	User, Source string
	// Catalog and Schema are where unqualified names are looked up; empty
	// means the lake and the project's database.
	Catalog, Schema string
	// Prepared holds the text of prepared statements by name.
	Prepared map[string]string
	// Properties are SET SESSION values.
	Properties map[string]string
}

// Request is one statement in the Athena dialect to be run.
type Request struct {
	Text
	Session Session
	// MaxRows bounds the rows handed to the Receiver, 0 means all that the
	// result limit allows; more is reported as truncated, not as an error.
	MaxRows int
	Report  base.Report
	// ID names the statement, and what it writes, for ever; empty makes a new one.
	ID string
	// Shown is what the history has instead of SQL, if not empty.
	Shown string
}

// Column is a result column in Trino's words.
type Column struct {
	Name string `json:"name"`
	// Type is as Trino prints it: "bigint", "decimal(12, 2)", "varchar(3)",
	// "timestamp(3) with time zone", "row(x integer, y varchar)".
	Type string `json:"type"`
}

// Receiver takes an answer as it comes, called from one goroutine at a time.
// An error it returns stops the statement. Blocking holds the statement back.
type Receiver interface {
	// Queued and Running tell the statement's way before the first row.
	Queued(id string)
	Running()
	// Columns is called once, before any Rows; never for statements without a result.
	Columns([]Column) error
	// Rows gets a JSON array of n rows, each an array of values in the forms
	// of Trino's REST protocol.
	Rows(batch []byte, n int) error
}

// Outcome is how a statement ended well.
type Outcome struct {
	// ID names the statement in the history.
	ID string
	// UpdateType is set for statements that are no query: "CREATE TABLE",
	// "INSERT", "PREPARE"; UpdateCount where rows were counted.
	UpdateType  string
	UpdateCount *int64
	// What the statement changed in the session.
	SetCatalog, SetSchema string
	AddPrepared           map[string]string
	DropPrepared          []string
	SetProperties         map[string]string
	ResetProperties       []string
	Warnings              []string
	Truncated             bool
	Stats                 Stats
}

// Stats tell what a statement cost.
type Stats struct {
	Queued, Elapsed       time.Duration
	CPUSeconds            float64
	PeakMemory            int64
	Rows                  int64
	ScanBytes             int64
	ScanFiles, TotalFiles int
	// ChargedBytes and PriceUSD are what Athena would have charged.
	ChargedBytes int64
	PriceUSD     float64
	// Cached is set if the answer came from the result cache.
	Cached bool
}
