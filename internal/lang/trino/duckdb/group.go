package duckdb

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// grouping is what GROUP BY makes of a FROM: an inner select of keys k0, k1,
// ... and aggregates a0, a1, ...; everything after it is said in their terms.
type grouping struct {
	alias string
	raw   *scope
	keys  []groupKey
	aggs  []aggregated
	// sets are the grouping sets as key indexes; nil for a plain GROUP BY.
	sets [][]int
}

type groupKey struct {
	expr
	n trino.Expr
	// seq is the binder's before it was bound.
	seq int
}

// aggregated is an aggregate's text and, if it is one of a call, how it came about.
type aggregated struct {
	sql   string
	call  *aggregation
	lower func(*aggregation) (string, error)
}

// texts are the aggregates' texts.
func (g *grouping) texts() []string {
	out := make([]string, len(g.aggs))
	for i, a := range g.aggs {
		out[i] = a.sql
	}
	return out
}

// grouped tells whether a SELECT aggregates.
func grouped(n *trino.Select, q *trino.Query) bool {
	if n.GroupBy != nil || n.Having != nil {
		return true
	}
	for _, it := range n.Items {
		if it.X != nil && aggregates(it.X) {
			return true
		}
	}
	if q != nil {
		for _, o := range q.OrderBy {
			if aggregates(o.X) {
				return true
			}
		}
	}
	return false
}

func (b *binder) groupedSelect(s *selection) (*result, error) {
	g := &grouping{alias: b.fresh("g"), raw: s.sc.clause("GROUP BY clause", false, false)}
	if s.n.GroupBy != nil {
		if err := b.groupBy(s, g); err != nil {
			return nil, err
		}
	}
	s.sc = &scope{parent: s.sc.parent, fields: s.sc.fields, group: g, what: "SELECT"}
	var having *expr
	if s.n.Having != nil {
		h, err := b.condition(s.n.Having, s.sc.clause("HAVING clause", false, true), "HAVING clause")
		if err != nil {
			return nil, err
		}
		b.keep(h.preds)
		having = &h
	}
	// The items' aggregates become known while they are bound; only then the inner select is complete.
	mark := "\x00" + g.alias + "\x00"
	r, err := b.finish(s, mark, "", having)
	if err != nil {
		return nil, err
	}
	r.sql = strings.Replace(r.sql, mark, b.inOneOrTwoSteps(s, g), 1)
	return r, nil
}

// inner is the select that aggregates what from and where leave.
func (b *binder) inner(s *selection, g *grouping, groupBy []groupKey, aggs []string, from, where string) string {
	cols := make([]string, 0, len(groupBy)+len(aggs))
	keys := make([]string, len(groupBy))
	for i, k := range groupBy {
		cols = append(cols, k.sql+" AS k"+strconv.Itoa(i))
		keys[i] = groupForm(k.expr)
		if keys[i] != k.sql {
			cols[i] = "any_value(" + k.sql + ") AS k" + strconv.Itoa(i)
		}
	}
	for i, a := range aggs {
		cols = append(cols, a+" AS a"+strconv.Itoa(i))
	}
	if len(cols) == 0 {
		cols = []string{"count(*) AS a0"}
	}
	text := "(SELECT " + strings.Join(cols, ", ")
	if from != "" {
		text += " FROM " + from
	}
	text += where
	if s.n.GroupBy != nil {
		text += " GROUP BY " + g.by(keys)
	}
	return text + ") " + g.alias
}

// by is the GROUP BY clause's text.
func (g *grouping) by(keys []string) string {
	if g.sets == nil && len(keys) == 0 {
		return "GROUPING SETS (())"
	}
	if g.sets == nil {
		return strings.Join(keys, ", ")
	}
	return "GROUPING SETS (" + join(g.sets, func(set []int) string {
		return "(" + join(set, func(i int) string { return keys[i] }) + ")"
	}) + ")"
}

// maxSets bounds what CUBE may multiply to.
const maxSets = 4096

// groupBy binds the GROUP BY clause.
func (b *binder) groupBy(s *selection, g *grouping) error {
	sets := [][]int{nil}
	simple := true
	for i := range s.n.GroupBy.Elems {
		el := &s.n.GroupBy.Elems[i]
		list := make([][]int, len(el.Sets))
		for j, set := range el.Sets {
			for _, x := range set {
				k, err := b.groupKey(s, g, x)
				if err != nil {
					return err
				}
				list[j] = append(list[j], k...)
			}
		}
		simple = simple && el.Kind == "simple"
		sets = cross(sets, expand(el.Kind, list))
		if len(sets) > maxSets {
			return b.fail(el, "TOO_MANY_GROUPING_SETS", "GROUP BY has more than %d grouping sets", maxSets)
		}
	}
	if !simple {
		if s.n.GroupBy.Distinct {
			sets = distinctSets(sets)
		}
		g.sets = sets
		for i := range g.keys {
			g.keys[i].col = nil
		}
	}
	return nil
}

// expand turns ROLLUP and CUBE of lists into their grouping sets.
func expand(kind string, list [][]int) [][]int {
	switch kind {
	case "rollup":
		out := make([][]int, 0, len(list)+1)
		for n := len(list); n >= 0; n-- {
			var set []int
			for _, l := range list[:n] {
				set = append(set, l...)
			}
			out = append(out, set)
		}
		return out
	case "cube":
		if len(list) > 12 {
			return make([][]int, maxSets+1)
		}
		var out [][]int
		for mask := 1<<len(list) - 1; mask >= 0; mask-- {
			var set []int
			for i, l := range list {
				if mask&(1<<(len(list)-1-i)) != 0 {
					set = append(set, l...)
				}
			}
			out = append(out, set)
		}
		return out
	}
	return list
}

