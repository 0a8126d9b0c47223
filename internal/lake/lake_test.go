package lake_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
)

// world is a lake in a folder of its own.
type world struct {
	t     *testing.T
	dir   string
	opt   lake.Options
	store *sqlite.Store
	lake  *lake.Lake
}

func newWorld(t *testing.T, change ...func(*lake.Options)) *world {
	t.Helper()
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "프로젝트 하나")}
	w.open(change...)
	ok(t, w.lake.EnsureDatabase(t.Context(), "silver"))
	return w
}

// options opens the store and the catalog in w.dir.
func (w *world) options(change ...func(*lake.Options)) lake.Options {
	w.t.Helper()
	store, err := sqlite.OpenStore(filepath.Join(w.dir, "catalog.db"))
	ok(w.t, err)
	w.store = store
	w.t.Cleanup(func() { store.Close() })
	w.opt = lake.Options{Root: filepath.Join(w.dir, "lake"), Store: store, StartID: uuid.NewString(),
		Resolve: func(uri string) (string, error) { return filepath.Join(w.dir, strings.TrimPrefix(uri, "s3://")), nil }}
	for _, c := range change {
		c(&w.opt)
	}
	cat, err := sqlite.NewCatalog(w.t.Context(), store, "mulgil", lake.NewIO(w.opt.Observe))
	ok(w.t, err)
	w.opt.Catalog = cat
	return w.opt
}

func (w *world) open(change ...func(*lake.Options)) {
	w.t.Helper()
	l, err := lake.Open(w.t.Context(), w.options(change...))
	ok(w.t, err)
	w.lake = l
	w.t.Cleanup(func() { l.Close() })
}

func (w *world) close() {
	ok(w.t, w.lake.Close())
	ok(w.t, w.store.Close())
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(base.Render(err))
	}
}

func wantKind(t *testing.T, err error, kind base.Kind, text string) {
	t.Helper()
	if err == nil || base.KindOf(err) != kind || !strings.Contains(base.Render(err), text) {
		t.Fatalf("error %v (%s), want %s with %q", err, base.KindOf(err), kind, text)
	}
}

var orders = lake.Name{Database: "silver", Table: "주문"}

// row is (store, year, id, amount); a nil store is NULL.
type row struct {
	store *string
	year  int64
	id    int64
}

func str(s string) *string { return &s }

var orderFields = []base.Field{
	{Name: "store", Type: base.Type{ID: base.String}, Comment: "매장"},
	{Name: "year", Type: base.Type{ID: base.Long}},
	{Name: "id", Type: base.Type{ID: base.Long}},
	{Name: "tags", Type: base.ListOf(base.Type{ID: base.String})},
}

func arrowField(f base.Field) arrow.Field {
	var t arrow.DataType
	switch f.Type.ID {
	case base.String:
		t = arrow.BinaryTypes.String
	case base.Long:
		t = arrow.PrimitiveTypes.Int64
	case base.Int:
		t = arrow.PrimitiveTypes.Int32
	case base.Date:
		t = arrow.FixedWidthTypes.Date32
	case base.Boolean:
		t = arrow.FixedWidthTypes.Boolean
	case base.List:
		t = arrow.ListOfField(arrowField(f.Type.Fields[0]))
	case base.Timestamp:
		t = arrow.FixedWidthTypes.Timestamp_us
	case base.Decimal:
		t = &arrow.Decimal128Type{Precision: int32(f.Type.Precision), Scale: int32(f.Type.Scale)}
	default:
		panic(f.Type.String())
	}
	return arrow.Field{Name: f.Name, Type: t, Nullable: !f.Required, Metadata: arrow.NewMetadata([]string{"PARQUET:field_id"}, []string{strconv.Itoa(f.ID)})}
}

// writeFile writes rows of JSON under a plan's fields.
func writeFile(t *testing.T, fields []base.Field, path string, rows ...string) {
	t.Helper()
	ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
	list := make([]arrow.Field, len(fields))
	for i, f := range fields {
		list[i] = arrowField(f)
	}
	schema := arrow.NewSchema(list, nil)
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader("["+strings.Join(rows, ",")+"]"))
	ok(t, err)
	defer rec.Release()
	f, err := os.Create(path)
	ok(t, err)
	pw, err := pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(parquet.WithStats(true)), pqarrow.NewArrowWriterProperties())
	ok(t, err)
	ok(t, pw.Write(rec))
	ok(t, pw.Close())
}

