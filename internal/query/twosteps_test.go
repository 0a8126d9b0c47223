package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
	"github.com/mulgil/mulgil/internal/port"
)

// salesCatalog has one table, sales, and a small one to join, city.
type salesCatalog struct{}

func (salesCatalog) Resolve(parts []string, _ *duckdb.Version) (*duckdb.Relation, error) {
	r := &duckdb.Relation{Parts: parts}
	switch parts[len(parts)-1] {
	case "sales":
		r.Columns = []duckdb.Column{{Name: "day", Type: types.TVarchar}, {Name: "at", Type: types.TimestampOf(3)}, {Name: "city", Type: types.TVarchar}, {Name: "qty", Type: types.TInteger},
			{Name: "big", Type: types.TBigint}, {Name: "amount", Type: types.TDouble}, {Name: "price", Type: types.DecimalOf(12, 2)}, {Name: "paid", Type: types.TBoolean}, {Name: "note", Type: types.TVarchar}}
	case "city":
		r.Columns = []duckdb.Column{{Name: "city", Type: types.TVarchar}, {Name: "region", Type: types.TVarchar}}
	default:
		return emptyCatalog{}.Resolve(parts, nil)
	}
	return r, nil
}

const madeSales = `CREATE TABLE sales AS SELECT
	CASE WHEN i % 97 = 0 THEN NULL WHEN i % 1009 = 0 THEN '2014-1x' ELSE strftime(DATE '2014-01-25' + CAST(hash(i) % 40 AS INTEGER), '%Y%m%d') END AS "day",
	TIMESTAMP '2014-01-31 22:00:00.123' + to_milliseconds(CAST(hash(i + 1) % 9000000 AS BIGINT)) AS "at",
	(['서울', '부산', '전주', NULL, ''])[1 + CAST(hash(i + 2) % 5 AS INTEGER)] AS city,
	CASE WHEN hash(i + 3) % 7 > 0 THEN CAST(hash(i + 3) % 50 AS INTEGER) - 9 END AS qty,
	CAST(9000000000000000000 - CAST(hash(i + 4) % 1000 AS BIGINT) AS BIGINT) AS big,
	CASE WHEN hash(i + 5) % 11 > 0 THEN CAST(hash(i + 5) % 300000 AS DOUBLE) / 7 END AS amount,
	CASE WHEN hash(i + 6) % 13 > 0 THEN CAST(hash(i + 6) % 100000 AS DECIMAL(12,2)) / 100 END AS price,
	CASE WHEN hash(i + 7) % 5 > 0 THEN hash(i + 7) % 2 = 0 END AS paid,
	'n-' || (i % 30) AS note
FROM range(5000) t(i)`

var (
	dearKeys = []string{"date_parse(day, '%Y%m%d')", "date_format(date_parse(day, '%Y%m%d'), '%W')", "day_of_week(date_parse(day, '%Y%m%d'))", "date_trunc('month', date_parse(day, '%Y%m%d'))",
		"regexp_extract(note, '\\d')", "regexp_replace(city, '[산서]', 'X')", "date_format(at, '%H')", "split_part(note, '-', 2) || regexp_extract(city, '.')", "try(date_parse(day, '%Y-%m%d'))",
		"json_extract_scalar('{\"a\":\"' || note || '\"}', '$.a')", "coalesce(try(date_format(date_parse(day, '%Y%m%d'), '%d')), city)"}
	cheapKeys = []string{"city", "qty", "paid", "substr(day, 1, 6)", "qty % 3", "price"}
	measures  = []string{"count(*)", "count(qty)", "sum(qty)", "sum(amount)", "sum(price)", "avg(qty)", "avg(amount)", "avg(price)", "min(day)", "max(at)", "min(amount)", "max(price)", "bool_and(paid)", "bool_or(paid)",
		"every(paid)", "count_if(paid)", "sum(CAST(amount AS real))", "avg(CAST(amount AS real))", "count(*) FILTER (WHERE qty > 3)", "sum(amount) FILTER (WHERE paid)", "sum(qty) / count(qty)", "min(DISTINCT qty)", "bitwise_and_agg(qty)",
		"bitwise_xor_agg(qty)", "sum(amount) / count(*)", "geometric_mean(qty + 100)"}
	fixed = []string{"count(DISTINCT city)", "array_agg(city ORDER BY city)", "max_by(city, at)", "stddev(amount)"}
)

