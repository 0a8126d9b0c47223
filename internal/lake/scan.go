package lake

import (
	"context"
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
	// exist; their paths may carry a scheme.
	Deletes []string `json:"deletes,omitempty"`
}

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

func scanOf(ctx context.Context, n Name, t *table.Table, s *table.Snapshot, where port.Predicate) (Scan, error) {
	schema := t.Schema()
	if s != nil && s != t.CurrentSnapshot() && s.SchemaID != nil && snapshotID(t) != s.SnapshotID {
		if old := t.Schemas()[*s.SchemaID]; old != nil {
			schema = old
		}
	}
	fields, err := FieldsOf(schema)
	if err != nil {
		return Scan{}, base.Errorf(base.Invalid, "table %s: %w", n, err)
	}
	out := Scan{Fields: fields}
	tasks, err := plan(ctx, t, s, prune(where, asOf(t, s, plannable(t, fields))))
	if err != nil {
		return Scan{}, fmt.Errorf("plan scan of %s: %w", n, err)
	}
	specs := specsOf(t)
	for _, task := range tasks {
		if where != nil && !mayHold(where, fields, textValues(specs[int(task.File.SpecID())], schema, task.File)) {
			continue
		}
		f, err := scanFile(task)
		if err != nil {
			return Scan{}, base.Errorf(base.Invalid, "table %s: %w", n, err).
				WithHint("rewrite it with the program that deleted the rows")
		}
		out.Files = append(out.Files, f)
		out.Bytes += f.Bytes
	}
	out.TotalFiles, out.TotalBytes = int(total(s, "total-data-files")), total(s, "total-files-size")
	if where == nil || out.TotalFiles < len(out.Files) || out.TotalBytes < out.Bytes {
		out.TotalFiles, out.TotalBytes = len(out.Files), out.Bytes
	}
	slices.SortFunc(out.Files, func(a, b ScanFile) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// asOf keeps the fields that the snapshot's own schema has under the same name
// and type: files are planned by that schema, and a column renamed or widened
// since cannot prune them.
func asOf(t *table.Table, s *table.Snapshot, fields []base.Field) []base.Field {
	if s == nil || s.SchemaID == nil {
		return fields
	}
	schema := t.Schemas()[*s.SchemaID]
	if schema == nil {
		return fields
	}
	return slices.DeleteFunc(slices.Clone(fields), func(f base.Field) bool {
		had, ok := schema.FindFieldByID(f.ID)
		if !ok || had.Name != f.Name {
			return true
		}
		was, err := baseType(had.Type)
		return err != nil || !was.Equal(f.Type)
	})
}

// plan lists a snapshot's files that filter does not exclude; a nil snapshot
// has none.
func plan(ctx context.Context, t *table.Table, s *table.Snapshot, filter iceberg.BooleanExpression) ([]table.FileScanTask, error) {
	if s == nil {
		return nil, nil
	}
	opts := []table.ScanOption{table.WithSnapshotID(s.SnapshotID)}
	if filter != nil {
		opts = append(opts, table.WithRowFilter(filter))
	}
	return t.Scan(opts...).PlanFiles(ctx)
}

func scanFile(task table.FileScanTask) (ScanFile, error) {
	f := ScanFile{Path: plainPath(task.File.FilePath()), Rows: task.File.Count(), Bytes: task.File.FileSizeBytes()}
	if len(task.EqualityDeleteFiles)+len(task.DeletionVectorFiles) > 0 {
		return f, fmt.Errorf("file %s has deletes of a kind that cannot be read here", f.Path)
	}
	for _, d := range task.DeleteFiles {
		f.Deletes = append(f.Deletes, plainPath(d.FilePath()))
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
	tasks, err := plan(ctx, t, t.CurrentSnapshot(), nil)
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
