package main

import (
	"context"
	"database/sql"
	"fmt"

	_ "modernc.org/sqlite" // the "sqlite" driver
)

// marts are the four tables and the SQL that computes each from sales, the
// joined purchases, or from the shop's own tables.
var marts = []struct{ name, sql string }{
	{"mart_salesbydatetime", `SELECT affiliate, year, month, sum(amount) AS amount, count(amount) AS n
		FROM sales GROUP BY affiliate, year, month, day, time`},
	{"mart_salesbyageproducts", `SELECT affiliate, year, month, sum(amount) AS amount, count(amount) AS n
		FROM sales GROUP BY affiliate, year, month, age_group, division_cd, main_category_desc, sub_category_desc`},
	{"mart_salesbyresidence", `SELECT affiliate, year, month, sum(amount) AS amount, count(amount) AS n
		FROM sales GROUP BY affiliate, year, month, province_city, city_county`},
	{"mart_salesbycustomer", `SELECT m.affiliate, m.year, m.month, m.amount, m.n
		FROM (SELECT customer_id, affiliate, substr(purchase_date, 1, 4) AS year, substr(purchase_date, 5, 2) AS month,
		             sum(amount) AS amount, count(amount) AS n
		      FROM "retail.purchase" WHERE purchase_date BETWEEN '20140101' AND '20151231' GROUP BY 1, 2, 3, 4) AS m
		LEFT JOIN home AS h ON h.customer_id = m.customer_id`},
}

// prepare makes the two joins that the marts share. The customers of a short
// code that belongs to two districts are in home twice, as in the published job.
var prepare = []string{
	`CREATE TEMP TABLE home AS
		SELECT c.customer_id, c.age_group, z.province_city, z.city_county
		FROM "retail.customer" AS c LEFT JOIN "retail.zipcode" AS z ON z.short_zipcode = c.residence`,
	`CREATE INDEX temp.home_customer ON home (customer_id)`,
	`CREATE TEMP TABLE sales AS
		SELECT p.affiliate, substr(p.purchase_date, 1, 4) AS year, substr(p.purchase_date, 5, 2) AS month,
		       substr(p.purchase_date, 7, 2) AS day, p.purchase_time AS time, p.division_cd, p.amount,
		       i.main_category_desc, i.sub_category_desc, h.age_group, h.province_city, h.city_county
		FROM "retail.purchase" AS p
		LEFT JOIN "retail.products_info" AS i ON i.affiliate = p.affiliate AND i.division_cd = p.division_cd
		      AND i.main_category_cd = p.main_category_cd AND i.sub_category_cd = p.sub_category_cd
		LEFT JOIN home AS h ON h.customer_id = p.customer_id
		WHERE p.purchase_date BETWEEN '20140101' AND '20151231'`,
}

// source is what the shop's database says: every mart's facts, and the plain sum
// of its purchases in won.
type source struct {
	marts map[string]mart
	sold  float64
}

// fromSource computes everything from the shop's database.
func fromSource(ctx context.Context, file string) (*source, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=temp_store(file)")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx) // temporary tables belong to one connection
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	defer conn.Close()
	for _, s := range prepare {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return nil, fmt.Errorf("join the source's tables: %w", err)
		}
	}
	out := &source{marts: map[string]mart{}}
	if err := conn.QueryRowContext(ctx, `SELECT total(amount) FROM "retail.purchase"`).Scan(&out.sold); err != nil {
		return nil, fmt.Errorf("sum the source's purchases: %w", err)
	}
	for _, m := range marts {
		if out.marts[m.name], err = read(ctx, conn, m.sql); err != nil {
			return nil, fmt.Errorf("compute %s from the source: %w", m.name, err)
		}
	}
	return out, nil
}

func read(ctx context.Context, conn *sql.Conn, rowsOf string) (mart, error) {
	rows, err := conn.QueryContext(ctx, `SELECT affiliate, year, month, count(*), total(amount), sum(n) FROM (`+rowsOf+`) GROUP BY 1, 2, 3`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	m := mart{}
	for rows.Next() {
		var p part
		var f facts
		if err := rows.Scan(&p.affiliate, &p.year, &p.month, &f.Rows, &f.Amount, &f.Count); err != nil {
			return nil, err
		}
		m[p] = f
	}
	return m, rows.Err()
}
