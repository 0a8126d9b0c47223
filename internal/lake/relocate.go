package lake

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Relocated counts what Relocate rewrote.
type Relocated struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Tables []Name `json:"tables"`
}

// Relocate repairs a lake whose folder was moved from the root its catalog
// records to Options.Root. Iceberg's metadata holds absolute paths, so every
// table under the old root gets its metadata, manifest lists and manifests, of
// all snapshots, written again under new names; then all pointers and the
// recorded root change in one transaction. Until then nothing is lost: an
// attempt that fails can be repeated. Tables with a location outside the root
// keep theirs. No Lake may be open on the store.
func Relocate(ctx context.Context, o Options) (_ Relocated, err error) {
	l, recorded, err := prepare(ctx, o)
	if err != nil {
		return Relocated{}, err
	}
	out := Relocated{From: recorded, To: l.root}
	if recorded == "" || recorded == l.root {
		return out, l.store.Update(ctx, func(tx *sql.Tx) error { return recordRoot(ctx, tx, l.root) })
	}
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return out, err
	}
	moved := map[Name]string{}
	var made []*localFS
	defer func() {
		if err != nil && !l.landed(ctx, moved) {
			for _, fs := range made {
				_ = fs.forget()
			}
		}
	}()
	for _, n := range namesOf(ptrs) {
		m := newMover(ctx, recorded, l.root, l.observe)
		made = append(made, m.out)
		loc, merr := m.table(ptrs[n.key()])
		if merr != nil {
			err = fmt.Errorf("relocate %s: %w", n, merr)
			return out, err
		}
		if loc != "" {
			moved[n] = loc
			out.Tables = append(out.Tables, n)
		}
	}
	err = l.store.Update(ctx, func(tx *sql.Tx) error {
		for _, n := range out.Tables {
			if err := l.cat.Repoint(ctx, tx, n.ident(), ptrs[n.key()], moved[n]); err != nil {
				return err
			}
		}
		if err := moveIntents(ctx, tx, recorded, l.root); err != nil {
			return err
		}
		return recordRoot(ctx, tx, l.root)
	})
	return out, err
}

// landed tells whether pointers were moved, or may have been, although an
// error was reported.
func (l *Lake) landed(ctx context.Context, moved map[Name]string) bool {
	now, err := l.cat.Pointers(context.WithoutCancel(ctx), nil)
	if err != nil {
		return true
	}
	for n, loc := range moved {
		if now[n.key()] == loc {
			return true
		}
	}
	return false
}

// moveIntents lets the clean-up of dead writes find their files in the new place.
func moveIntents(ctx context.Context, tx *sql.Tx, from, to string) error {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT dir FROM mulgil_intent`)
	if err != nil {
		return fmt.Errorf("move unfinished writes: %w", err)
	}
	defer rows.Close()
	var dirs []string
	for rows.Next() {
		var d string
		if err := rows.Scan(&d); err != nil {
			return fmt.Errorf("move unfinished writes: %w", err)
		}
		if within(from, d) {
			dirs = append(dirs, d)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("move unfinished writes: %w", err)
	}
	for _, d := range dirs {
		if _, err := tx.ExecContext(ctx, `UPDATE mulgil_intent SET dir = ? WHERE dir = ?`, to+strings.TrimPrefix(d, from), d); err != nil {
			return fmt.Errorf("move unfinished writes: %w", err)
		}
	}
	return nil
}

// Recover registers tables again after the catalog was lost: for every table
// folder under the root and under the given locations the newest metadata file
// that is whole. A commit that was under way when the catalog was lost counts if
// its metadata was written. Tables the catalog has are left as
// they are. Metadata that names another folder than it lies in, because the
// lake was moved as well, is rewritten as Relocate does. No Lake may be open on
// the store.
func Recover(ctx context.Context, o Options, locations ...string) ([]Name, error) {
	l, _, err := prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return nil, err
	}
	var out []Name
	for _, dir := range append([]string{l.root}, locations...) {
		found, err := findTables(filepath.Clean(dir))
		if err != nil {
			return out, err
		}
		for _, f := range found {
			n, ok := f.name(l.root)
			if _, known := ptrs[n.key()]; known || !ok || n.check() != nil {
				continue
			}
			if err := l.register(ctx, n, f); err != nil {
				return out, fmt.Errorf("recover %s: %w", n, err)
			}
			ptrs[n.key()] = f.path
			out = append(out, n)
		}
	}
	return out, l.store.Update(ctx, func(tx *sql.Tx) error { return recordRoot(ctx, tx, l.root) })
}

func (l *Lake) register(ctx context.Context, n Name, f foundTable) error {
	loc := f.path
	if was := plainPath(f.location); was != f.dir {
		m := newMover(ctx, was, f.dir, l.observe)
		moved, err := m.table(f.path)
		if err != nil {
			return err
		}
		loc = moved
	}
	if err := l.EnsureDatabase(ctx, n.Database); err != nil {
		return err
	}
	t, err := l.cat.LoadAt(ctx, n.ident(), loc)
	if err != nil {
		return err
	}
	if _, err := plan(ctx, t, t.CurrentSnapshot()); err != nil {
		return base.Errorf(base.Internal, "its files are damaged: %w", err)
	}
	l.log.Info("recovered a table", "table", n.String(), "metadata", loc, "at", l.clock.Now().Format(time.RFC3339))
	return l.store.Update(ctx, func(tx *sql.Tx) error { return l.cat.Repoint(ctx, tx, n.ident(), "", loc) })
}
