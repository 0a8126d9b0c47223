package query

import (
	"context"

	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

func (a *athena) unload(ctx context.Context, st *trino.Unload) (*Outcome, error) {
	return nil, a.at(st, "NOT_SUPPORTED", "UNLOAD is not supported")
}

func (a *athena) createHiveAs(ctx context.Context, st *trino.CreateTableAs, t newTable, p *duckdb.Plan, b *Bound) (int64, error) {
	return 0, a.at(st.Name, "NOT_SUPPORTED", "Hive tables cannot be written").WithHint("write WITH (table_type = 'ICEBERG')")
}

func (a *athena) folder(n trino.Node, location string) (string, error) {
	return a.s.o.Resolve(location)
}

func (a *athena) declareHive(ctx context.Context, st *trino.CreateTable, t newTable) error {
	return a.at(st.Name, "NOT_SUPPORTED", "write CREATE EXTERNAL TABLE")
}

func (a *athena) insertHive(ctx context.Context, st *trino.Insert, t external.Table, p *duckdb.Plan, b *Bound) (int64, error) {
	return 0, a.at(st.Name, "NOT_SUPPORTED", "Hive tables cannot be written")
}
