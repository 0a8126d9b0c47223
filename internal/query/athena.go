package query

import (
	"context"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Execute runs one statement in Athena's dialect: a query, or any other
// statement that Athena's two parsers (Trino's and Hive's DDL) take. It is
// recorded in the history. Errors of the statement are base.Errors with
// Trino's error name as Code and a place in the text.
func (s *Service) Execute(ctx context.Context, req Request, recv Receiver) (*Outcome, error) {
	return s.record(ctx, req, recv, func(ctx context.Context, w *work) (*Outcome, error) {
		st, err := trino.Parse(req.SQL)
		if forHive(req.SQL, st, err) {
			return s.hiveDDL(ctx, req.Text, req.Session, w.recv)
		}
		if err != nil {
			return nil, req.Located(err)
		}
		a := &athena{s: s, w: w, req: req, sql: req.SQL, recv: w.recv}
		out, err := a.run(ctx, st)
		if err != nil {
			return nil, req.Located(err)
		}
		return out, nil
	})
}

// forHive tells which of Athena's two parsers a text is for. What both read
// goes to Hive's if it defines things, as in Athena, and to Trino's if it
// asks: SHOW TABLES then answers with the columns that Trino's clients expect.
func forHive(sql string, st trino.Statement, err error) bool {
	if err != nil {
		return hive.Is(sql)
	}
	switch st := st.(type) {
	case *trino.CreateSchema, *trino.CreateTable, *trino.AlterTable:
	case *trino.Drop:
		if st.Kind == "view" {
			return false
		}
	case *trino.Show:
		if st.What != "create table" {
			return false
		}
	default:
		return false
	}
	_, err = hive.Parse(sql)
	return err == nil
}

// athena is one statement on its way.
type athena struct {
	s    *Service
	w    *work
	req  Request
	recv Receiver
	// sql is the text the tree's places lie in, params the values of its ?.
	sql    string
	params []trino.Expr
	// warnings of its workers.
	warnings []string
}

// run carries out a parsed statement.
func (a *athena) run(ctx context.Context, st trino.Statement) (*Outcome, error) {
	switch st := st.(type) {
	case *trino.QueryStatement:
		return a.query(ctx, st.Query)
	case *trino.Explain:
		return a.explain(ctx, st)
	case *trino.Show:
		return a.show(ctx, st)
	case *trino.Use, *trino.SetSession, *trino.SetZone, *trino.Prepare, *trino.Deallocate, *trino.DescribePrepared:
		return a.session(ctx, st)
	case *trino.Execute:
		return a.execute(ctx, st)
	}
	return a.change(ctx, st)
}

// query runs a SELECT.
func (a *athena) query(ctx context.Context, q *trino.Query) (*Outcome, error) {
	p, b, err := a.bind(ctx, q)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	return a.s.execute(ctx, a.w, a.execution(p, b))
}

// execution is a bound query ready to run.
func (a *athena) execution(p *duckdb.Plan, b *Bound) Execution {
	x := Execution{Bound: b, SQL: p.SQL, Functions: p.Functions, Volatile: p.Volatile, MaxRows: a.req.MaxRows, Report: a.req.Report}
	for _, c := range p.Columns {
		t := c.Type.Signature()
		x.Types = append(x.Types, t)
		x.Columns = append(x.Columns, Column{Name: c.Name, Type: t})
	}
	form := func(sql string) string { return sql }
	if x.MaxRows > 0 {
		form = func(sql string) string { return limited(sql, x.MaxRows+1) }
	}
	x.instead(p, form)
	x.Locate = func(err error) error { return notOurs(err) }
	return x
}

// instead takes p's texts, each in the given form.
func (x *Execution) instead(p *duckdb.Plan, form func(sql string) string) {
	x.SQL, x.Instead = form(p.SQL), nil
	if a := p.Alternative; a != nil {
		x.Instead = &worker.Instead{SQL: form(a.SQL), If: a.If}
	}
}

// limited cuts a query where nobody looks further.
func limited(sql string, n int) string {
	return "SELECT * FROM (" + sql + ") LIMIT " + itoa(n)
}

// notOurs drops places in lowered text, which the user did not write.
func notOurs(err error) error {
	e, ok := err.(*base.Error)
	if !ok || e.Place == nil {
		return err
	}
	c := *e
	c.Place = nil
	return &c
}

// bind gives a query its meaning over one moment of the catalog.
func (a *athena) bind(ctx context.Context, q *trino.Query) (*duckdb.Plan, *Bound, error) {
	return a.s.bindAthena(ctx, athenaText{sql: a.sql, session: a.req.Session, params: a.params, user: a.req.Session.User}, q)
}

// athenaText is what a query's meaning depends on beside its tree.
type athenaText struct {
	sql, user string
	session   Session
	params    []trino.Expr
}

// bindAthena binds a query and pins what it reads. Release the Bound after use.
func (s *Service) bindAthena(ctx context.Context, t athenaText, q *trino.Query) (*duckdb.Plan, *Bound, error) {
	c, err := s.catalogFor(ctx, t.session, q)
	if err != nil {
		return nil, nil, err
	}
	p, err := duckdb.Bind(t.sql, q, c.options(t))
	if err != nil {
		c.release()
		return nil, nil, err
	}
	b, err := c.scan(ctx, p)
	if err != nil {
		c.release()
		return nil, nil, err
	}
	return p, b, nil
}

func maxRecursion(s Session) int {
	n := 0
	for _, r := range strings.TrimSpace(s.Properties["max_recursion_depth"]) {
		if r < '0' || r > '9' || n > 10000 {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}
