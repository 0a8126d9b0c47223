package lake

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// View is one moment of some tables. Their files stay until Release, whatever
// is committed or expired meanwhile. Safe for concurrent use.
type View struct {
	lake   *Lake
	tables map[Name]*table.Table

	mu       sync.Mutex // guards keys and released
	keys     []leaseKey
	released bool
}

// pinTries bounds how often a pin starts again because a commit came between.
const pinTries = 100

// Pin takes a view of the named tables, all as of one transaction of the
// catalog. A missing table is base.NotFound with near misses in the hint. The
// caller must Release the view.
func (l *Lake) Pin(ctx context.Context, names []Name) (*View, error) {
	for range pinTries {
		v, err := l.pin(ctx, names)
		if !errors.Is(err, errMoved) {
			return v, err
		}
	}
	return nil, base.Errorf(base.Conflict, "pin %v: %w", names, errMoved)
}

func (l *Lake) pin(ctx context.Context, names []Name) (*View, error) {
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return nil, err
	}
	v := &View{lake: l, tables: map[Name]*table.Table{}}
	for _, name := range names {
		n, err := lookup(ptrs, name)
		if err != nil {
			return nil, err
		}
		if v.tables[n] != nil {
			continue
		}
		if v.tables[n], err = l.loadAt(ctx, n, ptrs[n.key()]); err != nil {
			return nil, l.movedSince(ctx, ptrs, n, err)
		}
		v.keys = append(v.keys, leaseKey{n, snapshotID(v.tables[n])})
	}
	err = l.take(ctx, v.keys, func(tx *sql.Tx) error {
		now, err := l.cat.Pointers(ctx, tx)
		if err != nil {
			return err
		}
		for n, t := range v.tables {
			if now[n.key()] != t.MetadataLocation() {
				return errMoved
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// movedSince turns the failure to read a metadata file that has been replaced
// meanwhile into errMoved.
func (l *Lake) movedSince(ctx context.Context, ptrs map[[2]string]string, n Name, err error) error {
	now, perr := l.cat.Pointers(ctx, nil)
	if perr == nil && now[n.key()] != ptrs[n.key()] {
		return errMoved
	}
	return err
}

func snapshotID(t *table.Table) int64 {
	if s := t.CurrentSnapshot(); s != nil {
		return s.SnapshotID
	}
	return 0
}

// Release lets clean-up have the files again. Safe to call twice.
func (v *View) Release() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.released {
		v.released = true
		v.lake.give(v.keys)
	}
}

// Info describes a table of the view.
func (v *View) Info(name Name) (TableInfo, error) {
	n, t, err := v.table(name)
	if err != nil {
		return TableInfo{}, err
	}
	return infoOf(n, t)
}

func (v *View) table(name Name) (Name, *table.Table, error) {
	ptrs := map[[2]string]string{}
	for n := range v.tables {
		ptrs[n.key()] = ""
	}
	n, err := lookup(ptrs, name)
	return n, v.tables[n], err
}

// Scan plans which files hold the rows of a table that match where; nil means
// all. A file is left out only if none of its rows can match.
func (v *View) Scan(ctx context.Context, name Name, where port.Predicate) (Scan, error) {
	n, t, err := v.table(name)
	if err != nil {
		return Scan{}, err
	}
	return v.lake.scanOf(ctx, n, t, now(t), where)
}

// ScanAt is Scan on an older snapshot of the table, with that snapshot's
// columns. A snapshot that was expired is base.NotFound.
func (v *View) ScanAt(ctx context.Context, name Name, snapshot int64, where port.Predicate) (Scan, error) {
	p := Pin{name, Version{Snapshot: snapshot}}
	if err := v.hold(ctx, p); err != nil {
		return Scan{}, err
	}
	return v.ScanPin(ctx, p, where)
}

func (l *Lake) stillThere(ctx context.Context, k leaseKey) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		ptrs, err := l.cat.Pointers(ctx, tx)
		if err != nil {
			return err
		}
		t, err := l.loadAt(ctx, k.name, ptrs[k.name.key()])
		if err != nil {
			return err
		}
		if t.SnapshotByID(k.snapshot) == nil {
			return base.Errorf(base.NotFound, "snapshot %d of table %s has expired", k.snapshot, k.name)
		}
		return nil
	}
}
