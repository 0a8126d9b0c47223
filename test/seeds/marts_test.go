package seeds

import (
	"fmt"
	"strings"
	"testing"
)

// answers are views on the source itself, one for each table of the lake, from
// the documents' chapters: silver joins districts by a code that some share, so
// that purchases of those customers appear twice.
const answers = `
CREATE SCHEMA answer;
CREATE FUNCTION answer.weekday(day text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF to_char(to_date(day, 'YYYYMMDD'), 'YYYYMMDD') = day THEN -- to_date takes day 00 for the first
		RETURN to_char(to_date(day, 'YYYYMMDD'), 'FMDay');
	END IF;
	RETURN 'Invalid date format. Please';
EXCEPTION WHEN others THEN
	RETURN 'Invalid date format. Please';
END $$;
CREATE VIEW answer.customer AS SELECT * FROM retail.customer;
CREATE VIEW answer.products_info AS SELECT * FROM retail.products_info;
CREATE VIEW answer.zipcode AS SELECT * FROM retail.zipcode;
CREATE VIEW answer.purchase AS
	SELECT *, substr(purchase_date, 1, 4) AS purchase_year, substr(purchase_date, 5, 2) AS purchase_month
	FROM retail.purchase WHERE purchase_date >= '20140101' AND purchase_date <= '20151231';
CREATE VIEW answer.buyer AS
	SELECT c.*, z.zipcode, z.province_city, z.province_city_eng, z.city_county, z.city_county_eng,
		z.eup_myeon, z.eup_myeon_eng, z.road_nm, z.road_nm_eng
	FROM retail.customer c LEFT JOIN retail.zipcode z ON z.short_zipcode = c.residence;
CREATE VIEW answer.purchase_all_info AS
	SELECT p.*, i.main_category_desc, i.sub_category_desc, b.sex, b.age_group, b.residence, b.zipcode, b.province_city,
		b.province_city_eng, b.city_county, b.city_county_eng, b.eup_myeon, b.eup_myeon_eng, b.road_nm, b.road_nm_eng
	FROM answer.purchase p
	LEFT JOIN retail.products_info i USING (affiliate, division_cd, main_category_cd, sub_category_cd)
	LEFT JOIN answer.buyer b ON b.customer_id = p.customer_id;
CREATE VIEW answer.mart_salesbydatetime AS
	SELECT affiliate, purchase_year, purchase_month, substr(purchase_date, 7, 2) AS purchase_day, purchase_time,
		answer.weekday(purchase_date) AS day_of_week,
		sum(amount) AS total_purchase_amount, count(amount) AS count_of_purchase
	FROM answer.purchase_all_info GROUP BY 1, 2, 3, 4, 5, 6;
CREATE VIEW answer.mart_salesbyageproducts AS
	SELECT affiliate, purchase_year, purchase_month, age_group, division_cd, main_category_desc, sub_category_desc,
		sum(amount) AS total_purchase_amount, count(amount) AS count_of_purchase
	FROM answer.purchase_all_info GROUP BY 1, 2, 3, 4, 5, 6, 7;
CREATE VIEW answer.mart_salesbyresidence AS
	SELECT affiliate, purchase_year, purchase_month, province_city, city_county,
		sum(amount) AS total_purchase_amount, count(amount) AS count_of_purchase
	FROM answer.purchase_all_info GROUP BY 1, 2, 3, 4, 5;
CREATE VIEW answer.mart_salesbycustomer AS
	SELECT m.*, b.sex, b.age_group, b.residence, b.zipcode, b.province_city, b.province_city_eng, b.city_county,
		b.city_county_eng, b.eup_myeon, b.eup_myeon_eng, b.road_nm, b.road_nm_eng
	FROM (SELECT customer_id, affiliate, purchase_year, purchase_month,
			sum(amount) AS total_purchase_amount, count(amount) AS count_of_purchase
		FROM answer.purchase GROUP BY 1, 2, 3, 4) m
	LEFT JOIN answer.buyer b ON b.customer_id = m.customer_id;
`

// contents are the source's answers, table by table. All amounts are whole
// multiples of 10 won, so that sums of doubles are exact in any order.
func contents(t *testing.T, s source) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for table := range catalog {
		out[table] = s.rows(t, fmt.Sprintf("SELECT %s FROM answer.%s", strings.Join(columnsOf(table), ", "), table))
	}
	if p, all := len(out["purchase"]), len(out["purchase_all_info"]); all <= p {
		t.Fatalf("%d purchases, %d in silver: nothing fans out, and the test would not see it", p, all)
	}
	return out
}

// equalsSource compares every table of the lake, row by row, with the source;
// in short, without the two large ones that all marts are made of.
func equalsSource(t *testing.T, p project, want map[string][]string, short bool) {
	for table := range catalog {
		if short && strings.HasPrefix(table, "purchase") {
			continue
		}
		cols := strings.Join(columnsOf(table), ", ")
		same(t, table, p.rows(t, fmt.Sprintf("SELECT %s FROM %s ORDER BY ALL", cols, table)), want[table])
	}
}
