package query

import (
	"errors"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// systemTable is a relation that the catalog answers: its columns, and what
// fills it. A table without fill is empty here: it tells of things there are not.
type systemTable struct {
	columns string
	fill    func(x *systemFill) error
}

// systemFill is one reading of a system table.
type systemFill struct {
	*listing
	dir *directory
	c   *pinned
	// catalog is the one whose information_schema is read.
	catalog string
}

// builtin is a relation that the catalog answers itself: one of
// information_schema in any catalog, or of the catalog system. Its rows are
// made once it is known which of them are wanted.
func (c *pinned) builtin(full []string) (*relation, error) {
	if full[1] != informationSchema && full[0] != SystemCatalog {
		return nil, nil
	}
	if full[1] == informationSchema && full[0] != SystemCatalog && full[0] != strings.ToLower(Catalog) && !c.s.connection(full[0]) {
		return nil, c.s.noCatalog(full[0])
	}
	t, ok := systemTables(full[1])[full[2]]
	if !ok {
		if systemTables(full[1]) == nil {
			return nil, base.Errorf(base.NotFound, "schema %s does not exist", full[1]).WithCode("SCHEMA_NOT_FOUND")
		}
		return nil, base.Errorf(base.NotFound, "table %s.%s does not exist", full[1], full[2]).WithCode("TABLE_NOT_FOUND")
	}
	r := &relation{}
	r.rel = &duckdb.Relation{Parts: full, Columns: newListing(t.columns).columns, Data: r}
	r.list = func(where base.Predicate) (string, error) {
		l := newListing(t.columns)
		l.where = where
		dir := c.s.directory(c.ctx)
		defer dir.close()
		if t.fill != nil {
			if err := t.fill(&systemFill{listing: l, dir: dir, c: c, catalog: full[0]}); err != nil {
				return "", err
			}
		}
		return l.from(), nil
	}
	return r, nil
}

// systemTables are a schema's, by name; nil for a schema that has none.
func systemTables(schema string) map[string]systemTable {
	switch schema {
	case informationSchema:
		return informationTables()
	case "jdbc":
		return jdbcTables()
	case "metadata":
		return metadataTables()
	case "runtime":
		return runtimeTables()
	}
	return nil
}

func informationTables() map[string]systemTable {
	return map[string]systemTable{
		"schemata": {"catalog_name, schema_name", func(x *systemFill) error {
			return x.eachSchema(x.catalog, func(s string) error { x.add(x.catalog, s); return nil })
		}},
		"tables": {"table_catalog, table_schema, table_name, table_type", func(x *systemFill) error {
			return x.eachObject(x.catalog, func(schema string, o object) error {
				x.add(x.catalog, schema, o.name, o.kind("BASE TABLE"))
				return nil
			})
		}},
		"views": {"table_catalog, table_schema, table_name, view_definition", func(x *systemFill) error {
			return x.eachObject(x.catalog, func(schema string, o object) error {
				if !o.view {
					return nil
				}
				v, err := x.c.s.o.Lake.View(x.c.ctx, lake.Name{Database: schema, Table: o.name})
				if err == nil {
					x.add(x.catalog, schema, o.name, orNull(v.SQL))
				}
				return err
			})
		}},
		"columns": {"table_catalog, table_schema, table_name, column_name, ordinal_position bigint, column_default, is_nullable, data_type, comment, extra_info, column_comment", func(x *systemFill) error {
			return x.eachColumn(x.catalog, func(schema, table string, i int, c ColumnInfo) {
				x.add(x.catalog, schema, table, c.Name, itoa(i+1), null, "YES", c.Type.String(), orNull(c.Comment), orNull(c.Extra), orNull(c.Comment))
			})
		}},
		"table_privileges": {"grantor, grantor_type, grantee, grantee_type, table_catalog, table_schema, table_name, privilege_type, is_grantable, with_hierarchy", nil},
		"roles":            {"role_name", nil},
		"applicable_roles": {"grantee, grantee_type, role_name, is_grantable", nil},
		"enabled_roles":    {"role_name", nil},
	}
}

func (o object) kind(table string) string {
	if o.view {
		return "VIEW"
	}
	return table
}

// eachCatalog visits the catalogs that the statement may want.
func (x *systemFill) eachCatalog(visit func(catalog string) error) error {
	for _, c := range x.dir.catalogs() {
		if !x.admits(c) {
			continue
		}
		// A source that does not answer must not hide what the others hold.
		if err := unlessDown(visit(c)); err != nil {
			return err
		}
	}
	return nil
}

func unlessDown(err error) error {
	if base.KindOf(err) == base.Unavailable || base.KindOf(err) == base.Denied {
		return nil
	}
	return err
}

func (x *systemFill) eachSchema(catalog string, visit func(schema string) error) error {
	if !x.admits(catalog) {
		return nil
	}
	schemas, err := x.dir.schemas(catalog)
	if err != nil {
		return err
	}
	for _, s := range schemas {
		if !x.admits(catalog, s) {
			continue
		}
		if err := visit(s); err != nil {
			return err
		}
	}
	return nil
}

// eachObject visits the tables and views of a catalog that may be wanted. One
// that vanishes meanwhile, or is damaged, must not hide the others.
func (x *systemFill) eachObject(catalog string, visit func(schema string, o object) error) error {
	return x.eachSchema(catalog, func(schema string) error {
		list, err := x.dir.objects(catalog, schema)
		if err != nil {
			return unlessGone(err)
		}
		for _, o := range list {
			if !x.admits(catalog, schema, o.name) {
				continue
			}
			if err := visit(schema, o); unlessGone(err) != nil && !lake.Damaged(err) {
				return err
			}
		}
		return nil
	})
}

func unlessGone(err error) error {
	if base.KindOf(err) == base.NotFound {
		return nil
	}
	return err
}

// eachColumn visits the columns of what may be wanted. A table whose columns
// cannot be told (a type without a name here, a broken file) has none.
func (x *systemFill) eachColumn(catalog string, visit func(schema, table string, i int, c ColumnInfo)) error {
	return x.eachObject(catalog, func(schema string, o object) error {
		cols, err := x.dir.describe(catalog, schema, o.name)
		var known *base.Error
		if err != nil && errors.As(err, &known) && known.Kind == base.Invalid {
			return nil
		}
		for i, c := range cols {
			visit(schema, o.name, i, c)
		}
		return err
	})
}
