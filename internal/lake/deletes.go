package lake

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// KeyDelete is a Parquet file of keys: rows with equal values in all of the
// columns, NULL being equal to NULL, no longer exist.
type KeyDelete struct {
	Path string `json:"path"`
	// Columns are the field ids of the key.
	Columns []int `json:"columns"`
}

// deleteIndex finds the delete files of a snapshot that apply to a data file.
// iceberg-go has its own, but it compares paths as they are spelled: a delete
// of "file:/x" would not apply to "/x", and the row would be back.
type deleteIndex struct {
	fs    *localFS
	specs map[int]iceberg.PartitionSpec
	// files holds position deletes by the data file they name, tuples those
	// of many files by partition.
	files, tuples map[string][]deleteFile
	// keys holds key deletes by partition, global those of all partitions.
	keys   map[string][]deleteFile
	global []deleteFile
	// all holds every delete file by its path.
	all map[string]iceberg.DataFile
}

type deleteFile struct {
	sequence int64
	path     string
	columns  []int
}

// Field ids of position delete files, from Iceberg's specification.
const fieldFilePath = 2147483546

// indexDeletes reads the delete files of a snapshot, nil if it has none.
func indexDeletes(ctx context.Context, t *table.Table, s *table.Snapshot) (*deleteIndex, error) {
	if s == nil || s.Summary != nil && s.Summary.Properties["total-delete-files"] == "0" {
		return nil, nil
	}
	x := &deleteIndex{fs: newFS(t.Location(), nil), specs: specsOf(t), files: map[string][]deleteFile{}, tuples: map[string][]deleteFile{}, keys: map[string][]deleteFile{},
		all: map[string]iceberg.DataFile{}}
	list, err := manifests(s, x.fs)
	if err != nil {
		return nil, err
	}
	found := false
	for _, m := range list {
		if m.ManifestContent() != iceberg.ManifestContentDeletes {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found = true
		for e, err := range entries(m, x.fs) {
			if err != nil {
				return nil, err
			}
			if err := x.add(e); err != nil {
				return nil, err
			}
		}
	}
	if !found {
		return nil, nil
	}
	return x, nil
}

func (x *deleteIndex) add(e iceberg.ManifestEntry) error {
	f := e.DataFile()
	if table.IsDeletionVector(f) || f.FileFormat() == iceberg.PuffinFile {
		return base.Errorf(base.Invalid, "deletion vectors (Iceberg format 3) cannot be read yet: %s", plainPath(f.FilePath()))
	}
	if f.FileFormat() != iceberg.ParquetFile {
		return base.Errorf(base.Invalid, "delete file %s is %s; only Parquet can be read", plainPath(f.FilePath()), f.FileFormat())
	}
	d := deleteFile{sequence: max(e.SequenceNum(), 0), path: x.fs.path(f.FilePath()), columns: slices.Sorted(slices.Values(f.EqualityFieldIDs()))}
	x.all[d.path] = f
	spec := x.specs[int(f.SpecID())]
	switch f.ContentType() {
	case iceberg.EntryContentPosDeletes:
		if name := referenced(f); name != "" {
			name = x.fs.path(name)
			x.files[name] = append(x.files[name], d)
		} else {
			k := tuple(spec, f)
			x.tuples[k] = append(x.tuples[k], d)
		}
	case iceberg.EntryContentEqDeletes:
		if len(d.columns) == 0 {
			return base.Errorf(base.Invalid, "delete file %s names no columns", d.path)
		}
		if spec.IsUnpartitioned() {
			x.global = append(x.global, d)
		} else {
			k := tuple(spec, f)
			x.keys[k] = append(x.keys[k], d)
		}
	default:
		return base.Errorf(base.Invalid, "delete file %s is of an unknown kind", d.path)
	}
	return nil
}

// referenced is the only data file that a position delete file names, if it
// says so.
func referenced(f iceberg.DataFile) string {
	if r := f.ReferencedDataFile(); r != nil {
		return *r
	}
	lower, upper := f.LowerBoundValues()[fieldFilePath], f.UpperBoundValues()[fieldFilePath]
	if len(lower) > 0 && string(lower) == string(upper) && strings.HasSuffix(string(lower), ".parquet") { // bounds may be cut short
		return string(lower)
	}
	return ""
}

// apply adds to f what deletes rows of the task's file.
func (x *deleteIndex) apply(task table.FileScanTask, f *ScanFile) {
	var sequence int64
	if task.DataSequenceNumber != nil {
		sequence = *task.DataSequenceNumber
	}
	key := tuple(x.specs[int(task.File.SpecID())], task.File)
	for _, list := range [][]deleteFile{x.files[f.Path], x.tuples[key]} {
		for _, d := range list {
			if d.sequence >= sequence {
				f.Deletes = append(f.Deletes, d.path)
			}
		}
	}
	for _, list := range [][]deleteFile{x.keys[key], x.global} {
		for _, d := range list {
			if d.sequence > sequence { // rows written in the same commit are newer
				f.Keys = append(f.Keys, KeyDelete{d.path, d.columns})
			}
		}
	}
	slices.Sort(f.Deletes)
	slices.SortFunc(f.Keys, func(a, b KeyDelete) int { return strings.Compare(a.Path, b.Path) })
}

// keyFields are the columns that key deletes compare and the scan's own
// columns lack: they were dropped since, or lie inside a struct, which is refused.
func keyFields(t *table.Table, fields []base.Field, files []ScanFile) ([]base.Field, error) {
	have := map[int]bool{}
	for _, f := range fields {
		have[f.ID] = true
	}
	var out []base.Field
	for _, f := range files {
		for _, k := range f.Keys {
			for _, id := range k.Columns {
				if have[id] {
					continue
				}
				c, ok, err := droppedColumn(t, id)
				if err != nil {
					return nil, err
				}
				if !ok {
					return nil, base.Errorf(base.Invalid, "delete file %s compares field %d, which is no column of the table", k.Path, id)
				}
				have[id] = true
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// droppedColumn looks a column up among the table's earlier schemas.
func droppedColumn(t *table.Table, id int) (base.Field, bool, error) {
	schemas := t.Metadata().Schemas()
	for i := len(schemas) - 1; i >= 0; i-- {
		for _, f := range schemas[i].Fields() {
			if f.ID == id {
				list, err := baseFields([]iceberg.NestedField{f})
				if err != nil {
					return base.Field{}, false, err
				}
				return list[0], true, nil
			}
		}
	}
	return base.Field{}, false, nil
}

// idle are the delete files that delete no row of the tasks' files, those of
// which gone tells excepted. x may be nil.
func (x *deleteIndex) idle(tasks []table.FileScanTask, gone map[string]bool) []iceberg.DataFile {
	if x == nil {
		return nil
	}
	used := map[string]bool{}
	for _, task := range tasks {
		f := ScanFile{Path: plainPath(task.File.FilePath())}
		if gone[f.Path] {
			continue
		}
		x.apply(task, &f)
		for _, p := range f.Deletes {
			used[p] = true
		}
		for _, k := range f.Keys {
			used[k.Path] = true
		}
	}
	var out []iceberg.DataFile
	for _, p := range slices.Sorted(maps.Keys(x.all)) {
		if !used[p] {
			out = append(out, x.all[p])
		}
	}
	return out
}

// fewest is how many rows of files exist at least: a position is deleted once,
// a key deletes any number of rows. x may be nil if the files have no deletes.
func (x *deleteIndex) fewest(files []ScanFile) int64 {
	var rows int64
	seen := map[string]bool{}
	for _, f := range files {
		if len(f.Keys) > 0 {
			return 0
		}
		rows += f.Rows
		for _, p := range f.Deletes {
			if !seen[p] {
				seen[p] = true
				rows -= x.all[p].Count()
			}
		}
	}
	return rows
}
