package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// Definition describes a new table without rows.
type Definition struct {
	Name Name
	// Fields have no ids yet.
	Fields []base.Field
	// PartitionBy are columns as they are, or transforms of them.
	PartitionBy []base.PartitionField
	// Location is a folder's URI; empty means <root>/<database>/<table>.
	Location   string
	Comment    string
	Properties map[string]string
}

// Define creates an empty table. A table of that name is base.Exists; a
// database that is not there is base.NotFound.
func (l *Lake) Define(ctx context.Context, d Definition) (TableInfo, error) {
	info, err := l.define(ctx, d)
	if err != nil {
		return TableInfo{}, base.Errorf(base.KindOf(err), "create table %s: %w", d.Name, err)
	}
	return info, nil
}

func (l *Lake) define(ctx context.Context, d Definition) (TableInfo, error) {
	if err := d.Name.check(); err != nil {
		return TableInfo{}, err
	}
	if ok, err := l.cat.CheckNamespaceExists(ctx, table.Identifier{d.Name.Database}); err != nil || !ok {
		return TableInfo{}, errors.Join(base.Errorf(base.NotFound, "database %s does not exist", d.Name.Database), err)
	}
	t := &target{Target: Target{Table: d.Name, Mode: Append}, dir: filepath.Join(l.root, d.Name.Database, d.Name.Table)}
	if d.Location != "" {
		dir, err := l.resolve(d.Location)
		if err != nil {
			return TableInfo{}, fmt.Errorf("location %s: %w", d.Location, err)
		}
		t.dir = filepath.Clean(dir)
	}
	if err := checkLocation(t.dir); err != nil {
		return TableInfo{}, err
	}
	defer l.lock([]Name{d.Name})()
	if n, _, err := l.find(ctx, d.Name); err == nil {
		return TableInfo{}, base.Errorf(base.Exists, "table %s exists", n)
	} else if base.KindOf(err) != base.NotFound {
		return TableInfo{}, err
	}
	if err := l.checkVacant(ctx, t.dir); err != nil {
		return TableInfo{}, err
	}
	updates, err := l.definition(d, t.dir)
	if err != nil {
		return TableInfo{}, err
	}
	err = l.cat.CommitWith(ctx, []table.TableCommit{{Identifier: d.Name.ident(), Requirements: []table.Requirement{table.AssertCreate()}, Updates: updates}},
		func(tx *sql.Tx) error {
			ptrs, err := l.cat.Pointers(ctx, tx)
			if err != nil {
				return err
			}
			return l.checkApart(ptrs, []*target{t})
		})
	if errors.Is(err, table.ErrCommitFailed) {
		return TableInfo{}, base.Errorf(base.Exists, "table %s exists: %w", d.Name, err)
	}
	if err != nil {
		return TableInfo{}, base.WhatIfFull(err)
	}
	return l.Table(ctx, d.Name)
}

// definition lists the changes that make the table.
func (l *Lake) definition(d Definition, dir string) ([]table.Update, error) {
	if len(d.Fields) == 0 {
		return nil, base.Errorf(base.Invalid, "it has no columns")
	}
	if err := checkNames(d.Fields); err != nil {
		return nil, err
	}
	fields, last := cloneFields(d.Fields, true), 0
	assignIDs(fields, &last)
	schema, err := SchemaOf(fields)
	if err != nil {
		return nil, err
	}
	spec, err := newSpec(fields, d.PartitionBy)
	if err != nil {
		return nil, err
	}
	props := iceberg.Properties{
		table.MetadataDeleteAfterCommitEnabledKey: "true",
		table.MetadataPreviousVersionsMaxKey:      "100",
	}
	maps.Copy(props, d.Properties)
	props[propTable] = d.Name.String()
	props[propCreated] = strconv.FormatInt(l.clock.Now().UnixMilli(), 10)
	if d.Comment != "" {
		props[propComment] = d.Comment
	}
	order := table.UnsortedSortOrder
	return []table.Update{
		table.NewAssignUUIDUpdate(uuid.New()), table.NewUpgradeFormatVersionUpdate(2), table.NewSetLocationUpdate(dir),
		table.NewAddSchemaUpdate(schema), table.NewSetCurrentSchemaUpdate(-1),
		table.NewAddPartitionSpecUpdate(&spec, true), table.NewSetDefaultSpecUpdate(-1),
		table.NewAddSortOrderUpdate(&order), table.NewSetDefaultSortOrderUpdate(-1),
		table.NewSetPropertiesUpdate(props),
	}, nil
}

