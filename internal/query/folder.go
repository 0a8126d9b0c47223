package query

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// folder is one partition of an external table, or the whole of a table
// without partitions, and its files.
type folder struct {
	values []string
	// location is what the catalog calls it, path where it lies.
	location, path string
	files          []folderFile
}

type folderFile struct {
	path     string
	size     int64
	modified time.Time
}

// address is what the catalog would call a file.
func (f folder) address(path string) string {
	rel, err := filepath.Rel(f.path, path)
	if err != nil {
		return path
	}
	return strings.TrimSuffix(f.location, "/") + "/" + filepath.ToSlash(rel)
}

// folders are the table's folders whose rows can satisfy the predicate, with
// their files.
func (s *Service) folders(ctx context.Context, t external.Table, wanted base.Predicate) (list []folder, err error) {
	parts, err := s.o.External.ReadPartitions(ctx, t, wanted)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if wanted != nil && len(p.Values) > 0 && !mayHold(wanted, t.PartitionKeys, p.Values) {
			continue
		}
		dir, err := s.o.Resolve(p.Location)
		if err != nil {
			return nil, err
		}
		list = append(list, folder{values: p.Values, location: p.Location, path: dir})
	}
	return list, listAll(ctx, list)
}

// listers is how many folders are listed at a time.
const listers = 8

// listAll lists the folders' files.
func listAll(ctx context.Context, list []folder) error {
	var wg sync.WaitGroup
	next := make(chan int)
	errs := make([]error, len(list))
	for range min(listers, len(list)) {
		wg.Go(func() {
			for i := range next {
				list[i].files, errs[i] = listFiles(list[i].path)
			}
		})
	}
	for i := range list {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// listFiles lists the files below a folder as readers of Hive folders do:
// names that begin with _ or . are hidden, empty files hold no row. A folder
// that is gone has none.
func listFiles(dir string) (files []folderFile, err error) {
	err = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil // the folder, or what was just listed, is gone
		case err != nil:
			return err
		case p != dir && strings.ContainsRune("_.", rune(d.Name()[0])):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.Type().IsRegular():
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if info.Size() > 0 {
				files = append(files, folderFile{p, info.Size(), info.ModTime()})
			}
		}
		return nil
	})
	return files, err
}
