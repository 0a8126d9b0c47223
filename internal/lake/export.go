package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// Exported tells what ExportHive wrote.
type Exported struct {
	Dir string `json:"dir"`
	// SnapshotID is the state that was exported.
	SnapshotID int64 `json:"snapshot_id"`
	Files      int   `json:"files"`
	Rows       int64 `json:"rows"`
	Bytes      int64 `json:"bytes"`
}

// ExportHive writes the current snapshot of a table into dir as a plain folder
// of Parquet files, column=value folders for partitions, which any program
// reads without a catalog. dir must be empty or not exist; it appears whole, by
// a rename. Where the file system allows it the files are shared by hard links
// with the lake, so they must not be changed in place.
func (l *Lake) ExportHive(ctx context.Context, name Name, dir string) (Exported, error) {
	dir = filepath.Clean(dir)
	if err := checkEmpty(dir); err != nil {
		return Exported{}, err
	}
	v, err := l.Pin(ctx, []Name{name})
	if err != nil {
		return Exported{}, err
	}
	defer v.Release()
	temp := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+"-"+uuid.NewString())
	out, err := l.exportTo(ctx, v, name, temp)
	if err == nil {
		err = publish(l, temp, dir)
	}
	if err != nil {
		return Exported{}, errors.Join(fmt.Errorf("export %s: %w", name, err), os.RemoveAll(temp))
	}
	info, err := v.Info(name)
	out.Dir, out.SnapshotID = dir, info.SnapshotID
	return out, err
}

func checkEmpty(dir string) error {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("export: %w", err)
	case len(list) > 0:
		return base.Errorf(base.Exists, "folder %s is not empty", dir).WithHint("name a new folder")
	}
	return nil
}

func (l *Lake) exportTo(ctx context.Context, v *View, name Name, temp string) (Exported, error) {
	n, t, err := v.table(name)
	if err != nil {
		return Exported{}, err
	}
	tasks, err := plan(ctx, t, t.CurrentSnapshot())
	if err != nil {
		return Exported{}, err
	}
	deletes, err := indexDeletes(ctx, t, t.CurrentSnapshot())
	if err != nil {
		return Exported{}, unreadable(n, err)
	}
	specs := specsOf(t)
	out := newFS(temp, l.observe)
	if err := out.makeDir(temp); err != nil {
		return Exported{}, err
	}
	var e Exported
	var made []string
	for _, task := range tasks {
		if f, err := scanFile(task, deletes); err != nil {
			return e, unreadable(n, err)
		} else if f.Deleted() {
			return e, base.Errorf(base.Invalid, "table %s has files with deleted rows", n).WithHint("merge them first: mulgil table optimize %s", n)
		}
		sub, err := hiveDir(specs[int(task.File.SpecID())], t.Schema(), task.File)
		if err != nil {
			return e, err
		}
		src := plainPath(task.File.FilePath())
		dst := filepath.Join(temp, filepath.FromSlash(sub), strings.TrimPrefix(filepath.Base(src), "."))
		if err := out.makeDir(filepath.Dir(dst)); err != nil {
			return e, err
		}
		if err := linkOrCopy(out, src, dst); err != nil {
			return e, err
		}
		made = append(made, dst)
		e.Files++
		e.Rows += task.File.Count()
		e.Bytes += task.File.FileSizeBytes()
	}
	return e, out.syncTree(temp, made)
}

func linkOrCopy(out *localFS, src, dst string) error {
	if err := os.Link(src, dst); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	w, err := out.Create(dst)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, in)
	return errors.Join(err, w.Close())
}

// publish makes temp appear as dir.
func publish(l *Lake, temp, dir string) error {
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // it has files by now
	}
	if err := os.Rename(temp, dir); err != nil {
		return err
	}
	return newFS(dir, l.observe).syncDir(filepath.Dir(dir))
}
