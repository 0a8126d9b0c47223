package query

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// hiveProperties are those of CREATE TABLE for a Hive folder.
var hiveProperties = []string{"table_type", "external_location", "is_external", "format", "partitioned_by", "write_compression", "parquet_compression", "field_delimiter"}

// createHiveAs is CREATE TABLE AS for a Hive folder: its files are written
// before the catalog learns of the table.
func (a *athena) createHiveAs(ctx context.Context, st *trino.CreateTableAs, n newTable, p *duckdb.Plan, b *Bound) (int64, error) {
	t, f, err := a.hiveTable(ctx, st, n)
	if err != nil {
		return 0, err
	}
	keys, err := a.lastColumns(n.given, p)
	if err != nil {
		return 0, err
	}
	if err := n.given.rest(hiveProperties...); err != nil {
		return 0, err
	}
	rows, err := f.hiveRows(p, keys)
	if err != nil {
		return 0, a.placed(st.Query, err)
	}
	declare(&t, rows.Fields, rows.Declared, keys)
	dir, err := a.folder(ctx, st, t.Location)
	if err != nil {
		return 0, err
	}
	parts := &partitions{s: a.s, t: t}
	create := func(tx *sql.Tx) error {
		_, err := a.s.o.External.CreateIn(tx, t, parts.made...)
		if base.KindOf(err) == base.Exists {
			err = a.at(st.Name, "TABLE_ALREADY_EXISTS", "table already exists: %s", n.name)
		}
		return err
	}
	x := folderWrite{name: n.name, dir: dir, keys: keys, format: f, bound: b, rows: rows, place: parts.place, also: create}
	if st.NoData {
		x.rows.SQL = "SELECT * FROM (" + x.rows.SQL + ") q WHERE false"
	}
	return a.writeFolder(ctx, x)
}

// hiveTable reads where and how a new Hive table is kept.
func (a *athena) hiveTable(ctx context.Context, st trino.Node, n newTable) (external.Table, fileFormat, error) {
	g := n.given
	t := external.Table{Database: strings.ToLower(n.name.Database), Name: strings.ToLower(n.name.Table), Comment: n.comment, Parameters: map[string]string{"EXTERNAL": "TRUE"}}
	if err := g.refuse("bucketed_by", "bucket_count", "sorted_by", "partitioning", "location", "orc_compression", "compression_level"); err != nil {
		return t, fileFormat{}, err
	}
	f, err := g.fileFormat("write_compression", "parquet_compression")
	if err != nil {
		return t, f, err
	}
	t.Format, t.Serde = f.name, f.serde()
	location, at, err := g.text("external_location")
	if err != nil {
		return t, f, err
	}
	if location == "" {
		t.Location, err = a.defaultLocation(ctx, n.name)
		return t, f, err
	}
	t.Location = strings.TrimRight(location, "/") + "/"
	dir, err := a.folder(ctx, at, t.Location)
	if err != nil {
		return t, f, err
	}
	full, err := holdsFiles(dir)
	if err == nil && full {
		err = a.at(at, "HIVE_PATH_ALREADY_EXISTS", "target directory for table '%s' already exists: %s", n.name, t.Location).WithHint("it holds files; choose an empty folder")
	}
	return t, f, err
}

// defaultLocation is an empty folder below the database's.
func (a *athena) defaultLocation(ctx context.Context, n lake.Name) (string, error) {
	root := "s3://" + n.Database
	props, err := a.s.o.Lake.DatabaseProperties(ctx, n.Database)
	if err != nil {
		return "", err
	}
	if l := props[databaseLocation]; l != "" {
		root = strings.TrimRight(l, "/")
	}
	at := root + "/" + n.Table + "/"
	dir, err := a.s.inBucket(at)
	if err != nil {
		return "", err
	}
	full, err := holdsFiles(dir)
	if full { // a dropped table's files stay
		at = root + "/" + n.Table + "-" + a.w.id + "/"
	}
	return at, err
}

// lastColumns takes partitioned_by, which names the last columns.
func (a *athena) lastColumns(g *given, p *duckdb.Plan) (int, error) {
	keys, at, err := g.texts("partitioned_by")
	if err != nil || at == nil {
		return 0, err
	}
	cut := len(p.Columns) - len(keys)
	for i, k := range keys {
		if columnAt(p.Columns, k) < 0 {
			return 0, a.at(at, "COLUMN_NOT_FOUND", "partition column %q is not among the columns", k).WithHint("%s", nearColumn(k, p.Columns))
		}
		if cut < 1 || !strings.EqualFold(p.Columns[cut+i].Name, k) {
			return 0, a.at(at, "HIVE_COLUMN_ORDER_MISMATCH", "partition keys must be the last columns in the table and in the same order as the table properties: [%s]", strings.Join(keys, ", "))
		}
	}
	return len(keys), nil
}

