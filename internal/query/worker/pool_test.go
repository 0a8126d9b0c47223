package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// TestMain lets the test program be the child.
func TestMain(m *testing.M) {
	if os.Getenv("MULGIL_TEST_WORKER") != "" {
		started()
		host := worker.Host{Engine: duckdb.Engine{}, Log: os.Stderr, Orphaned: worker.ExitOrphan}
		os.Exit(worker.Serve(context.Background(), host, os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func launcher(env ...string) worker.Launcher {
	return worker.Launcher{Command: []string{os.Args[0]}, Env: append(env, "MULGIL_TEST_WORKER=1")}
}

// started leaves a byte for each child in the file MULGIL_TEST_STARTS.
func started() {
	if f, err := os.OpenFile(os.Getenv("MULGIL_TEST_STARTS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		_, _ = f.WriteString("|")
		_ = f.Close()
	}
}

func newPool(t testing.TB, keep int) *worker.Pool {
	t.Helper()
	p := worker.NewPool(launcher(), keep)
	t.Cleanup(func() { p.Close() })
	return p
}

func task(t testing.TB, sql string) worker.Task {
	t.Helper()
	return worker.Task{
		Engine:  port.EngineConfig{Memory: 512 << 20, Threads: 1, TempDir: t.TempDir()},
		Catalog: "AwsDataCatalog", Database: "main", Select: &worker.Select{SQL: sql},
	}
}

// answer runs sql and returns its rows as JSON.
func answer(ctx context.Context, p *worker.Pool, t worker.Task) (string, error) {
	var rows bytes.Buffer
	_, err := p.Run(ctx, t, worker.Handler{Message: func(m worker.Message) {
		if m.Rows != nil {
			rows.Write(m.Rows.JSON)
		}
	}})
	return rows.String(), err
}

func must(t testing.TB, p *worker.Pool, sql, want string) {
	t.Helper()
	if got, err := answer(t.Context(), p, task(t, sql)); err != nil || got != want {
		t.Fatalf("%s = %s, %v; want %s", sql, got, err, want)
	}
}

func onlyPID(t testing.TB, p *worker.Pool) int {
	t.Helper()
	pids := p.IdlePIDs()
	if len(pids) != 1 {
		t.Fatalf("idle children: %v, want one", pids)
	}
	return pids[0]
}

func TestStatementsShareAChildButNotAnEngine(t *testing.T) {
	p := newPool(t, 2)
	if n := len(p.IdlePIDs()); n != 0 {
		t.Fatalf("%d children before the first statement", n)
	}
	must(t, p, "SELECT '한글' AS x", `[["한글"]]`)
	first := onlyPID(t, p)
	file := t.TempDir() + "/남의 것.csv"
	if err := os.WriteFile(file, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	own := task(t, "SELECT * FROM read_csv('"+file+"')")
	own.Engine.Files = []string{file}
	if got, err := answer(t.Context(), p, own); err != nil || got != "[[1]]" {
		t.Fatalf("%s, %v", got, err)
	}
	// The next statement of the same child was not given the file.
	_, err := answer(t.Context(), p, task(t, "SELECT * FROM read_csv('"+file+"')"))
	if base.KindOf(err) != base.Denied {
		t.Errorf("reading another statement's file: %v", err)
	}
	_, err = answer(t.Context(), p, task(t, "SELECT * FROM nowhere"))
	if base.KindOf(err) != base.Invalid {
		t.Errorf("unknown table: %v", err)
	}
	must(t, p, "SELECT count(*) FROM duckdb_tables()", `[[0]]`)
	if pid := onlyPID(t, p); pid != first {
		t.Errorf("child %d served after %d", pid, first)
	}
}

func TestDeadIdleChildIsReplacedUnseen(t *testing.T) {
	p := newPool(t, 1)
	must(t, p, "SELECT 1", `[[1]]`)
	pid := onlyPID(t, p)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	must(t, p, "SELECT 2", `[[2]]`)
	if onlyPID(t, p) == pid {
		t.Error("the dead child is still there")
	}
}

// endless runs until it is killed.
const endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"

// stoppedAs runs the endless statement, calls stop once it works, and returns
// its error and how long the end took.
func stoppedAs(t *testing.T, p *worker.Pool, ctx context.Context, stop func()) (error, time.Duration) {
	t.Helper()
	tk := task(t, endless)
	tk.Select.SQL = "SELECT 1 UNION ALL (" + endless + ")"
	running := make(chan struct{})
	var once sync.Once
	done := make(chan error, 1)
	go func() {
		_, err := p.Run(ctx, tk, worker.Handler{Message: func(m worker.Message) {
			if m.Stage != nil && m.Stage.Name == worker.StageOpen {
				once.Do(func() { close(running) })
			}
		}})
		done <- err
	}()
	<-running
	start := time.Now()
	stop()
	select {
	case err := <-done:
		return err, time.Since(start)
	case <-time.After(20 * time.Second):
		t.Fatal("the statement did not stop")
		return nil, 0
	}
}

func TestCanceledStatementEndsItsChildAndAnotherIsReady(t *testing.T) {
	p := newPool(t, 1)
	must(t, p, "SELECT 1", `[[1]]`)
	pid := onlyPID(t, p)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("그만")
	err, took := stoppedAs(t, p, ctx, func() { cancel(why) })
	if base.KindOf(err) != base.Canceled || !errors.Is(err, why) || took > time.Second {
		t.Errorf("%v after %s", err, took)
	}
	p.Settle()
	if fresh := onlyPID(t, p); fresh == pid {
		t.Error("the stopped child is used again")
	}
	must(t, p, "SELECT 2", `[[2]]`)
}

func TestChildKilledInMidStatementIsToldAndReplaced(t *testing.T) {
	p := newPool(t, 1)
	must(t, p, "SELECT 1", `[[1]]`)
	pid := onlyPID(t, p)
	err, _ := stoppedAs(t, p, t.Context(), func() { syscall.Kill(pid, syscall.SIGKILL) })
	if base.KindOf(err) != base.Internal || !strings.Contains(fmt.Sprint(err), "killed") {
		t.Errorf("%v", err)
	}
	p.Settle()
	must(t, p, "SELECT 2", `[[2]]`)
}

// TestStatementIsNotBegunAgainWithoutItsClient: a child that dies before it
// said a word has its statement done by another, unless nobody waits for it.
func TestStatementIsNotBegunAgainWithoutItsClient(t *testing.T) {
	for _, gone := range []bool{false, true} {
		starts := filepath.Join(t.TempDir(), "starts")
		p := worker.NewPool(launcher("MULGIL_TEST_STARTS="+starts), 1)
		t.Cleanup(func() { p.Close() })
		must(t, p, "SELECT 1", `[[1]]`)
		pid := onlyPID(t, p)
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(50*time.Millisecond, func() {
			if gone {
				cancel(errors.New("그만"))
			}
			_ = syscall.Kill(pid, syscall.SIGKILL)
		})
		rows, err := answer(ctx, p, task(t, "SELECT 2"))
		cancel(nil)
		p.Settle()
		must(t, p, "SELECT 3", `[[3]]`)
		switch all, _ := os.ReadFile(starts); {
		case !gone && (err != nil || rows != "[[2]]"):
			t.Errorf("the child died, its client waits: %s %v", rows, err)
		case gone && (base.KindOf(err) != base.Canceled || rows != "" || len(all) != 2): // the second is for the next statement
			t.Errorf("the child died, its client is gone: %s %v, %d children", rows, err, len(all))
		}
	}
}

func TestChildThatTookTooMuchMemoryIsReplaced(t *testing.T) {
	p := newPool(t, 1)
	tk := task(t, "SELECT length(repeat('가', 220000000))")
	tk.Engine.Memory = 64 << 20
	u, err := p.Run(t.Context(), tk, worker.Handler{})
	p.Settle()
	if err == nil && u.PeakMemory < 600<<20 {
		t.Fatalf("peak %d MB: the test needs a statement that takes more than its limit", u.PeakMemory>>20)
	}
	u, err = p.Run(t.Context(), task(t, "SELECT 1"), worker.Handler{})
	if err != nil || u.PeakMemory > 400<<20 {
		t.Errorf("the next statement's child peaks at %d MB (%v)", u.PeakMemory>>20, err)
	}
}

func TestIdleChildrenAreBounded(t *testing.T) {
	p := newPool(t, 2)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { _, _ = answer(t.Context(), p, task(t, "SELECT 1")) })
	}
	all.Wait()
	if n := len(p.IdlePIDs()); n > 2 {
		t.Errorf("%d idle children", n)
	}
	pids := p.IdlePIDs()
	p.Close()
	for _, pid := range pids {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("child %d outlives its pool", pid)
		}
	}
	if _, err := answer(t.Context(), p, task(t, "SELECT 1")); base.KindOf(err) != base.Canceled {
		t.Errorf("closed pool: %v", err)
	}
}

func BenchmarkWarmSelect(b *testing.B) {
	p := newPool(b, 1)
	must(b, p, "SELECT 1", `[[1]]`)
	tk := task(b, "SELECT 1")
	for b.Loop() {
		if _, err := answer(b.Context(), p, tk); err != nil {
			b.Fatal(err)
		}
	}
}

// TestStatementWithoutAPlanIsGivenUp: the engine needs time beyond measure to
// plan subqueries in one another, whatever becomes of their rows.
func TestStatementWithoutAPlanIsGivenUp(t *testing.T) {
	p := newPool(t, 1)
	const most = 300 * time.Millisecond
	endless := "SELECT " + strings.Repeat("(SELECT ", 40) + "1" + strings.Repeat(")", 40) + " AS x"
	h := worker.Handler{Message: func(worker.Message) {}, Plan: func(_ context.Context, d worker.Described) (worker.Plan, error) {
		return worker.Plan{Fields: d.Fields, Dir: t.TempDir(), Prefix: "a"}, nil
	}}
	for name, change := range map[string]func(*worker.Task){
		"rows": func(x *worker.Task) { x.Select = &worker.Select{SQL: endless, Types: []string{"integer"}} },
		"table": func(x *worker.Task) {
			x.Write = &worker.Write{Outputs: []worker.Output{{Name: "o", SQL: endless}}, Trino: true}
		},
		"files": func(x *worker.Task) {
			x.Export = &worker.Export{SQL: endless, Columns: []string{"x"}, Dir: t.TempDir(), Options: "FORMAT parquet"}
		},
	} {
		x := task(t, "")
		x.Select, x.Planning = nil, most
		change(&x)
		start := time.Now()
		_, err := p.Run(t.Context(), x, h)
		if base.CodeOf(err) != "EXCEEDED_TIME_LIMIT" || !strings.Contains(base.Render(err), "hint: split it") || time.Since(start) > 5*time.Second {
			t.Errorf("%s: after %v: %v", name, time.Since(start), err)
		}
	}
	must(t, p, "SELECT 42 AS x", "[[42]]")
	x := task(t, "SELECT count(*)::INTEGER FROM range(300000000)")
	x.Select.Types, x.Planning = []string{"integer"}, most // a long run is not long planning
	if rows, err := answer(t.Context(), p, x); err != nil || rows != "[[300000000]]" {
		t.Errorf("%s %v", rows, err)
	}
}
