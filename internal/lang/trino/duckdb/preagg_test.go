package duckdb

import (
	"strings"
	"testing"
)

func TestDearKeysAreGroupedInTwoSteps(t *testing.T) {
	for sql, want := range map[string]bool{
		"SELECT date_parse(purchase_date, '%Y%m%d'), sum(amount) FROM purchase GROUP BY 1":                                                                true,
		"SELECT affiliate, date_format(date_parse(purchase_date, '%Y%m%d'), '%W'), count(*) FROM purchase GROUP BY 1, 2 ORDER BY 1":                       true,
		"SELECT d, n FROM (SELECT date_parse(purchase_date, '%Y%m%d') AS d, count(*) AS n FROM purchase GROUP BY 1) t WHERE n > 3":                        true,
		"SELECT c.sex, regexp_extract(p.purchase_time, '\\d'), avg(price) FROM purchase p JOIN customer c ON p.customer_id = c.customer_id GROUP BY 1, 2": true,
		"SELECT purchase_date, sum(amount) FROM purchase GROUP BY 1":                                                                                      false, // no dear key
		"SELECT date_parse(purchase_date, '%Y%m%d'), count(DISTINCT customer_id) FROM purchase GROUP BY 1":                                                false, // no partial result
		"SELECT date_parse(purchase_date, '%Y%m%d'), array_agg(qty ORDER BY qty) FROM purchase GROUP BY 1":                                                false,
		"SELECT date_parse(purchase_date, '%Y%m%d'), count(*) FROM purchase GROUP BY CUBE (1, affiliate)":                                                 false,
		"SELECT regexp_extract(CAST(amount AS varchar), '.'), count(*) FROM purchase GROUP BY 1":                                                          false, // 0.0 and -0.0 are one group
		"SELECT regexp_extract(purchase_date || CAST(random() AS varchar), '.'), count(*) FROM purchase GROUP BY 1":                                       false,
		"SELECT regexp_extract(p.purchase_date || c.sex, '.'), count(*) FROM purchase p JOIN customer c ON p.customer_id = c.customer_id GROUP BY 1":      false, // two tables in one key
		"SELECT date_parse(d, '%Y%m%d'), count(*) FROM (SELECT max(purchase_date) AS d FROM purchase GROUP BY affiliate) t GROUP BY 1":                    false, // no stored column
		"SELECT (SELECT max(x) FROM (SELECT regexp_extract(c.sex || p.affiliate, '.') AS x, count(*) FROM purchase p GROUP BY 1) t) FROM customer c":      false, // from outside
	} {
		p, err := inShop(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if (p.Alternative != nil) != want {
			t.Errorf("%s\nin two steps: %v, want %v", sql, p.Alternative != nil, want)
		}
		if strings.Contains(p.SQL, "\x00") || p.Alternative != nil && strings.Contains(p.Alternative.SQL, "\x00") {
			t.Errorf("%s: a mark was left in %q", sql, p.SQL)
		}
	}
}

func TestKeysWithNamesOfTheirOwnAreFoundAgain(t *testing.T) {
	for _, sql := range []string{
		"SELECT regexp_extract(CAST(amount AS varchar), '.'), regexp_extract(CAST(amount AS varchar), '.') || 'x', count(*) FROM purchase GROUP BY regexp_extract(CAST(amount AS varchar), '.')",
		"SELECT split_part(regexp_replace(affiliate, 'a'), '-', 2) AS 지점, count(*) FROM purchase GROUP BY affiliate || 'x', 1 HAVING split_part(regexp_replace(affiliate, 'a'), '-', 2) > '' ORDER BY 1",
	} {
		if _, err := inShop(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
