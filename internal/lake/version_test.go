package lake_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/port"
)

// history is orders with three snapshots, a column that came later, a tag on
// the first and a branch on the second.
func history(t *testing.T) (*world, []lake.Snapshot) {
	t.Helper()
	w := newWorld(t)
	w.put("1", lake.Append, row{str("서울"), 2014, 1})
	w.put("2", lake.Append, row{nil, 2015, 2})
	wr, err := w.lake.Begin(t.Context(), "3", []lake.Target{{Table: orders, Mode: lake.Append}})
	ok(t, err)
	p, err := wr.Prepare(t.Context(), 0, append(slices.Clone(orderFields), field("memo", base.String)))
	ok(t, err)
	_, err = wr.Commit(t.Context(), []lake.Output{{Files: files(t, p, []row{{str("부산"), 2016, 3}})}}, nil)
	ok(t, err)
	snaps, err := w.lake.Snapshots(t.Context(), orders)
	ok(t, err)
	refs := fmt.Sprintf(`[{"action":"set-snapshot-ref","ref-name":"처음","type":"tag","snapshot-id":%d},{"action":"set-snapshot-ref","ref-name":"가지","type":"branch","snapshot-id":%d}]`, snaps[0].ID, snaps[1].ID)
	_, err = w.lake.CommitDocs(t.Context(), []lake.Change{{Name: orders, Updates: json.RawMessage(refs)}})
	ok(t, err)
	return w, snaps
}

func TestTablesArePinnedInOlderStates(t *testing.T) {
	w, snaps := history(t)
	ctx := t.Context()
	for _, c := range []struct {
		v       lake.Version
		ids     []int64
		columns int
	}{
		{lake.Version{}, []int64{1, 2, 3}, 5},
		{lake.Version{Ref: "main"}, []int64{1, 2, 3}, 5},
		{lake.Version{Snapshot: snaps[0].ID}, []int64{1}, 4},
		{lake.Version{Snapshot: snaps[2].ID}, []int64{1, 2, 3}, 5},
		{lake.Version{Ref: "처음"}, []int64{1}, 4},
		{lake.Version{Ref: "가지"}, []int64{1, 2}, 5}, // a branch has the table's columns
		{lake.Version{AsOf: snaps[2].Time.Add(time.Hour)}, []int64{1, 2, 3}, 5},
	} {
		p := lake.Pin{Name: orders, Version: c.v}
		v, err := w.lake.PinAt(ctx, []lake.Pin{p, {Name: orders}})
		ok(t, err)
		info, err := v.InfoAt(p)
		ok(t, err)
		for _, where := range []port.Predicate{nil, port.Compare{Column: "id", Op: port.Ge, Value: int64(0)}, port.Compare{Column: "memo", Op: port.Eq, Value: "x"}} {
			s, err := v.ScanPin(ctx, p, where)
			ok(t, err)
			if _, memo := where.(port.Compare); where == nil || memo && where.(port.Compare).Column == "id" {
				same(t, ids(t, s), c.ids...)
			}
			if len(s.Fields) != c.columns || len(info.Fields) != c.columns || info.Rows != int64(len(c.ids)) {
				t.Errorf("%+v: %d columns, %d rows", c.v, len(s.Fields), info.Rows)
			}
		}
		same(t, w.ids(), 1, 2, 3)
		v.Release()
	}
}

func TestTimeTravelToNowhereNamesWhatThereIs(t *testing.T) {
	w, snaps := history(t)
	for text, v := range map[string]lake.Version{
		"no snapshot 7":        {Snapshot: 7},
		"at or before":         {AsOf: snaps[0].Time.Add(-time.Millisecond)},
		`it has: main, 가지, 처음`: {Ref: "없음"},
	} {
		_, err := w.lake.PinAt(t.Context(), []lake.Pin{{Name: orders, Version: v}})
		wantKind(t, err, base.NotFound, text)
		if base.CodeOf(err) != "INVALID_ARGUMENTS" {
			t.Errorf("code %q", base.CodeOf(err))
		}
	}
	_, err := w.lake.PinAt(t.Context(), []lake.Pin{{Name: orders, Version: lake.Version{AsOf: time.Unix(1, 0)}}})
	wantKind(t, err, base.NotFound, fmt.Sprintf("the first is %d of %s, the last %d", snaps[0].ID, snaps[0].Time.Format("2006-01-02 15:04:05.000 UTC"), snaps[2].ID))
}

