package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
)

// TestMain lets the test program be a worker, and an owner that is killed.
func TestMain(m *testing.M) {
	if os.Getenv("MULGIL_TEST_WORKER") != "" {
		os.Exit(app.Worker(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	if root := os.Getenv("MULGIL_TEST_OWNER"); root != "" {
		os.Exit(playOwner(root))
	}
	os.Exit(m.Run())
}

func openApp(ctx context.Context, root string) (*app.App, func() error, error) {
	return openAppAt(ctx, root, base.SystemClock{})
}

func openAppAt(ctx context.Context, root string, clock base.Clock) (*app.App, func() error, error) {
	p, err := project.Load(root, project.Options{})
	if err != nil {
		return nil, nil, err
	}
	own, err := owner.Acquire(p.DataDir, "test")
	if err != nil {
		return nil, nil, err
	}
	a, err := app.Open(ctx, app.Config{
		Project: p, Owner: own, Version: "test", Worker: []string{"env", "MULGIL_TEST_WORKER=1", os.Args[0]}, Clock: clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		own.Release()
		return nil, nil, err
	}
	return a, func() error { a.Close(); return own.Release() }, nil
}

const endless = "select count(*) as n from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3"

// playOwner runs a statement that does not end, and says when it runs.
func playOwner(root string) int {
	a, _, err := openApp(context.Background(), root)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	go a.Query(context.Background(), app.QueryRequest{SQL: endless, Dialect: "duckdb"}, nil)
	for {
		list, err := a.QueryList(context.Background(), app.QueryListRequest{State: "RUNNING"})
		if err != nil || len(list) > 0 {
			fmt.Println("running", err)
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func newProject(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"mulgil.yaml": "name: 가게\n",
		"jobs/수.sql":  "/*---\ntarget: numbers\ndialect: duckdb\nmode: append\n---*/\nselect i as n, '값 ' || i as v from range(10) r(i)\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAnswersAreKeptUntilTheNextCommit(t *testing.T) {
	a, done, err := openApp(t.Context(), newProject(t))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	job := func() {
		t.Helper()
		if r, err := a.JobRun(t.Context(), app.JobRunRequest{Job: "수"}, nil); err != nil || r.State != app.Succeeded {
			t.Fatalf("%+v %v", r.Error, err)
		}
	}
	expect := func(sum string, cached bool) string {
		t.Helper()
		rs, err := a.Query(t.Context(), app.QueryRequest{SQL: "select sum(n) as s from numbers", Dialect: "duckdb", User: "김"}, nil)
		if err != nil || fmt.Sprint(rs.Rows[0][0]) != sum || rs.Stats.Cached != cached || (rs.Stats.PriceUSD == 0) != cached {
			t.Fatalf("%+v %v; want %s, cached %v", rs, err, sum, cached)
		}
		return rs.ID
	}
	job()
	first := expect("45", false)
	expect("45", true)
	job()
	second := expect("90", false)
	expect("90", true)
	// The rows of a statement are those it gave, also after the commit.
	for id, want := range map[string]string{first: "45", second: "90"} {
		rs, err := a.QueryResults(t.Context(), app.QueryResultsRequest{ID: id})
		if err != nil || fmt.Sprint(rs.Rows) != "[["+want+"]]" || rs.Columns[0].Name != "s" {
			t.Errorf("%+v %v", rs, err)
		}
	}
	list, err := a.QueryList(t.Context(), app.QueryListRequest{User: "김"})
	if err != nil || len(list) != 4 || list[0].State != "SUCCEEDED" || !list[0].ResultKept || !list[0].Stats.Cached || list[1].Stats.ScannedFiles != 2 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestStatementOfAKilledOwnerHasFailed(t *testing.T) {
	root := newProject(t)
	t.Cleanup(func() { // the killed owner's worker may still be on its way out
		for i := 0; i < 100 && (i == 0 || os.RemoveAll(root) != nil); i++ {
			time.Sleep(20 * time.Millisecond)
		}
	})
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MULGIL_TEST_OWNER="+root)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); !strings.HasPrefix(line, "running") {
		t.Fatal(line, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	a, done, err := openApp(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	list, err := a.QueryList(t.Context(), app.QueryListRequest{})
	if err != nil || len(list) != 1 || list[0].State != "FAILED" || list[0].Error.Code != "OWNER_DIED" || list[0].EndedAt == nil {
		t.Errorf("%+v %v", list, err)
	}
	_, err = a.QueryResults(t.Context(), app.QueryResultsRequest{ID: list[0].ID})
	if base.KindOf(err) != base.Conflict {
		t.Errorf("%v", err)
	}
}

func TestClosingTheProjectStopsItsStatements(t *testing.T) {
	a, done, err := openApp(t.Context(), newProject(t))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := a.Query(t.Context(), app.QueryRequest{SQL: endless, Dialect: "duckdb"}, nil)
		ended <- err
	}()
	for {
		if list, err := a.QueryList(t.Context(), app.QueryListRequest{State: "RUNNING"}); err != nil || len(list) > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	done()
	if err := <-ended; base.CodeOf(err) != "USER_CANCELED" {
		t.Errorf("%v", err)
	}
}