// Redefine changes a table's columns to what edit makes of them. A field that
// keeps its id keeps its data: its name, place, comment may change, and its type
// may be widened (int to long, float to double, more decimal digits). One
// without an id is new and optional; one that is left out is dropped. Columns
// the table is partitioned by stay. No file is touched.
func (l *Lake) Redefine(ctx context.Context, name Name, edit func([]base.Field) ([]base.Field, error)) (TableInfo, error) {
	return l.alter(ctx, name, func(cur *table.Table) ([]table.Update, error) {
		have, err := FieldsOf(cur.Schema())
		if err != nil {
			return nil, err
		}
		fields, err := edit(cloneFields(have, false))
		if err != nil {
			return nil, err
		}
		if err := redefinable(cur, have, fields); err != nil {
			return nil, err
		}
		last := cur.Metadata().LastColumnID()
		assignIDs(fields, &last)
		if sameSchema(have, fields) {
			return nil, nil
		}
		schema, err := SchemaOf(fields)
		if err != nil {
			return nil, err
		}
		return []table.Update{table.NewAddSchemaUpdate(schema), table.NewSetCurrentSchemaUpdate(-1)}, nil
	})
}

func redefinable(cur *table.Table, have, fields []base.Field) error {
	if len(fields) == 0 {
		return base.Errorf(base.Invalid, "a table needs at least one column")
	}
	if err := checkNames(fields); err != nil {
		return err
	}
	kept := map[int]base.Field{}
	for _, f := range fields {
		if f.ID == 0 && f.Required {
			return base.Errorf(base.Invalid, "new column %q cannot be required: earlier rows lack it", f.Name)
		}
		kept[f.ID] = f
	}
	for _, h := range have {
		f, ok := kept[h.ID]
		if !ok {
			if err := notPartitionedBy(cur, h); err != nil {
				return err
			}
			continue
		}
		if err := widens(h.Name, h.Type, f.Type); err != nil {
			return err
		}
	}
	return nil
}

func notPartitionedBy(cur *table.Table, h base.Field) error {
	spec := cur.Spec()
	for _, p := range spec.Fields() {
		if _, void := p.Transform.(iceberg.VoidTransform); !void && slices.Contains(p.SourceIDs, h.ID) {
			return base.Errorf(base.Invalid, "cannot drop column %q: the table is partitioned by it", h.Name).WithCode("NOT_SUPPORTED")
		}
	}
	return nil
}

// widens is an error unless every value of have is one of now, under the same ids.
func widens(path string, have, now base.Type) error {
	ok := have.ID == now.ID || have.ID == base.Int && now.ID == base.Long || have.ID == base.Float && now.ID == base.Double
	switch {
	case ok && have.ID == base.Decimal:
		ok = have.Scale == now.Scale && have.Precision <= now.Precision
	case ok && len(have.Fields) > 0:
		ok = have.Equal(now)
	}
	if !ok {
		return base.Errorf(base.Invalid, "column %q cannot change from %s to %s", path, have, now).WithCode("NOT_SUPPORTED").
			WithHint("types can only be widened: int to bigint, float to double, decimal to more digits")
	}
	return nil
}

// SetProperties sets and removes table properties. Those that begin with
// "mulgil." are the lake's own and are refused.
func (l *Lake) SetProperties(ctx context.Context, name Name, set map[string]string, unset []string) (TableInfo, error) {
	for _, k := range slices.Concat(slices.Collect(maps.Keys(set)), unset) {
		if strings.HasPrefix(k, "mulgil.") {
			return TableInfo{}, base.Errorf(base.Invalid, "property %q belongs to the lake", k)
		}
	}
	return l.alter(ctx, name, func(*table.Table) ([]table.Update, error) {
		var out []table.Update
		if len(unset) > 0 {
			out = append(out, table.NewRemovePropertiesUpdate(unset))
		}
		if len(set) > 0 {
			out = append(out, table.NewSetPropertiesUpdate(iceberg.Properties(set)))
		}
		return out, nil
	})
}

// alter commits changes of a table's definition, computed again if another
// program was first.
func (l *Lake) alter(ctx context.Context, name Name, change func(*table.Table) ([]table.Update, error)) (TableInfo, error) {
	n, _, err := l.find(ctx, name)
	if err != nil {
		return TableInfo{}, err
	}
	defer l.lock([]Name{n})()
	for try := 1; ; try++ {
		_, cur, err := l.find(ctx, n)
		if err != nil {
			return TableInfo{}, err
		}
		updates, err := change(cur)
		if err == nil && len(updates) > 0 {
			err = l.cat.CommitWith(ctx, []table.TableCommit{{Identifier: n.ident(), Requirements: requireUnchanged(cur), Updates: updates}}, nil)
		}
		if err == nil {
			return l.Table(ctx, n)
		}
		if !errors.Is(err, table.ErrCommitFailed) || try == commitTries {
			return TableInfo{}, base.Errorf(base.KindOf(err), "alter table %s: %w", n, base.WhatIfFull(err))
		}
	}
}

// Owner is the table whose folder dir is, lies in, or lies around; nil if
// there is none. dir is an absolute path.
func (l *Lake) Owner(ctx context.Context, dir string) (*Name, error) {
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return nil, err
	}
	dir = filepath.Clean(dir)
	for _, n := range namesOf(ptrs) {
		at := filepath.Dir(filepath.Dir(l.spelled(n, ptrs[n.key()])))
		if within(at, dir) || within(dir, at) {
			return &n, nil
		}
	}
	return nil, nil
}
