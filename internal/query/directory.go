package query

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/port"
)

// SystemCatalog is the catalog that tells of the others, as in Trino.
const SystemCatalog = "system"

// informationSchema is the schema of every catalog that tells of the others.
const informationSchema = "information_schema"

// filesSchema holds the tables of a source without schemas.
const filesSchema = "main"

// directory tells what catalogs hold: the lake's, one for each connection, and
// system. It is for one statement; close it.
type directory struct {
	s   *Service
	ctx context.Context
	// sources are the connections asked so far.
	sources map[string]*sourceView
}

type sourceView struct {
	source port.Source
	snap   port.Snapshot
	tables []port.SourceTable
}

func (s *Service) directory(ctx context.Context) *directory {
	return &directory{s: s, ctx: ctx, sources: map[string]*sourceView{}}
}

func (d *directory) close() {
	for _, v := range d.sources {
		_ = v.snap.Close()
		_ = v.source.Close()
	}
}

// catalogs lists all, the lake's first.
func (d *directory) catalogs() []string {
	names := []string{strings.ToLower(Catalog)}
	for _, n := range slices.Sorted(maps.Keys(d.s.o.Connections)) {
		names = append(names, strings.ToLower(n))
	}
	return append(names, SystemCatalog)
}

// connection is the one a catalog is of; ok is false for the lake's and system.
func (d *directory) connection(catalog string) (name string, c Connection, ok bool) {
	for n, c := range d.s.o.Connections {
		if strings.EqualFold(n, catalog) {
			return n, c, true
		}
	}
	return "", Connection{}, false
}

// schemas lists a catalog's, information_schema included.
func (d *directory) schemas(catalog string) ([]string, error) {
	switch {
	case catalog == strings.ToLower(Catalog):
		dbs, err := d.s.databases(d.ctx)
		return union(dbs, []string{informationSchema}), err
	case catalog == SystemCatalog:
		return []string{informationSchema, "jdbc", "metadata", "runtime"}, nil
	}
	tables, err := d.tables(catalog)
	if err != nil {
		return nil, err
	}
	names := []string{informationSchema}
	for _, t := range tables {
		names = append(names, t.Name.Schema)
	}
	return union(names, nil), nil
}

// objects lists a schema's tables and views by name.
func (d *directory) objects(catalog, schema string) ([]object, error) {
	if list := systemTables(schema); list != nil && (catalog == SystemCatalog || schema == informationSchema) {
		var out []object
		for _, n := range slices.Sorted(maps.Keys(list)) {
			out = append(out, object{name: n})
		}
		return out, nil
	}
	if catalog == strings.ToLower(Catalog) {
		return d.s.objects(d.ctx, schema)
	}
	if catalog == SystemCatalog {
		return nil, nil
	}
	tables, err := d.tables(catalog)
	var out []object
	for _, t := range tables {
		if strings.EqualFold(t.Name.Schema, schema) {
			out = append(out, object{name: strings.ToLower(t.Name.Name)})
		}
	}
	return sortedObjects(out), err
}

// describe lists the columns of a table or view.
func (d *directory) describe(catalog, schema, name string) ([]ColumnInfo, error) {
	if t, ok := systemTables(schema)[name]; ok && (catalog == SystemCatalog || schema == informationSchema) {
		var out []ColumnInfo
		for _, c := range newListing(t.columns).columns {
			out = append(out, ColumnInfo{Name: c.Name, Type: c.Type})
		}
		return out, nil
	}
	if catalog == strings.ToLower(Catalog) {
		return d.s.describe(d.ctx, []string{catalog, schema, name})
	}
	conn, c, ok := d.connection(catalog)
	if !ok {
		return nil, d.s.noCatalog(catalog)
	}
	t := table{connection: conn, source: port.TableName{Schema: schema, Name: name}}
	if c.Files != nil {
		cols, err := d.s.fileColumns(d.ctx, c, &t)
		return columnInfos(cols, nil), err
	}
	v, err := d.open(conn, c)
	if err != nil {
		return nil, err
	}
	st, err := v.snap.Describe(d.ctx, v.name(schema, name))
	if err != nil {
		return nil, err
	}
	return columnInfos(icebergColumns(st.Fields), st.Fields), nil
}

func columnInfos(cols []duckdb.Column, fields []base.Field) []ColumnInfo {
	out := make([]ColumnInfo, len(cols))
	for i, c := range cols {
		out[i] = ColumnInfo{Name: c.Name, Type: c.Type}
		if i < len(fields) {
			out[i].Comment = fields[i].Comment
		}
	}
	return out
}

func (s *Service) noCatalog(name string) error {
	return base.Errorf(base.NotFound, "catalog %q does not exist", name).WithCode("CATALOG_NOT_FOUND").WithHint("%s", s.connectionHint(name))
}

// tables lists a connection's.
func (d *directory) tables(catalog string) ([]port.SourceTable, error) {
	conn, c, ok := d.connection(catalog)
	if !ok {
		return nil, d.s.noCatalog(catalog)
	}
	if c.Files != nil {
		var out []port.SourceTable
		if c.List == nil {
			return nil, nil
		}
		for _, n := range c.List() {
			out = append(out, port.SourceTable{Name: port.TableName{Schema: filesSchema, Name: n}})
		}
		return out, nil
	}
	v, err := d.open(conn, c)
	if err != nil {
		return nil, err
	}
	return v.tables, nil
}

// open asks a connection for what it holds, once.
func (d *directory) open(name string, c Connection) (*sourceView, error) {
	if v := d.sources[name]; v != nil {
		return v, nil
	}
	open, err := c.Open()
	if err != nil {
		return nil, err
	}
	v := &sourceView{}
	if v.source, err = d.s.o.OpenSource(d.ctx, open); err != nil {
		return nil, err
	}
	if v.snap, err = v.source.Begin(d.ctx); err != nil {
		_ = v.source.Close()
		return nil, err
	}
	d.sources[name] = v
	if v.tables, err = v.snap.Tables(d.ctx); err != nil {
		return nil, err
	}
	for i := range v.tables {
		if v.tables[i].Name.Schema == "" {
			v.tables[i].Name.Schema = filesSchema
		}
	}
	return v, nil
}

// name is a table's as its owner spells it.
func (v *sourceView) name(schema, name string) port.TableName {
	want := port.TableName{Schema: schema, Name: name}
	if same := folded(v.tables, want); len(same) > 0 {
		return same[0]
	}
	return want
}

// connector names the kind of a catalog.
func (d *directory) connector(catalog string) string {
	switch {
	case catalog == SystemCatalog:
		return "system"
	case catalog == strings.ToLower(Catalog):
		return "hive"
	}
	return "connection"
}

// comment is a table's or view's, "" if it has none.
func (d *directory) comment(catalog, schema string, o object) (string, error) {
	if catalog != strings.ToLower(Catalog) || schema == informationSchema {
		tables := d.sources[catalog]
		if tables == nil {
			return "", nil
		}
		for _, t := range tables.tables {
			if strings.EqualFold(t.Name.Schema, schema) && strings.EqualFold(t.Name.Name, o.name) {
				return t.Comment, nil
			}
		}
		return "", nil
	}
	name := lake.Name{Database: schema, Table: o.name}
	if o.view {
		v, err := d.s.o.Lake.View(d.ctx, name)
		return v.Comment, err
	}
	t, err := d.s.lakeTable(d.ctx, name, nil)
	switch {
	case err != nil:
		return "", err
	case t.external != nil:
		return t.external.Comment, nil
	}
	info, err := d.s.o.Lake.Table(d.ctx, *t.managed)
	return info.Comment, err
}
