// Package sourcetest holds what every port.Source must do, run against each of
// them: one moment for all reads, exact values and NULLs, predicates that mean
// the same everywhere, and no extract that is short without an error.
//
// The suite writes its tables in SQL that PostgreSQL and SQLite both read.
package sourcetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Setup is one fresh, empty database behind a source.
type Setup struct {
	// Open returns the source; the suite closes it.
	Open func(t *testing.T) port.Source
	// Exec runs one statement in a connection of its own and commits.
	Exec func(t *testing.T, sql string)
	// SQL spells a table's name in the database's SQL.
	SQL func(name port.TableName) string
	// Kill breaks the database under its readers while an extract runs.
	Kill func(t *testing.T)
	// KillRows is how large a table must be, in rows of about 100 bytes, for
	// Kill to hit its extract in the middle.
	KillRows int
}

// Run runs the suite; setup is called for each test.
func Run(t *testing.T, setup func(t *testing.T) Setup) {
	tests := []struct {
		name string
		run  func(t *testing.T, s *suite)
	}{
		{"ReadsValuesAndNullsExactly", readsValues},
		{"ReadsColumnsInTheOrderAsked", readsColumns},
		{"AppliesPredicates", appliesPredicates},
		{"KeepsOneMomentWhileAWriterCommits", keepsMoment},
		{"ReadsAnEmptyTable", readsEmpty},
		{"DeliversEveryRowInBatches", deliversAll},
		{"ReadsTwoTablesAtOnce", readsTwo},
		{"StopsWhenReleasedEarly", stopsEarly},
		{"StopsWhenTheContextEnds", stopsOnCancel},
		{"DescribesTables", describes},
		{"NamesNearMisses", namesNearMisses},
		{"NeverEndsNormallyWhenTheSourceDies", endsInError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &suite{Setup: setup(t)}
			s.src = s.Open(t)
			t.Cleanup(func() { s.src.Close() })
			tt.run(t, s)
		})
	}
}

type suite struct {
	Setup
	src port.Source
}

var items = port.TableName{Schema: "retail", Name: "items"}

func (s *suite) begin(t *testing.T) port.Snapshot {
	t.Helper()
	snap, err := s.src.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { snap.Close() })
	return snap
}

// exec runs a statement in which %T stands for the items table.
func (s *suite) exec(t *testing.T, sql string) {
	t.Helper()
	s.Exec(t, strings.ReplaceAll(sql, "%T", s.SQL(items)))
}

// fill makes a table of n rows: id 1..n, a text, a number that is NULL in every tenth row.
func (s *suite) fill(t *testing.T, name port.TableName, n int) {
	t.Helper()
	s.Exec(t, "CREATE TABLE "+s.SQL(name)+` (id bigint PRIMARY KEY, label text, amount double precision)`)
	s.Exec(t, fmt.Sprintf(`INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT i, 'row number ' || i || ' of a table with some text in it, so that it is about a hundred bytes wide', CASE WHEN i %% 10 = 0 THEN NULL ELSE i * 0.5 END FROM n`, s.SQL(name), n))
}

