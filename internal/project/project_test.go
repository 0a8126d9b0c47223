package project

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mulgil/mulgil/internal/base"
)

var update = flag.Bool("update", false, "rewrite want.txt files")

func environment(name string) (string, bool) {
	v, ok := map[string]string{
		"SECRET_PW": "hunter2", "WORKERS": "3", "HOME": "/home/me", "PROD_PASSWORD": "0123",
		"SHOP_SECRET": `{"engine":"postgres","host":"secret.example.com","port":"5432","username":"lee","password":"p@ss word","dbname":"x","dbInstanceIdentifier":"i"}`,
	}[name]
	return v, ok
}

func load(t *testing.T, dir, target string) *Project {
	t.Helper()
	p, err := Load(dir, Options{Target: target, Env: environment})
	if err != nil {
		t.Fatalf("load %s:\n%s", dir, base.Render(err))
	}
	return p
}

// write makes a project of files in a temporary folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadReportsEveryMistakeWithItsPlace(t *testing.T) {
	dirs, err := filepath.Glob("testdata/bad/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			_, err := Load(dir, Options{Env: environment})
			var list base.Errors
			if !errors.As(err, &list) {
				t.Fatalf("want base.Errors, got %T: %v", err, err)
			}
			got := base.Render(err) + "\n"
			if strings.Contains(got, "hunter2") || strings.Contains(got, "s3cret") || strings.Contains(got, "pw1") {
				t.Errorf("a password is shown:\n%s", got)
			}
			file := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("errors of %s (-want +got):\n%s", dir, d)
			}
		})
	}
}
