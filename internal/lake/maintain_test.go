package lake_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func TestViewStaysAsItWasPinned(t *testing.T) {
	ctx := t.Context()
	clock := base.NewFakeClock(time.Now().Add(240 * time.Hour))
	w := newWorld(t, func(o *lake.Options) { o.Clock = clock })
	w.put("1", lake.Append, row{str("a"), 1, 1})
	v, err := w.lake.Pin(ctx, []lake.Name{{Database: "SILVER", Table: "주문"}}) // any case
	ok(t, err)
	w.put("2", lake.Overwrite, row{str("a"), 1, 2})
	w.put("3", lake.Overwrite, row{str("a"), 1, 3})
	scan := func() []int64 {
		s, err := v.Scan(ctx, orders, nil)
		ok(t, err)
		return ids(t, s)
	}
	same(t, scan(), 1)
	all := lake.ExpireOptions{}
	c, err := w.lake.Expire(ctx, orders, all)
	ok(t, err)
	if c.Snapshots != 1 || c.Files < 1 {
		t.Fatalf("expired %+v, want only the snapshot between", c)
	}
	same(t, scan(), 1)
	wantKind(t, w.lake.Drop(ctx, orders), base.Conflict, "is being read")
	v.Release()
	v.Release()
	c, err = w.lake.Expire(ctx, orders, all)
	ok(t, err)
	if c.Snapshots != 1 {
		t.Fatalf("expired %+v after release", c)
	}
	same(t, w.ids(), 3)
	if n := len(w.parquetFiles()); n != 1 {
		t.Fatalf("%d data files on disk, want 1", n)
	}
	ok(t, w.lake.Drop(ctx, orders))
	if _, err := os.Stat(filepath.Join(w.dir, "lake", "silver", "주문")); !os.IsNotExist(err) {
		t.Fatalf("folder remains: %v", err)
	}
	_, err = w.lake.Table(ctx, lake.Name{Database: "silver", Table: "주믄"})
	wantKind(t, err, base.NotFound, "does not exist")
}

func TestMissingTableNamesNearMisses(t *testing.T) {
	w := newWorld(t)
	w.put("1", lake.Append, row{str("a"), 1, 1})
	_, err := w.lake.Table(t.Context(), lake.Name{Database: "silver", Table: "주믄"})
	wantKind(t, err, base.NotFound, `did you mean "silver.주문"?`)
	_, err = w.lake.Tables(t.Context(), "sliver")
	wantKind(t, err, base.NotFound, `did you mean "silver"?`)
}

func TestExpireKeepsNewestAndYoung(t *testing.T) {
	ctx := t.Context()
	clock := base.NewFakeClock(time.Now())
	w := newWorld(t, func(o *lake.Options) { o.Clock = clock })
	for i := range 6 {
		w.put(uuid.NewString(), lake.Overwrite, row{str("a"), 1, int64(i)})
	}
	c, err := w.lake.Expire(ctx, orders, lake.ExpireOptions{OlderThan: time.Hour})
	ok(t, err)
	if c.Snapshots != 0 {
		t.Fatalf("young snapshots expired: %+v", c)
	}
	clock.Advance(2 * time.Hour)
	c, err = w.lake.Expire(ctx, orders, lake.ExpireOptions{OlderThan: time.Hour, Keep: 4})
	ok(t, err)
	if c.Snapshots != 2 || len(w.parquetFiles()) != 4 {
		t.Fatalf("expired %+v, %d data files", c, len(w.parquetFiles()))
	}
	same(t, w.ids(), 5)
}

