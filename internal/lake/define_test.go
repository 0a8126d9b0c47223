package lake_test

import (
	"slices"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func TestDefinedTableTakesRowsAndKeepsThemWhenItsColumnsChange(t *testing.T) {
	w := newWorld(t)
	name := lake.Name{Database: "silver", Table: "고객"}
	fields := []base.Field{field("번호", base.Int), field("이름", base.String), field("city", base.String)}
	info, err := w.lake.Define(t.Context(), lake.Definition{Name: name, Fields: fields, PartitionBy: []base.PartitionField{{Column: "city"}}, Comment: "손님", Properties: map[string]string{"k": "v"}})
	ok(t, err)
	if info.SnapshotID != 0 || info.Comment != "손님" || info.Properties["k"] != "v" || !slices.Equal(info.PartitionBy, []string{"city"}) || info.Fields[2].ID != 3 {
		t.Errorf("%+v", info)
	}
	_, err = w.lake.Define(t.Context(), lake.Definition{Name: lake.Name{Database: "silver", Table: "고객"}, Fields: fields})
	wantKind(t, err, base.Exists, "table silver.고객 exists")
	_, err = w.lake.Define(t.Context(), lake.Definition{Name: lake.Name{Database: "none", Table: "t"}, Fields: fields})
	wantKind(t, err, base.NotFound, "database none does not exist")
	wr, p, err := w.prepare(name, fields...)
	ok(t, err)
	file := p.Dir + "/city=서울/" + p.FilePrefix + "1.parquet"
	writeFile(t, p.Fields, file, `{"번호":1,"이름":"가","city":"서울"}`)
	_, err = wr.Commit(t.Context(), []lake.Output{{Files: []string{file}}}, nil)
	ok(t, err)
	info, err = w.lake.Redefine(t.Context(), name, func(f []base.Field) ([]base.Field, error) {
		f[0].Type.ID, f[0].Name = base.Long, "no"
		return []base.Field{f[2], f[0], field("새", base.Date)}, nil
	})
	ok(t, err)
	if got := info.Fields; len(got) != 3 || got[0].ID != 3 || got[1].ID != 1 || got[1].Name != "no" || got[2].ID != 4 || info.Rows != 1 {
		t.Errorf("%+v", info)
	}
	v, err := w.lake.Pin(t.Context(), []lake.Name{name})
	ok(t, err)
	defer v.Release()
	s, err := v.Scan(t.Context(), name, base.Compare{Column: "no", Op: base.Eq, Value: int64(1)})
	if err != nil || len(s.Files) != 1 {
		t.Errorf("%+v %v", s, err)
	}
	for want, edit := range map[string]func([]base.Field) []base.Field{
		`column "no" cannot change from bigint to int`:              func(f []base.Field) []base.Field { f[1].Type.ID = base.Int; return f },
		`cannot drop column "city": the table is partitioned by it`: func(f []base.Field) []base.Field { return f[1:] },
		`column "NO" appears twice`:                                 func(f []base.Field) []base.Field { return append(f, field("NO", base.Int)) },
		`new column "x" cannot be required: earlier rows lack it`: func(f []base.Field) []base.Field {
			return append(f, base.Field{Name: "x", Type: base.Type{ID: base.Int}, Required: true})
		},
		`a table needs at least one column`: func([]base.Field) []base.Field { return nil },
	} {
		_, err := w.lake.Redefine(t.Context(), name, func(f []base.Field) ([]base.Field, error) { return edit(f), nil })
		wantKind(t, err, base.Invalid, want)
	}
	info, err = w.lake.SetProperties(t.Context(), name, map[string]string{"a": "b"}, []string{"k"})
	if err != nil || info.Properties["a"] != "b" || info.Properties["k"] != "" {
		t.Errorf("%+v %v", info.Properties, err)
	}
	_, err = w.lake.SetProperties(t.Context(), name, map[string]string{"mulgil.table": "x"}, nil)
	wantKind(t, err, base.Invalid, `property "mulgil.table" belongs to the lake`)
}

func TestTransformsAreWrittenIntoTheSpec(t *testing.T) {
	w := newWorld(t)
	name := lake.Name{Database: "silver", Table: "t"}
	info, err := w.lake.Define(t.Context(), lake.Definition{Name: name, Fields: []base.Field{field("시각", base.Timestamp), field("id", base.Long)},
		PartitionBy: []base.PartitionField{{Column: "시각", Transform: "hour"}, {Column: "id", Transform: "bucket", N: 8}, {Column: "id"}}})
	ok(t, err)
	if want := []string{"hour(시각)", "bucket(8, id)", "id"}; !slices.Equal(info.PartitionBy, want) {
		t.Errorf("%q", info.PartitionBy)
	}
	_, err = w.lake.Begin(t.Context(), "w", []lake.Target{{Table: name, Mode: lake.Append, PartitionBy: []string{"hour(시각)", "bucket(9, id)", "id"}}})
	wantKind(t, err, base.Invalid, "partitioned by (hour(시각), bucket(8, id), id), not by (hour(시각), bucket(9, id), id)")
	owner, err := w.lake.Owner(t.Context(), info.Location+"/data/x")
	if err != nil || owner == nil || *owner != name {
		t.Errorf("%v %v", owner, err)
	}
	if owner, err = w.lake.Owner(t.Context(), info.Location+"2"); err != nil || owner != nil {
		t.Errorf("%v %v", owner, err)
	}
}

func TestPartitionsOnlyOthersMakeAreNotWritten(t *testing.T) {
	w := newWorld(t)
	_, err := w.lake.CreateDoc(t.Context(), "silver", lake.NewTable{Name: "theirs", Spec: []byte(`{"spec-id":0,"fields":[{"source-id":0,"field-id":1000,"transform":"identity","name":"x"}]}`),
		Schema: []byte(`{"type":"struct","schema-id":0,"fields":[{"id":0,"name":"x","type":"double","required":false}]}`)})
	ok(t, err)
	_, err = w.lake.Begin(t.Context(), "w", []lake.Target{{Table: lake.Name{Database: "silver", Table: "theirs"}, Mode: lake.Append}})
	wantKind(t, err, base.Invalid, `only the program that made the table can write it: cannot partition by column "x" of type double`)
}
