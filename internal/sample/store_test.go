package sample

import (
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
)

// readStore hands every batch of a table of the store sample to see.
func readStore(t *testing.T, table string, opts Options, see func(arrow.RecordBatch)) {
	t.Helper()
	r, err := StoreReader(t.Context(), table, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	for r.Next() {
		see(r.RecordBatch())
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestStoreSellsWhatTheDocumentSays(t *testing.T) {
	divisions, codes, adult := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, g := range goods() {
		if codes[g.code] || len(g.code) != 13 || len([]rune(g.name)) > 50 {
			t.Errorf("product %+v", g)
		}
		codes[g.code], divisions[g.code], adult[g.code] = true, g.division, g.adult
	}
	opts := Options{Rows: StoreReceipts, Seed: 7}
	lines, receipts, keys, hours, days := 0, map[string]bool{}, map[string]bool{}, map[string]int{}, map[arrow.Date32]int{}
	members := 0
	var sales, tobacco float64
	readStore(t, "transaction_order", opts, func(b arrow.RecordBatch) {
		text := func(k, i int) string { return b.Column(k).(*array.String).Value(i) }
		for i := range int(b.NumRows()) {
			lines++
			day, code, won := b.Column(0).(*array.Date32).Value(i), text(6, i), b.Column(8).(*array.Float64).Value(i)
			receipts[text(5, i)] = true
			keys[day.FormattedString()+text(1, i)+text(4, i)+text(5, i)+code] = true
			hours[text(1, i)]++
			days[day]++
			sales += won
			if divisions[code] == "담배" {
				tobacco += won
			}
			if b.Column(9).IsNull(i) != b.Column(10).IsNull(i) {
				t.Fatal("a member has sex or age group but not both")
			}
			if b.Column(9).IsValid(i) {
				members++
				if text(10, i) == "10대" && adult[code] {
					t.Fatal("a young member buys what is for adults")
				}
			}
		}
	})
	if len(receipts) != 350_000 || len(days) != 974 || len(keys) != lines {
		t.Errorf("%d receipts on %d days, %d keys in %d lines", len(receipts), len(days), len(keys), lines)
	}
	near(t, "lines a day", lines, 974*522, 1, 0.003)
	near(t, "tobacco", int(tobacco), int(sales), 0.5, 0.02)
	near(t, "members", members, lines, 0.38, 0.01)
	for h, n := range hours {
		if h != "22" && n >= hours["22"] {
			t.Errorf("%d lines at %s, %d at 22", n, h, hours["22"])
		}
	}
	for _, day := range []time.Time{date(2015, 1, 1), date(2017, 8, 31)} {
		if days[daysSinceEpoch(day)] == 0 {
			t.Errorf("nothing is sold on %s", day)
		}
	}
}

func TestStoreOrdersAreAsManyAsTheDocumentSays(t *testing.T) {
	fresh := map[string]bool{}
	for _, g := range goods() {
		fresh[g.code] = g.fresh
	}
	var with [3]int
	keys, rows := map[string]bool{}, 0
	readStore(t, "balju_refund", Options{Rows: StoreReceipts, Seed: 7}, func(b arrow.RecordBatch) {
		for i := range int(b.NumRows()) {
			rows++
			code := b.Column(1).(*array.String).Value(i)
			keys[b.Column(0).(*array.Date32).Value(i).FormattedString()+code] = true
			for k := range with {
				if b.Column(2+k).(*array.Int32).Value(i) > 0 {
					with[k]++
					if k == 2 && !fresh[code] {
						t.Fatalf("%s is thrown away", code)
					}
				}
			}
		}
	})
	if with != [3]int{200_000, 6_000, 4_500} || len(keys) != rows {
		t.Errorf("orders, refunds, disposals %v; %d keys in %d rows", with, len(keys), rows)
	}
}

func TestStoreOfAnySizeIsTheSameEveryTime(t *testing.T) {
	for _, n := range []int64{0, 1, 973, 70_000} {
		for _, table := range []string{"products", "transaction_order", "balju_refund"} {
			var prints [2]string
			for k := range prints {
				rows := int64(0)
				readStore(t, table, Options{Rows: n, Seed: 3}, func(b arrow.RecordBatch) {
					rows += b.NumRows()
					if last := int(b.NumRows()) - 1; last >= 0 {
						for _, c := range b.Columns() {
							prints[k] += c.ValueStr(last) + "|"
						}
					}
				})
				if table == "transaction_order" && (rows < n || n == 0 && rows != 0) {
					t.Errorf("%d receipts have %d lines", n, rows)
				}
			}
			if prints[0] != prints[1] {
				t.Errorf("%s of %d receipts: %s and then %s", table, n, prints[0], prints[1])
			}
		}
	}
	if _, err := StoreReader(t.Context(), "purchase", Options{}); base.KindOf(err) != base.NotFound {
		t.Errorf("a table of another sample: %v", err)
	}
}

func TestStoreReportsItsSum(t *testing.T) {
	ld := &counting{}
	sum, err := Store(t.Context(), ld, Options{Rows: 70_000, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if len(sum.Tables) != 3 || sum.Tables[0] != (TableRows{"RETAIL.products", 1015}) || sum.Amounts != sum.Tables[1].Rows || sum.Amount == 0 || !ld.finished {
		t.Errorf("summary %+v", sum)
	}
}