func TestOrphansAreOldUnknownAndUnannounced(t *testing.T) {
	ctx := t.Context()
	clock := base.NewFakeClock(time.Now())
	w := newWorld(t, func(o *lake.Options) { o.Clock = clock })
	w.put("1", lake.Append, row{str("a"), 1, 1})
	w.put("2", lake.Overwrite, row{str("a"), 1, 2}) // the first file stays live for time travel
	wr, err := w.lake.Begin(ctx, "3", []lake.Target{{Table: orders, Mode: lake.Append}})
	ok(t, err)
	p, err := wr.Prepare(ctx, 0, orderFields)
	ok(t, err)
	writing := files(t, p, []row{{str("a"), 1, 3}})
	stranger := filepath.Join(p.Dir, "store=b", "part-0.parquet")
	ok(t, os.MkdirAll(filepath.Dir(stranger), 0o755))
	ok(t, os.WriteFile(stranger, []byte("x"), 0o644))
	c, err := w.lake.Orphans(ctx, orders, 0)
	ok(t, err)
	if c.Files != 0 {
		t.Fatalf("young files were taken: %+v", c)
	}
	clock.Advance(73 * time.Hour)
	c, err = w.lake.Orphans(ctx, orders, 0)
	ok(t, err)
	if c.Files != 1 || c.Bytes != 1 {
		t.Fatalf("cleaned %+v, want the stranger's file", c)
	}
	if _, err := os.Stat(stranger); !os.IsNotExist(err) {
		t.Fatal("the stranger's file remains")
	}
	_, err = wr.Commit(ctx, []lake.Output{{Files: writing}}, nil)
	ok(t, err)
	same(t, w.ids(), 2, 3)
}

func TestDeadWritesAreCleanedByTheirList(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	w.put("1", lake.Append, row{str("a"), 1, 1})
	begin := func() (*lake.Write, lake.Plan) {
		wr, err := w.lake.Begin(ctx, "2", []lake.Target{{Table: orders, Mode: lake.Append}})
		ok(t, err)
		p, err := wr.Prepare(ctx, 0, orderFields)
		ok(t, err)
		return wr, p
	}
	_, dead := begin()
	files(t, dead, []row{{str("a"), 1, 2}, {str("zz"), 1, 2}})
	w.close()
	w.open() // another start id
	alive, p := begin()
	mine := files(t, p, []row{{str("a"), 1, 2}})
	ok(t, w.lake.CleanDeadIntents(ctx))
	if n := len(w.parquetFiles()); n != 2 {
		t.Fatalf("%d data files, want the live and the new one: %v", n, w.parquetFiles())
	}
	_, err := alive.Commit(ctx, []lake.Output{{Files: mine}}, nil)
	ok(t, err)
	same(t, w.ids(), 1, 2)
	if n := w.count(`SELECT count(*) FROM mulgil_intent`); n != 0 {
		t.Fatalf("%d intents remain", n)
	}
}

func TestMovedLakeIsRefusedThenRelocated(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	w.put("1", lake.Append, row{str("서울"), 2014, 1}, row{nil, 2014, 2}, row{str(""), 2014, 3})
	first := w.put("2", lake.Append, row{str("부산"), 2015, 4})
	w.put("3", lake.OverwritePartitions, row{str("서울"), 2016, 5})
	w.close()
	from := w.dir
	w.dir = filepath.Join(t.TempDir(), "새 집")
	ok(t, os.Rename(from, w.dir))
	o := w.options()
	_, err := lake.Open(ctx, o)
	wantKind(t, err, base.Conflict, "mulgil lake relocate")
	r, err := lake.Relocate(ctx, o)
	ok(t, err)
	if len(r.Tables) != 1 || r.From == r.To {
		t.Fatalf("relocated %+v", r)
	}
	l, err := lake.Open(ctx, o)
	ok(t, err)
	w.lake = l
	t.Cleanup(func() { l.Close() })
	same(t, w.ids(), 2, 3, 4, 5)
	v, err := l.Pin(ctx, []lake.Name{orders})
	ok(t, err)
	s, err := v.ScanAt(ctx, orders, first.SnapshotID, nil)
	ok(t, err)
	same(t, ids(t, s), 1, 2, 3, 4)
	v.Release()
	list, err := l.DataFiles(ctx, orders)
	ok(t, err)
	for _, f := range list {
		if !strings.HasPrefix(f.Path, w.dir) {
			t.Fatalf("file %s is in the old place", f.Path)
		}
	}
	w.put("4", lake.OverwritePartitions, row{nil, 2016, 6}, row{str(""), 2016, 7})
	same(t, w.ids(), 4, 5, 6, 7)
	if c := w.put("3", lake.Append, row{str("x"), 1, 9}); c.Rows != 1 {
		t.Fatalf("write 3 was forgotten: %+v", c)
	}
}

