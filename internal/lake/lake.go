package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Name is a table's name: a database and a table in it, each one part without
// dots or slashes. Any script is allowed.
type Name struct {
	Database string `json:"database"`
	Table    string `json:"table"`
}

// String is "database.table".
func (n Name) String() string { return n.Database + "." + n.Table }

func (n Name) ident() table.Identifier { return table.Identifier{n.Database, n.Table} }

func (n Name) check() error {
	for _, part := range []string{n.Database, n.Table} {
		if err := checkPart(part); err != nil {
			return err
		}
	}
	return nil
}

func checkPart(part string) error {
	bad := strings.IndexFunc(part, func(r rune) bool { return strings.ContainsRune(`./\%?#`, r) || unicode.IsControl(r) })
	if part == "" || bad >= 0 || len(part) > 200 {
		return base.Errorf(base.Invalid, "%q cannot be the name of a database or table", part).
			WithHint(`names have no . / \ %% ? # and at most 200 bytes`)
	}
	return nil
}

// Catalog is what the lake needs of the place that keeps table pointers: an
// Iceberg catalog in the lake's own store. connector/sqlite has one.
type Catalog interface {
	catalog.Catalog
	// CommitWith applies all commits and runs also in one transaction; new
	// metadata is durable before it begins. Lost races are table.ErrCommitFailed.
	CommitWith(ctx context.Context, commits []table.TableCommit, also func(*sql.Tx) error) error
	// LoadAt reads a table as one metadata file describes it.
	LoadAt(ctx context.Context, ident table.Identifier, metadataLocation string) (*table.Table, error)
	// Pointers returns every table's metadata location by namespace and name,
	// as tx sees it, or as it is now if tx is nil.
	Pointers(ctx context.Context, tx *sql.Tx) (map[[2]string]string, error)
	// Repoint moves a pointer within tx; empty old registers, empty new drops.
	Repoint(ctx context.Context, tx *sql.Tx, ident table.Identifier, old, new string) error
}

// Options say where a lake is and what it works with.
type Options struct {
	// Root is the absolute folder of tables without a location of their own.
	// The catalog records it; see Relocate.
	Root    string
	Store   port.Store
	Catalog Catalog
	// Resolve turns a location as users write it ("s3://bucket/key",
	// "file:///x", a relative path) into an absolute local path.
	Resolve func(uri string) (string, error)
	// StartID is the owner's start id: intents of other start ids are dead.
	StartID string
	// Clock and Log may be nil: the machine's clock, no log.
	Clock base.Clock
	Log   *slog.Logger
	// Hook is called at the named steps of a commit: "files-synced" (data
	// files and their folders are durable), "metadata-written" and "before-swap" (inside the
	// catalog's transaction), "swapped". An error stops the commit there; after
	// "swapped" it is ignored. May be nil; for tests of faults and order.
	Hook func(step string) error
	// Observe hears of file events, see NewIO. May be nil.
	Observe func(event, path string)
}

// Lake is an open lake. It is safe for concurrent use; one process at a time
// may hold it for writing.
type Lake struct {
	root    string
	store   port.Store
	cat     Catalog
	resolve func(string) (string, error)
	startID string
	holder  string // names this process's leases
	clock   base.Clock
	log     *slog.Logger
	hook    func(string) error
	observe func(event, path string)

	mu      sync.Mutex // guards writers and loaded
	writers map[Name]*sync.Mutex
	loaded  map[Name]*table.Table

	leaseMu sync.Mutex       // guards leases; held while their rows change
	leases  map[leaseKey]int // users of each leased snapshot

	ids fieldIDs

	quit chan struct{}
	idle sync.WaitGroup
	once sync.Once
}

// tables of the lake's own in catalog.db.
var schema = []string{
	`CREATE TABLE mulgil_lake (key TEXT PRIMARY KEY, value TEXT NOT NULL);
	CREATE TABLE mulgil_write (write_id TEXT NOT NULL, part INTEGER NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL,
		snapshot_id INTEGER NOT NULL, result TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (write_id, part));
	CREATE TABLE mulgil_intent (prefix TEXT NOT NULL, part INTEGER NOT NULL, write_id TEXT NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL,
		dir TEXT NOT NULL, start_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (prefix, part));
	CREATE TABLE mulgil_lease (holder TEXT NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL, snapshot_id INTEGER NOT NULL,
		beat INTEGER NOT NULL, PRIMARY KEY (holder, database, name, snapshot_id))`,
	`CREATE TABLE mulgil_view (database TEXT NOT NULL, name TEXT NOT NULL, metadata TEXT NOT NULL, version INTEGER NOT NULL,
		at INTEGER NOT NULL, PRIMARY KEY (database, name))`,
}

