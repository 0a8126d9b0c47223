package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/apptest"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/cli"
)

// TestMain lets the test program play the owner: a scripted project served
// over the real lock, port and API.
func TestMain(m *testing.M) {
	if root := os.Getenv("MULGIL_TEST_OWNER"); root != "" {
		os.Exit(playOwner(root))
	}
	os.Exit(m.Run())
}

func playOwner(root string) int {
	env := testEnv(root, os.Stdout, os.Stderr)
	env.Args = []string{"up", "--port", "0"}
	env.Up = func(ctx context.Context, opt cli.UpOptions) error {
		own, err := owner.Acquire(filepath.Join(opt.Root, ".mulgil", "data"), "1.0")
		if err != nil {
			return err
		}
		defer own.Release()
		return serve(ctx, apptest.Backend{Handle: play}, own, "가게", "1.0", opt)
	}
	return cli.Run(context.Background(), env)
}

func play(ctx context.Context, op string, req any, report base.Report) (any, error) {
	if op != "job.run" {
		return []app.JobInfo{{Name: "은행", Kind: "sql"}}, nil
	}
	report.Do(base.Progress{Stage: "extract", Rows: 10})
	if req.(app.JobRunRequest).Job == "endless" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return app.JobRun{ID: "r1", Job: req.(app.JobRunRequest).Job, State: app.Succeeded}, nil
}

// output can be written and watched at the same time.
type output struct {
	mu    sync.Mutex // guards text
	text  bytes.Buffer
	heard chan struct{} // closed once word was written
	word  string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if o.heard != nil && strings.Contains(o.text.String(), o.word) {
		close(o.heard)
		o.heard = nil
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func testEnv(dir string, stdout, stderr io.Writer) cli.Env {
	env := cli.Env{
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr, Dir: dir,
		Getenv: func(string) string { return "" }, IsTerminal: func(any) bool { return false }, Clock: base.SystemClock{},
	}
	wire(&env)
	return env
}

func startOwner(t *testing.T) (string, *exec.Cmd) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mulgil.yaml"), []byte("name: 가게\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	up := make(chan struct{})
	out := &output{heard: up, word: "open http://"}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MULGIL_TEST_OWNER="+dir)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	select {
	case <-up:
	case <-time.After(20 * time.Second):
		t.Fatalf("the owner did not come up: %s", out)
	}
	return dir, cmd
}

func TestCommandWorksThroughTheOwner(t *testing.T) {
	dir, _ := startOwner(t)
	var out, errs output
	env := testEnv(dir, &out, &errs)
	env.Args = []string{"job", "run", "은행"}
	if code := cli.Run(t.Context(), env); code != 0 || !strings.Contains(out.String(), "state: SUCCEEDED") || !strings.HasPrefix(errs.String(), "extract: 10 rows") {
		t.Errorf("exit %d: %s%s", code, &out, &errs)
	}
}

func TestKilledOwnerIsNamedByItsClient(t *testing.T) {
	dir, cmd := startOwner(t)
	progress := make(chan struct{})
	out, errs := &output{}, &output{heard: progress, word: "extract"}
	env := testEnv(dir, out, errs)
	env.Args = []string{"job", "run", "endless"}
	go func() { <-progress; cmd.Process.Kill() }()
	code := cli.Run(t.Context(), env)
	if text := errs.String(); code != 1 || !strings.Contains(text, "went away while running job.run") || !strings.Contains(text, "mulgil job runs") {
		t.Errorf("exit %d: %s", code, text)
	}
	cmd.Wait()
	if info, live := owner.Find(filepath.Join(dir, ".mulgil", "data")); live {
		t.Errorf("found %+v", info)
	}
}

func TestProgramNeedsNoProjectForItsTexts(t *testing.T) {
	for args, want := range map[string]string{"version": "mulgil ", "schemas": "mulgil", "--help": "Available Commands"} {
		var out, errs output
		if code := run([]string{args}, strings.NewReader(""), &out, &errs); code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exit %d: %s%s", args, code, &out, &errs)
		}
	}
}
