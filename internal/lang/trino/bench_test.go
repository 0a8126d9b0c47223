package trino_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// hundredLines is a report query of a hundred lines: WITH, joins, CASE, window functions.
func hundredLines() string {
	var b strings.Builder
	b.WriteString("WITH sales AS (\n  SELECT p.\"customer_id\", p.purchase_year AS y, c.sex, c.age_group, p.amount\n  FROM purchase p\n  LEFT JOIN customer c ON p.customer_id = c.customer_id AND c.residence <> '000'\n  WHERE p.affiliate = 'A' AND p.purchase_date BETWEEN '20140101' AND '20141231'\n)\nSELECT y, sex, age_group\n")
	for i := range 85 {
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

func BenchmarkParseHundredLines(b *testing.B) {
	sql := hundredLines()
	if n := strings.Count(sql, "\n") + 1; n != 99 {
		b.Fatalf("%d lines", n)
	}
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trino.Parse(sql); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseMegabyte(b *testing.B) {
	sql := "SELECT a FROM t WHERE a IN (1" + strings.Repeat(", 123", 200_000) + ")"
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trino.Parse(sql); err != nil {
			b.Fatal(err)
		}
	}
}
