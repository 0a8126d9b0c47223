package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledSchedulerFiresEachTimeOnce kills the owner while schedules of jobs
// and workflows fire every second. Whatever it was doing, each fire must end
// with one run and each run with one row.
func TestKilledSchedulerFiresEachTimeOnce(t *testing.T) {
	p := &project{t: t, dir: t.TempDir(), bin: ownBinary(t)}
	const seconds = 14
	p.file("mulgil.yaml", "name: clock\n")
	p.file("jobs/note.sql", "/*---\ntarget: notes\ndialect: duckdb\nmode: append\nmax_concurrency: 50\nparams: {WHO: {type: text}}\n---*/\nSELECT $WHO AS who\n")
	p.file("workflows/flow.asl.json", `{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Note"},
		"Note": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "note", "Arguments": {"--WHO.$": "$.who"}}, "End": true}}}`)
	p.must("query", "select 1") // the project is there before the clock matters
	first := time.Now().Add(3 * time.Second)
	var b strings.Builder
	want := map[string]int{}
	for i := range seconds {
		at := first.Add(time.Duration(i) * time.Second).UTC().Format("2006-01-02T15:04:05")
		fmt.Fprintf(&b, "job-%d: {schedule: at(%s), job: note, input: {WHO: job-%d}}\n", i, at, i)
		fmt.Fprintf(&b, "flow-%d: {schedule: at(%s), workflow: flow, input: {who: flow-%d}}\n", i, at, i)
		want[fmt.Sprint("job-", i)], want[fmt.Sprint("flow-", i)] = 1, 1
	}
	p.file("schedules.yaml", b.String())
	kills := 0
	for time.Since(first) < seconds*time.Second {
		up := p.up()
		time.Sleep(time.Duration(500+rand.IntN(2500)) * time.Millisecond)
		up.kill()
		kills++
		p.noOrphans()
	}
	up := p.up()
	type fire struct {
		Schedule, State, Run string
		Attempts             int
	}
	var fires []fire
	settled := func() bool {
		fires = nil
		p.ask(&fires, "schedule", "history", "--limit", "1000")
		for _, f := range fires {
			if f.State == "STARTED" || f.State == "WAITING" {
				return false
			}
		}
		return len(fires) >= len(want)
	}
	for end := time.Now().Add(60 * time.Second); !settled(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %d kills fires do not settle: %+v", kills, fires)
		}
	}
	again, runs := 0, map[string]bool{}
	for _, f := range fires {
		if f.State != "SUCCEEDED" || runs[f.Run] || want[f.Schedule] != 1 {
			t.Errorf("fire %+v", f)
		}
		runs[f.Run] = true
		if f.Attempts > 1 {
			again++
		}
	}
	if len(fires) != len(want) {
		t.Errorf("%d fires of %d", len(fires), len(want))
	}
	var notes struct {
		Rows [][]any `json:"rows"`
	}
	p.ask(&notes, "query", "--limit", "0", "SELECT who, count(*) FROM notes GROUP BY who")
	for _, r := range notes.Rows {
		if fmt.Sprint(r[1]) != "1" {
			t.Errorf("%s wrote %v rows", r[0], r[1])
		}
	}
	if len(notes.Rows) != len(want) {
		t.Errorf("%d of %d wrote their row", len(notes.Rows), len(want))
	}
	t.Logf("%d kills, %d fires, %d of them carried on", kills, len(fires), again)
	up.down(t)
}

// file writes a file of the project.
func (p *project) file(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	check(p.t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(p.t, os.WriteFile(path, []byte(text), 0o644))
}
