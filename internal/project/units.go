package project

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var sizePattern = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$`)

// ParseSize reads "512MB", "2GB", "1.5GiB" into bytes. As in DuckDB KB, MB, GB
// and TB are powers of 1000 and KiB, MiB, GiB and TiB of 1024.
func ParseSize(s string) (int64, error) {
	units := map[string]float64{"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
	m := sizePattern.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, fmt.Errorf("%q is not a size; write a number and a unit, as 512MB or 2GB", s)
	}
	unit, ok := units[strings.ToLower(m[2])]
	f, err := strconv.ParseFloat(m[1], 64)
	if !ok || err != nil || f*unit > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is not a size; write a number and a unit, as 512MB or 2GB", s)
	}
	return int64(f * unit), nil
}

// parseDuration reads "90s", "15m", "2h", "1h30m" and "2d".
func parseDuration(s string) (time.Duration, error) {
	t := strings.TrimSpace(s)
	if days, ok := strings.CutSuffix(t, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 10000 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(t)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration; write a number and a unit, as 90s, 15m or 2h", s)
	}
	return d, nil
}