// Open opens the lake and creates its tables in the store. If the catalog was
// written for another root, because the folder was moved, it refuses with
// base.Conflict and names the command that repairs it.
func Open(ctx context.Context, o Options) (*Lake, error) {
	l, recorded, err := prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	if recorded != "" && recorded != l.root {
		return nil, base.Errorf(base.Conflict, "the lake was at %s and is now opened at %s", recorded, l.root).
			WithHint("if the folder was moved, run: mulgil lake relocate")
	}
	if recorded == "" {
		if err := l.store.Update(ctx, func(tx *sql.Tx) error { return recordRoot(ctx, tx, l.root) }); err != nil {
			return nil, err
		}
	}
	l.idle.Add(1)
	go l.beat()
	return l, nil
}

// prepare makes a Lake that runs nothing yet, and reads the recorded root.
func prepare(ctx context.Context, o Options) (l *Lake, recorded string, err error) {
	if !filepath.IsAbs(o.Root) {
		return nil, "", base.Errorf(base.Usage, "lake root %q is not an absolute path", o.Root)
	}
	l = &Lake{root: filepath.Clean(o.Root), store: o.Store, cat: o.Catalog, resolve: o.Resolve, startID: o.StartID,
		holder: uuid.NewString(), clock: o.Clock, log: o.Log, hook: o.Hook, observe: o.Observe,
		writers: map[Name]*sync.Mutex{}, loaded: map[Name]*table.Table{}, leases: map[leaseKey]int{}, quit: make(chan struct{})}
	if l.clock == nil {
		l.clock = base.SystemClock{}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if err := checkLocation(l.root); err != nil {
		return nil, "", err
	}
	if err := l.store.Migrate(ctx, "lake", schema); err != nil {
		return nil, "", err
	}
	err = l.store.Reader().QueryRowContext(ctx, `SELECT value FROM mulgil_lake WHERE key = 'root'`).Scan(&recorded)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, "", fmt.Errorf("read lake root: %w", err)
	}
	return l, recorded, nil
}

func recordRoot(ctx context.Context, tx *sql.Tx, root string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO mulgil_lake VALUES ('root', ?) ON CONFLICT DO UPDATE SET value = excluded.value`, root)
	if err != nil {
		return fmt.Errorf("record lake root: %w", err)
	}
	return nil
}

// Close gives up this process's leases and stops the heartbeat; it does not
// close the store. Safe to call twice.
func (l *Lake) Close() error {
	var err error
	l.once.Do(func() {
		close(l.quit)
		l.idle.Wait()
		err = l.store.Update(context.Background(), func(tx *sql.Tx) error {
			_, err := tx.Exec(`DELETE FROM mulgil_lease WHERE holder = ?`, l.holder)
			return err
		})
	})
	return err
}

// Root is the folder of tables without a location of their own.
func (l *Lake) Root() string { return l.root }

func (l *Lake) step(name string) error {
	if l.hook == nil {
		return nil
	}
	return l.hook(name)
}

// lock takes the committer locks of tables, in one order everywhere, and
// returns what gives them back. At most one commit per table runs at a time.
func (l *Lake) lock(names []Name) func() {
	var held []*sync.Mutex
	for _, n := range sortedNames(names) {
		l.mu.Lock()
		m := l.writers[n]
		if m == nil {
			m = new(sync.Mutex)
			l.writers[n] = m
		}
		l.mu.Unlock()
		m.Lock()
		held = append(held, m)
	}
	return func() {
		for _, m := range held {
			m.Unlock()
		}
	}
}

// checkLocation refuses folders whose names Iceberg's location URIs would read
// as something else.
func checkLocation(path string) error {
	if strings.ContainsAny(path, "%?#") || strings.ContainsFunc(path, unicode.IsControl) {
		return base.Errorf(base.Invalid, "folder %q cannot hold tables", path).WithHint("its path must not contain %% ? or #")
	}
	return nil
}
