// Package duckdb is the embedded engine: private DuckDB instances whose
// settings are locked before any user text reaches them. It knows no dialect:
// SQL comes in, Arrow streams come in, rows and files go out.
package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Engine opens DuckDB instances in this process. Functions are the Go functions
// its sessions may ask for by name.
type Engine struct{ Functions []port.Function }

var (
	_ port.Engine  = Engine{}
	_ port.Starter = Engine{}
)

// Open starts an in-memory instance: limits set, outside access closed except
// for the configured files and folders, zone UTC, settings locked.
func (e Engine) Open(ctx context.Context, cfg port.EngineConfig) (port.Session, error) {
	s, err := e.Start()
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, cfg)
}

// started is an instance nobody has spoken to.
type started struct {
	db     *sql.DB
	engine Engine
}

// Start starts an in-memory instance. Most of the time that opening takes goes here.
func (e Engine) Start() (port.Started, error) {
	connector, err := duck.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	return started{db: sql.OpenDB(connector), engine: e}, nil
}

func (s started) Close() error { return s.db.Close() }

func (s started) Open(ctx context.Context, cfg port.EngineConfig) (port.Session, error) {
	if cfg.TempDir == "" {
		return nil, errors.Join(base.Errorf(base.Internal, "open engine: no folder for spill files"), s.Close())
	}
	if err := os.MkdirAll(cfg.TempDir, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("open engine: %w", err), s.Close())
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open engine: %w", err), s.Close())
	}
	out := &Session{db: s.db, conn: conn, engine: s.engine}
	if err := out.Extend(cfg.Functions); err != nil {
		return nil, errors.Join(fmt.Errorf("open engine: %w", err), out.Close())
	}
	for _, q := range settings(cfg) {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(fmt.Errorf("open engine: %s: %w", q, err), out.Close())
		}
	}
	return out, nil
}

// partitionRows is after how many rows a partitioned COPY hands them to its
// files. The engine's own 524,288 keeps so much waiting that it spills under a
// small memory limit: with 448 MB, 28.6 M purchases took a fifth more CPU, for
// files 3 % smaller.
const partitionRows = 65536

// partitionFiles is how many partition files one COPY keeps open; more
// partitions than this cost extra files, not failures.
const partitionFiles = 256

func settings(cfg port.EngineConfig) []string {
	q := []string{
		"SET TimeZone = 'UTC'",
		"SET temp_directory = " + Quote(cfg.TempDir),
		"SET preserve_insertion_order = false",
		"SET enable_progress_bar = false",
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		fmt.Sprintf("SET partitioned_write_max_open_files = %d", partitionFiles),
		fmt.Sprintf("SET partitioned_write_flush_threshold = %d", partitionRows),
	}
	if cfg.Footers {
		q = append(q, "SET parquet_metadata_cache = true")
	}
	if cfg.Memory > 0 {
		q = append(q, fmt.Sprintf("SET memory_limit = '%dB'", cfg.Memory))
	}
	if cfg.Threads > 0 {
		q = append(q, fmt.Sprintf("SET threads = %d", cfg.Threads))
	}
	if len(cfg.Dirs) > 0 {
		q = append(q, "SET allowed_directories = "+quoteList(cfg.Dirs))
	}
	// A folder itself is a path of its own to the engine: COPY into it asks for both.
	if paths := append(append([]string{}, cfg.Files...), cfg.Dirs...); len(paths) > 0 {
		q = append(q, "SET allowed_paths = "+quoteList(paths))
	}
	return append(q, "SET enable_external_access = false", "SET lock_configuration = true")
}

// Quote is a SQL string literal.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func quoteList(l []string) string {
	q := make([]string, len(l))
	for i, s := range l {
		q[i] = Quote(s)
	}
	return "[" + strings.Join(q, ", ") + "]"
}

// Session is one DuckDB instance with one connection.
type Session struct {
	db     *sql.DB
	conn   *sql.Conn
	engine Engine
	// functions are those that can be called.
	functions map[string]bool
	once      sync.Once
}

func (s *Session) Close() error {
	var err error
	s.once.Do(func() { err = errors.Join(s.conn.Close(), s.db.Close()) })
	return err
}

