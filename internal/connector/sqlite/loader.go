package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	driverpkg "modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Loader is a port.Loader that writes whole tables into a SQLite file. Tables
// are named with their schema in one word, "retail.customer", since SQLite has
// no schemas; their comments go to mulgil_comments(table_name, column_name,
// comment), where column_name is empty for the table's own.
//
// The file never holds half a load. A new file is filled under another name
// beside its place and gets its name when Finish is done; a file that exists,
// with its other tables, is changed in one transaction that Finish commits.
// Not safe for concurrent use.
type Loader struct {
	path string
	temp string // the file being filled, "" when path itself is
	db   *sql.DB
	conn *sql.Conn
}

var _ port.Loader = (*Loader)(nil)

// NewLoader prepares to write the file at path, which need not exist; its
// folder must. Errors: base.NotFound for a missing folder, base.Invalid for a
// file that is not SQLite's, base.Conflict if another program is writing it.
func NewLoader(path string) (*Loader, error) {
	l := &Loader{path: path}
	target, pragmas := path, []string{"cache_size(-65536)"}
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if l.temp, err = newLoadFile(path); err != nil {
			return nil, err
		}
		target = l.temp
		pragmas = append(pragmas, "locking_mode(EXCLUSIVE)", "journal_mode(OFF)", "synchronous(OFF)")
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if l.db, err = sql.Open("sqlite", DSN(target, pragmas...)); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), l.Close())
	}
	return l, nil
}

// newLoadFile makes the file that will become path and removes what a load
// killed more than a day ago left behind.
func newLoadFile(path string) (string, error) {
	dir, prefix := filepath.Dir(path), "."+filepath.Base(path)+".load-"
	old, err := os.ReadDir(dir)
	if err != nil {
		return "", base.Errorf(base.NotFound, "open %s: %w", path, err).WithHint("create the folder %s first", dir)
	}
	for _, e := range old {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), prefix) && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	f, err := os.CreateTemp(dir, prefix+"*")
	if err != nil {
		return "", fmt.Errorf("create %s: %w", path, err)
	}
	err = f.Chmod(0o644)
	return f.Name(), errors.Join(err, f.Close())
}

// Create drops and creates the tables. Keys are part of SQLite's CREATE TABLE,
// so they exist from the start; foreign keys are checked by Finish.
func (l *Loader) Create(ctx context.Context, tables []port.TableDef) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	for _, t := range tables {
		for _, text := range []string{"DROP TABLE IF EXISTS " + loaderQuote(t.Name.String()), createTable(t)} {
			if _, err := l.conn.ExecContext(ctx, text); err != nil {
				return l.explain(fmt.Errorf("create %s: %w", t.Name, err))
			}
		}
	}
	return nil
}

// begin opens the load's one transaction. Foreign keys rest until Finish checks
// all of them at once.
func (l *Loader) begin(ctx context.Context) error {
	if l.conn != nil {
		return nil
	}
	if l.db == nil {
		return base.Errorf(base.Internal, "the load into %s is over", l.path)
	}
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return l.explain(fmt.Errorf("open %s: %w", l.path, err))
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = 0; BEGIN IMMEDIATE"); err != nil {
		return errors.Join(l.explain(fmt.Errorf("open %s: %w", l.path, err)), conn.Close())
	}
	l.conn = conn
	return nil
}

// explain turns the driver's common refusals into errors a user can act on.
func (l *Loader) explain(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return base.Errorf(base.Canceled, "%w", err)
	}
	var e *driverpkg.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return base.Errorf(base.Conflict, "%w", err).WithHint("another program is writing %s; try again when it is done", l.path)
	case sqlitelib.SQLITE_NOTADB:
		return base.Errorf(base.Invalid, "%w", err).WithHint("%s is not a SQLite file; choose another name", l.path)
	case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM, sqlitelib.SQLITE_CANTOPEN:
		return base.Errorf(base.Denied, "%w", err)
	}
	return err
}

// createTable is a table's DDL with keys.
func createTable(t port.TableDef) string {
	var parts []string
	for _, c := range t.Columns {
		line := loaderQuote(c.Name) + " " + c.SQLType
		if c.NotNull {
			line += " NOT NULL"
		}
		parts = append(parts, line)
	}
	if len(t.PrimaryKey) > 0 {
		parts = append(parts, "PRIMARY KEY ("+loaderQuoteAll(t.PrimaryKey)+")")
	}
	for _, k := range t.ForeignKeys {
		parts = append(parts, fmt.Sprintf("CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (%s)",
			loaderQuote(k.Name), loaderQuoteAll(k.Columns), loaderQuote(k.Ref.String()), loaderQuoteAll(k.RefColumns)))
	}
	return "CREATE TABLE " + loaderQuote(t.Name.String()) + " (\n  " + strings.Join(parts, ",\n  ") + "\n)"
}

func loaderQuote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func loaderQuoteAll(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = loaderQuote(n)
	}
	return strings.Join(q, ", ")
}

