package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

func loaderTables() []port.TableDef {
	owner := port.TableName{Schema: "shop", Name: "손님"}
	return []port.TableDef{
		{Name: owner, Comment: "고객 '정보'", PrimaryKey: []string{"id"}, Columns: []port.ColumnDef{
			{Name: "id", SQLType: "bigint", NotNull: true, Comment: "번호"},
			{Name: `na"me`, SQLType: "varchar(10)"},
		}},
		{Name: port.TableName{Schema: "shop", Name: "visit"}, PrimaryKey: []string{"no"},
			ForeignKeys: []port.ForeignKey{{Name: "fk_owner", Columns: []string{"owner"}, Ref: owner, RefColumns: []string{"id"}}},
			Columns: []port.ColumnDef{
				{Name: "no", SQLType: "integer", NotNull: true}, {Name: "owner", SQLType: "bigint"},
				{Name: "amount", SQLType: "double precision"}, {Name: "paid", SQLType: "boolean"}, {Name: "photo", SQLType: "blob"},
			}},
	}
}

func jsonRows(t *testing.T, text string, types ...arrow.DataType) array.RecordReader {
	t.Helper()
	fields := make([]arrow.Field, len(types))
	for i, typ := range types {
		fields[i] = arrow.Field{Name: string(rune('a' + i)), Type: typ, Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := array.NewRecordReader(schema, []arrow.RecordBatch{b.NewSlice(0, 1), b.NewSlice(1, b.NumRows())})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fill creates and loads both tables, the second's row 2 referring to owner.
func fill(t *testing.T, l *Loader, owner string) []port.TableDef {
	t.Helper()
	tables := loaderTables()
	if err := l.Create(t.Context(), tables); err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for i := range 21 { // some statements hold eight rows, some one
		fmt.Fprintf(&rows, `{"a":%d,"b":"김하나"},`, i+1)
	}
	owners := jsonRows(t, "["+rows.String()+`{"a":22,"b":null}]`, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String)
	var last base.Progress
	if n, err := l.Load(t.Context(), tables[0], owners, func(p base.Progress) { last = p }); n != 22 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	if last.Stage != "load shop.손님" || last.Rows != 22 || !last.Done {
		t.Errorf("last report %+v", last)
	}
	visits := jsonRows(t, `[{"a":1,"b":1,"c":1500.5,"d":true,"e":"AAE="},{"a":2,"b":`+owner+`,"c":null,"d":false,"e":null}]`,
		arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Boolean, arrow.BinaryTypes.Binary)
	if n, err := l.Load(t.Context(), tables[1], visits, nil); n != 2 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	return tables
}

func newLoader(t *testing.T, path string) *Loader {
	t.Helper()
	l, err := NewLoader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Error(err)
		}
	})
	return l
}

// ask runs queries on the file and compares their one text.
func ask(t *testing.T, path string, want map[string]string) {
	t.Helper()
	db, err := sql.Open("sqlite", DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range want {
		var got sql.NullString
		if err := db.QueryRow(query).Scan(&got); err != nil || got.String != want {
			t.Errorf("%s\ngot  %q %v\nwant %q", query, got.String, err, want)
		}
	}
}

// loaded is what a finished load answers.
func loaded() map[string]string {
	return map[string]string{
		`SELECT count(*) || ' ' || count("na""me") FROM "shop.손님"`:                                   "22 21",
		`SELECT group_concat(no || typeof(amount) || paid || quote(photo), ' ') FROM "shop.visit"`:   "1real1X'0001' 2null0NULL",
		`SELECT group_concat(name || type || pk, ' ') FROM pragma_table_info('shop.visit') WHERE pk`: "noINTEGER1",
		`SELECT "table" || "from" || "to" FROM pragma_foreign_key_list('shop.visit')`:                "shop.손님ownerid",
		`SELECT comment FROM mulgil_comments WHERE table_name = 'shop.손님' AND column_name = ''`:      "고객 '정보'",
		`SELECT comment FROM mulgil_comments WHERE table_name = 'shop.손님' AND column_name = 'id'`:    "번호",
		`SELECT count(*) FROM mulgil_comments`:                                                       "2",
		`SELECT count(*) > 0 FROM sqlite_stat1`:                                                      "1",
		`PRAGMA integrity_check`:                                                                     "ok",
	}
}

func TestLoaderFillsANewFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "가게 #1?.db")
	l := newLoader(t, path)
	tables := fill(t, l, "22")
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file shows before it is complete: %v", err)
	}
	if err := l.Finish(t.Context(), tables, nil); err != nil {
		t.Fatal(err)
	}
	ask(t, path, loaded())
	onlyFile(t, dir, "가게 #1?.db")
}

