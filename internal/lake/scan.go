package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Scan is what a reader needs to read a table: columns in table order and the
// files left after pruning. Columns are found in the files by field id; one
// that a file lacks is NULL there.
type Scan struct {
	Fields []base.Field `json:"fields"`
	Files  []ScanFile   `json:"files"`
	// Hidden are columns of the files that deletes compare and readers do not see.
	Hidden []base.Field `json:"hidden,omitempty"`
	// TotalFiles and TotalBytes count the whole snapshot, Bytes the files left.
	TotalFiles int   `json:"total_files"`
	TotalBytes int64 `json:"total_bytes"`
	Bytes      int64 `json:"bytes"`
}

// ScanFile is one data file.
type ScanFile struct {
	// Path is plain and absolute.
	Path  string `json:"path"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
	// Deletes are Parquet files of (file_path, pos) naming rows that no longer
	// exist, among them rows of other files; the paths in them may carry a scheme.
	Deletes []string `json:"deletes,omitempty"`
	// Keys delete rows by value.
	Keys []KeyDelete `json:"keys,omitempty"`
}

// Deleted tells whether rows of the file no longer exist.
func (f ScanFile) Deleted() bool { return len(f.Deletes)+len(f.Keys) > 0 }

// FileInfo is a data file as the catalog knows it.
type FileInfo struct {
	Path  string `json:"path"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
	// Partition holds each partition column's value as text; nil is NULL.
	Partition map[string]*string `json:"partition,omitempty"`
}

// Snapshot is one committed state of a table.
type Snapshot struct {
	ID        int64     `json:"id"`
	Parent    int64     `json:"parent,omitempty"`
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	// WriteID is the write that made it; maintenance has none.
	WriteID      string            `json:"write_id,omitempty"`
	AddedRows    int64             `json:"added_rows"`
	RemovedRows  int64             `json:"removed_rows"`
	TotalRows    int64             `json:"total_rows"`
	AddedFiles   int64             `json:"added_files"`
	RemovedFiles int64             `json:"removed_files"`
	TotalFiles   int64             `json:"total_files"`
	Current      bool              `json:"current,omitempty"`
	Summary      map[string]string `json:"summary,omitempty"`
}

func (l *Lake) scanOf(ctx context.Context, n Name, t *table.Table, m moment, where port.Predicate) (Scan, error) {
	s, schema := m.snapshot, m.schema
	fields, err := FieldsOf(schema)
	if err != nil {
		return Scan{}, base.Errorf(base.Invalid, "table %s: %w", n, err)
	}
	out := Scan{Fields: fields}
	usable := fields
	if where != nil {
		if usable, err = plannable(t, m, fields); err != nil {
			return Scan{}, fmt.Errorf("plan scan of %s: %w", n, err)
		}
	}
	tasks, err := planAt(ctx, t, m, prune(where, usable))
	if err != nil {
		return Scan{}, fmt.Errorf("plan scan of %s: %w", n, err)
	}
	deletes, err := indexDeletes(ctx, t, s)
	if err != nil {
		return Scan{}, unreadable(n, err)
	}
	specs, wide := specsOf(t), widenedLongs(t, fields)
	for _, task := range tasks {
		if where != nil && !mayHold(where, fields, facts{textValues(specs[int(task.File.SpecID())], schema, task.File), wholeBounds(wide, task.File)}) {
			continue
		}
		f, err := scanFile(task, deletes)
		if err != nil {
			return Scan{}, unreadable(n, err)
		}
		out.Files = append(out.Files, f)
		out.Bytes += f.Bytes
	}
	out.TotalFiles, out.TotalBytes = int(total(s, "total-data-files")), total(s, "total-files-size")
	if where == nil || out.TotalFiles < len(out.Files) || out.TotalBytes < out.Bytes {
		out.TotalFiles, out.TotalBytes = len(out.Files), out.Bytes
	}
	slices.SortFunc(out.Files, func(a, b ScanFile) int { return strings.Compare(a.Path, b.Path) })
	if out.Hidden, err = keyFields(t, fields, out.Files); err == nil {
		err = l.checkReadable(ctx, t, schema, out.Files)
	}
	if err != nil {
		return Scan{}, unreadable(n, err)
	}
	return out, nil
}

// unreadable names the table that err keeps from being read.
func unreadable(n Name, err error) error {
	e := base.Errorf(base.KindOf(err), "table %s: %w", n, err)
	var cause *base.Error
	if errors.As(err, &cause) {
		e.Hint = cause.Hint
	}
	if e.Hint == "" && e.Kind == base.Invalid {
		e.Hint = "rewrite it with the program that wrote it"
	}
	return e
}

