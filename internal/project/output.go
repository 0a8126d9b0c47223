package project

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// outputs decodes what a SQL job writes, and its SQL.
func (r *reader) outputs(s *source, n *node, j *Job, body int) {
	list := n.get("outputs")
	if list == nil {
		if n.get("target") == nil {
			r.add(n.errorf("missing key \"target\"").WithHint("write target: table or target: database.table"))
		}
		o := r.output(n, n)
		r.tests(n.get("tests"), []*Output{&o})
		j.Outputs = []Output{o}
		r.sections(s, j, body)
		return
	}
	for _, k := range []string{"target", "key", "partition_by", "location", "comment", "columns"} {
		if n.get(k) != nil {
			r.add(n.keyOf(k).errorf("%s: belongs to each of the outputs", k).WithHint("move it below the entry of outputs:"))
		}
	}
	var all []*Output
	for _, item := range list.list() {
		if !item.isMap() {
			continue // reported by the schema
		}
		if item.get("target") == nil && item.get("name") == nil {
			r.add(item.errorf("an output needs a target").WithHint("write target: table or target: database.table"))
		}
		o := r.output(item, n)
		if i := slices.IndexFunc(all, func(x *Output) bool { return strings.EqualFold(x.Name, o.Name) }); i >= 0 && o.Name != "" {
			r.add(base.Errorf(base.Invalid, "two outputs are called %q", o.Name).At(o.Place).WithHint("give each a name:"))
		}
		if i := slices.IndexFunc(all, func(x *Output) bool { return x.Target == o.Target }); i >= 0 && o.Target.Table != "" {
			r.add(base.Errorf(base.Invalid, "two outputs write %s", o.Target).At(o.Place))
		}
		all = append(all, &o)
		r.tests(item.get("tests"), []*Output{&o})
	}
	r.tests(n.get("tests"), all)
	for _, o := range all {
		j.Outputs = append(j.Outputs, *o)
	}
	r.sections(s, j, body)
}

// output decodes one; job gives the mode if n has none.
func (r *reader) output(n, job *node) Output {
	o := Output{Comment: n.get("comment").str(), Key: n.get("key").strings(), PartitionBy: n.get("partition_by").strings(),
		Location: n.get("location").str(), Place: n.place(), Mode: Mode(n.get("mode").str())}
	target := n.get("target")
	if n != job {
		o.Name = n.get("name").str()
		if target == nil {
			target = n.get("name")
		}
	}
	if target != nil {
		o.Target, o.Place = r.table(target), target.place()
	}
	if o.Name == "" {
		o.Name = o.Target.Table
	}
	if o.Mode == "" {
		o.Mode = Mode(job.get("mode").str())
	}
	if o.Mode == "" {
		o.Mode = Overwrite
		if len(o.PartitionBy) > 0 {
			o.Mode = OverwritePartitions
		}
	}
	r.columns(n, &o)
	r.checkMode(n, &o)
	if loc := n.get("location"); loc != nil {
		if _, err := r.p.Resolve(loc.str()); err != nil {
			r.add(loc.errorf("%w", err).WithHint("%s", hintOf(err)))
		}
	}
	if sql := n.get("sql"); sql != nil && n != job {
		o.SQL, o.SQLPlace = r.inlineSQL(sql), inlinePlace(sql)
	}
	return o
}

// inlineSQL is the single statement of a sql: value.
func (r *reader) inlineSQL(n *node) string {
	s := &source{n.from.name, []byte(n.str())}
	pieces, e := scanSQL(s, 0, len(s.src))
	if e != nil {
		r.add(n.errorf("%s", e.Msg).WithHint("%s", e.Hint))
		return n.str()
	}
	end, closed := 0, false
	for _, p := range pieces {
		switch {
		case p.kind == semicolonPiece:
			closed = true
		case p.kind == codePiece && closed:
			r.add(n.errorf("sql: has more than one statement").WithHint("write one SELECT"))
			return n.str()
		case p.kind == codePiece:
			end = p.end
		}
	}
	if end == 0 {
		r.add(n.errorf("sql: has no statement").WithHint("write one SELECT"))
	}
	return string(s.src[:end])
}

// hintOf is the hint an error carries.
func hintOf(err error) string {
	if e, ok := err.(*base.Error); ok {
		return e.Hint
	}
	return ""
}

func (r *reader) checkMode(n *node, o *Output) {
	at := n.keyOf("mode")
	switch {
	case o.Mode == Merge && len(o.Key) == 0:
		r.add(at.errorf("mode merge needs key:").WithHint("write key: [column, ...], the columns that identify a row"))
	case o.Mode != Merge && len(o.Key) > 0:
		r.add(n.keyOf("key").errorf("key: is for mode merge, not %s", o.Mode).WithHint("remove it or write mode: merge"))
	case o.Mode == OverwritePartitions && len(o.PartitionBy) == 0:
		r.add(at.errorf("mode overwrite_partitions needs partition_by:").WithHint("write partition_by: [column, ...] or mode: overwrite"))
	}
	for _, key := range []string{"key", "partition_by"} {
		seen := map[string]bool{}
		for _, c := range n.get(key).list() {
			if low := strings.ToLower(c.str()); seen[low] {
				r.add(c.errorf("%s names column %q twice", key, c.str()))
			} else {
				seen[low] = true
			}
		}
	}
}

