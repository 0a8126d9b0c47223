package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// wholeFile is written under another name and gets its own when it is whole:
// nobody sees half of it, and what stood there before stays until then.
type wholeFile struct {
	path  string
	f     *os.File
	bytes int64
	// direct is set for what is no plain file, such as a pipe.
	direct bool
}

func createWhole(path string) (*wholeFile, error) {
	w := &wholeFile{path: path}
	name, flag := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+uuid.NewString()[:8]), os.O_CREATE|os.O_EXCL
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("write %s: it is a folder", path)
	} else if err == nil && !info.Mode().IsRegular() {
		name, flag, w.direct = path, 0, true
	}
	var err error
	if w.f, err = os.OpenFile(name, os.O_WRONLY|flag, 0o666); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return w, nil
}

func (w *wholeFile) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.bytes += int64(n)
	if err != nil {
		err = fmt.Errorf("write %s: %w", w.path, err)
	}
	return n, err
}

var _ io.Writer = (*wholeFile)(nil)

// end gives the file its name, or removes it if failed is set, which it returns.
func (w *wholeFile) end(failed error) (int64, error) {
	if w.direct {
		return w.bytes, errors.Join(failed, w.f.Close())
	}
	if failed != nil {
		return 0, errors.Join(failed, w.f.Close(), os.Remove(w.f.Name()))
	}
	err := errors.Join(w.f.Sync(), w.f.Close())
	if err == nil {
		err = os.Rename(w.f.Name(), w.path)
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", w.path, errors.Join(err, os.Remove(w.f.Name())))
	}
	return w.bytes, nil
}