// plan lists a snapshot's files; a nil snapshot has none.
func plan(ctx context.Context, t *table.Table, s *table.Snapshot) ([]table.FileScanTask, error) {
	if s == nil {
		return nil, nil
	}
	tasks, err := t.Scan(table.WithSnapshotID(s.SnapshotID)).PlanFiles(ctx)
	return tasks, unplanned(ctx, t, s, err)
}

// planAt lists the files of a moment that filter, in terms of its columns,
// does not exclude.
func planAt(ctx context.Context, t *table.Table, m moment, filter iceberg.BooleanExpression) ([]table.FileScanTask, error) {
	if m.snapshot == nil || filter == nil {
		return plan(ctx, t, m.snapshot)
	}
	opts := []table.ScanOption{table.WithRowFilter(filter)}
	if !m.current {
		// iceberg-go reads the filter in terms of the snapshot's own columns,
		// which a branch may not have
		if id := m.snapshot.SchemaID; id == nil || *id != m.schema.ID {
			return plan(ctx, t, m.snapshot)
		}
		opts = append(opts, table.WithSnapshotID(m.snapshot.SnapshotID))
	}
	tasks, err := t.Scan(opts...).PlanFiles(ctx)
	return tasks, unplanned(ctx, t, m.snapshot, err)
}

func scanFile(task table.FileScanTask, deletes *deleteIndex) (ScanFile, error) {
	f := ScanFile{Path: plainPath(task.File.FilePath()), Rows: task.File.Count(), Bytes: task.File.FileSizeBytes()}
	if task.File.FileFormat() != iceberg.ParquetFile {
		return f, base.Errorf(base.Invalid, "file %s is %s; only Parquet can be read", f.Path, task.File.FileFormat())
	}
	if len(task.DeletionVectorFiles) > 0 {
		return f, base.Errorf(base.Invalid, "deletion vectors (Iceberg format 3) cannot be read yet: rows of %s", f.Path)
	}
	if deletes != nil {
		deletes.apply(task, &f)
	}
	if len(f.Deletes) < len(task.DeleteFiles) || len(f.Keys) < len(task.EqualityDeleteFiles) {
		return f, base.Errorf(base.Internal, "file %s has %d delete files, %d were found", f.Path, len(task.DeleteFiles)+len(task.EqualityDeleteFiles), len(f.Deletes)+len(f.Keys))
	}
	return f, nil
}

// Snapshots lists a table's snapshots, oldest first.
func (l *Lake) Snapshots(ctx context.Context, name Name) ([]Snapshot, error) {
	_, t, err := l.find(ctx, name)
	if err != nil {
		return nil, err
	}
	var out []Snapshot
	for _, s := range t.Metadata().Snapshots() {
		x := Snapshot{ID: s.SnapshotID, Time: time.UnixMilli(s.TimestampMs).UTC(), Current: s.SnapshotID == snapshotID(t),
			AddedRows: total(&s, "added-records"), RemovedRows: total(&s, "deleted-records"), TotalRows: total(&s, "total-records"),
			AddedFiles: total(&s, "added-data-files"), RemovedFiles: total(&s, "deleted-data-files"), TotalFiles: total(&s, "total-data-files")}
		if s.ParentSnapshotID != nil {
			x.Parent = *s.ParentSnapshotID
		}
		if s.Summary != nil {
			x.Operation, x.Summary, x.WriteID = string(s.Summary.Operation), s.Summary.Properties, s.Summary.Properties[propWriteID]
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Snapshot) int { return a.Time.Compare(b.Time) })
	return out, nil
}

// DataFiles lists the current snapshot's files by path.
func (l *Lake) DataFiles(ctx context.Context, name Name) ([]FileInfo, error) {
	n, _, err := l.find(ctx, name)
	if err != nil {
		return nil, err
	}
	v, err := l.Pin(ctx, []Name{n})
	if err != nil {
		return nil, err
	}
	defer v.Release()
	t := v.tables[n]
	tasks, err := plan(ctx, t, t.CurrentSnapshot())
	if err != nil {
		return nil, fmt.Errorf("plan scan of %s: %w", n, err)
	}
	specs := specsOf(t)
	out := make([]FileInfo, len(tasks))
	for i, task := range tasks {
		f := task.File
		out[i] = FileInfo{Path: plainPath(f.FilePath()), Rows: f.Count(), Bytes: f.FileSizeBytes(), Partition: partitionText(specs[int(f.SpecID())], t.Schema(), f)}
	}
	slices.SortFunc(out, func(a, b FileInfo) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}