func named(args []port.Arg) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = sql.Named(a.Name, typed(a))
	}
	return out
}

// typed gives an argument the engine's type where the driver would guess
// another from the Go value.
func typed(a port.Arg) any {
	switch v := a.Value.(type) {
	case int64:
		if a.Type.ID == base.Int {
			return duck.Typed(v, duck.TYPE_INTEGER)
		}
	case time.Time:
		switch a.Type.ID {
		case base.Date:
			return duck.Typed(v, duck.TYPE_DATE)
		case base.Timestamp:
			return duck.Typed(v, duck.TYPE_TIMESTAMP)
		}
	case port.Decimal:
		return string(v) // the driver binds no decimals; the engine casts text where it meets one
	}
	return a.Value
}

func (s *Session) Exec(ctx context.Context, text string, args ...port.Arg) error {
	_, err := s.conn.ExecContext(ctx, text, named(args)...)
	return sqlError(ctx, text, err)
}

func (s *Session) Query(ctx context.Context, text string, args ...port.Arg) (port.Rows, error) {
	r, err := s.conn.QueryContext(ctx, text, named(args)...)
	if err != nil {
		return nil, sqlError(ctx, text, err)
	}
	types, err := r.ColumnTypes()
	if err != nil {
		return nil, errors.Join(sqlError(ctx, text, err), r.Close())
	}
	out := &rows{ctx: ctx, text: text, r: r}
	for _, t := range types {
		out.cols = append(out.cols, port.EngineColumn{Name: t.Name(), Type: t.DatabaseTypeName()})
	}
	return out, nil
}

func (s *Session) Columns(ctx context.Context, text string, args ...port.Arg) ([]port.EngineColumn, error) {
	r, err := s.conn.QueryContext(ctx, "DESCRIBE "+text, named(args)...)
	if err != nil {
		return nil, shift(sqlError(ctx, "DESCRIBE "+text, err), len("DESCRIBE "))
	}
	defer r.Close()
	var out []port.EngineColumn
	for r.Next() {
		var c port.EngineColumn
		var null, key, def, extra any
		if err := r.Scan(&c.Name, &c.Type, &null, &key, &def, &extra); err != nil {
			return nil, fmt.Errorf("describe: %w", err)
		}
		out = append(out, c)
	}
	return out, sqlError(ctx, text, r.Err())
}

func (s *Session) Describe(ctx context.Context, text string, args ...port.Arg) ([]base.Field, error) {
	cols, err := s.Columns(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	fields := make([]base.Field, len(cols))
	for i, c := range cols {
		t, err := ParseType(c.Type)
		if err != nil {
			return nil, base.Errorf(base.Invalid, "column %q: %w", c.Name, err).WithHint("cast the column in the SELECT to a type a table can hold")
		}
		fields[i] = base.Field{Name: c.Name, Type: t}
	}
	return fields, nil
}

func (s *Session) Stream(name string, r array.RecordReader) (release func(), err error) {
	err = s.conn.Raw(func(c any) error {
		a, err := duck.NewArrowFromConn(c.(driver.Conn))
		if err != nil {
			return err
		}
		release, err = a.RegisterView(r, name+"_raw")
		return err
	})
	if err == nil {
		if err = s.Exec(context.Background(), unfiltered(name, r.Schema().Fields())); err != nil {
			release()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("register stream %s: %w", name, err)
	}
	return release, nil
}

// unfiltered is a view of a stream that keeps the engine from leaving filters
// to it: the scan of a stream claims to apply them and does not. Filters on
// members of a struct stay where they are; the struct costs no copy.
func unfiltered(name string, fields []arrow.Field) string {
	in, out := make([]string, len(fields)), make([]string, len(fields))
	for i, f := range fields {
		col := `"` + strings.ReplaceAll(f.Name, `"`, `""`) + `"`
		in[i] = fmt.Sprintf("f%d := %s", i, col)
		out[i] = fmt.Sprintf("s.f%d AS %s", i, col)
	}
	return fmt.Sprintf(`CREATE VIEW "%[1]s" AS SELECT %[2]s FROM (SELECT struct_pack(%[3]s) AS s FROM "%[1]s_raw")`, name, strings.Join(out, ", "), strings.Join(in, ", "))
}
