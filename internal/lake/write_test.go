package lake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func TestFirstWriteCreatesTheTable(t *testing.T) {
	w := newWorld(t)
	c := w.put("run-1", lake.Append, row{str("서울"), 2014, 1}, row{str("부산"), 2014, 2}, row{nil, 2014, 3}, row{str(""), 2014, 4})
	if c.Rows != 4 || c.AddedFiles != 4 || c.Partitions != 4 || c.RemovedFiles != 0 || c.SnapshotID == 0 {
		t.Fatalf("committed %+v", c)
	}
	same(t, w.ids(), 1, 2, 3, 4)
	info, err := w.lake.Table(t.Context(), orders)
	ok(t, err)
	if info.Rows != 4 || info.Files != 4 || info.Comment != "주문 내역" || info.Fields[0].Comment != "매장" || info.Fields[0].ID != 1 ||
		info.Fields[3].Type.Fields[0].ID != 5 || info.PartitionBy[0] != "store" || info.SnapshotID != c.SnapshotID || info.Properties["mulgil.write-id"] != "run-1" {
		t.Fatalf("info %+v", info)
	}
	if want := filepath.Join(w.dir, "lake", "silver", "주문"); info.Location != want {
		t.Fatalf("location %s, want %s", info.Location, want)
	}
	list, err := w.lake.DataFiles(t.Context(), orders)
	ok(t, err)
	var seen []string
	for _, f := range list {
		if v := f.Partition["store"]; v == nil {
			seen = append(seen, "NULL")
		} else {
			seen = append(seen, "'"+*v+"'")
		}
	}
	for _, v := range []string{"NULL", "''", "'서울'", "'부산'"} {
		if !strings.Contains(strings.Join(seen, " "), v) {
			t.Fatalf("partitions %v lack %s", seen, v)
		}
	}
	if n := w.count(`SELECT count(*) FROM mulgil_intent`); n != 0 {
		t.Fatalf("%d intents remain", n)
	}
}

func TestOverwritePartitionsLeavesOthersAlone(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("가나다라마바사", 10) // 210 bytes, alike in far more than 16 characters
	w.put("1", lake.Append, row{str(long + "끝"), 2014, 1}, row{str(long + "꼬리"), 2014, 2}, row{nil, 2014, 3}, row{str(""), 2014, 4})
	c := w.put("2", lake.OverwritePartitions, row{str(long + "끝"), 2015, 11})
	if c.RemovedFiles != 1 || c.Partitions != 1 {
		t.Fatalf("committed %+v", c)
	}
	same(t, w.ids(), 2, 3, 4, 11)
	w.put("3", lake.OverwritePartitions, row{nil, 2015, 13})
	same(t, w.ids(), 2, 4, 11, 13)
	w.put("4", lake.OverwritePartitions, row{str(""), 2015, 14})
	same(t, w.ids(), 2, 11, 13, 14)
	if c := w.put("5", lake.OverwritePartitions); c.Rows != 0 || c.RemovedFiles != 0 {
		t.Fatalf("an empty result replaced something: %+v", c)
	}
	same(t, w.ids(), 2, 11, 13, 14)
	list, err := w.lake.DataFiles(t.Context(), orders)
	ok(t, err)
	for _, f := range list {
		if v := f.Partition["store"]; v != nil && len(*v) > 16 && !strings.HasPrefix(*v, long) {
			t.Fatalf("partition value cut to %q", *v)
		}
	}
}

func TestOverwriteReplacesAllEvenByNothing(t *testing.T) {
	w := newWorld(t)
	w.put("1", lake.Overwrite, row{str("a"), 1, 1}, row{str("b"), 1, 2})
	w.put("2", lake.Overwrite, row{str("c"), 1, 3})
	same(t, w.ids(), 3)
	w.put("3", lake.Overwrite)
	same(t, w.ids())
	info, err := w.lake.Table(t.Context(), orders)
	ok(t, err)
	if info.Rows != 0 || info.Files != 0 {
		t.Fatalf("info %+v", info)
	}
	w.put("4", lake.Append, row{str("c"), 1, 4})
	same(t, w.ids(), 4)
}

func TestEmptyFirstWriteCreatesAnEmptyTable(t *testing.T) {
	w := newWorld(t)
	w.put("1", lake.Overwrite)
	same(t, w.ids())
	if c := w.put("1", lake.Overwrite, row{str("x"), 1, 1}); c.Rows != 0 {
		t.Fatalf("the same write id was committed again: %+v", c)
	}
	w.put("2", lake.OverwritePartitions, row{str("x"), 1, 1})
	same(t, w.ids(), 1)
}

