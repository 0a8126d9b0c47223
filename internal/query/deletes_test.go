package query

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/iceberg-go"
	icebergio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/port"
)

// outsider is another program that writes to the lake as Iceberg's clients do.
type outsider struct {
	t      *testing.T
	lake   *lake.Lake
	engine port.Session
	dir    string
	name   lake.Name
}

func newOutsider(t *testing.T, partition string) *outsider {
	t.Helper()
	root := filepath.Join(t.TempDir(), "호수")
	store, err := sqlite.OpenStore(filepath.Join(root, "catalog.db"))
	must(t, err)
	t.Cleanup(func() { store.Close() })
	cat, err := sqlite.NewCatalog(t.Context(), store, "mulgil", lake.NewIO(nil))
	must(t, err)
	l, err := lake.Open(t.Context(), lake.Options{Root: filepath.Join(root, "lake"), Store: store, Catalog: cat, StartID: "1"})
	must(t, err)
	t.Cleanup(func() { l.Close() })
	engine, err := duckdb.Engine{}.Open(t.Context(), port.EngineConfig{Threads: 1, Memory: 256 << 20, TempDir: t.TempDir(), Dirs: []string{root}})
	must(t, err)
	t.Cleanup(func() { engine.Close() })
	must(t, l.EnsureDatabase(t.Context(), "은"))
	o := &outsider{t: t, lake: l, engine: engine, name: lake.Name{Database: "은", Table: "주문"}}
	doc, err := l.CreateDoc(t.Context(), "은", lake.NewTable{Name: "주문", Spec: json.RawMessage(partition), Schema: json.RawMessage(`{"type":"struct","schema-id":0,"fields":[
		{"id":0,"name":"id","type":"long","required":false},{"id":1,"name":"이름","type":"string","required":false},{"id":2,"name":"data_file","type":"int","required":false}]}`)})
	must(t, err)
	meta, err := icetable.ParseMetadataBytes(doc.Metadata)
	must(t, err)
	o.dir = meta.Location()
	must(t, os.MkdirAll(o.dir+"/data", 0o755))
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(base.Render(err))
	}
}

// write copies a query's rows into a file.
func (o *outsider) write(name, query, ids string) string {
	o.t.Helper()
	path := o.dir + "/data/" + name + ".parquet"
	if ids != "" {
		ids = ", FIELD_IDS " + ids
	}
	must(o.t, o.engine.Exec(o.t.Context(), "COPY ("+query+") TO '"+path+"' (FORMAT parquet"+ids+")"))
	return path
}

func (o *outsider) rows(name, query string) iceberg.DataFile {
	o.t.Helper()
	return o.file(iceberg.EntryContentData, o.write(name, query, `{id: 1, "이름": 2, data_file: 3}`)).Build()
}

func (o *outsider) file(content iceberg.ManifestEntryContent, path string) *iceberg.DataFileBuilder {
	o.t.Helper()
	b, err := iceberg.NewDataFileBuilder(*iceberg.UnpartitionedSpec, content, path, iceberg.ParquetFile, nil, nil, nil, 10, 1000)
	must(o.t, err)
	return b
}

// commit sends a transaction as a client would.
func (o *outsider) commit(change func(*icetable.Transaction) error) error {
	o.t.Helper()
	doc, err := o.lake.LoadDoc(o.t.Context(), o.name)
	must(o.t, err)
	meta, err := icetable.ParseMetadataBytes(doc.Metadata)
	must(o.t, err)
	fs := lake.NewIO(nil)(meta.Location())
	tx := icetable.New([]string{"은", "주문"}, meta, doc.MetadataLocation, func(context.Context) (icebergio.IO, error) { return fs, nil }, nil).NewTransaction()
	must(o.t, change(tx))
	c, err := tx.TableCommit()
	must(o.t, err)
	reqs, err := json.Marshal(c.Requirements)
	must(o.t, err)
	updates, err := json.Marshal(c.Updates)
	must(o.t, err)
	_, err = o.lake.CommitDocs(o.t.Context(), []lake.Change{{Name: o.name, Requirements: reqs, Updates: updates}})
	return err
}

func (o *outsider) add(files ...iceberg.DataFile) {
	o.t.Helper()
	must(o.t, o.commit(func(tx *icetable.Transaction) error {
		return tx.AddDataFiles(o.t.Context(), files, nil, icetable.WithoutAutoNameMapping())
	}))
}

