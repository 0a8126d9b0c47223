package project

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/cron"
	"github.com/mulgil/mulgil/internal/lang/dates"
)

// Schedule is one entry of schedules.yaml, or a crawler's own schedule.
type Schedule struct {
	// Name is unique; that of a crawler's own schedule is crawler:NAME.
	Name        string
	Description string
	Expression  *cron.Expression
	// Zone is the schedule's or the project's.
	Zone *time.Location
	// Start and End bound the times it fires, both included; zero for none.
	Start, End time.Time
	// Window is how much later than its time a fire may start.
	Window time.Duration
	// Kind is workflow, job or crawler, Target the name of one.
	Kind, Target string
	// Input is JSON once filled, empty if there is none; InputText is what the user wrote, as JSON.
	Input     dates.Template
	InputText json.RawMessage
	// Retries and Age bound further attempts to start.
	Retries int
	Age     time.Duration
	// DeadLetter is a folder, empty for none.
	DeadLetter string
	// CatchUp is skip, last or all.
	CatchUp string
	Enabled bool
	// NotifyOn are the occasions on which NotifyWorkflow is started; empty for none.
	NotifyOn       []string
	NotifyWorkflow string
	Place          *base.Place
}

const schedulesFile = "schedules.yaml"

// EventBridge Scheduler's limits and defaults.
const (
	defaultRetries = 185
	longestAge     = 24 * time.Hour
	longestWindow  = 24 * time.Hour
)

var scheduleName = regexp.MustCompile(`^[\p{L}\p{N}_.-]{1,64}$`)

// schedules reads schedules.yaml, then the crawlers' own. It comes after what
// schedules name.
func (r *reader) schedules() error {
	if _, err := os.Stat(filepath.Join(r.root, schedulesFile)); err == nil {
		if err := r.schedulesFile(); err != nil {
			return err
		}
	}
	for _, c := range r.p.Crawlers {
		own := r.own[c]
		if own == nil {
			continue
		}
		s := &Schedule{Name: "crawler:" + c.Name, Description: c.Description, Zone: r.p.Timezone, Kind: "crawler", Target: c.Name,
			Retries: defaultRetries, Age: longestAge, CatchUp: "last", Enabled: true, Place: own.place()}
		if r.expression(own, s) {
			r.p.Schedules = append(r.p.Schedules, s)
		}
	}
	return nil
}

func (r *reader) schedulesFile() error {
	src, e := readSource(r.root, schedulesFile)
	if e != nil {
		r.add(e)
		return nil
	}
	return r.readSchedules(src)
}

func (r *reader) readSchedules(src *source) error {
	n, _ := r.parse(src, src.src)
	if n.null() {
		return nil
	}
	r.expand(n)
	if err := r.check("schedules.schema.json", n, false); err != nil {
		return err
	}
	for _, i := range n.items {
		r.schedule(i, "", i)
	}
	for _, e := range n.entries {
		r.schedule(e.val, e.key, e.at)
	}
	return nil
}

// schedule decodes one; name is its key in the mapping form.
func (r *reader) schedule(n *node, name string, at *node) {
	if !n.isMap() {
		return
	}
	if v := n.get("name"); v != nil {
		name, at = v.str(), v
	}
	s := &Schedule{Name: name, Description: n.get("description").str(), Zone: r.p.Timezone, Retries: defaultRetries, Age: longestAge, CatchUp: "last",
		Enabled: true, Place: at.place()}
	switch {
	case name == "":
		r.add(n.errorf("the schedule has no name").WithHint("write name: NAME"))
	case !scheduleName.MatchString(name):
		r.add(at.errorf("%q cannot be the name of a schedule", name).WithHint("use letters, digits, -, _ and ., at most 64"))
	}
	for _, other := range r.p.Schedules {
		if other.Name == name && name != "" {
			r.add(at.errorf("schedule %q is declared twice", name).WithHint("the other is at %s", other.Place))
		}
	}
	if z := n.get("timezone"); z != nil {
		loc, err := cron.LoadZone(z.str())
		if err != nil {
			r.add(z.errorf("unknown time zone %s", z.show()).WithHint("write an IANA name such as Asia/Seoul or UTC"))
		} else {
			s.Zone = loc
		}
	}
	r.scheduleTarget(n, at, s)
	good := r.expression(n.get("schedule"), s)
	r.scheduleBounds(n, s, good)
	r.schedulePolicies(n, s)
	r.p.Schedules = append(r.p.Schedules, s)
}