func quote(s *string) string {
	if s == nil {
		return "null"
	}
	return strconv.Quote(*s)
}

// files writes rows as a writer would, one file for each partition.
func files(t *testing.T, p lake.Plan, rows []row) []string {
	t.Helper()
	by := map[string][]string{}
	for _, r := range rows {
		dir := "store=" + strings.ReplaceAll(quote(r.store), `"`, "%22")
		if len(dir) > 200 {
			dir = fmt.Sprintf("store=%x", sha256.Sum256([]byte(*r.store)))
		}
		by[dir] = append(by[dir], fmt.Sprintf(`{"store":%s,"year":%d,"id":%d,"tags":["a","나"]}`, quote(r.store), r.year, r.id))
	}
	var out []string
	for dir, list := range by {
		path := filepath.Join(p.Dir, dir, p.FilePrefix+uuid.NewString()+".parquet")
		writeFile(t, p.Fields, path, list...)
		out = append(out, path)
	}
	return out
}

// put writes rows to orders in one Write.
func (w *world) put(id string, mode lake.Mode, rows ...row) lake.Committed {
	w.t.Helper()
	c, err := w.tryPut(id, mode, rows...)
	ok(w.t, err)
	return c
}

func (w *world) tryPut(id string, mode lake.Mode, rows ...row) (lake.Committed, error) {
	ctx := context.Background()
	wr, err := w.lake.Begin(ctx, id, []lake.Target{{Table: orders, Mode: mode, PartitionBy: []string{"store"}, Comment: "주문 내역"}})
	if err != nil {
		return lake.Committed{}, err
	}
	if d := wr.Done(); d != nil {
		return d[0], nil
	}
	p, err := wr.Prepare(ctx, 0, orderFields)
	if err != nil {
		return lake.Committed{}, err
	}
	done, err := wr.Commit(ctx, []lake.Output{{Files: files(w.t, p, rows)}}, map[string]string{"mulgil.job": "j"})
	if err != nil {
		return lake.Committed{}, errors.Join(err, wr.Abort(ctx))
	}
	return done[0], nil
}

// ids reads the id column of a scan's files.
func ids(t *testing.T, s lake.Scan) []int64 {
	t.Helper()
	out := []int64{}
	for _, f := range s.Files {
		r, err := file.OpenParquetFile(f.Path, false)
		ok(t, err)
		ar, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		ok(t, err)
		tbl, err := ar.ReadTable(context.Background())
		ok(t, err)
		for i := range int(tbl.NumCols()) {
			if tbl.Column(i).Name() == "id" {
				for _, c := range tbl.Column(i).Data().Chunks() {
					out = append(out, c.(*array.Int64).Int64Values()...)
				}
			}
		}
		tbl.Release()
		ok(t, r.Close())
	}
	slices.Sort(out)
	return out
}

func (w *world) ids() []int64 {
	w.t.Helper()
	v, err := w.lake.Pin(w.t.Context(), []lake.Name{orders})
	ok(w.t, err)
	defer v.Release()
	s, err := v.Scan(w.t.Context(), orders, nil)
	ok(w.t, err)
	return ids(w.t, s)
}

func same(t *testing.T, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("ids = %v, want %v", got, want)
	}
}

// parquetFiles lists data files on disk.
func (w *world) parquetFiles() []string {
	var out []string
	_ = filepath.WalkDir(w.dir, func(p string, d os.DirEntry, err error) error {
		if strings.HasSuffix(p, ".parquet") {
			out = append(out, p)
		}
		return nil
	})
	return out
}

func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	ok(w.t, w.store.Reader().QueryRow(query, args...).Scan(&n))
	return n
}

// moveTo moves the closed world to dir and opens it there.
func (w *world) moveTo(dir string, change ...func(*lake.Options)) {
	w.t.Helper()
	ok(w.t, os.Rename(w.dir, dir))
	w.dir = dir
	o := w.options(change...)
	_, err := lake.Relocate(w.t.Context(), o)
	ok(w.t, err)
	w.lake, err = lake.Open(w.t.Context(), o)
	ok(w.t, err)
	l := w.lake
	w.t.Cleanup(func() { l.Close() })
}