func cross(a, b [][]int) [][]int {
	if len(a)*len(b) > maxSets {
		return make([][]int, maxSets+1)
	}
	var out [][]int
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(append([]int{}, x...), y...))
		}
	}
	return out
}

func distinctSets(sets [][]int) [][]int {
	seen := map[string]bool{}
	var out [][]int
	for _, s := range sets {
		in := map[int]bool{}
		for _, i := range s {
			in[i] = true
		}
		key := ""
		for i := range maxSets {
			if in[i] {
				key += strconv.Itoa(i) + ","
			}
		}
		if !seen[key] {
			seen[key], out = true, append(out, s)
		}
	}
	return out
}

// groupKey binds one key, an ordinal of the select list included; a row of
// several (GROUP BY (a, b)) gives several.
func (b *binder) groupKey(s *selection, g *grouping, x trino.Expr) ([]int, error) {
	sc, seq := g.raw.clause("GROUP BY clause", true, true), b.seq
	if n, ok := x.(*trino.IntLit); ok {
		i, err := strconv.Atoi(n.Text)
		e, of, err2 := b.ordinal(s, sc, i)
		if err != nil || err2 != nil || e == nil {
			if err2 != nil {
				return nil, err2
			}
			return nil, b.fail(n, "INVALID_COLUMN_REFERENCE", "GROUP BY position %s is not in select list", n.Text)
		}
		return []int{g.add(groupKey{expr: *e, n: of, seq: seq})}, nil
	}
	e, err := b.expr(x, sc)
	if err != nil {
		return nil, err
	}
	if !e.typ.Comparable() {
		return nil, b.fail(x, "TYPE_MISMATCH", "%s is not comparable, and therefore cannot be used in GROUP BY", e.typ)
	}
	return []int{g.add(groupKey{expr: e, n: x, seq: seq})}, nil
}

// ordinal is the expression of the select list's i-th column, stars counted
// out, and how it was written, nil for a star's.
func (b *binder) ordinal(s *selection, sc *scope, i int) (*expr, trino.Expr, error) {
	at := 0
	for k := range s.n.Items {
		it := &s.n.Items[k]
		if it.Star {
			probe := &selection{n: s.n, src: s.src, sc: sc}
			if err := b.star(probe, it); err != nil {
				return nil, nil, err
			}
			if i-at <= len(probe.items) && i > at {
				return &probe.items[i-at-1].expr, nil, nil
			}
			at += len(probe.items)
			continue
		}
		if at++; at == i {
			e, err := b.expr(it.X, sc)
			return &e, it.X, err
		}
	}
	return nil, nil, nil
}

func (g *grouping) add(k groupKey) int {
	for i, o := range g.keys {
		if o.sql == k.sql {
			return i
		}
	}
	g.keys = append(g.keys, k)
	return len(g.keys) - 1
}

// key is the grouped form of an expression that is a key.
func (g *grouping) key(sql string) (expr, bool) {
	for i, k := range g.keys {
		if k.sql == sql {
			return expr{typ: k.typ, sql: g.alias + ".k" + strconv.Itoa(i), col: k.col}, true
		}
	}
	return expr{}, false
}

// aggregate is the grouped form of an aggregate.
func (g *grouping) aggregate(a aggregated, t types.Type) expr {
	i := slices.IndexFunc(g.aggs, func(o aggregated) bool { return o.sql == a.sql })
	if i < 0 {
		i, g.aggs = len(g.aggs), append(g.aggs, a)
	}
	return expr{typ: t, sql: g.alias + ".a" + strconv.Itoa(i), agg: true}
}

// alike tells whether two expressions can be the same one: it looks at their
// outermost form only.
func alike(key, x trino.Expr) bool {
	switch x := x.(type) {
	case *trino.Param:
		return true
	case *trino.Deref:
		if _, ok := key.(*trino.Ident); ok {
			return true
		}
	case *trino.Call:
		if k, ok := key.(*trino.Call); ok {
			return slices.EqualFunc(k.Name.Parts[len(k.Name.Parts)-1:], x.Name.Parts[len(x.Name.Parts)-1:], func(a, b trino.Name) bool { return a.Text == b.Text })
		}
	}
	if _, ok := key.(*trino.Param); ok {
		return true
	}
	return reflect.TypeOf(key) == reflect.TypeOf(x)
}

// matchKey tells whether x as a whole is a group key of sc.
func (b *binder) matchKey(x trino.Expr, sc *scope) (expr, bool) {
	switch x.(type) {
	case *trino.IntLit, *trino.StringLit, *trino.NullLit, *trino.BoolLit, *trino.DecimalLit, *trino.DoubleLit, *trino.Ident, *trino.Lambda, *trino.Subquery, *trino.Exists, *trino.InQuery, *trino.Quantified:
		return expr{}, false
	}
	g := sc.group
	alikes := slices.DeleteFunc(slices.Clone(g.keys), func(k groupKey) bool { return !alike(k.n, x) })
	if len(alikes) == 0 || aggregates(x) {
		return expr{}, false
	}
	seq, volatile, scans := b.seq, b.volatile, len(b.scans)
	defer func() { b.seq = seq }()
	for _, k := range alikes {
		if k.n == x {
			return g.key(k.sql)
		}
		b.seq = k.seq // the same expression then gives the same text, names of its own included
		e, err := b.expr(x, g.raw.clause(sc.what, true, true))
		if err != nil || len(b.scans) != scans {
			b.scans, b.volatile = b.scans[:scans], volatile
			return expr{}, false
		}
		if m, ok := g.key(e.sql); ok || b.seq == k.seq {
			return m, ok
		}
	}
	return expr{}, false
}
