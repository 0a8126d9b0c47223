package crash

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestRelocatedCopy copies a whole project, uses the copy beside the original,
// and then loses the copy's catalog.
func TestRelocatedCopy(t *testing.T) {
	p := newProject(t, 20000)
	m := newModel(t, filepath.Join(p.dir, "shop.db"))
	p.must("workflow", "run", "retail")
	m.change(1)
	m.extract(whole)
	m.extractDimensions()
	p.must("job", "run", "T0_FACT")
	was, past := p.read(), p.histories()
	if want := m.expect("purchase", whole); len(was) != 9 || !was["purchase"].like(want) || len(past["purchase"]) != 2 {
		t.Fatalf("%d tables, %d snapshots, %s", len(was), len(past["purchase"]), was["purchase"].differ(want))
	}
	before := fingerprint(t, p.data("lake"))

	c := &project{t: t, bin: p.bin, dir: filepath.Join(t.TempDir(), "옮긴 가게")}
	if text, err := exec.Command("cp", "-a", p.dir, c.dir).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v %s", err, text)
	}
	for _, args := range [][]string{{"query", "SELECT count(*) FROM purchase"}, {"job", "run", "T0_FACT"}, {"up", "--port", "0"}} {
		r := c.run(args...)
		if text := r.errs.String(); r.code() != 1 || !strings.Contains(text, "mulgil lake relocate") || !strings.Contains(text, p.dir) {
			t.Errorf("mulgil %s in the copy: exit code %d\n%s", r.args, r.code(), text)
		}
	}
	var moved struct{ Tables int }
	c.ask(&moved, "lake", "relocate")
	if moved.Tables != 9 {
		t.Errorf("%d tables were relocated", moved.Tables)
	}
	c.sameAs(was)
	if now := c.histories(); !reflect.DeepEqual(now, past) {
		t.Errorf("snapshots after the move: %v, want %v", now, past)
	}
	c.liesWithin()

	// The two live their own lives now.
	m.change(2)
	p.must("job", "run", "T0_FACT")
	c.sameAs(was)
	after := fingerprint(t, p.data("lake"))
	for path, is := range before {
		if after[path] != is {
			t.Errorf("the original's %s was %s and is %s", path, is, after[path])
		}
	}

	for _, name := range []string{"catalog.db", "catalog.db-wal", "catalog.db-shm"} {
		if err := os.Remove(c.data(name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	var back struct{ Tables []string }
	c.ask(&back, "lake", "recover")
	if len(back.Tables) != 9 {
		t.Errorf("recovered %v", back.Tables)
	}
	c.sameAs(was)
	if now := c.histories(); !reflect.DeepEqual(now, past) {
		t.Errorf("snapshots after the recovery: %v, want %v", now, past)
	}
	c.liesWithin()
	c.copyShop(p)
	c.must("job", "run", "T0_FACT")
	m.extract(whole)
	if got, want := c.read()["purchase"], m.expect("purchase", whole); !got.like(want) {
		t.Errorf("an extract into the recovered table: %s", got.differ(want))
	}
}

// sameAs expects the tables to hold exactly what they did.
func (p *project) sameAs(was state) {
	p.t.Helper()
	got := p.read()
	for name, want := range was {
		if !got[name].like(want) {
			p.t.Errorf("%s: %s", name, got[name].differ(want))
		}
	}
	if len(got) != len(was) {
		p.t.Errorf("%d tables, want %d", len(got), len(was))
	}
}

// histories are the snapshots' ids and operations of every table.
func (p *project) histories() map[string][]string {
	p.t.Helper()
	out := map[string][]string{}
	for name := range p.pointers() {
		var list []struct {
			ID, Operation string
			Current       bool
			WriteID       string `json:"write_id"`
		}
		p.ask(&list, "table", "history", name)
		for _, s := range list {
			out[name] = append(out[name], fmt.Sprintf("%s %s %v %s", s.ID, s.Operation, s.Current, s.WriteID))
		}
	}
	return out
}

// liesWithin expects every file that any snapshot names to lie in the project.
func (p *project) liesWithin() {
	p.t.Helper()
	f := &walker{p: p, manifests: map[string][]string{}}
	f.check()
	for name, at := range p.pointers() {
		n := f.walk(at)
		for _, list := range [][]string{n.metadata, n.lists, n.manifests, n.data} {
			for _, path := range list {
				if !strings.HasPrefix(path, p.dir+"/") {
					p.t.Fatalf("table %s of %s names %s", name, p.dir, path)
				}
			}
		}
	}
}

func (p *project) copyShop(from *project) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(from.dir, "shop.db"))
	check(p.t, err)
	check(p.t, os.WriteFile(filepath.Join(p.dir, "shop.db"), text, 0o644))
}

// fingerprint is every file under dir with its size, time and place on disk.
func fingerprint(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, path := range allFiles(t, dir) {
		st, err := os.Stat(path)
		check(t, err)
		out[path] = fmt.Sprintf("%d bytes of %s", st.Size(), st.ModTime())
	}
	return out
}
