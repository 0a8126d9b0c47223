package lake_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func parsed(t *testing.T, d lake.Doc) table.Metadata {
	t.Helper()
	m, err := table.ParseMetadataBytes(d.Metadata)
	ok(t, err)
	return m
}

// TestFilesAreNamedAsTheirFoldersAreSpelled reads what we wrote as programs do
// that take paths literally.
func TestFilesAreNamedAsTheirFoldersAreSpelled(t *testing.T) {
	w := newWorld(t)
	w.put("1", lake.Append, row{str("서울"), 2014, 1})
	w.put("2", lake.OverwritePartitions, row{str("서울"), 2015, 2})
	d, err := w.lake.LoadDoc(t.Context(), orders)
	ok(t, err)
	if _, err := os.Stat(d.MetadataLocation); err != nil {
		t.Error(err)
	}
	for _, s := range parsed(t, d).Snapshots() {
		list, err := s.Manifests(icebergio.LocalFS{})
		ok(t, err)
		for _, m := range list {
			for e, err := range m.Entries(icebergio.LocalFS{}, true) {
				ok(t, err)
				if _, err := os.Stat(e.DataFile().FilePath()); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestMembersThatWereRenamedAreRefused(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	n := lake.Name{Database: "silver", Table: "nested"}
	schema := func(id string, member string) string {
		return `{"type":"struct","schema-id":` + id + `,"fields":[{"id":1,"name":"s","required":false,"type":{"type":"struct","fields":[` + member + `]}}]}`
	}
	_, err := w.lake.CreateDoc(ctx, "silver", lake.NewTable{Name: "nested", Schema: json.RawMessage(schema("0", `{"id":2,"name":"시","required":false,"type":"string"}`))})
	ok(t, err)
	evolve := func(id, member string) {
		t.Helper()
		updates := `[{"action":"add-schema","schema":` + schema(id, member) + `},{"action":"set-current-schema","schema-id":-1}]`
		_, err := w.lake.CommitDocs(ctx, []lake.Change{{Name: n, Updates: json.RawMessage(updates)}})
		ok(t, err)
	}
	scan := func() error {
		v, err := w.lake.Pin(ctx, []lake.Name{n})
		ok(t, err)
		defer v.Release()
		_, err = v.Scan(ctx, n, nil)
		return err
	}
	evolve("1", `{"id":2,"name":"시","required":false,"type":"string"},{"id":3,"name":"구","required":false,"type":"string"}`)
	ok(t, scan()) // a member more is read by name
	evolve("2", `{"id":2,"name":"도시","required":false,"type":"string"},{"id":3,"name":"구","required":false,"type":"string"}`)
	wantKind(t, scan(), base.Invalid, `field "시" inside a column was renamed or replaced`)
}

func TestForeignCommitsKeepTheLakesOwnProperties(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.put("1", lake.Append, row{str("서울"), 2014, 1})
	for _, update := range []string{
		`{"action":"set-properties","updates":{"mulgil.write-id":"2"}}`,
		`{"action":"remove-properties","removals":["mulgil.write-id"]}`,
	} {
		_, err := w.lake.CommitDocs(ctx, []lake.Change{{Name: orders, Updates: json.RawMessage("[" + update + "]")}})
		wantKind(t, err, base.Invalid, "mulgil.write-id belongs to mulgil")
	}
	d, err := w.lake.CommitDocs(ctx, []lake.Change{{Name: orders, Updates: json.RawMessage(`[{"action":"set-properties","updates":{"mulgil.write-id":"1","k":"v"}}]`)}})
	ok(t, err)
	if p := parsed(t, d[0]).Properties(); p["k"] != "v" || p["mulgil.write-id"] != "1" {
		t.Error(p)
	}
	w.put("2", lake.Append, row{str("부산"), 2014, 2}) // our own writes go on
	same(t, w.ids(), 1, 2)
	if !strings.Contains(d[0].MetadataLocation, w.dir) {
		t.Error(d[0].MetadataLocation)
	}
}
