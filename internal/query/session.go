package query

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// property is a session property that means something here.
type property struct{ def, kind, about string }

// runTimeProperty bounds the time of a session's statements.
const runTimeProperty = "query_max_run_time"

// properties are those that SET SESSION takes.
var properties = map[string]property{
	"max_recursion_depth": {"10", "integer", "How deep WITH RECURSIVE may go"},
	"result_reuse":        {"true", "boolean", "Answer from the kept result of an equal statement over equal data"},
	runTimeProperty:       {"", "varchar", "Time limit of a statement; the project's own is the most"},
}

// at is a mistake at a node of the statement.
func (a *athena) at(n trino.Node, code, format string, args ...any) *base.Error {
	s := n.Pos()
	return base.Errorf(base.Invalid, format, args...).WithCode(code).At(base.PlaceAt("", []byte(a.sql), s.Start, s.End-s.Start))
}

// placed gives an error without a place a node's.
func (a *athena) placed(n trino.Node, err error) error {
	e, ok := err.(*base.Error)
	if !ok || e.Place != nil {
		return err
	}
	c := *e
	s := n.Pos()
	return c.At(base.PlaceAt("", []byte(a.sql), s.Start, s.End-s.Start))
}

// session carries out what changes the session: the client keeps it.
func (a *athena) session(ctx context.Context, st trino.Statement) (*Outcome, error) {
	a.w.running()
	switch st := st.(type) {
	case *trino.Use:
		return a.use(ctx, st)
	case *trino.SetSession:
		return a.setSession(st)
	case *trino.SetZone:
		if e, ok := st.Value.(*trino.StringLit); ok && strings.EqualFold(e.Value, "UTC") {
			return &Outcome{UpdateType: "SET TIME ZONE"}, nil
		}
		return nil, a.at(st, "NOT_SUPPORTED", "sessions run in UTC, as Athena's do").WithHint("convert with AT TIME ZONE")
	case *trino.Prepare:
		if _, ok := st.Of.(*trino.Prepare); ok {
			return nil, a.at(st, "NOT_SUPPORTED", "PREPARE cannot prepare PREPARE")
		}
		return &Outcome{UpdateType: "PREPARE", AddPrepared: map[string]string{st.Name.Text: st.Text}}, nil
	case *trino.Deallocate:
		if _, err := a.preparedText(st.Name); err != nil {
			return nil, err
		}
		return &Outcome{UpdateType: "DEALLOCATE", DropPrepared: []string{st.Name.Text}}, nil
	case *trino.DescribePrepared:
		return a.describePrepared(ctx, st)
	}
	return nil, a.at(st, "NOT_SUPPORTED", "this statement is not supported")
}

func (a *athena) use(ctx context.Context, st *trino.Use) (*Outcome, error) {
	p := st.Name.Parts
	out := &Outcome{UpdateType: "USE", SetSchema: p[len(p)-1].Text}
	if len(p) == 2 {
		out.SetCatalog = p[0].Text
	}
	dir := a.s.directory(ctx)
	defer dir.close()
	_, _, err := a.schemaOf(dir, st.Name)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) connection(name string) bool {
	for n := range s.o.Connections {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func (a *athena) setSession(st *trino.SetSession) (*Outcome, error) {
	name := st.Name.String()
	if _, ok := properties[name]; !ok {
		return nil, a.at(st.Name, "INVALID_SESSION_PROPERTY", "session property %q does not exist", name).
			WithHint("there are %s", strings.Join(slices.Sorted(maps.Keys(properties)), ", "))
	}
	if st.Reset {
		return &Outcome{UpdateType: "RESET SESSION", ResetProperties: []string{name}}, nil
	}
	v, ok := duckdb.Constant(st.Value)
	if !ok {
		return nil, a.at(st.Value, "INVALID_SESSION_PROPERTY", "a session property's value is a constant")
	}
	if name == runTimeProperty && !runTime.MatchString(v) {
		return nil, a.at(st.Value, "INVALID_SESSION_PROPERTY", "%s is invalid: %q is not a duration", name, v).WithHint("write a number and a unit, as '90s' or '5m'")
	}
	return &Outcome{UpdateType: "SET SESSION", SetProperties: map[string]string{name: v}}, nil
}

func (a *athena) preparedText(n trino.Name) (string, error) {
	sql, ok := a.req.Session.Prepared[n.Text]
	if !ok {
		return "", a.at(n, "NOT_FOUND", "prepared statement not found: %s", n.Raw)
	}
	return sql, nil
}

// execute runs a prepared statement with its parameters' values.
func (a *athena) execute(ctx context.Context, st *trino.Execute) (*Outcome, error) {
	sql := st.Immediate
	if !st.IsText {
		var err error
		if sql, err = a.preparedText(st.Name); err != nil {
			return nil, err
		}
	}
	inner, err := trino.Parse(sql)
	if err != nil {
		return nil, err
	}
	if want := trino.Params(inner); want != len(st.Using) {
		return nil, a.at(st, "INVALID_PARAMETER_USAGE", "incorrect number of parameters: expected %d but found %d", want, len(st.Using))
	}
	b := *a
	b.sql, b.params = sql, st.Using
	return b.run(ctx, inner)
}

// describePrepared is DESCRIBE INPUT and OUTPUT.
func (a *athena) describePrepared(ctx context.Context, st *trino.DescribePrepared) (*Outcome, error) {
	sql, err := a.preparedText(st.Name)
	if err != nil {
		return nil, err
	}
	inner, err := trino.Parse(sql)
	if err != nil {
		return nil, err
	}
	params := trino.Params(inner)
	if st.Input {
		var rows [][]any
		for i := range params {
			rows = append(rows, []any{i, "unknown"})
		}
		return a.table(rows, Column{"Position", "bigint"}, Column{"Type", "varchar"})
	}
	q, ok := inner.(*trino.QueryStatement)
	if !ok {
		return a.table(nil, outputColumns...)
	}
	b := *a
	b.sql, b.params = sql, make([]trino.Expr, params)
	for i := range b.params {
		b.params[i] = &trino.NullLit{}
	}
	p, bound, err := b.bind(ctx, q.Query)
	if err != nil {
		return nil, err
	}
	defer bound.Release()
	var rows [][]any
	for i, c := range p.Columns {
		rows = append(rows, []any{c.Name, "", "", "", c.Type.String(), typeSize(c.Type), c.Name != fmt.Sprintf("_col%d", i)})
	}
	return a.table(rows, outputColumns...)
}

var outputColumns = []Column{{"Column Name", "varchar"}, {"Catalog", "varchar"}, {"Schema", "varchar"}, {"Table", "varchar"}, {"Type", "varchar"}, {"Type Size", "bigint"}, {"Aliased", "boolean"}}

func typeSize(t types.Type) int {
	return map[types.Kind]int{types.Boolean: 1, types.Tinyint: 1, types.Smallint: 2, types.Integer: 4, types.Real: 4, types.Date: 4, types.Bigint: 8, types.Double: 8, types.Timestamp: 8}[t.Kind]
}

// table answers with rows made here.
func (a *athena) table(rows [][]any, columns ...Column) (*Outcome, error) {
	a.w.running()
	if err := a.recv.Columns(columns); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return &Outcome{}, nil
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	a.w.stats.Rows = int64(len(rows))
	return &Outcome{}, a.recv.Rows(b, len(rows))
}
