package duckdb

import (
	"strings"
	"testing"
)

func TestOrderOfASubqueryIsKeptWhereItShows(t *testing.T) {
	const sub = "(SELECT affiliate, qty FROM purchase ORDER BY qty DESC, customer_id)"
	for sql, kept := range map[string]bool{
		"SELECT count(*), sum(qty) FROM " + sub + " t":                                                false,
		"SELECT affiliate, max(qty) FROM " + sub + " t GROUP BY affiliate":                            false,
		"WITH t AS " + sub + " SELECT avg(qty) FROM t":                                                false,
		"SELECT c.sex, count(*) FROM customer c JOIN " + sub + " t ON t.affiliate = c.sex GROUP BY 1": false,
		"SELECT * FROM " + sub + " t":                                                                 true,
		"SELECT * FROM " + sub + " t LIMIT 3":                                                         true,
		"SELECT array_agg(qty) FROM " + sub + " t":                                                    true,
		"SELECT count(*) FROM (SELECT * FROM purchase ORDER BY qty DESC LIMIT 3) t":                   true,
		"SELECT count(*) FROM (SELECT row_number() OVER () AS n FROM " + sub + " t) u WHERE n < 3":    true,
		"WITH t AS " + sub + " SELECT count(*) FROM t UNION ALL SELECT qty FROM t":                    true, // one text for both
		"SELECT count(*) FROM (SELECT (SELECT array_agg(qty) FROM " + sub + " t) AS x) u":             true,
	} {
		p, err := inShop(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if strings.Contains(p.SQL, "DESC") != kept {
			t.Errorf("%s\norder kept: %v, want %v\n%s", sql, !kept, kept, p.SQL)
		}
	}
	if _, err := inShop("SELECT count(*) FROM (SELECT qty FROM purchase ORDER BY nowhere) t"); err == nil {
		t.Error("an order that is not kept was not read")
	}
}
