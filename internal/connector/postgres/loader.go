package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Loader is a port.Loader that fills tables by COPY in PostgreSQL's binary
// format, straight from Arrow columns. Each table is emptied and filled in one
// transaction with frozen rows, which spares the server the log (with
// wal_level=minimal) and a later vacuum. Keys come after the rows. Not safe for
// concurrent use.
type Loader struct{ conn *pgx.Conn }

var _ port.Loader = (*Loader)(nil)

// loaderIndexMemory is what sorting an index may use at least, in bytes; the
// server's own maintenance_work_mem counts if it is more.
const loaderIndexMemory = 256 << 20

// NewLoader connects to address: postgres://, jdbc:postgresql:// or a
// "host=... dbname=..." list. Errors, which never hold the password: base.Usage
// for an address that cannot be read, base.Unavailable, base.Denied for refused
// credentials, base.NotFound for a missing database.
func NewLoader(ctx context.Context, address string) (*Loader, error) {
	plain, err := loaderAddress(address)
	if err != nil {
		return nil, err
	}
	cfg, err := pgx.ParseConfig(plain)
	if err != nil { // its text may hold the password
		return nil, loaderBadAddress()
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, loaderError(ctx, fmt.Errorf("connect to PostgreSQL at %s:%d: %w", cfg.Host, cfg.Port, err), base.Unavailable)
	}
	return &Loader{conn}, nil
}

func loaderBadAddress() error {
	return base.Errorf(base.Usage, "the PostgreSQL address cannot be read").
		WithHint("write postgres://user:password@host:5432/database; in a password, %% @ / : are written %%25 %%40 %%2F %%3A")
}

// loaderAddress turns a JDBC address into PostgreSQL's own form; the settings
// that only tune the Java driver are left out.
func loaderAddress(address string) (string, error) {
	rest, jdbc := strings.CutPrefix(address, "jdbc:")
	if !jdbc {
		return address, nil
	}
	u, err := url.Parse(rest)
	if err != nil || u.Scheme != "postgresql" || u.Host == "" {
		return "", loaderBadAddress()
	}
	names := map[string]string{
		"user": "user", "password": "password", "sslmode": "sslmode", "sslrootcert": "sslrootcert",
		"connectTimeout": "connect_timeout", "ApplicationName": "application_name",
	}
	in, out := u.Query(), url.Values{}
	for from, to := range names {
		if in.Has(from) {
			out.Set(to, in.Get(from))
		}
	}
	if in.Has("ssl") && in.Get("ssl") != "false" && !out.Has("sslmode") {
		out.Set("sslmode", "verify-full")
	}
	u.RawQuery = out.Encode()
	return u.String(), nil
}

// loaderError gives err the kind a user can act on; other is for what has none of its own.
func loaderError(ctx context.Context, err error, other base.Kind) error {
	var own *base.Error
	if errors.As(err, &own) {
		return err
	}
	if ctx.Err() != nil {
		return base.Errorf(base.Canceled, "%w", err)
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return base.Errorf(other, "%w", err)
	}
	e := base.Errorf(other, "%w", err).WithCode(pg.Code)
	switch {
	case pg.Code == "28P01", pg.Code == "28000":
		e.Kind, e.Hint = base.Denied, "check user and password"
	case pg.Code == "3D000":
		e.Kind, e.Hint = base.NotFound, "create the database first"
	case pg.Code == "42501":
		e.Kind, e.Hint = base.Denied, "the user needs the right to create schemas and tables"
	case pg.Code == "2BP01":
		e.Kind, e.Hint = base.Conflict, "views or other tables use the table; drop them first"
	case strings.HasPrefix(pg.Code, "22"), strings.HasPrefix(pg.Code, "23"):
		e.Kind = base.Invalid
	case strings.HasPrefix(pg.Code, "53"), strings.HasPrefix(pg.Code, "57"):
		e.Kind = base.Unavailable
	}
	return e
}

