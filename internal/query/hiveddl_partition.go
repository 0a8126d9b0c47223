package query

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

func (d *ddl) repair(n *hive.RepairTable) error {
	t, err := d.externalTable(n.Name, "MSCK REPAIR TABLE")
	if err != nil {
		return err
	}
	r, err := d.s.o.External.Repair(d.ctx, t.Database, t.Name, d.s.o.Resolve)
	if err != nil {
		return d.at(n.Name.At, err)
	}
	for _, s := range r.Skipped {
		d.warn("no partition: %s", s)
	}
	return d.column("result", r.Lines())
}

// values are a partition's in the order of the keys; every key must be given.
func (d *ddl) values(t external.Table, s hive.PartitionSpec) ([]string, error) {
	out := make([]string, len(t.PartitionKeys))
	given := make([]bool, len(out))
	for _, term := range s.Terms {
		i, err := d.key(t, term)
		if err != nil {
			return nil, err
		}
		if given[i] {
			return nil, d.at(term.At, base.Errorf(base.Invalid, "partition key %s is given twice", t.PartitionKeys[i].Name).WithCode("GENERIC_USER_ERROR"))
		}
		given[i] = true
		out[i] = term.Value
		if term.Null {
			out[i] = external.NullPartition
		}
		if err := external.CheckPartitionValue(t.PartitionKeys[i], t.ColumnType(t.PartitionKeys[i]), out[i]); err != nil {
			return nil, d.at(term.At, err)
		}
	}
	for i, ok := range given {
		if !ok {
			return nil, d.at(s.At, base.Errorf(base.Invalid, "partition spec lacks the key %s", t.PartitionKeys[i].Name).WithCode("GENERIC_USER_ERROR").
				WithHint("%s is partitioned by (%s)", t.Name, keyNames(t)))
		}
	}
	return out, nil
}

func keyNames(t external.Table) string {
	names := make([]string, len(t.PartitionKeys))
	for i, k := range t.PartitionKeys {
		names[i] = k.Name
	}
	return strings.Join(names, ", ")
}

func (d *ddl) key(t external.Table, term hive.PartitionTerm) (int, error) {
	i := t.Key(term.Key)
	if i >= 0 {
		return i, nil
	}
	e := base.Errorf(base.Invalid, "%s is not a partition key of %s", term.Key, t.Name).WithCode("COLUMN_NOT_FOUND")
	if len(t.PartitionKeys) > 0 {
		e.WithHint("%s is partitioned by (%s)", t.Name, keyNames(t))
	}
	return 0, d.at(term.At, e)
}

func (d *ddl) addPartitions(n *hive.AddPartitions) error {
	t, err := d.externalTable(n.Name, "ADD PARTITION")
	if err != nil {
		return err
	}
	var parts []external.Partition
	for _, p := range n.Partitions {
		values, err := d.values(t, p.Spec)
		if err != nil {
			return err
		}
		location := p.Location
		if location == "" {
			location = external.PartitionLocation(t, values)
		} else if err := d.folder(location, p.Spec.At); err != nil {
			return err
		}
		parts = append(parts, external.Partition{Values: values, Location: location})
	}
	if n.IfNotExists {
		_, err = d.s.o.External.AddPartitions(d.ctx, t.Database, t.Name, parts)
		return err
	}
	if err := d.s.o.External.CreatePartitions(d.ctx, t.Database, t.Name, parts); err != nil {
		return d.at(n.Partitions[0].Spec.At, err)
	}
	return nil
}

// matching are the stored partitions that a spec's terms fit, by the keys'
// types: 8 fits a stored 08 of an int key.
func (d *ddl) matching(t external.Table, all []external.Partition, s hive.PartitionSpec) ([]external.Partition, error) {
	for _, term := range s.Terms {
		if _, err := d.key(t, term); err != nil {
			return nil, err
		}
	}
	var out []external.Partition
	for _, p := range all {
		if !slices.ContainsFunc(s.Terms, func(term hive.PartitionTerm) bool { return !fits(t, p, term) }) {
			out = append(out, p)
		}
	}
	return out, nil
}

