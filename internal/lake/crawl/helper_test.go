package crawl_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake/crawl"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/port"
)

// start is when every test's clock begins.
var start = time.Date(2022, 8, 19, 8, 1, 25, 0, time.UTC)

// bench is a lake folder, both stores and a clock that stands still.
type bench struct {
	t       *testing.T
	dir     string // of bucket "lake"
	state   port.Store
	tables  *external.Store
	clock   *base.FakeClock
	options crawl.Options
}

func newBench(t *testing.T) *bench {
	t.Helper()
	root := t.TempDir()
	b := &bench{t: t, dir: filepath.Join(root, "lake"), clock: base.NewFakeClock(start)}
	open := func(name string) port.Store {
		s, err := sqlite.OpenStore(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	b.state = open("state.db")
	var err error
	if b.tables, err = external.New(context.Background(), open("catalog.db"), b.clock); err != nil {
		t.Fatal(err)
	}
	b.options = crawl.Options{State: b.state, Tables: b.tables, Clock: b.clock, Resolve: func(uri string) (string, error) {
		for _, p := range []string{"s3://lake", "s3a://lake"} {
			if rest, ok := strings.CutPrefix(uri, p); ok {
				return filepath.Join(b.dir, filepath.FromSlash(rest)), nil
			}
		}
		return "", base.Errorf(base.NotFound, "no bucket for %s", uri)
	}}
	return b
}

func (b *bench) service(defs ...crawl.Definition) *crawl.Service {
	b.t.Helper()
	b.options.Definitions = defs
	s, err := crawl.New(context.Background(), b.options)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { s.Close() })
	return s
}

// crawl runs a crawler to its end and demands success.
func (b *bench) crawl(s *crawl.Service, name string) crawl.Run {
	b.t.Helper()
	r := b.ended(s, name)
	if r.Status != crawl.Succeeded {
		b.t.Fatalf("crawl %s: %s %s\n%s", name, r.Status, r.Error, strings.Join(r.Log, "\n"))
	}
	return r
}

func (b *bench) ended(s *crawl.Service, name string) crawl.Run {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	id, err := s.Start(ctx, name)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := s.Wait(ctx, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// columns writes a table as "db.name a:int,b:string | key:string".
func (b *bench) columns(db string) []string {
	b.t.Helper()
	list, err := b.tables.List(context.Background(), db)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, t := range list {
		line := t.Name + " " + fieldText(t.Columns)
		if len(t.PartitionKeys) > 0 {
			line += " | " + fieldText(t.PartitionKeys)
		}
		if t.Deprecated {
			line += " deprecated"
		}
		out = append(out, line)
	}
	return out
}

func fieldText(fields []base.Field) string {
	s := make([]string, len(fields))
	for i, f := range fields {
		s[i] = f.Name + ":" + external.HiveType(f.Type)
	}
	return strings.Join(s, ",")
}

// partitions writes a table's partitions as "v1/v2".
func (b *bench) partitions(db, table string) []string {
	b.t.Helper()
	list, err := b.tables.Partitions(context.Background(), db, table)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, p := range list {
		out = append(out, strings.Join(p.Values, "/"))
	}
	return out
}

func (b *bench) path(rel string) string { return filepath.Join(b.dir, filepath.FromSlash(rel)) }

func (b *bench) file(rel, content string) {
	b.t.Helper()
	if err := os.MkdirAll(filepath.Dir(b.path(rel)), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(b.path(rel), []byte(content), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) remove(rel string) {
	b.t.Helper()
	if err := os.RemoveAll(b.path(rel)); err != nil {
		b.t.Fatal(err)
	}
}

var arrowOf = map[string]arrow.DataType{
	"string": arrow.BinaryTypes.String, "int": arrow.PrimitiveTypes.Int32, "bigint": arrow.PrimitiveTypes.Int64,
	"float": arrow.PrimitiveTypes.Float32, "double": arrow.PrimitiveTypes.Float64, "boolean": arrow.FixedWidthTypes.Boolean,
	"date": arrow.FixedWidthTypes.Date32, "timestamp": &arrow.TimestampType{Unit: arrow.Microsecond},
	"timestamptz": arrow.FixedWidthTypes.Timestamp_us, "decimal(12,2)": &arrow.Decimal128Type{Precision: 12, Scale: 2},
	"decimal(14,2)": &arrow.Decimal128Type{Precision: 14, Scale: 2},
	"array<int>":    arrow.ListOf(arrow.PrimitiveTypes.Int32), "map<string,bigint>": arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64),
	"struct<a:int>": arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int32, Nullable: true}),
	"ubigint":       arrow.PrimitiveTypes.Uint64, "smallint": arrow.PrimitiveTypes.Int16,
}

// parquet writes a file with one row of NULLs; columns are "name type" pairs.
func (b *bench) parquet(rel string, columns ...string) {
	b.t.Helper()
	var fields []arrow.Field
	for _, c := range columns {
		name, typ, _ := strings.Cut(c, " ")
		dt, ok := arrowOf[typ]
		if !ok {
			b.t.Fatalf("no arrow type for %q", typ)
		}
		fields = append(fields, arrow.Field{Name: name, Type: dt, Nullable: true})
	}
	schema := arrow.NewSchema(fields, nil)
	if err := os.MkdirAll(filepath.Dir(b.path(rel)), 0o755); err != nil {
		b.t.Fatal(err)
	}
	f, err := os.Create(b.path(rel))
	if err != nil {
		b.t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		b.t.Fatal(err)
	}
	rb := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer rb.Release()
	for _, fb := range rb.Fields() {
		fb.AppendNull()
	}
	rec := rb.NewRecordBatch()
	defer rec.Release()
	if err := w.Write(rec); err != nil {
		b.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
}

// watchedFS notes every folder listed and file opened, and can hold a listing.
type watchedFS struct {
	crawl.OS
	mu      sync.Mutex
	touched []string
	gate    chan struct{} // if set, every ReadDir waits for it to be closed
	reached chan struct{} // receives when a ReadDir arrives at the gate
}

func (w *watchedFS) note(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touched = append(w.touched, name)
}

func (w *watchedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	w.note(name)
	if w.gate != nil {
		select {
		case w.reached <- struct{}{}:
		default:
		}
		<-w.gate
	}
	return w.OS.ReadDir(name)
}

func (w *watchedFS) Open(name string) (crawl.File, error) {
	w.note(name)
	return w.OS.Open(name)
}

// below returns the touched paths that are dir or lie below it.
func (w *watchedFS) below(dir string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, p := range w.touched {
		if p == dir || strings.HasPrefix(p, dir+string(filepath.Separator)) {
			out = append(out, p)
		}
	}
	return out
}

func (w *watchedFS) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touched = nil
}

// managedTables is a lake with fixed tables; those at, below or above the path are returned.
type managedTables []crawl.ManagedTable

func (m managedTables) Under(_ context.Context, path string) ([]crawl.ManagedTable, error) {
	var out []crawl.ManagedTable
	in := func(a, b string) bool { return a == b || strings.HasPrefix(a, b+string(filepath.Separator)) }
	for _, t := range m {
		if at := strings.TrimPrefix(t.Location, "file://"); in(at, path) || in(path, at) {
			out = append(out, t)
		}
	}
	return out, nil
}

func (b *bench) move(from, to string) {
	b.t.Helper()
	if err := os.Rename(b.path(from), b.path(to)); err != nil {
		b.t.Fatal(err)
	}
}
