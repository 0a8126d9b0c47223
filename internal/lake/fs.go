package lake

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	icebergio "github.com/apache/iceberg-go/io"
	"golang.org/x/sync/errgroup"
)

// NewIO returns the file system for tables on local disk, as a catalog wants
// it: a function of the table's location. A file is on disk, and so are its
// name and any folder made for it, when its writer's Close returns without error.
//
// Names may be plain paths or file: URIs. iceberg-go percent-encodes the
// location in the names of metadata files it makes; such names lead to the
// location as it is spelled, and are spelled so before they are committed.
//
// observe, if not nil, hears of "sync" and "remove" with the path, in order.
func NewIO(observe func(event, path string)) func(tableLocation string) icebergio.IO {
	return func(location string) icebergio.IO { return newFS(location, observe) }
}

// localFS is one table's file system. It remembers what it created.
type localFS struct {
	plain, escaped string
	observe        func(event, path string)

	mu      sync.Mutex // guards created
	created []string
}

var (
	_ icebergio.WriteFileIO = (*localFS)(nil)
	_ icebergio.ReadFileIO  = (*localFS)(nil)
)

func newFS(location string, observe func(event, path string)) *localFS {
	plain := strings.TrimRight(plainPath(location), "/")
	return &localFS{plain: plain, escaped: (&url.URL{Path: plain}).EscapedPath(), observe: observe}
}

// plainPath strips the scheme of a local file's name: "file:/x", "file:///x"
// and "/x" are the same file.
func plainPath(name string) string {
	rest, ok := strings.CutPrefix(name, "file:")
	if !ok {
		return name
	}
	rest = strings.TrimPrefix(rest, "//localhost")
	for strings.HasPrefix(rest, "//") {
		rest = rest[1:]
	}
	return rest
}

// path is where the file called name lies.
func (f *localFS) path(name string) string {
	p := plainPath(name)
	if f.escaped != f.plain {
		if rest, ok := strings.CutPrefix(p, f.escaped+"/"); ok {
			return f.plain + "/" + rest
		}
	}
	return p
}

func (f *localFS) saw(event, path string) {
	if f.observe != nil {
		f.observe(event, path)
	}
}

func (f *localFS) Open(name string) (icebergio.File, error) { return os.Open(f.path(name)) }

func (f *localFS) ReadFile(name string) ([]byte, error) { return os.ReadFile(f.path(name)) }

func (f *localFS) Remove(name string) error {
	p := f.path(name)
	f.saw("remove", p)
	return os.Remove(p)
}

func (f *localFS) Create(name string) (icebergio.FileWriter, error) {
	p := f.path(name)
	if err := f.makeDir(filepath.Dir(p)); err != nil {
		return nil, err
	}
	file, err := os.Create(p)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.created = append(f.created, p)
	f.mu.Unlock()
	return &syncedFile{File: file, fs: f}, nil
}

func (f *localFS) WriteFile(name string, p []byte) error {
	w, err := f.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(p)
	return errors.Join(err, w.Close())
}

// makeDir creates dir and the folders above it that are missing, and syncs
// the folder each new one appears in.
func (f *localFS) makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := f.makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.syncDir(parent)
}

func (f *localFS) syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = errors.Join(d.Sync(), d.Close())
	f.saw("sync", dir)
	return err
}

// forget removes every file created so far, for a commit that did not happen.
func (f *localFS) forget() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, p := range f.created {
		f.saw("remove", p)
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	f.created = nil
	return errors.Join(errs...)
}

// syncedFile is durable once closed.
type syncedFile struct {
	*os.File
	fs   *localFS
	once sync.Once
	err  error
}

var _ io.ReaderFrom = (*syncedFile)(nil)

func (s *syncedFile) Close() error {
	s.once.Do(func() {
		err := s.File.Sync()
		s.fs.saw("sync", s.Name())
		s.err = errors.Join(err, s.File.Close())
		if s.err == nil {
			s.err = s.fs.syncDir(filepath.Dir(s.Name()))
		}
	})
	return s.err
}

// fileSyncs is how many data files are synced at a time.
const fileSyncs = 8

// syncTree makes files and their folders durable, up to and including root.
// What the writer synced already costs next to nothing.
func (f *localFS) syncTree(root string, files []string) error {
	var g errgroup.Group
	g.SetLimit(fileSyncs)
	for _, file := range files {
		g.Go(func() error { return f.syncFile(file) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	done := map[string]bool{}
	for _, file := range files {
		for dir := filepath.Dir(file); within(root, dir) && !done[dir]; dir = filepath.Dir(dir) {
			done[dir] = true
			if err := f.syncDir(dir); err != nil {
				return fmt.Errorf("sync folder %s: %w", dir, err)
			}
		}
	}
	return nil
}

// syncAbove makes the way to dir durable: the folder it lies in and those above
// it, up to the one that root lies in. Outside root it is only the first:
// makeDir synced the others where it made them.
func (f *localFS) syncAbove(root, dir string) error {
	for {
		inside := within(root, dir)
		dir = filepath.Dir(dir)
		if err := f.syncDir(dir); err != nil {
			return fmt.Errorf("sync folder %s: %w", dir, err)
		}
		if !inside || !within(root, dir) {
			return nil
		}
	}
}

func (f *localFS) syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync data file: %w", err)
	}
	err = errors.Join(file.Sync(), file.Close())
	f.saw("sync", path)
	if err != nil {
		return fmt.Errorf("sync data file %s: %w", path, err)
	}
	return nil
}

// within tells whether path is root or lies under it; both are clean.
func within(root, path string) bool {
	return path == root || strings.HasPrefix(path, strings.TrimRight(root, "/")+"/")
}
