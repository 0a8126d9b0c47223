package app_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
)

// later is the machine's clock, set forward.
type later struct {
	base.SystemClock
	by time.Duration
}

func (l later) Now() time.Time { return time.Now().Add(l.by) }

// remembered counts the rows of all that is remembered, by table.
func remembered(t *testing.T, root string) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", sqlite.DSN(filepath.Join(root, ".mulgil/data/state.db"), "query_only(1)"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string]int{}
	for _, table := range []string{"workflow_execution", "workflow_event", "workflow_map_run", "job_run", "crawler_run", "schedule_fire", "notice_outbox", "query_history"} {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	logs, err := filepath.Glob(filepath.Join(root, ".mulgil/data/logs/jobs/*.log"))
	if err != nil {
		t.Fatal(err)
	}
	out["logs"] = len(logs)
	return out
}

// TestHistoryExpires makes one of everything, twice 40 days apart, and looks
// 100 days later.
func TestHistoryExpires(t *testing.T) {
	root := newProject(t)
	const day = 24 * time.Hour
	writeFiles(t, root, map[string]string{
		"mulgil.yaml": "name: x\nlimits: {history: 70d}\nnotify:\n  channels: {ops: {folder: out}}\n  on_failure: ops\n",
		"workflows/flow.asl.json": `{"StartAt": "M", "States": {
			"M": {"Type": "Map", "ItemsPath": "$.items", "Next": "J", "ResultPath": null, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
				"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}},
			"J": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "수"}, "Next": "F"},
			"F": {"Type": "Fail", "Error": "Planned"}}}`,
		"workflows/wait.asl.json":        `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400000, "End": true}}}`,
		"schedules.yaml":                 "s: {schedule: rate(900 days), workflow: flow, input: {items: [1]}, enabled: false}\n",
		"crawlers.yaml":                  "one: {targets: [{path: s3://x/one/}]}\n",
		".mulgil/data/lake/x/one/a.json": "{\"a\": 1}\n",
	})
	for n := range 2 {
		a, done, err := openAppAt(t.Context(), root, later{by: time.Duration(n) * 40 * day})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			if _, err := a.WorkflowRun(t.Context(), app.WorkflowRunRequest{Workflow: "wait", Name: "long", Detach: true}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if x, err := a.WorkflowRun(t.Context(), app.WorkflowRunRequest{Workflow: "flow", Name: fmt.Sprint(n), Input: json.RawMessage(`{"items": [1, 2, 3]}`)}, nil); err != nil || x.Error != "Planned" {
			t.Fatal(x, err)
		}
		if r, err := a.JobRun(t.Context(), app.JobRunRequest{Job: "수"}, nil); err != nil || r.State != app.Succeeded {
			t.Fatal(r, err)
		}
		if f, err := a.ScheduleRun(t.Context(), app.ScheduleRunRequest{Name: "s"}, nil); err != nil || f.EndedAt == nil {
			t.Fatal(f, err)
		}
		if _, err := a.CrawlerRun(t.Context(), app.CrawlerRunRequest{Name: "one"}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Query(t.Context(), app.QueryRequest{SQL: "select 1", Dialect: "duckdb"}, nil); err != nil {
			t.Fatal(err)
		}
		if err := done(); err != nil {
			t.Fatal(err)
		}
	}
	both := remembered(t, root)
	if both["workflow_execution"] != 13 || both["workflow_map_run"] != 4 || both["job_run"] != 6 || both["crawler_run"] != 2 || both["schedule_fire"] != 2 || both["notice_outbox"] != 4 || both["logs"] != 6 {
		t.Fatal(both)
	}
	_, done, err := openAppAt(t.Context(), root, later{by: 100 * day})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var left map[string]int
	half := func() bool {
		left = remembered(t, root)
		for what, n := range both {
			want := n / 2
			switch what {
			case "workflow_execution": // and the one that waits
				want = 7
			case "workflow_event":
				want = (n-2)/2 + 2
			}
			if left[what] != want {
				return false
			}
		}
		return true
	}
	for end := time.Now().Add(20 * time.Second); !half(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("of %v are left %v", both, left)
		}
	}
}

// TestLimitsOfWorkflowsAreLifted runs what Step Functions refuses.
func TestLimitsOfWorkflowsAreLifted(t *testing.T) {
	root := t.TempDir()
	machine := `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemsPath": "$.items", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": true}}}}}}`
	input := json.RawMessage(`{"big": "` + strings.Repeat("x", 300<<10) + `", "items": [` + strings.Repeat("1,", 999) + `1]}`)
	for limits, want := range map[string]string{
		"":                           "refused",
		"{workflow_payload: 1MiB}":   "SUCCEEDED",
		"{workflow_payload: 200KiB}": "refused",
		"{workflow_payload: unlimited, workflow_events: 1000}":      "FAILED",
		"{workflow_payload: unlimited, workflow_events: unlimited}": "SUCCEEDED",
	} {
		writeFiles(t, root, map[string]string{"mulgil.yaml": "name: x\nlimits: " + limits + "\n", "workflows/flow.asl.json": machine})
		a, done, err := openApp(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		x, err := a.WorkflowRun(t.Context(), app.WorkflowRunRequest{Workflow: "flow", Input: input}, nil)
		got := x.Status
		if base.CodeOf(err) == "InvalidExecutionInput" {
			got = "refused"
		}
		if got != want {
			t.Errorf("%s: %s %s %v", limits, got, x.Cause, err)
		}
		if err := done(); err != nil {
			t.Fatal(err)
		}
	}
}
