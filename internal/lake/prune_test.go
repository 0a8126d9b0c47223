package lake_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/port"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestScanPrunesOnlyWhatCannotMatch holds planned files against what the
// predicate says of the rows in them.
func TestScanPrunesOnlyWhatCannotMatch(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t)
	n := lake.Name{Database: "silver", Table: "prune"}
	described := []base.Field{field("지역", base.String), field("dt", base.Date), field("open", base.Boolean), field("n", base.Int), field("name", base.String), field("id", base.Long)}
	type part struct {
		dir, region, dt, open string
		rows                  []string
	}
	parts := []part{
		{"a", `"서울"`, `"2014-01-02"`, "true", []string{`"n":1,"name":"가나다라마바사아자차카타파하가나다1","id":1`, `"n":5,"name":"가나다라마바사아자차카타파하가나다9","id":2`}},
		{"b", `"부산"`, `"2014-01-02"`, "false", []string{`"n":10,"name":null,"id":3`}},
		{"c", `null`, `"2015-12-31"`, "true", []string{`"n":null,"name":"z","id":4`}},
		{"d", `""`, `null`, "null", []string{`"n":-7,"name":"","id":5`}},
	}
	wr, err := w.lake.Begin(ctx, "1", []lake.Target{{Table: n, Mode: lake.Append, PartitionBy: []string{"지역", "dt", "open"}}})
	ok(t, err)
	p, err := wr.Prepare(ctx, 0, described)
	ok(t, err)
	var made []string
	for _, x := range parts {
		path := filepath.Join(p.Dir, x.dir, p.FilePrefix+x.dir+".parquet")
		var rows []string
		for _, r := range x.rows {
			rows = append(rows, fmt.Sprintf(`{"지역":%s,"dt":%s,"open":%s,%s}`, x.region, x.dt, x.open, r))
		}
		writeFile(t, p.Fields, path, rows...)
		made = append(made, path)
	}
	_, err = wr.Commit(ctx, []lake.Output{{Files: made}}, nil)
	ok(t, err)

	check := func(label string, where port.Predicate, want ...int64) {
		t.Helper()
		v, err := w.lake.Pin(ctx, []lake.Name{n})
		ok(t, err)
		defer v.Release()
		s, err := v.Scan(ctx, n, where)
		ok(t, err)
		if got := ids(t, s); !slices.Equal(got, want) {
			t.Errorf("%s: files with ids %v, want %v", label, got, want)
		}
		if s.TotalFiles != 4 || s.TotalBytes < s.Bytes {
			t.Errorf("%s: totals %d files, %d of %d bytes", label, s.TotalFiles, s.Bytes, s.TotalBytes)
		}
	}
	all := []int64{1, 2, 3, 4, 5}
	eq := func(c string, v any) port.Predicate { return port.Compare{Column: c, Op: port.Eq, Value: v} }
	cmp := func(c string, op port.Op, v any) port.Predicate { return port.Compare{Column: c, Op: op, Value: v} }
	check("all", nil, all...)
	check("region", eq("지역", "서울"), 1, 2)
	check("empty text is not NULL", eq("지역", ""), 5)
	check("NULL", port.IsNull{Column: "지역"}, 4)
	check("not NULL", port.IsNull{Column: "지역", Not: true}, 1, 2, 3, 5)
	check("date", eq("dt", day("2014-01-02")), 1, 2, 3)
	check("date before", cmp("DT", port.Lt, day("2015-01-01")), 1, 2, 3)
	check("a date with a time of day is not converted", eq("dt", day("2014-01-02").Add(time.Hour)), all...)
	check("boolean", eq("open", false), 3)
	check("int range", cmp("n", port.Ge, int64(6)), 3)
	check("int by decimal", eq("n", port.Decimal("10.0")), 3)
	check("int by fraction is not converted", cmp("n", port.Gt, 5.5), all...)
	check("int out of range is not converted", cmp("n", port.Lt, int64(1)<<40), all...)
	check("long text past the cut bounds", eq("name", "가나다라마바사아자차카타파하가나다5"), 1, 2, 5) // iceberg-go has no bounds for ''
	check("in", port.In{Column: "지역", Values: []any{"부산", "제주"}}, 3)
	check("or over a text partition and another column", port.Or{eq("지역", "부산"), eq("n", int64(-7))}, all...)
	check("or over two columns", port.Or{eq("dt", day("2015-12-31")), eq("n", int64(-7))}, 4, 5)
	check("or over one text partition", port.Or{eq("지역", "부산"), port.IsNull{Column: "지역"}}, 3, 4)
	check("or with an unknown term", port.Or{eq("지역", "부산"), eq("none", "x")}, all...)
	check("and with an unknown term", port.And{eq("지역", "부산"), eq("none", "x")}, 3)
	check("empty or", port.Or{})
	check("different", cmp("지역", port.Ne, "서울"), 3, 5)
	check("text range", cmp("지역", port.Lt, "서울"), 3, 5)
	check("text range and int", port.And{cmp("지역", port.Le, "서울"), cmp("n", port.Ge, int64(1))}, 1, 2, 3)

	// Widening a column keeps old bounds readable.
	wr, err = w.lake.Begin(ctx, "2", []lake.Target{{Table: n, Mode: lake.Append}})
	ok(t, err)
	described[3] = field("n", base.Long)
	_, err = wr.Prepare(ctx, 0, described)
	ok(t, err)
	_, err = wr.Commit(ctx, []lake.Output{{}}, nil)
	ok(t, err)
	check("widened", cmp("n", port.Ge, int64(6)), 3)
	check("widened, below", cmp("n", port.Lt, int64(0)), 5)
	check("widened, large", cmp("n", port.Lt, int64(1)<<40), 1, 2, 3, 5) // the fourth is NULL

	// Partition values survive a move of the lake, dates and NULLs included.
	before, err := w.lake.DataFiles(ctx, n)
	ok(t, err)
	w.close()
	w.moveTo(filepath.Join(t.TempDir(), "moved"))
	after, err := w.lake.DataFiles(ctx, n)
	ok(t, err)
	for i := range before {
		for k, x := range before[i].Partition {
			y := after[i].Partition[k]
			if (x == nil) != (y == nil) || x != nil && *x != *y {
				t.Errorf("partition %s of %s changed", k, after[i].Path)
			}
		}
	}
	check("moved: date", eq("dt", day("2014-01-02")), 1, 2, 3)
	check("moved: NULL", port.IsNull{Column: "지역"}, 4)
	check("moved: widened", cmp("n", port.Ge, int64(6)), 3)
}
