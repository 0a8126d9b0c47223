package duckdb

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// Grouping by a dear function of a column that has few values (a date in text,
// parsed and formatted for each row) is cheaper in two steps: group by the
// column, then apply the function to the few groups and group again. Whether
// the values are few is only known from the data, so a plan then has both
// forms, and a query over a sample that chooses.

// Alternative is another text for a plan's query: it gives the same rows, and
// sooner where each of the conditions holds for the data.
type Alternative struct {
	SQL string
	// If are queries of one row, one boolean (or NULL) each.
	If []string
}

// twoSteps is a place of the text that has two forms.
type twoSteps struct{ mark, plain, stepped, probe string }

// dearKey finds functions that cost more than grouping by their result.
var dearKey = regexp.MustCompile(`strptime|strftime|regexp|mg_|json|string_split|list_|CAST\([^()]* AS (DATE|TIMESTAMP)`)

// fixedKey is not in what may be computed elsewhere than in its own query.
var fixedKey = regexp.MustCompile(`SELECT|error\(`)

// inOneOrTwoSteps gives the inner select of a grouping, or a mark in its place
// if it has two forms.
func (b *binder) inOneOrTwoSteps(s *selection, g *grouping) string {
	plain := b.inner(s, g, g.keys, g.texts(), s.src.sql, s.where)
	stepped, probe, ok := b.stepped(s, g)
	if !ok {
		return plain
	}
	b.twoSteps = append(b.twoSteps, twoSteps{"\x00two" + strconv.Itoa(len(b.twoSteps)) + "\x00", plain, stepped, probe})
	return b.twoSteps[len(b.twoSteps)-1].mark
}

// forms writes out the marked places of a text: each in its plain form, and,
// if there are any, in two steps. A place lies only in places marked later.
func (b *binder) forms(sql string) (string, *Alternative) {
	plain, stepped := sql, &Alternative{SQL: sql}
	for _, t := range slices.Backward(b.twoSteps) {
		if strings.Contains(plain, t.mark) {
			stepped.If = append(stepped.If, t.probe)
		}
		plain, stepped.SQL = strings.ReplaceAll(plain, t.mark, t.plain), strings.ReplaceAll(stepped.SQL, t.mark, t.stepped)
	}
	if len(stepped.If) == 0 {
		return plain, nil
	}
	return plain, stepped
}

// stepped is the inner select in two steps, where it has such a form and dear keys.
func (b *binder) stepped(s *selection, g *grouping) (sql, probe string, ok bool) {
	if g.sets != nil || b.volatile || b.try > 0 || s.src.sql == "" || !slices.ContainsFunc(g.keys, func(k groupKey) bool { return dearKey.MatchString(k.sql) }) {
		return "", "", false
	}
	p := &firstStep{alias: "s" + strconv.Itoa(len(b.twoSteps)), fields: map[string]field{}, scans: map[*Scan][]string{}}
	for _, f := range s.src.fields {
		p.fields[f.sql] = f
	}
	keys := make([]groupKey, len(g.keys))
	for i, k := range g.keys {
		if keys[i], ok = p.key(k); !ok {
			return "", "", false
		}
	}
	groups := len(p.cols)
	aggs := make([]string, len(g.aggs))
	for i, a := range g.aggs {
		if aggs[i], ok = a.merged(p); !ok {
			return "", "", false
		}
	}
	if probe, ok = p.probe(); !ok {
		return "", "", false
	}
	first := "(SELECT " + strings.Join(p.named(), ", ") + " FROM " + s.src.sql + s.where + " GROUP BY " + strings.Join(p.cols[:groups], ", ") + ") " + p.alias
	return b.inner(s, g, keys, aggs, first, ""), probe, true
}

// firstStep is the select that groups by columns.
type firstStep struct {
	alias  string
	fields map[string]field
	// cols are the columns' texts: what is grouped by, then partial aggregates.
	cols []string
	// dear is the scan whose columns the dear functions take, scans all those
	// the keys follow from, with their columns.
	dear  *Scan
	scans map[*Scan][]string
}

// col adds a column and gives its name.
func (p *firstStep) col(sql string) string {
	i := slices.Index(p.cols, sql)
	if i < 0 {
		i, p.cols = len(p.cols), append(p.cols, sql)
	}
	return p.alias + ".c" + strconv.Itoa(i)
}

func (p *firstStep) named() []string {
	out := make([]string, len(p.cols))
	for i, c := range p.cols {
		out[i] = c + " AS c" + strconv.Itoa(i)
	}
	return out
}

