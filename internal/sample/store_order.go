package sample

import (
	"sort"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// What the store ordered, sent back and threw away from 2015-01-01 to
// 2017-08-31: rows of balju_refund with each of the three.
const (
	storeOrders    = 200_000
	storeRefunds   = 6_000
	storeDisposals = 4_500
)

// storeDeliveries are the weekdays' parts of the orders in percent, Sunday first.
var storeDeliveries = [...]uint64{62, 112, 108, 106, 108, 110, 94}

// order is a row of balju_refund.
type order struct {
	day              arrow.Date32
	code             string
	balju            int32
	refund, disposal int32
}

// newOrders makes the rows of balju_refund that go with so many receipts, by
// date and product.
func newOrders(seed uint64, receipts int64) []order {
	all := goods()
	days := newCalendar(storeFirst, storeEnd, func(day time.Time, n uint64) uint64 {
		return storeDeliveries[day.Weekday()] * (10_000 + n)
	})
	share := func(of int64) int64 { return of * min(receipts, StoreReceipts) / StoreReceipts }
	kinds := []struct {
		rows int64
		pick alias
		set  func(o *order, p *good, g *rng)
	}{
		{share(storeOrders), drawn(all, func(p good) bool { return true }), func(o *order, p *good, g *rng) { o.balju = ordered(p, g) }},
		{share(storeRefunds), drawn(all, func(p good) bool { return p.returnable }), func(o *order, _ *good, g *rng) { o.refund = int32(1 + g.below(4)) }},
		{share(storeDisposals), drawn(all, func(p good) bool { return p.fresh }), func(o *order, _ *good, g *rng) { o.disposal = int32(1 + g.below(2)) }},
	}
	firsts := make([][]int64, len(kinds))
	for k, kind := range kinds {
		firsts[k] = append(days.firsts(kind.rows), kind.rows)
	}
	var out []order
	for d, day := range days.days {
		rows := map[int]*order{}
		for k, kind := range kinds {
			g := newRNG(seed, streamOrder+uint64(k), uint64(d))
			for _, i := range distinct(kind.pick, firsts[k][d+1]-firsts[k][d], &g) {
				if rows[i] == nil {
					rows[i] = &order{day: daysSinceEpoch(day), code: all[i].code}
				}
				kind.set(rows[i], &all[i], &g)
			}
		}
		var keys []int
		for i := range rows {
			keys = append(keys, i)
		}
		sort.Ints(keys)
		for _, i := range keys {
			out = append(out, *rows[i])
		}
	}
	return out
}

// drawn draws among the products that may be, by how well they sell.
func drawn(all []good, may func(good) bool) alias {
	w := make([]uint64, len(all))
	for i, p := range all {
		if may(p) {
			w[i] = p.weight
		}
	}
	return newAlias(w)
}

// distinct draws n products, each at most once, in the order drawn.
func distinct(pick alias, n int64, g *rng) []int {
	var out []int
	seen := map[int]bool{}
	for int64(len(out)) < n {
		if i := pick.draw(g.next()); !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	return out
}

// ordered is how many pieces an order is for: cigarettes come in cartons of ten,
// fresh goods one by one, the rest in small boxes.
func ordered(p *good, g *rng) int32 {
	switch {
	case p.adult && p.price == 4500:
		return 10
	case p.fresh:
		return int32(1 + g.below(3))
	}
	return int32(2 * (1 + g.below(3)))
}

func orderBatch(schema *arrow.Schema, rows []order) made {
	b := builder(schema)
	defer b.Release()
	for _, o := range rows {
		b.Field(0).(*array.Date32Builder).Append(o.day)
		b.Field(1).(*array.StringBuilder).Append(o.code)
		for k, v := range [...]int32{o.balju, o.refund, o.disposal} {
			b.Field(2 + k).(*array.Int32Builder).Append(v)
		}
	}
	return made{batch: b.NewRecordBatch()}
}