// expression decodes when s fires; false if it cannot be understood.
func (r *reader) expression(n *node, s *Schedule) bool {
	if n.str() == "" { // the schema's to report
		return false
	}
	x, err := cron.Parse(n.str())
	if err != nil {
		r.inside(n, err)
		return false
	}
	s.Expression = x
	if _, ok := x.Next(time.Unix(0, 0), s.Zone, time.Unix(0, 0)); !ok {
		r.add(n.errorf("%s never fires in %s", n.show(), s.zone()).WithHint("there is no such local time"))
	}
	return true
}

func (s *Schedule) zone() *time.Location {
	if s.Expression != nil && s.Expression.Zone != nil {
		return s.Expression.Zone
	}
	return s.Zone
}

// inside reports mistakes found in a scalar's text at their places in the file.
func (r *reader) inside(n *node, err error) {
	var list base.Errors
	if !errors.As(err, &list) {
		r.add(n.errorf("%w", err).WithHint("%s", hintOf(err)))
		return
	}
	for _, e := range list {
		moved := *e
		moved.Place = n.within(e.Place)
		r.add(&moved)
	}
}

// within is the place in the file of a place in a scalar's text; of a scalar
// that is not written as it reads, the whole of it.
func (n *node) within(p *base.Place) *base.Place {
	at := n.place()
	if p == nil || at == nil || n.block || n.written != "" {
		return at
	}
	line := []rune(at.Text)
	begin := at.Col - 1
	if begin >= 0 && begin < len(line) && (line[begin] == '"' || line[begin] == '\'') {
		begin++
	}
	if begin < 0 || begin > len(line) || !strings.HasPrefix(string(line[begin:]), n.raw) {
		return at
	}
	at.Col, at.Len = begin+p.Col, p.Len
	return at
}

func (r *reader) scheduleBounds(n *node, s *Schedule, good bool) {
	start, end := n.get("start"), n.get("end")
	if good && s.Expression.Kind == cron.At {
		for _, x := range []*node{start, end} {
			if x != nil {
				r.add(x.errorf("at( ) fires once: start: and end: are not for it").WithHint("remove it"))
			}
		}
		return
	}
	s.Start, _ = r.bound(start, s)
	var day bool
	if s.End, day = r.bound(end, s); day {
		s.End = s.End.AddDate(0, 0, 1).Add(-time.Microsecond) // the whole day
	}
	if !s.Start.IsZero() && !s.End.IsZero() && s.End.Before(s.Start) {
		r.add(end.errorf("end: is before start:"))
	}
}

// bound reads a day or a moment in the schedule's zone.
func (r *reader) bound(n *node, s *Schedule) (t time.Time, day bool) {
	if n == nil {
		return t, false
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, n.str(), s.zone()); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t, layout == "2006-01-02"
		}
	}
	r.add(n.errorf("%s is not a date", n.show()).WithHint("write it as 2027-03-01, 2027-03-01T09:00:00 or 2027-03-01T00:00:00Z"))
	return time.Time{}, false
}