// Create drops the tables and creates them without keys, and their schemas if
// missing, in one transaction. It refuses to drop what views depend on.
func (l *Loader) Create(ctx context.Context, tables []port.TableDef) error {
	if len(tables) == 0 {
		return nil
	}
	err := pgx.BeginFunc(ctx, l.conn, func(tx pgx.Tx) error {
		names := make([]string, len(tables))
		for i, t := range tables {
			names[i] = loaderTable(t.Name)
			if err := createSchema(ctx, tx, t.Name.Schema); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+strings.Join(names, ", ")); err != nil {
			return fmt.Errorf("drop the old tables: %w", err)
		}
		for _, t := range tables {
			if _, err := tx.Exec(ctx, createTable(t)); err != nil {
				return fmt.Errorf("create %s: %w", t.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return loaderError(ctx, err, base.Internal)
	}
	return nil
}

// createSchema looks first: IF NOT EXISTS asks for the right to create even when the schema exists.
func createSchema(ctx context.Context, tx pgx.Tx, name string) error {
	if name == "" {
		return nil
	}
	var exists bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", name).Scan(&exists)
	if err == nil && !exists {
		_, err = tx.Exec(ctx, "CREATE SCHEMA "+loaderQuote(name))
	}
	if err != nil {
		return fmt.Errorf("create schema %s: %w", name, err)
	}
	return nil
}

// createTable is a table's DDL without keys.
func createTable(t port.TableDef) string {
	cols := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cols[i] = loaderQuote(c.Name) + " " + c.SQLType
		if c.NotNull {
			cols[i] += " NOT NULL"
		}
	}
	return fmt.Sprintf("CREATE TABLE %s (%s)", loaderTable(t.Name), strings.Join(cols, ", "))
}

func loaderQuote(names ...string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = pgx.Identifier{n}.Sanitize()
	}
	return strings.Join(q, ", ")
}

func loaderTable(t port.TableName) string {
	if t.Schema == "" {
		return loaderQuote(t.Name)
	}
	return pgx.Identifier{t.Schema, t.Name}.Sanitize()
}

// loaderText is a string literal of a COMMENT, which takes no parameters.
// Backslashes are plain characters only if the server says so, hence E”.
func loaderText(s string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + "'"
}

// Load replaces a table's rows by the reader's. Arrow types must be the binary
// equals of the columns': utf8 for text, float64 for double precision, int64
// for bigint, int32 for integer, date32 for date, bool, binary for bytea.
func (l *Loader) Load(ctx context.Context, table port.TableDef, rows array.RecordReader, report base.Report) (int64, error) {
	names := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		names[i] = c.Name
	}
	name := loaderTable(table.Name)
	began := time.Now()
	tell := func(n int64, done bool) {
		report.Do(base.Progress{Stage: "load " + table.Name.String(), Rows: n, Elapsed: time.Since(began), Done: done})
	}
	var loaded int64
	err := pgx.BeginFunc(ctx, l.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "TRUNCATE "+name); err != nil {
			return err
		}
		s := newCopyStream(ctx, rows, len(names), func(n int64) { tell(n, false) })
		tag, err := l.conn.PgConn().CopyFrom(ctx, s, fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT binary, FREEZE)", name, loaderQuote(names...)))
		sent, sendErr := s.close()
		if sendErr != nil && ctx.Err() == nil {
			return sendErr
		}
		if err == nil && tag.RowsAffected() != sent {
			err = base.Errorf(base.Internal, "%d of %d rows arrived", tag.RowsAffected(), sent)
		}
		loaded = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, loaderError(ctx, fmt.Errorf("load %s: %w", table.Name, err), base.Internal)
	}
	tell(loaded, true)
	return loaded, nil
}

// Finish adds primary and foreign keys and comments, and gathers statistics.
func (l *Loader) Finish(ctx context.Context, tables []port.TableDef, report base.Report) error {
	began := time.Now()
	err := l.moreMemory(ctx)
	for _, step := range finishSteps(tables) {
		if err != nil {
			break
		}
		report.Do(base.Progress{Stage: "add keys", Note: step.note, Elapsed: time.Since(began)})
		if _, e := l.conn.Exec(ctx, step.sql); e != nil {
			err = fmt.Errorf("%s: %w", step.note, e)
		}
	}
	if err != nil {
		return loaderError(ctx, err, base.Internal)
	}
	report.Do(base.Progress{Stage: "add keys", Elapsed: time.Since(began), Done: true})
	return nil
}

// moreMemory lets this session sort indexes in memory.
func (l *Loader) moreMemory(ctx context.Context) error {
	_, err := l.conn.Exec(ctx, `SELECT set_config('maintenance_work_mem', $1::bigint / 1024 || 'kB', false)
WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < $1`, int64(loaderIndexMemory))
	return err
}

type finishStep struct{ note, sql string }

// finishSteps are the statements of Finish: all primary keys before the foreign
// keys that need them.
func finishSteps(tables []port.TableDef) []finishStep {
	var keys, refs, rest []finishStep
	for _, t := range tables {
		name := loaderTable(t.Name)
		if len(t.PrimaryKey) > 0 {
			keys = append(keys, finishStep{"primary key of " + t.Name.String(), fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", name, loaderQuote(t.PrimaryKey...))})
		}
		for _, k := range t.ForeignKeys {
			refs = append(refs, finishStep{"foreign key " + k.Name, fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (%s)",
				name, loaderQuote(k.Name), loaderQuote(k.Columns...), loaderTable(k.Ref), loaderQuote(k.RefColumns...))})
		}
		if text := commentsOf(t); text != "" {
			rest = append(rest, finishStep{"comments of " + t.Name.String(), text})
		}
		rest = append(rest, finishStep{"statistics of " + t.Name.String(), "ANALYZE " + name})
	}
	return append(append(keys, refs...), rest...)
}

// commentsOf are a table's COMMENT statements in one text.
func commentsOf(t port.TableDef) string {
	var text strings.Builder
	name := loaderTable(t.Name)
	if t.Comment != "" {
		fmt.Fprintf(&text, "COMMENT ON TABLE %s IS %s;\n", name, loaderText(t.Comment))
	}
	for _, c := range t.Columns {
		if c.Comment != "" {
			fmt.Fprintf(&text, "COMMENT ON COLUMN %s.%s IS %s;\n", name, loaderQuote(c.Name), loaderText(c.Comment))
		}
	}
	return text.String()
}

// Close hangs up. Safe to call twice.
func (l *Loader) Close() error {
	if l.conn == nil {
		return nil
	}
	// A server that does not answer must not hold up the end of the program.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := l.conn.Close(ctx)
	l.conn = nil
	return err
}
