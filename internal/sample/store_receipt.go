package sample

import (
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// lineWeights are the receipts of 1 to 6 lines in a thousand: 1.45 lines on average.
var lineWeights = [...]uint64{710, 184, 67, 25, 10, 4}

// storeHours are the hours 00 to 23: a quiet night, lunch, and the way home,
// which is longest at ten in the evening.
var storeHours = [...]uint64{44, 30, 20, 14, 11, 12, 20, 36, 48, 42, 38, 42, 54, 46, 42, 44, 48, 56, 66, 70, 74, 82, 94, 67}

// storeWeekdays and storeMonths are how busy days are, in percent, Sunday and January first.
var (
	storeWeekdays = [...]uint64{92, 96, 97, 98, 100, 112, 105}
	storeMonths   = [...]uint64{90, 92, 97, 100, 104, 106, 109, 110, 103, 100, 95, 94}
)

// ages are the members' age groups, with how many of a hundred members are in each.
var (
	ages      = [...]string{"10대", "20대", "30대", "40대", "50대", "60대 이상"}
	ageShares = [...]uint64{9, 31, 27, 18, 10, 5}
)

// receipts makes rows of transaction_order; each receipt has random numbers of
// its own. It is read-only and safe for concurrent use.
type receipts struct {
	seed     uint64
	total    int64
	schema   *arrow.Schema
	calendar calendar
	first    []int64 // the first receipt of each day, and their number
	goods    []good
	pick     alias
	line     alias
	age      alias
	hour     []uint64 // running sum of storeHours
}

func newReceipts(seed uint64, total int64) *receipts {
	r := &receipts{seed: seed, total: total, schema: schemaOf(receiptTable()), goods: goods(), line: newAlias(lineWeights[:]), age: newAlias(ageShares[:])}
	r.calendar = newCalendar(storeFirst, storeEnd, func(day time.Time, n uint64) uint64 {
		return storeMonths[day.Month()-1] * storeWeekdays[day.Weekday()] * (10_000 + n) // a tenth more after a thousand days
	})
	r.first = append(r.calendar.firsts(total), total)
	weights := make([]uint64, len(r.goods))
	for i, g := range r.goods {
		weights[i] = g.weight
	}
	r.pick = newAlias(weights)
	var sum uint64
	for _, w := range storeHours {
		sum += w
		r.hour = append(r.hour, sum)
	}
	return r
}

// lines is how many rows the first n receipts make.
func (r *receipts) lines(n int64) (rows int64) {
	for i := range n {
		g := newRNG(r.seed, streamReceipt, uint64(i))
		rows += int64(r.line.draw(g.next())) + 1
	}
	return rows
}

// batch makes the receipts from to to.
func (r *receipts) batch(from, to int64) made {
	b := builder(r.schema)
	defer b.Release()
	var m made
	for i := from; i < to; i++ {
		r.receipt(b, i, &m)
	}
	m.batch = b.NewRecordBatch()
	return m
}

// receipt writes the lines of receipt i.
func (r *receipts) receipt(b *array.RecordBuilder, i int64, m *made) {
	g := newRNG(r.seed, streamReceipt, uint64(i))
	lines := r.line.draw(g.next()) + 1
	day := r.calendar.day(i, r.total)
	at := r.calendar.days[day]
	number := i - r.first[day]
	hour := fmt.Sprintf("%02d", r.hourOf(number, r.first[day+1]-r.first[day], &g))
	pos, sex, age := "01", "", ""
	if g.below(100) < 24 { // the second till opens when there is a queue
		pos = "02"
	}
	if g.below(100) < 38 {
		sex, age = "M", ages[r.age.draw(g.next())]
		if g.below(100) < 44 {
			sex = "F"
		}
	}
	receipt := fmt.Sprintf("%s%04d", at.Format("060102"), number+1)
	taken := make([]int, 0, len(lineWeights))
	for range lines {
		k := r.choose(&g, taken, age == ages[0])
		taken = append(taken, k)
		qty := quantity(&r.goods[k], &g)
		won := qty * r.goods[k].price
		m.sum += won
		m.counts++
		b.Field(0).(*array.Date32Builder).Append(daysSinceEpoch(at))
		for c, v := range [...]string{hour, "S0101", "물길편의점 1호점", pos, receipt, r.goods[k].code} {
			b.Field(c + 1).(*array.StringBuilder).Append(v)
		}
		b.Field(7).(*array.Int32Builder).Append(int32(qty))
		b.Field(8).(*array.Float64Builder).Append(float64(won))
		for c, v := range [...]string{sex, age} {
			if v == "" {
				b.Field(9 + c).AppendNull()
			} else {
				b.Field(9 + c).(*array.StringBuilder).Append(v)
			}
		}
	}
}

// hourOf spreads a day's n receipts over its hours, in order.
func (r *receipts) hourOf(number, n int64, g *rng) int {
	at := (uint64(number)<<16 + g.next()>>48) * r.hour[len(r.hour)-1] / (uint64(n) << 16)
	for h, upTo := range r.hour {
		if at < upTo {
			return h
		}
	}
	return len(r.hour) - 1
}

// choose draws a product that is not on the receipt yet, and none for adults if the buyer is young.
func (r *receipts) choose(g *rng, taken []int, young bool) int {
draw:
	k := r.pick.draw(g.next())
	if young && r.goods[k].adult {
		goto draw
	}
	for _, t := range taken {
		if t == k {
			goto draw
		}
	}
	return k
}

// quantity is how many pieces of a product are on a line: one, mostly.
func quantity(p *good, g *rng) int64 {
	switch u := g.below(100); {
	case p.adult && p.price == 4500 && u == 99:
		return 10 // a carton of cigarettes
	case u >= 97:
		return 4
	case u >= 94:
		return 3
	case u >= 82:
		return 2
	}
	return 1
}
