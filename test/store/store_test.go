// Package store runs the convenience store's project as its users do and
// compares every table with plain SQL on the store's own database.
package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/mulgil/mulgil/test/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// expected has a table's rows as SQL on the source gives them, for the days from ?1 to ?2.
var expected = []struct{ table, lake, source string }{
	{"products", "SELECT product_cd, product_name, subcategory_cd, is_pb FROM products",
		`SELECT product_cd, product_name, subcategory_cd, is_pb FROM "RETAIL.products" WHERE ?1 <= ?2`},
	{"sales", "SELECT CAST(tr_date AS varchar), tr_time, pos_num, receipt_num, product_cd, qty, CAST(mount AS bigint), sex, age_group FROM sales",
		`SELECT tr_date, tr_time, pos_num, receipt_num, product_cd, qty, CAST(mount AS integer), sex, age_group FROM "RETAIL.transaction_order" WHERE tr_date BETWEEN ?1 AND ?2`},
	{"balju", "SELECT CAST(balju_date AS varchar), product_cd, balju_qty, refund_qty, disposal_qty FROM balju",
		`SELECT balju_date, product_cd, balju_qty, refund_qty, disposal_qty FROM "RETAIL.balju_refund" WHERE balju_date BETWEEN ?1 AND ?2`},
	{"dailytime", "SELECT CAST(tr_date AS varchar), tr_time, CAST(sum_sales AS bigint), sum_qty, count_sales, count_receipts FROM dailytime",
		`SELECT tr_date, CAST(tr_time AS integer), CAST(sum(mount) AS integer), sum(qty), count(*), count(DISTINCT receipt_num) FROM "RETAIL.transaction_order"
		 WHERE tr_date BETWEEN ?1 AND ?2 GROUP BY 1, 2`},
	{"dailytimesubcate", "SELECT CAST(tr_date AS varchar), tr_time, division_name, subcategory_cd, CAST(sum_sales AS bigint), sum_qty, count_sales, count_receipts FROM dailytimesubcate",
		`SELECT tr_date, CAST(tr_time AS integer), division_name, subcategory_cd, CAST(sum(mount) AS integer), sum(qty), count(*), count(DISTINCT receipt_num)
		 FROM "RETAIL.transaction_order" JOIN "RETAIL.products" USING (product_cd) WHERE tr_date BETWEEN ?1 AND ?2 GROUP BY 1, 2, 3, 4`},
	{"dailytimeproduct", "SELECT CAST(tr_date AS varchar), tr_time, product_cd, product_name, CAST(sum_sales AS bigint), sum_qty, count_sales FROM dailytimeproduct",
		`SELECT tr_date, CAST(tr_time AS integer), product_cd, product_name, CAST(sum(mount) AS integer), sum(qty), count(*)
		 FROM "RETAIL.transaction_order" JOIN "RETAIL.products" USING (product_cd) WHERE tr_date BETWEEN ?1 AND ?2 GROUP BY 1, 2, 3, 4`},
	{"dailybalju", "SELECT CAST(balju_date AS varchar), subcategory_cd, subcategory_name, sum_balju, sum_refund, sum_disposal FROM dailybalju",
		`SELECT balju_date, subcategory_cd, subcategory_name, sum(balju_qty), sum(refund_qty), sum(disposal_qty)
		 FROM "RETAIL.balju_refund" JOIN "RETAIL.products" USING (product_cd) WHERE balju_date BETWEEN ?1 AND ?2 GROUP BY 1, 2, 3`},
	{"daily", "SELECT CAST(sales_date AS varchar), " + measures + " FROM daily", days("day")},
	{"weekly", "SELECT CAST(week_start AS varchar), days, " + measures + " FROM weekly",
		days("date(day, '-6 days', 'weekday 1')", "count(*)")},
	{"monthly", "SELECT CAST(month_start AS varchar), days, " + measures + " FROM monthly",
		days("date(day, 'start of month')", "count(*)")},
}

const measures = "CAST(sum_sales AS bigint), sum_qty, count_sales, count_receipts, sum_balju, sum_refund, sum_disposal"

