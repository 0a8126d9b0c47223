package lake

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go/table"
)

// foundTable is a table folder found on disk.
type foundTable struct {
	dir      string // where it lies
	path     string // its newest whole metadata file
	location string // where that file says it lies
	named    string // the name that file records, if any
}

// name is the table's recorded name, or else what its folder is called.
func (f foundTable) name(root string) (Name, bool) {
	if db, name, ok := strings.Cut(f.named, "."); ok {
		return Name{db, name}, true
	}
	rel, err := filepath.Rel(root, f.dir)
	if err != nil || !within(root, f.dir) {
		return Name{}, false
	}
	db, name, ok := strings.Cut(filepath.ToSlash(rel), "/")
	return Name{db, name}, ok
}

// findTables walks dir for folders with a metadata folder in them.
func findTables(dir string) ([]foundTable, error) {
	var out []foundTable
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.IsDir() {
			return err
		}
		if f, ok := newest(p); ok {
			out = append(out, f)
			return filepath.SkipDir // tables do not nest
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for tables in %s: %w", dir, err)
	}
	return out, nil
}

// newest finds a table folder's latest metadata file whose current snapshot is
// on disk.
func newest(dir string) (foundTable, bool) {
	files, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "metadata", "*.metadata.json"))
	slices.SortFunc(files, func(a, b string) int { return cmp.Or(metadataVersion(b)-metadataVersion(a), strings.Compare(b, a)) })
	var best foundTable
	var bestTime int64
	for _, p := range files {
		if best.path != "" && metadataVersion(p) < metadataVersion(best.path) {
			break
		}
		body, err := os.ReadFile(p)
		if err != nil {
			continue
		}
		m, err := table.ParseMetadataBytes(body)
		if err != nil || !whole(m, dir) || m.LastUpdatedMillis() < bestTime {
			continue
		}
		bestTime = m.LastUpdatedMillis()
		best = foundTable{dir: dir, path: p, location: strings.TrimRight(m.Location(), "/"), named: m.Properties()[propTable]}
	}
	return best, best.path != ""
}

// whole tells whether the manifest list of the current snapshot is there, if
// need be in the place the folder was moved to.
func whole(m table.Metadata, dir string) bool {
	s := m.CurrentSnapshot()
	if s == nil {
		return true
	}
	p := newFS(m.Location(), nil).path(s.ManifestList)
	if was := plainPath(strings.TrimRight(m.Location(), "/")); within(was, p) {
		p = dir + strings.TrimPrefix(p, was)
	}
	_, err := os.Stat(p)
	return err == nil
}

func escapeGlob(p string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(p)
}

// metadataVersion is the number a metadata file's name begins with, -1 if none.
func metadataVersion(p string) int {
	digits, _, _ := strings.Cut(filepath.Base(p), "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}
