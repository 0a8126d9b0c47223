package cron

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Parse reads an expression. The error is base.Errors of kind base.Invalid with
// all mistakes in order, each with its place in text (line 1, no file) and what
// to do.
func Parse(text string) (*Expression, error) {
	p := &parser{text: text}
	e := p.parse()
	if err := p.errs.Err(); err != nil {
		return nil, err
	}
	e.Text = text
	return e, nil
}

type parser struct {
	text string
	errs base.Errors
}

// part is a piece of the text and where it begins, in bytes.
type part struct {
	text string
	at   int
}

func (p *parser) fail(at part, format string, args ...any) *base.Error {
	e := base.Errorf(base.Invalid, format, args...).At(base.PlaceAt("", []byte(p.text), at.at, max(len(at.text), 1)))
	p.errs = append(p.errs, e)
	return e
}

// cut is the part of s between two offsets.
func (s part) cut(from, to int) part { return part{s.text[from:to], s.at + from} }

func (s part) trim() part {
	left := len(s.text) - len(strings.TrimLeft(s.text, " \t"))
	return s.cut(left, max(left, len(strings.TrimRight(s.text, " \t"))))
}

// words divides s at blanks.
func (s part) words() []part {
	var out []part
	for rest := s.trim(); rest.text != ""; rest = rest.trim() {
		end := strings.IndexAny(rest.text, " \t")
		if end < 0 {
			end = len(rest.text)
		}
		out = append(out, rest.cut(0, end))
		rest = rest.cut(end, len(rest.text))
	}
	return out
}

const (
	awsForm  = "minutes hours day-of-month month day-of-week year"
	unixForm = "minutes hours day-of-month month day-of-week"
	forms    = "cron(0 10 * * ? *), rate(5 minutes), at(2027-03-01T09:00:00) or 0 10 * * *"
)

func (p *parser) parse() *Expression {
	e := &Expression{}
	body := part{p.text, 0}.trim()
	body = p.zone(body, e)
	open := strings.IndexByte(body.text, '(')
	if open < 0 {
		p.bare(body, e)
		return e
	}
	word, inside := body.cut(0, open), body.cut(open+1, len(body.text))
	if !strings.HasSuffix(inside.text, ")") {
		p.fail(body.cut(len(body.text)-1, len(body.text)), "the expression does not end in )").WithHint("write it as %s", forms)
		return e
	}
	inside = inside.cut(0, len(inside.text)-1)
	switch word.text {
	case "cron":
		p.aws(inside, inside.words(), e)
	case "rate":
		p.rate(inside, e)
	case "at":
		p.once(inside, e)
	default:
		p.fail(word, "%q is no kind of expression", word.text).WithHint("write it as %s", forms)
	}
	return e
}

// zone takes CRON_TZ= or TZ= off the front.
func (p *parser) zone(s part, e *Expression) part {
	name, ok := strings.CutPrefix(s.text, "CRON_TZ=")
	if !ok {
		if name, ok = strings.CutPrefix(s.text, "TZ="); !ok {
			return s
		}
	}
	at := s.cut(len(s.text)-len(name), len(s.text))
	end := strings.IndexAny(at.text, " \t")
	if end < 0 {
		end = len(at.text)
	}
	zone := at.cut(0, end)
	loc, err := LoadZone(zone.text)
	if err != nil {
		p.fail(zone, "%w", err).WithHint("write an IANA name such as Asia/Seoul or UTC")
	}
	e.Zone = loc
	return at.cut(end, len(at.text)).trim()
}

// LoadZone finds a zone by its IANA name; "" and "Local", which depend on the
// machine, are refused.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, base.Errorf(base.Invalid, "%q is not the name of a time zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, base.Errorf(base.Invalid, "unknown time zone %q", name)
	}
	return loc, nil
}

// bare reads fields without cron( ): six are AWS's, five are Unix's.
func (p *parser) bare(s part, e *Expression) {
	switch w := s.words(); {
	case len(w) == 6:
		p.aws(s, w, e)
	case len(w) == 5:
		p.unix(w, e)
	case len(w) > 0 && (w[0].text == "rate" || w[0].text == "at" || w[0].text == "cron"):
		p.fail(s, "the brackets are missing").WithHint("write %s(%s)", w[0].text, strings.TrimSpace(strings.TrimPrefix(s.text, w[0].text)))
	default:
		p.fail(s, "%q is not a schedule expression", s.text).WithHint("write it as %s", forms)
	}
}

func (p *parser) aws(s part, w []part, e *Expression) {
	if len(w) != 6 {
		err := p.fail(s, "cron( ) takes six fields, not %d", len(w)).WithHint("they are %s", awsForm)
		if len(w) == 5 {
			err.WithHint("they are %s; Unix cron's five are written without cron( )", awsForm)
		}
		return
	}
	f := &e.fields
	f.days.fromLast = -1
	p.list(minuteField, w[0], &f.minutes)
	p.list(hourField, w[1], &f.hours)
	month, week := w[2].text == "?", w[4].text == "?"
	p.dayOfMonth(w[2], &f.days)
	p.list(monthField, w[3], &f.months)
	p.dayOfWeek(w[4], &f.days)
	p.list(yearField, w[5], &f.years)
	both := s.cut(w[2].at-s.at, w[4].at-s.at+len(w[4].text))
	switch {
	case month && week:
		p.fail(both, "day-of-month and day-of-week are both ?").WithHint("say the days in one of them; * is every day")
	case !month && !week:
		p.fail(both, "day-of-month and day-of-week are both given").WithHint("write ? in the one that does not matter")
	}
}

