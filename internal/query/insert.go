package query

import (
	"context"
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// insert carries out INSERT INTO.
func (a *athena) insert(ctx context.Context, st *trino.Insert) (*Outcome, error) {
	f, err := a.tableTarget(ctx, st.Name, "INSERT")
	if err != nil {
		return nil, err
	}
	all := f.columns()
	at, err := a.insertColumns(st, all)
	if err != nil {
		return nil, err
	}
	p, b, err := a.bind(ctx, st.Query)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	into := make([]duckdb.Column, len(at))
	for i, k := range at {
		into[i] = all[k]
	}
	fit := p.Into(into)
	if fit == nil {
		return nil, a.at(st.Query, "TYPE_MISMATCH", "insert query has mismatched column types: Table: [%s], Query: [%s]", typeList(into), typeList(p.Columns))
	}
	n, err := a.insertRows(ctx, st, f, fit, b, at)
	if err != nil {
		return nil, err
	}
	return a.changed("INSERT", n), nil
}

func (a *athena) insertRows(ctx context.Context, st *trino.Insert, f found, p *duckdb.Plan, b *Bound, at []int) (int64, error) {
	if f.external != nil {
		all := f.columns()
		from := make([]int, len(all))
		for i := range from {
			from[i] = -1
		}
		for i, k := range at {
			from[k] = i
		}
		return a.insertHive(ctx, st, *f.external, p.Arranged(all, from), b)
	}
	rows, err := p.Stored(duckdb.Iceberg)
	if err != nil {
		return 0, a.placed(st.Query, err)
	}
	w, err := a.writeLake(ctx, lakeWrite{target: lake.Target{Table: f.managed.Name, Mode: lake.Append, Keep: true}, bound: b, rows: rows})
	if err != nil {
		return 0, a.placed(st.Name, err)
	}
	return w.rows, nil
}

// insertColumns are the places of the columns the statement names.
func (a *athena) insertColumns(st *trino.Insert, all []duckdb.Column) ([]int, error) {
	var out []int
	if len(st.Columns) == 0 {
		for i := range all {
			out = append(out, i)
		}
		return out, nil
	}
	seen := map[int]bool{}
	for _, n := range st.Columns {
		i := columnAt(all, n.Text)
		if i < 0 {
			return nil, a.at(n, "COLUMN_NOT_FOUND", "insert column name does not exist in target table: %s", n.Text).WithHint("%s", nearColumn(n.Text, all))
		}
		if seen[i] {
			return nil, a.at(n, "DUPLICATE_COLUMN_NAME", "insert column name is specified more than once: %s", n.Text)
		}
		seen[i] = true
		out = append(out, i)
	}
	return out, nil
}

func columnAt(list []duckdb.Column, name string) int {
	for i, c := range list {
		if strings.EqualFold(c.Name, name) {
			return i
		}
	}
	return -1
}

// nearColumn is a hint at the column that was meant.
func nearColumn(name string, list []duckdb.Column) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Name
	}
	if near := lake.Near(name, names); len(near) > 0 {
		return fmt.Sprintf("did you mean %q?", near[0])
	}
	return "there are " + strings.Join(names, ", ")
}

func typeList(list []duckdb.Column) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.Type.String()
	}
	return strings.Join(out, ", ")
}
