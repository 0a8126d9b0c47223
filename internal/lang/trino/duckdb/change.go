package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// The first three columns of a plan that changes a table: the file and the
// place in it of the row that is changed, NULL for a new one, and what is done
// to it. The table's own columns follow, as they are to be.
const (
	FileColumn = "$mulgil_file"
	RowColumn  = "$mulgil_row"
	OpColumn   = "$mulgil_op"
)

// What is done to a row.
const (
	OpUpdate = 1
	OpDelete = 2
	OpInsert = 3
)

// MultipleMatches is the error of a row that a MERGE would change twice.
const MultipleMatches = "MERGE_TARGET_ROW_MULTIPLE_MATCHES"

// RowIdentity are the hidden columns that a relation must have to be changed.
func RowIdentity(file, row string) []Column {
	return []Column{
		{Name: FileColumn, Physical: file, Type: types.TVarchar, Hidden: true},
		{Name: RowColumn, Physical: row, Type: types.TBigint, Hidden: true},
	}
}

// change is a statement that changes the rows of one table.
type change struct {
	*binder
	target *Relation
	// file and row find the rows, columns are the table's.
	file, row expr
	columns   []field
	sc        *scope
}

func newChange(src string, o Options, target *Relation) *change {
	return &change{binder: newBinder(src, o), target: target}
}

// over sets what the statement's expressions see.
func (c *change) over(n trino.Node, s *source, what string) error {
	c.sc = (&scope{fields: s.fields}).clause(what, true, true)
	for _, f := range s.fields {
		mine := f.col != nil && f.col.scan.Relation == c.target
		if !mine {
			continue
		}
		e, err := c.fieldExpr(n, &found{field: f, at: c.sc})
		switch {
		case err != nil:
			return err
		case f.name == FileColumn:
			c.file = e
		case f.name == RowColumn:
			c.row = e
		case !f.hidden:
			c.columns = append(c.columns, f)
		}
	}
	return nil
}

func (c *change) where(x trino.Expr) (string, error) {
	if x == nil {
		return "", nil
	}
	w, err := c.condition(x, c.sc.clause("WHERE clause", true, true), "WHERE clause")
	if err != nil {
		return "", err
	}
	c.keep(w.preds)
	return " WHERE " + w.sql, nil
}

// finish makes the plan from what is done and the new values, in the order of
// the table's columns.
func (c *change) finish(op string, values []string, from string) *Plan {
	cols := append([]string{c.file.sql, c.row.sql, op}, values...)
	for i := range cols {
		cols[i] += " AS " + cname(i)
	}
	r := &result{sql: "SELECT " + strings.Join(cols, ", ") + " FROM " + from}
	r.cols = []outCol{{name: FileColumn, typ: types.TVarchar}, {name: RowColumn, typ: types.TBigint}, {name: OpColumn, typ: types.TInteger}}
	for _, f := range c.columns {
		r.cols = append(r.cols, outCol{name: f.name, typ: f.typ})
	}
	return c.plan(r)
}

func (c *change) nulls() []string {
	out := make([]string, len(c.columns))
	for i, f := range c.columns {
		out[i] = "CAST(NULL AS " + physical(f.typ) + ")"
	}
	return out
}

// BindDelete gives DELETE its meaning. target has RowIdentity.
func BindDelete(src string, st *trino.Delete, o Options, target *Relation) (*Plan, error) {
	c := newChange(src, o, target)
	s := c.scan(target)
	if err := c.over(st.Name, s, "DELETE"); err != nil {
		return nil, err
	}
	where, err := c.where(st.Where)
	if err != nil {
		return nil, err
	}
	return c.finish(fmt.Sprint(OpDelete), c.nulls(), s.sql+where), nil
}

// BindUpdate gives UPDATE its meaning. target has RowIdentity.
func BindUpdate(src string, st *trino.Update, o Options, target *Relation) (*Plan, error) {
	c := newChange(src, o, target)
	s := c.scan(target)
	if err := c.over(st.Name, s, "UPDATE"); err != nil {
		return nil, err
	}
	where, err := c.where(st.Where)
	if err != nil {
		return nil, err
	}
	values, err := c.assignments(st, st.Set, "UPDATE")
	if err != nil {
		return nil, err
	}
	return c.finish(fmt.Sprint(OpUpdate), values, s.sql+where), nil
}

