package crawl

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// unit is a folder that can be seen as one table.
type unit struct {
	root *folder
	summary
	// levels are the partition keys from the root down; "" is a level of
	// folders without key= in their names.
	levels []string
	parts  []part
}

type part struct {
	values []string
	at     *folder
}

// grouper turns a tree of folders into units.
type grouper struct {
	summaries map[*folder]*summary
	notes     *notes
}

// group returns the tables at and below f. A single unit whose root is f means
// that f as a whole is one table, or one partition of its parent's.
func (g *grouper) group(f *folder) []*unit {
	var hive []*unit         // whole children named key=value
	var plain []*unit        // other children that are, or could be, a whole
	own := map[*unit]*unit{} // what such a child is when left alone
	var apart []*unit        // tables of children that are several
	for _, d := range f.dirs {
		units := g.group(d)
		_, _, keyed := partitionKey(d.name)
		switch {
		case len(units) == 1 && keyed:
			hive = append(hive, g.lift(d, units[0]))
		case len(units) == 1:
			u := g.lift(d, units[0])
			own[u] = units[0]
			plain = append(plain, u)
		default:
			if keyed && len(units) > 0 {
				g.notes.add("WARN %s holds different schemas: its folders became tables of their own", d.uri)
			}
			apart = append(apart, units...)
		}
	}
	alone := func(units []*unit) []*unit {
		for _, u := range units {
			apart = append(apart, own[u])
		}
		return apart
	}
	if len(hive) > 0 {
		if files := g.summaries[f]; files != nil {
			g.notes.add("WARN %s: %d files lie beside the partition folders and belong to no partition", f.uri, files.Files)
		}
		return append([]*unit{g.hive(f, hive)}, alone(plain)...)
	}
	if files := g.summaries[f]; files != nil {
		if len(plain)+len(apart) > 0 {
			g.notes.add("WARN %s holds files beside folders with tables of their own", f.uri)
		}
		return append([]*unit{{root: f, summary: *files}}, alone(plain)...)
	}
	if whole, rest := g.majority(plain); whole != nil {
		return append([]*unit{g.combine(f, "", whole)}, alone(rest)...)
	}
	if len(plain) == 1 && len(apart) == 0 && digits(plain[0].root.name) {
		return []*unit{g.combine(f, "", plain)}
	}
	return alone(plain)
}

// lift sees the only table below d as d itself, the folders between as
// partition levels: a/2024 beside b/2023 and b/2024 are two levels.
func (g *grouper) lift(d *folder, u *unit) *unit {
	for _, c := range d.dirs {
		if u.root != d && within(u.root.path, c.path) {
			return g.combine(d, "", []*unit{g.lift(c, u)})
		}
	}
	return u
}

// digits tells whether a folder name is a number, as in dated prefixes: such a
// folder is a partition even when it is the only one.
func digits(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

// hive joins key=value folders. Folders of another key, format or depth than
// most are left out and noted.
func (g *grouper) hive(f *folder, kids []*unit) *unit {
	shape := func(u *unit) string {
		key, _, _ := partitionKey(u.root.name)
		return strings.ToLower(strings.Join(append([]string{key, u.Format}, u.levels...), "/"))
	}
	count := map[string]int{}
	best := ""
	for _, u := range kids {
		count[shape(u)]++
		if best == "" || count[shape(u)] > count[best] {
			best = shape(u)
		}
	}
	var same []*unit
	var other []string
	for _, u := range kids {
		if shape(u) == best {
			same = append(same, u)
		} else {
			other = append(other, u.root.name)
		}
	}
	if len(other) > 0 {
		g.notes.add("WARN %s: left out, other partition keys or format than their neighbours: %s", f.uri, some(other, 10))
	}
	key, _, _ := partitionKey(same[0].root.name)
	return g.combine(f, key, same)
}

// majority returns the units that are alike if they are more than half and at
// least two, and the rest.
func (g *grouper) majority(units []*unit) (whole, rest []*unit) {
	var clusters [][]*unit
next:
	for _, u := range units {
		for i, c := range clusters {
			if alike(c[0], u) {
				clusters[i] = append(c, u)
				continue next
			}
		}
		clusters = append(clusters, []*unit{u})
	}
	at := -1
	for i, c := range clusters {
		if len(c) >= 2 && 2*len(c) > len(units) {
			at = i
		}
	}
	if at < 0 {
		return nil, units
	}
	for i, c := range clusters {
		if i != at {
			rest = append(rest, c...)
		}
	}
	return clusters[at], rest
}

func alike(a, b *unit) bool {
	return a.Format == b.Format && strings.EqualFold(strings.Join(a.levels, "/"), strings.Join(b.levels, "/")) && similar(a.Format, a.Fields, b.Fields)
}

// combine makes f one table whose next partition key is key ("" for folders
// without one); kids have the same levels below.
func (g *grouper) combine(f *folder, key string, kids []*unit) *unit {
	u := &unit{root: f, summary: kids[0].summary, levels: append([]string{key}, kids[0].levels...)}
	u.Files = 0
	for i, k := range kids {
		value := k.root.name
		if key != "" {
			_, value, _ = partitionKey(k.root.name)
			value = external.UnescapeValue(value)
		}
		if i > 0 {
			u.Fields = merge(u.Format, u.Fields, k.Fields, k.root.uri, g.notes)
		}
		if u.Compression != k.Compression {
			u.Compression = "mixed"
		}
		u.Files += k.Files
		if len(k.parts) == 0 {
			u.parts = append(u.parts, part{[]string{value}, k.root})
		}
		for _, p := range k.parts {
			u.parts = append(u.parts, part{append([]string{value}, p.values...), p.at})
		}
	}
	return u
}

// keys are the unit's partition columns, all text, as Glue names them.
func (u *unit) keys() []base.Field {
	var out []base.Field
	for i, l := range u.levels {
		name := strings.ToLower(l)
		if l == "" {
			name = "partition_" + strconv.Itoa(i)
		} else {
			name = tableName(name)
		}
		for fieldIndex(out, name) >= 0 {
			name += "_" + strconv.Itoa(i)
		}
		out = append(out, base.Field{Name: name, Type: base.Type{ID: base.String}})
	}
	return out
}

// columns are the files' columns without those that are partition keys too.
func (u *unit) columns() []base.Field {
	keys := u.keys()
	var out []base.Field
	for _, f := range u.Fields {
		if fieldIndex(keys, f.Name) < 0 {
			if u.Format != external.Parquet {
				f.Type = settled(f.Type)
			}
			out = append(out, f)
		}
	}
	return out
}
