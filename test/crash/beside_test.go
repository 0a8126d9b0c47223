package crash

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestOwnerKilledBesideUp runs two equal jobs and a workflow beside `up` and
// then kills the owner in the middle of a third job. Workers are frozen where
// the moment matters, so that nothing depends on speed.
func TestOwnerKilledBesideUp(t *testing.T) {
	p := newProject(t, 20000)
	m := newModel(t, filepath.Join(p.dir, "shop.db"))
	f := &walker{p: p, manifests: map[string][]string{}}
	p.must("job", "run", "T0_DIMENSION")
	m.extractDimensions()
	now := m.after(state{}, whole, dimensions...)

	up := p.up()
	m.change(1)
	ice := &freezer{p: p, frozen: map[int]bool{}}
	t.Cleanup(ice.thaw)
	first, second := p.start("job", "run", "T0_FACT"), p.start("job", "run", "T0_FACT", "--json")
	for len(ice.frozen) == 0 {
		ice.freeze()
	}
	flow := p.start("workflow", "run", "retail", "--name", "함께")
	refused := func() bool { // the extract is frozen, so the workflow's own has to be
		return strings.Contains(p.run("workflow", "history", "함께", "--json").out.String(), "ConcurrentRunsExceededException")
	}
	for !refused() {
		if flow.ended(10 * time.Millisecond) {
			t.Fatalf("the workflow ended early: exit code %d\n%s%s", flow.code(), &flow.out, &flow.errs)
		}
	}
	for end := time.Now().Add(20 * time.Second); !first.ended(0) && !second.ended(10*time.Millisecond); {
		if time.Now().After(end) {
			t.Fatal("neither of two equal runs was refused")
		}
	}
	winner, loser := first, second
	if first.ended(0) {
		winner, loser = second, first
	}
	if text := loser.errs.String(); loser.code() != 1 || !strings.Contains(text, "is running already") || !strings.Contains(text, "mulgil job stop") {
		t.Fatalf("the second of two runs: exit code %d\n%s", loser.code(), &loser.errs)
	}
	if winner.ended(0) {
		t.Fatalf("the first of two runs ended while its worker was frozen: %d\n%s", winner.code(), &winner.errs)
	}
	ice.thaw()
	if winner.code() != 0 {
		t.Fatalf("the first of two runs: exit code %d\n%s", winner.code(), &winner.errs)
	}
	m.extractDimensions()
	m.extract(whole)

	// A job writes, the workflow waits for its next try, and the owner dies.
	silver := p.start("job", "run", "SILVER")
	for !ice.holds("SILVER", "jb_de_enhancement_t1_fulljoin_s2s") {
		time.Sleep(time.Millisecond)
	}
	up.kill()
	ice.thaw()
	for _, client := range []*process{silver, flow} {
		if !client.ended(20 * time.Second) {
			t.Fatalf("mulgil %s did not notice its owner's death", client.args)
		}
		if text := client.errs.String(); client.code() != 1 || !strings.Contains(text, "went away while running") || !strings.Contains(text, "\nhint: ") {
			t.Fatalf("mulgil %s: exit code %d\n%s", client.args, client.code(), &client.errs)
		}
	}
	p.noOrphans()

	old, next := m.after(now, whole, "purchase"), m.after(now, whole, append([]string{"purchase", "purchase_all_info"}, dimensions...)...)
	got := p.read()
	for name, want := range old {
		if !got[name].like(want) && !got[name].like(next[name]) {
			t.Errorf("%s after the owner died: %s", name, got[name].differ(want))
		}
	}
	if len(got["purchase_all_info"]) > 0 {
		t.Error("the killed job published something")
	}
	f.check()
	settled(t, p, winner)

	up = p.up() // carries the workflow on
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		e := p.executions()
		if len(e) != 1 || e[0].Interrupted || e[0].Status != "RUNNING" && e[0].Status != "SUCCEEDED" || time.Now().After(end) {
			t.Fatalf("executions of the new owner: %+v", e)
		}
		if e[0].Status == "SUCCEEDED" {
			break
		}
	}
	up.down(t)
	got, next = p.read(), m.after(next, whole, marts...)
	for name, want := range next {
		if !got[name].like(want) {
			t.Errorf("%s after the workflow was carried on: %s", name, got[name].differ(want))
		}
	}
	f.check()
}

// settled expects one extract to have been committed for the two commands, and
// the run of the dead owner to say how it ended.
func settled(t *testing.T, p *project, winner *process) {
	t.Helper()
	extracts := 0
	for _, r := range p.runs() {
		switch {
		case r.WorkflowTask == "" && r.Job == "jb_de_enhancement_t0_fact_d2s":
			if extracts++; r.State != "SUCCEEDED" || !strings.Contains(winner.out.String(), r.ID) {
				t.Errorf("run %s of %s is %s", r.ID, r.Job, r.State)
			}
		case r.Job == "jb_de_enhancement_t1_fulljoin_s2s":
			if r.State != "FAILED" || r.Error == nil || r.Error.Code != "OwnerDied" || r.Error.Hint == "" || r.Rows != 0 {
				t.Errorf("run %s of the dead owner: %+v %+v", r.ID, r, r.Error)
			}
		}
	}
	if extracts != 1 {
		t.Errorf("%d extracts were recorded for the two commands", extracts)
	}
	if e := p.executions(); len(e) != 1 || e[0].Status != "RUNNING" || !e[0].Interrupted {
		t.Errorf("executions of the dead owner: %+v", e)
	}
}

// freezer stops workers where they are.
type freezer struct {
	p      *project
	frozen map[int]bool
}

// freeze stops the workers there are.
func (z *freezer) freeze() {
	for _, pid := range z.p.processes("worker") {
		if !z.frozen[pid] && syscall.Kill(pid, syscall.SIGSTOP) == nil {
			z.frozen[pid] = true
		}
	}
}

// holds freezes what works and tells whether a job is among it: it is running,
// and no worker of any running job is not frozen.
func (z *freezer) holds(alias, job string) bool {
	z.freeze()
	running, held := 0, false
	for _, r := range z.p.runs() {
		if r.State == "RUNNING" {
			running++
			held = held || r.Job == job
		} else if r.Job == job {
			z.p.t.Fatalf("%s ended before it could be frozen: %+v", alias, r)
		}
	}
	z.freeze()
	return held && len(z.frozen) >= running
}

// thaw lets frozen workers go on.
func (z *freezer) thaw() {
	for pid := range z.frozen {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	z.frozen = map[int]bool{}
}
