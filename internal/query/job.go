package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Lowered is a job's SELECT of Athena's dialect as the engine is to run it: a
// SELECT of columns that a table can hold.
type Lowered struct {
	SQL       string
	Functions []string
	// Shown are the user's names of the relations in SQL, which analyses use.
	Shown map[string]duckdb.Shown
}

// BindAthena is Bind for statements in Athena's dialect. All are bound at one
// moment of the lake; what they read has names of its own, so that they may
// run in one task. Bound's Analyses tell of the lowered text, in the user's names.
func (s *Service) BindAthena(ctx context.Context, texts []Text, params []port.Arg, extra []lake.Name) (*Bound, []Lowered, error) {
	named, err := literals(params)
	if err != nil {
		return nil, nil, err
	}
	nodes := make([]trino.Node, len(texts))
	var mistakes base.Errors
	for i, t := range texts {
		q, err := trino.ParseJob(t.SQL)
		if err != nil {
			mistakes = append(mistakes, located(err, t.Locate)...)
			continue
		}
		nodes[i] = q
	}
	if err := mistakes.Err(); err != nil {
		return nil, nil, err
	}
	return s.bindJob(ctx, texts, nodes, named, extra)
}

func (s *Service) bindJob(ctx context.Context, texts []Text, nodes []trino.Node, named map[string]trino.Expr, extra []lake.Name) (*Bound, []Lowered, error) {
	found := make([]table, len(extra))
	var pins []lake.Name
	for i, n := range extra {
		t, err := s.lakeTable(ctx, n, nil)
		if err != nil {
			return nil, nil, err
		}
		if found[i] = t; t.managed != nil {
			pins = append(pins, *t.managed)
		}
	}
	c, err := s.catalogOf(ctx, Session{}, nodes, pins)
	if err != nil {
		return nil, nil, err
	}
	b := &Bound{view: c.view}
	out, err := c.lower(ctx, b, texts, nodes, named)
	for i, n := range extra {
		if err != nil {
			break
		}
		u := &use{table: found[i], names: map[lake.Name]bool{n: true}, refs: []ducksql.Ref{{Schema: n.Database, Table: n.Table, All: true}}}
		if u.table.managed != nil {
			err = s.scanManaged(ctx, b, u)
		} else {
			err = s.scanExternal(ctx, b, u)
		}
	}
	b.past = c.past
	if err != nil {
		b.Release()
		return nil, nil, err
	}
	return b, out, nil
}

// lower binds the statements one after the other.
func (c *pinned) lower(ctx context.Context, b *Bound, texts []Text, nodes []trino.Node, named map[string]trino.Expr) ([]Lowered, error) {
	var out []Lowered
	var mistakes base.Errors
	seq := 0
	for i, t := range texts {
		o := c.options(athenaText{sql: t.SQL})
		o.Named, o.Seq = named, seq
		q, _ := nodes[i].(*trino.Query)
		p, err := duckdb.Bind(t.SQL, q, o)
		if err != nil {
			mistakes = append(mistakes, located(err, t.Locate)...)
			continue
		}
		seq = p.Seq
		stored, err := p.Stored(duckdb.Iceberg)
		if err != nil {
			a := &athena{sql: t.SQL}
			mistakes = append(mistakes, located(a.placed(q, err), t.Locate)...)
			continue
		}
		if err := c.scanInto(ctx, b, p); err != nil {
			return nil, err
		}
		b.Analyses = append(b.Analyses, c.analyze(ctx, p, q))
		out = append(out, Lowered{SQL: stored.SQL, Functions: stored.Functions, Shown: p.Shown})
	}
	return out, mistakes.Err()
}

// analyze finds the joins of a lowered statement and says in the user's names
// what it reads.
func (c *pinned) analyze(ctx context.Context, p *duckdb.Plan, q *trino.Query) *ducksql.Analysis {
	a := &ducksql.Analysis{}
	st, err := c.s.Parse(ctx, p.SQL)
	if err == nil {
		a, err = st.Analyze(nil)
	}
	if err != nil {
		a = &ducksql.Analysis{Joins: []ducksql.Join{{Label: "its tables", Why: "the lowered statement cannot be analyzed: " + err.Error()}}}
	}
	a.Refs, a.CTEs = nil, nil
	for _, sc := range p.Scans {
		ref := ducksql.Ref{Table: sc.Relation.Parts[len(sc.Relation.Parts)-1], Schema: sc.Relation.Parts[1]}
		if r := c.found[strings.Join(sc.Relation.Parts, "\x00")]; r != nil && r.table.connection != "" {
			ref.Table, ref.Schema = r.table.source.Name, r.table.source.Schema
		}
		a.Refs = append(a.Refs, ref)
	}
	if q.With != nil {
		for _, w := range q.With.CTEs {
			a.CTEs = append(a.CTEs, w.Name.Raw)
		}
	}
	for i := range a.Joins {
		a.Joins[i].Label = shownLabel(a.Joins[i].Label, p.Shown)
	}
	return a
}

