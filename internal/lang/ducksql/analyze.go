package ducksql

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// Ref is one place where a statement reads a table that is not one of its own
// CTEs.
type Ref struct {
	// Catalog, Schema and Table as written; the first two may be empty.
	Catalog, Schema, Table string
	// Alias is the name columns are qualified with.
	Alias string
	// Offset is the byte offset of the reference in the text.
	Offset int
	// All is set if every column may be needed; else Names holds, lower-cased,
	// every identifier the statement uses that could be a column.
	All   bool
	Names map[string]bool
	// Where is what the enclosing WHERE clause asks of this reference alone:
	// rows it refuses cannot reach the result. nil asks nothing. Columns and
	// value types are not checked yet: see Fit.
	Where base.Predicate
}

// Parts are the name's parts as written.
func (r Ref) Parts() []string {
	var p []string
	for _, s := range []string{r.Catalog, r.Schema, r.Table} {
		if s != "" {
			p = append(p, s)
		}
	}
	return p
}

// Analysis is what a statement says about its inputs.
type Analysis struct {
	Refs []Ref
	// Joins are the joins whose cardinality can be checked, innermost first.
	Joins []Join
	// CTEs are the statement's own named queries, in order.
	CTEs []string
	// Functions lists every function called, lower-cased.
	Functions map[string]bool
}

// tableFunctions may stand in FROM: they make rows from their arguments only.
var tableFunctions = map[string]bool{"unnest": true, "range": true, "generate_series": true}

// Params are the values of a statement's named parameters.
type Params map[string]any

// Analyze walks the statement. A table function that reaches outside the
// statement (read_csv, glob, ...) is refused at its place.
func (s *Statement) Analyze(params Params) (*Analysis, error) {
	w := &walker{s: s, params: params, out: &Analysis{Functions: map[string]bool{}}, names: map[string]bool{}}
	each(map[string]any(s.root), func(n Node) bool {
		switch n.str("class") {
		case "COLUMN_REF":
			for _, c := range n.strs("column_names") {
				w.names[strings.ToLower(c)] = true
			}
		case "PARAMETER":
			w.parameter(n)
		case "FUNCTION":
			w.scalar(n)
		}
		for _, c := range n.strs("using_columns") {
			w.names[strings.ToLower(c)] = true
		}
		return true
	})
	w.query(s.root, nil)
	for i := range w.out.Refs {
		w.out.Refs[i].Names = w.names
	}
	if len(w.errs) > 0 {
		sort.SliceStable(w.errs, func(i, j int) bool { return w.errs[i].Place.Line < w.errs[j].Place.Line })
		return nil, w.errs
	}
	return w.out, nil
}

type scope struct {
	up   *scope
	ctes map[string]bool
	// defs is the cte_map of this level, kept for printing parts of the tree.
	defs Node
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.up {
		if s.ctes[strings.ToLower(name)] {
			return true
		}
	}
	return false
}

type walker struct {
	s      *Statement
	params Params
	out    *Analysis
	names  map[string]bool
	errs   base.Errors
}

func (w *walker) query(n Node, up *scope) {
	if n == nil {
		return
	}
	sc := w.ctes(n, up)
	switch n.str("type") {
	case "SELECT_NODE":
		w.selectNode(n, sc)
	case "SET_OPERATION_NODE":
		w.query(n.node("left"), sc)
		w.query(n.node("right"), sc)
		for _, c := range n.nodes("children") {
			w.query(c, sc)
		}
	case "RECURSIVE_CTE_NODE":
		inner := &scope{up: sc, ctes: map[string]bool{strings.ToLower(n.str("cte_name")): true}}
		w.query(n.node("left"), inner)
		w.query(n.node("right"), inner)
	case "CTE_NODE":
		w.query(n.node("query"), sc)
		w.query(n.node("child"), sc)
	}
	w.exprs(n["modifiers"], sc)
}

func (w *walker) ctes(n Node, up *scope) *scope {
	defs := n.node("cte_map").nodes("map")
	if len(defs) == 0 {
		return up
	}
	sc := &scope{up: up, ctes: map[string]bool{}, defs: n.node("cte_map")}
	for _, d := range defs {
		q := d.node("value").node("query").node("node")
		w.query(q, sc)
		sc.ctes[strings.ToLower(d.str("key"))] = true
		if up == nil {
			w.out.CTEs = append(w.out.CTEs, d.str("key"))
		}
	}
	return sc
}

func (w *walker) selectNode(n Node, sc *scope) {
	from := n.node("from_table")
	before := len(w.out.Refs)
	w.table(from, sc, n["sample"] == nil)
	w.pushdown(n, w.out.Refs[before:])
	w.joins(n, from, sc)
	for _, key := range []string{"select_list", "where_clause", "group_expressions", "having", "qualify"} {
		w.exprs(n[key], sc)
	}
}

// exprs visits the subqueries inside expressions.
func (w *walker) exprs(v any, sc *scope) {
	each(v, func(n Node) bool {
		if n.str("class") == "SUBQUERY" {
			w.query(n.node("subquery").node("node"), sc)
			w.exprs(n["child"], sc)
			return false
		}
		return true
	})
}