func (r *reader) columns(n *node, o *Output) {
	list := n.get("columns")
	if !list.isMap() {
		return
	}
	seen := map[string]string{}
	for _, e := range list.entries {
		c := Column{Name: e.key, Comment: e.val.get("comment").str()}
		if other, ok := seen[strings.ToLower(e.key)]; ok {
			r.add(e.at.errorf("columns %q and %q differ in letter case only", other, e.key))
		}
		seen[strings.ToLower(e.key)] = e.key
		if t := e.val.get("type"); t != nil && t.str() != "" {
			typ, err := base.ParseType(t.str())
			if err != nil {
				r.add(t.errorf("%w", err).WithHint("write a type as Hive does: bigint, string, decimal(12,2), date, timestamp"))
			} else {
				c.Type = &typ
			}
		}
		o.Columns = append(o.Columns, c)
	}
}

// table reads "table" or "database.table"; parts may be in double quotes or
// backticks.
func (r *reader) table(n *node) Name {
	parts := splitName(n.str())
	t := Name{Database: r.p.Database}
	switch len(parts) {
	case 1:
		t.Table = parts[0]
	case 2:
		t.Database, t.Table = parts[0], parts[1]
	default:
		if n.str() != "" {
			r.add(n.errorf("%s is not the name of a table", n.show()).WithHint("write table or database.table"))
		}
		return t
	}
	if t.Table == "" || len(t.Table) > 255 || strings.ContainsAny(t.Table, "/\\\x00\n\r") || t.Table == "." || t.Table == ".." {
		r.add(n.errorf("%q cannot be the name of a table", t.Table))
	}
	if r.databaseName(n, t.Database) {
		if _, ok := r.places[strings.ToLower(t.Database)]; !ok {
			r.places[strings.ToLower(t.Database)] = n.place()
		}
	}
	return t
}

// splitName splits a dotted name, quotes removed; nil if it is malformed.
func splitName(s string) []string {
	var out []string
	for {
		var part string
		if s != "" && (s[0] == '"' || s[0] == '`') {
			end := strings.IndexByte(s[1:], s[0])
			if end < 0 {
				return nil
			}
			part, s = s[1:1+end], s[end+2:]
		} else {
			i := strings.IndexByte(s, '.')
			if i < 0 {
				i = len(s)
			}
			part, s = strings.TrimSpace(s[:i]), s[i:]
		}
		if part == "" {
			return nil
		}
		out = append(out, part)
		if s == "" {
			return out
		}
		if s[0] != '.' {
			return nil
		}
		s = s[1:]
	}
}

var marker = regexp.MustCompile(`^--[ \t]*output:[ \t]*(.*?)[ \t\r]*$`)

type section struct {
	name   string
	at     *base.Place
	pieces []sqlPiece
}

// sections gives each output its part of the SQL.
func (r *reader) sections(s *source, j *Job, body int) {
	pieces, e := scanSQL(s, body, len(s.src))
	if e != nil {
		r.add(e)
	}
	if e != nil || len(j.Outputs) == 0 {
		return
	}
	end := s.at(len(s.src), 0)
	parts := splitSections(s, pieces)
	var open []*Output // outputs without sql: of their own
	for i := range j.Outputs {
		if j.Outputs[i].SQLPlace.inline == nil {
			open = append(open, &j.Outputs[i])
		}
	}
	if len(j.Outputs) == 1 && len(open) == 1 && len(parts) == 1 {
		open[0].SQL, open[0].SQLPlace = r.oneSelect(s, pieces, "the job", end)
		return
	}
	r.leading(s, parts[0], len(open) == 0)
	for _, p := range parts[1:] {
		r.section(s, p, j, open)
	}
	for _, o := range open {
		if o.Name != "" && !slices.ContainsFunc(parts[1:], func(p section) bool { return strings.EqualFold(p.name, o.Name) }) {
			r.add(base.Errorf(base.Invalid, "no SQL for output %q", o.Name).At(o.Place).
				WithHint("put a line -- output: %s before its SELECT", o.Name))
		}
	}
}

// splitSections cuts at the marker lines; the first section is what stands before them.
func splitSections(s *source, pieces []sqlPiece) []section {
	out := []section{{}}
	for _, p := range pieces {
		if m := marker.FindSubmatch(s.src[p.start:p.end]); m != nil && p.kind == commentPiece {
			out = append(out, section{name: strings.Trim(string(m[1]), `"`), at: s.at(p.start, p.end-p.start)})
			continue
		}
		last := &out[len(out)-1]
		last.pieces = append(last.pieces, p)
	}
	return out
}

// leading reports code before the first marker.
func (r *reader) leading(s *source, p section, all bool) {
	for _, x := range p.pieces {
		if x.kind == commentPiece || x.kind == blockPiece {
			continue
		}
		hint := "put a line -- output: NAME before each SELECT"
		if all {
			hint = "every output has its sql: already; remove the text"
		}
		r.add(base.Errorf(base.Invalid, "this SQL belongs to no output").At(s.at(x.start, wordLength(s.src[x.start:x.end]))).WithHint("%s", hint))
		return
	}
}

func (r *reader) section(s *source, p section, j *Job, open []*Output) {
	var names []string
	for _, o := range j.Outputs {
		names = append(names, o.Name)
	}
	i := slices.IndexFunc(open, func(o *Output) bool { return strings.EqualFold(o.Name, p.name) })
	switch {
	case i < 0 && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, p.name) }):
		r.add(base.Errorf(base.Invalid, "output %q has its sql: in the front matter", p.name).At(p.at).WithHint("remove one of them"))
	case i < 0:
		r.add(base.Errorf(base.Invalid, "no output is called %q", p.name).At(p.at).WithHint("%s", didYouMean(p.name, names)))
	case open[i].SQL != "":
		r.add(base.Errorf(base.Invalid, "output %q has two sections", p.name).At(p.at))
	default:
		open[i].SQL, open[i].SQLPlace = r.oneSelect(s, p.pieces, "output "+open[i].Name, p.at)
	}
}
