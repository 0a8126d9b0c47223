// Package clients runs other people's clients of our protocols against the
// program, those that install in seconds. Slower ones are in test/peers.
package clients

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// python is an interpreter with requirements.txt installed, kept in .cache.
func python(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../.cache/clients")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	py, mark := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "installed.txt")
	if have, err := os.ReadFile(mark); err == nil && string(have) == string(want) {
		return py
	}
	for _, args := range [][]string{{"python3", "-m", "venv", dir}, {py, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", "requirements.txt"}} {
		if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Skipf("Python and pip are needed to install test/clients/requirements.txt: %v\n%.2000s", err, out)
		}
	}
	if err := os.WriteFile(mark, want, 0o600); err != nil {
		t.Fatal(err)
	}
	return py
}

// up starts the program on a project of its own.
func up(t *testing.T) (port, token string) {
	t.Helper()
	bin := os.Getenv("MULGIL_BIN")
	if bin == "" {
		t.Skip("set MULGIL_BIN to the program (make test does)")
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "가게")
	if out, err := exec.Command(bin, "init", dir, "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(bin, "--project", dir, "up", "--port", "0")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var owner struct{ Address, Token string }
		b, err := os.ReadFile(filepath.Join(dir, ".mulgil", "data", "owner.json"))
		if err == nil && json.Unmarshal(b, &owner) == nil && owner.Address != "" {
			_, port, err := net.SplitHostPort(owner.Address)
			if err != nil {
				t.Fatal(err)
			}
			return port, owner.Token
		}
	}
	t.Fatal("the program did not come up")
	return "", ""
}

func TestPythonClientAndSQLAlchemyWork(t *testing.T) {
	py := python(t)
	port, token := up(t)
	cmd := exec.CommandContext(t.Context(), py, "trino_client.py", port, token)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
