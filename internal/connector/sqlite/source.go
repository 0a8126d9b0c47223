package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// SourceConfig says which file to extract from.
type SourceConfig struct {
	// Name is the connection's name in the project, for messages.
	Name string
	// Path is the SQLite file, which must exist when Begin is called.
	Path string
}

// Source is a port.Source on a SQLite file. A table with a dot in its name,
// such as "retail.customer", is found under that name. Safe for concurrent use.
type Source struct {
	cfg SourceConfig

	mu     sync.Mutex // guards snaps and closed
	snaps  map[*snapshot]struct{}
	closed bool
}

var _ port.Source = (*Source)(nil)

// NewSource makes a source; nothing is opened before Begin.
func NewSource(cfg SourceConfig) (*Source, error) {
	if cfg.Path == "" {
		return nil, base.Errorf(base.Invalid, "connection %s: no file is given", cfg.Name).WithHint("write url: sqlite://./shop.db")
	}
	return &Source{cfg: cfg, snaps: map[*snapshot]struct{}{}}, nil
}

// Begin implements port.Source. A file that is not there is NotFound.
func (s *Source) Begin(ctx context.Context) (port.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, base.Errorf(base.Internal, "connection %s: the source is closed", s.cfg.Name)
	}
	if err := ctx.Err(); err != nil {
		return nil, base.Errorf(base.Canceled, "connection %s: %w", s.cfg.Name, err)
	}
	if _, err := os.Stat(s.cfg.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, base.Errorf(base.NotFound, "connection %s: there is no file %s", s.cfg.Name, s.cfg.Path).
			WithHint("check the path in the connection's url; it is relative to the project folder")
	}
	db, err := openRaw(s.cfg.Path)
	if err != nil {
		return nil, readError(s.cfg.Name, s.cfg.Path, "open "+s.cfg.Path, err)
	}
	snap := &snapshot{src: s, db: db}
	if err := snap.begin(); err != nil {
		db.close()
		return nil, readError(s.cfg.Name, s.cfg.Path, "open "+s.cfg.Path, err)
	}
	s.snaps[snap] = struct{}{}
	return snap, nil
}

// Close ends all snapshots.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	var open []*snapshot
	for snap := range s.snaps {
		open = append(open, snap)
	}
	s.mu.Unlock()
	for _, snap := range open {
		snap.Close()
	}
	return nil
}

// snapshot is one read transaction. All its streams share the connection, so
// that they see the same moment; they take turns on it, some hundred rows each.
type snapshot struct {
	src   *Source
	utf16 bool // text is not kept as UTF-8

	turn sync.Mutex // guards db
	db   *rawDB

	mu      sync.Mutex // guards streams, active and closed
	streams []*extract.Stream
	active  int // streams still stepping
	closed  bool
}

func (s *snapshot) begin() error {
	if err := s.db.query("BEGIN", nil); err != nil {
		return err
	}
	err := s.db.query("PRAGMA encoding", func(r *rawStmt) { s.utf16 = r.text(0) != "UTF-8" })
	if err != nil {
		return err
	}
	return s.db.query("SELECT count(*) FROM sqlite_schema", nil) // the transaction's moment is its first read
}

func (s *snapshot) query(doing, sql string, fn func(*rawStmt)) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.db == nil {
		return base.Errorf(base.Internal, "connection %s: the snapshot is closed", s.src.cfg.Name)
	}
	if err := s.db.query(sql, fn); err != nil {
		return readError(s.src.cfg.Name, s.src.cfg.Path, doing, err)
	}
	return nil
}

// Close implements port.Snapshot.
func (s *snapshot) Close() error {
	s.mu.Lock()
	open := s.streams
	s.streams, s.closed = nil, true
	s.mu.Unlock()
	for _, st := range open {
		st.Stop()
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.db != nil {
		s.db.close()
		s.db = nil
	}
	s.src.mu.Lock()
	delete(s.src.snaps, s)
	s.src.mu.Unlock()
	return nil
}

// commentsTable is the side table that holds comments, as SQLite has none.
const commentsTable = "mulgil_comments"

const listSource = `SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')
	AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> '` + commentsTable + `' ORDER BY name`

// Tables implements port.Snapshot.
func (s *snapshot) Tables(ctx context.Context) ([]port.SourceTable, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	var out []port.SourceTable
	for _, n := range names {
		t := port.SourceTable{Name: splitName(n)}
		comments, err := s.comments(n)
		if err != nil {
			return nil, err
		}
		t.Comment = comments[""]
		out = append(out, t)
	}
	return out, nil
}

func (s *snapshot) names() (out []string, err error) {
	err = s.query("list tables", listSource, func(r *rawStmt) { out = append(out, r.text(0)) })
	return out, err
}

// splitName takes a dotted name apart, as users write it.
func splitName(name string) port.TableName {
	if schema, rest, ok := strings.Cut(name, "."); ok {
		return port.TableName{Schema: schema, Name: rest}
	}
	return port.TableName{Name: name}
}

func (s *snapshot) has(name string) (found bool, err error) {
	err = s.query("look up "+name, "SELECT 1 FROM sqlite_schema WHERE name = "+sqlText(name)+" AND type IN ('table', 'view')", func(*rawStmt) { found = true })
	return found, err
}

// comments are a table's, by column name; "" is the table's own.
func (s *snapshot) comments(name string) (map[string]string, error) {
	if ok, err := s.has(commentsTable); err != nil || !ok {
		return nil, err
	}
	out := map[string]string{}
	err := s.query("read comments", "SELECT column_name, comment FROM "+commentsTable+" WHERE table_name = "+sqlText(name), func(r *rawStmt) {
		out[r.text(0)] = r.text(1)
	})
	return out, err
}

// Describe implements port.Snapshot.
func (s *snapshot) Describe(ctx context.Context, name port.TableName) (port.SourceTable, error) {
	t, err := s.table(name)
	if err != nil {
		return port.SourceTable{}, err
	}
	return t.SourceTable, nil
}

// sqlText and sqlName quote a text and an identifier.
func sqlText(v string) string { return "'" + strings.ReplaceAll(v, "'", "''") + "'" }
func sqlName(v string) string { return `"` + strings.ReplaceAll(v, `"`, `""`) + `"` }