func TestFailedWriteLeavesNoTable(t *testing.T) {
	boom := errors.New("boom")
	var at string
	w := newWorld(t, func(o *lake.Options) {
		o.Hook = func(step string) error {
			if step == at {
				return boom
			}
			return nil
		}
	})
	for _, step := range []string{"files-synced", "metadata-written", "before-swap"} {
		at = step
		_, err := w.tryPut("1", lake.Append, row{str("a"), 1, 1})
		if !errors.Is(err, boom) {
			t.Fatalf("%s: %v", step, err)
		}
		_, err = w.lake.Table(t.Context(), orders)
		wantKind(t, err, base.NotFound, "does not exist")
		if n := w.count(`SELECT (SELECT count(*) FROM mulgil_intent) + (SELECT count(*) FROM mulgil_write)`); n != 0 {
			t.Fatalf("%s: %d rows remain", step, n)
		}
		var left []string
		_ = filepath.WalkDir(filepath.Join(w.dir, "lake"), func(p string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				left = append(left, p)
			}
			return nil
		})
		if len(left) > 0 {
			t.Fatalf("%s: files remain: %v", step, left)
		}
	}
	at = "swapped"
	if c := w.put("1", lake.Append, row{str("a"), 1, 1}); c.Rows != 1 {
		t.Fatalf("committed %+v", c)
	}
	same(t, w.ids(), 1)
}

func TestMergeReplacesWhatItNames(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	w.put("1", lake.Append, row{str("a"), 1, 1}, row{str("b"), 1, 2}, row{str("c"), 1, 3})
	merge := func(id string) (*lake.Write, lake.Plan) {
		wr, err := w.lake.Begin(ctx, id, []lake.Target{{Table: orders, Mode: lake.Merge, Key: []string{"id"}}})
		ok(t, err)
		p, err := wr.Prepare(ctx, 0, orderFields)
		ok(t, err)
		return wr, p
	}
	wr, p := merge("2")
	late, lp := merge("3")
	if len(p.Existing.Files) != 3 {
		t.Fatalf("existing %+v", p.Existing)
	}
	var old string
	for _, f := range p.Existing.Files {
		if strings.Contains(f.Path, "%22b%22") {
			old = f.Path
		}
	}
	done, err := wr.Commit(ctx, []lake.Output{{Files: files(t, p, []row{{str("b"), 9, 2}, {str("d"), 9, 4}}), Replaced: []string{old}}}, nil)
	ok(t, err)
	if done[0].RemovedFiles != 1 || done[0].AddedFiles != 2 {
		t.Fatalf("committed %+v", done)
	}
	same(t, w.ids(), 1, 2, 3, 4)
	_, err = late.Commit(ctx, []lake.Output{{Files: files(t, lp, []row{{str("b"), 8, 2}}), Replaced: []string{old}}}, nil)
	wantKind(t, err, base.Conflict, "changed by another write")
	ok(t, late.Abort(ctx))
	same(t, w.ids(), 1, 2, 3, 4)
}

func TestWriteIDIsCommittedOnce(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	first := w.put("run-7", lake.Append, row{str("a"), 1, 1})
	if again := w.put("run-7", lake.Append, row{str("a"), 1, 1}); again != first {
		t.Fatalf("got %+v, want %+v", again, first)
	}
	same(t, w.ids(), 1)
	// Two attempts under way at the same time: the second gets the first's result.
	var writes [2]*lake.Write
	var plans [2]lake.Plan
	for i := range writes {
		var err error
		writes[i], err = w.lake.Begin(ctx, "run-8", []lake.Target{{Table: orders, Mode: lake.Append}})
		ok(t, err)
		plans[i], err = writes[i].Prepare(ctx, 0, orderFields)
		ok(t, err)
	}
	var results [2]lake.Committed
	for i := range writes {
		done, err := writes[i].Commit(ctx, []lake.Output{{Files: files(t, plans[i], []row{{str("a"), 1, 2}})}}, nil)
		ok(t, err)
		results[i] = done[0]
	}
	if results[0] != results[1] {
		t.Fatalf("results differ: %+v", results)
	}
	same(t, w.ids(), 1, 2)
	if n := len(w.parquetFiles()); n != 2 {
		t.Fatalf("%d files on disk, want 2", n)
	}
	if n := w.count(`SELECT count(*) FROM mulgil_intent`); n != 0 {
		t.Fatalf("%d intents remain", n)
	}
}

