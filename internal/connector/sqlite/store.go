// Package sqlite is everything Mulgil does with SQLite files: the durable
// stores behind catalog and state, the embedded OLTP source, and its loader.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite" // also the driver
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Store is a port.Store on one SQLite file: WAL, synchronous=FULL, one writer
// goroutine that commits in groups, a pool of query-only readers.
type Store struct {
	path   string
	writer *sql.DB
	reader *sql.DB
	queue  chan *update
	quit   chan struct{}
	idle   sync.WaitGroup
	once   sync.Once
}

var _ port.Store = (*Store)(nil)

type update struct {
	ctx  context.Context
	fn   func(*sql.Tx) error
	done chan error
}

// groupLimit bounds how many updates share one commit, which keeps a write
// transaction well under 50 ms.
const groupLimit = 256

// DSN is the connection string all of our SQLite writers use.
func DSN(path string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append([]string{"busy_timeout(10000)", "foreign_keys(1)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// OpenStore opens or creates the store at path; its folder is created.
func OpenStore(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	w, err := sql.Open("sqlite", DSN(path, "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	if err := w.Ping(); err != nil {
		w.Close()
		return nil, fmt.Errorf("open store %s: %w", path, whatIfFull(err))
	}
	r, err := sql.Open("sqlite", DSN(path, "query_only(1)"))
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	r.SetMaxOpenConns(8)
	r.SetMaxIdleConns(8) // opening one costs more than most reads
	s := &Store{path: path, writer: w, reader: r, queue: make(chan *update, groupLimit), quit: make(chan struct{})}
	s.idle.Add(1)
	go s.loop()
	return s, nil
}

func (s *Store) Path() string    { return s.path }
func (s *Store) Reader() *sql.DB { return s.reader }

func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		close(s.quit)
		s.idle.Wait()
		err = errors.Join(s.reader.Close(), s.writer.Close())
	})
	return err
}

func (s *Store) Update(ctx context.Context, fn func(tx *sql.Tx) error) error {
	u := &update{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case <-s.quit:
		return base.Errorf(base.Internal, "store %s is closed", s.path)
	case <-ctx.Done():
		return ctx.Err()
	case s.queue <- u:
	}
	select {
	case err := <-u.done:
		return err
	case <-s.quit:
		s.idle.Wait()
		select {
		case err := <-u.done:
			return err
		default:
			return base.Errorf(base.Internal, "store %s is closed", s.path)
		}
	}
}

func (s *Store) loop() {
	defer s.idle.Done()
	for {
		select {
		case <-s.quit:
			for len(s.queue) > 0 {
				s.commit(s.group(<-s.queue))
			}
			return
		case u := <-s.queue:
			s.commit(s.group(u))
		}
	}
}

// group takes what is waiting behind u, so that one fsync serves all.
func (s *Store) group(u *update) []*update {
	g := []*update{u}
	for len(g) < groupLimit {
		select {
		case v := <-s.queue:
			g = append(g, v)
		default:
			return g
		}
	}
	return g
}

func (s *Store) commit(group []*update) {
	errs := make([]error, len(group))
	err := s.inTx(func(tx *sql.Tx) error {
		for i, u := range group {
			if errs[i] = u.ctx.Err(); errs[i] == nil {
				errs[i] = whatIfFull(savepoint(tx, u.fn))
			}
		}
		return nil
	})
	for i, u := range group {
		if errs[i] == nil {
			errs[i] = err
		}
		u.done <- errs[i]
	}
}

func (s *Store) inTx(fn func(*sql.Tx) error) error {
	tx, err := s.writer.Begin()
	if err != nil {
		return fmt.Errorf("store %s: begin: %w", s.path, whatIfFull(err))
	}
	if err := fn(tx); err != nil {
		return errors.Join(whatIfFull(err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store %s: commit: %w", s.path, whatIfFull(err))
	}
	return nil
}

// whatIfFull says that the disk is full and what to do, where SQLite tells so;
// other errors stay as they are.
func whatIfFull(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE: // the latter: no room for the log's index
		return base.Errorf(base.Internal, "the disk is full: %w", err).WithCode(base.DiskFull).WithHint("free some disk space and run it again")
	}
	return err
}

func savepoint(tx *sql.Tx, fn func(*sql.Tx) error) (err error) {
	if _, err := tx.Exec("SAVEPOINT u"); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in update: %v", p)
		}
		if err != nil {
			_, undo := tx.Exec("ROLLBACK TO u")
			_, release := tx.Exec("RELEASE u")
			err = errors.Join(err, undo, release)
			return
		}
		_, err = tx.Exec("RELEASE u")
	}()
	return fn(tx)
}

// Migrate implements port.Store; the applied step count of each component is
// kept in the table schema_version.
func (s *Store) Migrate(ctx context.Context, component string, steps []string) error {
	have := 0
	err := s.Update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`CREATE TABLE IF NOT EXISTS schema_version (component TEXT PRIMARY KEY, version INTEGER NOT NULL)`); err != nil {
			return err
		}
		err := tx.QueryRow(`SELECT version FROM schema_version WHERE component = ?`, component).Scan(&have)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate %s: %w", component, err)
	}
	if have > len(steps) {
		return base.Errorf(base.Invalid, "%s was written by a newer mulgil: %s is at format %d, this program knows %d", s.path, component, have, len(steps)).
			WithHint("use the newer mulgil, or restore a backup taken by this one")
	}
	for i := have; i < len(steps); i++ {
		err := s.Update(ctx, func(tx *sql.Tx) error {
			if _, err := tx.Exec(steps[i]); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO schema_version VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version`, component, i+1)
			return err
		})
		if err != nil {
			return fmt.Errorf("migrate %s to format %d: %w", component, i+1, err)
		}
	}
	return nil
}
