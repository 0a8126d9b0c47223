package query

import (
	"context"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// lakeViews are the lake's views as Hive's statements see them.
type lakeViews struct{ lake *lake.Lake }

func (s *Service) views() lakeViews { return lakeViews{s.o.Lake} }

// ViewNames lists a database's views; base.NotFound for a database nobody knows.
func (v lakeViews) ViewNames(ctx context.Context, database string) ([]string, error) {
	return v.lake.ViewNames(ctx, database)
}

// DescribeView is base.NotFound if there is no such view.
func (v lakeViews) DescribeView(ctx context.Context, name lake.Name) (ViewInfo, error) {
	d, err := v.lake.View(ctx, name)
	return ViewInfo{Name: d.Name, Columns: d.Fields, SQL: d.SQL, Comment: d.Comment}, err
}

// DropView removes a view.
func (v lakeViews) DropView(ctx context.Context, name lake.Name) error {
	return v.lake.DropView(ctx, name)
}

// databases lists every database of lake and external tables.
func (s *Service) databases(ctx context.Context) ([]string, error) {
	dbs, err := s.o.Lake.Databases(ctx)
	if err != nil || s.o.External == nil {
		return dbs, err
	}
	more, err := s.o.External.Databases(ctx)
	return union(dbs, more), err
}

// object is a table or view of a database, for listings.
type object struct {
	name string
	view bool
}

// objects lists what a database holds, by name.
func (s *Service) objects(ctx context.Context, database string) ([]object, error) {
	d := &ddl{s: s, ctx: ctx}
	tables, err := d.tables(database)
	if err != nil {
		return nil, err
	}
	views, err := d.views(database)
	if err != nil && base.KindOf(err) != base.NotFound {
		return nil, err
	}
	var out []object
	for _, t := range tables {
		out = append(out, object{name: t})
	}
	for _, v := range views {
		out = append(out, object{name: v, view: true})
	}
	return sortedObjects(out), nil
}
