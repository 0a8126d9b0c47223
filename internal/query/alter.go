package query

import (
	"context"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

func (a *athena) parsedType(t trino.TypeName) (types.Type, error) {
	out, err := types.Parse(t.Text)
	if err != nil {
		return out, a.at(t, "TYPE_NOT_FOUND", "unknown type: %s", t.Text)
	}
	return out, nil
}

// createSchema is CREATE SCHEMA in Trino's grammar.
func (a *athena) createSchema(ctx context.Context, st *trino.CreateSchema) (*Outcome, error) {
	if err := a.writableSchema(st.Name); err != nil {
		return nil, err
	}
	a.w.running()
	n := &hive.CreateDatabase{Name: st.Name.Parts[len(st.Name.Parts)-1].Text, At: spanOf(st.Name), IfNotExists: st.IfNotExists}
	g, err := a.given(st.Properties)
	if err != nil {
		return nil, err
	}
	if n.Location, _, err = g.text("location"); err != nil {
		return nil, err
	}
	if err := g.rest("location"); err != nil {
		return nil, err
	}
	return a.done("CREATE SCHEMA", a.ddl(ctx).createDatabase(n))
}

func (a *athena) writableSchema(q trino.QName) error {
	if len(q.Parts) > 2 {
		return a.at(q, "SYNTAX_ERROR", "too many parts in schema name: %s", q)
	}
	if len(q.Parts) == 2 && !strings.EqualFold(q.Parts[0].Text, Catalog) {
		return a.at(q, "CATALOG_NOT_FOUND", "catalog %q does not exist", q.Parts[0].Raw)
	}
	return nil
}

// drop is DROP TABLE, VIEW and SCHEMA in Trino's grammar.
func (a *athena) drop(ctx context.Context, st *trino.Drop) (*Outcome, error) {
	a.w.running()
	switch st.Kind {
	case "view":
		return a.dropView(ctx, st)
	case "table":
		if err := a.writable(st.Name); err != nil {
			return nil, err
		}
		return a.done("DROP TABLE", a.ddl(ctx).dropTable(&hive.DropTable{Name: hiveName(st.Name), IfExists: st.IfExists}))
	}
	if err := a.writableSchema(st.Name); err != nil {
		return nil, err
	}
	n := &hive.DropDatabase{Name: st.Name.Parts[len(st.Name.Parts)-1].Text, At: spanOf(st.Name), IfExists: st.IfExists, Cascade: st.Cascade}
	return a.done("DROP SCHEMA", a.ddl(ctx).dropDatabase(n))
}

// comment is COMMENT ON.
func (a *athena) comment(ctx context.Context, st *trino.Comment) (*Outcome, error) {
	text := ""
	if st.Text != nil {
		text = *st.Text
	}
	a.w.running()
	if st.Kind == "column" {
		return a.done("COMMENT", a.commentColumn(ctx, st, text))
	}
	f, err := a.target(ctx, st.Name)
	if err != nil {
		return nil, err
	}
	if (f.view != nil) != (st.Kind == "view") {
		return nil, a.at(st.Name, "NOT_SUPPORTED", "%s is no %s", f.name, st.Kind)
	}
	switch {
	case f.view != nil:
		def, err := a.s.o.Lake.View(ctx, f.view.Name)
		if err != nil {
			return nil, err
		}
		def.Comment = text
		delete(def.Properties, "comment")
		return a.done("COMMENT", a.s.o.Lake.PutView(ctx, def, true))
	case f.managed != nil:
		_, err = a.s.o.Lake.SetProperties(ctx, f.managed.Name, map[string]string{"comment": text}, nil)
	default:
		_, err = a.s.o.External.Change(ctx, f.name.Database, f.name.Table, func(t *external.Table) error {
			t.Comment = text
			return nil
		})
	}
	return a.done("COMMENT", err)
}

func (a *athena) commentColumn(ctx context.Context, st *trino.Comment, text string) error {
	p := st.Name.Parts
	if len(p) < 2 {
		return a.at(st.Name, "MISSING_TABLE", "table must be specified: table.column")
	}
	column := p[len(p)-1]
	q := trino.QName{Span: trino.Span{Start: st.Name.Start, End: p[len(p)-2].End}, Parts: p[:len(p)-1]}
	f, err := a.tableTarget(ctx, q, "COMMENT ON COLUMN")
	if err != nil {
		return err
	}
	edit := func(have []base.Field) bool {
		i := fieldAt(have, column.Text)
		if i >= 0 {
			have[i].Comment = text
		}
		return i >= 0
	}
	missing := a.at(column, "COLUMN_NOT_FOUND", "column does not exist: %s", column.Text).WithHint("%s", nearColumn(column.Text, f.columns()))
	if f.managed != nil {
		_, err = a.s.o.Lake.Redefine(ctx, f.managed.Name, func(have []base.Field) ([]base.Field, error) {
			if !edit(have) {
				return nil, missing
			}
			return have, nil
		})
		return err
	}
	_, err = a.s.o.External.Change(ctx, f.name.Database, f.name.Table, func(t *external.Table) error {
		if !edit(t.Columns) && !edit(t.PartitionKeys) {
			return missing
		}
		return nil
	})
	return err
}

// alterTable is ALTER TABLE in Trino's grammar.
func (a *athena) alterTable(ctx context.Context, st *trino.AlterTable) (*Outcome, error) {
	if st.Action == "execute" {
		return a.executeProcedure(ctx, st)
	}
	f, err := a.target(ctx, st.Name)
	if err != nil && st.IfExists && base.KindOf(err) == base.NotFound {
		a.w.running()
		return a.done("ALTER TABLE", nil)
	}
	if err != nil {
		return nil, err
	}
	a.w.running()
	if st.Action == "rename" {
		return a.done("RENAME TABLE", a.rename(ctx, st, f))
	}
	if f.managed == nil {
		return nil, a.at(st.Name, "NOT_SUPPORTED", "ALTER TABLE %s in this form is for Iceberg tables, %s is none", strings.ToUpper(st.Action), f.name).
			WithHint("ADD COLUMNS, REPLACE COLUMNS and SET TBLPROPERTIES change Hive tables")
	}
	if st.Action == "set properties" {
		return a.done("ALTER TABLE", a.setProperties(ctx, st, *f.managed))
	}
	_, err = a.s.o.Lake.Redefine(ctx, f.managed.Name, func(have []base.Field) ([]base.Field, error) { return a.redefined(st, have) })
	return a.done("ALTER TABLE", a.placed(st, err))
}

func (a *athena) rename(ctx context.Context, st *trino.AlterTable, f found) error {
	if f.external != nil {
		return a.at(st.Name, "NOT_SUPPORTED", "%s is a Hive table, whose name cannot be changed", f.name).WithHint("create it again under the other name: its files stay when it is dropped")
	}
	to := st.To
	if len(to.Parts) == 1 { // in the table's own schema
		to.Parts = append([]trino.Name{{Span: to.Span, Text: f.name.Database, Raw: f.name.Database}}, to.Parts...)
	}
	name, taken, err := a.newName(ctx, to)
	if err != nil {
		return err
	}
	if taken != nil {
		return a.exists(st.To, taken)
	}
	if f.view != nil {
		return a.s.o.Lake.RenameView(ctx, f.view.Name, name)
	}
	return a.s.o.Lake.Rename(ctx, f.managed.Name, name)
}

// redefined are a table's columns after the statement.
func (a *athena) redefined(st *trino.AlterTable, have []base.Field) ([]base.Field, error) {
	if st.Action == "add column" {
		return a.added(st, have)
	}
	i := fieldAt(have, st.Column.Text)
	if i < 0 {
		if st.ColumnIfExists {
			return have, nil
		}
		return nil, a.at(st.Column, "COLUMN_NOT_FOUND", "column does not exist: %s", st.Column.Text).WithHint("%s", nearColumn(st.Column.Text, icebergColumns(have)))
	}
	switch st.Action {
	case "drop column":
		return slices.Delete(have, i, i+1), nil
	case "rename column":
		if k := fieldAt(have, st.NewName.Text); k >= 0 && k != i {
			return nil, a.at(st.NewName, "COLUMN_ALREADY_EXISTS", "column already exists: %s", st.NewName.Text)
		}
		have[i].Name = st.NewName.Text
		return have, nil
	case "set type":
		t, err := a.parsedType(st.Type)
		if err != nil {
			return nil, err
		}
		bt, err := duckdb.BaseType(t, duckdb.Iceberg)
		if err != nil {
			return nil, a.placed(st.Type, err)
		}
		if !bt.Equal(have[i].Type) {
			have[i].Type = bt
		}
		return have, nil
	}
	return nil, a.at(st, "NOT_SUPPORTED", "ALTER TABLE %s is not supported", strings.ToUpper(st.Action))
}

func (a *athena) added(st *trino.AlterTable, have []base.Field) ([]base.Field, error) {
	f, err := a.declaredField(st.Def)
	if err != nil {
		return nil, err
	}
	if fieldAt(have, f.Name) >= 0 {
		if st.ColumnIfNotExists {
			return have, nil
		}
		return nil, a.at(st.Def, "COLUMN_ALREADY_EXISTS", "column already exists: %s", f.Name)
	}
	return append(have, f), nil
}

func (a *athena) setProperties(ctx context.Context, st *trino.AlterTable, t lake.TableInfo) error {
	set := map[string]string{}
	var unset []string
	for _, p := range st.Properties {
		name := strings.ToLower(p.Name)
		if !slices.Contains(icebergKept, name) {
			return a.at(p, "INVALID_TABLE_PROPERTY", "property %q cannot be set", p.Name).WithHint("there are %s", strings.Join(icebergKept, ", "))
		}
		if p.Value == nil {
			unset = append(unset, name)
			continue
		}
		g := &given{a: a, list: map[string]trino.Property{name: p}}
		kept, err := g.keep()
		if err != nil {
			return err
		}
		set[name] = kept[name]
	}
	_, err := a.s.o.Lake.SetProperties(ctx, t.Name, set, unset)
	return err
}
