package duckdb

import (
	"fmt"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// source is a bound item of FROM: SQL for the FROM clause and its columns.
type source struct {
	sql    string
	fields []field
}

// from binds a FROM list. left are the items before it, which lateral items see.
func (b *binder) from(refs []trino.TableRef, outer *scope) (*source, error) {
	out := &source{}
	for i, r := range refs {
		s, err := b.table(r, outer, out.fields)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.sql += " CROSS JOIN "
		}
		out.sql += s.sql
		out.fields = append(out.fields, s.fields...)
	}
	return out, nil
}

func (b *binder) table(r trino.TableRef, outer *scope, left []field) (*source, error) {
	leave, err := b.enter(r)
	if err != nil {
		return nil, err
	}
	defer leave()
	switch r := r.(type) {
	case *trino.Table:
		return b.named(r, nil, outer)
	case *trino.Aliased:
		return b.aliased(r, outer, left)
	case *trino.Paren:
		s, err := b.table(r.Of, outer, left)
		if err == nil {
			s.sql = parenthesized(r.Of, s.sql)
		}
		return s, err
	case *trino.SubqueryRef:
		return b.derived(r, outer, left)
	case *trino.Unnest:
		return b.unnest(r, nil, outer, left)
	case *trino.Join:
		return b.join(r, outer, left)
	case *trino.Sampled:
		return b.sampled(r, outer, left)
	case *trino.MatchRecognize:
		return nil, b.fail(r, "NOT_SUPPORTED", "MATCH_RECOGNIZE is not supported by the embedded engine").
			WithHint("run the statement on a Trino or Athena target")
	case *trino.TableCall:
		if n := r.Call.Name.String(); n != "sequence" && n != "exclude_columns" {
			return nil, b.fail(r.Call.Name, "FUNCTION_NOT_FOUND", "table function %q not registered", n)
		}
		return nil, b.fail(r, "NOT_SUPPORTED", "table function %s is not supported", r.Call.Name)
	}
	return nil, b.fail(r, "NOT_SUPPORTED", "this relation is not supported")
}

func parenthesized(r trino.TableRef, sql string) string {
	if _, ok := r.(*trino.Join); ok {
		return "(" + sql + ")"
	}
	return sql
}

// aliased renames what it holds.
func (b *binder) aliased(r *trino.Aliased, outer *scope, left []field) (*source, error) {
	var s *source
	var err error
	switch of := r.Of.(type) {
	case *trino.Table:
		s, err = b.named(of, r, outer)
	case *trino.Unnest:
		s, err = b.unnest(of, r, outer, left)
	default:
		s, err = b.table(r.Of, outer, left)
	}
	if err != nil {
		return nil, err
	}
	visible := 0
	for _, f := range s.fields {
		if !f.hidden {
			visible++
		}
	}
	if len(r.Columns) > 0 && len(r.Columns) != visible {
		return nil, b.fail(r, "MISMATCHED_COLUMN_ALIASES", "column alias list has %d entries but %q has %d columns available", len(r.Columns), r.Alias.Raw, visible)
	}
	if _, ok := r.Of.(*trino.SubqueryRef); ok && len(s.fields) > 0 {
		alias, _, _ := strings.Cut(s.fields[0].sql, ".")
		b.shown[alias] = Shown{Name: r.Alias.Text, Columns: b.shown[alias].Columns}
	}
	fields := make([]field, 0, len(s.fields))
	k := 0
	for _, f := range s.fields {
		f.quals = []string{r.Alias.Text}
		if len(r.Columns) > 0 {
			if f.hidden {
				continue
			}
			f.name = r.Columns[k].Text
			k++
		}
		fields = append(fields, f)
	}
	return &source{sql: s.sql, fields: fields}, nil
}

// relation turns a bound query into an item of FROM.
func (b *binder) relation(r *result, quals []string) *source {
	alias, name := b.fresh("r"), ""
	if len(quals) > 0 {
		name = quals[len(quals)-1]
	}
	b.show(alias, name, r.cols)
	s := &source{sql: "(" + r.sql + ") " + alias}
	for i, c := range r.cols {
		s.fields = append(s.fields, field{quals: quals, name: c.name, typ: c.typ, sql: alias + "." + cname(i), col: c.col})
	}
	return s
}

