// Package docs keeps the documents true: every block of commands marked
// runnable runs, and every link between them leads somewhere.
package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/test/harness"
)

const root = "../.."

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// rows is the number of purchases that stands in for the documents' own.
var rows = regexp.MustCompile(`--rows [0-9]+`)

// blocks are a document's runnable commands.
func blocks(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, rest := range strings.Split(string(text), "\n```sh runnable\n")[1:] {
		block, _, closed := strings.Cut(rest, "\n```")
		if !closed {
			t.Fatalf("%s: a runnable block has no end", file)
		}
		out = append(out, block)
	}
	if len(out) == 0 {
		t.Fatalf("%s has no runnable block", file)
	}
	return out
}

func TestRunnableBlocksRun(t *testing.T) {
	for file, start := range map[string]string{
		"README.md": "",
		// These commands start in a copy of the folder.
		"examples/retail-batch/README.md":      "examples/retail-batch",
		"examples/convenience-store/README.md": "examples/convenience-store",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if start != "" {
				if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, start))); err != nil {
					t.Fatal(err)
				}
			}
			path := programPath(t)
			for _, b := range blocks(t, file) {
				script := "set -euo pipefail\n" + rows.ReplaceAllString(b, "--rows 3000") + "\n"
				cmd := exec.Command("bash", "-c", script)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+path+":"+os.Getenv("PATH"))
				if text, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s\n%s", file, err, script, text)
				}
			}
		})
	}
}

// programPath is a folder in which the program is called mulgil.
func programPath(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(harness.Binary(t), filepath.Join(dir, "mulgil")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestKoreanReadmeRunsTheSameCommands(t *testing.T) {
	for _, dir := range []string{"", "examples/convenience-store/", "examples/retail-batch/"} {
		en, ko := blocks(t, dir+"README.md"), blocks(t, dir+"README.ko.md")
		if fmt.Sprint(en) != fmt.Sprint(ko) {
			t.Errorf("%sREADME.ko.md has\n%s\nREADME.md has\n%s", dir, strings.Join(ko, "\n\n"), strings.Join(en, "\n\n"))
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md", "examples/*/*.md"} {
		more, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	if len(files) < 6 {
		t.Fatalf("only %d documents found", len(files))
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(f), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", f, m[1])
			}
		}
	}
}

// codeName is a path or a test that a document says is in the code.
var codeName = regexp.MustCompile("`((?:internal|test|cmd|schemas|docs|examples)/[^`*]+|Test[A-Z][A-Za-z0-9]+)`")

func TestArchitectureNamesWhatExists(t *testing.T) {
	tests := testNames(t)
	for _, f := range []string{"docs/architecture.md", "docs/decisions.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(root, f))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range codeName.FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(m[1], "Test") {
				if !tests[m[1]] {
					t.Errorf("%s names the test %s, which does not exist", f, m[1])
				}
			} else if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s, which does not exist", f, m[1])
			}
		}
	}
}

var testFunc = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)

func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