// days sums up days by a period of them.
func days(period string, more ...string) string {
	return `WITH sold AS (SELECT tr_date AS day, CAST(sum(mount) AS integer) AS s, sum(qty) AS q, count(*) AS c, count(DISTINCT receipt_num) AS r
		FROM "RETAIL.transaction_order" WHERE tr_date BETWEEN ?1 AND ?2 GROUP BY 1),
	ordered AS (SELECT balju_date AS day, sum(balju_qty) AS b, sum(refund_qty) AS f, sum(disposal_qty) AS d
		FROM "RETAIL.balju_refund" WHERE balju_date BETWEEN ?1 AND ?2 GROUP BY 1)
	SELECT ` + strings.Join(append([]string{period}, more...), ", ") + `, sum(s), sum(q), sum(c), sum(r), sum(b), sum(f), sum(d) FROM sold JOIN ordered USING (day) GROUP BY 1`
}

// shop is a project with a store of its own.
type shop struct {
	dir string
	db  *sql.DB
}

func newShop(t *testing.T, receipts int) shop {
	t.Helper()
	dir := t.TempDir()
	harness.Must(t, dir, "init", "store", "--template", "convenience-store")
	dir = filepath.Join(dir, "store")
	harness.Must(t, dir, "sample", "store", "--rows", strconv.Itoa(receipts), "--seed", "7", "--to", "sqlite://./store.db", "-q")
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "store.db"))+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return shop{dir, db}
}

// holds compares every table with the source's days from first to last.
func (s shop) holds(t *testing.T, first, last string) {
	t.Helper()
	for _, x := range expected {
		got, want := s.lake(t, x.lake), s.source(t, x.source, first, last)
		if len(want) == 0 {
			t.Errorf("%s: the source has nothing from %s to %s", x.table, first, last)
		}
		if !slices.Equal(got, want) {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("%s: %d rows, want %d; first difference: got %v, want %v", x.table, len(got), len(want), got[at:min(at+1, len(got))], want[at:min(at+1, len(want))])
		}
	}
}

func (s shop) lake(t *testing.T, query string) []string {
	t.Helper()
	var r struct{ Rows [][]any }
	d := json.NewDecoder(strings.NewReader(harness.Must(t, s.dir, "query", query, "--limit", "0", "--json", "-q")))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		out[i] = fmt.Sprint(row)
	}
	slices.Sort(out)
	return out
}

func (s shop) source(t *testing.T, query, first, last string) []string {
	t.Helper()
	rows, err := s.db.QueryContext(t.Context(), query, first, last)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, into := make([]any, len(cols)), make([]any, len(cols))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if day, ok := v.(time.Time); ok {
				values[i] = day.Format(time.DateOnly)
			}
		}
		out = append(out, fmt.Sprint(values))
	}
	slices.Sort(out)
	return out
}

// files are the data files that the tables are made of now.
func (s shop) files(t *testing.T) map[string]int {
	t.Helper()
	var list []struct {
		Name  string
		Files int
	}
	if err := json.Unmarshal([]byte(harness.Must(t, s.dir, "table", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, x := range list {
		out[x.Name] = x.Files
	}
	return out
}

// jobs runs all jobs for a day, or from one to another.
func (s shop) jobs(t *testing.T, first, last string) {
	t.Helper()
	args := []string{"-q", "--arg", "EXTRACT_DATE=" + first, "--arg", "EXTRACT_TO=" + last}
	for _, job := range []string{"FACTS TARGET_DATA=sales", "FACTS TARGET_DATA=balju", "SILVER_SALES", "SILVER_BALJU", "GOLD_DAILY", "GOLD_PERIODS"} {
		name, more, ok := strings.Cut(job, " ")
		run := append([]string{"job", "run", name}, args...)
		if ok {
			run = append(run, "--arg", more)
		}
		harness.Must(t, s.dir, run...)
	}
}

func TestStoreFromSourceToGold(t *testing.T) {
	s := newShop(t, 20_000)
	harness.Must(t, s.dir, "workflow", "run", "hist_retail_dailybatch", "--input", `{"EXTRACT_DATE": "2016-02-29"}`, "-q")
	s.holds(t, "2016-02-29", "2016-02-29")
	before := s.files(t)
	if len(before) != len(expected) {
		t.Fatalf("tables %v", before)
	}
	s.jobs(t, "2016-02-29", "2016-02-29") // what this doubled would show below
	if after := s.files(t); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("after a second run the tables have the files %v, before %v", after, before)
	}
	s.jobs(t, "2016-02-01", "2016-02-28")
	s.holds(t, "2016-02-01", "2016-02-29")
	if n := s.files(t)["daily"]; n != 29 {
		t.Errorf("29 days lie in %d files", n)
	}
}