func (b *binder) derived(r *trino.SubqueryRef, outer *scope, left []field) (*source, error) {
	sc := outer
	if r.Lateral {
		sc = &scope{parent: outer, fields: left}
	}
	q, err := b.subquery(r.Query, sc)
	if err != nil {
		return nil, err
	}
	s := b.relation(q, nil)
	if r.Lateral {
		s.sql = "LATERAL " + s.sql
	}
	return s, nil
}

// named binds a table name: a WITH query, a view, or a table of the catalog.
func (b *binder) named(t *trino.Table, as *trino.Aliased, outer *scope) (*source, error) {
	if rel := b.targets[t]; rel != nil {
		return b.scan(rel), nil
	}
	if len(t.Name.Parts) == 1 {
		for i := len(b.ctes) - 1; i >= 0; i-- {
			if b.ctes[i].name == t.Name.Parts[0].Text {
				return b.cteRef(b.ctes[i], t)
			}
		}
	}
	v, err := b.version(t, outer)
	if err != nil {
		return nil, err
	}
	parts := make([]string, len(t.Name.Parts))
	for i, p := range t.Name.Parts {
		parts[i] = p.Text
	}
	if len(parts) > 3 {
		return nil, b.fail(t.Name, "SYNTAX_ERROR", "too many dots in table name: %s", t.Name)
	}
	rel, err := b.o.Catalog.Resolve(parts, v)
	if err != nil {
		return nil, b.placed(t.Name, err)
	}
	if rel.View != nil {
		return b.view(t, rel)
	}
	return b.scan(rel), nil
}

func (b *binder) cteRef(c *cte, t *trino.Table) (*source, error) {
	quals := []string{c.name}
	if t.Travel != "" {
		return nil, b.fail(t, "NOT_SUPPORTED", "a WITH query has no versions")
	}
	if c.alias == "" {
		r, err := b.inCTE(c)
		if err != nil {
			return nil, err
		}
		return b.relation(r, quals), nil
	}
	alias := b.fresh("r")
	b.show(alias, c.name, c.cols)
	s := &source{sql: c.alias + " " + alias}
	for i, col := range c.cols {
		s.fields = append(s.fields, field{quals: quals, name: col.name, typ: col.typ, sql: alias + "." + cname(i)})
	}
	return s, nil
}

// view puts a view's query in its place, bound where the view was made.
func (b *binder) view(t *trino.Table, rel *Relation) (*source, error) {
	full := strings.Join(rel.Parts, ".")
	for _, v := range b.views {
		if v == full {
			return nil, b.fail(t.Name, "VIEW_IS_RECURSIVE", "view %s refers to itself", full)
		}
	}
	q, err := trino.ParseQuery(rel.View.SQL)
	if err != nil {
		return nil, b.fail(t.Name, "INVALID_VIEW", "view %s cannot be read: %w", full, err)
	}
	saved := *b
	b.src, b.ctes, b.views = rel.View.SQL, nil, append(append([]string{}, b.views...), full)
	b.o.CatalogName, b.o.Schema = rel.View.Catalog, rel.View.Schema
	r, err := b.query(q, nil)
	b.src, b.ctes, b.views, b.o = saved.src, saved.ctes, saved.views, saved.o
	if err != nil {
		return nil, b.fail(t.Name, "INVALID_VIEW", "view %s is stale or not valid: %w", full, err)
	}
	if len(rel.View.Columns) > 0 {
		if len(rel.View.Columns) != len(r.cols) {
			return nil, b.fail(t.Name, "VIEW_IS_STALE", "view %s has %d columns, its query now gives %d", full, len(rel.View.Columns), len(r.cols))
		}
		for i, c := range rel.View.Columns {
			if !types.Coercible(r.cols[i].typ, c.Type) {
				return nil, b.fail(t.Name, "VIEW_IS_STALE", "view %s is stale: column %q was %s and is now %s", full, c.Name, c.Type, r.cols[i].typ).
					WithHint("CREATE OR REPLACE VIEW makes it anew")
			}
			r.cols[i].name = c.Name
		}
	}
	return b.relation(r, rel.Parts), nil
}

