package query

import (
	"context"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// change carries out statements that change tables, views and schemas.
func (a *athena) change(ctx context.Context, st trino.Statement) (*Outcome, error) {
	switch st := st.(type) {
	case *trino.Insert:
		return a.insert(ctx, st)
	case *trino.Delete:
		return a.changeRows(ctx, "DELETE", st.Name, st)
	case *trino.Update:
		return a.changeRows(ctx, "UPDATE", st.Name, st)
	case *trino.Merge:
		return a.changeRows(ctx, "MERGE", st.Name, st)
	case *trino.Unload:
		return a.unload(ctx, st)
	case *trino.CreateTableAs:
		return a.createAs(ctx, st)
	case *trino.CreateTable:
		return a.createTable(ctx, st)
	}
	return a.define(ctx, st)
}

// define carries out statements that change what the catalog says.
func (a *athena) define(ctx context.Context, st trino.Statement) (*Outcome, error) {
	switch st := st.(type) {
	case *trino.CreateView:
		return a.createView(ctx, st)
	case *trino.CreateSchema:
		return a.createSchema(ctx, st)
	case *trino.Drop:
		return a.drop(ctx, st)
	case *trino.Comment:
		return a.comment(ctx, st)
	case *trino.AlterTable:
		return a.alterTable(ctx, st)
	case *trino.Optimize:
		return a.optimize(ctx, st)
	case *trino.Vacuum:
		return a.vacuum(ctx, st)
	case *trino.CallStatement:
		return nil, a.at(st.Name, "NOT_SUPPORTED", "procedure %s is not supported", st.Name).WithHint("OPTIMIZE and VACUUM keep Iceberg tables in shape, MSCK REPAIR TABLE finds partitions")
	}
	return nil, a.at(st, "NOT_SUPPORTED", "this statement is not supported")
}
