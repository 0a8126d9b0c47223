package dates

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Moment is what a template is filled with.
type Moment struct {
	Time time.Time
	// Zone is the one whose dates are written.
	Zone *time.Location
	// The rest are values of EventBridge Scheduler's keywords.
	ExecutionID string
	Attempt     int
	ScheduleARN string
}

// Template is text with places that depend on a moment. It does not change and
// is safe for concurrent use. The zero Template is empty text.
type Template struct{ pieces []piece }

// piece is plain text, or value if that is set.
type piece struct {
	text  string
	value func(Moment) string
}

var keywords = map[string]func(Moment) string{
	"scheduled-time": func(m Moment) string { return m.Time.UTC().Format("2006-01-02T15:04:05Z") },
	"execution-id":   func(m Moment) string { return m.ExecutionID },
	"attempt-number": func(m Moment) string { return strconv.Itoa(m.Attempt) },
	"schedule-arn":   func(m Moment) string { return m.ScheduleARN },
}

const keywordStart = "<aws.scheduler."

// ParseTemplate reads a template. The error is base.Errors of kind base.Invalid,
// each with its place in text (no file).
func ParseTemplate(text string) (Template, error) {
	var t Template
	var errs base.Errors
	for at := 0; at < len(text); {
		open, word := nextOpen(text[at:])
		t.pieces = append(t.pieces, piece{text: text[at : at+open]})
		if at += open; at == len(text) {
			break
		}
		closing := ">"
		if word == "{{" {
			closing = "}}"
		}
		length := strings.Index(text[at:], closing)
		if length < 0 {
			errs = append(errs, mistake(text, at, len(word), "%s is not closed", word).WithHint("end it with %s", closing))
			break
		}
		inside := text[at+len(word) : at+length]
		length += len(closing)
		value, err := keyword(inside)
		if word == "{{" {
			value, err = expression(inside)
		}
		if err != nil {
			err.At(base.PlaceAt("", []byte(text), at, length))
			errs = append(errs, err)
		}
		t.pieces = append(t.pieces, piece{value: value})
		at += length
	}
	return t, errs.Err()
}

// nextOpen finds what begins a place to fill; len(text) if nothing does.
func nextOpen(text string) (at int, word string) {
	at = len(text)
	for _, w := range []string{"{{", keywordStart} {
		if i := strings.Index(text, w); i >= 0 && i < at {
			at, word = i, w
		}
	}
	return at, word
}

func mistake(text string, at, length int, format string, args ...any) *base.Error {
	return base.Errorf(base.Invalid, format, args...).At(base.PlaceAt("", []byte(text), at, length))
}

func keyword(name string) (func(Moment) string, *base.Error) {
	if v := keywords[name]; v != nil {
		return v, nil
	}
	return nil, base.Errorf(base.Invalid, "unknown keyword %s%s>", keywordStart, name).
		WithHint("there are scheduled-time, execution-id, attempt-number and schedule-arn")
}

