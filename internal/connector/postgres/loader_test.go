package postgres

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/jackc/pgx/v5"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// loaderTables are a parent and a child in a schema of their own, with a name
// and a comment that need quoting.
func loaderTables() []port.TableDef {
	owner := port.TableName{Schema: "loader_test", Name: "손님"}
	return []port.TableDef{
		{Name: owner, Comment: `고객 '정보' \ 데이터`, PrimaryKey: []string{"id"}, Columns: []port.ColumnDef{
			{Name: "id", SQLType: "bigint", NotNull: true, Comment: "번호"},
			{Name: `na"me`, SQLType: "varchar(10)"},
		}},
		{Name: port.TableName{Schema: "loader_test", Name: "visit"}, PrimaryKey: []string{"no"},
			ForeignKeys: []port.ForeignKey{{Name: "fk_owner", Columns: []string{"owner"}, Ref: owner, RefColumns: []string{"id"}}},
			Columns: []port.ColumnDef{
				{Name: "no", SQLType: "integer", NotNull: true}, {Name: "owner", SQLType: "bigint"},
				{Name: "amount", SQLType: "double precision"}, {Name: "paid", SQLType: "boolean"}, {Name: "photo", SQLType: "bytea"},
			}},
	}
}

// jsonRows reads rows written as JSON into the given column types.
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
	// A slice of a batch must load like a batch of its own.
	r, err := array.NewRecordReader(schema, []arrow.RecordBatch{b.NewSlice(0, 1), b.NewSlice(1, b.NumRows())})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ownerRows(t *testing.T) array.RecordReader {
	return jsonRows(t, `[{"a":1,"b":"김하나"},{"a":2,"b":null},{"a":3,"b":""}]`, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String)
}

func visitRows(t *testing.T, owner string) array.RecordReader {
	return jsonRows(t, `[{"a":1,"b":1,"c":1500.5,"d":true,"e":"AAE="},{"a":2,"b":`+owner+`,"c":null,"d":false,"e":null},{"a":-3,"b":null,"c":-0.1,"d":null,"e":""}]`,
		arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Boolean, arrow.BinaryTypes.Binary)
}

// openLoader connects to the test database and removes the schema afterwards.
func openLoader(t *testing.T) *Loader {
	t.Helper()
	address := os.Getenv("MULGIL_TEST_POSTGRES")
	if address == "" {
		t.Skip("set MULGIL_TEST_POSTGRES to the address of a PostgreSQL database to run this")
	}
	l, err := NewLoader(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := l.conn.Exec(context.Background(), "DROP SCHEMA IF EXISTS loader_test CASCADE"); err != nil {
			t.Error(err)
		}
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Error(err)
		}
	})
	return l
}

func TestLoaderFillsTablesWithKeysAndComments(t *testing.T) {
	l, ctx := openLoader(t), t.Context()
	tables := loaderTables()
	for range 2 { // the second load replaces the first
		if err := l.Create(ctx, tables); err != nil {
			t.Fatal(err)
		}
		var last base.Progress
		if n, err := l.Load(ctx, tables[0], ownerRows(t), func(p base.Progress) { last = p }); n != 3 || err != nil {
			t.Fatalf("%d rows, %v", n, err)
		}
		if last.Stage != "load loader_test.손님" || last.Rows != 3 || !last.Done {
			t.Errorf("last report %+v", last)
		}
		if n, err := l.Load(ctx, tables[1], visitRows(t, "2"), nil); n != 3 || err != nil {
			t.Fatalf("%d rows, %v", n, err)
		}
		if err := l.Finish(ctx, tables, nil); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		`SELECT string_agg(concat_ws('/', id, "na""me"), ' ' ORDER BY id) FROM loader_test.손님`:                                                  "1/김하나 2 3/",
		`SELECT string_agg(concat_ws('/', no, owner, amount, paid, encode(photo, 'hex')), ' ' ORDER BY no) FROM loader_test.visit`:              "-3/-0.1/ 1/1/1500.5/t/0001 2/2/f",
		`SELECT obj_description('loader_test.손님'::regclass)`:                                                                                    `고객 '정보' \ 데이터`,
		`SELECT col_description('loader_test.손님'::regclass, 1)`:                                                                                 "번호",
		`SELECT string_agg(pg_get_constraintdef(oid), '; ' ORDER BY contype) FROM pg_constraint WHERE conrelid = 'loader_test.visit'::regclass`: "FOREIGN KEY (owner) REFERENCES loader_test.\"손님\"(id); PRIMARY KEY (no)",
		`SELECT reltuples::text FROM pg_class WHERE oid = 'loader_test.visit'::regclass`:                                                        "3",
	} {
		var got string
		if err := l.conn.QueryRow(ctx, query).Scan(&got); err != nil || got != want {
			t.Errorf("%s\ngot  %q %v\nwant %q", query, got, err, want)
		}
	}
}

