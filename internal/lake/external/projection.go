package external

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// MaxProjected bounds the partitions one statement can make by projection.
const MaxProjected = 1_000_000

// Projection makes a table's partitions from its properties instead of the
// catalog's list: projection.enabled, projection.<key>.type and so on.
type Projection struct {
	table    Table
	keys     []projected
	template string
}

// projected is one key: exactly one of its kinds.
type projected struct {
	field base.Field
	name  string // in lower case
	kind  string // enum, integer, date, injected

	values []string // enum

	low, high, step int64 // integer
	digits          int

	pattern  datePattern // date
	from, to time.Time
	unit     unit
	interval int
}

// Projected tells whether the table's partitions are made by projection.
func (t Table) Projected() bool {
	return strings.EqualFold(t.Parameters["projection.enabled"], "true") && len(t.PartitionKeys) > 0
}

// NewProjection reads a table's projection; now is what NOW in a date range
// means. Mistakes in the properties are base.Invalid errors that name the key.
// It is nil for a table without projection.
func NewProjection(t Table, now time.Time) (*Projection, error) {
	if !t.Projected() {
		return nil, nil
	}
	p := &Projection{table: t, template: t.Parameters["storage.location.template"]}
	for _, k := range t.PartitionKeys {
		c, err := newProjected(t, k, now)
		if err != nil {
			return nil, err
		}
		p.keys = append(p.keys, c)
		if p.template != "" && !strings.Contains(strings.ToLower(p.template), "${"+c.name+"}") {
			return nil, badProjection(k.Name, "storage.location.template %q lacks ${%s}", p.template, k.Name)
		}
	}
	return p, nil
}

// checkProjection tells mistakes that do not depend on the time.
func checkProjection(t Table) error {
	_, err := NewProjection(t, time.Unix(0, 0))
	return err
}

func newProjected(t Table, k base.Field, now time.Time) (projected, error) {
	c := projected{field: k, name: strings.ToLower(k.Name)}
	prop := func(name string) string {
		for key, v := range t.Parameters {
			if strings.EqualFold(key, "projection."+c.name+"."+name) {
				return strings.TrimSpace(v)
			}
		}
		return ""
	}
	c.kind = strings.ToLower(prop("type"))
	var err *base.Error
	switch c.kind {
	case "enum":
		err = c.readEnum(prop)
	case "integer":
		err = c.readInteger(prop)
	case "date":
		err = c.readDate(prop, now)
	case "injected":
	case "":
		err = badProjection(k.Name, "it has no projection.%s.type", k.Name).WithHint("every partition key needs one: enum, integer, date or injected")
	default:
		err = badProjection(k.Name, "unknown type %q", c.kind).WithHint("types are enum, integer, date and injected")
	}
	if err != nil {
		return c, err
	}
	return c, nil
}

func (c *projected) readEnum(prop func(string) string) *base.Error {
	if prop("values") == "" {
		return badProjection(c.name, "an enum needs projection.%s.values", c.name)
	}
	for _, v := range strings.Split(prop("values"), ",") {
		if v = strings.TrimSpace(v); !slices.Contains(c.values, v) {
			c.values = append(c.values, v)
		}
	}
	return nil
}

func (c *projected) readInteger(prop func(string) string) *base.Error {
	low, high, ok := strings.Cut(prop("range"), ",")
	var err, err2 error
	c.low, err = strconv.ParseInt(strings.TrimSpace(low), 10, 64)
	c.high, err2 = strconv.ParseInt(strings.TrimSpace(high), 10, 64)
	if !ok || err != nil || err2 != nil || c.low > c.high {
		return badProjection(c.name, "range %q is not two whole numbers in order", prop("range"))
	}
	c.step = 1
	if s := prop("interval"); s != "" {
		if c.step, err = strconv.ParseInt(s, 10, 64); err != nil || c.step < 1 {
			return badProjection(c.name, "interval %q is not a whole number above 0", s)
		}
	}
	if s := prop("digits"); s != "" {
		if c.digits, err = strconv.Atoi(s); err != nil || c.digits < 1 || c.digits > 19 {
			return badProjection(c.name, "digits %q is not a number from 1 to 19", s)
		}
	}
	return nil
}

