package query

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

// databaseLocation is the property that keeps a database's LOCATION: the
// catalog shows it, tables lie where the lake puts them.
const databaseLocation = "mulgil.location"

// lakeDatabase is a database's name as the lake spells it, empty if the lake
// does not have it.
func (d *ddl) lakeDatabase(db string) (string, error) {
	all, err := d.s.o.Lake.Databases(d.ctx)
	if err != nil {
		return "", err
	}
	if slices.Contains(all, db) {
		return db, nil
	}
	if i := slices.IndexFunc(all, func(s string) bool { return strings.EqualFold(s, db) }); i >= 0 {
		return all[i], nil
	}
	return "", nil
}

// databases lists all databases: the lake's and those crawlers made.
func (d *ddl) databases() ([]string, error) {
	all, err := d.s.o.Lake.Databases(d.ctx)
	if err != nil {
		return nil, err
	}
	more, err := d.s.o.External.Databases(d.ctx)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(all)+len(more))
	for _, db := range append(all, more...) {
		out = append(out, strings.ToLower(db))
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// needDatabase is SCHEMA_NOT_FOUND if there is no such database.
func (d *ddl) needDatabase(db string, at hive.Span) error {
	all, err := d.databases()
	if err != nil || slices.Contains(all, strings.ToLower(db)) {
		return err
	}
	e := base.Errorf(base.NotFound, "database does not exist: %s", db).WithCode("SCHEMA_NOT_FOUND")
	if near := lake.Near(db, all); len(near) > 0 {
		return d.at(at, e.WithHint("did you mean %q?", near[0]))
	}
	return d.at(at, e.WithHint("make it with CREATE DATABASE %s", hive.Quote(db)))
}

func (d *ddl) createDatabase(n *hive.CreateDatabase) error {
	name := strings.ToLower(n.Name)
	all, err := d.databases()
	if err != nil {
		return err
	}
	exists := slices.Contains(all, name)
	if !exists {
		props := map[string]string{}
		for _, p := range n.Properties {
			props[p.Key] = p.Value
		}
		if n.Comment != "" {
			props["comment"] = n.Comment
		}
		if n.Location != "" {
			props[databaseLocation] = n.Location
		}
		err := d.s.o.Lake.CreateDatabase(d.ctx, name, props)
		if base.KindOf(err) != base.Exists {
			if err != nil {
				return d.at(n.At, err)
			}
			return nil
		}
	}
	if n.IfNotExists {
		return nil
	}
	return d.at(n.At, base.Errorf(base.Exists, "database %s already exists", name).WithCode("SCHEMA_ALREADY_EXISTS"))
}

func (d *ddl) alterDatabase(n *hive.AlterDatabase) error {
	if err := d.needDatabase(n.Name, n.At); err != nil {
		return err
	}
	exact, err := d.lakeDatabase(n.Name)
	if err != nil {
		return err
	}
	if exact == "" { // so far only a crawler's
		exact = strings.ToLower(n.Name)
		if err := d.s.o.Lake.EnsureDatabase(d.ctx, exact); err != nil {
			return d.at(n.At, err)
		}
	}
	props := map[string]string{}
	for _, p := range n.Properties {
		props[p.Key] = p.Value
	}
	_, err = d.s.o.Lake.SetDatabaseProperties(d.ctx, exact, nil, props)
	return err
}

func (d *ddl) dropDatabase(n *hive.DropDatabase) error {
	db := strings.ToLower(n.Name)
	if err := d.needDatabase(db, n.At); err != nil {
		if n.IfExists && base.KindOf(err) == base.NotFound {
			return nil
		}
		return err
	}
	tables, err := d.tables(db)
	if err != nil {
		return err
	}
	views, err := d.views(db)
	if err != nil {
		return err
	}
	if len(tables)+len(views) > 0 && !n.Cascade {
		return d.at(n.At, base.Errorf(base.Conflict, "database %s is not empty, one or more tables exist", db).WithCode("SCHEMA_NOT_EMPTY").
			WithHint("DROP DATABASE %s CASCADE drops its %d tables and views as well", hive.Quote(db), len(tables)+len(views)))
	}
	for _, v := range views {
		if err := d.s.views().DropView(d.ctx, lake.Name{Database: db, Table: v}); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := d.drop(lake.Name{Database: db, Table: t}); err != nil {
			return err
		}
	}
	exact, err := d.lakeDatabase(db)
	if err != nil || exact == "" {
		return err
	}
	return d.s.o.Lake.DropDatabase(d.ctx, exact)
}

// drop removes a table of any kind. The files of an external table stay, and so
// does what a crawler's record points at in another database.
func (d *ddl) drop(name lake.Name) error {
	err := d.s.o.Lake.Drop(d.ctx, name)
	missing := base.KindOf(err) == base.NotFound
	if err != nil && !missing {
		return err
	}
	for _, more := range []func() error{
		func() error { return d.s.o.External.Drop(d.ctx, name.Database, name.Table) },
		func() error { return d.s.o.External.DropLink(d.ctx, name.Database, name.Table) },
	} {
		more := more()
		if more == nil {
			missing = false
		} else if base.KindOf(more) != base.NotFound {
			return more
		}
	}
	if missing {
		return err
	}
	return nil
}
