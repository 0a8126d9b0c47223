package lake_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func field(name string, id base.TypeID) base.Field {
	return base.Field{Name: name, Type: base.Type{ID: id}}
}

func (w *world) prepare(name lake.Name, fields ...base.Field) (*lake.Write, lake.Plan, error) {
	w.t.Helper()
	wr, err := w.lake.Begin(w.t.Context(), fmt.Sprint(name, len(fields), w.count(`SELECT count(*) FROM mulgil_write`)), []lake.Target{{Table: name, Mode: lake.Append}})
	ok(w.t, err)
	p, err := wr.Prepare(w.t.Context(), 0, fields)
	if err != nil {
		ok(w.t, wr.Abort(w.t.Context()))
	}
	return wr, p, err
}

func (w *world) writeRows(name lake.Name, fields []base.Field, rows ...string) lake.Plan {
	w.t.Helper()
	wr, p, err := w.prepare(name, fields...)
	ok(w.t, err)
	path := filepath.Join(p.Dir, p.FilePrefix+"0.parquet")
	writeFile(w.t, p.Fields, path, rows...)
	_, err = wr.Commit(w.t.Context(), []lake.Output{{Files: []string{path}}}, nil)
	ok(w.t, err)
	return p
}

func TestSchemaGrowsAndWidens(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	n := lake.Name{Database: "silver", Table: "evolve"}
	w.writeRows(n, []base.Field{field("id", base.Int), field("이름", base.String)}, `{"id":1,"이름":"가"}`)
	grown := []base.Field{field("ID", base.Long), field("새열", base.String), {Name: "이름", Type: base.Type{ID: base.String}, Comment: "성명"},
		{Name: "tags", Type: base.ListOf(base.Type{ID: base.Long})}}
	p := w.writeRows(n, grown, `{"id":2,"이름":"나","새열":"x","tags":[1]}`)
	want := []struct {
		name string
		id   int
		typ  base.TypeID
	}{{"id", 1, base.Long}, {"이름", 2, base.String}, {"새열", 3, base.String}, {"tags", 4, base.List}}
	for i, x := range want {
		if f := p.Fields[i]; f.Name != x.name || f.ID != x.id || f.Type.ID != x.typ || f.Required {
			t.Fatalf("field %d is %+v, want %v", i, f, x)
		}
	}
	if p.Fields[3].Type.Fields[0].ID != 5 || p.Fields[1].Comment != "성명" {
		t.Fatalf("fields %+v", p.Fields)
	}
	info, err := w.lake.Table(ctx, n)
	ok(t, err)
	if len(info.Fields) != 4 || info.Rows != 2 || info.Fields[1].Comment != "성명" {
		t.Fatalf("info %+v", info)
	}
	// Fewer columns again: the others stay and may be left out of the file.
	p = w.writeRows(n, []base.Field{field("id", base.Int)}, `{"id":3}`)
	if len(p.Fields) != 4 || p.Fields[0].Type.ID != base.Long {
		t.Fatalf("fields %+v", p.Fields)
	}
	// An older snapshot is read with the columns it had.
	snaps, err := w.lake.Snapshots(ctx, n)
	ok(t, err)
	v, err := w.lake.Pin(ctx, []lake.Name{n})
	ok(t, err)
	defer v.Release()
	s, err := v.ScanAt(ctx, n, snaps[0].ID, nil)
	ok(t, err)
	if len(s.Fields) != 2 || len(s.Files) != 1 || s.Fields[0].Type.ID != base.Int {
		t.Fatalf("old scan %+v", s)
	}
}

func TestUnsafeSchemaChangeIsRefusedByName(t *testing.T) {
	w := newWorld(t)
	n := lake.Name{Database: "silver", Table: "strict"}
	w.writeRows(n, []base.Field{{Name: "id", Type: base.Type{ID: base.Int}, Required: true}, field("금액", base.Long)}, `{"id":1,"금액":2}`)
	for _, c := range []struct {
		fields []base.Field
		text   string
	}{
		{[]base.Field{field("id", base.Int), field("금액", base.String)}, `column "금액" is bigint in the table, the rows have string`},
		{[]base.Field{field("금액", base.Long)}, `required column "id" is missing`},
		{[]base.Field{field("id", base.Int), field("a", base.Int), field("A", base.Int)}, `column "A" appears twice`},
		{[]base.Field{field("id", base.Int), field("x", "hugeint")}, `column "x"`},
	} {
		_, _, err := w.prepare(n, c.fields...)
		wantKind(t, err, base.Invalid, c.text)
	}
	_, err := w.lake.Begin(t.Context(), "x", []lake.Target{{Table: n, Mode: lake.Append, PartitionBy: []string{"id"}}})
	wantKind(t, err, base.Invalid, "partitioned by ()")
}

func TestColumnsChangedMeanwhileIsAConflict(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	n := lake.Name{Database: "silver", Table: "race"}
	late, lp, err := w.prepare(n, field("a", base.Long), field("b", base.Long))
	ok(t, err)
	w.writeRows(n, []base.Field{field("a", base.Long), field("c", base.Long), field("b", base.Long)}, `{"a":1,"b":2,"c":3}`)
	path := filepath.Join(lp.Dir, lp.FilePrefix+"0.parquet")
	writeFile(t, lp.Fields, path, `{"a":1,"b":2}`)
	_, err = late.Commit(ctx, []lake.Output{{Files: []string{path}}}, nil)
	wantKind(t, err, base.Conflict, "columns were changed")
	ok(t, late.Abort(ctx))
}

func TestFilesWithoutFieldIDsAreRefused(t *testing.T) {
	w := newWorld(t)
	n := lake.Name{Database: "silver", Table: "ids"}
	wr, p, err := w.prepare(n, field("a", base.Long), field("b", base.Long))
	ok(t, err)
	path := filepath.Join(p.Dir, p.FilePrefix+"0.parquet")
	bare := []base.Field{p.Fields[1], p.Fields[0]}
	bare[0].ID, bare[1].ID = 1, 2
	writeFile(t, bare, path, `{"a":1,"b":2}`)
	_, err = wr.Commit(t.Context(), []lake.Output{{Files: []string{path}}}, nil)
	wantKind(t, err, base.Internal, "field id")
	ok(t, wr.Abort(t.Context()))
}
