package query

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

func fieldAt(fields []base.Field, name string) int {
	return slices.IndexFunc(fields, func(f base.Field) bool { return strings.EqualFold(f.Name, name) })
}

func (d *ddl) duplicate(c hive.Column) error {
	return d.at(c.At, base.Errorf(base.Exists, "duplicate column name: %s", strings.ToLower(c.Name)).WithCode("COLUMN_ALREADY_EXISTS"))
}

// newColumns are columns to be added to have, which they must not repeat.
func (d *ddl) newColumns(have []base.Field, list []hive.Column) error {
	for i, c := range list {
		repeats := func(o hive.Column) bool { return strings.EqualFold(o.Name, c.Name) }
		if fieldAt(have, c.Name) >= 0 || slices.ContainsFunc(list[:i], repeats) {
			return d.duplicate(c)
		}
	}
	return nil
}

func (d *ddl) addColumns(n *hive.AddColumns) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	switch {
	case f.view != nil:
		return d.notForViews(n.Name, f)
	case f.managed != nil:
		var fields []base.Field
		for _, c := range n.Columns {
			field, err := d.icebergField(c)
			if err != nil {
				return err
			}
			fields = append(fields, field)
		}
		_, err = d.s.o.Lake.Redefine(d.ctx, f.managed.Name, func(have []base.Field) ([]base.Field, error) {
			return append(have, fields...), d.newColumns(have, n.Columns)
		})
		return err
	}
	_, err = d.s.o.External.Change(d.ctx, f.name.Database, f.name.Table, func(t *external.Table) error {
		if err := d.newColumns(t.Fields(), n.Columns); err != nil {
			return err
		}
		for _, c := range n.Columns {
			t.Columns = append(t.Columns, t.Declare(c))
		}
		return nil
	})
	return err
}

func (d *ddl) replaceColumns(n *hive.ReplaceColumns) error {
	t, err := d.externalTable(n.Name, "REPLACE COLUMNS")
	if err != nil {
		return err
	}
	_, err = d.s.o.External.Change(d.ctx, t.Database, t.Name, func(t *external.Table) error {
		if err := d.newColumns(t.PartitionKeys, n.Columns); err != nil {
			return err
		}
		for _, old := range t.Columns {
			delete(t.HiveTypes, strings.ToLower(old.Name))
		}
		t.Columns = nil
		for _, c := range n.Columns {
			t.Columns = append(t.Columns, t.Declare(c))
		}
		return nil
	})
	return err
}

func (d *ddl) changeColumn(n *hive.ChangeColumn) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	switch {
	case f.view != nil:
		return d.notForViews(n.Name, f)
	case f.managed != nil:
		field, err := d.icebergField(n.New)
		if err != nil {
			return err
		}
		_, err = d.s.o.Lake.Redefine(d.ctx, f.managed.Name, func(have []base.Field) ([]base.Field, error) {
			return d.changed(n, have, nil, field)
		})
		if err != nil {
			return d.at(n.OldAt, err)
		}
		return nil
	}
	_, err = d.s.o.External.Change(d.ctx, f.name.Database, f.name.Table, func(t *external.Table) error {
		field := t.Declare(n.New)
		if !strings.EqualFold(n.Old, n.New.Name) {
			delete(t.HiveTypes, strings.ToLower(n.Old))
		}
		t.Columns, err = d.changed(n, t.Columns, t.PartitionKeys, field)
		return err
	})
	return err
}

// changed is have with one column as the statement wants it.
func (d *ddl) changed(n *hive.ChangeColumn, have, keys []base.Field, field base.Field) ([]base.Field, error) {
	i := fieldAt(have, n.Old)
	if i < 0 {
		return nil, d.at(n.OldAt, d.noColumn(n.Old, have))
	}
	if k := fieldAt(have, field.Name); k >= 0 && k != i || fieldAt(keys, field.Name) >= 0 {
		return nil, d.duplicate(n.New)
	}
	old := have[i]
	field.ID, field.Required = old.ID, old.Required
	if field.Type.Equal(old.Type) {
		field.Type = old.Type // with the ids inside
	}
	if !n.HasComment {
		field.Comment = old.Comment
	}
	rest := slices.Delete(slices.Clone(have), i, i+1)
	switch {
	case n.First:
		i = 0
	case n.After != "":
		k := fieldAt(rest, n.After)
		if k < 0 {
			return nil, d.at(n.OldAt, d.noColumn(n.After, rest))
		}
		i = k + 1
	}
	return slices.Insert(rest, i, field), nil
}

func (d *ddl) noColumn(name string, have []base.Field) error {
	e := base.Errorf(base.NotFound, "column %q does not exist", strings.ToLower(name)).WithCode("COLUMN_NOT_FOUND")
	best, far := "", max(2, len([]rune(name))/3)+1
	for _, f := range have {
		if k := base.Distance(strings.ToLower(name), strings.ToLower(f.Name)); k < far {
			best, far = f.Name, k
		}
	}
	if best != "" {
		e.WithHint("did you mean %q?", best)
	}
	return e
}

func (d *ddl) dropColumn(n *hive.DropColumn) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	if f.managed == nil {
		e := base.Errorf(base.Invalid, "DROP COLUMN is for Iceberg tables, %s is not one", f.name).WithCode("NOT_SUPPORTED")
		if f.external != nil {
			e.WithHint("list the columns to keep: ALTER TABLE ... REPLACE COLUMNS (...)")
		}
		return d.at(n.Name.At, e)
	}
	_, err = d.s.o.Lake.Redefine(d.ctx, f.managed.Name, func(have []base.Field) ([]base.Field, error) {
		i := fieldAt(have, n.Column)
		if i < 0 {
			return nil, d.noColumn(n.Column, have)
		}
		return slices.Delete(have, i, i+1), nil
	})
	if err != nil {
		return d.at(n.At, err)
	}
	return nil
}