// Load inserts the reader's rows; it reports every 65,536 rows. Columns may be
// text, binary, booleans, integers, doubles and dates, which SQLite keeps as
// text (YYYY-MM-DD).
func (l *Loader) Load(ctx context.Context, table port.TableDef, rows array.RecordReader, report base.Report) (int64, error) {
	if l.conn == nil {
		return 0, base.Errorf(base.Internal, "load %s: create the tables first", table.Name)
	}
	in := &inserter{table: table, began: time.Now(), report: report}
	err := l.conn.Raw(func(raw any) error {
		c, ok := raw.(driver.ConnPrepareContext)
		if !ok {
			return fmt.Errorf("the driver cannot prepare statements")
		}
		defer in.close()
		if err := in.prepare(ctx, c); err != nil {
			return err
		}
		for rows.Next() {
			if err := in.batch(ctx, rows.RecordBatch()); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return in.rows, l.explain(fmt.Errorf("load %s: %w", table.Name, err))
	}
	in.tell(true)
	return in.rows, nil
}

// Finish checks the foreign keys, writes the comments, gathers statistics and
// makes the load visible. Nothing can be loaded afterwards.
func (l *Loader) Finish(ctx context.Context, tables []port.TableDef, report base.Report) error {
	if l.conn == nil {
		return base.Errorf(base.Internal, "finish %s: create the tables first", l.path)
	}
	began := time.Now()
	for _, step := range []struct {
		note string
		do   func(context.Context, port.TableDef) error
	}{{"check foreign keys", l.checkKeys}, {"comments", l.comment}, {"statistics", l.analyze}} {
		report.Do(base.Progress{Stage: "add keys", Note: step.note, Elapsed: time.Since(began)})
		for _, t := range tables {
			if err := step.do(ctx, t); err != nil {
				return l.explain(fmt.Errorf("%s of %s: %w", step.note, t.Name, err))
			}
		}
	}
	if err := l.publish(ctx); err != nil {
		return l.explain(fmt.Errorf("finish %s: %w", l.path, err))
	}
	report.Do(base.Progress{Stage: "add keys", Elapsed: time.Since(began), Done: true})
	return nil
}

func (l *Loader) checkKeys(ctx context.Context, t port.TableDef) error {
	if len(t.ForeignKeys) == 0 {
		return nil
	}
	var table, parent string
	var row, key sql.NullInt64
	err := l.conn.QueryRowContext(ctx, "PRAGMA foreign_key_check("+loaderQuote(t.Name.String())+")").Scan(&table, &row, &parent, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return base.Errorf(base.Invalid, "row %d refers to a row that %s does not have", row.Int64, parent)
}

func (l *Loader) comment(ctx context.Context, t port.TableDef) error {
	const create = `CREATE TABLE IF NOT EXISTS mulgil_comments (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL, -- '' is the table itself
  comment TEXT NOT NULL,
  PRIMARY KEY (table_name, column_name)
)`
	name := t.Name.String()
	if _, err := l.conn.ExecContext(ctx, create); err != nil {
		return err
	}
	if _, err := l.conn.ExecContext(ctx, "DELETE FROM mulgil_comments WHERE table_name = ?", name); err != nil {
		return err
	}
	for _, c := range append([]port.ColumnDef{{Comment: t.Comment}}, t.Columns...) {
		if c.Comment == "" {
			continue
		}
		if _, err := l.conn.ExecContext(ctx, "INSERT INTO mulgil_comments VALUES (?, ?, ?)", name, c.Name, c.Comment); err != nil {
			return err
		}
	}
	return nil
}

func (l *Loader) analyze(ctx context.Context, t port.TableDef) error {
	_, err := l.conn.ExecContext(ctx, "PRAGMA analysis_limit = 1000; ANALYZE "+loaderQuote(t.Name.String()))
	return err
}

// publish commits and gives a new file its name, unless one appeared there.
func (l *Loader) publish(ctx context.Context) error {
	if _, err := l.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return err
	}
	err := errors.Join(l.conn.Close(), l.db.Close())
	l.conn, l.db = nil, nil
	if err != nil || l.temp == "" {
		return err
	}
	if err := syncFile(l.temp, os.O_RDWR); err != nil {
		return err
	}
	if _, err := os.Lstat(l.path); err == nil {
		return base.Errorf(base.Conflict, "another program created %s", l.path).WithHint("load again: the file is then extended")
	}
	if err := os.Rename(l.temp, l.path); err != nil {
		return err
	}
	l.temp = ""
	if runtime.GOOS == "windows" { // its folders cannot be synced
		return nil
	}
	return syncFile(filepath.Dir(l.path), os.O_RDONLY)
}

// syncFile makes a file, or the names in a folder, durable.
func syncFile(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Close ends the load; without Finish nothing of it remains. Safe to call twice.
func (l *Loader) Close() error {
	var errs []error
	if l.conn != nil {
		_, err := l.conn.ExecContext(context.Background(), "ROLLBACK")
		if l.temp != "" {
			err = nil // the file goes anyway
		}
		errs = append(errs, err, l.conn.Close())
	}
	if l.db != nil {
		errs = append(errs, l.db.Close())
	}
	l.conn, l.db = nil, nil
	if l.temp != "" {
		if err := os.Remove(l.temp); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		l.temp = ""
	}
	return errors.Join(errs...)
}
