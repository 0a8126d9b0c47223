package project

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Init makes a project in dir from the folder called template in templates.
// dir is created; if it exists it must be empty (base.Exists). A template that
// is not there is base.NotFound. If copying fails, what was written is removed.
func Init(dir, template string, templates fs.FS) error {
	if st, err := fs.Stat(templates, path.Join(template, File)); !fs.ValidPath(template) || err != nil || st.IsDir() {
		return base.Errorf(base.NotFound, "no template %q", template).WithHint("%s", didYouMean(template, templateNames(templates)))
	}
	made, err := emptyDir(dir)
	if err != nil {
		return err
	}
	if err := copyTemplate(dir, template, templates); err != nil {
		return errors.Join(base.Errorf(base.Internal, "make project: %w", err), clearDir(dir, made))
	}
	return nil
}

func templateNames(templates fs.FS) []string {
	var out []string
	entries, err := fs.ReadDir(templates, ".")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if _, err := fs.Stat(templates, path.Join(e.Name(), File)); err == nil {
			out = append(out, e.Name())
		}
	}
	return out
}

// emptyDir makes dir, or finds it empty; made says which.
func emptyDir(dir string) (made bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return false, base.Errorf(base.Internal, "make project: %w", err)
		}
		return true, nil
	case err != nil:
		return false, base.Errorf(base.Exists, "%s is not a folder that can be used: %w", dir, err).WithHint("choose another name")
	case len(entries) > 0:
		return false, base.Errorf(base.Exists, "the folder %s is not empty", dir).WithHint("choose another name, or empty the folder first")
	}
	return false, nil
}

func clearDir(dir string, made bool) error {
	if made {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

func copyTemplate(dir, template string, templates fs.FS) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	err = fs.WalkDir(templates, template, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == template {
			return err
		}
		to := filepath.FromSlash(strings.TrimPrefix(name, template+"/"))
		if d.IsDir() {
			if d.Name() == ".mulgil" {
				return fs.SkipDir
			}
			return root.Mkdir(to, 0o755)
		}
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if bytes.HasPrefix(text, []byte("#!")) {
			mode = 0o755
		}
		return root.WriteFile(to, text, mode)
	})
	if err != nil {
		return err
	}
	if _, err := root.Stat(".gitignore"); errors.Is(err, fs.ErrNotExist) {
		return root.WriteFile(".gitignore", []byte("/.mulgil/\n"), 0o644)
	}
	return nil
}
