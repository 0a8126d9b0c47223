package query

import (
	"context"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// createAs carries out CREATE TABLE ... AS. As in Athena the table is a Hive
// folder unless table_type says ICEBERG.
func (a *athena) createAs(ctx context.Context, st *trino.CreateTableAs) (*Outcome, error) {
	if st.OrReplace {
		return nil, a.at(st, "NOT_SUPPORTED", "CREATE OR REPLACE TABLE is not supported").WithHint("drop the table first, or INSERT INTO it")
	}
	name, taken, err := a.newName(ctx, st.Name)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		if st.IfNotExists {
			a.w.running()
			return a.changed("CREATE TABLE", 0), nil
		}
		return nil, a.exists(st.Name, taken)
	}
	g, err := a.given(st.Properties)
	if err != nil {
		return nil, err
	}
	iceberg, err := g.iceberg()
	if err != nil {
		return nil, err
	}
	p, b, err := a.bind(ctx, st.Query)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	if err := a.nameColumns(st, p); err != nil {
		return nil, err
	}
	make := a.createHiveAs
	if iceberg {
		make = a.createIcebergAs
	}
	n, err := make(ctx, st, newTable{name: name, comment: st.Comment, given: g}, p, b)
	if err != nil {
		return nil, a.placed(st.Name, err)
	}
	return a.changed("CREATE TABLE", n), nil
}

// newTable is what is known of a table to be made.
type newTable struct {
	name    lake.Name
	comment string
	given   *given
}

// iceberg takes the table's kind.
func (g *given) iceberg() (bool, error) {
	kind, at, err := g.text("table_type")
	if err != nil {
		return false, err
	}
	if kind != "" && !strings.EqualFold(kind, "hive") && !strings.EqualFold(kind, "iceberg") {
		return false, g.bad(at, "table_type is HIVE or ICEBERG, not %q", kind)
	}
	iceberg := strings.EqualFold(kind, "iceberg")
	ext, at, err := g.text("is_external")
	if err != nil {
		return false, err
	}
	if at != nil && strings.EqualFold(ext, "true") == iceberg {
		return false, g.bad(at, "is_external must be %v for this table_type", !iceberg)
	}
	return iceberg, nil
}

// nameColumns gives the query's columns the names that the statement lists.
func (a *athena) nameColumns(st *trino.CreateTableAs, p *duckdb.Plan) error {
	if n := len(st.Columns); n > 0 && n != len(p.Columns) {
		return a.at(st.Columns[0], "MISMATCHED_COLUMN_ALIASES", "column alias list has %d entries but relation has %d columns", n, len(p.Columns))
	}
	for i, n := range st.Columns {
		p.Columns[i].Name, p.Columns[i].Unnamed = n.Text, false
	}
	return a.placed(st.Query, p.Named())
}

func (a *athena) createIcebergAs(ctx context.Context, st *trino.CreateTableAs, t newTable, p *duckdb.Plan, b *Bound) (int64, error) {
	rows, err := p.Stored(duckdb.Iceberg)
	if err != nil {
		return 0, a.placed(st.Query, err)
	}
	def, err := a.icebergDefinition(ctx, t, rows.Fields)
	if err != nil {
		return 0, err
	}
	if st.NoData {
		a.w.running()
		_, err := a.s.o.Lake.Define(ctx, def)
		return 0, err
	}
	target := lake.Target{Table: def.Name, Mode: lake.Append, Create: true, Location: def.Location, Comment: def.Comment, Properties: def.Properties}
	for _, f := range def.PartitionBy {
		target.PartitionBy = append(target.PartitionBy, f.String())
	}
	w, err := a.writeLake(ctx, lakeWrite{target: target, bound: b, rows: rows})
	if base.KindOf(err) == base.Exists {
		err = a.at(st.Name, "TABLE_ALREADY_EXISTS", "table already exists: %s", t.name)
	}
	if err != nil {
		return 0, err
	}
	return w.rows, nil
}

