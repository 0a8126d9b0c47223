package external

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// series is a list that need not be in memory.
type series struct {
	n  int64
	at func(i int64) string
}

func listed(values []string) series {
	return series{int64(len(values)), func(i int64) string { return values[i] }}
}

func (c *projected) series(a Allowed) (series, error) {
	if c.kind == "injected" {
		if a.In == nil {
			return series{}, base.Errorf(base.Invalid, "for the injected projected partition column %s, the WHERE clause must contain only static equality conditions, and at least one such condition must be present", c.name).
				WithCode("CONSTRAINT_VIOLATION").WithHint("add AND %s = '...' to the WHERE clause", c.name)
		}
		return listed(slices.Compact(slices.Sorted(slices.Values(a.In)))), nil
	}
	var s series
	switch {
	case a.In != nil:
		s = listed(c.members(a.In))
	case c.kind == "enum":
		s = listed(c.values)
	case c.kind == "integer":
		s = c.integers(a)
	default:
		s = c.dates(a)
	}
	if s.n > MaxProjected || a.Low == nil && a.High == nil {
		return s, nil // refused for its number, or nothing to look at
	}
	a.In = nil
	var kept []string
	for i := range s.n {
		if v := s.at(i); a.admits(c.plain(v), c.field.Type) {
			kept = append(kept, v)
		}
	}
	return listed(kept), nil
}

// members are the wanted values that the projection has, as it writes them.
func (c *projected) members(in []string) []string {
	var months map[string]bool
	if c.kind == "date" && c.unit.months > 0 {
		months = map[string]bool{}
		all := c.dates(Allowed{})
		for i := range all.n {
			months[all.at(i)] = true
		}
	}
	var out []string
	seen := map[string]bool{}
	for _, v := range in {
		s, ok := c.member(v)
		if ok && !seen[s] && (months == nil || months[s]) && CompareValues(c.plain(s), v, c.field.Type) == 0 {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func (c *projected) member(v string) (string, bool) {
	switch c.kind {
	case "enum":
		i := slices.IndexFunc(c.values, func(o string) bool { return CompareValues(o, v, c.field.Type) == 0 })
		if i < 0 {
			return "", false
		}
		return c.values[i], true
	case "integer":
		n, err := strconv.ParseInt(v, 10, 64)
		return c.number(n), err == nil && n >= c.low && n <= c.high && uint64(n-c.low)%uint64(c.step) == 0
	}
	t, err := c.moment(v)
	if err != nil || t.Before(c.from) || t.After(c.to) {
		return "", false
	}
	if c.unit.months > 0 {
		return c.pattern.format(t), true // members knows the steps
	}
	step := c.unit.seconds * int64(c.interval)
	return c.pattern.format(t), t.Nanosecond() == c.from.Nanosecond() && (t.Unix()-c.from.Unix())%step == 0
}

// moment reads a wanted value: a date as the column's type has it, or text in
// the pattern.
func (c *projected) moment(v string) (time.Time, error) {
	if c.field.Type.ID == base.Date || c.field.Type.ID == base.Timestamp {
		return parseTime(v)
	}
	return c.pattern.parse(v)
}

// plain is a projected value as a value of the column's type.
func (c *projected) plain(v string) string {
	if c.kind != "date" {
		return v
	}
	switch c.field.Type.ID {
	case base.Date:
		if t, err := c.pattern.parse(v); err == nil {
			return t.Format(time.DateOnly)
		}
	case base.Timestamp:
		if t, err := c.pattern.parse(v); err == nil {
			return t.Format("2006-01-02 15:04:05.999999")
		}
	}
	return v
}

func (c *projected) number(n int64) string {
	if n < 0 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%0*d", c.digits, n)
}

// integers clips the range where the column is a number; text is compared one
// by one afterwards.
func (c *projected) integers(a Allowed) series {
	low, high := c.low, c.high
	if c.field.Type.ID == base.Int || c.field.Type.ID == base.Long {
		if a.High != nil {
			if n, err := strconv.ParseInt(*a.High, 10, 64); err == nil {
				high = min(high, n)
			}
		}
		if a.Low != nil {
			if n, err := strconv.ParseInt(*a.Low, 10, 64); err == nil && n > low {
				if n > high {
					return series{}
				}
				// the first value on the grid that is not below n
				up := (uint64(n-low) + uint64(c.step) - 1) / uint64(c.step) * uint64(c.step)
				if up > math.MaxInt64 || low > math.MaxInt64-int64(up) {
					return series{}
				}
				low += int64(up)
			}
		}
	}
	if low > high {
		return series{}
	}
	count := uint64(high-low)/uint64(c.step) + 1
	if count > math.MaxInt64 || count == 0 {
		count = math.MaxInt64
	}
	return series{int64(count), func(i int64) string { return c.number(low + i*c.step) }}
}

// dates are the steps from the range's begin to its end.
func (c *projected) dates(a Allowed) series {
	from, to := c.from, c.to
	if to.Before(from) {
		return series{}
	}
	if c.unit.months > 0 {
		var all []string
		for at := from; !at.After(to) && len(all) <= MaxProjected; at = c.unit.add(at, c.interval) {
			all = append(all, c.pattern.format(at))
		}
		return listed(slices.Compact(all))
	}
	step := c.unit.seconds * int64(c.interval)
	if c.field.Type.ID != base.String || c.pattern.ordered() {
		from, to = c.clip(a, from, to, step)
	}
	if to.Before(from) {
		return series{}
	}
	return series{seconds(from, to)/step + 1, func(i int64) string { return c.pattern.format(after(from, i*step)) }}
}

// clip cuts a range to what is allowed, on its own steps.
func (c *projected) clip(a Allowed, from, to time.Time, step int64) (time.Time, time.Time) {
	if a.High != nil {
		if t, err := c.moment(*a.High); err == nil && t.Before(to) {
			to = t
		}
	}
	if a.Low != nil {
		if t, err := c.moment(*a.Low); err == nil && t.After(from) {
			from = after(from, seconds(from, t)/step*step)
		}
	}
	return from, to
}

// seconds are the whole seconds from a to b; a time.Duration holds 292 years only.
func seconds(a, b time.Time) int64 {
	n := b.Unix() - a.Unix()
	if b.Nanosecond() < a.Nanosecond() {
		n--
	}
	return n
}

func after(t time.Time, seconds int64) time.Time {
	return time.Unix(t.Unix()+seconds, int64(t.Nanosecond())).UTC()
}
