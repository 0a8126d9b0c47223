package query

import (
	"context"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
	"github.com/mulgil/mulgil/internal/port"
)

func union(a, b []string) []string {
	out := append(append([]string{}, a...), b...)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sortedObjects(list []object) []object {
	slices.SortFunc(list, func(a, b object) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(list, func(a, b object) bool { return a.name == b.name })
}

// rowSet is a small relation the catalog answers itself.
type rowSet struct {
	columns []duckdb.Column
	// forms are the engine's types of the stored columns, where they are not
	// those of the columns' own types.
	forms []string
	rows  []string
}

// add adds a row of SQL values.
func (r *rowSet) add(values ...string) { r.rows = append(r.rows, "("+strings.Join(values, ", ")+")") }

// relation is the set as an item of a FROM clause under full.
func (r *rowSet) relation(full []string) *relation {
	names := make([]string, len(r.columns))
	casts := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = `"` + c.Name + `"`
		form := duckdb.Physical(c.Type)
		if r.forms != nil {
			form = r.forms[i]
		}
		casts[i] = "CAST(" + names[i] + " AS " + form + ") AS " + names[i]
	}
	from := "(VALUES " + strings.Join(r.rows, ", ") + ") v(" + strings.Join(names, ", ") + ")"
	if len(r.rows) == 0 {
		nulls := make([]string, len(names))
		for i := range nulls {
			nulls[i] = "NULL"
		}
		from = "(SELECT * FROM (VALUES (" + strings.Join(nulls, ", ") + ")) e WHERE false) v(" + strings.Join(names, ", ") + ")"
	}
	rel := &relation{rows: "(SELECT " + strings.Join(casts, ", ") + " FROM " + from + ")"}
	rel.rel = &duckdb.Relation{Parts: full, Columns: r.columns, Data: rel}
	return rel
}

func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// ColumnInfo is a column of a table or view, in Trino's words.
type ColumnInfo struct {
	Name string
	Type types.Type
	// Extra is "partition key" or empty.
	Extra, Comment string
}

// describe lists the columns of a table or view.
func (s *Service) describe(ctx context.Context, full []string) ([]ColumnInfo, error) {
	name := lake.Name{Database: full[1], Table: full[2]}
	t, err := s.lakeTable(ctx, name, nil)
	switch {
	case err == nil && t.managed != nil:
		info, err := s.o.Lake.Table(ctx, *t.managed)
		return fieldInfos(icebergColumns(info.Fields), info.Fields, nil), err
	case err == nil && t.external != nil:
		x := t.external
		fields := append(append([]base.Field{}, x.Columns...), x.PartitionKeys...)
		return fieldInfos(externalColumns(*x)[:len(fields)], fields, x.PartitionKeys), nil
	case base.KindOf(err) != base.NotFound:
		return nil, err
	}
	v, verr := s.o.Lake.View(ctx, name)
	if verr != nil {
		if base.KindOf(verr) == base.NotFound {
			return nil, err
		}
		return nil, verr
	}
	return fieldInfos(viewColumns(v), v.Fields, nil), nil
}

func fieldInfos(cols []duckdb.Column, fields, keys []base.Field) []ColumnInfo {
	var out []ColumnInfo
	for i, c := range cols {
		info := ColumnInfo{Name: c.Name, Type: c.Type, Comment: fields[i].Comment}
		for _, k := range keys {
			if strings.EqualFold(k.Name, c.Name) {
				info.Extra = "partition key"
			}
		}
		out = append(out, info)
	}
	return out
}

// metadataTable splits "t$partitions" into the table and what is asked of it.
func metadataTable(name string) (table, what string, ok bool) {
	i := strings.LastIndexByte(name, '$')
	if i <= 0 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

// metadata is a metadata table: partitions of a Hive folder, and what Iceberg keeps.
func (c *pinned) metadata(name lake.Name, what string, full []string) (*relation, error) {
	t, err := c.s.lakeTable(c.ctx, name, nil)
	if err != nil {
		return nil, err
	}
	if t.external != nil {
		if what != "partitions" || len(t.external.PartitionKeys) == 0 {
			return nil, base.Errorf(base.NotFound, "table %s$%s does not exist", name, what).WithCode("TABLE_NOT_FOUND")
		}
		return c.hivePartitions(t, full)
	}
	set, err := c.s.icebergMetadata(c.ctx, *t.managed, what)
	if err != nil {
		return nil, err
	}
	return set.relation(full), nil
}

func (c *pinned) hivePartitions(t table, full []string) (*relation, error) {
	parts, err := c.s.o.External.Partitions(c.ctx, t.external.Database, t.external.Name)
	if err != nil {
		return nil, err
	}
	cols := externalColumns(*t.external)
	set := &rowSet{columns: cols[len(t.external.Columns) : len(t.external.Columns)+len(t.external.PartitionKeys)]}
	for _, p := range parts {
		values := make([]string, len(p.Values))
		for i, v := range p.Values {
			values[i] = text(v)
			if v == "__HIVE_DEFAULT_PARTITION__" {
				values[i] = "NULL"
			}
		}
		set.add(values...)
	}
	return set.relation(full), nil
}

// sourceColumns asks a connection for a table's columns.
func (s *Service) sourceColumns(ctx context.Context, conn Connection, t *table) ([]duckdb.Column, error) {
	if conn.Files != nil {
		return s.fileColumns(ctx, conn, t)
	}
	open, err := conn.Open()
	if err != nil {
		return nil, err
	}
	src, err := s.o.OpenSource(ctx, open)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	snap, err := src.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	d, err := snap.Describe(ctx, t.source)
	if base.KindOf(err) == base.NotFound {
		d, err = describeFolded(ctx, snap, t.source, err)
	}
	if err != nil {
		return nil, err
	}
	t.source = d.Name
	return icebergColumns(d.Fields), nil
}

// describeFolded describes the one table whose name differs from name in letter
// case alone: Trino has lowered what the user wrote, even between quotes. If
// there is none it returns missing.
func describeFolded(ctx context.Context, snap port.Snapshot, name port.TableName, missing error) (port.SourceTable, error) {
	all, err := snap.Tables(ctx)
	if err != nil {
		return port.SourceTable{}, err
	}
	same := folded(all, name)
	switch len(same) {
	case 0:
		return port.SourceTable{}, missing
	case 1:
		return snap.Describe(ctx, same[0])
	}
	return port.SourceTable{}, base.Errorf(base.Invalid, "table %s is ambiguous: the source has %s and %s", name, same[0], same[1]).
		WithHint("Athena's SQL does not tell names apart by letter case; read it in a job of dialect duckdb")
}

// folded are the tables whose names equal name but for letter case.
func folded(all []port.SourceTable, name port.TableName) (out []port.TableName) {
	for _, t := range all {
		if strings.EqualFold(t.Name.Schema, name.Schema) && strings.EqualFold(t.Name.Name, name.Name) {
			out = append(out, t.Name)
		}
	}
	return out
}

func (s *Service) fileColumns(ctx context.Context, conn Connection, t *table) ([]duckdb.Column, error) {
	f, err := conn.Files(t.source.Name)
	if err != nil {
		return nil, err
	}
	res, err := s.Inspect(ctx, f.From, f.Paths, 0)
	if err != nil {
		return nil, err
	}
	t.source = port.TableName{Name: t.source.Name}
	var out []duckdb.Column
	for _, c := range res.Columns {
		typ, ok := engineType(c.Type)
		if !ok {
			return nil, base.Errorf(base.Invalid, "column %q of %s has type %s, which Athena's SQL has no name for", c.Name, t.source, c.Type).WithCode("NOT_SUPPORTED").
				WithHint("read it in a job of dialect duckdb")
		}
		out = append(out, duckdb.Column{Name: strings.ToLower(c.Name), Physical: c.Name, Type: typ, FromType: c.Type})
	}
	return out, nil
}