// dayOfMonth is a list, ?, or one of L, L-n, LW, L-nW and nW.
func (p *parser) dayOfMonth(s part, d *days) {
	if s.text == "?" {
		s.text = "*"
	}
	text, weekday := strings.CutSuffix(upper(s.text), "W")
	back, last := strings.CutPrefix(text, "L")
	switch {
	case strings.Contains(text, ","):
		p.list(dayField, s, &d.month)
	case last && (back == "" || back[0] == '-'):
		d.weekday, d.fromLast = weekday, 0
		if back == "" {
			return
		}
		n := p.number(dayField, s.cut(2, len(text)))
		if n > 30 {
			p.fail(s, "L-%d lies before every month's first day", n).WithHint("L-1 is the day before the last; 30 is the most")
			return
		}
		d.fromLast = max(n, 0)
	case weekday:
		d.weekday = true
		if n := p.value(dayField, s.cut(0, len(text))); n >= 0 {
			d.month.add(n)
		}
	default:
		p.list(dayField, s, &d.month)
	}
}

// dayOfWeek is a list, ?, or one of L, dL and d#n.
func (p *parser) dayOfWeek(s part, d *days) {
	if s.text == "?" {
		s.text = "*"
	}
	hash := strings.IndexByte(s.text, '#')
	text, last := strings.CutSuffix(upper(s.text), "L")
	switch {
	case hash >= 0 && strings.Contains(s.text, ","):
		p.fail(s, "# stands alone, not in a list").WithHint("make a schedule for each of them")
	case hash >= 0:
		if day := p.value(weekField, s.cut(0, hash)); day >= 0 {
			d.week.add(day - 1)
		}
		nth := s.cut(hash+1, len(s.text))
		if d.nth = p.number(weekField, nth); d.nth == 0 || d.nth > 5 {
			p.fail(nth, "a month has no %s. of a day of the week", nth.text).WithHint("write # and 1 to 5, or L for the last, as FRIL")
		}
	case last && !strings.Contains(text, ","):
		if text == "" { // the week's last day
			d.week.add(6)
			return
		}
		d.lastWeek = true
		if day := p.value(weekField, s.cut(0, len(text))); day >= 0 {
			d.week.add(day - 1)
		}
	default:
		var of set
		p.list(weekField, s, &of)
		for day := of.next(1); day >= 0; day = of.next(day + 1) {
			d.week.add(day - 1)
		}
	}
}

func (p *parser) unix(w []part, e *Expression) {
	f := &e.fields
	f.days.fromLast = -1
	var week set
	p.list(minuteField, w[0], &f.minutes)
	p.list(hourField, w[1], &f.hours)
	p.list(dayField, w[2], &f.days.month)
	p.list(monthField, w[3], &f.months)
	p.list(unixWeekField, w[4], &week)
	for day := week.next(0); day >= 0; day = week.next(day + 1) {
		f.days.week.add(day % 7)
	}
	f.days.either = w[2].text[0] != '*' && w[4].text[0] != '*'
	p.list(yearField, part{"*", 0}, &f.years)
}

var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// longestRate keeps sums of time within range.
const longestRate = 100 * 366 * 24 * time.Hour

func (p *parser) rate(s part, e *Expression) {
	e.Kind, e.Period = Rate, time.Minute
	w := s.words()
	if len(w) != 2 {
		p.fail(s, "rate( ) takes a number and a unit").WithHint("write it as rate(5 minutes), rate(1 hour) or rate(7 days)")
		return
	}
	n, err := strconv.ParseInt(w[0].text, 10, 64)
	if err != nil || n < 1 || !allDigits(w[0].text) {
		p.fail(w[0], "%q is not a whole number above 0", w[0].text).WithHint("write it as rate(5 minutes)")
		return
	}
	unit, plural := strings.CutSuffix(w[1].text, "s")
	period, known := units[unit]
	switch {
	case !known:
		p.fail(w[1], "%q is no unit of a rate", w[1].text).WithHint("the units are minute, hour and day, with s above 1")
	case plural && n == 1:
		p.fail(w[1], "one %s is written without s", unit).WithHint("write rate(1 %s)", unit)
	case !plural && n > 1:
		p.fail(w[1], "%d %s needs an s", n, unit).WithHint("write rate(%d %ss)", n, unit)
	case n > int64(longestRate/period):
		p.fail(w[0], "the rate is longer than 100 years").WithHint("write at( ) for one fire")
	default:
		e.Period = time.Duration(n) * period
	}
}

// once reads what stands in at( ).
func (p *parser) once(s part, e *Expression) {
	e.Kind = At
	t, err := time.Parse("2006-01-02T15:04:05", s.text)
	switch {
	case err != nil || len(s.text) != len("2006-01-02T15:04:05"):
		p.fail(s, "%q is not a date and time", s.text).WithHint("write it as at(2027-03-01T09:00:00), without a zone")
	case t.Year() < firstYear || t.Year() > lastYear:
		p.fail(s.cut(0, 4), "the year %d is out of range", t.Year()).WithHint("years are %d to %d", firstYear, lastYear)
	}
	e.at = wall{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}
}

// upper makes a to z large and keeps every other byte.
func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// number reads digits; -1 if there are none, which it reports.
func (p *parser) number(f field, s part) int {
	if !allDigits(s.text) {
		p.fail(s, "%q is not a number", s.text).WithHint("%s", f.hint())
		return -1
	}
	n, err := strconv.Atoi(s.text)
	if err != nil || n > math.MaxInt32 {
		n = math.MaxInt32
	}
	return n
}
