package duckdb

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// shop is a catalog of the workshop's two tables.
type shop struct{}

func (shop) Resolve(parts []string, _ *Version) (*Relation, error) {
	columns := map[string]string{
		"purchase": "receipt_no customer_id purchase_date purchase_time affiliate purchase_year purchase_month",
		"customer": "customer_id sex age_group residence",
	}
	name := parts[len(parts)-1]
	if columns[name] == "" {
		return nil, base.Errorf(base.NotFound, "no table %s", name).WithCode("TABLE_NOT_FOUND")
	}
	r := &Relation{Parts: []string{"awsdatacatalog", "shop", name}}
	for _, c := range strings.Fields(columns[name]) {
		r.Columns = append(r.Columns, Column{Name: c, Type: types.TVarchar})
	}
	if name == "purchase" {
		r.Columns = append(r.Columns, Column{Name: "amount", Type: types.TDouble}, Column{Name: "qty", Type: types.TInteger}, Column{Name: "price", Type: types.DecimalOf(12, 2)})
	}
	return r, nil
}

func inShop(sql string) (*Plan, error) {
	q, err := trino.ParseQuery(sql)
	if err != nil {
		return nil, err
	}
	return Bind(sql, q, Options{Catalog: shop{}, CatalogName: "awsdatacatalog", Schema: "shop", Now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)})
}

// hundredLines is a report query: WITH, a join, CASE, windows, formats.
func hundredLines() string {
	var b strings.Builder
	b.WriteString("WITH sales AS (\n  SELECT p.\"customer_id\", p.purchase_year AS y, c.sex, c.age_group, p.amount\n  FROM purchase p\n" +
		"  LEFT JOIN customer c ON p.customer_id = c.customer_id AND c.residence <> '000'\n  WHERE p.affiliate = 'A' AND p.purchase_date BETWEEN '20140101' AND '20141231'\n)\nSELECT y, sex, age_group\n")
	for i := range 86 {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "  , sum(CASE WHEN age_group = '%d세' THEN amount ELSE 0 END) AS s%d\n", i, i)
		case 1:
			fmt.Fprintf(&b, "  , round(avg(amount) * 1.%d, 2) + coalesce(max(amount), %d) AS a%d\n", i, i, i)
		case 2:
			fmt.Fprintf(&b, "  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r%d\n", i)
		case 3:
			fmt.Fprintf(&b, "  , date_format(date_parse(y || '-%02d', '%%Y-%%m'), '%%W') AS d%d -- 요일\n", i%12+1, i)
		}
	}
	b.WriteString("FROM sales\nWHERE amount > 0\n  AND sex IN ('M', 'F')\nGROUP BY y, sex, age_group\nHAVING count(*) > 10\nORDER BY 1, 2 DESC NULLS LAST\nLIMIT 100")
	return b.String()
}

// BenchmarkBind100Lines parses, binds and lowers a query of a hundred lines.
// The best time is what it takes where nothing else wants the processor.
func BenchmarkBind100Lines(b *testing.B) {
	sql := hundredLines()
	if n := strings.Count(sql, "\n") + 1; n != 100 {
		b.Fatalf("%d lines", n)
	}
	b.ReportAllocs()
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		if _, err := inShop(sql); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best), "best-ns/op")
}

// BenchmarkFunctionTable makes the table of functions, which a process does at its first query.
func BenchmarkFunctionTable(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		allFunctions()
	}
}
