package crawl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// folder is a folder below an include path, with what is in it.
type folder struct {
	name  string // last element as on disk
	rel   string // from the include path, slashes; "" is the include path
	path  string // local
	uri   string // as the catalog shows it, ending in a slash
	dirs  []*folder
	files []dataFile
}

type dataFile struct {
	name, path          string
	format, compression string
	size                int64
}

// walker lists one target.
type walker struct {
	fs       FS
	exclude  []*Glob
	managed  map[string]ManagedTable // by clean local path: never listed
	known    map[string]*summary     // by uri: folders an earlier crawl opened
	service  *Service
	recorded []ManagedTable
	files    int64
	notes    *notes
}

// notes collects a run's log lines.
type notes struct{ lines []string }

func (n *notes) add(format string, args ...any) {
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

// walk lists the folder f and everything below.
func (w *walker) walk(ctx context.Context, f *folder) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m, ok := w.managed[f.path]; ok {
		w.recorded = append(w.recorded, m)
		return nil
	}
	entries, err := w.fs.ReadDir(f.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed while we walk, or never there
		}
		return fmt.Errorf("list %s: %w", f.uri, err)
	}
	var unknown []dataFile
	for _, e := range entries {
		name := e.Name()
		rel := name
		if f.rel != "" {
			rel = f.rel + "/" + name
		}
		if hidden(name) || w.excluded(rel, e.IsDir()) {
			continue
		}
		switch {
		case !utf8.ValidString(name):
			w.notes.add("WARN %s%q skipped: the name is not UTF-8", f.uri, name)
		case e.IsDir():
			d := &folder{name: name, rel: rel, path: filepath.Join(f.path, name), uri: f.uri + name + "/"}
			if err := w.walk(ctx, d); err != nil {
				return err
			}
			if len(d.dirs)+len(d.files) > 0 {
				f.dirs = append(f.dirs, d)
			}
		case !e.Type().IsRegular():
			w.notes.add("WARN %s%s skipped: not a regular file", f.uri, name)
		default:
			if err := w.file(f, e, &unknown); err != nil {
				return err
			}
		}
	}
	w.identify(f, unknown)
	return nil
}

func (w *walker) file(f *folder, e fs.DirEntry, unknown *[]dataFile) error {
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at %s%s: %w", f.uri, e.Name(), err)
	}
	w.files++
	if info.Size() == 0 {
		return nil // the marker an object store keeps for an empty folder
	}
	format, compression := classify(e.Name())
	x := dataFile{e.Name(), filepath.Join(f.path, e.Name()), format, compression, info.Size()}
	if format == "" {
		*unknown = append(*unknown, x)
		return nil
	}
	f.files = append(f.files, x)
	return nil
}

// identify looks into files whose names do not tell their format.
func (w *walker) identify(f *folder, unknown []dataFile) {
	if len(unknown) == 0 {
		return
	}
	known := ""
	if sum := w.known[f.uri]; sum != nil {
		known = sum.Format
	}
	w.service.identify(f, unknown, known, w.notes)
}

func (w *walker) excluded(rel string, dir bool) bool {
	for _, g := range w.exclude {
		if dir && g.MatchFolder(rel) || !dir && g.Match(rel) {
			return true
		}
	}
	return false
}

func hidden(name string) bool { return strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") }

// packings are the endings of compressed files.
var packings = map[string]string{".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd"}

// classify tells format and compression by extension; "" is unknown, and then
// the content tells.
func classify(name string) (format, compression string) {
	plain := strings.ToLower(name)
	compression = "none"
	if c, ok := packings[filepath.Ext(plain)]; ok {
		compression, plain = c, strings.TrimSuffix(plain, filepath.Ext(plain))
	}
	switch filepath.Ext(plain) {
	case ".parquet":
		if compression == "none" { // compression inside Parquet is per column chunk; a gzipped whole cannot be read
			return external.Parquet, "none"
		}
	case ".csv", ".tsv":
		return external.CSV, compression
	case ".json", ".jsonl", ".ndjson":
		return external.JSON, compression
	}
	return "", compression
}

// localPath brings a location to a clean local path.
func localPath(location string, resolve func(string) (string, error)) (string, error) {
	if rest, ok := strings.CutPrefix(location, "file:"); ok {
		return filepath.Clean("/" + strings.TrimLeft(rest, "/")), nil
	}
	if filepath.IsAbs(location) {
		return filepath.Clean(location), nil
	}
	p, err := resolve(location)
	if err != nil {
		return "", fmt.Errorf("resolve %s: %w", location, err)
	}
	return filepath.Clean(p), nil
}

// within tells whether path is dir or lies below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// some joins names, at most n of them.
func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}

// target walks one include path. The folder is nil if a managed table covers it.
func (s *Service) target(ctx context.Context, t Target, known map[string]*summary, n *notes) (*folder, *walker, error) {
	root, err := localPath(t.Path, s.o.Resolve)
	if err != nil {
		return nil, nil, err
	}
	w := &walker{fs: s.o.FS, managed: map[string]ManagedTable{}, notes: n, known: known, service: s}
	for _, x := range t.Exclusions {
		g, err := CompileGlob(x)
		if err != nil {
			return nil, nil, err
		}
		w.exclude = append(w.exclude, g)
	}
	tables, err := s.o.Managed.Under(ctx, root)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for managed tables under %s: %w", t.Path, err)
	}
	for _, m := range tables {
		at, err := localPath(m.Location, s.o.Resolve)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case within(root, at):
			w.recorded = append(w.recorded, m)
		case within(at, root):
			w.managed[at] = m
		default:
			return nil, nil, base.Errorf(base.Internal, "managed table %s.%s lies at %s, which is not at, below or above %s", m.Database, m.Name, at, root)
		}
	}
	if len(w.recorded) > 0 {
		return nil, w, nil
	}
	uri := strings.TrimRight(t.Path, "/") + "/"
	f := &folder{name: lastElement(t.Path), path: root, uri: uri}
	if info, err := s.o.FS.Stat(root); err == nil && !info.IsDir() {
		f.uri = strings.TrimSuffix(uri, "/")
		return f, w, w.single(f, info, root)
	}
	return f, w, w.walk(ctx, f)
}

// single makes a one-file folder of an include path that is a file.
func (w *walker) single(f *folder, info fs.FileInfo, path string) error {
	w.files++
	format, compression := classify(info.Name())
	x := dataFile{info.Name(), path, format, compression, info.Size()}
	if format == "" {
		w.identify(f, []dataFile{x})
		return nil
	}
	f.files = []dataFile{x}
	return nil
}