// unit is what an expression speaks of.
type unit struct {
	format string // usual form
	shifts string // letters a shift may have; empty: a bare number of the unit
	// edges tells the first and last day of the unit that holds a day; nil if it has none.
	edges func(day time.Time) (first, last time.Time)
	add   func(day time.Time, n int) time.Time // for a bare number
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

var expressionUnits = map[string]unit{
	"time": {format: "yyyy-MM-dd'T'HH:mm:ss", shifts: "hmdw"},
	"date": {format: "yyyy-MM-dd", shifts: "dw"},
	"week": {format: "yyyy-MM-dd",
		edges: func(d time.Time) (time.Time, time.Time) {
			monday := d.AddDate(0, 0, -(int(d.Weekday())+6)%7)
			return monday, monday.AddDate(0, 0, 6)
		},
		add: func(d time.Time, n int) time.Time { return d.AddDate(0, 0, 7*n) }},
	"month": {format: "yyyy-MM",
		edges: func(d time.Time) (time.Time, time.Time) {
			return date(d.Year(), d.Month(), 1), date(d.Year(), d.Month()+1, 0)
		},
		add: func(d time.Time, n int) time.Time { return date(d.Year(), d.Month()+time.Month(n), 1) }},
	"year": {format: "yyyy",
		edges: func(d time.Time) (time.Time, time.Time) { return date(d.Year(), 1, 1), date(d.Year(), 12, 31) },
		add:   func(d time.Time, n int) time.Time { return date(d.Year()+n, 1, 1) }},
}

const templateHint = "write it as {{ date -1d }}, {{ month -1 first }} or {{ date yyyyMMdd }}"

// longestShift keeps dates within four digits of years.
const longestShift = 100_000

// expression reads what stands between {{ and }}.
func expression(text string) (func(Moment) string, *base.Error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	u, ok := expressionUnits[name]
	if !ok {
		return nil, base.Errorf(base.Invalid, "unknown date %q", name).WithHint("%s", templateHint)
	}
	n, letter, rest, err := shift(name, u, strings.TrimSpace(rest))
	if err != nil {
		return nil, err
	}
	edge, after, _ := strings.Cut(rest, " ")
	format := u.format
	if edge == "first" || edge == "last" {
		if u.edges == nil {
			return nil, base.Errorf(base.Invalid, "a %s has no %s day", name, edge).WithHint("first and last are for week, month and year")
		}
		format, rest = "yyyy-MM-dd", strings.TrimSpace(after)
	} else if edge = ""; name == "week" {
		return nil, base.Errorf(base.Invalid, "a week needs first or last").WithHint("write {{ week first }} for its Monday")
	}
	if rest != "" {
		format = rest
	}
	f, ferr := ParseFormat(format)
	if ferr != nil {
		return nil, base.Errorf(base.Invalid, "%q is neither a shift nor a date format: %w", rest, ferr).WithHint("%s", templateHint)
	}
	return func(m Moment) string { return f.Write(move(m, name, u, n, letter, edge)) }, nil
}

// shift takes a signed number off the front: with one of the unit's letters,
// or bare.
func shift(name string, u unit, text string) (n int, letter byte, rest string, err *base.Error) {
	word, rest, _ := strings.Cut(text, " ")
	if word == "" || word[0] != '-' && word[0] != '+' {
		return 0, 0, text, nil
	}
	number := word
	if u.shifts != "" {
		letter = word[len(word)-1]
		number = word[:len(word)-1]
	}
	n, bad := strconv.Atoi(number)
	if bad != nil || u.shifts != "" && strings.IndexByte(u.shifts, letter) < 0 || n > longestShift || n < -longestShift {
		e := base.Errorf(base.Invalid, "%q does not shift a %s", word, name)
		if u.shifts == "" {
			return 0, 0, "", e.WithHint("write a number of %ss, as {{ %s -1 first }}", name, name)
		}
		return 0, 0, "", e.WithHint("write a number and one of %s, as {{ %s -1%c }}", strings.Join(strings.Split(u.shifts, ""), ", "), name, u.shifts[0])
	}
	return n, letter, strings.TrimSpace(rest), nil
}

// move is the local time an expression means, as a time in UTC with its fields.
func move(m Moment, name string, u unit, n int, letter byte, edge string) time.Time {
	at := m.Time
	switch letter {
	case 'h':
		at = at.Add(time.Duration(n) * time.Hour)
	case 'm':
		at = at.Add(time.Duration(n) * time.Minute)
	}
	at = at.In(m.Zone)
	day := date(at.Year(), at.Month(), at.Day())
	if name == "time" {
		day = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	}
	switch {
	case letter == 'd':
		day = day.AddDate(0, 0, n)
	case letter == 'w':
		day = day.AddDate(0, 0, 7*n)
	case u.add != nil && n != 0:
		day = u.add(day, n)
	}
	if edge != "" {
		first, last := u.edges(day)
		if day = first; edge == "last" {
			day = last
		}
	}
	return day
}

// Fill writes the template for m. Values are written so that they may stand
// inside a JSON string.
func (t Template) Fill(m Moment) string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.value == nil {
			b.WriteString(p.text)
		} else {
			b.WriteString(inString(p.value(m)))
		}
	}
	return b.String()
}

// Text is a template without places to fill.
func Text(s string) Template { return Template{[]piece{{text: s}}} }

// Join puts templates behind each other.
func Join(list ...Template) Template {
	var out Template
	for _, t := range list {
		out.pieces = append(out.pieces, t.pieces...)
	}
	return out
}

// Quoted is t as a JSON string.
func (t Template) Quoted() Template {
	out := Text(`"`)
	for _, p := range t.pieces {
		p.text = inString(p.text)
		out.pieces = append(out.pieces, p)
	}
	return Join(out, Text(`"`))
}

// inString writes s as it stands inside a JSON string.
func inString(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("text does not encode: %v", err)) // text always does
	}
	return string(b[1 : len(b)-1])
}
