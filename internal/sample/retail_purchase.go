package sample

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// blockRows is how many rows share one sequence of random numbers: receipts
// never cross a block, so any block can be made without the ones before it.
const blockRows = 64

// firstReceipt is the number of the receipt that starts at row 0; a receipt's
// number is this plus its first row.
const firstReceipt = 10_000_000

// lineShares are the receipts of 1 to 8 lines in percent.
var lineShares = [...]uint64{26, 20, 16, 12, 9, 7, 6, 4}

// shopShares are the affiliates' parts of the receipts with 1 to 8 lines, in
// percent and the order of shopData. Department stores sell single things,
// hypermarkets whole carts; by rows this makes 24, 52, 22 and 2 percent.
var shopShares = [...][4]uint64{
	{48, 22, 24, 6}, {40, 31, 24, 5}, {31, 43, 23, 3}, {26, 49, 23, 2},
	{18, 60, 21, 1}, {12, 67, 21, 0}, {10, 70, 20, 0}, {8, 72, 20, 0},
}

// purchases makes rows of purchase. It is read-only and safe for concurrent use.
type purchases struct {
	seed      uint64
	rows      int64
	schema    *arrow.Schema
	calendar  calendar
	dates     []string // of the calendar, yyyymmdd
	customers []string // by rank, busiest first
	buyer     alias
	lines     alias
	shopOf    []alias // by lines - 1
	shops     []counter
	hourText  [24]string
}

// counter is an affiliate at work.
type counter struct {
	code    string
	goods   []product // by rank
	ranks   alias
	hours   alias
	stores  []string
	maxUnit int // most pieces of one thing on a line
}

// newPurchases prepares rows purchases of a seed.
func newPurchases(seed uint64, rows int64, people []customer) *purchases {
	p := &purchases{seed: seed, rows: rows, schema: schemaOf(purchaseTable()), calendar: retailCalendar(), lines: newAlias(lineShares[:])}
	r := newRNG(seed, streamRank, 0)
	for _, i := range r.shuffled(len(people)) {
		p.customers = append(p.customers, people[i].id)
	}
	p.buyer = newAlias(tail(len(people), len(people)/24))
	for _, shares := range shopShares {
		p.shopOf = append(p.shopOf, newAlias(shares[:]))
	}
	for i, s := range shops() {
		p.shops = append(p.shops, newCounter(s, hourShares[i], newRNG(seed, streamRank, uint64(i+1))))
	}
	for _, day := range p.calendar.days {
		p.dates = append(p.dates, day.Format("20060102"))
	}
	for h := range p.hourText {
		p.hourText[h] = fmt.Sprintf("%02d", h)
	}
	return p
}

// newCounter orders a shop's goods by how well they sell: the basic ones first,
// else at random.
func newCounter(s shop, hours [24]uint64, r rng) counter {
	c := counter{code: s.code, ranks: newAlias(tail(len(s.products), len(s.products)/30+1)), hours: newAlias(hours[:]), maxUnit: 6}
	if s.code == "A" {
		c.maxUnit = 2
	}
	order := r.shuffled(len(s.products))
	for v, left := 0, len(order); left > 0; v++ {
		for _, i := range order {
			if s.products[i].variant == v {
				c.goods = append(c.goods, s.products[i])
				left--
			}
		}
	}
	for n := range s.stores {
		c.stores = append(c.stores, fmt.Sprintf("%03d", n+1))
	}
	return c
}

// batch is a run of rows being written.
type batch struct {
	text   [9]*textColumn // all columns but the last
	amount numberColumn
	sum    int64
	counts int64
}

