// Package wholefile writes files that nobody sees half of: a file is written
// under another name and gets its own once it is whole. What stood there before
// stays until then, and after a crash the old one or the new one is there.
package wholefile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File is one on its way. End must be called.
type File struct {
	path, name string
	root       *os.Root // the folder, nil for what is no plain file, such as a pipe
	temp       string
	f          *os.File
	bytes      int64
}

var _ io.Writer = (*File)(nil)

// Create begins a file in a folder that exists. What is no plain file is
// written as it is.
func Create(path string) (*File, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("write %s: it is a folder", path)
	case err == nil && !info.Mode().IsRegular():
		w := &File{path: path}
		if w.f, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
			return nil, fmt.Errorf("write %s: %w", path, err)
		}
		return w, nil
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return create(root, path, filepath.Base(path))
}

// create begins the file name in a folder, which it closes at the end.
func create(root *os.Root, path, name string) (*File, error) {
	w := &File{path: path, name: name, root: root, temp: ".new-" + rand.Text()[:10]}
	var err error
	if w.f, err = root.OpenFile(w.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, errors.Join(err, root.Close()))
	}
	return w, nil
}

func (w *File) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.bytes += int64(n)
	if err != nil {
		err = fmt.Errorf("write %s: %w", w.path, err)
	}
	return n, err
}

// End gives the file its name, durably, and tells its size in bytes. If failed
// is set it removes the file instead and returns failed.
func (w *File) End(failed error) (int64, error) {
	if w.root == nil {
		return w.bytes, errors.Join(failed, w.f.Close())
	}
	defer w.root.Close()
	if failed != nil {
		return 0, errors.Join(failed, w.f.Close(), w.root.Remove(w.temp))
	}
	err := errors.Join(w.f.Sync(), w.f.Close())
	if err == nil {
		err = w.root.Rename(w.temp, w.name)
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", w.path, errors.Join(err, w.root.Remove(w.temp)))
	}
	return w.bytes, w.sync()
}

// sync makes the name durable.
func (w *File) sync() error {
	d, err := w.root.Open(".")
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	return nil
}

// Write writes a file at once, with the folders it lies in.
func Write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	w, err := Create(path)
	if err != nil {
		return err
	}
	return w.all(text)
}

// WriteIn is Write below root: a name that leads out of it is refused.
func WriteIn(root *os.Root, name string, text []byte) error {
	dir := filepath.Dir(name)
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if info, err := root.Stat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("write %s: it is no plain file", name)
	}
	folder, err := root.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	w, err := create(folder, name, filepath.Base(name))
	if err != nil {
		return err
	}
	return w.all(text)
}

func (w *File) all(text []byte) error {
	_, err := w.Write(text)
	_, err = w.End(err)
	return err
}
