package project

import (
	"regexp"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/dates"
)

// Param is a declared parameter of a job.
type Param struct {
	Name string
	// Type is one of text, int, bigint, double, decimal, boolean, date,
	// timestamp; a decimal may be written decimal(12,2).
	Type string
	// Format is a date format in Java's letters. For text the value must match
	// it, for date and timestamp it replaces yyyy-MM-dd and yyyy-MM-dd HH:mm:ss.
	Format string
	// Pattern is a regular expression that the whole value must match.
	Pattern string
	// Enum lists the only values allowed, nil for any.
	Enum []string
	// Default is the value of a run that gives none, nil if there is none.
	Default *string
	// Required says that a value must be given; if not, it is NULL.
	Required    bool
	Description string
	// Identifier says that the value names a table or column; Enum is then never empty.
	Identifier bool
	Place      *base.Place

	pattern *regexp.Regexp
	format  *dates.Format
}

// params decodes params: in the order declared.
func (r *reader) params(n *node) []Param {
	if !n.isMap() {
		return nil
	}
	var out []Param
	for _, e := range n.entries {
		out = append(out, r.param(e))
	}
	return out
}

func (r *reader) param(e *entry) Param {
	n := e.val
	p := Param{Name: e.key, Type: n.get("type").str(), Format: n.get("format").str(), Pattern: n.get("pattern").str(),
		Enum: n.get("enum").strings(), Description: n.get("description").str(), Identifier: n.get("identifier").boolean(), Place: e.at.place()}
	if p.Type == "" {
		p.Type = "text"
	}
	if f := n.get("format"); f != nil {
		var err error
		if p.Type != "text" && p.Type != "date" && p.Type != "timestamp" {
			r.add(n.keyOf("format").errorf("format: is for text, date and timestamp, not %s", p.Type).WithHint("remove it"))
		} else if p.format, err = dates.ParseFormat(p.Format); err != nil {
			r.add(f.errorf("format %s: %w", f.show(), err).WithHint("write Java's letters, as yyyyMMdd or yyyy-MM-dd HH:mm:ss"))
		}
	}
	if x := n.get("pattern"); x != nil {
		re, err := regexp.Compile(`^(?:` + p.Pattern + `)$`)
		if err != nil {
			r.add(x.errorf("pattern %s is not a regular expression", x.show()))
		}
		p.pattern = re
	}
	if p.Identifier && len(p.Enum) == 0 {
		r.add(n.keyOf("identifier").errorf("identifier: needs enum:").WithHint("list the allowed names, as enum: [sales, returns]"))
	}
	if p.Identifier && p.Type != "text" {
		r.add(n.keyOf("identifier").errorf("an identifier is of type text, not %s", p.Type))
	}
	r.paramValues(n, &p)
	return p
}

// paramValues checks enum and default against the parameter's own rules.
func (r *reader) paramValues(n *node, p *Param) {
	free := *p
	free.Enum = nil
	for _, v := range n.get("enum").list() {
		if _, err := free.value(v.str()); err != nil {
			r.add(v.errorf("enum of %s: %w", p.Name, err).WithHint("%s", hintOf(err)))
		}
	}
	d := n.get("default")
	p.Required = d == nil
	if q := n.get("required"); q != nil {
		p.Required = q.boolean() && d == nil
	}
	if d == nil || d.kind != scalarNode {
		return
	}
	text := d.str()
	p.Default = &text
	if _, err := p.value(text); err != nil {
		r.add(d.errorf("default of %s: %w", p.Name, err).WithHint("%s", hintOf(err)))
	}
}

// arguments decodes arguments: and checks them like a run's.
func (r *reader) arguments(j *Job, n *node) map[string]string {
	out := map[string]string{}
	if !n.isMap() {
		return out
	}
	for _, e := range n.entries {
		name := strings.TrimPrefix(e.key, "--")
		if ignored(e.key) && j.param(name) == nil {
			continue
		}
		p := j.param(name)
		if p == nil {
			r.add(e.at.errorf("job %s has no parameter %q", j.Name, name).WithHint("%s", didYouMean(name, j.paramNames())))
			continue
		}
		if _, err := p.value(e.val.str()); err != nil {
			r.add(e.val.errorf("argument %s: %w", name, err).WithHint("%s", hintOf(err)))
		}
		out[name] = e.val.str()
	}
	return out
}

func (j *Job) param(name string) *Param {
	for i := range j.Params {
		if j.Params[i].Name == name {
			return &j.Params[i]
		}
	}
	return nil
}

func (j *Job) paramNames() []string {
	var out []string
	for _, p := range j.Params {
		out = append(out, p.Name)
	}
	return out
}
