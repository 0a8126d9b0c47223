package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/app"
)

// TestSchedulesStartEveryKindOfTarget fires by the machine's clock, two seconds
// from now: a workflow, a job, a crawler and a crawler's own schedule.
func TestSchedulesStartEveryKindOfTarget(t *testing.T) {
	root := newProject(t)
	at := time.Now().Add(2 * time.Second).UTC().Format("at(2006-01-02T15:04:05)")
	writeFiles(t, root, map[string]string{
		"workflows/flow.asl.json":        passes,
		"jobs/note.sql":                  "/*---\ntarget: notes\ndialect: duckdb\nmode: append\nparams: {DAY: {type: date}}\n---*/\nselect $DAY as day\n",
		"crawlers.yaml":                  fmt.Sprintf("one: {targets: [{path: s3://x/one/}]}\ntwo: {targets: [{path: s3://x/two/}], schedule: %s}\n", at),
		".mulgil/data/lake/x/one/a.json": "{\"a\": 1}\n",
		".mulgil/data/lake/x/two/a.json": "{\"a\": 1}\n",
		"schedules.yaml": fmt.Sprintf(`
w: {schedule: %[1]s, workflow: flow, input: {day: "{{ date }}"}}
j: {schedule: %[1]s, job: note, input: {DAY: "{{ date -1d }}"}}
c: {schedule: %[1]s, crawler: one}
`, at)})
	a, done, err := openApp(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	a.StartSchedules(t.Context())
	var fires []app.ScheduleFire
	settled := func() bool {
		if fires, err = a.ScheduleHistory(t.Context(), app.ScheduleHistoryRequest{}); err != nil {
			t.Fatal(err)
		}
		for _, f := range fires {
			if f.EndedAt == nil {
				return false
			}
		}
		return len(fires) == 4
	}
	for end := time.Now().Add(30 * time.Second); !settled() && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
	}
	run := map[string]string{}
	for _, f := range fires {
		if f.State != "SUCCEEDED" || f.Attempts != 1 {
			t.Errorf("%+v", f)
		}
		run[f.Schedule] = f.Run
	}
	if r, err := a.JobRunGet(t.Context(), app.JobRunGetRequest{ID: run["j"]}); err != nil || r.State != app.Succeeded || r.Rows != 1 {
		t.Errorf("job run %+v, %v", r, err)
	}
	if x, err := a.WorkflowExecutions(t.Context(), app.WorkflowExecutionsRequest{}); err != nil || len(x) != 1 || x[0].ID != run["w"] {
		t.Errorf("executions %+v, %v", x, err)
	}
	for crawler, schedule := range map[string]string{"one": "c", "two": "crawler:two"} {
		if r, err := a.CrawlerRuns(t.Context(), app.CrawlerRunsRequest{Name: crawler}); err != nil || len(r) != 1 || r[0].ID != run[schedule] || r[0].State != app.Succeeded {
			t.Errorf("crawler %s: %+v, %v", crawler, r, err)
		}
	}
}
