package lake_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// TestCrashAtEveryStepLeavesOldOrNew kills a process at each step of a commit
// to two tables and looks at what the next one finds.
func TestCrashAtEveryStepLeavesOldOrNew(t *testing.T) {
	if dir := os.Getenv("LAKE_CRASH_DIR"); dir != "" {
		crash(t, dir, os.Getenv("LAKE_CRASH_STEP"))
	}
	for _, step := range []string{"files-synced", "metadata-written", "before-swap", "swapped"} {
		w := newWorld(t)
		w.put("0", lake.Append, row{str("a"), 1, 1})
		w.close()
		cmd := exec.Command(os.Args[0], "-test.run=^TestCrashAtEveryStepLeavesOldOrNew$")
		cmd.Env = append(os.Environ(), "LAKE_CRASH_DIR="+w.dir, "LAKE_CRASH_STEP="+step)
		out, err := cmd.CombinedOutput()
		if err == nil || strings.Contains(string(out), "FAIL") {
			t.Fatalf("%s: the child did not die: %v\n%s", step, err, out)
		}
		w.open()
		second := lake.Name{Database: "silver", Table: "둘째"}
		if step == "swapped" {
			same(t, w.ids(), 2)
			_, err = w.lake.Table(t.Context(), second)
			ok(t, err)
		} else {
			same(t, w.ids(), 1)
			_, err = w.lake.Table(t.Context(), second)
			wantKind(t, err, base.NotFound, "")
			if n := len(w.parquetFiles()); n != 3 {
				t.Fatalf("%s: %d data files before clean-up", step, n)
			}
		}
		ok(t, w.lake.CleanDeadIntents(t.Context()))
		want := 1
		if step == "swapped" {
			want = 3 // the replaced file serves time travel
		}
		if n := len(w.parquetFiles()); n != want {
			t.Fatalf("%s: %d data files after clean-up, want %d", step, n, want)
		}
		ok(t, both(w, "1", 2)) // the same write again
		same(t, w.ids(), 2)
		w.close()
	}
}

// both overwrites orders and a second table in one write.
func both(w *world, id string, value int64) error {
	ctx := w.t.Context()
	second := lake.Name{Database: "silver", Table: "둘째"}
	wr, err := w.lake.Begin(ctx, id, []lake.Target{{Table: orders, Mode: lake.Overwrite}, {Table: second, Mode: lake.Overwrite}})
	if err != nil || wr.Done() != nil {
		return err
	}
	var outs []lake.Output
	for i := range 2 {
		p, err := wr.Prepare(ctx, i, orderFields)
		if err != nil {
			return err
		}
		outs = append(outs, lake.Output{Files: files(w.t, p, []row{{str("z"), 1, value}})})
	}
	_, err = wr.Commit(ctx, outs, nil)
	return err
}

func crash(t *testing.T, dir, at string) {
	w := &world{t: t, dir: dir}
	w.open(func(o *lake.Options) {
		o.Hook = func(step string) error {
			if step == at {
				p, err := os.FindProcess(os.Getpid())
				if err == nil {
					err = p.Kill()
				}
				if err != nil {
					t.Fatal(err)
				}
				select {}
			}
			return nil
		}
	})
	ok(t, both(w, "1", 2))
}

func TestViewSeesBothTablesAtOneMoment(t *testing.T) {
	w := newWorld(t)
	ok(t, both(w, "0", 0))
	second := lake.Name{Database: "silver", Table: "둘째"}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				v, err := w.lake.Pin(t.Context(), []lake.Name{orders, second})
				if err != nil {
					t.Error(err)
					return
				}
				var got [2][]int64
				for i, n := range []lake.Name{orders, second} {
					s, err := v.Scan(t.Context(), n, nil)
					if err != nil {
						t.Error(err)
						break
					}
					got[i] = ids(t, s)
				}
				v.Release()
				if len(got[0]) != 1 || len(got[1]) != 1 || got[0][0] != got[1][0] {
					t.Errorf("one view saw %v", got)
					return
				}
			}
		}()
	}
	for i := range 6 {
		ok(t, both(w, uuid.NewString(), int64(i)))
		if _, err := w.lake.Expire(t.Context(), orders, lake.ExpireOptions{}); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
}

func TestNewTableNeedsAVacantFolder(t *testing.T) {
	w := newWorld(t)
	mine := filepath.Join(w.dir, "landing", "data", "day=1", "notes.parquet")
	ok(t, os.MkdirAll(filepath.Dir(mine), 0o755))
	ok(t, os.WriteFile(mine, []byte("x"), 0o644))
	_, err := w.lake.Begin(t.Context(), "1", []lake.Target{{Table: orders, Mode: lake.Append, Location: "s3://landing"}})
	wantKind(t, err, base.Exists, "mulgil lake recover")
}