// table records base tables below a FROM item. kept says that WHERE may be
// applied before the item: its rows are neither made up by an outer join nor
// picked by which others there are (a sample, an ASOF or positional join).
func (w *walker) table(t Node, sc *scope, kept bool) {
	switch t.str("type") {
	case "BASE_TABLE":
		w.baseTable(t, sc, kept)
	case "JOIN":
		jt, ref := t.str("join_type"), t.str("ref_type")
		both := kept && jt != "FULL" && jt != "OUTER" && ref != "POSITIONAL" // whose rows pair by their number
		w.table(t.node("left"), sc, both && jt != "RIGHT")
		w.table(t.node("right"), sc, both && jt != "LEFT" && jt != "SEMI" && jt != "ANTI" && ref != "ASOF")
		w.exprs(t["condition"], sc)
	case "SUBQUERY":
		w.query(t.node("subquery").node("node"), sc)
	case "TABLE_FUNCTION":
		w.function(t)
		w.exprs(t["function"], sc)
	case "EXPRESSION_LIST":
		w.exprs(t["values"], sc)
	case "EMPTY", "":
	default:
		w.refuse(t, strings.ToLower(t.str("type"))+" cannot be read here")
	}
}

func (w *walker) baseTable(t Node, sc *scope, kept bool) {
	r := Ref{Catalog: t.str("catalog_name"), Schema: t.str("schema_name"), Table: t.str("table_name"), Alias: t.str("alias"), Offset: t.offset(w.s.SQL)}
	if r.Schema == "" && sc.has(r.Table) {
		return
	}
	if r.Alias == "" {
		r.Alias = r.Table
	}
	if !kept || t["sample"] != nil {
		r.Where = nowhere{}
	}
	w.out.Refs = append(w.out.Refs, r)
}

// nowhere marks, while walking, a reference that no WHERE may be pushed to.
type nowhere struct{ base.Or }

func (w *walker) function(t Node) {
	name := strings.ToLower(t.node("function").str("function_name"))
	if !tableFunctions[name] {
		w.refuse(t, "table function "+name+" is not allowed: it reads outside the project's tables")
	}
}

// parameter refuses a parameter nobody declared.
func (w *walker) parameter(n Node) {
	name := n.str("identifier")
	if _, ok := w.params[name]; ok {
		return
	}
	known := slices.Sorted(maps.Keys(w.params))
	hint := "it has: " + strings.Join(known, ", ")
	if len(known) == 0 {
		hint = "write the value itself; only jobs have parameters, declared under params:"
	}
	off := parameterAt(w.s.SQL, name)
	w.errs = append(w.errs, base.Errorf(base.Invalid, "there is no parameter $%s", name).
		At(base.PlaceAt("", []byte(w.s.SQL), off, len(name)+1)).WithHint("%s", hint))
}

// parameterAt finds a parameter in the text: the tree does not tell where it is.
func parameterAt(sql, name string) int {
	for from := 0; ; {
		i := strings.Index(sql[from:], "$"+name)
		if i < 0 {
			return 0
		}
		end := from + i + 1 + len(name)
		if r, _ := utf8.DecodeRuneInString(sql[end:]); end == len(sql) || r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return from + i
		}
		from = end
	}
}

func (w *walker) refuse(t Node, msg string) {
	off := t.offset(w.s.SQL)
	w.errs = append(w.errs, base.Errorf(base.Denied, "%s", msg).
		At(base.PlaceAt("", []byte(w.s.SQL), off, max(1, len(t.node("function").str("function_name"))))).
		WithHint("read a lake table by name, or a source as connection.schema.table"))
}

// stars says which of the FROM clause's aliases a select list takes whole.
func stars(n Node) (all bool, some map[string]bool) {
	some = map[string]bool{}
	for _, e := range n.nodes("select_list") {
		each(map[string]any(e), func(x Node) bool {
			if x.str("class") == "SUBQUERY" {
				return false
			}
			if x.str("class") == "STAR" {
				if rel := x.str("relation_name"); rel != "" {
					some[strings.ToLower(rel)] = true
				} else {
					all = true
				}
			}
			return true
		})
	}
	each(n["from_table"], func(x Node) bool {
		if x.str("ref_type") == "NATURAL" {
			all = true
		}
		return x.str("type") != "SUBQUERY"
	})
	return all, some
}

// pushdown fills All and Where of the references a SELECT reads directly.
func (w *walker) pushdown(n Node, refs []Ref) {
	direct := directRefs(n.node("from_table"), w.s.SQL)
	all, some := stars(n)
	single := len(direct) == 1 && n.node("from_table").str("type") == "BASE_TABLE"
	for i := range refs {
		r := &refs[i]
		if !direct[r.Offset] {
			continue
		}
		key := strings.ToLower(r.Alias)
		r.All = all || some[key] || w.names[key]
		if _, no := r.Where.(nowhere); no {
			r.Where = nil
			continue
		}
		r.Where = w.predicate(n.node("where_clause"), r.Alias, single)
	}
}

// directRefs are the offsets of the base tables of a FROM clause, not those in
// its subqueries.
func directRefs(from Node, sql string) map[int]bool {
	out := map[int]bool{}
	each(map[string]any(from), func(x Node) bool {
		if x.str("type") == "BASE_TABLE" {
			out[x.offset(sql)] = true
		}
		return x.str("type") != "SUBQUERY" && x.str("class") != "SUBQUERY"
	})
	return out
}
