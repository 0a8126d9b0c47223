package seeds

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"testing"
)

// athenaBlock is one SQL block of the document and what it must come to.
type athenaBlock struct {
	// postgres answers it from the source.
	postgres string
	// any is set if the block leaves open which of postgres's rows it gives.
	any int
	// ordered is set if ORDER BY fixes the place of every row.
	ordered bool
	// by are the columns of ORDER BY otherwise: texts upwards, the last one a
	// number downwards; NULL is last in both.
	by []int

	sql  string
	want []string
}

// money is round(x, 2) as Athena and DuckDB do it: of x*100 in doubles, halves
// away from zero. PostgreSQL's own rounds halves to even.
func money(x string) string { return "floor((" + x + ") * 100 + 0.5) / 100" }

const total = "sum(amount) / 1000000"

// athenaBlocks are the document's SQL blocks in order; all run as written. The
// first leaves open which 20 rows it gives; the divisions of the last are of
// doubles, and a purchase of nobody's divides by 0: Infinity.
func athenaBlocks() []athenaBlock {
	return []athenaBlock{
		{any: 20, postgres: `SELECT p.affiliate, receipt_no, p.division_cd, p.main_category_cd, p.sub_category_cd, p.customer_id, store_cd, purchase_date,
			purchase_time, amount, purchase_year, purchase_month, c.customer_id, c.sex, c.age_group, c.residence, z.*, i.*
			FROM answer.purchase p LEFT JOIN retail.customer c ON c.customer_id = p.customer_id
			LEFT JOIN retail.zipcode z ON z.short_zipcode = c.residence
			LEFT JOIN retail.products_info i ON (i.affiliate, i.division_cd, i.main_category_cd, i.sub_category_cd) =
				(p.affiliate, p.division_cd, p.main_category_cd, p.sub_category_cd)
			WHERE p.affiliate = 'A' AND purchase_date LIKE '201401__'`},
		{ordered: true, postgres: `SELECT affiliate, purchase_year, purchase_month, ` + money(total) + `, count(amount)
			FROM answer.purchase_all_info GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`},
		{ordered: true, postgres: `SELECT affiliate, to_char(to_date(purchase_date, 'YYYYMMDD'), 'FMDay'), extract(isodow FROM to_date(purchase_date, 'YYYYMMDD'))::bigint,
			purchase_time, ` + money(total) + `, count(amount)
			FROM answer.purchase_all_info GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4`},
		{ordered: true, postgres: `SELECT affiliate, division_cd, main_category_desc, sub_category_desc, ` + money(total) + `, count(amount)
			FROM answer.purchase_all_info GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`},
		{by: []int{0, 1, 5}, postgres: `SELECT affiliate, age_group, division_cd, main_category_desc, sub_category_desc, ` + money(total) + `, count(amount)
			FROM answer.purchase_all_info GROUP BY 1, 2, 3, 4, 5`},
		{by: []int{0, 3}, postgres: `SELECT affiliate, province_city, city_county, ` + money(total) + `, count(amount)
			FROM answer.purchase_all_info GROUP BY 1, 2, 3`},
		{ordered: true, postgres: `SELECT affiliate, count(DISTINCT customer_id), count(customer_id), count(customer_id) / count(DISTINCT customer_id), ` +
			money("sum(amount) / count(customer_id) / 10000") + `, ` + money("sum(amount) / count(DISTINCT customer_id) / 10000") + `
			FROM answer.purchase_all_info GROUP BY 1 ORDER BY 1`},
		{ordered: true, postgres: `SELECT affiliate, customer_id, purchase_year, purchase_month, count(customer_id), CASE count(customer_id)
			WHEN 0 THEN sum(amount) * 'Infinity' ELSE ` + money("sum(amount) / nullif(count(customer_id), 0) / 10000") + ` END
			FROM answer.purchase_all_info GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`},
	}
}

// athenaAnswers joins the document's blocks with the source's answers.
func athenaAnswers(t *testing.T, d document, s source) []athenaBlock {
	t.Helper()
	written, blocks := d.blocks("sql"), athenaBlocks()
	if len(written) != len(blocks) {
		t.Fatalf("%d SQL blocks in the document, want %d", len(written), len(blocks))
	}
	for i := range blocks {
		b := &blocks[i]
		b.sql, b.want = written[i], s.rows(t, b.postgres)
	}
	return blocks
}

// athena runs the blocks as they are written.
func athena(t *testing.T, p project, blocks []athenaBlock) {
	for i, b := range blocks {
		r := p.query(t, b.sql)
		got := r.lines(t)
		switch {
		case b.any > 0:
			among(t, i+1, b, got)
		case b.ordered:
			if !slices.Equal(got, b.want) {
				same(t, "block (sorted)", got, b.want)
				t.Errorf("block %d: not PostgreSQL's rows in its order", i+1)
			}
		default:
			same(t, "block", got, b.want)
			if !slices.IsSortedFunc(r.Rows, b.compare) {
				t.Errorf("block %d is out of order", i+1)
			}
		}
	}
}

// compare orders rows as the block's ORDER BY does.
func (b athenaBlock) compare(x, y []any) int {
	for _, c := range b.by[:len(b.by)-1] {
		if n := cmp.Compare(last(x[c]), last(y[c])); n != 0 {
			return n
		}
	}
	number := b.by[len(b.by)-1]
	return cmp.Compare(least(y[number]), least(x[number]))
}

// last is a text's place in an order that puts NULL behind all texts.
func last(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return "\xff"
}

// least is a number that is less than all others if it is NULL.
func least(v any) float64 {
	if n, ok := v.(json.Number); ok {
		f, _ := n.Float64()
		return f
	}
	return math.Inf(-1)
}

// among checks a block whose rows are any of the wanted.
func among(t *testing.T, n int, b athenaBlock, got []string) {
	t.Helper()
	if len(got) != b.any {
		t.Errorf("block %d: %d rows, want %d", n, len(got), b.any)
	}
	left := map[string]int{}
	for _, w := range b.want {
		left[w]++
	}
	for _, g := range got {
		if left[g]--; left[g] < 0 {
			t.Errorf("block %d: no such row in the source: %s", n, g)
		}
	}
}