// rows reads everything as text, NULL as "NULL", checking the stream's end.
func rows(t *testing.T, snap port.Snapshot, spec port.ReadSpec) []string {
	t.Helper()
	st, err := snap.Read(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Release()
	var out []string
	for st.Next() {
		rec := st.RecordBatch()
		for r := range int(rec.NumRows()) {
			out = append(out, rowText(rec, r))
		}
	}
	if st.Err() != nil {
		t.Fatal(st.Err())
	}
	if st.Total() != int64(len(out)) {
		t.Fatalf("Total is %d, received %d rows", st.Total(), len(out))
	}
	slices.Sort(out)
	return out
}

func rowText(rec arrow.RecordBatch, r int) string {
	cells := make([]string, rec.NumCols())
	for c := range cells {
		cells[c] = "NULL"
		if col := rec.Column(c); !col.IsNull(r) {
			cells[c] = col.ValueStr(r)
		}
	}
	return strings.Join(cells, "|")
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func readsValues(t *testing.T, s *suite) {
	s.exec(t, `CREATE TABLE %T (id integer PRIMARY KEY, big bigint, name varchar(20), price numeric(12,2), ratio double precision, ok boolean, day date, at timestamp)`)
	s.exec(t, `INSERT INTO %T VALUES (1, 9007199254740993, '서울 "강남" ''점''', -1234567.89, 0.1, true, '2014-01-01', '2014-01-01 09:30:00.5')`)
	s.exec(t, `INSERT INTO %T (id) VALUES (2)`)
	s.exec(t, `INSERT INTO %T VALUES (3, -1, '', 0, -0.5, false, '1969-12-31', '1969-12-31 23:59:59.999999')`)
	snap := s.begin(t)
	same(t, rows(t, snap, port.ReadSpec{Table: items}),
		`1|9007199254740993|서울 "강남" '점'|-1234567.89|0.1|true|2014-01-01|2014-01-01T09:30:00.5`,
		`2|NULL|NULL|NULL|NULL|NULL|NULL|NULL`,
		`3|-1||0|-0.5|false|1969-12-31|1969-12-31T23:59:59.999999`)
	st, err := snap.Describe(context.Background(), items)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, f := range st.Fields {
		types = append(types, f.Type.String())
	}
	if got := strings.Join(types, " "); got != "int bigint string decimal(12,2) double boolean date timestamp" && got != "bigint bigint string decimal(12,2) double boolean date timestamp" {
		t.Errorf("types are %s", got)
	}
}

func readsColumns(t *testing.T, s *suite) {
	s.exec(t, `CREATE TABLE %T (a integer, "상품 명" text, c integer)`)
	s.exec(t, `INSERT INTO %T VALUES (1, '우유', 3)`)
	snap := s.begin(t)
	spec := port.ReadSpec{Table: items, Columns: []string{"c", "상품 명"}}
	same(t, rows(t, snap, spec), "3|우유")
	st, err := snap.Read(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Release()
	if p := st.Pushed(); !strings.Contains(p, `"상품 명"`) || strings.Contains(p, `"a"`) {
		t.Errorf("pushed %s", p)
	}
}

func readsEmpty(t *testing.T, s *suite) {
	s.exec(t, `CREATE TABLE %T (a integer, b text)`)
	snap := s.begin(t)
	same(t, rows(t, snap, port.ReadSpec{Table: items}))
	same(t, rows(t, snap, port.ReadSpec{Table: items, Where: port.IsNull{Column: "a"}}))
}

func keepsMoment(t *testing.T, s *suite) {
	s.fill(t, items, 1000)
	snap := s.begin(t)
	s.exec(t, `UPDATE %T SET amount = -1`)
	s.exec(t, `DELETE FROM %T WHERE id <= 500`)
	s.exec(t, `INSERT INTO %T VALUES (5000, 'late', 1)`)
	got := rows(t, snap, port.ReadSpec{Table: items, Columns: []string{"id", "amount"}})
	if len(got) != 1000 || !slices.Contains(got, "1|0.5") || slices.Contains(got, "5000|1") {
		t.Errorf("%d rows, not those of the snapshot", len(got))
	}
	if got := rows(t, s.begin(t), port.ReadSpec{Table: items}); len(got) != 501 {
		t.Errorf("a later snapshot has %d rows, want 501", len(got))
	}
}

func deliversAll(t *testing.T, s *suite) {
	const n = 150_000
	s.fill(t, items, n)
	var last base.Progress
	st, err := s.begin(t).Read(context.Background(), port.ReadSpec{Table: items, Report: func(p base.Progress) {
		if p.Done {
			last = p
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Release()
	seen := make([]bool, n+1)
	var total, sum, nulls, batches int64
	for st.Next() {
		rec := st.RecordBatch()
		ids, amount := rec.Column(0).(*array.Int64), rec.Column(2).(*array.Float64)
		for r := range int(rec.NumRows()) {
			if id := ids.Value(r); id < 1 || id > n || seen[id] {
				t.Fatalf("id %d twice or out of range", id)
			}
			seen[ids.Value(r)] = true
			if amount.IsNull(r) {
				nulls++
			} else {
				sum += int64(2 * amount.Value(r))
			}
		}
		total += rec.NumRows()
		batches++
	}
	if st.Err() != nil || total != n || st.Total() != n || nulls != n/10 || batches < 2 {
		t.Errorf("%d rows of %d, total %d, %d NULLs in %d batches: %v", total, n, st.Total(), nulls, batches, st.Err())
	}
	if want := int64(n)*(n+1)/2 - 10*int64(n/10)*(n/10+1)/2; sum != want {
		t.Errorf("sum is %d, want %d", sum, want)
	}
	st.Release()
	if !last.Done || last.Rows != n || last.Failed || last.Stage != "extract retail.items" {
		t.Errorf("last progress is %+v", last)
	}
}

func readsTwo(t *testing.T, s *suite) {
	other := port.TableName{Schema: "retail", Name: "other"}
	s.fill(t, items, 70_000)
	s.fill(t, other, 70_000)
	snap := s.begin(t)
	var streams []port.Stream
	for _, n := range []port.TableName{items, other} {
		st, err := snap.Read(context.Background(), port.ReadSpec{Table: n})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Release()
		streams = append(streams, st)
	}
	counts := []int64{0, 0}
	for more := true; more; {
		more = false
		for i, st := range streams {
			if st.Next() {
				counts[i] += st.RecordBatch().NumRows()
				more = true
			} else if st.Err() != nil {
				t.Fatal(st.Err())
			}
		}
	}
	if counts[0] != 70_000 || counts[1] != 70_000 {
		t.Errorf("got %v rows", counts)
	}
}
