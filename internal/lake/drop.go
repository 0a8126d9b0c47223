package lake

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Drop removes a table and its files. While a reader holds it or a write is
// under way it is base.Conflict.
func (l *Lake) Drop(ctx context.Context, name Name) error {
	n, _, err := l.find(ctx, name)
	if err != nil {
		return err
	}
	defer l.lock([]Name{n})()
	_, t, err := l.find(ctx, n)
	if err != nil {
		return err
	}
	if err := l.dropIdleLeases(ctx); err != nil {
		return err
	}
	files, err := live(ctx, t)
	if err != nil {
		l.log.Warn("drop a table whose metadata is damaged", "table", n.String(), "error", err)
		files = map[string]bool{}
	}
	err = l.store.Update(ctx, func(tx *sql.Tx) error {
		if err := l.inUse(ctx, tx, n); err != nil {
			return err
		}
		return l.cat.Repoint(ctx, tx, n.ident(), t.MetadataLocation(), "")
	})
	if err != nil {
		return fmt.Errorf("drop table %s: %w", n, err)
	}
	l.mu.Lock()
	delete(l.loaded, n)
	l.mu.Unlock()
	if err := l.removeTable(t, files); err != nil {
		return fmt.Errorf("table %s is dropped, but some of its files remain: %w", n, err)
	}
	return nil
}

// removeTable deletes a dropped table's files: those its metadata names and
// all that carry the names the lake gives. What others keep in the folder stays.
func (l *Lake) removeTable(t *table.Table, files map[string]bool) error {
	dir := plainPath(t.Location())
	for _, sub := range []string{"data", "metadata"} {
		found, err := oldFiles(filepath.Join(dir, sub), l.clock.Now().Add(100*365*24*time.Hour))
		if err != nil {
			return err
		}
		for _, f := range found {
			name := filepath.Base(f)
			if sub == "data" && ourName.MatchString(name) || sub == "metadata" && (strings.HasSuffix(name, ".avro") || strings.HasSuffix(name, ".metadata.json")) {
				files[f] = true
			}
		}
	}
	_, err := l.remove(dir, slices.Collect(maps.Keys(files)))
	_ = os.Remove(dir) // stays if others keep files there
	return err
}

// inUse is an error if a reader or a writer needs the table's files.
func (l *Lake) inUse(ctx context.Context, tx *sql.Tx, n Name) error {
	leased, err := l.leased(ctx, tx, n)
	if err != nil {
		return err
	}
	if len(leased) > 0 {
		return base.Errorf(base.Conflict, "table %s is being read", n).WithHint("try again when the running queries are done")
	}
	var writes int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM mulgil_intent WHERE database = ? AND name = ?`, n.Database, n.Table).Scan(&writes); err != nil {
		return fmt.Errorf("look up writes of %s: %w", n, err)
	}
	if writes > 0 {
		return base.Errorf(base.Conflict, "table %s is being written", n).WithHint("try again when the running job is done")
	}
	return nil
}
