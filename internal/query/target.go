package query

import (
	"context"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/hive"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// ddl is the statement in the hands of what Hive's DDL uses too.
func (a *athena) ddl(ctx context.Context) *ddl {
	return &ddl{s: a.s, ctx: ctx, session: a.req.Session, sql: a.sql, recv: a.recv, out: &Outcome{}}
}

func spanOf(n trino.Node) hive.Span {
	s := n.Pos()
	return hive.Span{From: s.Start, To: s.End}
}

// hiveName is a table's name in the form that Hive's DDL uses.
func hiveName(q trino.QName) hive.Name {
	out := hive.Name{At: spanOf(q)}
	p := q.Parts
	out.Table = p[len(p)-1].Text
	if len(p) > 1 {
		out.Database = p[len(p)-2].Text
	}
	if len(p) > 2 {
		out.Catalog = p[len(p)-3].Text
	}
	return out
}

// writable refuses names that are not the lake's: connections are only read.
func (a *athena) writable(q trino.QName) error {
	catalog := ""
	switch len(q.Parts) {
	case 1:
		catalog = a.req.Session.Catalog
	case 2:
	case 3:
		catalog = q.Parts[0].Text
	default:
		return a.at(q, "SYNTAX_ERROR", "too many parts in table name: %s", q)
	}
	switch {
	case catalog == "" || strings.EqualFold(catalog, Catalog):
		return nil
	case a.s.connection(catalog):
		return a.at(q, "NOT_SUPPORTED", "connection %s can only be read", catalog)
	}
	return a.at(q, "CATALOG_NOT_FOUND", "catalog %q does not exist", catalog)
}

// target finds the table a statement changes.
func (a *athena) target(ctx context.Context, q trino.QName) (found, error) {
	if err := a.writable(q); err != nil {
		return found{}, err
	}
	f, err := a.ddl(ctx).find(hiveName(q))
	if err != nil {
		return found{}, err
	}
	if f.managed != nil {
		f.name = f.managed.Name
	}
	return f, nil
}

// table is target for statements about tables, which a view is not.
func (a *athena) tableTarget(ctx context.Context, q trino.QName, what string) (found, error) {
	f, err := a.target(ctx, q)
	if err == nil && f.view != nil {
		return found{}, a.at(q, "NOT_SUPPORTED", "%s: %s is a view, not a table", what, f.name)
	}
	return f, err
}

// managed is target for statements that only Iceberg tables take.
func (a *athena) managed(ctx context.Context, q trino.QName, what string) (lake.TableInfo, error) {
	f, err := a.tableTarget(ctx, q, what)
	if err != nil {
		return lake.TableInfo{}, err
	}
	if f.managed == nil {
		return lake.TableInfo{}, a.at(q, "NOT_SUPPORTED", "%s is for Iceberg tables, %s is a Hive table", what, f.name)
	}
	return *f.managed, nil
}

// columns are the table's as INSERT sees them.
func (f found) columns() []duckdb.Column {
	if f.managed != nil {
		return icebergColumns(f.managed.Fields)
	}
	var out []duckdb.Column
	for _, c := range externalColumns(*f.external) {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

// newName is the name of a table or view to be made, in a database that is
// there. taken tells what has the name already.
func (a *athena) newName(ctx context.Context, q trino.QName) (name lake.Name, taken *found, err error) {
	if err := a.writable(q); err != nil {
		return name, nil, err
	}
	d := a.ddl(ctx)
	h := hiveName(q)
	if name, err = d.name(h); err != nil {
		return name, nil, err
	}
	if err := d.needDatabase(name.Database, h.At); err != nil {
		return name, nil, err
	}
	f, err := d.lookup(name)
	switch {
	case err == nil:
		return name, &f, nil
	case base.KindOf(err) != base.NotFound:
		return name, nil, err
	}
	exact, err := d.lakeDatabase(name.Database)
	if err == nil && exact == "" { // so far only a crawler's
		exact = name.Database
		err = a.s.o.Lake.EnsureDatabase(ctx, exact)
	}
	name.Database = exact
	return name, nil, err
}

func (a *athena) exists(q trino.QName, f *found) error {
	kind := "table"
	if f.view != nil {
		kind = "view"
	}
	return a.at(q, "TABLE_ALREADY_EXISTS", "%s already exists: %s", kind, f.name)
}
