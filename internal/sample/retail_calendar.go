package sample

import (
	"fmt"
	"math/bits"
	"sort"
	"time"
)

// calendar spreads rows over the days 2014-01-01 to 2015-12-31 by how busy
// each day is.
type calendar struct {
	dates []string // yyyymmdd
	upTo  []uint64 // running sum of the days' weights
}

// monthShare is a month's business in percent of an average one.
var monthShare = [...]uint64{96, 90, 94, 96, 103, 95, 97, 95, 100, 101, 102, 124}

// weekdayShare is a weekday's, Sunday first.
var weekdayShare = [...]uint64{128, 84, 86, 89, 90, 104, 134}

func newCalendar() calendar {
	first := time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
	end := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
	// Seollal and Chuseok: people shop in the ten days before, then stay at home.
	feasts := []time.Time{
		time.Date(2014, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2014, 9, 8, 0, 0, 0, 0, time.UTC),
		time.Date(2015, 2, 19, 0, 0, 0, 0, time.UTC), time.Date(2015, 9, 27, 0, 0, 0, 0, time.UTC),
	}
	var c calendar
	var sum uint64
	for day := first; day.Before(end); day = day.AddDate(0, 0, 1) {
		n := uint64(len(c.dates))
		w := monthShare[day.Month()-1] * weekdayShare[day.Weekday()] * (1000 + n/4) // a fifth more after two years
		for _, feast := range feasts {
			switch before := int(feast.Sub(day).Hours()) / 24; {
			case before == 0:
				w = w * 35 / 100
			case before >= 1 && before <= 10:
				w = w * uint64(175-before*6) / 100
			case before == -1:
				w = w * 70 / 100
			}
		}
		sum += w
		c.dates = append(c.dates, fmt.Sprintf("%04d%02d%02d", day.Year(), day.Month(), day.Day()))
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

// hourShares are the hours 00 to 23 of each affiliate, in the order of shopData:
// department stores close at 20:00, supermarkets live on the evening.
var hourShares = [...][24]uint64{
	{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 42, 76, 92, 104, 118, 124, 128, 126, 116, 88, 20, 2, 0, 0},
	{1, 0, 0, 0, 0, 0, 0, 1, 2, 6, 38, 52, 56, 62, 72, 82, 96, 108, 116, 118, 110, 94, 56, 14},
	{1, 0, 0, 0, 0, 1, 3, 8, 18, 34, 52, 60, 56, 54, 60, 72, 88, 108, 124, 122, 104, 78, 40, 9},
	{0, 0, 0, 0, 0, 0, 0, 2, 8, 16, 30, 48, 74, 70, 62, 66, 76, 92, 114, 122, 112, 84, 28, 4},
}
