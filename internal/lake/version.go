package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Version says which state of a table is meant, by at most one of its fields;
// none means the current one.
type Version struct {
	// Snapshot is a snapshot's id.
	Snapshot int64
	// AsOf means the state that was current at that time.
	AsOf time.Time
	// Ref is the name of a branch or tag.
	Ref string
}

// Pin is a table in one of its states.
type Pin struct {
	Name
	Version
}

// CodeVersion is Trino's name of the error of a version that does not exist.
const CodeVersion = "INVALID_ARGUMENTS"

// moment is a state of a table. The current state has the table's columns, any
// other those of its snapshot.
type moment struct {
	snapshot *table.Snapshot
	schema   *iceberg.Schema
	current  bool
}

func (m moment) id() int64 {
	if m.snapshot == nil {
		return 0
	}
	return m.snapshot.SnapshotID
}

func now(t *table.Table) moment { return moment{t.CurrentSnapshot(), t.Schema(), true} }

// at finds a version. One that does not exist, or no more, is base.NotFound
// and names what there is.
func (v Version) at(n Name, t *table.Table) (moment, error) {
	var s *table.Snapshot
	switch {
	case v.Ref != "":
		return ref(n, t, v.Ref)
	case v.Snapshot != 0:
		if s = t.SnapshotByID(v.Snapshot); s == nil {
			return moment{}, missingVersion(n, t, fmt.Sprintf("no snapshot %d", v.Snapshot))
		}
	case !v.AsOf.IsZero():
		if s = asOf(t, v.AsOf); s == nil {
			return moment{}, missingVersion(n, t, "no snapshot at or before "+clock(v.AsOf))
		}
	default:
		return now(t), nil
	}
	return past(t, s), nil
}

func past(t *table.Table, s *table.Snapshot) moment {
	m := moment{snapshot: s, schema: t.Schema()}
	if s.SchemaID != nil {
		if old := t.Schemas()[*s.SchemaID]; old != nil {
			m.schema = old
		}
	}
	return m
}

// ref is a branch, with the table's columns, or a tag, with its snapshot's.
func ref(n Name, t *table.Table, name string) (moment, error) {
	var names []string
	for have, r := range t.Metadata().Refs() {
		names = append(names, have)
		if have != name {
			continue
		}
		if name == table.MainBranch {
			return now(t), nil
		}
		m := past(t, t.SnapshotByID(r.SnapshotID))
		if r.SnapshotRefType == table.BranchRef {
			m.schema = t.Schema()
		}
		return m, nil
	}
	e := base.Errorf(base.NotFound, "table %s has no branch or tag %q", n, name).WithCode(CodeVersion)
	if len(names) == 0 {
		return moment{}, e.WithHint("it has none")
	}
	slices.Sort(names)
	return moment{}, e.WithHint("it has: %s", strings.Join(names, ", "))
}

// asOf is the snapshot that was current at a time, nil if none was or it is
// no longer known.
func asOf(t *table.Table, at time.Time) *table.Snapshot {
	var id, best int64
	for e := range t.Metadata().SnapshotLogs() {
		if e.TimestampMs <= at.UnixMilli() && e.TimestampMs >= best {
			id, best = e.SnapshotID, e.TimestampMs
		}
	}
	if id == 0 {
		return nil
	}
	return t.SnapshotByID(id)
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000 UTC") }

func missingVersion(n Name, t *table.Table, what string) error {
	e := base.Errorf(base.NotFound, "table %s has %s", n, what).WithCode(CodeVersion)
	all := t.Metadata().Snapshots()
	if len(all) == 0 {
		return e.WithHint("it never had a row")
	}
	older := func(a, b table.Snapshot) int { return cmp.Compare(a.TimestampMs, b.TimestampMs) }
	first, last := slices.MinFunc(all, older), slices.MaxFunc(all, older)
	return e.WithHint("the first is %d of %s, the last %d of %s", first.SnapshotID, clock(time.UnixMilli(first.TimestampMs)), last.SnapshotID, clock(time.UnixMilli(last.TimestampMs)))
}

// PinAt is Pin for tables in given states. A state's files stay until Release
// as the current ones do. A table may be pinned in several states.
func (l *Lake) PinAt(ctx context.Context, pins []Pin) (*View, error) {
	names := make([]Name, len(pins))
	for i, p := range pins {
		names[i] = p.Name
	}
	v, err := l.Pin(ctx, names)
	if err != nil {
		return nil, err
	}
	for _, p := range pins {
		if err := v.hold(ctx, p); err != nil {
			v.Release()
			return nil, err
		}
	}
	return v, nil
}

// hold leases the snapshot a pin means.
func (v *View) hold(ctx context.Context, p Pin) error {
	n, t, m, err := v.moment(p)
	if err != nil || m.id() == snapshotID(t) {
		return err
	}
	key := leaseKey{n, m.id()}
	if err := v.lake.take(ctx, []leaseKey{key}, v.lake.stillThere(ctx, key)); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.released {
		v.lake.give([]leaseKey{key})
		return fmt.Errorf("pin %s: view is released", n)
	}
	v.keys = append(v.keys, key)
	return nil
}

func (v *View) moment(p Pin) (Name, *table.Table, moment, error) {
	n, t, err := v.table(p.Name)
	if err != nil {
		return n, t, moment{}, err
	}
	m, err := p.at(n, t)
	return n, t, m, err
}

// InfoAt describes a table in a state that the view was pinned with: its
// columns, rows, bytes and files then.
func (v *View) InfoAt(p Pin) (TableInfo, error) {
	n, t, m, err := v.moment(p)
	if err != nil {
		return TableInfo{}, err
	}
	return infoAt(n, t, m)
}

// ScanPin is Scan on a table in a state that the view was pinned with.
func (v *View) ScanPin(ctx context.Context, p Pin, where port.Predicate) (Scan, error) {
	n, t, m, err := v.moment(p)
	if err != nil {
		return Scan{}, err
	}
	return v.lake.scanOf(ctx, n, t, m, where)
}
