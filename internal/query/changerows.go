package query

import (
	"context"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// changeRows carries out DELETE, UPDATE and MERGE: the files that hold changed
// rows are replaced, in one commit that fails if the table is no longer what
// the statement read. It is then computed again.
func (a *athena) changeRows(ctx context.Context, kind string, name trino.QName, st trino.Statement) (*Outcome, error) {
	var n int64
	err := again(ctx, func() error {
		info, err := a.managed(ctx, name, kind)
		if err != nil {
			return err
		}
		n, err = a.changeOnce(ctx, info.Name, st)
		return err
	})
	if err != nil {
		return nil, a.placed(name, err)
	}
	return a.changed(kind, n), nil
}

func (a *athena) changeOnce(ctx context.Context, table lake.Name, st trino.Statement) (int64, error) {
	c, err := a.s.catalogFor(ctx, a.req.Session, st, table)
	if err != nil {
		return 0, err
	}
	p, r, err := a.bindChange(c, table, st)
	if err != nil {
		c.release()
		return 0, err
	}
	b, err := c.scan(ctx, p)
	if err != nil {
		c.release()
		return 0, err
	}
	defer b.Release()
	rows, err := p.Stored(duckdb.Iceberg)
	if err != nil {
		return 0, err
	}
	_, merge := st.(*trino.Merge)
	ch := &worker.Change{Files: r.files, Hidden: r.hidden, Once: merge, Code: duckdb.MultipleMatches}
	w, err := a.writeLake(ctx, lakeWrite{target: lake.Target{Table: table, Mode: lake.Merge, Keep: true, Moment: c.view}, bound: b, rows: rows, change: ch})
	if err != nil {
		return 0, err
	}
	return w.changed, nil
}

// bindChange binds the statement. Its target is the relation that it returns.
func (a *athena) bindChange(c *pinned, table lake.Name, st trino.Statement) (*duckdb.Plan, *relation, error) {
	r := &relation{table: tableOf(table), tracked: true}
	if err := c.describe(r, []string{c.catalog, table.Database, table.Table}); err != nil {
		return nil, nil, err
	}
	r.rel.Columns = append(r.rel.Columns, duckdb.RowIdentity(ducksql.TrackedFile, ducksql.TrackedRow)...)
	o := c.options(athenaText{sql: a.sql, session: a.req.Session, params: a.params, user: a.req.Session.User})
	var p *duckdb.Plan
	var err error
	switch st := st.(type) {
	case *trino.Delete:
		p, err = duckdb.BindDelete(a.sql, st, o, r.rel)
	case *trino.Update:
		p, err = duckdb.BindUpdate(a.sql, st, o, r.rel)
	case *trino.Merge:
		p, err = duckdb.BindMerge(a.sql, st, o, r.rel)
	default:
		err = base.Errorf(base.Internal, "%T does not change rows", st)
	}
	return p, r, err
}

func tableOf(n lake.Name) table { return table{managed: &n} }
