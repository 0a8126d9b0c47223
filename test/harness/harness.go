// Package harness runs the real program in tests: it finds or builds the
// binary, makes projects with sample data and runs commands in them.
package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// build makes the binary at most once for each test program.
var build = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("MULGIL_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	dir, err := os.MkdirTemp("", "mulgil-bin-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "mulgil")
	cmd := exec.Command("go", "build", "-tags", "duckdb_arrow", "-buildvcs=false", "-o", bin, "github.com/mulgil/mulgil/cmd/mulgil")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("build mulgil: %w\n%s", err, text), os.RemoveAll(dir))
	}
	return bin, nil
})

// Binary is the absolute path of the program under test: MULGIL_BIN, or a
// build of this checkout that Main removes at the end.
func Binary(t testing.TB) string {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// Main is a TestMain body: it runs the tests and removes the binary built for
// them.
func Main(m *testing.M) int {
	code := m.Run()
	if os.Getenv("MULGIL_BIN") == "" {
		if bin, err := build(); err == nil {
			os.RemoveAll(filepath.Dir(bin))
		}
	}
	return code
}

// Project makes a project of the retail-batch template in a folder of its own,
// with rows purchases of sample data in shop.db, and returns the folder.
func Project(t testing.TB, rows int) string {
	t.Helper()
	dir := t.TempDir()
	Must(t, dir, "init", "shop", "--template", "retail-batch")
	dir = filepath.Join(dir, "shop")
	Must(t, dir, "sample", "retail", "--rows", strconv.Itoa(rows), "--seed", "7", "--to", "sqlite://./shop.db", "-q")
	return dir
}

// Run runs the program in dir with env added to this process's environment.
func Run(t testing.TB, dir string, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(Binary(t), args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run mulgil %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Must runs the program, expects exit code 0 and returns standard output.
func Must(t testing.TB, dir string, args ...string) string {
	t.Helper()
	stdout, stderr, code := Run(t, dir, nil, args...)
	if code != 0 {
		t.Fatalf("mulgil %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}
