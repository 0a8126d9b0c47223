package app

import "time"

// CrawlerListRequest asks for all crawlers.
type CrawlerListRequest struct{}

// CrawlerInfo is a crawler in a list.
type CrawlerInfo struct {
	Name string `json:"name"`
	// State is READY, RUNNING or STOPPING.
	State    string      `json:"state"`
	Database string      `json:"database"`
	Targets  []string    `json:"targets"`
	Last     *CrawlerRun `json:"last,omitempty"`
}

// CrawlerGetRequest asks for one crawler in AWS's own JSON: {"Crawler": {...}}.
type CrawlerGetRequest struct {
	Name string `json:"name"`
}

// CrawlerRunRequest runs a crawler.
type CrawlerRunRequest struct {
	Name string `json:"name"`
	// DryRun finds the changes and makes none.
	DryRun bool `json:"dry_run,omitempty"`
	// Wait returns at the run's end, else once it has started.
	Wait bool `json:"wait,omitempty"`
}

// Detached tells whether the work goes on without the caller.
func (r CrawlerRunRequest) Detached() bool { return !r.Wait && !r.DryRun }

// CrawlerRun is the record of one crawl.
type CrawlerRun struct {
	ID      string   `json:"id"`
	Crawler string   `json:"crawler"`
	State   RunState `json:"state"`
	DryRun  bool     `json:"dry_run,omitempty"`
	// StartedAt and EndedAt bound the crawl; EndedAt is nil while it runs.
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	// Files is the number of files looked at.
	Files   int64        `json:"files"`
	Changes []TableDiff  `json:"changes,omitempty"`
	Skipped []NamedValue `json:"skipped,omitempty"`
	// Log is what the crawl had to say, line by line.
	Log   []string   `json:"log,omitempty"`
	Error *ErrorInfo `json:"error,omitempty"`
}

// TableDiff is what a crawl changes (or would) in one table.
type TableDiff struct {
	Table string `json:"table"`
	// Change is "create", "update", "delete", "deprecate" or "none".
	Change string `json:"change"`
	// Columns lists changed columns.
	Columns []ColumnDiff `json:"columns,omitempty"`
	// PartitionsAdded and PartitionsRemoved are counts.
	PartitionsAdded   int64 `json:"partitions_added,omitempty"`
	PartitionsRemoved int64 `json:"partitions_removed,omitempty"`
	// Note says why a difference was not applied.
	Note string `json:"note,omitempty"`
}

// ColumnDiff is one column before and after; an empty type means absent.
type ColumnDiff struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Applied is false if policy forbids the change.
	Applied bool `json:"applied"`
}

// CrawlerStopRequest stops a running crawler.
type CrawlerStopRequest struct {
	Name string `json:"name"`
}

// CrawlerRunsRequest asks for runs of a crawler, newest first.
type CrawlerRunsRequest struct {
	Name string `json:"name"`
	// Limit is the number of runs; 0 means 20.
	Limit int `json:"limit,omitempty"`
}

// CrawlerTablesRequest asks for the tables that crawlers recorded.
type CrawlerTablesRequest struct {
	// Database limits them to one; empty means all.
	Database string `json:"database,omitempty"`
}

// CrawledTable is a table as a crawler recorded it, in the shape of Glue's
// GetTable: Columns without the partition keys, PartitionKeys apart.
type CrawledTable struct {
	Database string `json:"database"`
	Name     string `json:"name"`
	Crawler  string `json:"crawler"`
	// Columns and PartitionKeys have Hive's types.
	Columns       []Column `json:"columns"`
	PartitionKeys []Column `json:"partition_keys"`
	Location      string   `json:"location"`
	// Format is the files', or "iceberg" for a managed table.
	Format string `json:"format"`
	// Target is the managed table it stands for, "database.name"; empty for a
	// table of files.
	Target string `json:"target,omitempty"`
	// Deprecated is set if its data is gone and the crawler keeps the table.
	Deprecated bool `json:"deprecated,omitempty"`
	// Version counts the table's changes from 1.
	Version   int64     `json:"version"`
	UpdatedAt time.Time `json:"updated_at"`
}