// key says a key in terms of the first step's columns: a dear one is computed
// from them, a cheap one is one of them.
func (p *firstStep) key(k groupKey) (groupKey, bool) {
	dear := dearKey.MatchString(k.sql)
	out, ok := rewritten(k.sql, func(ref string) (string, bool) {
		f, ok := p.fields[ref]
		if !ok || f.col == nil || dear && !exact(f.typ) || !p.note(f.col, dear) {
			return "", false
		}
		if dear {
			return p.col(ref), true
		}
		return ref, true
	})
	if !ok || fixedKey.MatchString(k.sql) || !dear && groupForm(k.expr) != k.sql {
		return k, false
	}
	if !dear {
		out = p.col(k.sql)
	}
	k.sql = out
	return k, true
}

// note keeps in mind that keys follow from a scan's column. Dear functions may
// take those of one scan only.
func (p *firstStep) note(o *origin, dear bool) bool {
	if dear && p.dear != nil && p.dear != o.scan {
		return false
	}
	if dear {
		p.dear = o.scan
	}
	if !slices.Contains(p.scans[o.scan], o.column) {
		p.scans[o.scan] = append(p.scans[o.scan], o.column)
	}
	return true
}

// exact types have no two values that the engine groups as one and functions tell apart.
func exact(t types.Type) bool {
	return t.Integral() || t.Is(types.Varchar, types.Char, types.JSON, types.Boolean, types.Decimal, types.Date, types.Timestamp, types.UUID)
}

// sampled rows are looked at to choose; two steps are taken if the first one
// leaves at most one in few of them.
const (
	sampledRows = 20480
	few         = 4
)

// probe asks whether the first step would leave few rows: it samples each scan
// and takes their columns for independent.
func (p *firstStep) probe() (string, bool) {
	if p.dear == nil || len(p.scans) > 3 {
		return "", false
	}
	order := []*Scan{p.dear}
	for s := range p.scans {
		if s != p.dear {
			order = append(order, s)
		}
	}
	slices.SortFunc(order[1:], func(a, b *Scan) int { return strings.Compare(a.Name, b.Name) })
	product, from := strconv.Itoa(few), make([]string, len(order))
	for i, s := range order {
		n := strconv.Itoa(i)
		product += " * d" + n
		cols := join(p.scans[s], ident)
		from[i] = "(SELECT count(*) AS d" + n + ", sum(n) AS n" + n + " FROM (SELECT count(*) AS n FROM (SELECT " + cols +
			" FROM " + s.Name + " LIMIT " + strconv.Itoa(sampledRows) + ") GROUP BY " + cols + "))"
	}
	return "SELECT " + product + " <= n0 FROM " + strings.Join(from, ", "), true
}

// reference finds a column (r1."x"), a name of a lambda (v1.f1), or a number
// with a point; quoted text is passed over.
var reference = regexp.MustCompile(`'(?:[^']|'')*'|[A-Za-z0-9_]+\.(?:"(?:[^"]|"")*"|[A-Za-z0-9_]+)|"(?:[^"]|"")*"`)

var ownName = regexp.MustCompile(`^(v[0-9]+|l[0-9]+_[0-9]+|[0-9]+)\.`)

// rewritten puts other text in the place of each column; ok is false if there
// is something that is no column of its own query.
func rewritten(sql string, as func(ref string) (string, bool)) (string, bool) {
	ok := true
	out := reference.ReplaceAllStringFunc(sql, func(ref string) string {
		switch {
		case ref[0] == '\'' || ownName.MatchString(ref):
			return ref
		case ref[0] == '"':
			ok = false
			return ref
		}
		text, found := as(ref)
		ok = ok && found
		return text
	})
	return out, ok
}

// merged is an aggregate over the first step's rows, whose partial results it
// adds as columns; ok is false if it cannot be had from partial results.
func (a *aggregated) merged(p *firstStep) (string, bool) {
	if a.call == nil {
		return a.sql, true
	}
	c := *a.call
	c.step = &partial{first: p, ok: true}
	sql, err := a.lower(&c)
	return sql, err == nil && c.step.ok
}

// partial turns an engine aggregate into one over partial results.
type partial struct {
	first *firstStep
	ok    bool
}

func (p *partial) merge(a *aggregation, name string, distinct bool, order string, args []string) string {
	col := func(name string) string { return p.first.col(a.text(name, distinct, order, args)) }
	once := name == "min" || name == "max"
	switch {
	case order != "" || a.nulls != "" || distinct && !once:
	case name == "sum" || once || name == "bool_and" || name == "bool_or" || strings.HasPrefix(name, "bit_"):
		return name + "(" + col(name) + ")"
	case name == "count" || name == "countif":
		return "CAST(sum(" + col(name) + ") AS BIGINT)"
	case name == "avg" && a.ret.Is(types.Double, types.Real):
		return "(CAST(sum(" + col("sum") + ") AS DOUBLE) / CAST(sum(" + col("count") + ") AS DOUBLE))"
	}
	p.ok = false
	return "NULL"
}
