package lake

import (
	"context"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// replaced finds the current files the new ones stand for, and the delete
// files that no longer apply to anything then.
func (w *Write) replaced(ctx context.Context, t *target, cur *table.Table, news []iceberg.DataFile, merged []string) (olds, deletes []iceberg.DataFile, err error) {
	if t.Mode == Append {
		return nil, nil, nil
	}
	tasks, err := plan(ctx, cur, cur.CurrentSnapshot())
	if err != nil {
		return nil, nil, err
	}
	gone, spec := chooser(t.Mode, cur.Spec(), news, merged), cur.Spec()
	seen := map[string]bool{}
	for _, task := range tasks {
		if !gone(task.File) {
			continue
		}
		olds = append(olds, task.File)
		for _, d := range append(append(task.DeleteFiles, task.EqualityDeleteFiles...), task.DeletionVectorFiles...) {
			whole := t.Mode == Overwrite || t.Mode == OverwritePartitions && d.SpecID() == task.File.SpecID() && tuple(spec, d) == tuple(spec, task.File)
			if whole && !seen[d.FilePath()] {
				seen[d.FilePath()] = true
				deletes = append(deletes, d)
			}
		}
	}
	if t.Mode == Merge && len(olds) != len(merged) {
		return nil, nil, base.Errorf(base.Internal, "%d of the %d files to be replaced are not in the table", len(merged)-len(olds), len(merged))
	}
	return olds, deletes, nil
}

func chooser(mode Mode, spec iceberg.PartitionSpec, news []iceberg.DataFile, merged []string) func(iceberg.DataFile) bool {
	set := map[string]bool{}
	switch mode {
	case OverwritePartitions:
		for _, f := range news {
			set[tuple(spec, f)] = true
		}
		return func(f iceberg.DataFile) bool { return set[tuple(spec, f)] }
	case Merge:
		for _, p := range merged {
			set[p] = true
		}
		return func(f iceberg.DataFile) bool { return set[plainPath(f.FilePath())] }
	}
	return func(iceberg.DataFile) bool { return true }
}

func result(n Name, spec iceberg.PartitionSpec, news []iceberg.DataFile, removed int) Committed {
	c := Committed{Table: n, AddedFiles: int64(len(news)), RemovedFiles: int64(removed)}
	partitions := map[string]bool{}
	for _, f := range news {
		c.Rows += f.Count()
		c.AddedBytes += f.FileSizeBytes()
		partitions[tuple(spec, f)] = true
	}
	if !spec.IsUnpartitioned() {
		c.Partitions = len(partitions)
	}
	return c
}
