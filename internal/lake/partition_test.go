package lake_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// TestPartitionsByTransformsAreReplacedAndMoved writes files of transformed
// partitions, replaces some and moves the lake.
func TestPartitionsByTransformsAreReplacedAndMoved(t *testing.T) {
	w := newWorld(t)
	n := lake.Name{Database: "silver", Table: "t"}
	fields := []base.Field{field("ts", base.Timestamp), {Name: "값", Type: base.DecimalOf(9, 2)}, field("name", base.String), field("id", base.Long)}
	by := []string{"day(ts)", "truncate(100, 값)", "truncate(1, name)", "bucket(4, id)"}
	put := func(id string, mode lake.Mode, files ...[]string) error {
		wr, err := w.lake.Begin(t.Context(), id, []lake.Target{{Table: n, Mode: mode, PartitionBy: by}})
		ok(t, err)
		p, err := wr.Prepare(t.Context(), 0, fields)
		ok(t, err)
		var out lake.Output
		for i, rows := range files {
			path := filepath.Join(p.Dir, p.FilePrefix+string(rune('a'+i))+".parquet")
			writeFile(t, p.Fields, path, rows...)
			out.Files = append(out.Files, path)
		}
		_, err = wr.Commit(t.Context(), []lake.Output{out}, nil)
		if err != nil {
			ok(t, wr.Abort(t.Context()))
		}
		return err
	}
	old := `{"ts":"1969-12-31T23:59:59Z","값":"-0.01","name":"가나","id":1}`
	ok(t, put("1", lake.Append, []string{old, `{"ts":"1969-12-31T00:00:00Z","값":"-1.00","name":"가","id":2}`}, []string{`{"ts":null,"값":null,"name":null,"id":null}`},
		[]string{`{"ts":"2014-03-01T00:00:00Z","값":"1.99","name":"x","id":3}`, `{"ts":"2014-03-01T23:00:00Z","값":"1.00","name":"xyz","id":3}`}))
	shown := func() string {
		list, err := w.lake.DataFiles(t.Context(), n)
		ok(t, err)
		var out []string
		for _, f := range list {
			var parts []string
			for _, k := range by {
				v := "NULL"
				if p := f.Partition[k]; p != nil {
					v = *p
				}
				parts = append(parts, v)
			}
			out = append(out, strings.Join(parts, " "))
		}
		return strings.Join(out, "\n")
	}
	want := "1969-12-31 -1.00 가 0\nNULL NULL NULL NULL\n2014-03-01 1.00 x 3"
	if got := shown(); got != want {
		t.Errorf("%s\nwant:\n%s", got, want)
	}
	for what, rows := range map[string][]string{
		"day(ts)": {old, `{"ts":"1970-01-01T00:00:00Z","값":"-0.01","name":"가나","id":1}`}, "truncate(100, 값)": {old, `{"ts":"1969-12-31T00:00:00Z","값":"0.00","name":"가나","id":1}`},
		"truncate(1, name)": {old, `{"ts":"1969-12-31T00:00:00Z","값":"-0.01","name":"나","id":1}`}, "bucket(4, id)": {old, `{"ts":"1969-12-31T00:00:00Z","값":"-0.01","name":"가나","id":3}`},
		"NULL": {old, `{"ts":"1969-12-31T00:00:00Z","값":"-0.01","name":"가나","id":null}`},
	} {
		if err := put("mixed "+what, lake.Append, rows); err == nil || !strings.Contains(err.Error(), "more than one value") {
			t.Errorf("a file of two values of %s: %v", what, err)
		}
	}
	ok(t, put("2", lake.OverwritePartitions, []string{`{"ts":"1969-12-31T12:00:00Z","값":"-0.50","name":"가","id":2}`}, []string{`{"ts":null,"값":null,"name":null,"id":null}`}))
	info, err := w.lake.Table(t.Context(), n)
	ok(t, err)
	if info.Rows != 4 || info.Files != 3 {
		t.Errorf("%d rows in %d files after replacing two partitions", info.Rows, info.Files)
	}
	before := shown()
	w.close()
	w.moveTo(filepath.Join(t.TempDir(), "moved"))
	if got := shown(); got != before {
		t.Errorf("moved:\n%s\nwant:\n%s", got, before)
	}
}

// TestEmptyTextHasBounds reads the manifest list as other programs do: a missing
// bound says that a field has NULLs only.
func TestEmptyTextHasBounds(t *testing.T) {
	w := newWorld(t)
	w.put("1", lake.Append, row{str(""), 1, 1}, row{nil, 1, 2})
	w.put("2", lake.Append, row{str("가"), 1, 3})
	doc, err := w.lake.LoadDoc(t.Context(), orders)
	ok(t, err)
	meta, err := table.ParseMetadataBytes(doc.Metadata)
	ok(t, err)
	list, err := meta.CurrentSnapshot().Manifests(lake.NewIO(nil)(meta.Location()))
	ok(t, err)
	if len(list) != 2 {
		t.Fatalf("%d manifests", len(list))
	}
	for _, m := range list {
		s := m.Partitions()[0]
		if s.LowerBound == nil || s.UpperBound == nil || string(*s.LowerBound) != string(*s.UpperBound) {
			t.Errorf("bounds %v of %s", s, m.FilePath())
		}
	}
	same(t, w.ids(), 1, 2, 3)
}
