package project

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/dates"
	"github.com/mulgil/mulgil/internal/port"
)

// Value is a parameter's value for one run.
type Value struct {
	Name string
	// Type is the parameter's, as declared.
	Type string
	// Text is the value as given.
	Text string
	// Go is string (text), int64 (int, bigint), float64, port.Decimal, bool, or
	// time.Time in UTC (date, timestamp); nil for NULL.
	Go any
	// Identifier says that the value is one of the names the job declares.
	Identifier bool
}

// Values are in the order the job declares its parameters, one for each.
type Values []Value

// Get is the value of a parameter.
func (v Values) Get(name string) (Value, bool) {
	for _, x := range v {
		if x.Name == name {
			return x, true
		}
	}
	return Value{}, false
}

// Bind checks a run's arguments against the job's parameters. Names may begin
// with --, as Glue writes them; JOB_NAME and Glue's own settings are passed
// over unless the job declares them. The error is base.Errors of kind
// base.Usage, one for each argument that is wrong or missing.
func (j *Job) Bind(args map[string]string) (Values, error) {
	given, errs := j.given(args)
	var out Values
	for i := range j.Params {
		p := &j.Params[i]
		text, ok := given[p.Name]
		if !ok {
			text, ok = j.Arguments[p.Name]
		}
		if !ok && p.Default != nil {
			text, ok = *p.Default, true
		}
		v := Value{Name: p.Name, Type: p.Type, Text: text, Identifier: p.Identifier}
		switch {
		case ok:
			var err error
			if v.Go, err = p.value(text); err != nil {
				errs = append(errs, base.Errorf(base.Usage, "parameter %s of job %s: %w", p.Name, j.Name, err).WithHint("%s", hintOf(err)))
			}
		case p.Required:
			e := base.Errorf(base.Usage, "job %s needs parameter %s", j.Name, p.Name)
			errs = append(errs, e.WithHint("add --arg %s=%s", p.Name, p.example()))
		}
		out = append(out, v)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return out, nil
}

// given matches the names of args to parameters.
func (j *Job) given(args map[string]string) (map[string]string, base.Errors) {
	var errs base.Errors
	out := map[string]string{}
	names := make([]string, 0, len(args))
	for n := range args {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, full := range names {
		name := strings.TrimPrefix(full, "--")
		switch _, twice := out[name]; {
		case j.param(name) == nil && ignored(full):
		case j.param(name) == nil:
			e := base.Errorf(base.Usage, "job %s has no parameter %q", j.Name, name)
			if len(j.Params) == 0 {
				e.Hint = "the job takes no parameters"
			} else {
				e.Hint = didYouMean(name, j.paramNames())
			}
			errs = append(errs, e)
		case twice && out[name] != args[full]:
			errs = append(errs, base.Errorf(base.Usage, "parameter %s is given twice, with and without --", name))
		default:
			out[name] = args[full]
		}
	}
	return out, errs
}

// ignored reports whether an argument is Glue's own.
func ignored(full string) bool {
	name := strings.TrimPrefix(full, "--")
	if name == "JOB_NAME" || name == "JOB_RUN_ID" || name == "JOB_ID" || name == "TempDir" || name == "SECURITY_CONFIGURATION" || name == "encryption-type" {
		return true
	}
	for _, p := range []string{"job-", "enable-", "extra-", "additional-python-modules", "python-modules-", "conf", "datalake-formats",
		"spark-event-logs-path", "continuous-log-", "custom-logGroup-prefix", "custom-logStream-prefix", "class", "scriptLocation",
		"user-jars-first", "use-postgres-driver", "write-shuffle-", "disable-proxy", "executor-cores", "auto-scale-"} {
		if name == p || strings.HasSuffix(p, "-") && strings.HasPrefix(name, p) {
			return full != name || p == "job-" || p == "enable-"
		}
	}
	return false
}

// value checks text and gives its Go value. The error says what was expected,
// its hint shows an example.
func (p *Param) value(text string) (any, error) {
	v, err := p.convert(text)
	if err == nil && p.Pattern != "" && p.pattern != nil && !p.pattern.MatchString(text) {
		err = fmt.Errorf("%q does not match the pattern %s", text, p.Pattern)
	}
	if err == nil && len(p.Enum) > 0 && !slices.Contains(p.Enum, text) {
		e := base.Errorf(base.Usage, "%q is not one of %s", text, strings.Join(p.Enum, ", "))
		if n := near(text, p.Enum); n != "" {
			e.Hint = "did you mean \"" + n + "\"?"
		}
		return nil, e
	}
	if err != nil {
		e := base.Errorf(base.Usage, "%w", err)
		if x := p.example(); x != "VALUE" {
			e.Hint = "write it as " + x
		}
		return nil, e
	}
	return v, nil
}

var decimalText = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)$`)

func (p *Param) convert(text string) (any, error) {
	typ, _, _ := strings.Cut(p.Type, "(")
	switch typ {
	case "text":
		if p.format != nil {
			if _, err := p.format.Parse(text); err != nil {
				return nil, fmt.Errorf("%q is not a date of the form %s: %w", text, p.Format, err)
			}
		}
		if strings.ContainsRune(text, 0) {
			return nil, fmt.Errorf("%q contains a NUL byte", text)
		}
		return text, nil
	case "int":
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is not an int, a whole number from -2147483648 to 2147483647", text)
		}
		return n, nil
	case "bigint":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a bigint, a whole number of up to 18 digits", text)
		}
		return n, nil
	case "double":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(text, "_xX") {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return f, nil
	case "decimal":
		return p.decimal(text)
	case "boolean":
		switch strings.ToLower(text) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case "date":
		return p.date(text, "yyyy-MM-dd")
	case "timestamp":
		return p.date(text, "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd HH:mm:ss.SSSSSS", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd")
	}
	return nil, fmt.Errorf("type %s is unknown", p.Type)
}

func (p *Param) decimal(text string) (any, error) {
	if !decimalText.MatchString(text) || len(text) > 60 {
		return nil, fmt.Errorf("%q is not a decimal number", text)
	}
	if p.Type == "decimal" {
		return port.Decimal(text), nil
	}
	t, err := base.ParseType(p.Type)
	if err != nil {
		return nil, err
	}
	whole, part, _ := strings.Cut(strings.TrimLeft(text, "+-"), ".")
	if len(strings.TrimLeft(whole, "0")) > t.Precision-t.Scale || len(strings.TrimRight(part, "0")) > t.Scale {
		return nil, fmt.Errorf("%q does not fit %s", text, p.Type)
	}
	return port.Decimal(text), nil
}

// date reads text by the declared format, else by the first usual one that fits.
func (p *Param) date(text string, usual ...string) (any, error) {
	if p.format != nil {
		t, err := p.format.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a %s of the form %s: %w", text, p.Type, p.Format, err)
		}
		return p.whole(t)
	}
	var first error
	for _, u := range usual {
		f, err := dates.ParseFormat(u)
		if err != nil {
			return nil, err
		}
		t, err := f.Parse(text)
		if err == nil {
			return t, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("%q is not a %s of the form %s: %w", text, p.Type, usual[0], first)
}

func (p *Param) whole(t time.Time) (any, error) {
	if p.Type == "date" {
		return t.Truncate(24 * time.Hour), nil
	}
	return t, nil
}

// example is a value that would be taken.
func (p *Param) example() string {
	moment := time.Date(2014, 1, 31, 9, 30, 0, 0, time.UTC)
	typ, _, _ := strings.Cut(p.Type, "(")
	switch {
	case len(p.Enum) > 0:
		return p.Enum[0]
	case p.format != nil:
		return p.format.Write(moment)
	}
	if e := map[string]string{"int": "42", "bigint": "42", "double": "1.5", "decimal": "12.50", "boolean": "true",
		"date": "2014-01-31", "timestamp": "2014-01-31 09:30:00"}[typ]; e != "" {
		return e
	}
	return "VALUE"
}