func TestTablesOfOneWriteCommitTogether(t *testing.T) {
	ctx := t.Context()
	boom := errors.New("boom")
	var at string
	w := newWorld(t, func(o *lake.Options) {
		o.Hook = func(step string) error {
			if step == at {
				return boom
			}
			return nil
		}
	})
	w.put("0", lake.Append, row{str("a"), 1, 1})
	second := lake.Name{Database: "silver", Table: "둘째"}
	try := func(id string, commit bool) error {
		wr, err := w.lake.Begin(ctx, id, []lake.Target{{Table: orders, Mode: lake.Overwrite}, {Table: second, Mode: lake.Append, Location: "s3://버킷/둘째"}})
		ok(t, err)
		var outs []lake.Output
		for i := range 2 {
			p, err := wr.Prepare(ctx, i, orderFields)
			ok(t, err)
			outs = append(outs, lake.Output{Files: files(t, p, []row{{str("z"), 1, int64(10 + i)}})})
		}
		_, err = wr.Commit(ctx, outs, nil)
		if err != nil {
			ok(t, wr.Abort(ctx))
		}
		return err
	}
	for _, at = range []string{"metadata-written", "before-swap"} {
		if err := try("1", true); !errors.Is(err, boom) {
			t.Fatalf("%s: %v", at, err)
		}
		same(t, w.ids(), 1)
		_, err := w.lake.Table(ctx, second)
		wantKind(t, err, base.NotFound, "")
	}
	at = "swapped" // after the swap nothing can undo it
	ok(t, try("1", true))
	same(t, w.ids(), 10)
	v, err := w.lake.Pin(ctx, []lake.Name{second})
	ok(t, err)
	defer v.Release()
	s, err := v.Scan(ctx, second, nil)
	ok(t, err)
	same(t, ids(t, s), 11)
	if n := w.count(`SELECT count(DISTINCT write_id) FROM mulgil_write WHERE write_id = '1'`); n != 1 {
		t.Fatalf("%d records", n)
	}
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 10 {
				if _, err := w.tryPut(fmt.Sprintf("%d-%d", k, i), lake.Append, row{str("s"), 1, int64(k*10 + i)}); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	var want []int64
	for i := range 40 {
		want = append(want, int64(i))
	}
	same(t, w.ids(), want...)
	snaps, err := w.lake.Snapshots(t.Context(), orders)
	ok(t, err)
	if len(snaps) != 40 || snaps[39].TotalRows != 40 || snaps[0].Operation != "append" || snaps[3].WriteID == "" {
		t.Fatalf("%d snapshots, last %+v", len(snaps), snaps[len(snaps)-1])
	}
	left, err := os.ReadDir(filepath.Join(w.dir, "lake", "silver", "주문", "metadata"))
	ok(t, err)
	var manifests int
	for _, f := range left {
		if strings.HasSuffix(f.Name(), ".avro") {
			manifests++
		}
	}
	if manifests != 80 {
		t.Fatalf("%d manifests and lists, want 80: lost races left files", manifests)
	}
}

func TestTablesMayNotShareFolders(t *testing.T) {
	w := newWorld(t)
	w.put("1", lake.Append, row{str("a"), 1, 1})
	for _, loc := range []string{"s3://lake/silver/주문", "s3://lake/silver/주문/data", "s3://lake/silver"} {
		_, err := w.lake.Begin(t.Context(), "2", []lake.Target{{Table: lake.Name{Database: "silver", Table: "x"}, Mode: lake.Append, Location: loc}})
		wantKind(t, err, base.Invalid, "would share files")
	}
	_, err := w.lake.Begin(t.Context(), "2", []lake.Target{
		{Table: lake.Name{Database: "silver", Table: "x"}, Mode: lake.Append, Location: "s3://b/x"},
		{Table: lake.Name{Database: "silver", Table: "y"}, Mode: lake.Append, Location: "s3://b/x/y"}})
	wantKind(t, err, base.Invalid, "would share files")
}

func TestMixedPartitionFileIsRefused(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	for i, rows := range [][]string{
		{`{"store":"a","id":1}`, `{"store":"b","id":2}`},
		{`{"store":"a","id":1}`, `{"store":null,"id":2}`},
	} {
		wr, err := w.lake.Begin(ctx, fmt.Sprint(i), []lake.Target{{Table: orders, Mode: lake.Append, PartitionBy: []string{"store"}}})
		ok(t, err)
		p, err := wr.Prepare(ctx, 0, orderFields)
		ok(t, err)
		path := filepath.Join(p.Dir, p.FilePrefix+"x.parquet")
		writeFile(t, p.Fields, path, rows...)
		_, err = wr.Commit(ctx, []lake.Output{{Files: []string{path}}}, nil)
		wantKind(t, err, base.Invalid, "more than one value")
		ok(t, wr.Abort(ctx))
	}
}
