package airflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Schedule is when the DAG runs, as schedules.yaml says.
type Schedule struct {
	Name string
	// Expression is cron(...), six or five fields, rate(...) or at(...).
	Expression string
	Zone       *time.Location
	// Start and End bound the runs; zero for none.
	Start, End time.Time
	// CatchUp is skip, last or all: what happens to runs that were missed.
	CatchUp string
	// Paused is set if it does not fire until someone lets it.
	Paused bool
	// Input is JSON whose texts may hold {{ date -1d }} and the like; nil for none.
	Input json.RawMessage
}

// timing is the schedule argument of the DAG.
func (w *writer) timing(s *Schedule) (string, error) {
	x := strings.TrimSpace(s.Expression)
	for _, p := range []string{"CRON_TZ=", "TZ="} {
		if zone, rest, ok := strings.Cut(strings.TrimPrefix(x, p), " "); ok && strings.HasPrefix(x, p) {
			loc, err := time.LoadLocation(zone)
			if err != nil {
				return "", base.Errorf(base.Invalid, "schedule %s: unknown time zone %q", s.Name, zone)
			}
			s.Zone, x = loc, strings.TrimSpace(rest)
		}
	}
	switch {
	case strings.HasPrefix(x, "rate("):
		return w.rate(s, x)
	case strings.HasPrefix(x, "at("):
		t, err := time.ParseInLocation("at(2006-01-02T15:04:05)", x, s.Zone)
		if err != nil {
			return "", base.Errorf(base.Invalid, "schedule %s: %s is not understood", s.Name, x)
		}
		s.Start = t
		return `"@once"`, nil
	}
	five, err := unixCron(strings.TrimSuffix(strings.TrimPrefix(x, "cron("), ")"))
	if err != nil {
		return "", base.Errorf(base.Invalid, "schedule %s: %s cannot be said in Airflow's cron: %w", s.Name, s.Expression, err).
			WithHint("write it with plain fields, or call the workflow from a DAG with a timetable of your own")
	}
	w.helpers["timetable"] = true
	return fmt.Sprintf("CronTriggerTimetable(%s, timezone=%s)", pyText(five), pyText(s.Zone.String())), nil
}

var ratePattern = regexp.MustCompile(`^rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)$`)

func (w *writer) rate(s *Schedule, x string) (string, error) {
	m := ratePattern.FindStringSubmatch(x)
	if m == nil {
		return "", base.Errorf(base.Invalid, "schedule %s: %s is not understood", s.Name, x)
	}
	return "timedelta(" + m[2] + "s=" + m[1] + ")", nil
}

// unixCron turns the fields of EventBridge (minutes hours day-of-month month
// day-of-week year, SUN is 1) into Unix's five (SUN is 0); five fields are left.
func unixCron(x string) (string, error) {
	f := strings.Fields(strings.ToUpper(x))
	switch len(f) {
	case 5:
		return strings.Join(f, " "), nil
	case 6:
	default:
		return "", fmt.Errorf("it has %d fields", len(f))
	}
	if f[5] != "*" {
		return "", fmt.Errorf("Airflow's cron has no years")
	}
	for _, i := range []int{2, 4} {
		if f[i] == "?" {
			f[i] = "*"
		}
		if strings.ContainsAny(strings.NewReplacer("JUL", "", "WED", "", "APR", "").Replace(f[i]), "LW#") {
			return "", fmt.Errorf("%s has no counterpart", f[i])
		}
	}
	week, err := weekdays(f[4])
	if err != nil {
		return "", err
	}
	f[4] = week
	return strings.Join(f[:5], " "), nil
}

var days = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

// weekdays counts from Sunday as 0 instead of 1.
func weekdays(field string) (string, error) {
	if field == "*" {
		return field, nil
	}
	var out []string
	for _, part := range strings.Split(field, ",") {
		span, step, stepped := strings.Cut(part, "/")
		ends := strings.Split(span, "-")
		for i, d := range ends {
			n, err := strconv.Atoi(d)
			switch at := slices.Index(days, d); {
			case at >= 0:
				ends[i] = strconv.Itoa(at)
			case err == nil && n >= 1 && n <= 7:
				ends[i] = strconv.Itoa(n - 1)
			case d != "*":
				return "", fmt.Errorf("%s is no day of the week", d)
			}
		}
		if len(ends) == 2 && ends[0] > ends[1] {
			return "", fmt.Errorf("the range %s goes round the end of the week", part)
		}
		if stepped && len(ends) == 1 && ends[0] != "*" {
			ends = append(ends, "6")
		}
		text := strings.Join(ends, "-")
		if stepped {
			text += "/" + step
		}
		out = append(out, text)
	}
	return strings.Join(out, ","), nil
}

