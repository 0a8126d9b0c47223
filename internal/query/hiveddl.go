package query

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

// ViewInfo is a view's definition.
type ViewInfo struct {
	Name    lake.Name
	Columns []base.Field
	SQL     string
	Comment string
}

// hiveDDL runs the one statement of Hive DDL in t and hands its answer to recv.
func (s *Service) hiveDDL(ctx context.Context, t Text, session Session, recv Receiver) (*Outcome, error) {
	list := hive.Split(t.SQL)
	if len(list) != 1 {
		return nil, t.Located(notOne(t.SQL, list))
	}
	st := list[0]
	d := &ddl{s: s, ctx: ctx, session: session, sql: st.SQL, recv: recv, out: &Outcome{}}
	if st.Output != "" {
		d.warn("left out as pasted output: %s", strings.ReplaceAll(st.Output, "\n", ", "))
	}
	n, err := hive.Parse(st.SQL)
	if err == nil {
		err = d.run(n)
	}
	if err == nil {
		return d.out, nil
	}
	var e *base.Error
	if errors.As(err, &e) && e.Place != nil && e.Place.File == "" {
		e.Place = st.Locate(t.SQL, e.Place)
		err = e // what was wrapped around it stands before the place
	}
	return nil, t.Located(err)
}

func notOne(sql string, list []hive.Statement) error {
	if len(list) == 0 {
		return base.Errorf(base.Invalid, "there is no statement in this text").WithCode(hive.SyntaxError)
	}
	return base.Errorf(base.Invalid, "only one statement is allowed, this text has %d", len(list)).WithCode(hive.SyntaxError).
		At(base.PlaceAt("", []byte(sql), list[1].Offset, len(list[1].SQL))).WithHint("nothing was run; send them one by one")
}

// ddl is one statement on its way.
type ddl struct {
	s       *Service
	ctx     context.Context
	session Session
	sql     string
	recv    Receiver
	out     *Outcome
}

func (d *ddl) warn(format string, args ...any) {
	d.out.Warnings = append(d.out.Warnings, fmt.Sprintf(format, args...))
}

func (d *ddl) done(kind string, err error) error {
	if err == nil {
		d.out.UpdateType = kind
	}
	return err
}

func (d *ddl) run(n hive.Node) error {
	d.recv.Running()
	switch n := n.(type) {
	case *hive.CreateExternalTable:
		return d.done("CREATE TABLE", d.createExternal(n))
	case *hive.CreateIcebergTable:
		return d.done("CREATE TABLE", d.createIceberg(n))
	case *hive.CreateDatabase:
		return d.done("CREATE SCHEMA", d.createDatabase(n))
	case *hive.DropDatabase:
		return d.done("DROP SCHEMA", d.dropDatabase(n))
	case *hive.AlterDatabase:
		return d.done("ALTER SCHEMA", d.alterDatabase(n))
	case *hive.DropTable:
		return d.done("DROP TABLE", d.dropTable(n))
	case *hive.RepairTable:
		return d.done("MSCK REPAIR TABLE", d.repair(n))
	case *hive.AddPartitions:
		return d.done("ALTER TABLE", d.addPartitions(n))
	case *hive.DropPartitions:
		return d.done("ALTER TABLE", d.dropPartitions(n))
	case *hive.RenamePartition:
		return d.done("ALTER TABLE", d.renamePartition(n))
	case *hive.SetLocation:
		return d.done("ALTER TABLE", d.setLocation(n))
	case *hive.AddColumns:
		return d.done("ALTER TABLE", d.addColumns(n))
	case *hive.ReplaceColumns:
		return d.done("ALTER TABLE", d.replaceColumns(n))
	case *hive.ChangeColumn:
		return d.done("ALTER TABLE", d.changeColumn(n))
	case *hive.DropColumn:
		return d.done("ALTER TABLE", d.dropColumn(n))
	case *hive.SetProperties:
		return d.done("ALTER TABLE", d.setProperties(n))
	case *hive.UnsetProperties:
		return d.done("ALTER TABLE", d.unsetProperties(n))
	}
	return d.show(n)
}

// at puts an error at a place in the statement, unless it has one.
func (d *ddl) at(s hive.Span, err error) error {
	var e *base.Error
	if errors.As(err, &e) && e.Place != nil {
		return err
	}
	out := base.Errorf(base.KindOf(err), "%w", err).WithCode(base.CodeOf(err)).At(base.PlaceAt("", []byte(d.sql), s.From, s.To-s.From))
	return out.WithHint("%s", hint(err))
}

// answer hands over rows of text.
func (d *ddl) answer(columns []string, rows [][]string) error {
	list := make([]Column, len(columns))
	for i, c := range columns {
		list[i] = Column{Name: c, Type: "varchar"}
	}
	if err := d.recv.Columns(list); err != nil {
		return err
	}
	d.out.Stats.Rows = int64(len(rows))
	for batch := range slices.Chunk(rows, 1000) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(batch); err != nil {
			return fmt.Errorf("encode rows: %w", err)
		}
		if err := d.recv.Rows(bytes.TrimSpace(b.Bytes()), len(batch)); err != nil {
			return err
		}
	}
	return nil
}