// declare gives the table its columns.
func declare(t *external.Table, fields []base.Field, declared []string, keys int) {
	t.HiveTypes = map[string]string{}
	for i, f := range fields {
		t.HiveTypes[f.Name] = declared[i]
	}
	cut := len(fields) - keys
	t.Columns, t.PartitionKeys = slices.Clone(fields[:cut]), slices.Clone(fields[cut:])
}

// declareHive is CREATE TABLE with columns for a Hive folder.
func (a *athena) declareHive(ctx context.Context, st *trino.CreateTable, n newTable) error {
	p := &duckdb.Plan{}
	for _, c := range st.Columns {
		t, err := a.parsedType(c.Type)
		if err != nil {
			return err
		}
		p.Columns = append(p.Columns, duckdb.Column{Name: c.Name.Text, Type: t})
	}
	if len(st.Like) > 0 {
		return a.at(st.Like[0], "NOT_SUPPORTED", "LIKE is for Iceberg tables")
	}
	t, f, err := a.hiveTable(ctx, st, n)
	if err != nil {
		return err
	}
	keys, err := a.lastColumns(n.given, p)
	if err != nil {
		return err
	}
	if err := n.given.rest(hiveProperties...); err != nil {
		return err
	}
	rows, err := f.hiveRows(p, keys)
	if err != nil {
		return a.placed(st, err)
	}
	for i, c := range st.Columns {
		rows.Fields[i].Comment = c.Comment
	}
	declare(&t, rows.Fields, rows.Declared, keys)
	if _, err := a.folder(ctx, st, t.Location); err != nil {
		return err
	}
	_, err = a.s.o.External.Create(ctx, t)
	return err
}

// insertHive adds files to a Hive folder, and partitions to its table. p has
// the table's columns.
func (a *athena) insertHive(ctx context.Context, st *trino.Insert, t external.Table, p *duckdb.Plan, b *Bound) (int64, error) {
	f, err := a.formatOf(st.Name, t)
	if err != nil {
		return 0, err
	}
	if t.Parameters["storage.location.template"] != "" {
		return 0, a.at(st.Name, "NOT_SUPPORTED", "table %s.%s cannot be written: its folders are named by storage.location.template", t.Database, t.Name)
	}
	keys := len(t.PartitionKeys)
	rows, err := f.hiveRows(p, keys)
	if err != nil {
		return 0, a.placed(st.Query, err)
	}
	dir, err := a.folder(ctx, st.Name, t.Location)
	if err != nil {
		return 0, err
	}
	parts := &partitions{s: a.s, t: t}
	if keys > 0 {
		if parts.have, err = a.s.o.External.Partitions(ctx, t.Database, t.Name); err != nil {
			return 0, err
		}
	}
	add := func(tx *sql.Tx) error {
		if keys == 0 || t.Projected() {
			return nil
		}
		_, err := a.s.o.External.AddPartitionsIn(tx, t.Database, t.Name, parts.made)
		return err
	}
	n, err := a.writeFolder(ctx, folderWrite{name: lake.Name{Database: t.Database, Table: t.Name}, dir: dir, keys: keys, format: f, bound: b, rows: rows, place: parts.place, also: add})
	return n, a.placed(st.Name, err)
}

// unload is UNLOAD (query) TO an empty folder.
func (a *athena) unload(ctx context.Context, st *trino.Unload) (*Outcome, error) {
	g, err := a.given(st.Properties)
	if err != nil {
		return nil, err
	}
	f, err := g.fileFormat("compression", "write_compression")
	if err != nil {
		return nil, err
	}
	p, b, err := a.bind(ctx, st.Query)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	for i := range p.Columns {
		p.Columns[i].Unnamed = false // _col0 will do in a file
	}
	keys, err := a.lastColumns(g, p)
	if err != nil {
		return nil, err
	}
	if err := g.rest("format", "compression", "field_delimiter", "partitioned_by"); err != nil {
		return nil, err
	}
	rows, err := f.hiveRows(p, keys)
	if err != nil {
		return nil, a.placed(st.Query, err)
	}
	dir, err := a.folder(ctx, st, st.Location)
	if err != nil {
		return nil, err
	}
	full, err := holdsFiles(dir)
	if err != nil {
		return nil, err
	}
	if full {
		return nil, a.at(st, "HIVE_PATH_ALREADY_EXISTS", "target directory already exists: %s", st.Location).WithHint("UNLOAD writes to an empty folder")
	}
	t := external.Table{Location: st.Location}
	declare(&t, rows.Fields, rows.Declared, keys)
	parts := &partitions{s: a.s, t: t}
	n, err := a.writeFolder(ctx, folderWrite{name: lake.Name{Table: "unload"}, dir: dir, keys: keys, format: f, bound: b, rows: rows, place: parts.place})
	if err != nil {
		return nil, a.placed(st, err)
	}
	return a.changed("UNLOAD", n), nil
}
