package crash

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

// walker looks at a lake's files without the program.
type walker struct {
	p *project
	// manifests are the data files each manifest names; manifests never change.
	manifests map[string][]string
}

// ours are the names of data files the lake's writers make.
var ours = regexp.MustCompile(`^w[0-9a-f]{32}-`)

func (p *project) data(parts ...string) string {
	return filepath.Join(append([]string{p.dir, ".mulgil", "data"}, parts...)...)
}

func (p *project) db(name string) *sql.DB {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+p.data(name)+"?mode=ro&_pragma=busy_timeout(5000)")
	check(p.t, err)
	return db
}

// pointers are the tables' current metadata files.
func (p *project) pointers() map[string]string {
	p.t.Helper()
	db := p.db("catalog.db")
	defer db.Close()
	rows, err := db.Query(`SELECT table_name, metadata_location FROM iceberg_tables`)
	check(p.t, err)
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, at string
		check(p.t, rows.Scan(&name, &at))
		out[name] = at
	}
	check(p.t, rows.Err())
	return out
}

// named are the files that a table's current metadata leads to, snapshots of
// the past included.
type named struct {
	metadata, lists, manifests, data []string
	writes                           []string // write ids of its snapshots
}

func (f *walker) walk(metadata string) named {
	f.p.t.Helper()
	out := named{metadata: []string{metadata}}
	text, err := os.ReadFile(metadata)
	check(f.p.t, err)
	m, err := table.ParseMetadataBytes(text)
	check(f.p.t, err)
	for e := range m.PreviousFiles() {
		out.metadata = append(out.metadata, e.MetadataFile)
	}
	for _, s := range m.Snapshots() {
		out.lists = append(out.lists, s.ManifestList)
		out.writes = append(out.writes, s.Summary.Properties["mulgil.write-id"])
		list, err := s.Manifests(icebergio.LocalFS{})
		check(f.p.t, err)
		for _, x := range list {
			path := x.FilePath()
			out.manifests = append(out.manifests, path)
			if _, ok := f.manifests[path]; !ok {
				entries, err := x.FetchEntries(icebergio.LocalFS{}, true)
				check(f.p.t, err)
				f.manifests[path] = []string{}
				for _, e := range entries {
					f.manifests[path] = append(f.manifests[path], e.DataFile().FilePath())
				}
			}
			out.data = append(out.data, f.manifests[path]...)
		}
	}
	return out
}

// check expects every named file to be on disk, no data file there that is
// not named, no write recorded twice, and no write recorded as under way.
func (f *walker) check() {
	t := f.p.t
	t.Helper()
	known := map[string]bool{}
	for name, at := range f.p.pointers() {
		n := f.walk(at)
		for _, list := range [][]string{n.metadata, n.lists, n.manifests, n.data} {
			for _, path := range list {
				if known[path] {
					continue
				}
				known[path] = true
				if _, err := os.Stat(path); err != nil {
					t.Fatalf("table %s names a file that is not there: %v", name, err)
				}
			}
		}
		seen := map[string]bool{}
		for _, id := range n.writes {
			if seen[id] {
				t.Fatalf("table %s: write %s was committed twice", name, id)
			}
			seen[id] = true
		}
	}
	for _, path := range f.p.dataFiles() {
		if !known[path] {
			t.Fatalf("a file of an unfinished write was left: %s", path)
		}
	}
	db := f.p.db("catalog.db")
	defer db.Close()
	var n int
	check(t, db.QueryRow(`SELECT count(*) FROM mulgil_intent`).Scan(&n))
	if n != 0 {
		t.Fatalf("%d writes are recorded as under way, none is", n)
	}
}

// dataFiles are all data files under the project.
func (p *project) dataFiles() []string {
	p.t.Helper()
	var out []string
	err := filepath.WalkDir(p.data("lake"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && (ours.MatchString(d.Name()) || strings.HasSuffix(path, ".parquet")) {
			out = append(out, path)
		}
		return err
	})
	check(p.t, err)
	return out
}
