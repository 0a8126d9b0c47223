package seeds

import (
	"fmt"
	"strings"
	"testing"
)

const (
	keys     = " | affiliate string, purchase_year string, purchase_month string"
	district = "zipcode string, province_city string, province_city_eng string, city_county string, city_county_eng string, " +
		"eup_myeon string, eup_myeon_eng string, road_nm string, road_nm_eng string"
	customer = "sex string, age_group string, residence string"
	sums     = "total_purchase_amount double, count_of_purchase bigint"
	bought   = "receipt_no string, division_cd string, main_category_cd string, sub_category_cd string, customer_id string, " +
		"store_cd string, purchase_date string, purchase_time string, amount double"
)

// catalog is what Glue shows of each table after its crawl: columns, and after
// the bar the partition keys. varchar is string, count is bigint; a partition
// key stands in no file and so among no columns.
var catalog = map[string]string{
	"customer":                "customer_id string, " + customer + " | ",
	"products_info":           "affiliate string, division_cd string, main_category_cd string, sub_category_cd string, main_category_desc string, sub_category_desc string | ",
	"zipcode":                 district + ", short_zipcode string | ",
	"purchase":                bought + keys,
	"purchase_all_info":       bought + ", main_category_desc string, sub_category_desc string, " + customer + ", " + district + keys,
	"mart_salesbydatetime":    "purchase_day string, day_of_week string, purchase_time string, " + sums + keys,
	"mart_salesbyageproducts": "age_group string, division_cd string, main_category_desc string, sub_category_desc string, " + sums + keys,
	"mart_salesbyresidence":   "province_city string, city_county string, " + sums + keys,
	"mart_salesbycustomer":    "customer_id string, " + sums + ", " + customer + ", " + district + keys,
}

// columnsOf are a table's columns, partition keys last.
func columnsOf(table string) []string {
	var out []string
	for _, part := range strings.Split(catalog[table], " | ") {
		for _, c := range strings.Split(part, ", ") {
			if name, _, ok := strings.Cut(c, " "); ok {
				out = append(out, name)
			}
		}
	}
	return out
}

// crawled compares what the crawlers recorded with the catalog.
func crawled(t *testing.T, p project) {
	var tables []struct {
		Database, Name, Target string
		Columns                []column
		Keys                   []column `json:"partition_keys"`
	}
	p.ask(t, &tables, "crawler", "tables", "de-enhancement-db")
	if len(tables) != len(catalog) {
		t.Errorf("%d crawled tables, want %d", len(tables), len(catalog))
	}
	list := func(cols []column) string {
		var out []string
		for _, c := range cols {
			out = append(out, c.Name+" "+c.Type)
		}
		return strings.Join(out, ", ")
	}
	for _, x := range tables {
		got := fmt.Sprintf("%s | %s", list(x.Columns), list(x.Keys))
		if got != catalog[x.Name] {
			t.Errorf("crawled table %s:\n got %s\nwant %s", x.Name, got, catalog[x.Name])
		}
		if x.Target != "de-enhancement-db."+x.Name {
			t.Errorf("crawled table %s stands for %q", x.Name, x.Target)
		}
		if x.Name == "customer" && x.Columns[0].Comment != "고객 ID" {
			t.Errorf("comment of customer_id: %q", x.Columns[0].Comment)
		}
	}
}
