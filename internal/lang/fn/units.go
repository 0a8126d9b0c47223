package fn

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// saturate is Java's cast of a double to a long.
func saturate(v float64) int64 {
	switch {
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	case v != v:
		return 0
	}
	return int64(v)
}

// FormatNumber is format_number: 1.23M.
func FormatNumber(v float64) string {
	f := float64(saturate(v))
	units := []string{"", "K", "M", "B", "T", "Q"}
	for (f >= 1000 || f <= -1000) && len(units) > 1 {
		f, units = f/1000, units[1:]
	}
	digits := 0
	switch {
	case f < 10: // negative numbers too, as in Trino
		digits = 2
	case f < 100:
		digits = 1
	}
	s := strconv.FormatFloat(f, 'f', digits, 64)
	if digits > 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + units[0]
}

// HumanReadableSeconds is human_readable_seconds.
func HumanReadableSeconds(v float64) (string, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "", invalid("invalid argument found: %v", v)
	}
	left := saturate(math.Floor(math.Abs(v) + 0.5))
	var parts []string
	for _, u := range []struct {
		name string
		n    int64
	}{{"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}} {
		n := left / u.n
		if left %= u.n; n == 1 {
			parts = append(parts, "1 "+u.name)
		} else if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %ss", n, u.name))
		}
	}
	if len(parts) == 0 {
		return "0 seconds", nil
	}
	return strings.Join(parts, ", "), nil
}

var (
	durationForm = regexp.MustCompile(`^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$`)
	sizeForm     = regexp.MustCompile(`^(\d+(?:\.\d*)?)([a-zA-Z]+)$`)
)

// ParseDuration is parse_duration, in whole milliseconds.
func ParseDuration(s string) (int64, error) {
	units := map[string]float64{"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}
	m := durationForm.FindStringSubmatch(s)
	if m == nil {
		return 0, invalid("duration is not a valid data duration string: %s", shorten(s))
	}
	unit, ok := units[m[2]]
	if !ok {
		return 0, invalid("unknown time unit: %s", m[2])
	}
	v, _ := strconv.ParseFloat(m[1], 64)
	return saturate(math.Floor(v*unit + 0.5)), nil
}

// ParseDataSize is parse_data_size and parse_presto_data_size, in bytes, as the
// text of a decimal(38,0).
func ParseDataSize(s string) (string, error) {
	m := sizeForm.FindStringSubmatch(s)
	if m == nil {
		return "", invalid("invalid data size: '%s'", shorten(s))
	}
	power := -1
	for i, u := range []string{"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"} {
		if u == m[2] {
			power = i
		}
	}
	v, ok := parseDecimal(m[1])
	if power < 0 || !ok {
		return "", invalid("invalid data size: '%s'", shorten(s))
	}
	n := new(big.Int).Lsh(v.digits, uint(10*power))
	n.Quo(n, pow10(-v.exp))
	if len(n.String()) > 38 {
		return "", outOfRange("value out of range: '%s' ('%sB')", shorten(s), n)
	}
	return n.String(), nil
}

// IntervalDayText is the text of an interval day to second, which is held in
// milliseconds: 2 03:04:05.678.
func IntervalDayText(ms int64) string {
	sign, u := "", uint64(ms)
	if ms < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d %02d:%02d:%02d.%03d", sign, u/86400000, u/3600000%24, u/60000%60, u/1000%60, u%1000)
}

// IntervalMonthText is the text of an interval year to month: 1-2.
func IntervalMonthText(months int64) string {
	sign, u := "", uint64(months)
	if months < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d-%d", sign, u/12, u%12)
}

func unitDefs() []Def {
	return []Def{
		def1("mg_interval_day_text", sure(IntervalDayText)),
		def1("mg_interval_month_text", sure(IntervalMonthText)),
		def1("mg_format_number", sure(FormatNumber)),
		def1("mg_human_readable_seconds", HumanReadableSeconds),
		def1("mg_parse_duration", ParseDuration),
		def1("mg_parse_data_size", ParseDataSize),
	}
}
