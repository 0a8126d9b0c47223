package duckdb

import (
	"os"
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

// BenchmarkBind100Lines parses, binds and lowers the report of a hundred lines.
// The best time is what it takes where nothing else wants the processor.
func BenchmarkBind100Lines(b *testing.B) {
	text, err := os.ReadFile("../testdata/report.sql")
	if err != nil {
		b.Fatal(err)
	}
	sql := string(text)
	if n := strings.Count(sql, "\n"); n != 100 {
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
