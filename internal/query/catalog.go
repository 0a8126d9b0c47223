package query

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// pinned is the catalog as one statement sees it: every managed table it can
// reach at one moment. It implements duckdb.Catalog.
type pinned struct {
	s               *Service
	ctx             context.Context
	catalog, schema string
	found           map[string]*relation
	view            *lake.View
	past            []*lake.View
}

// relation is what a name led to.
type relation struct {
	table table
	// pin is a managed table at its moment, in view.
	pin  lake.Pin
	view *lake.View
	// rows is a relation the catalog itself answers ("t$partitions",
	// information_schema): SQL for a FROM clause.
	rows string
	// list makes rows once it is known which of them are wanted.
	list func(where base.Predicate) (string, error)
	rel  *duckdb.Relation
	// tracked is set for a table whose rows are to be changed: they are read
	// with their file and place. files and hidden tell what was planned.
	tracked bool
	files   []ducksql.DataFile
	hidden  []base.Field
}

// catalogFor resolves all names a statement reads, through views, and pins
// their tables in one transaction, and those named in also.
func (s *Service) catalogFor(ctx context.Context, session Session, n trino.Node, also ...lake.Name) (*pinned, error) {
	return s.catalogOf(ctx, session, []trino.Node{n}, also)
}

func (s *Service) catalogOf(ctx context.Context, session Session, nodes []trino.Node, also []lake.Name) (*pinned, error) {
	c := &pinned{s: s, ctx: ctx, catalog: strings.ToLower(Catalog), schema: s.o.Database, found: map[string]*relation{}}
	if session.Catalog != "" {
		c.catalog = strings.ToLower(session.Catalog)
	}
	if session.Schema != "" {
		c.schema = strings.ToLower(session.Schema)
	}
	for _, n := range nodes {
		if err := c.collect(n, c.catalog, c.schema, 0); err != nil {
			return nil, err
		}
	}
	names := slices.Clone(also)
	for _, r := range c.found {
		if r.table.managed != nil {
			names = append(names, *r.table.managed)
		}
	}
	view, err := s.o.Lake.Pin(ctx, names)
	if err != nil {
		return nil, err
	}
	c.view = view
	return c, nil
}

// options are what the binder is to know.
func (c *pinned) options(t athenaText) duckdb.Options {
	return duckdb.Options{Catalog: c, CatalogName: c.catalog, Schema: c.schema, User: t.user, Now: c.s.o.Clock.Now(), Params: t.params,
		MaxRecursion: maxRecursion(t.session)}
}

func (c *pinned) release() {
	if c.view != nil {
		c.view.Release()
	}
	for _, v := range c.past {
		v.Release()
	}
}

// maxViews bounds how deep views may lie in views.
const maxViews = 64