// withMine makes a file that has a table of its own.
func withMine(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE mine (x); INSERT INTO mine VALUES (5); CREATE TABLE "shop.visit" (old)`); err != nil {
		t.Fatal(err)
	}
}

func TestLoaderKeepsOtherTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	withMine(t, path)
	for range 2 { // the second load replaces the first
		l := newLoader(t, path)
		if err := l.Finish(t.Context(), fill(t, l, "22"), nil); err != nil {
			t.Fatal(err)
		}
	}
	ask(t, path, loaded())
	ask(t, path, map[string]string{"SELECT x FROM mine": "5"})
}

func TestUnfinishedLoadLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	fresh := newLoader(t, filepath.Join(dir, "new.db"))
	fill(t, fresh, "22")
	if err := fresh.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "shop.db")
	withMine(t, path)
	l := newLoader(t, path)
	fill(t, l, "22")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	onlyFile(t, dir, "shop.db")
	ask(t, path, map[string]string{
		"SELECT x FROM mine":                               "5",
		"SELECT group_concat(name) FROM sqlite_master":     "mine,shop.visit",
		`SELECT name FROM pragma_table_info('shop.visit')`: "old",
	})
	if err := l.Create(t.Context(), nil); err == nil {
		t.Error("a closed loader goes on")
	}
}

func TestLoaderRefusesMissingParents(t *testing.T) {
	dir := t.TempDir()
	l := newLoader(t, filepath.Join(dir, "shop.db"))
	tables := fill(t, l, "99")
	if err := l.Finish(t.Context(), tables, nil); base.KindOf(err) != base.Invalid {
		t.Errorf("a visit without owner: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestLoaderRefusesWhatItCannotWrite(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewLoader(filepath.Join(dir, "no", "shop.db")); base.KindOf(err) != base.NotFound {
		t.Errorf("missing folder: %v", err)
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := newLoader(t, text).Create(t.Context(), loaderTables()); base.KindOf(err) != base.Invalid {
		t.Errorf("text file: %v", err)
	}
	path := filepath.Join(dir, "shop.db")
	l := newLoader(t, path)
	tables := fill(t, l, "22")
	withMine(t, path)
	if err := l.Finish(t.Context(), tables, nil); base.KindOf(err) != base.Conflict {
		t.Errorf("a file appeared in its place: %v", err)
	}
	ask(t, path, map[string]string{"SELECT x FROM mine": "5"})
}

func TestLoaderStopsWhenCancelled(t *testing.T) {
	l := newLoader(t, filepath.Join(t.TempDir(), "shop.db"))
	tables := loaderTables()
	if err := l.Create(t.Context(), tables); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rows := jsonRows(t, `[{"a":1,"b":"x"},{"a":2,"b":"y"}]`, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String)
	if _, err := l.Load(ctx, tables[0], rows, nil); !errors.Is(err, context.Canceled) || base.KindOf(err) != base.Canceled {
		t.Errorf("cancelled load: %v", err)
	}
}

func TestLoaderRemovesOldLeftovers(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, ".shop.db.load-1"), filepath.Join(dir, ".shop.db.load-2")
	for _, f := range []string{old, young} {
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	newLoader(t, filepath.Join(dir, "shop.db"))
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Error("an old leftover stays")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("a load that may be alive lost its file")
	}
}

func onlyFile(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
