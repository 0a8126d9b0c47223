package worker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// reading is a task that asks which engine it runs in, by its spill folder,
// and what the files say.
func reading(t testing.TB, tmp, version string, files ...string) worker.Task {
	t.Helper()
	w := worker.Task{
		Engine:  port.EngineConfig{Memory: 512 << 20, Threads: 1, TempDir: tmp, Files: files},
		Catalog: "AwsDataCatalog", Database: "main",
		Select: &worker.Select{SQL: "SELECT current_setting('temp_directory'), (SELECT sum(a)::DOUBLE FROM scan_0)", Types: []string{"varchar", "double"}},
		Relations: []worker.Relation{{
			Table: "scan_0", Database: "main", Version: version, Files: files, From: "read_csv(['" + strings.Join(files, "', '") + "'])",
		}},
	}
	w.Keep()
	if w.Kept == "" {
		t.Fatal("a task that only reads files cannot keep its engine")
	}
	return w
}

func TestTasksOverTheSameFilesShareAnEngine(t *testing.T) {
	p := newPool(t, 1)
	dir, tmp := t.TempDir(), t.TempDir()
	file := func(name string) string {
		f := filepath.Join(dir, name)
		if err := os.WriteFile(f, []byte("a\n1\n2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return f
	}
	a, b := file("a.csv"), file("b.csv")
	ask := func(w worker.Task) string {
		t.Helper()
		got, err := answer(t.Context(), p, w)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got, tmp) && strings.Contains(got, "worker-") {
			t.Fatalf("the engine spills into %s", got)
		}
		return got
	}
	first := ask(reading(t, tmp, "1", a))
	if again := ask(reading(t, tmp, "1", a)); again != first {
		t.Errorf("same files: %s after %s", again, first)
	}
	seen := map[string]bool{first: true}
	for name, w := range map[string]worker.Task{
		"other files":      reading(t, tmp, "1", a, b),
		"files changed":    reading(t, tmp, "2", a),
		"the other's file": reading(t, tmp, "1", b),
	} {
		got := ask(w)
		if seen[got] {
			t.Errorf("%s: runs in an engine of other tasks, %s", name, got)
		}
		seen[got] = true
	}
	if got := ask(reading(t, tmp, "1", a)); seen[got] {
		t.Errorf("a child keeps more than %d engines", 3)
	}
	// An engine reaches its own files only, kept or not.
	w := reading(t, tmp, "1", a)
	w.Select.SQL = "SELECT a::VARCHAR, 1.0 FROM read_csv('" + b + "')"
	if _, err := answer(t.Context(), p, w); base.KindOf(err) != base.Denied {
		t.Errorf("reading another task's file: %v", err)
	}
	before := ask(reading(t, tmp, "1", b))
	w = reading(t, tmp, "1", b)
	w.Select.SQL = "SELECT error('x'), 1.0"
	if _, err := answer(t.Context(), p, w); err == nil {
		t.Error("no error")
	}
	if got := ask(reading(t, tmp, "1", b)); got == before {
		t.Error("an engine whose statement failed was kept")
	}
	if err := os.RemoveAll(tmp); err != nil {
		t.Fatal(err)
	}
	ask(reading(t, tmp, "1", b))
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "worker-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOnlyReadersOfFilesKeepTheirEngine(t *testing.T) {
	base := reading(t, t.TempDir(), "1", "/x")
	for name, change := range map[string]func(*worker.Task){
		"the engine's own dialect": func(w *worker.Task) { w.Select.Types = nil },
		"parameters":               func(w *worker.Task) { w.Params = []port.Arg{{Name: "p", Value: "x"}} },
		"a source":                 func(w *worker.Task) { w.Sources = []worker.SourceRead{{Alias: "shop"}} },
		"a text table":             func(w *worker.Task) { w.Relations[0].Hive = &worker.HiveRead{} },
		"a listing":                func(w *worker.Task) { w.Relations[0].Files = nil },
		"a write":                  func(w *worker.Task) { w.Select, w.Write = nil, &worker.Write{} },
	} {
		w := base
		sel := *base.Select
		w.Kept, w.Select, w.Relations = "", &sel, append([]worker.Relation{}, base.Relations...)
		change(&w)
		if w.Keep(); w.Kept != "" {
			t.Errorf("%s: the engine is kept", name)
		}
	}
}
