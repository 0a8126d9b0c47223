package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/apptest"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

var (
	began = time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	ended = began.Add(90 * time.Second)
)

// still is a clock that stands; waiting on it passes at once and moves it.
type still struct{ now time.Time }

func (s *still) Now() time.Time { return s.now }
func (s *still) After(d time.Duration) <-chan time.Time {
	s.now = s.now.Add(d)
	c := make(chan time.Time, 1)
	c <- s.now
	return c
}

// world is an Env whose streams can be read back.
type world struct {
	Env
	out, err bytes.Buffer
	opened   int
}

type handle = func(ctx context.Context, op string, req any, report base.Report) (any, error)

// newWorld has a project in its folder and no owner; h answers.
func newWorld(t *testing.T, h handle) *world {
	t.Helper()
	w := &world{}
	w.Env = Env{
		Stdin: strings.NewReader(""), Stdout: &w.out, Stderr: &w.err,
		Getenv: func(string) string { return "" }, Dir: t.TempDir(),
		IsTerminal: func(any) bool { return false }, Clock: &still{now: ended}, Version: "1.0",
		OpenLocal: func(context.Context, OpenOptions) (app.Backend, func() error, error) {
			w.opened++
			return apptest.Backend{Handle: h}, func() error { return nil }, nil
		},
	}
	if err := os.WriteFile(filepath.Join(w.Dir, "mulgil.yaml"), []byte("name: 가게\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) run(t *testing.T, args ...string) int {
	t.Helper()
	w.out.Reset()
	w.err.Reset()
	w.Args = args
	return Run(t.Context(), w.Env)
}

func (w *world) expect(t *testing.T, code int, out, errText string, args ...string) {
	t.Helper()
	got := w.run(t, args...)
	if got != code {
		t.Errorf("%q: exit code %d, want %d", args, got, code)
	}
	if d := cmp.Diff(out, w.out.String()); d != "" {
		t.Errorf("%q: standard output (-want +got):\n%s", args, d)
	}
	if d := cmp.Diff(errText, w.err.String()); d != "" {
		t.Errorf("%q: standard error (-want +got):\n%s", args, d)
	}
}

func TestUsageErrorsExitTwoAndSuggest(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []struct{ args, want string }{
		{"jbo", "error: mulgil has no command \"jbo\"\nhint: did you mean \"mulgil job\"?\n"},
		{"job rnu", "error: mulgil job has no command \"rnu\"\nhint: did you mean \"mulgil job run\"?\n"},
		{"job zzzzzz", "error: mulgil job has no command \"zzzzzz\"\nhint: see: mulgil job --help\n"},
		{"help jbo", "error: mulgil has no command \"jbo\"\nhint: did you mean \"mulgil job\"?\n"},
		{"help job rnu", "error: mulgil job has no command \"rnu\"\nhint: did you mean \"mulgil job run\"?\n"},
		{"job run", "error: mulgil job run needs JOB\nhint: see: mulgil job run --help\n"},
		{"table export-hive", "error: mulgil table export-hive needs TABLE and DIR\nhint: see: mulgil table export-hive --help\n"},
		{"job run A B", "error: mulgil job run does not know what to do with \"B\"\nhint: see: mulgil job run --help\n"},
		{"job run A --agr X=1", "error: mulgil job run has no flag --agr\nhint: did you mean --arg?\n"},
		{"job run A -z", "error: mulgil job run has no flag -z\nhint: see: mulgil job run --help\n"},
		{"job run A --arg X", "error: --arg \"X\" is not NAME=VALUE\nhint: see: mulgil job run --help\n"},
		{"job run A --arg X=1 --arg --X=2", "error: --arg X is given twice\nhint: see: mulgil job run --help\n"},
		{"job run A --arg", "error: --arg needs a value\nhint: see: mulgil job run --help\n"},
		{"job preview A --limit many", "error: --limit cannot be \"many\": it takes a whole number\nhint: see: mulgil job preview --help\n"},
		{"query", "error: mulgil query needs a statement, -f FILE or -\nhint: see: mulgil query --help\n"},
		{"query x -f y", "error: give the statement or -f, not both\nhint: see: mulgil query --help\n"},
		{"workflow run A --input {", "error: --input is not valid JSON\nhint: quote it for the shell: --input '{\"day\": \"20140101\"}'\n"},
		{"workflow resume", "error: mulgil workflow resume needs an EXECUTION or --all, not both\nhint: see: mulgil workflow resume --help\n"},
		{"table expire A --older-than soon", "error: --older-than cannot be \"soon\": it takes a duration such as 7d, 36h or 0\nhint: see: mulgil table expire --help\n"},
		{"table optimize A --target-size big", "error: --target-size cannot be \"big\": it takes a size such as 128MB\nhint: see: mulgil table optimize --help\n"},
		{"up --port 70000", "error: --port cannot be 70000: it takes 0 to 65535\nhint: see: mulgil up --help\n"},
	} {
		w.expect(t, 2, "", c.want, strings.Fields(c.args)...)
	}
	if w.opened != 0 {
		t.Error("a wrong call opened the project")
	}
}

func TestErrorsGoToStandardErrorWithExitOne(t *testing.T) {
	place := &base.Place{File: "jobs/silver.sql", Line: 14, Col: 12, Len: 7, Text: "    SELECT cust_nm, zip"}
	w := newWorld(t, func(context.Context, string, any, base.Report) (any, error) {
		return nil, base.Errorf(base.Invalid, "unknown column %q", "cust_nm").At(place).WithHint("did you mean %q?", "cust_name")
	})
	w.expect(t, 1, "", `error: jobs/silver.sql:14:12: unknown column "cust_nm"
        SELECT cust_nm, zip
               ~~~~~~~
hint: did you mean "cust_name"?
`, "query", "select 1")
	w.expect(t, 1, "", `{
  "error": {
    "kind": "invalid",
    "message": "unknown column \"cust_nm\"",
    "hint": "did you mean \"cust_name\"?",
    "place": {
      "file": "jobs/silver.sql",
      "line": 14,
      "column": 12,
      "length": 7,
      "text": "    SELECT cust_nm, zip"
    }
  }
}
`, "query", "select 1", "--json")
	w.expect(t, 2, "", `{
  "error": {
    "kind": "usage",
    "message": "mulgil query has no flag --limt",
    "hint": "did you mean --limit?"
  }
}
`, "query", "x", "--limt", "1", "--json")
}

func TestOutsideAProjectIsSaid(t *testing.T) {
	w := newWorld(t, nil)
	w.Dir = t.TempDir()
	if code := w.run(t, "job", "list"); code != 1 || !strings.Contains(w.err.String(), "no mulgil.yaml in") {
		t.Errorf("exit %d: %s", code, w.err.String())
	}
	if code := w.run(t, "job", "list", "--project", "nowhere"); code != 1 || !strings.Contains(w.err.String(), "--project takes the folder") {
		t.Errorf("exit %d: %s", code, w.err.String())
	}
}

func TestResultsAreAlignedByWidth(t *testing.T) {
	rs := app.ResultSet{
		Columns: []app.Column{{Name: "이름", Type: "string"}, {Name: "amount", Type: "decimal(12,2)"}, {Name: "tags", Type: "array<string>"}},
		Rows: [][]any{
			{"홍길동", json.Number("12.50"), []any{"<a>", "나"}},
			{nil, json.Number("12345678901234567890.10"), nil},
			{"two\nlines\x1b[31m", nil, []any{}},
		},
		Truncated: true,
		Stats:     app.QueryStats{ElapsedMS: 12, ScannedBytes: 1234567, ScannedFiles: 4, TotalFiles: 96},
	}
	var got app.QueryRequest
	w := newWorld(t, func(_ context.Context, _ string, req any, _ base.Report) (any, error) {
		got = req.(app.QueryRequest)
		return rs, nil
	})
	w.expect(t, 0, `이름                                   amount  tags
--------------------  -----------------------  ------------
홍길동                                  12.50  ["<a>","나"]
NULL                  12345678901234567890.10  NULL
two\nlines\u001b[31m                     NULL  []
`, "only the first 3 rows are shown; --limit changes that\n3 rows, 12 ms, 1.2 MB in 4 of 96 files read\n", "query", "select 1", "--limit", "3")
	if got.SQL != "select 1" || got.Limit != 3 {
		t.Errorf("got %+v", got)
	}
	if code := w.run(t, "query", "select 1", "--json", "--limit", "0"); code != 0 || got.Limit != -1 {
		t.Errorf("exit %d, limit %d", code, got.Limit)
	}
	if !strings.Contains(w.out.String(), "12345678901234567890.10") || !strings.Contains(w.out.String(), `"<a>"`) {
		t.Errorf("got %s", w.out.String())
	}
}

func TestStatementComesFromFileAndStandardInput(t *testing.T) {
	var sql string
	w := newWorld(t, func(_ context.Context, _ string, req any, _ base.Report) (any, error) {
		sql = req.(app.QueryRequest).SQL
		return app.ResultSet{}, nil
	})
	os.WriteFile(filepath.Join(w.Dir, "q.sql"), []byte("\ufeffselect '한글'"), 0o644)
	if w.run(t, "query", "-f", "q.sql"); sql != "select '한글'" {
		t.Errorf("got %q", sql)
	}
	w.Stdin = strings.NewReader("select 2")
	if w.run(t, "query", "-"); sql != "select 2" {
		t.Errorf("got %q", sql)
	}
	for _, text := range []string{"-- 설명 = 1\nselect 3", "--\nselect 3", "--x\nselect 3"} {
		if w.run(t, "query", text, "--json"); sql != " "+text {
			t.Errorf("a comment first: got %q", sql)
		}
	}
}

func TestJobRunPrintsRecordAndFails(t *testing.T) {
	run := app.JobRun{
		ID: "r1", Job: "SILVER", State: app.Failed, Args: map[string]string{"D": "20140101"}, StartedAt: began, EndedAt: &ended,
		PeakMemory: 512000000, CPUSeconds: 43.21, Seconds: map[string]float64{"extract": 33, "write": 50},
		Outputs: []app.RunOutput{{Table: "silver.all", Mode: "overwrite", SnapshotID: "1", Rows: 28593030, Files: 12, Bytes: 2100000000, Partitions: 12}, {Table: "silver.unpublished"}},
		Tests:   []app.TestResult{{Name: "unique(id)", Output: "all", Severity: "error", Failures: 2, Detail: "7, 8"}, {Name: "row_count", OK: true}},
		FanOut:  []app.FanOut{{Join: "purchase x zipcode", Key: "zip", Factor: 1.04, Overstated: map[string]string{"amount": "123.40"}, Policy: "warn"}},
		Error:   &app.ErrorInfo{Kind: "invalid", Message: "test unique(id) failed", Hint: "see the rows"},
	}
	var got app.JobRunRequest
	w := newWorld(t, func(_ context.Context, op string, req any, report base.Report) (any, error) {
		got = req.(app.JobRunRequest)
		report.Do(base.Progress{Stage: "extract", Rows: 1200000, Total: 2400000, Bytes: 43000000, Elapsed: 5 * time.Second})
		report.Do(base.Progress{Stage: "extract", Rows: 2400000, Total: 2400000, Bytes: 86000000, Elapsed: 10 * time.Second, Done: true})
		return run, nil
	})
	progress := `extract: 1,200,000 of 2,400,000 rows (50%), 240,000 rows/s, 43.0 MB, 5.0s
extract: 2,400,000 of 2,400,000 rows (100%), 240,000 rows/s, 86.0 MB, 10.0s, done
`
	failure := "error: run r1 of job SILVER: test unique(id) failed\nhint: see the rows\n"
	w.expect(t, 1, `run:      r1
job:      SILVER
state:    FAILED
argument: D=20140101
started:  2026-05-01 09:00:00 UTC
took:     1m30s (extract 33.0s, write 50.0s)
used:     512.0 MB at most, 43.2 CPU seconds
wrote:    silver.all (overwrite): 28,593,030 rows in 12 files, 2.1 GB, 12 partitions
test:     all unique(id): failed (error), 2 failures: 7, 8
test:     row_count: passed
fan-out:  purchase x zipcode on zip makes 1.0400 rows of one (warn), amount overstated by 123.40
`, progress+failure, "job", "run", "SILVER", "--arg", "--D=20140101", "--arg", "E=a=b")
	if d := cmp.Diff(map[string]string{"D": "20140101", "E": "a=b"}, got.Args); d != "" {
		t.Error(d)
	}
	if w.run(t, "job", "run", "SILVER", "--quiet") != 1 || w.err.String() != failure {
		t.Errorf("quiet: %s", w.err.String())
	}
	var back app.JobRun
	if w.run(t, "job", "run", "SILVER", "--json") != 1 || json.Unmarshal(w.out.Bytes(), &back) != nil || !cmp.Equal(back, run) {
		t.Errorf("json: %s", w.out.String())
	}
}

func TestRunFindsJobOrWorkflowByName(t *testing.T) {
	var did []string
	w := newWorld(t, func(_ context.Context, op string, req any, _ base.Report) (any, error) {
		did = append(did, op)
		switch op {
		case "job.list":
			return []app.JobInfo{{Name: "jb_t0", Aliases: []string{"T0"}}, {Name: "both"}}, nil
		case "workflow.list":
			return []app.WorkflowInfo{{Name: "retail"}, {Name: "both"}}, nil
		case "job.run":
			return app.JobRun{State: app.Succeeded}, nil
		}
		return app.Execution{Status: "SUCCEEDED"}, nil
	})
	for _, c := range []struct {
		args string
		code int
		last string
	}{
		{"run T0 --arg A=1", 0, "job.run"},
		{"run retail --input {}", 0, "workflow.run"},
		{"run both", 2, "workflow.list"},
		{"run T0 --input {}", 2, "workflow.list"},
		{"run retail --arg A=1", 2, "workflow.list"},
		{"run retial", 1, "workflow.list"},
	} {
		if code := w.run(t, strings.Fields(c.args)...); code != c.code || did[len(did)-1] != c.last {
			t.Errorf("%s: exit %d after %s: %s", c.args, code, did[len(did)-1], w.err.String())
		}
	}
	if !strings.Contains(w.err.String(), `did you mean "retail"?`) {
		t.Errorf("got %s", w.err.String())
	}
}

func TestFailedExecutionExitsOne(t *testing.T) {
	w := newWorld(t, func(context.Context, string, any, base.Report) (any, error) {
		return app.Execution{ID: "e1", Workflow: "retail", Status: "FAILED", StartedAt: began, StoppedAt: &ended, Error: "States.TaskFailed", Cause: "no such job"}, nil
	})
	w.expect(t, 1, `execution: e1
workflow:  retail
status:    FAILED
started:   2026-05-01 09:00:00 UTC
took:      1m30s
error:     States.TaskFailed
cause:     no such job
`, "error: execution e1 of workflow retail ended FAILED: States.TaskFailed: no such job\nhint: see: mulgil workflow history e1\n", "workflow", "run", "retail")
	if code := w.run(t, "workflow", "run", "retail", "--detach"); code != 2 || !strings.Contains(w.err.String(), "mulgil up") {
		t.Errorf("detached without owner: exit %d: %s", code, w.err.String())
	}
}

func TestInterruptStopsTheCommand(t *testing.T) {
	signals := make(chan os.Signal, 1)
	w := newWorld(t, func(ctx context.Context, _ string, _ any, _ base.Report) (any, error) {
		signals <- os.Interrupt
		<-ctx.Done()
		return app.JobRun{ID: "r1", Job: "A", State: app.Stopped, StartedAt: began, EndedAt: &ended}, nil
	})
	w.Signals = signals
	if code := w.run(t, "job", "run", "A"); code != 130 || w.err.String() != "stopped\n" || !strings.Contains(w.out.String(), "STOPPED") {
		t.Errorf("exit %d: %s%s", code, w.out.String(), w.err.String())
	}
}

func TestSecondInterruptAborts(t *testing.T) {
	signals := make(chan os.Signal, 2)
	aborted := make(chan struct{})
	w := newWorld(t, func(context.Context, string, any, base.Report) (any, error) {
		signals <- os.Interrupt
		signals <- os.Interrupt
		<-aborted
		return nil, errors.New("never minds ctx")
	})
	w.Signals, w.Abort = signals, func() { close(aborted) }
	if code := w.run(t, "job", "run", "A"); code != 130 {
		t.Errorf("exit %d", code)
	}
}

func TestUpPrintsItsAddressAndEndsWellWhenStopped(t *testing.T) {
	signals := make(chan os.Signal, 1)
	w := newWorld(t, nil)
	w.Signals = signals
	w.Up = func(ctx context.Context, opt UpOptions) error {
		opt.Ready("가게", "127.0.0.1:4567", "http://127.0.0.1:4567/?token=x")
		signals <- os.Interrupt
		<-ctx.Done()
		if opt.Port != 4567 || opt.Host != "127.0.0.1" || opt.Root != w.Dir {
			t.Errorf("got %+v", opt)
		}
		return nil
	}
	w.expect(t, 0, "project 가게 is up at http://127.0.0.1:4567\nopen http://127.0.0.1:4567/?token=x\ntrino --server http://127.0.0.1:4567 --catalog awsdatacatalog\n", "stopped\n", "up", "--port", "4567")
}

func TestCommandBesideAnOwnerBecomesItsClient(t *testing.T) {
	w := newWorld(t, nil)
	own, err := owner.Acquire(filepath.Join(w.Dir, ".mulgil", "data"), "1.0")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Release()
	if err := own.SetAddress("127.0.0.1:4599"); err != nil {
		t.Fatal(err)
	}
	w.Connect = func(info owner.Info) app.Backend {
		if info != own.Info() {
			t.Errorf("got %+v", info)
		}
		return apptest.Backend{Handle: func(_ context.Context, op string, _ any, _ base.Report) (any, error) {
			if op == "status" {
				return app.Status{Project: "가게", Target: "prod", PID: 7, Address: info.Address, StartedAt: began, FreeBytes: -1}, nil
			}
			return app.Execution{ID: "e1", Workflow: "w", Status: "RUNNING", StartedAt: began}, nil
		}}
	}
	w.expect(t, 0, `project: 가게
target:  prod
owner:   process 7 at http://127.0.0.1:4599 since 2026-05-01 09:00:00 UTC
holds:   0 jobs, 0 workflows, 0 crawlers, 0 schedules, 0 tables
`, "", "status")
	if code := w.run(t, "workflow", "run", "w", "--detach"); code != 0 || !strings.Contains(w.out.String(), "RUNNING") {
		t.Errorf("exit %d: %s", code, w.err.String())
	}
	if code := w.run(t, "status", "--target", "local"); code != 1 || !strings.Contains(w.err.String(), `open for target "prod", not "local"`) {
		t.Errorf("exit %d: %s", code, w.err.String())
	}
	if code := w.run(t, "lake", "relocate"); code != 1 || !strings.Contains(w.err.String(), "in use by process") {
		t.Errorf("exit %d: %s", code, w.err.String())
	}
	if w.opened != 0 {
		t.Error("opened a project that is owned")
	}
}

func TestOwnerWithoutAPIIsWaitedForThenNamed(t *testing.T) {
	w := newWorld(t, nil)
	own, err := owner.Acquire(filepath.Join(w.Dir, ".mulgil", "data"), "1.0")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Release()
	code := w.run(t, "job", "list")
	if text := w.err.String(); code != 1 || !strings.HasPrefix(text, "waiting for process ") || !strings.Contains(text, "keep `mulgil up` running") {
		t.Errorf("exit %d: %s", code, text)
	}
}

func TestOpeningALostRaceBecomesAClient(t *testing.T) {
	w := newWorld(t, nil)
	var own *owner.Owner
	w.OpenLocal = func(context.Context, OpenOptions) (app.Backend, func() error, error) {
		var err error
		if own, err = owner.Acquire(filepath.Join(w.Dir, ".mulgil", "data"), "1.0"); err != nil {
			t.Fatal(err)
		}
		own.SetAddress("127.0.0.1:4599")
		return nil, nil, &owner.Held{Info: own.Info()}
	}
	w.Connect = func(owner.Info) app.Backend {
		return apptest.Backend{Handle: func(context.Context, string, any, base.Report) (any, error) { return []app.JobInfo(nil), nil }}
	}
	if code := w.run(t, "job", "list", "--json"); code != 0 || w.out.String() != "[]\n" {
		t.Errorf("exit %d: %s%s", code, w.out.String(), w.err.String())
	}
	own.Release()
}

func TestInitMakesAProject(t *testing.T) {
	w := newWorld(t, nil)
	w.Templates = fstest.MapFS{
		"retail-batch/mulgil.yaml": {Data: []byte("# a shop\nname: retail-batch\ntimezone: Asia/Seoul\n")},
		"retail-batch/jobs/a.sql":  {Data: []byte("select 1")},
	}
	w.expect(t, 0, "made project 가게 in "+filepath.Join(w.Dir, "가게")+"\n", "next: cd 가게 && mulgil validate\n", "init", "가게", "--template", "retail-batch")
	text, _ := os.ReadFile(filepath.Join(w.Dir, "가게", "mulgil.yaml"))
	if string(text) != "# a shop\nname: 가게\ntimezone: Asia/Seoul\n" {
		t.Errorf("got %s", text)
	}
	w.expect(t, 1, "", "error: the folder "+filepath.Join(w.Dir, "가게")+" is not empty\nhint: choose another name, or empty the folder first\n", "init", "가게")
	w.expect(t, 0, "made project empty in "+filepath.Join(w.Dir, "empty")+"\n", "", "init", "empty", "--quiet")
	w.expect(t, 2, "", "error: \"a b\" cannot name a project\nhint: use letters, digits, - and _, a letter first\n", "init", "a b")
	if code := w.run(t, "init", "x", "--template", "retail-bach"); code != 1 || !strings.Contains(w.err.String(), "retail-batch") {
		t.Errorf("exit %d: %s", code, w.err.String())
	}
}

func TestWorkerPassesItsExitCodeOn(t *testing.T) {
	w := newWorld(t, nil)
	w.Worker = func(context.Context, io.Reader, io.Writer, io.Writer) int {
		return 7
	}
	w.expect(t, 7, "", "", "worker", "--anything")
}

func TestEveryCommandIsDocumented(t *testing.T) {
	w := newWorld(t, nil)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Short == "" || cmd.Long == "" || cmd.Example == "" {
			t.Errorf("%s lacks a text", cmd.CommandPath())
		}
		if strings.HasSuffix(cmd.Short, ".") || !strings.HasSuffix(strings.TrimSpace(cmd.Long), ".") && cmd.HasParent() && !strings.Contains(cmd.Long, ".") {
			t.Errorf("%s: Short is no sentence, Long is", cmd.CommandPath())
		}
		for _, line := range strings.Split(cmd.Long+"\n"+cmd.Example, "\n") {
			if len(line) > 90 {
				t.Errorf("%s: long line %q", cmd.CommandPath(), line)
			}
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk((&cli{env: &w.Env}).root())
}

func TestHelp(t *testing.T) {
	w := newWorld(t, nil)
	for _, args := range []string{"", "job", "job run", "query", "up", "table expire"} {
		name := strings.ReplaceAll("mulgil "+args, " ", "_")
		name = filepath.Join("testdata", "help", strings.TrimSuffix(name, "_")+".txt")
		if code := w.run(t, append(strings.Fields(args), "--help")...); code != 0 || w.err.Len() > 0 {
			t.Fatalf("%s: exit %d: %s", args, code, w.err.String())
		}
		if *update {
			os.MkdirAll(filepath.Dir(name), 0o755)
			if err := os.WriteFile(name, w.out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), w.out.String()); d != "" {
			t.Errorf("%s (-want +got), -update rewrites:\n%s", name, d)
		}
	}
}