// shownLabel is a join's label, "alias.key" or "alias.(key, key)", in the
// user's names.
func shownLabel(label string, shown map[string]duckdb.Shown) string {
	alias, keys, ok := strings.Cut(label, ".")
	s, known := shown[alias]
	if !known {
		return label
	}
	name := s.Name
	if name == "" {
		name = "subquery"
	}
	if !ok {
		return name
	}
	list := strings.Split(strings.Trim(keys, "()"), ", ")
	for i, k := range list {
		if n, err := strconv.Atoi(strings.TrimPrefix(k, "c")); err == nil && s.Columns != nil && n < len(s.Columns) {
			list[i] = s.Columns[n]
		}
	}
	if len(list) == 1 {
		return name + "." + list[0]
	}
	return name + ".(" + strings.Join(list, ", ") + ")"
}

// Measures are the user's names of the columns that a join's left side selects,
// where its only relation without names of its own is the one a lowered query made.
func (l Lowered) Measures(left string) map[string]string {
	out := map[string]string{}
	for alias, s := range l.Shown {
		if s.Columns == nil || !strings.Contains(left, `"alias":"`+alias+`"`) {
			continue
		}
		for i, n := range s.Columns {
			c := "c" + strconv.Itoa(i)
			if _, twice := out[c]; twice {
				return nil // two of them: c0 is no one's name
			}
			out[c] = n
		}
	}
	return out
}

// literals are a job's parameters as literals of their types.
func literals(params []port.Arg) (map[string]trino.Expr, error) {
	out := map[string]trino.Expr{}
	for _, p := range params {
		text, ok := literal(p)
		if !ok {
			return nil, base.Errorf(base.Internal, "parameter %s is %T, which has no literal", p.Name, p.Value)
		}
		x, err := trino.ParseExpr(text)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		out[p.Name] = x
	}
	return out, nil
}

func literal(p port.Arg) (string, bool) {
	switch v := p.Value.(type) {
	case nil:
		return "NULL", true
	case string:
		return text(v), true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64), true
	case port.Decimal:
		return "DECIMAL " + text(string(v)), true
	case time.Time:
		if p.Type.ID == base.Date {
			return "DATE " + text(v.Format(time.DateOnly)), true
		}
		if p.Type.ID == base.TimestampTZ {
			return "TIMESTAMP " + text(v.UTC().Format("2006-01-02 15:04:05.000000")+" UTC"), true
		}
		return "TIMESTAMP " + text(v.Format("2006-01-02 15:04:05.000000")), true
	}
	return "", false
}

// PreviewAthena is Preview for a job of Athena's dialect: the rows as they
// would be written.
func (s *Service) PreviewAthena(ctx context.Context, t Text, params []port.Arg, cte string, limit int, report base.Report) (*Result, error) {
	named, err := literals(params)
	if err != nil {
		return nil, err
	}
	q, err := trino.ParseJob(t.SQL)
	if err != nil {
		return nil, located(err, t.Locate).Err()
	}
	if cte != "" {
		if q, err = onlyCTE(q, cte); err != nil {
			return nil, err
		}
	}
	b, low, err := s.bindJob(ctx, []Text{t}, []trino.Node{q}, named, nil)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	leave, err := s.queue.Enter(ctx, "preview", nil)
	if err != nil {
		return nil, err
	}
	defer leave()
	x := worker.Select{SQL: low[0].SQL, Limit: limit}
	if limit > 0 {
		x.SQL = limited(x.SQL, limit+1)
	}
	res, err := s.runLowered(ctx, b, low[0].Functions, x, report)
	var e *base.Error
	if errors.As(err, &e) {
		e.Place = nil
	}
	return res, err
}

// onlyCTE is a query of all rows of one of q's named queries.
func onlyCTE(q *trino.Query, name string) (*trino.Query, error) {
	var names []string
	if q.With != nil {
		for _, w := range q.With.CTEs {
			names = append(names, w.Name.Raw)
		}
	}
	i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		return nil, base.Errorf(base.Usage, "no CTE %q in this query", name).WithHint("it has: %v", names)
	}
	n := q.With.CTEs[i].Name
	from := &trino.Table{Span: n.Span, Name: trino.QName{Span: n.Span, Parts: []trino.Name{n}}}
	body := &trino.Select{Span: q.Span, Items: []trino.SelectItem{{Star: true}}, From: []trino.TableRef{from}}
	return &trino.Query{Span: q.Span, With: q.With, Body: body}, nil
}
