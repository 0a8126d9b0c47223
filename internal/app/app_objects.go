package app

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

// objects are the project's buckets as the Map states of workflows see them.
// Every key is opened under its bucket's folder, links included.
type objects struct {
	resolve func(uri string) (string, error)
}

var _ workflow.Objects = objects{}

// bucket opens a bucket's folder, making it if make is set.
func (o objects) bucket(name string, makeIt bool) (*os.Root, error) {
	if name == "" || strings.ContainsAny(name, "/\\") {
		return nil, base.Errorf(base.Invalid, "%q is not the name of a bucket", name)
	}
	dir, err := o.resolve("s3://" + name + "/")
	if err != nil {
		return nil, err
	}
	if makeIt {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, base.Errorf(base.NotFound, "no bucket %q", name)
	}
	return root, err
}

func (o objects) Open(_ context.Context, bucket, key string) (io.ReadCloser, error) {
	root, err := o.bucket(bucket, false)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(key))
	if err != nil {
		return nil, missing(err, bucket, key)
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, missing(errors.Join(err, fs.ErrNotExist), bucket, key)
	}
	return f, nil
}

func missing(err error, bucket, key string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return base.Errorf(base.NotFound, "no object %q in the bucket %q", key, bucket)
	}
	return err
}

func (o objects) List(ctx context.Context, bucket, prefix string, each func(workflow.Object) error) error {
	root, err := o.bucket(bucket, false)
	if err != nil {
		return err
	}
	defer root.Close()
	start := "."
	if i := strings.LastIndexByte(prefix, '/'); i > 0 {
		start = prefix[:i]
	}
	err = fs.WalkDir(root.FS(), start, func(path string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if d.IsDir() || !strings.HasPrefix(path, prefix) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		sum := md5.Sum([]byte(path + info.ModTime().String()))
		return each(workflow.Object{Key: path, Size: info.Size(), Modified: info.ModTime(), ETag: `"` + hex.EncodeToString(sum[:]) + `"`})
	})
	if errors.Is(err, fs.ErrNotExist) { // nothing begins with the prefix
		return nil
	}
	return err
}

// Write makes the object appear whole: a file beside it is written, synced and renamed.
func (o objects) Write(_ context.Context, bucket, key string, content []byte) error {
	root, err := o.bucket(bucket, true)
	if err != nil {
		return err
	}
	defer root.Close()
	name := filepath.FromSlash(key)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	part := name + ".part"
	f, err := root.Create(part)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, root.Remove(part))
	}
	if err := root.Rename(part, name); err != nil {
		return err
	}
	d, err := root.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
