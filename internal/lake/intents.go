package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// ourName matches the data files the lake's writers make.
var ourName = regexp.MustCompile(`^w[0-9a-f]{32}-`)

func newPrefix() string { return "w" + strings.ReplaceAll(uuid.NewString(), "-", "") + "-" }

// checkVacant refuses to make a new table where data files lie that no
// unfinished write left: a user's own, or those of a table the catalog lost.
func (l *Lake) checkVacant(ctx context.Context, dir string) error {
	data := filepath.Join(dir, "data")
	known, err := l.intents(ctx, `dir = ?`, data)
	if err != nil {
		return err
	}
	found := ""
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !isAnnounced(path, known) {
			found = path
			return filepath.SkipAll
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look into %s: %w", data, err)
	}
	if found != "" {
		return base.Errorf(base.Exists, "a new table cannot lie at %s: there are files already (%s)", dir, filepath.Base(found)).
			WithHint("choose another location; if the catalog was lost, run: mulgil lake recover")
	}
	return nil
}

// intent says that files whose names start with prefix may appear under dir
// and belong to a write that is not committed. A commit removes its intents in
// the transaction that makes the files live, so a file of a recorded intent is
// never live.
type intent struct {
	prefix  string
	part    int
	writeID string
	name    Name
	dir     string
}

func (l *Lake) recordIntents(ctx context.Context, list []intent) error {
	return l.store.Update(ctx, func(tx *sql.Tx) error {
		for _, i := range list {
			_, err := tx.ExecContext(ctx, `INSERT INTO mulgil_intent VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				i.prefix, i.part, i.writeID, i.name.Database, i.name.Table, i.dir, l.startID, l.clock.Now().UnixMilli())
			if err != nil {
				return fmt.Errorf("record write of %s: %w", i.name, err)
			}
		}
		return nil
	})
}

func dropIntents(ctx context.Context, tx *sql.Tx, prefix string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM mulgil_intent WHERE prefix = ?`, prefix); err != nil {
		return fmt.Errorf("end write: %w", err)
	}
	return nil
}

// CleanDeadIntents removes the files of writes that an owner with another
// start id began and did not commit, then forgets those writes. Only files
// with such a write's prefix in its table's data folder are touched.
func (l *Lake) CleanDeadIntents(ctx context.Context) error {
	list, err := l.intents(ctx, `start_id <> ?`, l.startID)
	if err != nil {
		return err
	}
	for _, i := range list {
		n, err := removePrefixed(i.dir, i.prefix)
		if err != nil {
			return fmt.Errorf("clean up after write %s of %s: %w", i.writeID, i.name, err)
		}
		l.log.Info("cleaned up an unfinished write", "write_id", i.writeID, "table", i.name.String(), "files", n)
		err = l.store.Update(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM mulgil_intent WHERE prefix = ? AND part = ?`, i.prefix, i.part)
			return err
		})
		if err != nil {
			return fmt.Errorf("forget write %s of %s: %w", i.writeID, i.name, err)
		}
	}
	return nil
}

func (l *Lake) intents(ctx context.Context, where string, args ...any) ([]intent, error) {
	rows, err := l.store.Reader().QueryContext(ctx, `SELECT prefix, part, write_id, database, name, dir FROM mulgil_intent WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list unfinished writes: %w", err)
	}
	defer rows.Close()
	var out []intent
	for rows.Next() {
		var i intent
		if err := rows.Scan(&i.prefix, &i.part, &i.writeID, &i.name.Database, &i.name.Table, &i.dir); err != nil {
			return nil, fmt.Errorf("list unfinished writes: %w", err)
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// removePrefixed deletes the files under dir whose names start with prefix,
// and folders that are empty then. A missing dir is fine.
func removePrefixed(dir, prefix string) (int, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type().IsRegular() && strings.HasPrefix(d.Name(), prefix) {
			files = append(files, path)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	return len(files), removeFiles(dir, files)
}

// removeFiles deletes files that lie under dir, also once symbolic links are
// followed, and the folders they leave empty. Files that are gone already are fine.
func removeFiles(dir string, files []string) error {
	var errs []error
	mine := realWithin(dir)
	for _, path := range files {
		if !mine(path) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		for up := filepath.Dir(path); up != dir && within(dir, up); up = filepath.Dir(up) {
			if os.Remove(up) != nil {
				break // not empty
			}
		}
	}
	return errors.Join(errs...)
}

// realWithin returns a test of whether a file lies under dir by its name and
// after links of folders are followed. A link itself counts as lying where it is.
func realWithin(dir string) func(path string) bool {
	root, err := realPath(dir)
	folders := map[string]bool{}
	return func(path string) bool {
		if err != nil || !within(dir, path) || path == dir {
			return false
		}
		up := filepath.Dir(path)
		ok, known := folders[up]
		if !known {
			real, err := realPath(up)
			ok = err == nil && within(root, real)
			folders[up] = ok
		}
		return ok
	}
}