// scheduled writes the function that makes the input of a scheduled run.
func (w *writer) scheduled(s *Schedule) (string, error) {
	var v any
	if len(s.Input) > 0 {
		d := json.NewDecoder(bytes.NewReader(s.Input))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			return "", base.Errorf(base.Invalid, "schedule %s: input: %w", s.Name, err)
		}
		if text, ok := v.(string); ok { // JSON as text
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				return "", base.Errorf(base.Invalid, "schedule %s: input: %w", s.Name, err)
			}
		}
	}
	fields, ok := v.(map[string]any)
	if !ok && v != nil {
		return "", base.Errorf(base.Invalid, "schedule %s: the input is no object", s.Name).WithHint("a DAG's parameters have names")
	}
	for name := range fields {
		w.params[name] = true
	}
	text, err := dated(fields)
	if err != nil {
		return "", base.Errorf(base.Invalid, "schedule %s: input: %w", s.Name, err)
	}
	return text, nil
}

// dated is a JSON value as Python in which places for dates are filled.
func dated(v any) (string, error) {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			x, err := dated(v[k])
			if err != nil {
				return "", err
			}
			parts = append(parts, pyText(k)+": "+x)
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	case []any:
		var parts []string
		for _, e := range v {
			x, err := dated(e)
			if err != nil {
				return "", err
			}
			parts = append(parts, x)
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	case string:
		return datedText(v)
	}
	return fromJSON(v).python(), nil
}

var datePlace = regexp.MustCompile(`\{\{\s*(.*?)\s*\}\}|<aws\.scheduler\.([a-z-]+)>`)

func datedText(s string) (string, error) {
	var parts []string
	at := 0
	for _, m := range datePlace.FindAllStringSubmatchIndex(s, -1) {
		if m[0] > at {
			parts = append(parts, pyText(s[at:m[0]]))
		}
		var x string
		var err error
		if m[2] >= 0 {
			x, err = dateExpr(s[m[2]:m[3]])
		} else if word := s[m[4]:m[5]]; word == "scheduled-time" {
			x = `at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")`
		} else {
			err = fmt.Errorf("<aws.scheduler.%s> has no counterpart in Airflow", word)
		}
		if err != nil {
			return "", err
		}
		parts = append(parts, x)
		at = m[1]
	}
	if at < len(s) || len(parts) == 0 {
		parts = append(parts, pyText(s[at:]))
	}
	return strings.Join(parts, " + "), nil
}

var dateWords = regexp.MustCompile(`^(date|week|month|year|time)(?:\s+([+-]\d+)([dwhm]?))?(?:\s+(first|last))?(?:\s+(\S.*))?$`)

// dateExpr is an expression such as "month -1 first yyyyMMdd" as Python; at is
// the run's local time.
func dateExpr(text string) (string, error) {
	m := dateWords.FindStringSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("{{ %s }} is not understood", text)
	}
	unit, letter, edge, format := m[1], m[3], m[4], m[5]
	n, _ := strconv.Atoi(m[2])
	usual := map[string]string{"date": "yyyy-MM-dd", "week": "yyyy-MM-dd", "month": "yyyy-MM", "year": "yyyy", "time": "yyyy-MM-dd'T'HH:mm:ss"}[unit]
	if edge != "" {
		usual = "yyyy-MM-dd"
	}
	if format == "" {
		format = usual
	}
	directive, err := strftime(format)
	if err != nil {
		return "", err
	}
	x := "at"
	shift := map[string]string{"d": "days", "w": "weeks", "h": "hours", "m": "minutes"}[letter]
	switch {
	case letter == "h" || letter == "m":
		x = fmt.Sprintf("(at.astimezone(timezone.utc) + timedelta(%s=%d)).astimezone(at.tzinfo)", shift, n)
	case shift != "":
		x = fmt.Sprintf("(at + timedelta(%s=%d))", shift, n)
	case unit == "month":
		x = fmt.Sprintf("month(at, %d)", n)
	case unit == "year":
		x = fmt.Sprintf("at.replace(year=at.year %+d, month=1, day=1)", n)
	case unit == "week":
		x = fmt.Sprintf("(at + timedelta(days=%d - at.weekday()))", 7*n)
	}
	if edge == "last" {
		switch unit {
		case "week":
			x = fmt.Sprintf("(at + timedelta(days=%d - at.weekday()))", 7*n+6)
		case "month":
			x = fmt.Sprintf("(month(at, %d) - timedelta(days=1))", n+1)
		case "year":
			x = fmt.Sprintf("at.replace(year=at.year %+d, month=12, day=31)", n)
		}
	}
	return x + ".strftime(" + pyText(directive) + ")", nil
}

// strftime turns a format in Java's letters into Python's.
func strftime(format string) (string, error) {
	var b strings.Builder
	for format != "" {
		c := format[0]
		if c == '\'' {
			quoted, rest, _ := strings.Cut(format[1:], "'")
			b.WriteString(strings.ReplaceAll(quoted, "%", "%%"))
			format = rest
			continue
		}
		n := len(format) - len(strings.TrimLeft(format, string(c)))
		letters := format[:n]
		format = format[n:]
		if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
			b.WriteString(strings.ReplaceAll(letters, "%", "%%"))
			continue
		}
		d, ok := map[string]string{"yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "DDD": "%j", "EEE": "%a", "EEEE": "%A", "MMM": "%b", "MMMM": "%B"}[letters]
		if !ok {
			return "", fmt.Errorf("the date format %q has no counterpart in Python", letters)
		}
		b.WriteString(d)
	}
	return b.String(), nil
}