func (c *projected) readDate(prop func(string) string, now time.Time) *base.Error {
	var err error
	if prop("format") == "" {
		return badProjection(c.name, "a date needs projection.%s.format", c.name)
	}
	if c.pattern, err = parseDatePattern(prop("format")); err != nil {
		return badProjection(c.name, "format: %v", err)
	}
	low, high, ok := strings.Cut(prop("range"), ",")
	if !ok {
		return badProjection(c.name, "range %q is not two dates", prop("range"))
	}
	if c.from, err = c.pattern.moment(low, now); err != nil {
		return badProjection(c.name, "range: %v", err)
	}
	if c.to, err = c.pattern.moment(high, now); err != nil {
		return badProjection(c.name, "range: %v", err)
	}
	return c.readSteps(prop("interval"), prop("interval.unit"))
}

func (c *projected) readSteps(interval, word string) *base.Error {
	c.interval = 1
	if interval != "" {
		n, err := strconv.Atoi(interval)
		if err != nil || n < 1 || n > 1_000_000 {
			return badProjection(c.name, "interval %q is not a whole number above 0", interval)
		}
		c.interval = n
	}
	if word == "" {
		word = map[byte]string{'d': "DAYS", 'M': "MONTHS"}[c.pattern.precision()]
	}
	if word == "" {
		return badProjection(c.name, "its format is neither of days nor of months, so interval.unit must be set").
			WithHint("projection.%s.interval.unit is YEARS, MONTHS, WEEKS, DAYS, HOURS, MINUTES or SECONDS", c.name)
	}
	u, ok := unitOf(word)
	if !ok {
		return badProjection(c.name, "unknown interval.unit %q", word).WithHint("units are YEARS, MONTHS, WEEKS, DAYS, HOURS, MINUTES and SECONDS")
	}
	c.unit = u
	return nil
}

// Partitions makes the partitions that a statement can want, in the order of
// their keys. They are made while they are taken; more than MaxProjected are
// refused before the first. An injected key without named values is refused.
func (p *Projection) Partitions(want map[string]Allowed) (iter.Seq[Partition], error) {
	lists := make([]series, len(p.keys))
	total, widest := 1.0, 0
	for i := range p.keys {
		c := &p.keys[i]
		s, err := c.series(want[c.name])
		if err != nil {
			return nil, err
		}
		lists[i] = s
		total *= float64(s.n)
		if s.n > lists[widest].n {
			widest = i
		}
	}
	if total > MaxProjected {
		return nil, base.Errorf(base.Invalid, "projection of %s.%s makes %s partitions, more than %d", p.table.Database, p.table.Name, strconv.FormatFloat(total, 'f', 0, 64), MaxProjected).
			WithCode("EXCEEDED_PARTITION_LIMIT").WithHint("narrow %s in the WHERE clause, or its range in the table's properties", p.keys[widest].name)
	}
	return func(yield func(Partition) bool) {
		if total > 0 {
			p.walk(lists, make([]string, 0, len(lists)), yield)
		}
	}, nil
}

func (p *Projection) walk(lists []series, values []string, yield func(Partition) bool) bool {
	if len(values) == len(lists) {
		return yield(Partition{Values: slices.Clone(values), Location: p.location(values)})
	}
	s := lists[len(values)]
	for i := range s.n {
		if !p.walk(lists, append(values, s.at(i)), yield) {
			return false
		}
	}
	return true
}

func (p *Projection) location(values []string) string {
	if p.template == "" {
		return PartitionLocation(p.table, values)
	}
	var b strings.Builder
	for rest := p.template; ; {
		before, after, ok := strings.Cut(rest, "${")
		b.WriteString(before)
		if !ok {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if i := p.table.Key(name); closed && i >= 0 {
			b.WriteString(values[i])
		} else {
			b.WriteString("${" + name + "}")
		}
		rest = tail
	}
	return strings.TrimRight(b.String(), "/") + "/"
}

// PartitionLocation is where a partition lies if nobody says otherwise: below
// the table, in folders key=value.
func PartitionLocation(t Table, values []string) string {
	return under(t.Location, PartitionName(t, values, EscapeValue))
}

// under is the address of a folder below another. In file: addresses a percent
// sign is written %25, in others it stands for itself.
func under(location, folder string) string {
	if strings.HasPrefix(strings.ToLower(location), "file:") {
		folder = strings.ReplaceAll(folder, "%", "%25")
	}
	return strings.TrimRight(location, "/") + "/" + folder + "/"
}

// PartitionName is "year=2023/month=08"; write turns each value into text.
func PartitionName(t Table, values []string, write func(string) string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = write(t.PartitionKeys[i].Name) + "=" + write(v)
	}
	return strings.Join(parts, "/")
}
