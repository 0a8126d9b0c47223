package external

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// PutLink records or replaces a link. Created is kept and Version grows if the
// link was there. base.Exists if an external table has the name.
func (s *Store) PutLink(ctx context.Context, l Link) (Link, error) {
	l.Database, l.Name = strings.ToLower(l.Database), strings.ToLower(l.Name)
	l.Version, l.Created, l.Updated = 1, s.now(), s.now()
	if l.Columns == nil {
		l.Columns = []base.Field{}
	}
	if l.PartitionKeys == nil {
		l.PartitionKeys = []base.Field{}
	}
	err := s.db.Update(ctx, func(tx *sql.Tx) error {
		old, err := getOne[Link](tx, "external_link", l.Database, l.Name)
		if err == nil {
			l.Version, l.Created = old.Version+1, old.Created
			_, err = tx.Exec(`UPDATE external_link SET definition = ? WHERE db = ? AND name = ?`, encode(l), l.Database, l.Name)
			return err
		}
		if base.KindOf(err) != base.NotFound {
			return err
		}
		if err := free(tx, l.Database, l.Name); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO external_link VALUES (?, ?, ?)`, l.Database, l.Name, encode(l))
		return err
	})
	if err != nil {
		return Link{}, fmt.Errorf("record table %s.%s: %w", l.Database, l.Name, err)
	}
	return l, nil
}

// GetLink returns one link; base.NotFound if there is none of that name.
func (s *Store) GetLink(ctx context.Context, db, name string) (Link, error) {
	return getOne[Link](readTx{ctx, s.db.Reader()}, "external_link", db, name)
}

// Links returns a database's links by name; every database's if db is empty.
func (s *Store) Links(ctx context.Context, db string) ([]Link, error) {
	return list[Link](ctx, s.db.Reader(), "external_link", db)
}

// DropLink removes a link; the managed table stays. base.NotFound if there is none.
func (s *Store) DropLink(ctx context.Context, db, name string) error {
	err := s.db.Update(ctx, func(tx *sql.Tx) error {
		r, err := tx.Exec(`DELETE FROM external_link WHERE db = ? AND name = ?`, strings.ToLower(db), strings.ToLower(name))
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n == 0 {
			return notFound(db, name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop record %s.%s: %w", db, name, err)
	}
	return nil
}