// batch makes rows from to to; from is the first row of a block.
func (p *purchases) batch(from, to int64) made {
	n := int(to - from)
	b := &batch{amount: numberColumn{values: make([]float64, 0, n)}}
	for i, width := range [...]int{1, 8, 2, 4, 7, 5, 3, 8, 2} {
		b.text[i] = newTextColumn(n, width)
	}
	for row := from; row < to; row += blockRows {
		p.block(b, row, min(row+blockRows, to))
	}
	cols := make([]arrow.Array, 0, 10)
	for _, c := range b.text {
		cols = append(cols, c.array())
	}
	cols = append(cols, b.amount.array())
	return made{batch: array.NewRecordBatch(p.schema, cols, int64(n)), sum: b.sum, counts: b.counts}
}

// block makes one block's receipts, leaving out rows from end on.
func (p *purchases) block(b *batch, row, end int64) {
	r := newRNG(p.seed, streamPurchase, uint64(row/blockRows))
	stop := (row/blockRows + 1) * blockRows
	for row < end {
		lines := min(int64(p.lines.draw(r.next()))+1, stop-row)
		p.receipt(b, &r, row, int(lines), int(min(lines, end-row)))
		row += lines
	}
}

// receipt writes the first kept lines of a receipt that starts at row.
func (p *purchases) receipt(b *batch, r *rng, row int64, lines, kept int) {
	s := p.shopOf[lines-1].draw(r.next())
	c := &p.shops[s]
	buyer := p.buyer.draw(r.next())
	day := p.calendar.day(row, p.rows)
	luck := r.next()
	if luck>>32%50 == 0 { // a store that reported late
		day = max(0, day-1-int(luck>>40%3))
	}
	id, store := p.customers[buyer], c.stores[p.storeOf(buyer, s, r)]
	if uint32(luck)%10_000 < 5 {
		id = ""
	}
	if uint32(luck)/10_000%5_000 == 0 {
		store = ""
	}
	hour := p.hourText[c.hours.draw(r.next())]
	var number [20]byte
	no := string(strconv.AppendInt(number[:0], firstReceipt+row, 10))
	var chosen [8]int
	for k := range kept {
		chosen[k] = c.pick(r, chosen[:k])
		g, chance := &c.goods[chosen[k]], r.next()
		sub := g.sub
		if chance>>32%1_000 == 0 {
			sub = g.stray
		}
		b.text[0].add(c.code)
		b.text[1].add(no)
		b.text[2].add(g.division)
		b.text[3].add(g.main)
		b.text[4].add(sub)
		b.text[5].addOr(id)
		b.text[6].addOr(store)
		b.text[7].add(p.dates[day])
		b.text[8].add(hour)
		b.addAmount(c.price(g, r), uint32(chance)%10_000 < 4)
	}
}

// storeOf is where a customer shops: mostly the same store of each affiliate.
func (p *purchases) storeOf(buyer, shop int, r *rng) int {
	n := len(p.shops[shop].stores)
	at := r.next()
	if at%8 != 0 {
		at = mix(mix(p.seed+streamHome) + uint64(buyer*len(p.shops)+shop)*golden)
	}
	return min(scale(at, n), scale(at<<32, n)) // the first stores are the big ones
}

// pick draws a product that is not on the receipt yet.
func (c *counter) pick(r *rng, taken []int) int {
	g := c.ranks.draw(r.next())
again:
	for _, t := range taken {
		if t == g {
			g = (g + 1) % len(c.goods)
			goto again
		}
	}
	return g
}

// price is what a line costs in won, a multiple of 10.
func (c *counter) price(g *product, r *rng) int64 {
	u := r.next()
	pieces := int64(1)
	if u%100 >= 82 {
		pieces += int64(scale(u, c.maxUnit))
	}
	percent := int64(95 + u>>8%11) // sizes and brands differ
	if u>>16%5 == 0 {
		percent -= 5 * int64(1+u>>24%6) // on sale
	}
	return int64(g.price) * percent / 1_000 * 10 * pieces
}

func (b *batch) addAmount(won int64, missing bool) {
	if missing {
		b.amount.addNull()
		return
	}
	b.amount.values = append(b.amount.values, float64(won))
	b.sum += won
	b.counts++
}
