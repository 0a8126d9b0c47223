package postgres

import (
	"fmt"
	"math"
	"time"

	"github.com/mulgil/mulgil/internal/port/extract"
)

// date appends a day counted from 2000-01-01.
func (d *decoder) date(c *column, dst *extract.Column, days int32) error {
	switch {
	case days == math.MaxInt32:
		return d.bad(c, "holds infinity, which is no date")
	case days == math.MinInt32:
		return d.bad(c, "holds -infinity, which is no date")
	case days < firstDay:
		return d.bad(c, "holds %s, which lies before the year 1", day(int64(days)))
	}
	dst.Append32(days + dayOffset)
	return nil
}

// time appends microseconds since midnight; PostgreSQL's 24:00:00 is no time elsewhere.
func (d *decoder) time(c *column, dst *extract.Column, micros int64) error {
	if micros < 0 || micros >= microsPerDay {
		return d.bad(c, "holds 24:00:00, which other systems cannot keep")
	}
	dst.Append64(micros)
	return nil
}

// timestamp appends microseconds counted from 2000-01-01.
func (d *decoder) timestamp(c *column, dst *extract.Column, micros int64) error {
	switch {
	case micros == math.MaxInt64:
		return d.bad(c, "holds infinity, which is no timestamp")
	case micros == math.MinInt64:
		return d.bad(c, "holds -infinity, which is no timestamp")
	case micros < firstDay*microsPerDay:
		days := micros / microsPerDay
		if micros%microsPerDay < 0 {
			days--
		}
		return d.bad(c, "holds a time on %s, which lies before the year 1", day(days))
	case micros > math.MaxInt64-microOffset:
		return d.bad(c, "holds a time on %s, which lies too far ahead", day(micros/microsPerDay))
	}
	dst.Append64(micros + microOffset)
	return nil
}

// day writes a day counted from 2000-01-01 as PostgreSQL does.
func day(days int64) string {
	t := time.Unix((days+dayOffset)*86_400, 0).UTC()
	if y := t.Year(); y < 1 {
		return fmt.Sprintf("%04d-%02d-%02d BC", 1-y, t.Month(), t.Day())
	}
	return fmt.Sprintf("%04d-%02d-%02d", t.Year(), t.Month(), t.Day())
}
