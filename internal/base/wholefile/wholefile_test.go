package wholefile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// only checks that dir holds these files and nothing else.
func only(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil || want[e.Name()] != string(text) {
			t.Errorf("%s holds %q, %v", e.Name(), text, err)
		}
	}
	if len(list) != len(want) {
		t.Errorf("got %v, want %v", list, want)
	}
}

func TestFileAppearsWhenItIsWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("new one")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "old" {
		t.Errorf("before the end it holds %q, %v", text, err)
	}
	if n, err := w.End(nil); n != 7 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	only(t, dir, map[string]string{"a.txt": "new one"})
}

func TestFailedFileLeavesTheOldOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the source broke")
	if _, err := w.End(broken); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	only(t, dir, map[string]string{"a.txt": "old"})
}

func TestNameAsLongAsTheSystemAllows(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("n", 255)
	if err := Write(filepath.Join(dir, name), []byte("x")); err != nil {
		t.Fatal(err)
	}
	only(t, dir, map[string]string{name: "x"})
}

func TestWriteInStaysInItsFolder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	inside := filepath.Join(dir, "inside")
	for _, d := range []string{outside, inside} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, name := range []string{"../outside/a", "link/a", "/a"} {
		if err := WriteIn(root, name, []byte("x")); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if err := WriteIn(root, "y/m/d.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	only(t, filepath.Join(inside, "y", "m"), map[string]string{"d.json": "{}"})
	only(t, outside, map[string]string{})
}

func TestFolderIsNoFile(t *testing.T) {
	if _, err := Create(t.TempDir()); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("got %v", err)
	}
}
