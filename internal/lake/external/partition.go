package external

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// partitionBatch bounds the partitions written in one transaction, which keeps
// it short for the other writers of catalog.db.
const partitionBatch = 1000

// AddPartitions adds the partitions that are not there yet and returns their
// number. Up to 1,000 appear at one moment; more come in several steps.
func (s *Store) AddPartitions(ctx context.Context, db, name string, parts []Partition) (int, error) {
	added := 0
	for len(parts) > 0 {
		batch := parts[:min(len(parts), partitionBatch)]
		parts = parts[len(batch):]
		n := 0
		err := s.db.Update(ctx, func(tx *sql.Tx) (err error) {
			n, err = s.AddPartitionsIn(tx, db, name, batch)
			return err
		})
		if err != nil {
			return added, fmt.Errorf("add partitions to %s.%s: %w", db, name, err)
		}
		added += n
	}
	return added, nil
}

// AddPartitionsIn is AddPartitions within a transaction of the catalog.
func (s *Store) AddPartitionsIn(tx *sql.Tx, db, name string, parts []Partition) (int, error) {
	t, err := getTable(tx, db, name)
	if err != nil {
		return 0, err
	}
	if err := checkPartitions(t, parts); err != nil {
		return 0, err
	}
	return insertPartitions(tx, t, parts, s.now())
}

func checkPartitions(t Table, parts []Partition) error {
	for _, p := range parts {
		if len(p.Values) != len(t.PartitionKeys) {
			return base.Errorf(base.Invalid, "partition %v of %s.%s has %d values for %d keys", p.Values, t.Database, t.Name, len(p.Values), len(t.PartitionKeys))
		}
		for i, v := range p.Values {
			if err := CheckValue(t.PartitionKeys[i].Name, v, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func insertPartitions(tx *sql.Tx, t Table, parts []Partition, now time.Time) (int, error) {
	if len(parts) == 0 {
		return 0, nil
	}
	st, err := tx.Prepare(`INSERT INTO external_partition VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	if err != nil {
		return 0, err
	}
	defer st.Close()
	added := 0
	for _, p := range parts {
		r, err := st.Exec(t.Database, t.Name, encode(p.Values), p.Location, now.Format(time.RFC3339Nano))
		if err != nil {
			return added, err
		}
		n, _ := r.RowsAffected()
		added += int(n)
	}
	return added, nil
}

// DropPartitions removes partitions by their values and returns how many there
// were; files stay.
func (s *Store) DropPartitions(ctx context.Context, db, name string, values [][]string) (int, error) {
	dropped := 0
	for len(values) > 0 {
		batch := values[:min(len(values), partitionBatch)]
		values = values[len(batch):]
		n := 0
		err := s.db.Update(ctx, func(tx *sql.Tx) error {
			for _, v := range batch {
				r, err := tx.Exec(`DELETE FROM external_partition WHERE db = ? AND tbl = ? AND vals = ?`, strings.ToLower(db), strings.ToLower(name), encode(v))
				if err != nil {
					return err
				}
				k, _ := r.RowsAffected()
				n += int(k)
			}
			return nil
		})
		if err != nil {
			return dropped, fmt.Errorf("drop partitions of %s.%s: %w", db, name, err)
		}
		dropped += n
	}
	return dropped, nil
}

// SetPartitionLocation points one partition at another folder: a reader sees
// either the old or the new. base.NotFound if there is no such partition.
func (s *Store) SetPartitionLocation(ctx context.Context, db, name string, values []string, location string) error {
	err := s.db.Update(ctx, func(tx *sql.Tx) error {
		r, err := tx.Exec(`UPDATE external_partition SET location = ? WHERE db = ? AND tbl = ? AND vals = ?`, location, strings.ToLower(db), strings.ToLower(name), encode(values))
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n == 0 {
			return base.Errorf(base.NotFound, "no partition %v", values).WithCode("EntityNotFoundException")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("move partition of %s.%s: %w", db, name, err)
	}
	return nil
}

// Partitions lists a table's partitions by their values, as text.
func (s *Store) Partitions(ctx context.Context, db, name string) ([]Partition, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT vals, location, created FROM external_partition WHERE db = ? AND tbl = ? ORDER BY vals`, strings.ToLower(db), strings.ToLower(name))
	if err != nil {
		return nil, fmt.Errorf("list partitions of %s.%s: %w", db, name, err)
	}
	defer rows.Close()
	var out []Partition
	for rows.Next() {
		var p Partition
		var vals, created string
		if err = rows.Scan(&vals, &p.Location, &created); err == nil {
			err = json.Unmarshal([]byte(vals), &p.Values)
		}
		if err == nil {
			p.Created, err = time.Parse(time.RFC3339Nano, created)
		}
		if err != nil {
			return nil, fmt.Errorf("list partitions of %s.%s: %w", db, name, err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// CreatePartitions adds partitions that must all be new, at one moment; one
// that is there is base.Exists and none is added.
func (s *Store) CreatePartitions(ctx context.Context, db, name string, parts []Partition) error {
	err := s.db.Update(ctx, func(tx *sql.Tx) error {
		t, err := getTable(tx, db, name)
		if err != nil {
			return err
		}
		if err := checkPartitions(t, parts); err != nil {
			return err
		}
		for _, p := range parts {
			n, err := insertPartitions(tx, t, []Partition{p}, s.now())
			if err != nil {
				return err
			}
			if n == 0 {
				return base.Errorf(base.Exists, "partition already exists: %s", ShownPartition(t, p.Values)).WithCode("ALREADY_EXISTS").
					WithHint("ADD IF NOT EXISTS PARTITION leaves it as it is")
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add partitions to %s.%s: %w", db, name, err)
	}
	return nil
}

// RenamePartition gives a partition other values; its folder stays. There must
// be one of the old values (base.NotFound) and none of the new (base.Exists).
func (s *Store) RenamePartition(ctx context.Context, db, name string, from, to []string) error {
	err := s.db.Update(ctx, func(tx *sql.Tx) error {
		t, err := getTable(tx, db, name)
		if err != nil {
			return err
		}
		if err := checkPartitions(t, []Partition{{Values: from}, {Values: to}}); err != nil {
			return err
		}
		var taken int
		if err := tx.QueryRow(`SELECT count(*) FROM external_partition WHERE db = ? AND tbl = ? AND vals = ?`, t.Database, t.Name, encode(to)).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return base.Errorf(base.Exists, "partition already exists: %s", ShownPartition(t, to)).WithCode("ALREADY_EXISTS")
		}
		r, err := tx.Exec(`UPDATE external_partition SET vals = ? WHERE db = ? AND tbl = ? AND vals = ?`, encode(to), t.Database, t.Name, encode(from))
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n == 0 {
			return base.Errorf(base.NotFound, "partition not found: %s", ShownPartition(t, from)).WithCode("NOT_FOUND")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rename partition of %s.%s: %w", db, name, err)
	}
	return nil
}