// collect looks up every table a tree names. Names that lead nowhere are left
// to the binder, which knows their place.
func (c *pinned) collect(n trino.Node, catalog, schema string, depth int) error {
	for _, t := range trino.Tables(n) {
		parts := make([]string, len(t.Name.Parts))
		for i, p := range t.Name.Parts {
			parts[i] = p.Text
		}
		full, err := qualify(parts, catalog, schema)
		if err != nil {
			continue
		}
		key := strings.Join(full, "\x00")
		if c.found[key] != nil {
			continue
		}
		r, err := c.find(full)
		if base.KindOf(err) == base.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		c.found[key] = r
		if r.rel == nil || r.rel.View == nil || depth >= maxViews {
			continue
		}
		q, err := trino.ParseQuery(r.rel.View.SQL)
		if err != nil {
			continue
		}
		if err := c.collect(q, strings.ToLower(r.rel.View.Catalog), strings.ToLower(r.rel.View.Schema), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// qualify completes a name to catalog, schema and table.
func qualify(parts []string, catalog, schema string) ([]string, error) {
	switch len(parts) {
	case 1:
		return []string{catalog, schema, parts[0]}, nil
	case 2:
		return []string{catalog, parts[0], parts[1]}, nil
	case 3:
		return parts, nil
	}
	return nil, base.Errorf(base.Invalid, "too many parts in table name: %s", strings.Join(parts, ".")).WithCode("SYNTAX_ERROR")
}

// find looks one full name up. Names of connections are catalogs of their own;
// schema.table may be connection.table, as jobs write it.
func (c *pinned) find(full []string) (*relation, error) {
	if r, err := c.builtin(full); r != nil || err != nil {
		return r, err
	}
	if full[0] != strings.ToLower(Catalog) {
		return c.source(full)
	}
	name := lake.Name{Database: full[1], Table: full[2]}
	if base, what, ok := metadataTable(full[2]); ok {
		return c.metadata(lake.Name{Database: full[1], Table: base}, what, full)
	}
	t, err := c.s.lakeTable(c.ctx, name, nil)
	if err == nil {
		return &relation{table: t}, nil
	}
	if base.KindOf(err) != base.NotFound {
		return nil, err
	}
	if _, ok := c.s.o.Connections[full[1]]; ok {
		return c.source([]string{full[1], "", full[2]})
	}
	v, verr := c.s.o.Lake.View(c.ctx, name)
	if verr == nil {
		return viewRelation(v, full)
	}
	if base.KindOf(verr) != base.NotFound {
		return nil, verr
	}
	return nil, c.missing(name, err)
}

// missing names what is not there: the schema or the table.
func (c *pinned) missing(name lake.Name, err error) error {
	dbs, derr := c.s.databases(c.ctx)
	if derr != nil {
		return derr
	}
	for _, d := range dbs {
		if strings.EqualFold(d, name.Database) {
			e := base.Errorf(base.NotFound, "table %s does not exist", name).WithCode("TABLE_NOT_FOUND")
			e.Hint = hint(err)
			return e
		}
	}
	e := base.Errorf(base.NotFound, "schema %s does not exist", name.Database).WithCode("SCHEMA_NOT_FOUND")
	if near := lake.Near(name.Database, dbs); len(near) > 0 {
		return e.WithHint("did you mean %q?", near[0])
	}
	if near := lake.Near(name.Database, slices.Sorted(maps.Keys(c.s.o.Connections))); len(near) > 0 {
		return e.WithHint("did you mean the connection %q?", near[0])
	}
	return e
}

func viewRelation(v lake.ViewDef, full []string) (*relation, error) {
	if v.SQL == "" {
		return nil, base.Errorf(base.Invalid, "view %s is written in %s, which this engine does not read", v.Name, strings.Join(v.Dialects, ", ")).WithCode("INVALID_VIEW")
	}
	rel := &duckdb.Relation{Parts: full, View: &duckdb.View{SQL: v.SQL, Catalog: v.Catalog, Schema: v.Schema}}
	rel.View.Columns = viewColumns(v)
	return &relation{rel: rel}, nil
}

// source is a table of a connection: connection.schema.table.
func (c *pinned) source(full []string) (*relation, error) {
	name := ""
	for n := range c.s.o.Connections {
		if strings.EqualFold(n, full[0]) {
			name = n
		}
	}
	conn, ok := c.s.o.Connections[name]
	if !ok {
		return nil, c.s.noCatalog(full[0])
	}
	t := table{connection: name, source: port.TableName{Schema: full[1], Name: full[2]}}
	cols, err := c.s.sourceColumns(c.ctx, conn, &t)
	if err != nil {
		return nil, err
	}
	return &relation{table: t, rel: &duckdb.Relation{Parts: full, Columns: cols}}, nil
}

// Resolve implements duckdb.Catalog.
func (c *pinned) Resolve(parts []string, v *duckdb.Version) (*duckdb.Relation, error) {
	full, err := qualify(parts, c.catalog, c.schema)
	if err != nil {
		return nil, err
	}
	r := c.found[strings.Join(full, "\x00")]
	if r == nil {
		if r, err = c.find(full); err != nil {
			return nil, err
		}
		if r.table.managed != nil {
			return nil, base.Errorf(base.Conflict, "table %s was made while the statement began", strings.Join(full[1:], "."))
		}
	}
	if v != nil {
		return c.travel(r, full, v)
	}
	if r.rel == nil {
		if err := c.describe(r, full); err != nil {
			return nil, err
		}
	}
	return r.rel, nil
}

// travel is a managed table at another moment.
func (c *pinned) travel(r *relation, full []string, v *duckdb.Version) (*duckdb.Relation, error) {
	if r.table.managed == nil {
		return nil, base.Errorf(base.Invalid, "only Iceberg tables have versions, %s is none", strings.Join(full[1:], ".")).WithCode("NOT_SUPPORTED")
	}
	pin := lake.Pin{Name: *r.table.managed, Version: lake.Version{Snapshot: v.Snapshot, Ref: v.Ref, AsOf: v.Time}}
	view, err := c.s.o.Lake.PinAt(c.ctx, []lake.Pin{pin})
	if err != nil {
		var e *base.Error
		if errors.As(err, &e) && e.Code == "" && e.Kind == base.NotFound {
			e.Code = "INVALID_ARGUMENTS"
		}
		return nil, err
	}
	c.past = append(c.past, view)
	then := &relation{table: r.table, pin: pin, view: view}
	err = c.describe(then, full)
	return then.rel, err
}

// describe makes the relation the binder sees.
func (c *pinned) describe(r *relation, full []string) error {
	r.rel = &duckdb.Relation{Parts: full, Data: r}
	switch {
	case r.table.managed != nil:
		if r.view == nil {
			r.pin, r.view = lake.Pin{Name: *r.table.managed}, c.view
		}
		info, err := r.view.InfoAt(r.pin)
		if err != nil {
			return err
		}
		r.rel.Columns = icebergColumns(info.Fields)
	case r.table.external != nil:
		r.rel.Columns = externalColumns(*r.table.external)
	}
	return nil
}

// scan plans the reading of a bound query's tables.
func (c *pinned) scan(ctx context.Context, p *duckdb.Plan) (*Bound, error) {
	b := &Bound{view: c.view, past: c.past}
	return b, c.scanInto(ctx, b, p)
}

// scanInto adds what a plan reads to b.
func (c *pinned) scanInto(ctx context.Context, b *Bound, p *duckdb.Plan) error {
	for _, sc := range p.Scans {
		r, ok := sc.Relation.Data.(*relation)
		if !ok {
			r = c.found[strings.Join(sc.Relation.Parts, "\x00")]
		}
		if r == nil {
			return base.Errorf(base.Internal, "table %s was bound but not found", strings.Join(sc.Relation.Parts, "."))
		}
		at := lake.Name{Database: c.s.o.Database, Table: sc.Name}
		if r.rows != "" || r.list != nil {
			from := r.rows
			if r.list != nil {
				var err error
				if from, err = r.list(sc.Where); err != nil {
					return err
				}
			}
			b.Relations = append(b.Relations, worker.Relation{Database: at.Database, Table: at.Table, From: from})
			continue
		}
		u := &use{table: r.table, names: map[lake.Name]bool{at: true}, plain: p.Once, as: sc.Name,
			refs: []ducksql.Ref{{Schema: at.Database, Table: at.Table, Names: lowered(sc.Used), Where: sc.Where}}}
		if err := c.scanOne(ctx, b, r, u); err != nil {
			return err
		}
	}
	return nil
}

func (c *pinned) scanOne(ctx context.Context, b *Bound, r *relation, u *use) error {
	switch {
	case r.table.managed != nil:
		info, err := r.view.InfoAt(r.pin)
		if err != nil {
			return err
		}
		sc, err := r.view.ScanPin(ctx, r.pin, wanted(u.refs, info.Fields))
		if err != nil {
			return err
		}
		b.Tables = append(b.Tables, info)
		b.ScanFiles, b.TotalFiles, b.ScanBytes = b.ScanFiles+len(sc.Files), b.TotalFiles+sc.TotalFiles, b.ScanBytes+sc.Bytes
		rel := Managed(info.Name, sc)
		if r.tracked {
			r.files, r.hidden = dataFiles(sc.Files), sc.Hidden
			rel.From = ducksql.ReadTracked(r.files, sc.Fields, sc.Hidden)
		}
		b.name(rel, u)
		return nil
	case r.table.external != nil:
		return c.s.scanExternal(ctx, b, u)
	}
	return c.s.source(b, u)
}

func lowered(used map[string]bool) map[string]bool {
	out := make(map[string]bool, len(used))
	for n := range used {
		out[strings.ToLower(n)] = true
	}
	return out
}
