package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A lease tells clean-up that someone reads a table's snapshot. A process
// keeps one row per snapshot however many of its views read it, and drops rows
// no view needs at its next heartbeat, so that reading the same snapshot again
// costs no write.
type leaseKey struct {
	name     Name
	snapshot int64
}

const (
	leaseBeat = 30 * time.Second
	leaseDead = 5 * time.Minute // a lease not renewed for this long belongs to a dead process
)

// errMoved means that a pointer changed between reading it and leasing it.
var errMoved = errors.New("a table changed while it was being pinned")

// take leases keys and counts one user for each. verify runs in the
// transaction that makes new rows durable.
func (l *Lake) take(ctx context.Context, keys []leaseKey, verify func(*sql.Tx) error) error {
	l.leaseMu.Lock()
	defer l.leaseMu.Unlock()
	var missing []leaseKey
	for _, k := range keys {
		if _, ok := l.leases[k]; !ok {
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		err := l.store.Update(ctx, func(tx *sql.Tx) error {
			for _, k := range missing {
				_, err := tx.ExecContext(ctx, `INSERT INTO mulgil_lease VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET beat = excluded.beat`,
					l.holder, k.name.Database, k.name.Table, k.snapshot, l.clock.Now().UnixMilli())
				if err != nil {
					return fmt.Errorf("lease %s: %w", k.name, err)
				}
			}
			return verify(tx)
		})
		if err != nil {
			return err
		}
	}
	for _, k := range keys {
		l.leases[k]++
	}
	return nil
}

// give ends one use of each key.
func (l *Lake) give(keys []leaseKey) {
	l.leaseMu.Lock()
	defer l.leaseMu.Unlock()
	for _, k := range keys {
		l.leases[k]--
	}
}

// dropIdleLeases removes this process's rows that no view uses any more.
func (l *Lake) dropIdleLeases(ctx context.Context) error {
	l.leaseMu.Lock()
	defer l.leaseMu.Unlock()
	var idle []leaseKey
	for k, users := range l.leases {
		if users == 0 {
			idle = append(idle, k)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	err := l.store.Update(ctx, func(tx *sql.Tx) error {
		for _, k := range idle {
			_, err := tx.ExecContext(ctx, `DELETE FROM mulgil_lease WHERE holder = ? AND database = ? AND name = ? AND snapshot_id = ?`,
				l.holder, k.name.Database, k.name.Table, k.snapshot)
			if err != nil {
				return fmt.Errorf("end lease of %s: %w", k.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range idle {
		delete(l.leases, k)
	}
	return nil
}

// leased returns the snapshots of a table that live readers hold, anyone's.
func (l *Lake) leased(ctx context.Context, tx *sql.Tx, n Name) (map[int64]bool, error) {
	rows, err := tx.QueryContext(ctx, `SELECT snapshot_id FROM mulgil_lease WHERE database = ? AND name = ? AND (holder = ? OR beat >= ?)`,
		n.Database, n.Table, l.holder, l.clock.Now().Add(-leaseDead).UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read leases of %s: %w", n, err)
	}
	defer rows.Close()
	out := map[int64]bool{}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read leases of %s: %w", n, err)
		}
		out[id] = true
	}
	return out, rows.Err()
}

// beat renews this process's leases until Close.
func (l *Lake) beat() {
	defer l.idle.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		select {
		case <-l.quit:
			return
		case <-l.clock.After(leaseBeat):
		}
		err := l.dropIdleLeases(ctx)
		if err == nil {
			err = l.store.Update(ctx, func(tx *sql.Tx) error {
				now := l.clock.Now()
				if _, err := tx.Exec(`DELETE FROM mulgil_lease WHERE holder <> ? AND beat < ?`, l.holder, now.Add(-leaseDead).UnixMilli()); err != nil {
					return err
				}
				_, err := tx.Exec(`UPDATE mulgil_lease SET beat = ? WHERE holder = ?`, now.UnixMilli(), l.holder)
				return err
			})
		}
		if err != nil {
			l.log.Warn("renew reader leases", "error", err)
		}
	}
}
