package app

import "time"

// Table names in requests are "database.table", either part quoted with "" if
// it holds a dot; a bare name is looked up in the default database.

// TableListRequest asks for tables.
type TableListRequest struct {
	// Database limits them to one; empty means all.
	Database string `json:"database,omitempty"`
}

// TableInfo is a table in a list.
type TableInfo struct {
	Database string `json:"database"`
	Name     string `json:"name"`
	// Kind is "iceberg" (managed) or "external" (a Hive folder).
	Kind    string `json:"kind"`
	Comment string `json:"comment,omitempty"`
	// Rows is -1 if unknown (external tables).
	Rows  int64 `json:"rows"`
	Files int64 `json:"files"`
	// Bytes is the size of the data files.
	Bytes     int64      `json:"bytes"`
	UpdatedAt *time.Time `json:"updated_at,omitempty"`
	// Error says why the table cannot be read, in a list: its metadata is
	// damaged or gone. Rows, Files and Bytes are then -1.
	Error string `json:"error,omitempty"`
}

// TableDescribeRequest asks for one table.
type TableDescribeRequest struct {
	Table string `json:"table"`
}

// TableDetail is one table in full.
type TableDetail struct {
	TableInfo
	Location string `json:"location"`
	// Format is the files': "parquet", "json", "csv".
	Format  string   `json:"format,omitempty"`
	Columns []Column `json:"columns"`
	// PartitionBy names the partition columns or transforms, in order.
	PartitionBy []string          `json:"partition_by,omitempty"`
	Partitions  int64             `json:"partitions,omitempty"`
	SnapshotID  string            `json:"snapshot_id,omitempty"`
	Properties  map[string]string `json:"properties,omitempty"`
}

// TableFilesRequest asks for the data files of the current snapshot.
type TableFilesRequest struct {
	Table string `json:"table"`
}

// TableFile is one data or delete file.
type TableFile struct {
	Path string `json:"path"`
	// Partition is "year=2014/month=01", empty if not partitioned.
	Partition string `json:"partition,omitempty"`
	Rows      int64  `json:"rows"`
	Bytes     int64  `json:"bytes"`
	// Deletes is set for delete files.
	Deletes bool `json:"deletes,omitempty"`
}

// TableHistoryRequest asks for snapshots, newest first.
type TableHistoryRequest struct {
	Table string `json:"table"`
}

// TableSnapshot is one state of a table.
type TableSnapshot struct {
	// ID is text because it does not fit a JavaScript number.
	ID       string    `json:"id"`
	ParentID string    `json:"parent_id,omitempty"`
	Time     time.Time `json:"time"`
	// Operation is "append", "overwrite", "replace" or "delete".
	Operation string `json:"operation"`
	// WriteID is the identity of the write that made it.
	WriteID string            `json:"write_id,omitempty"`
	Current bool              `json:"current,omitempty"`
	Summary map[string]string `json:"summary,omitempty"`
}

// TableOptimizeRequest rewrites small files.
type TableOptimizeRequest struct {
	Table string `json:"table"`
	// TargetBytes is the wished file size; 0 means the table's own setting.
	TargetBytes int64 `json:"target_bytes,omitempty"`
}

// TableOptimized tells what a rewrite did.
type TableOptimized struct {
	Table       string `json:"table"`
	FilesBefore int64  `json:"files_before"`
	FilesAfter  int64  `json:"files_after"`
	BytesBefore int64  `json:"bytes_before"`
	BytesAfter  int64  `json:"bytes_after"`
	// SnapshotID is empty if there was nothing to do.
	SnapshotID string `json:"snapshot_id,omitempty"`
}

// TableExpireRequest drops old snapshots.
type TableExpireRequest struct {
	Table string `json:"table"`
	// OlderThanSeconds is the age beyond which snapshots go; nil means 7 days.
	OlderThanSeconds *int64 `json:"older_than_seconds,omitempty"`
	// Keep is the number of newest snapshots that stay in any case; 0 means 10.
	Keep int `json:"keep,omitempty"`
}

// TableExpired tells what went.
type TableExpired struct {
	Table     string `json:"table"`
	Snapshots int64  `json:"snapshots"`
	// Kept is the number of snapshots left; Held of them are kept by readers.
	Kept  int64 `json:"kept"`
	Held  int64 `json:"held,omitempty"`
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// TableCleanRequest deletes files no table refers to. Files being written or
// read are never taken.
type TableCleanRequest struct {
	// Table limits it to one table's folder; empty means the whole lake.
	Table string `json:"table,omitempty"`
	// DryRun lists without deleting.
	DryRun bool `json:"dry_run,omitempty"`
}

// TableCleaned tells what was found.
type TableCleaned struct {
	DryRun bool     `json:"dry_run,omitempty"`
	Paths  []string `json:"paths"`
	Files  int64    `json:"files"`
	Bytes  int64    `json:"bytes"`
}

// TableExportHiveRequest writes the current snapshot as a Hive folder.
type TableExportHiveRequest struct {
	Table string `json:"table"`
	// Dir is an absolute folder, which must be missing or empty.
	Dir string `json:"dir"`
}

// TableExported tells what was written.
type TableExported struct {
	Table      string `json:"table"`
	Dir        string `json:"dir"`
	SnapshotID string `json:"snapshot_id,omitempty"`
	Rows       int64  `json:"rows"`
	Files      int64  `json:"files"`
	Bytes      int64  `json:"bytes"`
}

// LakeRelocateRequest rewrites the lake's metadata for the folder it is in
// now. It is not part of the API: it needs a project nobody has open.
type LakeRelocateRequest struct{}

// LakeRelocated tells what was rewritten.
type LakeRelocated struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Tables int64  `json:"tables"`
	Files  int64  `json:"files"`
}

// LakeRecoverRequest registers tables again from their newest valid metadata.
type LakeRecoverRequest struct {
	// DryRun lists without registering.
	DryRun bool `json:"dry_run,omitempty"`
}

// LakeRecovered tells what was found.
type LakeRecovered struct {
	DryRun bool `json:"dry_run,omitempty"`
	// Tables are the tables registered, "database.table".
	Tables []string `json:"tables"`
	// Skipped are folders without usable metadata, with the reason.
	Skipped []NamedValue `json:"skipped,omitempty"`
}