// ids reads the table as statements do.
func (o *outsider) ids(column string) string {
	o.t.Helper()
	v, err := o.lake.Pin(o.t.Context(), []lake.Name{o.name})
	must(o.t, err)
	defer v.Release()
	sc, err := v.Scan(o.t.Context(), o.name, nil)
	must(o.t, err)
	r := Managed(o.name, sc)
	for _, f := range r.Files {
		if _, err := os.Stat(f); err != nil {
			o.t.Fatal(err)
		}
	}
	if r.From == "" {
		o.t.Fatal("no deletes were planned")
	}
	rows, err := o.engine.Query(o.t.Context(), "SELECT "+column+" FROM "+r.From)
	must(o.t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		x, err := rows.Values()
		must(o.t, err)
		out = append(out, fmt.Sprint(x[0]))
	}
	must(o.t, rows.Err())
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestPositionDeletesApplyHoweverThePathIsSpelled(t *testing.T) {
	o := newOutsider(t, "")
	ctx := t.Context()
	one, two := o.rows("a", "SELECT i AS id, '이름' || i AS 이름, 7 AS data_file FROM range(5) t(i)"), o.rows("b", "SELECT i AS id, NULL AS 이름, 7 AS data_file FROM range(5, 10) t(i)")
	o.add(one, two)
	for i, spelled := range []string{"file:" + one.FilePath(), "file://" + one.FilePath(), one.FilePath()} {
		p := o.write(fmt.Sprint("d", i), fmt.Sprintf("SELECT '%s' AS file_path, %d::BIGINT AS pos", spelled, i), "")
		b := o.file(iceberg.EntryContentPosDeletes, p)
		if i == 1 {
			b = b.ReferencedDataFile(spelled)
		}
		must(t, o.commit(func(tx *icetable.Transaction) error { return tx.NewRowDelta(nil).AddDeletes(b.Build()).Commit(ctx) }))
	}
	if got := o.ids("id"); got != "3 4 5 6 7 8 9" {
		t.Fatalf("ids %s", got)
	}
	if got := o.ids("DISTINCT data_file"); got != "7" {
		t.Fatalf("the table's own column data_file is %s", got)
	}
	// A row written again is another row.
	o.add(o.rows("c", "SELECT 0 AS id, '다시' AS 이름, 7 AS data_file"))
	if got := o.ids("id"); got != "0 3 4 5 6 7 8 9" {
		t.Fatalf("ids %s", got)
	}
}

func TestEqualityDeletesApplyToOlderRows(t *testing.T) {
	o := newOutsider(t, "")
	ctx := t.Context()
	o.add(o.rows("a", "SELECT i AS id, CASE WHEN i < 6 THEN '이름' || i END AS 이름, 7 AS data_file FROM range(8) t(i)"))
	del := o.write("k", "SELECT * FROM (VALUES ('이름1'), (NULL)) t(이름)", `{"이름": 2}`)
	again := o.rows("b", "SELECT 100 AS id, '이름1' AS 이름, 7 AS data_file")
	must(t, o.commit(func(tx *icetable.Transaction) error {
		return tx.NewRowDelta(nil).AddRows(again).AddDeletes(o.file(iceberg.EntryContentEqDeletes, del).EqualityFieldIDs([]int{2}).Build()).Commit(ctx)
	}))
	if got := o.ids("id"); got != "0 100 2 3 4 5" {
		t.Fatalf("ids %s", got)
	}
	both := o.write("k2", "SELECT 2::BIGINT AS id, '이름2' AS 이름 UNION ALL SELECT 3, '이름4'", `{id: 1, "이름": 2}`)
	pos := o.write("p", "SELECT '"+o.dir+"/data/a.parquet' AS file_path, 5::BIGINT AS pos", "")
	must(t, o.commit(func(tx *icetable.Transaction) error {
		return tx.NewRowDelta(nil).AddDeletes(o.file(iceberg.EntryContentEqDeletes, both).EqualityFieldIDs([]int{1, 2}).Build(), o.file(iceberg.EntryContentPosDeletes, pos).Build()).Commit(ctx)
	}))
	if got := o.ids("id"); got != "0 100 3 4" {
		t.Fatalf("ids %s", got)
	}
	// The compared column is dropped: its deletes still hold.
	must(t, o.commit(func(tx *icetable.Transaction) error {
		return tx.UpdateSchema(true, true).DeleteColumn([]string{"이름"}).Commit()
	}))
	if got := o.ids("id"); got != "0 100 3 4" {
		t.Fatalf("ids %s", got)
	}
}

func TestFilesThatCannotBeReadAreRefusedByName(t *testing.T) {
	o := newOutsider(t, "")
	plain := o.file(iceberg.EntryContentData, o.write("a", "SELECT 1::BIGINT AS id", "")).Build()
	// adding a file as it is makes a name mapping
	must(t, o.commit(func(tx *icetable.Transaction) error {
		return tx.AddDataFiles(t.Context(), []iceberg.DataFile{plain}, nil)
	}))
	v, err := o.lake.Pin(t.Context(), []lake.Name{o.name})
	must(t, err)
	defer v.Release()
	if _, err = v.Scan(t.Context(), o.name, nil); err == nil || !strings.Contains(err.Error(), "a.parquet has no field ids") {
		t.Fatalf("scan: %v", err)
	}
	orc, err := iceberg.NewDataFileBuilder(*iceberg.UnpartitionedSpec, iceberg.EntryContentData, plain.FilePath(), iceberg.OrcFile, nil, nil, nil, 1, 1)
	must(t, err)
	err = o.commit(func(tx *icetable.Transaction) error {
		return tx.AddDataFiles(t.Context(), []iceberg.DataFile{orc.Build()}, nil, icetable.WithoutDuplicateCheck())
	})
	if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), "is ORC: the lake's files are Parquet") {
		t.Fatalf("commit of an ORC file: %v", err)
	}
}