func TestLoaderRefusesWhatBreaksKeys(t *testing.T) {
	l, ctx := openLoader(t), t.Context()
	tables := loaderTables()
	if err := l.Create(ctx, tables); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Load(ctx, tables[0], ownerRows(t), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Load(ctx, tables[1], visitRows(t, "99"), nil); err != nil {
		t.Fatal(err)
	}
	if err := l.Finish(ctx, tables, nil); base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), "foreign key fk_owner") {
		t.Errorf("a visit without owner: %v", err)
	}
	if _, err := l.conn.Exec(ctx, "CREATE VIEW loader_test.v AS SELECT * FROM loader_test.visit"); err != nil {
		t.Fatal(err)
	}
	if err := l.Create(ctx, tables); base.KindOf(err) != base.Conflict {
		t.Errorf("a view depends on the table: %v", err)
	}
}

func TestLoaderKeepsOldRowsWhenALoadFails(t *testing.T) {
	l, ctx := openLoader(t), t.Context()
	tables := loaderTables()
	if err := l.Create(ctx, tables); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Load(ctx, tables[0], ownerRows(t), nil); err != nil {
		t.Fatal(err)
	}
	long := jsonRows(t, `[{"a":7,"b":"ok"},{"a":8,"b":"longer than ten"}]`, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String)
	if _, err := l.Load(ctx, tables[0], long, nil); base.KindOf(err) != base.Invalid {
		t.Errorf("text too long: %v", err)
	}
	odd := jsonRows(t, `[{"a":7,"b":"ok"},{"a":8,"b":"x"}]`, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.LargeString)
	if _, err := l.Load(ctx, tables[0], odd, nil); base.KindOf(err) != base.Invalid {
		t.Errorf("type without encoding: %v", err)
	}
	var n int
	if err := l.conn.QueryRow(ctx, "SELECT count(*) FROM loader_test.손님").Scan(&n); err != nil || n != 3 {
		t.Errorf("%d rows left, %v", n, err)
	}
}

func TestLoaderStopsWhenCancelled(t *testing.T) {
	l := openLoader(t)
	tables := loaderTables()
	if err := l.Create(t.Context(), tables); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := l.Load(ctx, tables[0], &endless{RecordReader: ownerRows(t), after: cancel}, nil)
	if base.KindOf(err) != base.Canceled {
		t.Errorf("cancelled load: %v", err)
	}
	// The cleanup needs a connection again.
	if l.conn, err = pgx.Connect(t.Context(), l.conn.Config().ConnString()); err != nil {
		t.Fatal(err)
	}
}

// endless repeats a reader's first batch for ever; after is called at the hundredth.
type endless struct {
	array.RecordReader
	n     int
	after func()
}

func (e *endless) Next() bool {
	if e.n++; e.n == 100 {
		e.after()
	}
	return e.n > 1 || e.RecordReader.Next()
}

func TestLoaderAddressNeverLeaksThePassword(t *testing.T) {
	for _, address := range []string{
		"postgres://u:hush@127.0.0.1:1/db", "postgres://u:hush@127.0.0.1:notaport/db", "jdbc:postgresql://127.0.0.1:1/db?user=u&password=hush",
		"jdbc:postgresql://%zz/db?password=hush", "jdbc:mysql://h/db?password=hush", "host=127.0.0.1 port=1 password=hush sslmode=odd",
	} {
		_, err := NewLoader(t.Context(), address)
		if err == nil || strings.Contains(base.Render(err), "hush") {
			t.Errorf("%s: %v", address, err)
		}
		if k := base.KindOf(err); k != base.Unavailable && k != base.Usage {
			t.Errorf("%s: kind %s", address, k)
		}
	}
}

func TestLoaderReadsJDBCAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"postgres://u:p@h/db":                                        "postgres://u:p@h/db",
		"jdbc:postgresql://h:5433/db?user=u&password=p%40":           "postgresql://h:5433/db?password=p%40&user=u",
		"jdbc:postgresql://h/db?ssl=true&reWriteBatchedInserts=true": "postgresql://h/db?sslmode=verify-full",
		"jdbc:postgresql://h/db?sslmode=require&connectTimeout=5":    "postgresql://h/db?connect_timeout=5&sslmode=require",
	} {
		if got, err := loaderAddress(in); got != want || err != nil {
			t.Errorf("%s: got %s %v, want %s", in, got, err, want)
		}
	}
}