func TestLostCatalogIsRecoveredFromFiles(t *testing.T) {
	for _, moved := range []bool{false, true} {
		ctx := t.Context()
		w := newWorld(t)
		w.put("1", lake.Append, row{str("a"), 1, 1})
		w.put("2", lake.Append, row{nil, 1, 2})
		w.close()
		for _, f := range []string{"catalog.db", "catalog.db-wal", "catalog.db-shm"} {
			_ = os.Remove(filepath.Join(w.dir, f))
		}
		if moved {
			from := w.dir
			w.dir = filepath.Join(t.TempDir(), "moved")
			ok(t, os.Rename(from, w.dir))
		}
		// A metadata file cut short by a crash does not count.
		ok(t, os.WriteFile(filepath.Join(w.dir, "lake", "silver", "주문", "metadata", "00009-x.metadata.json"), []byte(`{"format`), 0o644))
		o := w.options()
		names, err := lake.Recover(ctx, o)
		ok(t, err)
		if !slices.Equal(names, []lake.Name{orders}) {
			t.Fatalf("recovered %v", names)
		}
		l, err := lake.Open(ctx, o)
		ok(t, err)
		w.lake = l
		same(t, w.ids(), 1, 2)
		if c := w.put("2", lake.Append, row{nil, 1, 3}); c.Rows != 1 {
			t.Fatalf("write 2 was done again: %+v", c)
		}
		w.put("3", lake.Append, row{nil, 1, 3})
		same(t, w.ids(), 1, 2, 3)
		w.close()
	}
}

func TestExportIsAPlainHiveFolder(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	w.put("1", lake.Append, row{str("A/B 가"), 1, 1}, row{nil, 1, 2})
	dir := filepath.Join(t.TempDir(), "out")
	e, err := w.lake.ExportHive(ctx, orders, dir)
	ok(t, err)
	if e.Files != 2 || e.Rows != 2 || e.Bytes == 0 {
		t.Fatalf("exported %+v", e)
	}
	for _, sub := range []string{"store=A%2FB 가", "store=__HIVE_DEFAULT_PARTITION__"} {
		if list, err := os.ReadDir(filepath.Join(dir, sub)); err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v", sub, list, err)
		}
	}
	_, err = w.lake.ExportHive(ctx, orders, dir)
	wantKind(t, err, base.Exists, "is not empty")
}

// copier rewrites files by reading their ids and writing them again.
type copier struct{ t *testing.T }

func (c copier) Rewrite(_ context.Context, task lake.RewriteTask) ([]string, error) {
	s := lake.Scan{Files: task.Files}
	var rows []string
	for _, id := range ids(c.t, s) {
		b, _ := json.Marshal(map[string]any{"store": "s", "year": 1, "id": id, "tags": []string{}})
		rows = append(rows, string(b))
	}
	path := filepath.Join(task.Dir, "store=s", task.FilePrefix+"0.parquet")
	writeFile(c.t, task.Fields, path, rows...)
	return []string{path}, nil
}

