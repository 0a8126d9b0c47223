package seeds

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// badDates are purchases whose day is none: shaped like a date or not, of
// nobody, and without any date. The times tell them apart.
const badDates = `
INSERT INTO retail.purchase (affiliate, receipt_no, division_cd, main_category_cd, sub_category_cd, customer_id, store_cd, purchase_date, purchase_time, amount)
SELECT i.affiliate, 'bad' || n, i.division_cd, i.main_category_cd, i.sub_category_cd, c.customer_id, '001', bad.day, '9' || n, 1000 * n
FROM (VALUES (1, '20140231'), (2, '20140230'), (3, '20150229'), (4, '20141301'), (5, '201402가나'), (6, '20140200'), (7, NULL), (8, NULL)) bad(n, day)
CROSS JOIN (SELECT * FROM retail.products_info WHERE affiliate = 'A' ORDER BY sub_category_cd LIMIT 1) i
LEFT JOIN LATERAL (SELECT customer_id FROM retail.customer WHERE bad.n <> 6 ORDER BY customer_id LIMIT 1) c ON true`

const invalid = `"Invalid date format. Please"`

// TestBadDatesAreNamedInTheMart runs the fact, silver and day marts over bad
// dates: they carry the workshop's text, and every row equals the source's. Rows
// without a date are outside every range of days, as in the source's BETWEEN.
func TestBadDatesAreNamedInTheMart(t *testing.T) {
	s := shop(t, "dates", 3000)
	s.exec(t, badDates)
	s.exec(t, answers)
	p := onSource(t, s)
	for _, job := range []string{"T0_DIMENSION", "T0_FACT", "SILVER", "MART_DATETIME"} {
		p.must(t, "job", "run", job)
	}
	table := "mart_salesbydatetime"
	cols := strings.Join(columnsOf(table), ", ")
	same(t, table, p.rows(t, fmt.Sprintf("SELECT %s FROM %s", cols, table)), s.rows(t, fmt.Sprintf("SELECT %s FROM answer.%s", cols, table)))
	got := p.rows(t, "SELECT purchase_time, purchase_year, purchase_month, purchase_day, day_of_week FROM "+table+" WHERE purchase_time LIKE '9%' ORDER BY ALL")
	want := []string{
		`"91"|"2014"|"02"|"31"|` + invalid + "|", `"92"|"2014"|"02"|"30"|` + invalid + "|", `"93"|"2015"|"02"|"29"|` + invalid + "|",
		`"94"|"2014"|"13"|"01"|` + invalid + "|", `"95"|"2014"|"02"|"가나"|` + invalid + "|", `"96"|"2014"|"02"|"00"|` + invalid + "|",
	}
	if !slices.Equal(got, want) {
		t.Errorf("bad dates in the mart:\n got %q\nwant %q", got, want)
	}
}

// TestPartitionsOfNullAreOverwritten takes rows without a date too: their year
// and month are NULL, a partition of its own, replaced like any other.
func TestPartitionsOfNullAreOverwritten(t *testing.T) {
	s := shop(t, "nulls", 3000)
	s.exec(t, badDates)
	p := onSource(t, s)
	for _, name := range []string{"t0_fact", "t1_fulljoin", "t2_salesbydatetime"} {
		p.anyDate(t, name)
	}
	run := func() {
		for _, job := range []string{"T0_DIMENSION", "T0_FACT", "SILVER", "MART_DATETIME"} {
			p.must(t, "job", "run", job)
		}
	}
	run()
	nulls := func(amounts ...string) {
		t.Helper()
		var want []string
		for i, a := range amounts {
			want = append(want, fmt.Sprintf(`NULL|NULL|NULL|%s|"9%d"|%s|1|`, invalid, i+7, a))
		}
		const sql = `SELECT purchase_year, purchase_month, purchase_day, day_of_week, purchase_time, total_purchase_amount, count_of_purchase
			FROM mart_salesbydatetime WHERE purchase_year IS NULL ORDER BY purchase_time`
		if got := p.rows(t, sql); !slices.Equal(got, want) {
			t.Errorf("rows without a date:\n got %q\nwant %q", got, want)
		}
	}
	nulls("7000", "8000")
	before := p.partitions(t)
	if before["affiliate=A/purchase_year=__HIVE_DEFAULT_PARTITION__/purchase_month=__HIVE_DEFAULT_PARTITION__"] != 2 {
		t.Errorf("no partition of NULL with 2 rows: %v", before)
	}
	s.exec(t, "UPDATE retail.purchase SET amount = 8880 WHERE receipt_no = 'bad8'")
	run()
	nulls("7000", "8880")
	if after := p.partitions(t); !maps.Equal(before, after) {
		t.Errorf("partitions of purchase before %v, after a second run %v", before, after)
	}
	same(t, "purchase", p.rows(t, "SELECT affiliate, receipt_no, purchase_date, amount FROM purchase"), s.rows(t, "SELECT affiliate, receipt_no, purchase_date, amount FROM retail.purchase"))
}

var (
	inRange = regexp.MustCompile(`WHERE (\S*purchase_date) BETWEEN \$EXTRACT_FROM AND \$EXTRACT_TO`)
	notNull = regexp.MustCompile(`(?m)^  - not_null: .*\n`)
)

// anyDate makes a job of the template take rows without a date as well.
func (p project) anyDate(t *testing.T, job string) {
	t.Helper()
	file := "jobs/" + job + ".sql"
	text := p.read(t, file)
	where := inRange.FindStringSubmatch(text)
	if where == nil {
		t.Fatalf("no range of days in %s", file)
	}
	text = strings.Replace(text, where[0], fmt.Sprintf("WHERE (%s OR %s IS NULL)", strings.TrimPrefix(where[0], "WHERE "), where[1]), 1)
	p.write(t, file, notNull.ReplaceAllString(text, "  - not_null: [affiliate]\n"))
}

// partitions are the rows of each partition of purchase.
func (p project) partitions(t *testing.T) map[string]int64 {
	t.Helper()
	var files []struct {
		Partition string
		Rows      int64
	}
	p.ask(t, &files, "table", "files", "purchase")
	out := map[string]int64{}
	for _, f := range files {
		out[f.Partition] += f.Rows
	}
	return out
}
