package sample

import "time"

// monthShare is a month's business in percent of an average one.
var monthShare = [...]uint64{96, 90, 94, 96, 103, 95, 97, 95, 100, 101, 102, 124}

// weekdayShare is a weekday's, Sunday first.
var weekdayShare = [...]uint64{128, 84, 86, 89, 90, 104, 134}

// retailCalendar has the days of 2014 and 2015.
func retailCalendar() calendar {
	// Seollal and Chuseok: people shop in the ten days before, then stay at home.
	feasts := []time.Time{date(2014, 1, 31), date(2014, 9, 8), date(2015, 2, 19), date(2015, 9, 27)}
	return newCalendar(date(2014, 1, 1), date(2016, 1, 1), func(day time.Time, n uint64) uint64 {
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
		return w
	})
}

// hourShares are the hours 00 to 23 of each affiliate, in the order of shopData:
// department stores close at 20:00, supermarkets live on the evening.
var hourShares = [...][24]uint64{
	{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 42, 76, 92, 104, 118, 124, 128, 126, 116, 88, 20, 2, 0, 0},
	{1, 0, 0, 0, 0, 0, 0, 1, 2, 6, 38, 52, 56, 62, 72, 82, 96, 108, 116, 118, 110, 94, 56, 14},
	{1, 0, 0, 0, 0, 1, 3, 8, 18, 34, 52, 60, 56, 54, 60, 72, 88, 108, 124, 122, 104, 78, 40, 9},
	{0, 0, 0, 0, 0, 0, 0, 2, 8, 16, 30, 48, 74, 70, 62, 66, 76, 92, 114, 122, 112, 84, 28, 4},
}