func TestOptimizeKeepsTheRows(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	var want []int64
	for i := range 6 {
		w.put(uuid.NewString(), lake.Append, row{str("s"), 1, int64(i)})
		want = append(want, int64(i))
	}
	w.put("last", lake.Append, row{nil, 1, 100})
	o, err := w.lake.Optimize(ctx, orders, lake.OptimizeOptions{MinFiles: 3}, copier{t})
	ok(t, err)
	if o.RemovedFiles != 6 || o.AddedFiles != 1 || o.Partitions != 1 {
		t.Fatalf("optimized %+v", o)
	}
	same(t, w.ids(), append(want, 100)...)
	snaps, err := w.lake.Snapshots(ctx, orders)
	ok(t, err)
	if last := snaps[len(snaps)-1]; last.Operation != "replace" || last.TotalRows != 7 {
		t.Fatalf("last snapshot %+v", last)
	}
	if c := w.put("last", lake.Append, row{nil, 1, 101}); c.Rows != 1 {
		t.Fatalf("the write id was lost: %+v", c)
	}
	same(t, w.ids(), append(want, 100)...)
	if n := w.count(`SELECT count(*) FROM mulgil_intent`); n != 0 {
		t.Fatalf("%d intents remain", n)
	}
}

func TestMetadataIsOnDiskBeforeTheSwap(t *testing.T) {
	var mu sync.Mutex
	var events []string
	note := func(s string) {
		mu.Lock()
		events = append(events, s)
		mu.Unlock()
	}
	w := newWorld(t, func(o *lake.Options) {
		o.Hook = func(step string) error { note(step); return nil }
		o.Observe = func(event, path string) { note(event + " " + filepath.Base(path)) }
	})
	w.put("1", lake.Append, row{str("a"), 1, 1})
	at := func(want string) int {
		for i, e := range events {
			if strings.Contains(e, want) {
				return i
			}
		}
		t.Fatalf("no %q among %q", want, events)
		return -1
	}
	order := []string{"sync data", "files-synced", "sync metadata", "metadata-written", "before-swap", "swapped"}
	for i := 1; i < len(order); i++ {
		if at(order[i-1]) >= at(order[i]) {
			t.Fatalf("%q not before %q in %q", order[i-1], order[i], events)
		}
	}
	if at(".parquet") > at("sync store=") {
		t.Fatalf("folder synced before its file in %q", events)
	}
	for _, f := range []string{"sync store=", ".avro", "sync snap-", "metadata.json"} {
		if at(f) > at("metadata-written") {
			t.Fatalf("%q after the swap in %q", f, events)
		}
	}
	last := slices.IndexFunc(events, func(e string) bool { return e == "swapped" })
	for _, e := range events[at("before-swap"):last] {
		if strings.HasPrefix(e, "sync") {
			t.Fatalf("synced after the swap began: %q", events)
		}
	}
}

// loser forgets a row.
type loser struct{ copier }

func (c loser) Rewrite(ctx context.Context, task lake.RewriteTask) ([]string, error) {
	task.Files = task.Files[1:]
	return c.copier.Rewrite(ctx, task)
}

func TestOptimizeThatLosesRowsIsRefused(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	for i := range 3 {
		w.put(uuid.NewString(), lake.Append, row{str("s"), 1, int64(i)})
	}
	_, err := w.lake.Optimize(ctx, orders, lake.OptimizeOptions{MinFiles: 2}, loser{copier{t}})
	wantKind(t, err, base.Internal, "turned 3 rows into 2")
	same(t, w.ids(), 0, 1, 2)
	if n := len(w.parquetFiles()); n != 3 {
		t.Fatalf("%d data files remain, want 3", n)
	}
}

func TestAbortRemovesOnlyItsFiles(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	w.put("1", lake.Append, row{str("a"), 1, 1})
	wr, err := w.lake.Begin(ctx, "2", []lake.Target{{Table: orders, Mode: lake.Append}})
	ok(t, err)
	p, err := wr.Prepare(ctx, 0, orderFields)
	ok(t, err)
	files(t, p, []row{{str("a"), 1, 2}, {str("b"), 1, 2}})
	ok(t, wr.Abort(ctx))
	ok(t, wr.Abort(ctx))
	if n := len(w.parquetFiles()); n != 1 {
		t.Fatalf("%d data files remain, want 1", n)
	}
	_, err = wr.Commit(ctx, []lake.Output{{}}, nil)
	wantKind(t, err, base.Usage, "is over")
	same(t, w.ids(), 1)
}
