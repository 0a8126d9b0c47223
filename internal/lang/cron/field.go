package cron

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// field is one field of a cron expression.
type field struct {
	name   string
	lo, hi int
	base   int      // members of its set count from here
	names  []string // spelled values, from lo on
	cycle  int      // a range that wraps around goes on after this many; 0: it may not wrap
	note   string   // for its hint
}

var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

	minuteField   = field{name: "minutes", lo: 0, hi: 59, cycle: 60}
	hourField     = field{name: "hours", lo: 0, hi: 23, cycle: 24}
	dayField      = field{name: "day-of-month", lo: 1, hi: 31, cycle: 31}
	monthField    = field{name: "month", lo: 1, hi: 12, names: monthNames, cycle: 12, note: " or JAN to DEC"}
	weekField     = field{name: "day-of-week", lo: 1, hi: 7, names: dayNames, cycle: 7, note: " (1 is Sunday) or SUN to SAT"}
	unixWeekField = field{name: "day-of-week", lo: 0, hi: 7, names: dayNames, cycle: 7, note: " (0 and 7 are Sunday) or SUN to SAT"}
	yearField     = field{name: "year", lo: firstYear, hi: lastYear, base: firstYear}
)

func (f field) hint() string { return fmt.Sprintf("%s: %d to %d%s", f.name, f.lo, f.hi, f.note) }

// list reads values, ranges and steps separated by commas into out.
func (p *parser) list(f field, s part, out *set) {
	for start := 0; start <= len(s.text); {
		end := strings.IndexByte(s.text[start:], ',') + start
		if end < start {
			end = len(s.text)
		}
		p.item(f, s.cut(start, end), out)
		start = end + 1
	}
}

// item reads *, a, a-b, and each of them with /step.
func (p *parser) item(f field, s part, out *set) {
	if s.text == "" {
		p.fail(s, "%s: a value is missing", f.name).WithHint("%s", f.hint())
		return
	}
	span, step := s, 1
	slash := strings.IndexByte(s.text, '/')
	if slash >= 0 {
		span = s.cut(0, slash)
		if step = p.step(f, s.cut(slash+1, len(s.text))); step < 0 {
			return
		}
	}
	lo, hi := f.lo, f.hi
	if dash := strings.IndexByte(span.text, '-'); dash > 0 {
		lo, hi = p.value(f, span.cut(0, dash)), p.value(f, span.cut(dash+1, len(span.text)))
	} else if span.text != "*" {
		lo = p.value(f, span)
		if slash < 0 {
			hi = lo
		}
	} else if f.cycle > 0 {
		hi = f.lo + f.cycle - 1 // 7 is 0 again in Unix's week
	}
	if lo < 0 || hi < 0 {
		return
	}
	if hi < lo && f.cycle == 0 {
		p.fail(span, "%s: the range %s ends before it begins", f.name, span.text).WithHint("write %d-%d", hi, lo)
		return
	}
	if hi < lo {
		hi += f.cycle
	}
	for n := lo; n <= hi; n += step {
		m := n
		if m > f.hi {
			m -= f.cycle
		}
		out.add(m - f.base)
	}
}

func (p *parser) step(f field, s part) int {
	n := p.number(f, s)
	switch {
	case n == 0:
		p.fail(s, "%s: the step is 0", f.name).WithHint("a step is 1 or more, as in */5")
		return -1
	case n > f.hi:
		p.fail(s, "%s: the step %s is longer than the field", f.name, s.text).WithHint("%s", f.hint())
		return -1
	}
	return n
}

// value reads a number in range or a name; -1 if it is neither, which it reports.
func (p *parser) value(f field, s part) int {
	name := upper(s.text)
	for i, n := range f.names {
		if n == name {
			return f.lo + i
		}
	}
	if !allDigits(s.text) {
		p.fail(s, "%s: %q is not allowed", f.name, s.text).WithHint("%s", f.wrongValue(name))
		return -1
	}
	n := p.number(f, s)
	if n < f.lo || n > f.hi {
		p.fail(s, "%s: %s is out of range", f.name, s.text).WithHint("%s", f.hint())
		return -1
	}
	return n
}

// wrongValue says what to write for text that is no value of the field.
func (f field) wrongValue(text string) string {
	for _, n := range f.names {
		if len(text) > 1 && (base.Distance(text, n) == 1 || strings.HasPrefix(text, n)) {
			return fmt.Sprintf("did you mean %s?", n)
		}
	}
	switch {
	case text == "":
		return fmt.Sprintf("a value is missing; %s", f.hint())
	case strings.ContainsAny(text, "LW#?") && len(text) <= 4 && f.name == "day-of-month":
		return "of AWS's form ?, L, L-3, LW and 15W stand alone, not in a list"
	case strings.ContainsAny(text, "LW#?") && len(text) <= 4 && f.name == "day-of-week":
		return "of AWS's form ?, FRIL and FRI#2 stand alone, not in a list"
	}
	return f.hint()
}
