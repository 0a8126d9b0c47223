package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/wholefile"
	"github.com/mulgil/mulgil/internal/workflow"
)

// buckets are the project's folders as the objects that Maps read and write.
type buckets struct {
	resolve func(uri string) (string, error)
}

var _ workflow.Objects = buckets{}

// root opens a bucket's folder; nothing outside of it can be reached through it.
func (b buckets) root(bucket string, make bool) (*os.Root, error) {
	dir, err := b.resolve("s3://" + bucket + "/")
	if err != nil {
		return nil, err
	}
	if make {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
		}
	}
	r, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, base.Errorf(base.NotFound, "no bucket %s: there is no folder %s", bucket, dir)
	}
	return r, err
}

// Open implements workflow.Objects.
func (b buckets) Open(_ context.Context, bucket, key string) (io.ReadCloser, error) {
	r, err := b.root(bucket, false)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f, err := r.Open(filepath.FromSlash(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, base.Errorf(base.NotFound, "no object %s in bucket %s", key, bucket)
	}
	if err != nil {
		return nil, fmt.Errorf("open s3://%s/%s: %w", bucket, key, err)
	}
	if st, err := f.Stat(); err != nil || st.IsDir() {
		return nil, errors.Join(base.Errorf(base.NotFound, "no object %s in bucket %s", key, bucket), err, f.Close())
	}
	return f, nil
}

// List implements workflow.Objects. Keys come in the order of their bytes:
// that of folders differs where a name goes on with a sign below "/".
func (b buckets) List(ctx context.Context, bucket, prefix string, each func(workflow.Object) error) error {
	r, err := b.root(bucket, false)
	if base.KindOf(err) == base.NotFound && err != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	start := "."
	if i := strings.LastIndexByte(prefix, '/'); i > 0 {
		start = prefix[:i]
	}
	return listFolder(ctx, r.FS(), start, prefix, each)
}

// listFolder lists one folder, its subfolders where their keys belong.
func listFolder(ctx context.Context, fsys fs.FS, dir, prefix string, each func(workflow.Object) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	name := func(e fs.DirEntry) string {
		key := e.Name()
		if dir != "." {
			key = dir + "/" + key
		}
		if e.IsDir() {
			key += "/"
		}
		return key
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(name(a), name(b)) })
	for _, e := range entries {
		key := name(e)
		if e.IsDir() {
			if !strings.HasPrefix(key, prefix) && !strings.HasPrefix(prefix, key) {
				continue
			}
			if err := listFolder(ctx, fsys, strings.TrimSuffix(key, "/"), prefix, each); err != nil {
				return err
			}
			continue
		}
		if !strings.HasPrefix(key, prefix) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		st, err := e.Info()
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			return err
		}
		o := workflow.Object{Key: key, Size: st.Size(), Modified: st.ModTime().UTC(), ETag: fmt.Sprintf(`"%x-%x"`, st.ModTime().UnixNano(), st.Size())}
		if err := each(o); err != nil {
			return err
		}
	}
	return nil
}

// Write implements workflow.Objects.
func (b buckets) Write(_ context.Context, bucket, key string, content []byte) error {
	r, err := b.root(bucket, true)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := wholefile.WriteIn(r, filepath.FromSlash(key), content); err != nil {
		return fmt.Errorf("bucket %s: %w", bucket, err)
	}
	return nil
}
