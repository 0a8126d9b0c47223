package crash

import (
	"database/sql"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the shop and the model
)

// cell is what a partition holds: its rows, the sum of its amounts, and a
// fingerprint of every value of every row. The model knows no fingerprints.
type cell struct {
	rows int64
	sum  float64
	hash string
}

func (c cell) like(d cell) bool {
	return c.rows == d.rows && c.sum == d.sum && (c.hash == "" || d.hash == "" || c.hash == d.hash)
}

// content is a table by partition; an unpartitioned one has the partition "".
type content map[string]cell

func (c content) like(d content) bool {
	return maps.EqualFunc(c, d, cell.like)
}

// differ names the first partitions in which two contents differ.
func (c content) differ(d content) string {
	var out []string
	for p := range c {
		if x, ok := d[p]; !ok || !c[p].like(x) {
			out = append(out, fmt.Sprintf("%q: %+v, not %+v", p, c[p], d[p]))
		}
	}
	for p := range d {
		if _, ok := c[p]; !ok {
			out = append(out, fmt.Sprintf("%q: missing, not %+v", p, d[p]))
		}
	}
	if len(out) > 4 {
		out = append(out[:4], fmt.Sprintf("and %d more", len(out)-4))
	}
	return strings.Join(out, "; ")
}

// state is all tables.
type state map[string]content

var (
	dimensions = []string{"customer", "products_info", "zipcode"}
	marts      = []string{"mart_salesbyageproducts", "mart_salesbycustomer", "mart_salesbydatetime", "mart_salesbyresidence"}
)

// letters are the columns by which an unpartitioned table is summed up.
var letters = map[string]string{
	"customer":      "customer_id||sex||age_group||coalesce(residence,'')",
	"products_info": "affiliate||division_cd||main_category_cd||sub_category_cd||main_category_desc||sub_category_desc",
	"zipcode":       "zipcode||province_city||short_zipcode",
}

// model is the lake as it should be: bronze tables row by row, for the marts
// are computed from them.
type model struct {
	t  testing.TB
	db *sql.DB
}

// newModel cuts the shop down to four months and opens an empty model beside it.
func newModel(t testing.TB, shop string) *model {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "model.db")+"?_pragma=synchronous(OFF)")
	check(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	m := &model{t: t, db: db}
	m.exec(`ATTACH '` + shop + `' AS shop`)
	m.exec(`DELETE FROM shop."retail.purchase" WHERE purchase_date > '20140499'`)
	for _, name := range append([]string{"purchase"}, dimensions...) {
		m.exec(`CREATE TABLE ` + name + ` AS SELECT * FROM shop."retail.` + name + `" WHERE false`)
	}
	m.exec(`CREATE INDEX by_date ON purchase (purchase_date)`)
	m.exec(`CREATE INDEX by_id ON customer (customer_id)`)
	m.exec(`CREATE INDEX by_code ON products_info (affiliate, division_cd, main_category_cd, sub_category_cd)`)
	return m
}

func (m *model) exec(q string, args ...any) {
	m.t.Helper()
	if _, err := m.db.Exec(q, args...); err != nil {
		m.t.Fatalf("%s: %v", q, err)
	}
}

// change makes generation g of the shop: every amount, and a row more in every
// month of every affiliate and in every dimension.
func (m *model) change(g int) {
	m.t.Helper()
	m.exec(`UPDATE shop."retail.purchase" SET amount = amount + 1`)
	m.exec(`INSERT INTO shop."retail.purchase"
		SELECT affiliate, printf('g%d-%s', ?, substr(purchase_date, 1, 6)), division_cd, main_category_cd, sub_category_cd,
			customer_id, store_cd, min(purchase_date), purchase_time, amount
		FROM shop."retail.purchase" GROUP BY affiliate, substr(purchase_date, 1, 6)`, g)
	m.exec(`INSERT INTO shop."retail.customer" VALUES (printf('신규%d', ?), 'F', '20세', NULL)`, g)
	m.exec(`INSERT INTO shop."retail.products_info" VALUES ('Z', '신', '상', printf('품%d', ?), '새것', '새것')`, g)
	m.exec(`INSERT INTO shop."retail.zipcode" (zipcode, province_city, province_city_eng, short_zipcode) VALUES (printf('새%d', ?), '새 도', 'New', 'new')`, g)
}

// span is a range of days, both ends included.
type span struct{ from, to string }

var whole = span{"20140101", "20151231"}

// extract does what the bronze jobs do.
func (m *model) extract(days span) {
	m.t.Helper()
	m.exec(`DELETE FROM purchase WHERE purchase_date BETWEEN ? AND ?`, days.from, days.to)
	m.exec(`INSERT INTO purchase SELECT * FROM shop."retail.purchase" WHERE purchase_date BETWEEN ? AND ?`, days.from, days.to)
}