// icebergDefinition reads the properties of an Iceberg table.
func (a *athena) icebergDefinition(ctx context.Context, t newTable, fields []base.Field) (lake.Definition, error) {
	g, def := t.given, lake.Definition{Name: t.name, Fields: fields, Comment: t.comment}
	if err := g.refuse("partitioned_by", "bucketed_by", "bucket_count", "sorted_by", "external_location", "orc_compression"); err != nil {
		return def, err
	}
	location, at, err := g.text("location")
	if err != nil {
		return def, err
	}
	if def.Location = location; location != "" {
		if _, err := a.folder(ctx, at, location); err != nil {
			return def, err
		}
	}
	if format, at, err := g.text("format"); err != nil {
		return def, err
	} else if format != "" && !strings.EqualFold(format, "parquet") {
		return def, a.at(at, "NOT_SUPPORTED", "Iceberg tables are written as Parquet, not %s", strings.ToUpper(format))
	}
	if c, at, err := g.text("write_compression"); err != nil {
		return def, err
	} else if c != "" && !strings.EqualFold(c, "zstd") {
		return def, a.at(at, "NOT_SUPPORTED", "Iceberg tables are written with ZSTD compression, not %s", strings.ToUpper(c))
	}
	if def.PartitionBy, err = g.partitioning(fields); err != nil {
		return def, err
	}
	if def.Properties, err = g.keep(); err != nil {
		return def, err
	}
	return def, g.rest(slices.Concat([]string{"table_type", "location", "is_external", "format", "write_compression", "partitioning"}, icebergKept)...)
}

// createTable carries out Trino's CREATE TABLE with columns.
func (a *athena) createTable(ctx context.Context, st *trino.CreateTable) (*Outcome, error) {
	if st.OrReplace {
		return nil, a.at(st, "NOT_SUPPORTED", "CREATE OR REPLACE TABLE is not supported")
	}
	name, taken, err := a.newName(ctx, st.Name)
	if err != nil {
		return nil, err
	}
	a.w.running()
	if taken != nil {
		if st.IfNotExists {
			return a.done("CREATE TABLE", nil)
		}
		return nil, a.exists(st.Name, taken)
	}
	g, err := a.given(st.Properties)
	if err != nil {
		return nil, err
	}
	t := newTable{name: name, comment: st.Comment, given: g}
	iceberg := true // what has no kind is the lake's own
	if _, ok := g.list["table_type"]; ok || g.list["external_location"].Name != "" {
		if iceberg, err = g.iceberg(); err != nil {
			return nil, err
		}
	}
	if !iceberg {
		return a.done("CREATE TABLE", a.declareHive(ctx, st, t))
	}
	fields, err := a.declaredFields(ctx, st)
	if err != nil {
		return nil, err
	}
	def, err := a.icebergDefinition(ctx, t, fields)
	if err != nil {
		return nil, err
	}
	if _, err = a.s.o.Lake.Define(ctx, def); base.KindOf(err) == base.Exists && st.IfNotExists {
		err = nil
	}
	return a.done("CREATE TABLE", a.placed(st.Name, err))
}

// declaredFields are the columns a CREATE TABLE lists, those of LIKE among them.
func (a *athena) declaredFields(ctx context.Context, st *trino.CreateTable) ([]base.Field, error) {
	var out []base.Field
	for _, c := range st.Columns {
		f, err := a.declaredField(c)
		if err != nil {
			return nil, err
		}
		if fieldAt(out, f.Name) >= 0 {
			return nil, a.at(c, "DUPLICATE_COLUMN_NAME", "column name %q specified more than once", f.Name)
		}
		out = append(out, f)
	}
	for _, q := range st.Like {
		info, err := a.managed(ctx, q, "LIKE")
		if err != nil {
			return nil, err
		}
		for _, f := range info.Fields {
			if fieldAt(out, f.Name) >= 0 {
				return nil, a.at(q, "DUPLICATE_COLUMN_NAME", "column name %q specified more than once", f.Name)
			}
			out = append(out, f)
		}
	}
	return out, nil
}

func (a *athena) declaredField(c trino.ColumnDef) (base.Field, error) {
	t, err := a.parsedType(c.Type)
	if err != nil {
		return base.Field{}, err
	}
	bt, err := duckdb.BaseType(t, duckdb.Iceberg)
	if e, ok := err.(*base.Error); ok {
		return base.Field{}, a.at(c, "NOT_SUPPORTED", "column %q: %s", c.Name.Text, e.Msg)
	}
	if c.NotNull {
		return base.Field{}, a.at(c, "NOT_SUPPORTED", "column %q: NOT NULL columns are not supported", c.Name.Text)
	}
	return base.Field{Name: c.Name.Text, Type: bt, Comment: c.Comment}, nil
}