func TestAPinnedOldStateDoesNotExpire(t *testing.T) {
	w, snaps := history(t)
	ctx := t.Context()
	_, err := w.lake.CommitDocs(ctx, []lake.Change{{Name: orders, Updates: json.RawMessage(`[{"action":"remove-snapshot-ref","ref-name":"처음"},{"action":"remove-snapshot-ref","ref-name":"가지"}]`)}})
	ok(t, err)
	p := lake.Pin{Name: orders, Version: lake.Version{Snapshot: snaps[0].ID}}
	v, err := w.lake.PinAt(ctx, []lake.Pin{p})
	ok(t, err)
	c, err := w.lake.Expire(ctx, orders, lake.ExpireOptions{Keep: 1, OlderThan: -time.Hour})
	ok(t, err)
	if c.Snapshots != 1 {
		t.Fatalf("expired %d snapshots, want the one between", c.Snapshots)
	}
	s, err := v.ScanPin(ctx, p, nil)
	ok(t, err)
	same(t, ids(t, s), 1)
	v.Release()
	c, err = w.lake.Expire(ctx, orders, lake.ExpireOptions{Keep: 1, OlderThan: -time.Hour})
	ok(t, err)
	if c.Snapshots != 1 {
		t.Fatalf("expired %d snapshots after the release", c.Snapshots)
	}
}

func TestMetadataTables(t *testing.T) {
	w, snaps := history(t)
	ctx := t.Context()
	v, err := w.lake.Pin(ctx, []lake.Name{orders})
	ok(t, err)
	defer v.Release()
	meta := func(kind string, version lake.Version) lake.MetaTable {
		t.Helper()
		m, err := v.Meta(ctx, lake.Pin{Name: orders, Version: version}, kind)
		ok(t, err)
		for _, r := range m.Rows {
			if len(r) != len(m.Fields) {
				t.Fatalf("%s: %d values for %d columns", kind, len(r), len(m.Fields))
			}
		}
		return m
	}
	column := func(m lake.MetaTable, name string) []any {
		t.Helper()
		i := slices.IndexFunc(m.Fields, func(f base.Field) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("no column %s in %v", name, m.Fields)
		}
		var out []any
		for _, r := range m.Rows {
			out = append(out, r[i])
		}
		return out
	}
	equal := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	h := meta("history", lake.Version{})
	equal("history", column(h, "snapshot_id"), []any{snaps[0].ID, snaps[1].ID, snaps[2].ID})
	equal("parents", column(h, "parent_id"), []any{nil, snaps[0].ID, snaps[1].ID})
	equal("times", column(h, "made_current_at"), []any{snaps[0].Time, snaps[1].Time, snaps[2].Time})
	equal("ancestors of the first", column(meta("HISTORY", lake.Version{Ref: "처음"}), "is_current_ancestor"), []any{true, false, false})
	s := meta("snapshots", lake.Version{})
	equal("operations", column(s, "operation"), []any{"append", "append", "append"})
	equal("summary", column(s, "summary")[1].(map[string]string)["total-records"], "2")
	r := meta("refs", lake.Version{})
	equal("refs", column(r, "name"), []any{"main", "가지", "처음"})
	equal("types", column(r, "type"), []any{"BRANCH", "BRANCH", "TAG"})
	f := meta("files", lake.Version{})
	equal("files", column(f, "record_count"), []any{int64(1), int64(1), int64(1)})
	equal("lower bounds", column(f, "lower_bounds")[0].(map[int32]string)[3] != "", true)
	equal("files then", len(meta("files", lake.Version{Ref: "처음"}).Rows), 1)
	m := meta("manifests", lake.Version{})
	equal("added", column(m, "added_rows_count"), []any{int64(1), int64(1), int64(1)})
	p := meta("partitions", lake.Version{})
	equal("partitions", column(p, "partition"), []any{[]any{nil}, []any{"부산"}, []any{"서울"}})
	equal("id of 서울", column(p, "data")[2].([]any)[2].([]any)[:3], []any{int64(1), int64(1), int64(0)})
	equal("a column of that time only", column(p, "data")[2].([]any)[3], []any{nil, nil, nil, nil})
	equal("properties", slices.Contains(column(meta("properties", lake.Version{}), "key"), any("mulgil.table")), true)
	_, err = v.Meta(ctx, lake.Pin{Name: orders}, "histroy")
	wantKind(t, err, base.NotFound, "there are: files, history, manifests, partitions, properties, refs, snapshots")
}
