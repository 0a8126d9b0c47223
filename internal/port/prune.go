package port

import (
	"context"
	"database/sql"
)

// pruned is how many rows Prune deletes in one transaction.
const pruned = 500

// Prune runs DELETE FROM what, some rows in each transaction, until none are
// left: what is a table and a WHERE whose subquery ends in LIMIT ?, a parameter
// that comes after args.
func Prune(ctx context.Context, s Store, what string, args ...any) error {
	args = append(args, pruned)
	for n := int64(pruned); n == pruned; {
		err := s.Update(ctx, func(tx *sql.Tx) error {
			r, err := tx.Exec("DELETE FROM "+what, args...)
			if err == nil {
				n, err = r.RowsAffected()
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