// assignments are all columns' values after SET.
func (c *change) assignments(n trino.Node, set []trino.Assignment, verb string) ([]string, error) {
	out := make([]string, len(c.columns))
	for i, f := range c.columns {
		out[i] = f.sql
	}
	seen := map[int]bool{}
	for _, a := range set {
		i, err := c.column(a.Column, verb+" SET target column")
		if err != nil {
			return nil, err
		}
		if seen[i] {
			return nil, c.fail(a.Column, "DUPLICATE_COLUMN_NAME", "column %q is set more than once", a.Column.Text)
		}
		seen[i] = true
		if out[i], err = c.value(a.Value, c.columns[i], verb+" SET"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *change) column(n trino.Name, what string) (int, error) {
	var names []string
	for i, f := range c.columns {
		if f.name == n.Text {
			return i, nil
		}
		names = append(names, f.name)
	}
	return 0, didYouMean(c.fail(n, "COLUMN_NOT_FOUND", "%s %q doesn't exist", what, n.Text), n.Text, names)
}

func (c *change) value(x trino.Expr, f field, verb string) (string, error) {
	e, err := c.expr(x, c.sc)
	if err != nil {
		return "", err
	}
	sql, ok := c.assign(e, f.typ)
	if !ok {
		return "", c.fail(x, "TYPE_MISMATCH", "%s: column %q is of type %s but the expression is of type %s", verb, f.name, f.typ, e.typ).
			WithHint("write CAST(... AS %s)", f.typ)
	}
	return sql, nil
}

// BindMerge gives MERGE its meaning. target has RowIdentity. That no row is
// changed twice is for whoever runs the plan to check.
func BindMerge(src string, st *trino.Merge, o Options, target *Relation) (*Plan, error) {
	c := newChange(src, o, target)
	s, err := c.matched(st)
	if err != nil {
		return nil, err
	}
	if err := c.over(st, s, "MERGE"); err != nil {
		return nil, err
	}
	m := merge{change: c, values: make([]string, len(c.columns))}
	for _, k := range st.Cases {
		if err := m.add(k); err != nil {
			return nil, err
		}
	}
	for i, f := range c.columns {
		if m.values[i] == "" {
			m.values[i] = "CAST(NULL AS " + physical(f.typ) + ")"
			continue
		}
		m.values[i] = "CASE" + m.values[i] + " END"
	}
	p := c.finish("CASE"+m.ops+" END", m.values, s.sql)
	p.SQL = "SELECT * FROM (" + p.SQL + ") m WHERE m.c2 IS NOT NULL"
	return p, nil
}

// matched joins the source with the target's rows.
func (c *change) matched(st *trino.Merge) (*source, error) {
	table := &trino.Table{Span: st.Name.Span, Name: st.Name}
	c.targets = map[*trino.Table]*Relation{table: c.target}
	var right trino.TableRef = table
	if st.Alias != nil {
		right = &trino.Aliased{Span: st.Name.Span, Of: table, Alias: *st.Alias}
	}
	kind := "inner"
	for _, k := range st.Cases {
		if !k.Matched {
			kind = "left"
		}
	}
	return c.table(&trino.Join{Span: st.Span, Kind: kind, Left: st.Source, Right: right, On: st.On}, nil, nil)
}

// merge collects the arms of MERGE as those of CASE expressions.
type merge struct {
	*change
	ops    string
	values []string
}

func (m *merge) add(k trino.MergeCase) error {
	when := m.row.sql + " IS NOT NULL"
	if !k.Matched {
		when = m.row.sql + " IS NULL"
	}
	if k.Cond != nil {
		e, err := m.condition(k.Cond, m.sc.clause("WHEN clause", true, true), "WHEN clause")
		if err != nil {
			return err
		}
		when += " AND " + e.sql
	}
	op, values, err := m.act(k)
	if err != nil {
		return err
	}
	m.ops += fmt.Sprintf(" WHEN %s THEN %d", when, op)
	for i, f := range m.columns {
		v := "CAST(NULL AS " + physical(f.typ) + ")"
		if values != nil {
			v = values[i]
		}
		m.values[i] += " WHEN " + when + " THEN " + v
	}
	return nil
}

func (m *merge) act(k trino.MergeCase) (int, []string, error) {
	switch k.Action {
	case "delete":
		return OpDelete, nil, nil
	case "update":
		v, err := m.assignments(k, k.Set, "MERGE")
		return OpUpdate, v, err
	}
	v, err := m.inserted(k)
	return OpInsert, v, err
}

// inserted are the values of a new row.
func (m *merge) inserted(k trino.MergeCase) ([]string, error) {
	at := make([]int, 0, len(m.columns))
	seen := map[int]bool{}
	for _, n := range k.Columns {
		i, err := m.column(n, "MERGE INSERT column")
		if err != nil {
			return nil, err
		}
		if seen[i] {
			return nil, m.fail(n, "DUPLICATE_COLUMN_NAME", "MERGE column name is specified more than once: %s", n.Text)
		}
		seen[i] = true
		at = append(at, i)
	}
	for i := range m.columns {
		if len(k.Columns) == 0 {
			at = append(at, i)
		}
	}
	if len(at) != len(k.Values) {
		return nil, m.fail(k, "MISMATCHED_COLUMN_ALIASES", "MERGE INSERT has %d columns but %d values", len(at), len(k.Values))
	}
	out := m.nulls()
	for i, x := range k.Values {
		v, err := m.value(x, m.columns[at[i]], "MERGE INSERT")
		if err != nil {
			return nil, err
		}
		out[at[i]] = v
	}
	return out, nil
}