// column hands over one column of text.
func (d *ddl) column(name string, values []string) error {
	rows := make([][]string, len(values))
	for i, v := range values {
		rows[i] = []string{v}
	}
	return d.answer([]string{name}, rows)
}

// name is a table's full name, in the session's database unless it says so.
func (d *ddl) name(n hive.Name) (lake.Name, error) {
	catalog := n.Catalog
	if catalog == "" && n.Database == "" {
		catalog = d.session.Catalog
	}
	if catalog != "" && !strings.EqualFold(catalog, Catalog) {
		return lake.Name{}, d.at(n.At, base.Errorf(base.NotFound, "catalog %q does not exist", catalog).WithCode("CATALOG_NOT_FOUND").WithHint("tables of the lake are in %s", Catalog))
	}
	out := lake.Name{Database: d.database(n.Database), Table: strings.ToLower(n.Table)}
	return out, nil
}

func (d *ddl) database(written string) string {
	for _, db := range []string{written, d.session.Schema, d.s.o.Database} {
		if db != "" {
			return strings.ToLower(db)
		}
	}
	return ""
}

// found is what a name leads to; one of its fields is set.
type found struct {
	name     lake.Name
	external *external.Table
	managed  *lake.TableInfo
	view     *ViewInfo
	// link is set beside managed if the name is a crawler's record of it.
	link bool
}

// find looks a table up; one that is not there is TABLE_NOT_FOUND at its place.
func (d *ddl) find(n hive.Name) (found, error) {
	name, err := d.name(n)
	if err != nil {
		return found{}, err
	}
	f, err := d.lookup(name)
	if err == nil || base.KindOf(err) != base.NotFound {
		return f, err
	}
	if err := d.needDatabase(name.Database, n.At); err != nil {
		return found{}, err
	}
	e := base.Errorf(base.NotFound, "table not found: %s", name).WithCode("TABLE_NOT_FOUND")
	have, terr := d.tables(name.Database)
	if terr != nil {
		return found{}, terr
	}
	if near := lake.Near(name.Table, have); len(near) > 0 {
		e.WithHint("did you mean %q?", near[0])
	}
	return found{}, d.at(n.At, e)
}

func (d *ddl) lookup(name lake.Name) (found, error) {
	info, err := d.s.o.Lake.Table(d.ctx, name)
	if err == nil {
		return found{name: name, managed: &info}, nil
	}
	if base.KindOf(err) != base.NotFound {
		return found{}, err
	}
	t, err := d.s.o.External.Get(d.ctx, name.Database, name.Table)
	if err == nil {
		return found{name: name, external: &t}, nil
	}
	if base.KindOf(err) != base.NotFound {
		return found{}, err
	}
	l, err := d.s.o.External.GetLink(d.ctx, name.Database, name.Table)
	if err == nil {
		info, err := d.s.o.Lake.Table(d.ctx, lake.Name{Database: l.TargetDatabase, Table: l.TargetName})
		return found{name: name, managed: &info, link: true}, err
	}
	if base.KindOf(err) != base.NotFound {
		return found{}, err
	}
	v, err := d.s.views().DescribeView(d.ctx, name)
	return found{name: name, view: &v}, err
}

// externalTable is find for statements that only external tables know; what
// names them in the message.
func (d *ddl) externalTable(n hive.Name, what string) (external.Table, error) {
	f, err := d.find(n)
	if err != nil {
		return external.Table{}, err
	}
	if f.external != nil {
		return *f.external, nil
	}
	kind := "an Iceberg table of the lake"
	if f.view != nil {
		kind = "a view"
	}
	return external.Table{}, d.at(n.At, base.Errorf(base.Invalid, "%s is for external tables, %s is %s", what, f.name, kind).WithCode("NOT_SUPPORTED"))
}

// tables lists the names of a database's tables of all kinds, without views.
func (d *ddl) tables(db string) ([]string, error) {
	var out []string
	exact, err := d.lakeDatabase(db)
	if err != nil {
		return nil, err
	}
	if exact != "" {
		managed, err := d.s.o.Lake.TableNames(d.ctx, exact)
		if err != nil {
			return nil, err
		}
		for _, n := range managed {
			out = append(out, strings.ToLower(n))
		}
	}
	tables, err := d.s.o.External.List(d.ctx, db)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		out = append(out, t.Name)
	}
	links, err := d.s.o.External.Links(d.ctx, db)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		out = append(out, l.Name)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (d *ddl) views(db string) ([]string, error) {
	names, err := d.s.views().ViewNames(d.ctx, db)
	if base.KindOf(err) == base.NotFound {
		return nil, nil
	}
	return names, err
}