func fits(t external.Table, p external.Partition, term hive.PartitionTerm) bool {
	i := t.Key(term.Key)
	have := p.Values[i]
	if null := have == external.NullPartition; null || term.Null {
		return null && term.Null && term.Op == "="
	}
	c := external.CompareValues(have, term.Value, t.PartitionKeys[i].Type)
	switch term.Op {
	case "=":
		return c == 0
	case "<>":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func (d *ddl) dropPartitions(n *hive.DropPartitions) error {
	t, err := d.externalTable(n.Name, "DROP PARTITION")
	if err != nil {
		return err
	}
	all, err := d.s.o.External.Partitions(d.ctx, t.Database, t.Name)
	if err != nil {
		return err
	}
	var gone [][]string
	for _, s := range n.Partitions {
		list, err := d.matching(t, all, s)
		if err != nil {
			return err
		}
		if len(list) == 0 && !n.IfExists {
			return d.at(s.At, base.Errorf(base.NotFound, "partition not found: %s", d.sql[s.At.From:s.At.To]).WithCode("NOT_FOUND").
				WithHint("DROP IF EXISTS PARTITION leaves it at that; SHOW PARTITIONS %s lists them", t.Name))
		}
		for _, p := range list {
			gone = append(gone, p.Values)
		}
	}
	_, err = d.s.o.External.DropPartitions(d.ctx, t.Database, t.Name, gone)
	return err
}

// one is the stored partition a full spec names: the one of exactly this text,
// else the only one of these values.
func (d *ddl) one(t external.Table, s hive.PartitionSpec) (external.Partition, error) {
	values, err := d.values(t, s)
	if err != nil {
		return external.Partition{}, err
	}
	all, err := d.s.o.External.Partitions(d.ctx, t.Database, t.Name)
	if err != nil {
		return external.Partition{}, err
	}
	if i := slices.IndexFunc(all, func(p external.Partition) bool { return slices.Equal(p.Values, values) }); i >= 0 {
		return all[i], nil
	}
	list, err := d.matching(t, all, s)
	switch {
	case err != nil:
		return external.Partition{}, err
	case len(list) == 0:
		return external.Partition{}, d.at(s.At, base.Errorf(base.NotFound, "partition not found: %s", external.ShownPartition(t, values)).WithCode("NOT_FOUND"))
	case len(list) > 1:
		return external.Partition{}, d.at(s.At, base.Errorf(base.Invalid, "%s means %d partitions: %s, %s", external.ShownPartition(t, values), len(list),
			external.ShownPartition(t, list[0].Values), external.ShownPartition(t, list[1].Values)).WithCode("GENERIC_USER_ERROR").WithHint("write its values exactly as they are stored"))
	}
	return list[0], nil
}

func (d *ddl) renamePartition(n *hive.RenamePartition) error {
	t, err := d.externalTable(n.Name, "RENAME PARTITION")
	if err != nil {
		return err
	}
	from, err := d.one(t, n.From)
	if err != nil {
		return err
	}
	to, err := d.values(t, n.To)
	if err != nil {
		return err
	}
	if err := d.s.o.External.RenamePartition(d.ctx, t.Database, t.Name, from.Values, to); err != nil {
		return d.at(n.To.At, err)
	}
	return nil
}

func (d *ddl) setLocation(n *hive.SetLocation) error {
	t, err := d.externalTable(n.Name, "SET LOCATION")
	if err != nil {
		return err
	}
	if err := d.folder(n.Location, n.At); err != nil {
		return err
	}
	if n.Partition == nil {
		_, err = d.s.o.External.Change(d.ctx, t.Database, t.Name, func(t *external.Table) error {
			t.Location = n.Location
			return nil
		})
		return err
	}
	p, err := d.one(t, *n.Partition)
	if err != nil {
		return err
	}
	return d.s.o.External.SetPartitionLocation(d.ctx, t.Database, t.Name, p.Values, n.Location)
}
