package query

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// folder is where an address in a bucket lies, for files to be written there:
// not in or around a table of the lake, and not outside of the bucket's folder,
// whatever links say.
func (a *athena) folder(ctx context.Context, n trino.Node, location string) (string, error) {
	if err := a.ddl(ctx).folder(location, spanOf(n)); err != nil {
		return "", err
	}
	dir, err := a.s.inBucket(location)
	return dir, a.placed(n, err)
}

// inBucket resolves an address and checks that it stays in its bucket.
func (s *Service) inBucket(location string) (string, error) {
	dir, err := s.o.Resolve(location)
	if err != nil {
		return "", err
	}
	if err := (&ddl{s: s}).inBucket(location, dir); err != nil {
		return "", err
	}
	return filepath.Clean(dir), nil
}

// holdsFiles tells whether there is anything below a folder.
func holdsFiles(dir string) (bool, error) {
	found := false
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && p != dir && !d.IsDir() {
			found = true
			return filepath.SkipAll
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return found, err
}
