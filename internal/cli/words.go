package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// count is a number with thousands apart: 28,593,030.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// size is a number of bytes in powers of 1000: 1.2 GB.
func size(n int64) string {
	f, unit := float64(n), ""
	for _, unit = range []string{"B", "kB", "MB", "GB", "TB", "PB"} {
		if f < 999.95 || unit == "PB" {
			break
		}
		f /= 1000
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, unit)
}

// span is a duration to read: 0.4s, 12.3s, 4m05s, 2h03m.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// moment is a time with its zone.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func momentOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return moment(*t)
}

// took is the time from start to end, or to now while there is no end.
func (c *cli) took(start time.Time, end *time.Time) string {
	if start.IsZero() {
		return ""
	}
	if end == nil {
		return span(c.env.Clock.Now().Sub(start))
	}
	return span(end.Sub(start))
}

// parseAge reads a duration in days too: 7d, 36h, 90m, 0.
func parseAge(cmd *cobra.Command, flag, s string) (time.Duration, error) {
	wrong := usage(cmd, "--%s cannot be %q: it takes a duration such as 7d, 36h or 0", flag, s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || n < 0 || n > 36500 {
			return 0, wrong
		}
		return time.Duration(n * 24 * float64(time.Hour)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, wrong
	}
	return d, nil
}

// parseSize reads a number of bytes: 128MB (1000s), 128MiB (1024s), 1000000.
func parseSize(cmd *cobra.Command, flag, s string) (int64, error) {
	upper := strings.ToUpper(strings.TrimSpace(s))
	unit := int64(1)
	for i, letter := range []string{"K", "M", "G", "T"} {
		if rest, ok := strings.CutSuffix(upper, letter+"IB"); ok {
			upper, unit = rest, 1<<(10*(i+1))
			break
		}
		if rest, ok := strings.CutSuffix(strings.TrimSuffix(upper, "B"), letter); ok {
			upper = rest
			for range i + 1 {
				unit *= 1000
			}
			break
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(upper, "B")), 64)
	if err != nil || n <= 0 || n*float64(unit) > 1<<62 {
		return 0, usage(cmd, "--%s cannot be %q: it takes a size such as 128MB", flag, s)
	}
	return int64(n * float64(unit)), nil
}
