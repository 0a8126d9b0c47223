package ducksql

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Join is one join of a statement and what is needed to ask whether it
// multiplies rows. The trees are printed to SQL text with PrintQuery.
type Join struct {
	// Type is LEFT or INNER.
	Type string
	// Label names the joined side and its key: "zipcode.short_zipcode".
	Label string
	// Keys is how many key columns there are, named k0, k1, ... in the trees.
	Keys int
	// Right selects the key columns of the joined side; Left those of the other
	// side followed by all of its columns.
	Right, Left string
	// Why says why the join cannot be checked; the trees are then empty.
	Why string
}

// joins records the joins of a FROM clause, innermost first. A left join whose
// right side is unique keeps its rows, so the left side of a later join is
// reduced to the part its keys come from.
func (w *walker) joins(sel, from Node, sc *scope) {
	if from.str("type") != "JOIN" {
		return
	}
	w.joins(sel, from.node("left"), sc)
	w.joins(sel, from.node("right"), sc)
	jt := from.str("join_type")
	if jt != "LEFT" && jt != "INNER" {
		return
	}
	j := Join{Type: jt, Label: label(from.node("right"))}
	left, right := aliases(from.node("left")), aliases(from.node("right"))
	lk, rk, ok := w.keys(from, left, right)
	if !ok {
		j.Why = "its condition is not an equality of qualified columns"
		w.out.Joins = append(w.out.Joins, j)
		return
	}
	j.Keys = len(lk)
	j.Label += "." + keyNames(rk)
	j.Right = w.print(rk, nil, from.node("right"), sc, false)
	base := reduce(from.node("left"), keyAliases(lk))
	j.Left = w.print(lk, w.only(sel.node("where_clause"), aliases(base)), base, sc, true)
	w.out.Joins = append(w.out.Joins, j)
}

// reduce strips left joins from the left side of a join while the keys come
// from what remains.
func reduce(from Node, need map[string]bool) Node {
	for from.str("type") == "JOIN" && from.str("join_type") == "LEFT" {
		have := aliases(from.node("left"))
		for a := range need {
			if !have[a] {
				return from
			}
		}
		from = from.node("left")
	}
	return from
}

func label(t Node) string {
	if a := t.str("table_name"); a != "" {
		return a
	}
	if a := t.str("alias"); a != "" {
		return a
	}
	return "subquery"
}

func keyNames(keys []Node) string {
	n := make([]string, len(keys))
	for i, k := range keys {
		p := k.strs("column_names")
		n[i] = p[len(p)-1]
	}
	if len(n) == 1 {
		return n[0]
	}
	return "(" + strings.Join(n, ", ") + ")"
}

func aliases(t Node) map[string]bool {
	out := map[string]bool{}
	each(map[string]any(t), func(x Node) bool {
		switch x.str("type") {
		case "BASE_TABLE", "SUBQUERY", "TABLE_FUNCTION":
			a := x.str("alias")
			if a == "" {
				a = x.str("table_name")
			}
			out[strings.ToLower(a)] = true
			return false
		}
		return x.str("class") != "SUBQUERY"
	})
	return out
}

func keyAliases(keys []Node) map[string]bool {
	out := map[string]bool{}
	for _, k := range keys {
		if p := k.strs("column_names"); len(p) == 2 {
			out[strings.ToLower(p[0])] = true
		}
	}
	return out
}