func (r *reader) schedulePolicies(n *node, s *Schedule) {
	if w := n.get("window"); w != nil && !strings.EqualFold(w.str(), "off") {
		s.Window = r.span(w, longestWindow, ", or OFF")
	}
	retry := n.get("retry")
	if a := retry.get("attempts"); a != nil {
		s.Retries = a.integer()
	}
	if a := retry.get("age"); a != nil {
		s.Age = r.span(a, longestAge, "")
	}
	if d := n.get("dead_letter"); d != nil {
		s.DeadLetter = r.home(d.str())
		if strings.Contains(d.str(), "://") {
			path, err := r.p.Resolve(d.str())
			if err != nil {
				r.add(d.errorf("%w", err).WithHint("%s", hintOf(err)))
			}
			s.DeadLetter = path
		}
	}
	if c := n.get("catch_up"); c != nil {
		s.CatchUp = c.str()
	}
	if e := n.get("enabled"); e != nil {
		s.Enabled = e.boolean()
	}
	if w := n.get("notify").get("workflow"); w != nil {
		s.NotifyWorkflow, s.NotifyOn = w.str(), []string{"failed", "dropped", "missed"}
		if on := n.get("notify").get("on"); on != nil {
			s.NotifyOn = on.strings()
		}
		r.known(w, func() error { _, err := r.p.Workflow(w.str()); return err })
	}
}

// span reads a duration of whole minutes.
func (r *reader) span(n *node, longest time.Duration, or string) time.Duration {
	d, err := parseDuration(n.str())
	if err != nil || d > longest || d < time.Minute || d%time.Minute != 0 {
		r.add(n.errorf("%s is not a number of minutes up to %d hours", n.show(), int(longest.Hours())).WithHint("write 1m to %dh%s", int(longest.Hours()), or))
	}
	return d
}

func (r *reader) known(n *node, find func() error) bool {
	err := find()
	if err != nil {
		r.add(n.errorf("%w", err).WithHint("%s", hintOf(err)))
	}
	return err == nil
}

// scheduleTarget decodes what a schedule starts, and with what.
func (r *reader) scheduleTarget(n, at *node, s *Schedule) {
	var target *node
	for _, kind := range []string{"workflow", "job", "crawler"} {
		t := n.get(kind)
		switch {
		case t == nil:
		case target != nil:
			r.add(n.keyOf(kind).errorf("a schedule starts one thing, not a %s and a %s", s.Kind, kind).WithHint("make a schedule for each"))
		default:
			target, s.Kind, s.Target = t, kind, t.str()
		}
	}
	if target == nil {
		r.add(at.errorf("the schedule starts nothing").WithHint("write workflow: NAME, job: NAME or crawler: NAME"))
		return
	}
	input := n.get("input")
	switch s.Kind {
	case "workflow":
		r.known(target, func() error { _, err := r.p.Workflow(s.Target); return err })
		if input != nil {
			s.Input = r.workflowInput(input)
		}
	case "crawler":
		r.known(target, func() error { _, err := r.p.Crawler(s.Target); return err })
		if input != nil {
			r.add(n.keyOf("input").errorf("a crawler takes no input").WithHint("remove it"))
		}
	case "job":
		var j *Job
		if r.known(target, func() (err error) { j, err = r.p.Job(s.Target); return err }) {
			s.Target = j.Name
			s.Input = r.jobInput(j, target, input, s)
		}
	}
	if input != nil {
		text, err := encodeJSON(input.json())
		if err != nil {
			r.add(input.errorf("%w", err))
		}
		s.InputText = json.RawMessage(text)
	}
}

// sample is a moment to try templates with.
func (s *Schedule) sample() dates.Moment {
	return dates.Moment{Time: time.Date(2027, 3, 1, 0, 0, 0, 0, s.zone()), Zone: s.zone(), ExecutionID: "d32c5kddcf5bb8c3", Attempt: 1, ScheduleARN: "arn"}
}

