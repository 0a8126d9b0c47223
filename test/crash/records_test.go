package crash

import (
	"strings"
	"time"
)

// run is a job run as the program shows it.
type run struct {
	ID           string
	Job          string
	State        string
	WorkflowTask string    `json:"workflow_task"`
	StartedAt    time.Time `json:"started_at"`
	EndedAt      time.Time `json:"ended_at"`
	Rows         int64
	Error        *struct{ Code, Message, Hint string }
}

type execution struct {
	ID, Name, Status string
	Interrupted      bool
}

func (p *project) runs() []run {
	p.t.Helper()
	var out []run
	p.ask(&out, "job", "runs", "--limit", "100")
	return out
}

func (p *project) executions() []execution {
	p.t.Helper()
	var out []execution
	p.ask(&out, "workflow", "executions")
	return out
}

// records expects no run to be RUNNING, those of a dead owner to say so, and
// those that succeeded before to be as they were.
func (k *killer) records() {
	k.t.Helper()
	for _, r := range k.p.runs() {
		if was, ok := k.seen[r.ID]; ok && r != was {
			k.t.Fatalf("run %s of %s ran again: it was %+v and is %+v", r.ID, r.Job, was, r)
		}
		switch r.State {
		case "SUCCEEDED":
			k.seen[r.ID] = r
		case "FAILED":
			if r.Error == nil || r.Error.Code != "OwnerDied" {
				k.t.Fatalf("run %s of %s failed: %+v", r.ID, r.Job, r.Error)
			}
		default:
			k.t.Fatalf("run %s of %s is %s without an owner", r.ID, r.Job, r.State)
		}
	}
}

// begun tells whether w's execution was recorded before its owner died. It
// expects executions under way to be shown as interrupted.
func (k *killer) begun(w *work) bool {
	k.t.Helper()
	name, begun := w.args[len(w.args)-1], false
	for _, e := range k.p.executions() {
		if e.Status == "RUNNING" != e.Interrupted || e.Status != "RUNNING" && e.Status != "SUCCEEDED" {
			k.t.Fatalf("execution %s is %s without an owner, interrupted: %v", e.ID, e.Status, e.Interrupted)
		}
		begun = begun || e.Name == name
	}
	return begun
}

// finish runs a command to its end, alone or beside an owner.
func (k *killer) finish(args []string, beside bool) {
	k.t.Helper()
	if !beside {
		k.p.must(args...)
		return
	}
	up := k.p.up()
	k.p.must(args...)
	up.down(k.t)
}

// carryOn resumes the execution, or starts it if it was killed too early, and
// expects it to succeed with one run, a successful one, for each of its tasks.
func (k *killer) carryOn(w *work, beside bool) {
	k.t.Helper()
	name := w.args[len(w.args)-1]
	if k.begun(w) {
		k.finish([]string{"workflow", "resume", "--all"}, beside)
	} else {
		k.finish(w.args, beside)
	}
	for _, e := range k.p.executions() {
		if e.Name == name && e.Status != "SUCCEEDED" {
			k.t.Fatalf("execution %s was carried on and is %s", e.ID, e.Status)
		}
	}
	jobs := map[string]string{}
	for _, r := range k.p.runs() {
		if !strings.HasPrefix(r.WorkflowTask, "retail:"+name+"/") {
			continue
		}
		if other, ok := jobs[r.Job]; ok || r.State != "SUCCEEDED" {
			k.t.Fatalf("job %s ran for the tasks %s and %s; the last is %s", r.Job, other, r.WorkflowTask, r.State)
		}
		jobs[r.Job] = r.WorkflowTask
	}
	if len(jobs) != 7 {
		k.t.Fatalf("execution %s has runs of %d jobs, not 7: %v", name, len(jobs), jobs)
	}
}
