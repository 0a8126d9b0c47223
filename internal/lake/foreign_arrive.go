package lake

import (
	"os"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// arrivals collects the files that another program's commit brings: each lies
// inside the fence and exists.
type arrivals struct {
	fence *fence
	fs    *localFS
	files []string
	seen  map[string]bool
}

func (a *arrivals) file(uri string) error {
	p, err := a.fence.path(a.fs.path(uri))
	if err != nil {
		return err
	}
	if a.seen[p] {
		return nil
	}
	if st, err := os.Stat(p); err != nil || !st.Mode().IsRegular() {
		return base.Errorf(base.Invalid, "there is no file %q", uri).WithHint("write it before the commit, on the machine mulgil runs on")
	}
	if a.seen == nil {
		a.seen = map[string]bool{}
	}
	a.seen[p] = true
	a.files = append(a.files, p)
	return nil
}

// snapshot takes in a snapshot's manifest list, the manifests that are not
// known and their entries. Files that the entries carry over from earlier
// snapshots must lie inside the fence too; they need to exist only if all is set.
func (a *arrivals) snapshot(s table.Snapshot, known map[string]bool, all bool) error {
	if s.ManifestList == "" {
		return base.Errorf(base.Invalid, "snapshot %d has no manifest list", s.SnapshotID)
	}
	if err := a.file(s.ManifestList); err != nil {
		return err
	}
	list, err := s.Manifests(a.fs)
	if err != nil {
		return base.Errorf(base.Invalid, "read manifest list %q: %w", s.ManifestList, err)
	}
	for _, m := range list {
		if known[m.FilePath()] {
			continue
		}
		if err := a.file(m.FilePath()); err != nil {
			return err
		}
		if err := a.entries(m, all); err != nil {
			return err
		}
	}
	return nil
}

func (a *arrivals) entries(m iceberg.ManifestFile, all bool) error {
	for e, err := range m.Entries(a.fs, true) {
		if err != nil {
			return base.Errorf(base.Invalid, "read manifest %q: %w", m.FilePath(), err)
		}
		f := e.DataFile()
		if f.FileFormat() != iceberg.ParquetFile {
			return base.Errorf(base.Invalid, "file %q is %s: the lake's files are Parquet", f.FilePath(), f.FileFormat()).
				WithHint("set write.format.default and write.delete.format.default to parquet")
		}
		if e.Status() == iceberg.EntryStatusADDED || all {
			err = a.file(f.FilePath())
		} else {
			_, err = a.fence.path(a.fs.path(f.FilePath()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// knownManifests are the manifests of a table's branches and tags, which were
// checked when they came.
func knownManifests(t *table.Table, fs *localFS) (map[string]bool, error) {
	known := map[string]bool{}
	if t == nil {
		return known, nil
	}
	done := map[int64]bool{}
	for _, ref := range t.Metadata().Refs() {
		s := t.Metadata().SnapshotByID(ref.SnapshotID)
		if s == nil || done[ref.SnapshotID] {
			continue
		}
		done[ref.SnapshotID] = true
		list, err := s.Manifests(fs)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			known[m.FilePath()] = true
		}
	}
	return known, nil
}
