package lake

import (
	"context"
	"path/filepath"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Prepare tells how to write target i, whose rows have the described columns.
// Columns the table lacks are added, safe promotions are made; a required
// column that is missing and a type that does not fit are base.Invalid errors
// naming the column.
func (w *Write) Prepare(ctx context.Context, i int, described []base.Field) (Plan, error) {
	t := w.targets[i]
	p, err := w.prepare(ctx, t, described)
	if err != nil {
		return Plan{}, base.Errorf(base.KindOf(err), "table %s: %w", t.Table, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.plan != nil || w.ended {
		return Plan{}, base.Errorf(base.Usage, "table %s: the write is prepared already", t.Table)
	}
	t.plan = &p
	return p, nil
}

func (w *Write) prepare(ctx context.Context, t *target, described []base.Field) (Plan, error) {
	p := Plan{Dir: filepath.Join(t.dir, "data"), FilePrefix: w.prefix}
	have, last, cur, err := w.lake.shape(ctx, t.Table)
	if err != nil {
		return p, err
	}
	if len(described) == 0 {
		return p, base.Errorf(base.Invalid, "the rows to be written have no columns")
	}
	if p.Fields, _, err = evolve(have, described, last); err != nil {
		return p, err
	}
	if _, err := SchemaOf(p.Fields); err != nil {
		return p, err
	}
	if cur != nil {
		p.PartitionBy = partitionedBy(cur.Spec(), cur.Schema())
	} else if p.PartitionBy, err = base.ParsePartitionBy(t.PartitionBy, p.Fields); err != nil {
		return p, err
	}
	check := specOf
	if cur == nil {
		check = newSpec
	}
	if _, err := check(p.Fields, p.PartitionBy); err != nil {
		return p, err
	}
	for _, k := range t.Key {
		if findField(p.Fields, k) < 0 {
			return p, base.Errorf(base.Invalid, "key column %q is not among the columns", k)
		}
	}
	if err := newFS(t.dir, w.lake.observe).makeDir(p.Dir); err != nil {
		return p, base.Errorf(base.Internal, "make its folder: %w", base.WhatIfFull(err))
	}
	if t.Mode == Merge && cur != nil {
		return p, w.existing(ctx, t, &p)
	}
	return p, nil
}

// existing pins what a merge starts from, unless the writer did.
func (w *Write) existing(ctx context.Context, t *target, p *Plan) error {
	if t.Moment != nil {
		if t.Moment.tables[t.Table] == nil {
			return base.Errorf(base.Conflict, "it was replaced meanwhile")
		}
		t.from = snapshotID(t.Moment.tables[t.Table])
		return nil
	}
	v, err := w.lake.Pin(ctx, []Name{t.Table})
	if err != nil {
		return err
	}
	s, err := v.Scan(ctx, t.Table, nil)
	if err != nil {
		v.Release()
		return err
	}
	p.Existing, t.view, t.from = &s, v, snapshotID(v.tables[t.Table])
	return nil
}

// shape is a table's current columns and highest field id; cur is nil for a
// table that does not exist.
func (l *Lake) shape(ctx context.Context, n Name) (fields []base.Field, last int, cur *table.Table, err error) {
	_, cur, err = l.find(ctx, n)
	if base.KindOf(err) == base.NotFound {
		return nil, 0, nil, nil
	}
	if err != nil {
		return nil, 0, nil, err
	}
	fields, err = FieldsOf(cur.Schema())
	return fields, cur.Metadata().LastColumnID(), cur, err
}