// statement is a random grouping; stepped tells that it can be done in two steps.
func statement(r *rand.Rand) (sql string, stepped bool) {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	keys := []string{pick(dearKeys)}
	for range r.IntN(3) {
		keys = append(keys, pick(append(cheapKeys, dearKeys...)))
	}
	var items []string
	for i := range keys {
		items = append(items, fmt.Sprintf("%s AS k%d", keys[i], i))
	}
	for i := range 1 + r.IntN(5) {
		items = append(items, fmt.Sprintf("%s AS m%d", pick(measures), i))
	}
	stepped = true
	if r.IntN(8) == 0 {
		items, stepped = append(items, pick(fixed)+" AS f"), false
	}
	from := "sales"
	if r.IntN(4) == 0 {
		from = "sales LEFT JOIN city USING (city)"
	}
	sql = "SELECT " + strings.Join(items, ", ") + " FROM " + from
	switch r.IntN(5) {
	case 0:
		sql += " WHERE length(day) = 8 AND amount > 1000"
	case 1, 2, 3:
		sql += " WHERE day IS NULL OR length(day) = 8"
	}
	by := make([]string, len(keys))
	for i := range keys {
		by[i] = fmt.Sprint(i + 1)
		if r.IntN(2) == 0 {
			by[i] = keys[i]
		}
	}
	sql += " GROUP BY " + strings.Join(by, ", ")
	if r.IntN(4) == 0 {
		sql += " HAVING count(*) > 20 AND max(qty) IS NOT NULL"
	}
	return sql, stepped
}

func bindSales(t *testing.T, s port.Session, sql string) *duckdb.Plan {
	t.Helper()
	q, err := trino.ParseQuery(sql)
	if err != nil {
		t.Fatal(err)
	}
	p, err := duckdb.Bind(sql, q, duckdb.Options{Catalog: salesCatalog{}, CatalogName: "awsdatacatalog", Schema: "default", Now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	for _, sc := range p.Scans {
		if err := s.Exec(t.Context(), "CREATE OR REPLACE VIEW "+sc.Name+" AS FROM "+sc.Relation.Parts[len(sc.Relation.Parts)-1]); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestGroupingInTwoStepsGivesTheSameRows(t *testing.T) {
	s := session(t)
	for _, q := range []string{madeSales, "CREATE TABLE city AS FROM (VALUES ('서울', '수도권'), ('부산', '영남'), ('', NULL)) t(city, region)"} {
		if err := s.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(7, 11))
	steps := 0
	for range 150 {
		sql, possible := statement(r)
		p := bindSales(t, s, sql)
		if p.Alternative == nil {
			continue
		}
		if !possible {
			t.Errorf("%s\ncannot be had from partial results: %s", sql, p.Alternative.SQL)
		}
		steps++
		plain, err := fetch(t.Context(), s, p)
		other := *p
		other.SQL = p.Alternative.SQL
		two, err2 := fetch(t.Context(), s, &other)
		if (err == nil) != (err2 == nil) || err != nil && code(err) != code(err2) {
			t.Fatalf("%s\nplain: %v\nin two steps: %v\n%s", sql, err, err2, other.SQL)
		}
		if why := differ(plain, two); why != "" {
			t.Fatalf("%s\nin two steps: %s\n%s", sql, why, other.SQL)
		}
		for _, probe := range p.Alternative.If {
			if _, err := s.Query(t.Context(), probe); err != nil {
				t.Fatalf("%s: %v", probe, err)
			}
		}
	}
	if steps < 60 {
		t.Errorf("only %d of 150 statements can be done in two steps", steps)
	}
}

func TestSampleTellsFewValuesFromMany(t *testing.T) {
	s := session(t)
	for sql, few := range map[string]bool{
		"SELECT strftime(DATE '2014-01-01' + CAST(i % 31 AS INTEGER), '%Y%m%d') AS day FROM range(50000) t(i)": true,
		"SELECT 'n-' || i AS day FROM range(50000) t(i)":                                                       false,
		"SELECT 'n-' || i AS day FROM range(0) t(i)":                                                           false,
	} {
		if err := s.Exec(t.Context(), "CREATE OR REPLACE TABLE sales AS "+sql); err != nil {
			t.Fatal(err)
		}
		p := bindSales(t, s, "SELECT date_parse(day, '%Y%m%d'), count(*) FROM sales GROUP BY 1")
		if p.Alternative == nil || len(p.Alternative.If) != 1 {
			t.Fatalf("no alternative to %s", p.SQL)
		}
		rows, err := s.Query(t.Context(), p.Alternative.If[0])
		if err != nil {
			t.Fatal(err)
		}
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		v, err := rows.Values()
		if err != nil || (v[0] == true) != few {
			t.Errorf("%s: the sample says %v (%v), want %v", sql, v, err, few)
		}
		rows.Close()
	}
}