// scan makes one reference to a stored table.
func (b *binder) scan(rel *Relation) *source {
	sc := &Scan{Name: b.fresh("scan_"), Relation: rel, Used: map[string]bool{}}
	b.scans = append(b.scans, sc)
	alias := b.fresh("r")
	b.show(alias, rel.Parts[len(rel.Parts)-1], nil)
	b.show(sc.Name, rel.Parts[len(rel.Parts)-1], nil)
	s := &source{sql: sc.Name + " " + alias}
	for _, c := range rel.Columns {
		name := c.Physical
		if name == "" {
			name = c.Name
		}
		s.fields = append(s.fields, field{quals: rel.Parts, name: strings.ToLower(c.Name), typ: c.Type, sql: stored(alias+"."+ident(name), c),
			col: &origin{scan: sc, column: name}, hidden: c.Hidden})
	}
	return s
}

// stored is a stored column in its type's physical form.
func stored(sql string, c Column) string {
	switch {
	case c.Type.Kind == types.TimestampTZ:
		return "struct_pack(t := CAST(" + sql + " AS TIMESTAMP), z := 'UTC')"
	case c.Type.Has(types.Row, types.TimestampTZ):
		return reshape(sql, c.Type, 0)
	case c.FromType != "":
		return "CAST(" + sql + " AS " + physical(c.Type) + ")"
	}
	return sql
}

// reshape turns a stored nested value, whose structs have their own field
// names, into the physical form.
func reshape(sql string, t types.Type, depth int) string {
	v := fmt.Sprintf("v%d", depth)
	switch {
	case t.Kind == types.TimestampTZ:
		return "struct_pack(t := CAST(" + sql + " AS TIMESTAMP), z := 'UTC')"
	case !t.Has(types.Row, types.TimestampTZ):
		return sql
	case t.Kind == types.Array:
		return "list_transform(" + sql + ", lambda " + v + ": " + reshape(v, t.Elem(), depth+1) + ")"
	case t.Kind == types.Map:
		return "map_from_entries(list_transform(map_entries(" + sql + "), lambda " + v + ": struct_pack(key := " + reshape(v+".key", t.Key(), depth+1) +
			", value := " + reshape(v+".value", t.Value(), depth+1) + ")))"
	}
	f := make([]string, len(t.Elems))
	for i, e := range t.Elems {
		f[i] = rowField(i) + " := " + reshape(fmt.Sprintf("struct_extract_at(%s, %d)", sql, i+1), e, depth)
	}
	return "CASE WHEN " + sql + " IS NULL THEN NULL ELSE struct_pack(" + strings.Join(f, ", ") + ") END"
}

// version reads FOR VERSION | TIMESTAMP AS OF.
func (b *binder) version(t *trino.Table, outer *scope) (*Version, error) {
	if t.Travel == "" {
		return nil, nil
	}
	e, err := b.expr(t.At, inner(nil).clause("AS OF", true, true))
	if err != nil {
		return nil, err
	}
	switch v := e.val.(type) {
	case int64:
		if t.Travel == "version" {
			return &Version{Snapshot: v}, nil
		}
	case string:
		if t.Travel == "version" {
			return &Version{Ref: v}, nil
		}
	case time.Time:
		if t.Travel == "timestamp" {
			return &Version{Time: v}, nil
		}
	}
	what := "a snapshot id (bigint) or the name of a tag or branch"
	if t.Travel == "timestamp" {
		what = "a constant date, timestamp or timestamp with time zone"
	}
	return nil, b.fail(t.At, "INVALID_ARGUMENTS", "FOR %s AS OF takes %s, not %s", strings.ToUpper(t.Travel), what, e.typ)
}

func (b *binder) sampled(r *trino.Sampled, outer *scope, left []field) (*source, error) {
	s, err := b.table(r.Of, outer, left)
	if err != nil {
		return nil, err
	}
	p, err := b.expr(r.Percent, inner(nil).clause("TABLESAMPLE", true, true))
	if err != nil {
		return nil, err
	}
	var percent float64
	switch v := p.val.(type) {
	case int64:
		percent = float64(v)
	case float64:
		percent = v
	case base.DecimalText:
		if _, err := fmt.Sscan(string(v), &percent); err != nil {
			return nil, b.fail(r.Percent, "INVALID_ARGUMENTS", "sample percentage cannot be read")
		}
	default:
		return nil, b.fail(r.Percent, "INVALID_ARGUMENTS", "sample percentage must be a constant number")
	}
	if percent < 0 || percent > 100 {
		return nil, b.fail(r.Percent, "NUMERIC_VALUE_OUT_OF_RANGE", "sample percentage must be between 0 and 100")
	}
	b.volatile = true
	s.sql += fmt.Sprintf(" TABLESAMPLE %s (%v PERCENT)", r.Method, percent)
	return s, nil
}