// keys splits a join condition into the two sides' key columns.
func (w *walker) keys(join Node, left, right map[string]bool) (lk, rk []Node, ok bool) {
	if using := join.strs("using_columns"); len(using) > 0 {
		for _, c := range using {
			n := Node{"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "query_location": json.Number("0"), "column_names": []any{c}}
			lk, rk = append(lk, n), append(rk, n)
		}
		return lk, rk, true
	}
	for _, c := range conjuncts(join.node("condition")) {
		if c.str("type") != "COMPARE_EQUAL" {
			return nil, nil, false
		}
		l, r := c.node("left"), c.node("right")
		if side(l, right) && side(r, left) {
			l, r = r, l
		}
		if !side(l, left) || !side(r, right) {
			return nil, nil, false
		}
		lk, rk = append(lk, l), append(rk, r)
	}
	return lk, rk, len(lk) > 0
}

func conjuncts(e Node) []Node {
	if e.str("type") != "CONJUNCTION_AND" {
		return []Node{e}
	}
	var out []Node
	for _, c := range e.nodes("children") {
		out = append(out, conjuncts(c)...)
	}
	return out
}

func side(e Node, of map[string]bool) bool {
	p := e.strs("column_names")
	return e.str("class") == "COLUMN_REF" && len(p) == 2 && of[strings.ToLower(p[0])]
}

// only keeps the terms of a WHERE clause whose columns are all qualified with
// one of the aliases.
func (w *walker) only(where Node, of map[string]bool) Node {
	if where == nil {
		return nil
	}
	var keep []any
	for _, c := range conjuncts(where) {
		ok := true
		each(map[string]any(c), func(x Node) bool {
			if x.str("class") == "SUBQUERY" || x.str("class") == "COLUMN_REF" && !side(x, of) {
				ok = false
			}
			return ok
		})
		if ok {
			keep = append(keep, map[string]any(c))
		}
	}
	switch len(keep) {
	case 0:
		return nil
	case 1:
		return keep[0].(map[string]any)
	}
	return Node{"class": "CONJUNCTION", "type": "CONJUNCTION_AND", "alias": "", "query_location": json.Number("0"), "children": keep}
}

// print makes the tree of SELECT keys [, *] FROM from [WHERE where] with the
// CTEs in scope.
func (w *walker) print(keys []Node, where, from Node, sc *scope, star bool) string {
	var list []any
	for i, k := range keys {
		c := map[string]any{}
		for key, v := range k {
			c[key] = v
		}
		c["alias"] = "k" + strconv.Itoa(i)
		list = append(list, c)
	}
	if star {
		list = append(list, map[string]any{"class": "STAR", "type": "STAR", "alias": "", "query_location": json.Number("0"),
			"relation_name": "", "exclude_list": []any{}, "replace_list": []any{}, "columns": false, "expr": nil,
			"qualified_exclude_list": []any{}, "rename_list": []any{}})
	}
	return tree(list, where, from, sc)
}

// tree is the serialized form of a plain SELECT.
func tree(list []any, where, from Node, sc *scope) string {
	var defs []any
	for s := sc; s != nil; s = s.up {
		if s.defs != nil {
			l, _ := s.defs["map"].([]any)
			defs = append(append([]any{}, l...), defs...)
		}
	}
	node := map[string]any{
		"type": "SELECT_NODE", "modifiers": []any{}, "cte_map": map[string]any{"map": orEmpty(defs)},
		"select_list": list, "from_table": map[string]any(from), "where_clause": orNil(where),
		"group_expressions": []any{}, "group_sets": []any{}, "aggregate_handling": "STANDARD_HANDLING",
		"having": nil, "sample": nil, "qualify": nil,
	}
	doc := map[string]any{"error": false, "statements": []any{map[string]any{"node": node, "named_param_map": []any{}}}}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // the tree came out of a JSON decoder
	}
	return string(b)
}

func orEmpty(l []any) []any {
	if l == nil {
		return []any{}
	}
	return l
}

func orNil(n Node) any {
	if n == nil {
		return nil
	}
	return map[string]any(n)
}

// CTE is the tree of SELECT * FROM name with the statement's CTEs, for looking
// at one step of a query. ok is false if there is no such CTE.
func (s *Statement) CTE(name string) (treeText string, ok bool) {
	defs := s.root.node("cte_map").nodes("map")
	for _, d := range defs {
		if strings.EqualFold(d.str("key"), name) {
			w := &walker{s: s}
			from := Node{"type": "BASE_TABLE", "alias": "", "sample": nil, "query_location": json.Number("0"), "schema_name": "",
				"table_name": d.str("key"), "column_name_alias": []any{}, "catalog_name": "", "at_clause": nil}
			return w.print(nil, nil, from, &scope{defs: s.root.node("cte_map")}, true), true
		}
	}
	return "", false
}