func (m *model) extractDimensions() {
	m.t.Helper()
	for _, name := range dimensions {
		m.exec(`DELETE FROM ` + name)
		m.exec(`INSERT INTO ` + name + ` SELECT * FROM shop."retail.` + name + `"`)
	}
}

const silver = `(SELECT p.*, affiliate_month, c.age_group, c.residence, z.province_city, z.city_county, d.main_category_desc, d.sub_category_desc
	FROM (SELECT *, affiliate||substr(purchase_date, 1, 6) AS affiliate_month FROM purchase WHERE purchase_date BETWEEN ?1 AND ?2) p
	LEFT JOIN products_info d ON p.affiliate = d.affiliate AND p.division_cd = d.division_cd
		AND p.main_category_cd = d.main_category_cd AND p.sub_category_cd = d.sub_category_cd
	LEFT JOIN customer c ON p.customer_id = c.customer_id
	LEFT JOIN zipcode z ON c.residence = z.short_zipcode)`

// tables are the model's statements: partition, rows, sum.
var tables = map[string]string{
	"purchase": `SELECT affiliate||substr(purchase_date, 1, 6), count(*), sum(amount) FROM purchase
		WHERE purchase_date BETWEEN ?1 AND ?2 GROUP BY 1`,
	"purchase_all_info":       `SELECT affiliate_month, count(*), sum(amount) FROM ` + silver + ` GROUP BY 1`,
	"mart_salesbyageproducts": grouped("age_group, division_cd, main_category_desc, sub_category_desc"),
	"mart_salesbydatetime":    grouped("purchase_date, purchase_time"),
	"mart_salesbyresidence":   grouped("province_city, city_county"),
	"mart_salesbycustomer": `SELECT affiliate_month, count(*), sum(a) FROM
		(SELECT customer_id, affiliate||substr(purchase_date, 1, 6) AS affiliate_month, sum(amount) AS a FROM purchase
			WHERE purchase_date BETWEEN ?1 AND ?2 GROUP BY 1, 2) m
		LEFT JOIN customer c ON m.customer_id = c.customer_id LEFT JOIN zipcode z ON c.residence = z.short_zipcode GROUP BY 1`,
}

func grouped(by string) string {
	return `SELECT affiliate_month, count(*), sum(a) FROM (SELECT affiliate_month, sum(amount) AS a FROM ` + silver +
		` GROUP BY affiliate_month, ` + by + `) GROUP BY 1`
}

// expect computes one table from the model's bronze.
func (m *model) expect(name string, days span) content {
	m.t.Helper()
	q, args := tables[name], []any{days.from, days.to}
	if expr, ok := letters[name]; ok {
		q, args = `SELECT '', count(*), sum(length(`+expr+`)) FROM `+name, nil
	}
	rows, err := m.db.Query(q, args...)
	check(m.t, err)
	defer rows.Close()
	out := content{}
	for rows.Next() {
		var p string
		var c cell
		check(m.t, rows.Scan(&p, &c.rows, &c.sum))
		out[p] = c
	}
	check(m.t, rows.Err())
	return out
}

// after is old with the tables replaced in the months of days.
func (m *model) after(old state, days span, names ...string) state {
	m.t.Helper()
	out := maps.Clone(old)
	for _, n := range names {
		made := m.expect(n, days)
		if letters[n] == "" {
			kept := maps.Clone(old[n])
			if kept == nil {
				kept = content{}
			}
			maps.Copy(kept, made)
			made = kept
		}
		out[n] = made
	}
	return out
}

// read asks the program for all tables; every column of every file is read.
func (p *project) read() state {
	p.t.Helper()
	out := state{}
	var parts []string
	for name := range p.pointers() {
		amount := "total_purchase_amount"
		if strings.HasPrefix(name, "purchase") {
			amount = "amount"
		}
		part := "affiliate||purchase_year||purchase_month"
		if expr, ok := letters[name]; ok {
			part, amount = "''", "length("+expr+")"
		}
		out[name] = content{}
		parts = append(parts, fmt.Sprintf("SELECT '%s', %s, count(*), sum(%s)::DOUBLE, sum(hash(x))::VARCHAR FROM %s x GROUP BY ALL", name, part, amount, name))
	}
	if len(parts) == 0 {
		return out
	}
	var got struct{ Rows [][]any }
	p.ask(&got, "query", "--dialect", "duckdb", "--limit", "0", strings.Join(parts, "\nUNION ALL "))
	for _, r := range got.Rows {
		out[r[0].(string)][r[1].(string)] = cell{rows: int64(r[2].(float64)), sum: r[3].(float64), hash: r[4].(string)}
	}
	return out
}