// workflowInput is YAML as JSON, or JSON as the user wrote it in a text.
func (r *reader) workflowInput(n *node) dates.Template {
	text, isText := n.value.(string)
	if n.kind != scalarNode || !isText {
		return r.jsonTemplate(n)
	}
	t, err := dates.ParseTemplate(text)
	if err != nil {
		r.inside(n, err)
		return t
	}
	if !json.Valid([]byte(t.Fill((&Schedule{Zone: time.UTC}).sample()))) {
		r.add(n.errorf("the input is not JSON").WithHint("write a mapping, or JSON as text: input: '{\"day\": \"{{ date }}\"}'"))
	}
	return t
}

// jsonTemplate writes a value as JSON, texts as templates.
func (r *reader) jsonTemplate(n *node) dates.Template {
	switch {
	case n.isMap():
		out := []dates.Template{dates.Text("{")}
		for i, e := range n.entries {
			if i > 0 {
				out = append(out, dates.Text(","))
			}
			out = append(out, dates.Text(e.key).Quoted(), dates.Text(":"), r.jsonTemplate(e.val))
		}
		return dates.Join(append(out, dates.Text("}"))...)
	case n.isList():
		out := []dates.Template{dates.Text("[")}
		for i, v := range n.items {
			if i > 0 {
				out = append(out, dates.Text(","))
			}
			out = append(out, r.jsonTemplate(v))
		}
		return dates.Join(append(out, dates.Text("]"))...)
	}
	if _, isText := n.value.(string); isText {
		return r.textTemplate(n).Quoted()
	}
	text, err := encodeJSON(n.json())
	if err != nil {
		r.add(n.errorf("%w", err))
	}
	return dates.Text(text)
}

func (r *reader) textTemplate(n *node) dates.Template {
	t, err := dates.ParseTemplate(n.str())
	if err != nil {
		r.inside(n, err)
	}
	return t
}

// jobInput is an object of texts, one for each parameter given.
func (r *reader) jobInput(j *Job, target, n *node, s *Schedule) dates.Template {
	if n != nil && !n.isMap() {
		r.add(n.errorf("the input of a job must be a mapping of its parameters, not %s", n.show()).WithHint("known: %s", strings.Join(j.paramNames(), ", ")))
		return dates.Template{}
	}
	out := []dates.Template{dates.Text("{")}
	var given []string
	if n != nil {
		for _, e := range n.entries {
			p := j.param(e.key)
			if p == nil {
				r.add(e.at.errorf("job %s has no parameter %q", j.Name, e.key).WithHint("%s", didYouMean(e.key, j.paramNames())))
				continue
			}
			if e.val.kind != scalarNode {
				r.add(e.val.errorf("parameter %s must be a single value, not %s", e.key, e.val.show()))
				continue
			}
			t := r.textTemplate(e.val)
			if _, err := p.value(t.Fill(s.sample())); err != nil {
				r.add(e.val.errorf("parameter %s: %w", e.key, err).WithHint("%s", hintOf(err)))
			}
			if given = append(given, e.key); len(given) > 1 {
				out = append(out, dates.Text(","))
			}
			out = append(out, dates.Text(e.key).Quoted(), dates.Text(":"), t.Quoted())
		}
	}
	for i := range j.Params {
		p := &j.Params[i]
		if _, set := j.Arguments[p.Name]; p.Required && !set && !slices.Contains(given, p.Name) {
			r.add(target.errorf("job %s needs parameter %s", j.Name, p.Name).WithHint("write input: {%s: \"{{ date }}\"}", p.Name))
		}
	}
	return dates.Join(append(out, dates.Text("}"))...)
}

// encodeJSON writes v without escaping what HTML would need.
func encodeJSON(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// Schedule finds a schedule by its exact name. The error is base.NotFound.
func (p *Project) Schedule(name string) (*Schedule, error) {
	var known []string
	for _, s := range p.Schedules {
		if s.Name == name {
			return s, nil
		}
		known = append(known, s.Name)
	}
	return nil, notFound("schedule", name, known, "ResourceNotFoundException")
}
