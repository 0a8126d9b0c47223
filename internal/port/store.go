package port

import (
	"context"
	"database/sql"
)

// Store is one small durable database (catalog.db, state.db): SQLite in the
// box. It has one writer that batches and a separate pool of readers.
type Store interface {
	// Update runs fn in a write transaction and returns once it is durable on
	// disk. Calls made at the same time may share one transaction (each in its
	// own savepoint): fn must only touch tx, must be quick, and may be run
	// only once. If fn returns an error its own changes are undone and that error is returned.
	Update(ctx context.Context, fn func(tx *sql.Tx) error) error
	// Reader is the read pool; writing through it fails.
	Reader() *sql.DB
	// Migrate brings a component's tables to its newest form: steps not yet
	// applied run in order, each in one transaction. A store newer than
	// len(steps) is refused.
	Migrate(ctx context.Context, component string, steps []string) error
	// Path is the database file.
	Path() string
	// Close waits for pending updates. Safe to call twice.
	Close() error
}
