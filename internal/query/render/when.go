package render

import (
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

const (
	daySeconds = 86400
	nanoDigits = 9
)

func perSecond(u arrow.TimeUnit) int64 { return int64(time.Second / u.Multiplier()) }

type date struct{ a *array.Date32 }

func (c *date) bind(a arrow.Array) { c.a = a.(*array.Date32) }

func (c *date) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '"')
	dst = appendDate(dst, int64(c.a.Value(i)))
	return append(dst, '"')
}

// appendDate writes the day that is so many days after 1970-01-01, in the
// Gregorian calendar extended to all years.
func appendDate(dst []byte, days int64) []byte {
	// Eras of 400 years that begin on the first of March.
	z := days + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day, month, year := doy-(153*mp+2)/5+1, mp+3, yoe+era*400
	if month > 12 {
		month, year = month-12, year+1
	}
	switch {
	case year < 0:
		dst, year = append(dst, '-'), -year
	case year > 9999:
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, year, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, month, 2)
	dst = append(dst, '-')
	return appendPadded(dst, day, 2)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// appendPadded writes v >= 0 with at least width digits.
func appendPadded(dst []byte, v int64, width int) []byte {
	if width == 2 && v < 100 {
		return append(dst, byte('0'+v/10), byte('0'+v%10))
	}
	limit := int64(10)
	for n := 1; n < width; n++ {
		if v < limit {
			dst = append(dst, '0')
		}
		limit *= 10
	}
	return strconv.AppendInt(dst, v, 10)
}

// appendTime writes a time of day.
func appendTime(dst []byte, second int64) []byte {
	dst = appendPadded(dst, second/3600, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, second/60%60, 2)
	dst = append(dst, ':')
	return appendPadded(dst, second%60, 2)
}

// appendFraction writes exactly so many digits of a fraction given in units of
// which perSecond make a second.
func appendFraction(dst []byte, fraction, perSecond int64, digits int) []byte {
	if digits == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := perSecond / 10; digits > 0; digits-- {
		if unit == 0 {
			dst = append(dst, '0')
			continue
		}
		dst = append(dst, byte('0'+fraction/unit%10))
		unit /= 10
	}
	return dst
}

func appendMoment(dst []byte, v, perSecond int64, digits int) []byte {
	seconds := floorDiv(v, perSecond)
	days := floorDiv(seconds, daySeconds)
	dst = appendDate(dst, days)
	dst = append(dst, ' ')
	dst = appendTime(dst, seconds-days*daySeconds)
	return appendFraction(dst, v-seconds*perSecond, perSecond, digits)
}

type clock struct {
	a         *array.Time64
	perSecond int64
	digits    int
}

func (c *clock) bind(a arrow.Array) { c.a = a.(*array.Time64) }

func (c *clock) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	v := int64(c.a.Value(i))
	dst = append(dst, '"')
	dst = appendTime(dst, v/c.perSecond)
	dst = appendFraction(dst, v%c.perSecond, c.perSecond, c.digits)
	return append(dst, '"')
}

type timestamp struct {
	a         *array.Timestamp
	perSecond int64
	digits    int
}

func (c *timestamp) bind(a arrow.Array) { c.a = a.(*array.Timestamp) }

func (c *timestamp) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '"')
	dst = appendMoment(dst, int64(c.a.Value(i)), c.perSecond, c.digits)
	return append(dst, '"')
}

// interval writes numbers of milliseconds or months.
type interval struct {
	months bool
	number func(i int) int64
	a      arrow.Array
}

func newInterval(t types.Type, in arrow.DataType) column {
	switch in.ID() {
	case arrow.INT32, arrow.INT64:
		return &interval{months: t.Kind == types.IntervalYear}
	}
	return nil
}

func (c *interval) bind(a arrow.Array) {
	c.a = a
	switch x := a.(type) {
	case *array.Int32:
		c.number = func(i int) int64 { return int64(x.Value(i)) }
	case *array.Int64:
		c.number = x.Value
	}
}

func (c *interval) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	n := c.number(i)
	dst = append(dst, '"')
	u := uint64(n)
	if n < 0 {
		dst, u = append(dst, '-'), -u
	}
	if c.months {
		dst = strconv.AppendUint(dst, u/12, 10)
		dst = append(dst, '-')
		dst = strconv.AppendUint(dst, u%12, 10)
		return append(dst, '"')
	}
	dst = strconv.AppendUint(dst, u/(daySeconds*1000), 10)
	dst = append(dst, ' ')
	ms := int64(u % (daySeconds * 1000))
	dst = appendTime(dst, ms/1000)
	dst = appendFraction(dst, ms%1000, 1000, 3)
	return append(dst, '"')
}
