package external

import "database/sql"

// Migrations are the store's steps, for tests of older databases.
var Migrations = migrations

// Insert puts a definition into the store as an older program left it.
func Insert(definition string) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO external_table VALUES ('shop', '판매', ?, 3)`, definition)
		return err
	}
}
