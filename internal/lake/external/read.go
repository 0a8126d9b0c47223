package external

import (
	"context"
	"slices"

	"github.com/mulgil/mulgil/internal/base"
)

// ReadPartitions are the folders that a statement with this predicate must
// read: those of the catalog, or those that projection makes. An unpartitioned
// table is one partition without values. More may be returned than the
// predicate wants, never fewer; a nil predicate wants all.
func (s *Store) ReadPartitions(ctx context.Context, t Table, where base.Predicate) ([]Partition, error) {
	if len(t.PartitionKeys) == 0 {
		return []Partition{{Location: t.Location}}, nil
	}
	want := Narrow(where, t.PartitionKeys)
	p, err := NewProjection(t, s.now())
	if err != nil {
		return nil, err
	}
	if p != nil {
		made, err := p.Partitions(want)
		if err != nil {
			return nil, err
		}
		return slices.Collect(made), nil
	}
	all, err := s.Partitions(ctx, t.Database, t.Name)
	if err != nil {
		return nil, err
	}
	return Prune(t, all, want), nil
}
