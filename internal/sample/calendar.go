package sample

import (
	"math/bits"
	"sort"
	"time"
)

// calendar spreads rows over days by how busy each day is.
type calendar struct {
	days []time.Time
	upTo []uint64 // running sum of the days' weights
}

// newCalendar has the days from first up to but without end; weight is asked
// for each, n counting from 0.
func newCalendar(first, end time.Time, weight func(day time.Time, n uint64) uint64) calendar {
	var c calendar
	var sum uint64
	for day := first; day.Before(end); day = day.AddDate(0, 0, 1) {
		sum += weight(day, uint64(len(c.days)))
		c.days = append(c.days, day)
		c.upTo = append(c.upTo, sum)
	}
	return c
}

// day returns the index of the day on which row i of rows falls.
func (c calendar) day(i, rows int64) int {
	total := c.upTo[len(c.upTo)-1]
	hi, lo := bits.Mul64(uint64(i), total)
	at, _ := bits.Div64(hi, lo, uint64(rows))
	return sort.Search(len(c.upTo), func(d int) bool { return c.upTo[d] > at })
}

// firsts are the first rows of each day, if rows are spread over the calendar.
func (c calendar) firsts(rows int64) []int64 {
	out := make([]int64, len(c.days))
	for d := 1; d < len(out); d++ {
		hi, lo := bits.Mul64(c.upTo[d-1], uint64(rows))
		lo, carry := bits.Add64(lo, c.upTo[len(c.upTo)-1]-1, 0)
		q, _ := bits.Div64(hi+carry, lo, c.upTo[len(c.upTo)-1])
		out[d] = int64(q)
	}
	return out
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
