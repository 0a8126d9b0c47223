package lake

import (
	"context"
	"fmt"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// reach collects the real paths of every file a set of snapshots needs:
// manifest lists, manifests and live data and delete files.
type reach struct {
	fs        *localFS
	files     map[string]bool
	manifests map[string]bool
}

func reachOf(ctx context.Context, t *table.Table, snapshots []table.Snapshot) (*reach, error) {
	r := &reach{fs: newFS(t.Location(), nil), files: map[string]bool{}, manifests: map[string]bool{}}
	for _, s := range snapshots {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.snapshot(s); err != nil {
			return nil, fmt.Errorf("files of snapshot %d: %w", s.SnapshotID, err)
		}
	}
	return r, nil
}

func (r *reach) snapshot(s table.Snapshot) error {
	if s.ManifestList != "" {
		r.files[r.fs.path(s.ManifestList)] = true
	}
	list, err := manifests(&s, r.fs)
	if err != nil {
		return err
	}
	for _, m := range list {
		if r.manifests[m.FilePath()] {
			continue
		}
		r.manifests[m.FilePath()] = true
		r.files[r.fs.path(m.FilePath())] = true
		if err := r.entries(m); err != nil {
			return err
		}
	}
	return nil
}

func (r *reach) entries(m iceberg.ManifestFile) error {
	for e, err := range entries(m, r.fs) {
		if err != nil {
			return err
		}
		r.files[r.fs.path(e.DataFile().FilePath())] = true
	}
	return nil
}

// live is every file a table needs now, its metadata files and statistics
// included.
func live(ctx context.Context, t *table.Table) (map[string]bool, error) {
	r, err := reachOf(ctx, t, t.Metadata().Snapshots())
	if err != nil {
		return nil, err
	}
	r.files[r.fs.path(t.MetadataLocation())] = true
	for e := range t.Metadata().PreviousFiles() {
		r.files[r.fs.path(e.MetadataFile)] = true
	}
	for s := range t.Metadata().Statistics() {
		r.files[r.fs.path(s.StatisticsPath)] = true
	}
	for s := range t.Metadata().PartitionStatistics() {
		r.files[r.fs.path(s.StatisticsPath)] = true
	}
	return r.files, nil
}
