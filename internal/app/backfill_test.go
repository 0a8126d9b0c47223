package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

const (
	passes = `{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}`
	// fails on the second of January.
	fails = `{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$.from", "StringEquals": "2014-01-02", "Next": "F"}], "Default": "S"},
		"F": {"Type": "Fail", "Error": "Bad"}, "S": {"Type": "Succeed"}}}`
)

func writeFiles(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// backfill opens the project, runs one and describes its intervals.
func backfill(t *testing.T, root string, req app.WorkflowBackfillRequest) ([]string, error) {
	t.Helper()
	a, done, err := openApp(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	req.Workflow = "flow"
	list, err := a.WorkflowBackfill(t.Context(), req, nil)
	var out []string
	for _, x := range list {
		s := fmt.Sprintf("%s %s %s", x.Execution, x.Status, x.Input)
		if x.Kept {
			s += " kept"
		}
		out = append(out, s)
	}
	return out, err
}

func TestBackfillRunsWhatHasNotSucceededWithItsOwnDates(t *testing.T) {
	root := t.TempDir()
	writeFiles(t, root, map[string]string{"mulgil.yaml": "name: x\ntimezone: Asia/Seoul\n", "workflows/flow.asl.json": fails})
	req := app.WorkflowBackfillRequest{From: "2014-01-01", To: "2014-01-03", Every: "day"}
	day := func(n int) string { return fmt.Sprintf(`{"from":"2014-01-0%d","to":"2014-01-0%d"}`, n, n) }
	steps := []struct {
		name, flow string
		change     func(r *app.WorkflowBackfillRequest)
		want       []string
	}{
		{"a dry run starts nothing", fails, func(r *app.WorkflowBackfillRequest) { r.DryRun = true },
			[]string{"backfill-2014-01-01 PLANNED " + day(1), "backfill-2014-01-02 PLANNED " + day(2), "backfill-2014-01-03 PLANNED " + day(3)}},
		{"it stops at a failure", fails, func(*app.WorkflowBackfillRequest) {},
			[]string{"backfill-2014-01-01 SUCCEEDED " + day(1), "backfill-2014-01-02 FAILED " + day(2), "backfill-2014-01-03 PLANNED " + day(3)}},
		{"or goes on", fails, func(r *app.WorkflowBackfillRequest) { r.KeepGoing, r.Parallel = true, 3 },
			[]string{"backfill-2014-01-01 SUCCEEDED " + day(1) + " kept", "backfill-2014-01-02-2 FAILED " + day(2), "backfill-2014-01-03 SUCCEEDED " + day(3)}},
		{"the failed one runs again for its day", passes, func(*app.WorkflowBackfillRequest) {},
			[]string{"backfill-2014-01-01 SUCCEEDED " + day(1) + " kept", "backfill-2014-01-02-3 SUCCEEDED " + day(2), "backfill-2014-01-03 SUCCEEDED " + day(3) + " kept"}},
		{"nothing is left", passes, func(*app.WorkflowBackfillRequest) {},
			[]string{"backfill-2014-01-01 SUCCEEDED " + day(1) + " kept", "backfill-2014-01-02-3 SUCCEEDED " + day(2) + " kept", "backfill-2014-01-03 SUCCEEDED " + day(3) + " kept"}},
		{"unless asked for", passes, func(r *app.WorkflowBackfillRequest) { r.Redo, r.From = true, "20140103" },
			[]string{"backfill-2014-01-03-2 SUCCEEDED " + day(3)}},
	}
	for _, s := range steps {
		writeFiles(t, root, map[string]string{"workflows/flow.asl.json": s.flow})
		r := req
		s.change(&r)
		if got, err := backfill(t, root, r); err != nil || !slices.Equal(got, s.want) {
			t.Errorf("%s: %v\n got %s\nwant %s", s.name, err, strings.Join(got, "\n     "), strings.Join(s.want, "\n     "))
		}
	}
	req.Input = []byte(`{"other": true}`)
	if _, err := backfill(t, root, req); base.KindOf(err) != base.Exists || !strings.Contains(base.Render(err), "--redo") {
		t.Errorf("another input: %v", err)
	}
}

func TestBackfillInputs(t *testing.T) {
	root := t.TempDir()
	writeFiles(t, root, map[string]string{"mulgil.yaml": "name: x\n", "workflows/flow.asl.json": passes, "workflows/other.asl.json": passes,
		"schedules.yaml": `
nightly: {schedule: cron(0 2 * * ? *), timezone: America/New_York, workflow: flow, input: {day: "{{ date -1d yyyyMMdd }}", month: "{{ month -1 last }}"}}
else: {schedule: rate(1 day), workflow: other}
`})
	for _, c := range []struct {
		req  app.WorkflowBackfillRequest
		want []string
	}{
		{app.WorkflowBackfillRequest{From: "2014-02-27", To: "2014-02-28", Every: "day", Schedule: "nightly", DryRun: true},
			[]string{`backfill-2014-02-27 PLANNED {"day":"20140227","month":"2014-01-31"}`, `backfill-2014-02-28 PLANNED {"day":"20140228","month":"2014-02-28"}`}},
		{app.WorkflowBackfillRequest{From: "2014-01", To: "2014-02-28", Every: "month", Input: []byte(`{"m":"{{ month }}","n":["{{ month last yyyyMMdd }}"]}`), DryRun: true},
			[]string{`backfill-2014-01 PLANNED {"m":"2014-01","n":["20140131"]}`, `backfill-2014-02 PLANNED {"m":"2014-02","n":["20140228"]}`}},
		{app.WorkflowBackfillRequest{From: "2014-01", To: "2014-01", Every: "month", DryRun: true},
			[]string{`backfill-2014-01 PLANNED {"from":"2014-01-01","to":"2014-01-31"}`}},
	} {
		if got, err := backfill(t, root, c.req); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v\n got %q\nwant %q", c.req, err, got, c.want)
		}
	}
	for want, req := range map[string]app.WorkflowBackfillRequest{
		`"hour" is no interval`:                              {From: "2014-01-01", To: "2014-01-02", Every: "hour"},
		`--from cannot be "today"`:                           {From: "today", To: "2014-01-02", Every: "day"},
		"--to 2014-01-30 is not the edge of a month":         {From: "2014-01", To: "2014-01-30", Every: "month"},
		"the span ends (2013-01-01) before it begins":        {From: "2014-01-01", To: "2013-01-01", Every: "day"},
		"the span has more than 4000 intervals":              {From: "1990-01-01", To: "2013-01-01", Every: "day"},
		"schedule else starts workflow other, not workflow ": {From: "2014-01-01", To: "2014-01-02", Every: "day", Schedule: "else"},
		`no schedule "nigthly"`:                              {From: "2014-01-01", To: "2014-01-02", Every: "day", Schedule: "nigthly"},
		`unknown date "dat"`:                                 {From: "2014-01-01", To: "2014-01-02", Every: "day", Input: []byte(`"{{ dat }}"`)},
		"99 executions at once are too many":                 {From: "2014-01-01", To: "2014-01-02", Every: "day", Parallel: 99},
	} {
		if _, err := backfill(t, root, req); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
}
