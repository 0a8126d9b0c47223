package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// beginSQL opens a transaction that no timeout ends while an extract goes on.
const beginSQL = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// patience switches off timeouts meant for short statements. Waiting for a
// lock has an end: a worker queued behind a session that waits for our own
// lead's lock would otherwise wait for ever.
const patience = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '30s'"

// snapshot is one exported PostgreSQL snapshot, held open by its lead
// connection; streams have connections of their own.
type snapshot struct {
	src     *Source
	lead    *pgx.Conn
	workers int

	id        string // of pg_export_snapshot
	version   int    // server_version_num
	blockSize int64

	mu      sync.Mutex // guards streams and closed
	streams []*extract.Stream
	closed  bool
}

func (s *snapshot) begin(ctx context.Context) error {
	if _, err := s.lead.PgConn().Exec(ctx, beginSQL+"; "+patience).ReadAll(); err != nil {
		return err
	}
	return s.lead.QueryRow(ctx, `SELECT pg_export_snapshot(), current_setting('server_version_num')::int,
		current_setting('block_size')::bigint`).Scan(&s.id, &s.version, &s.blockSize)
}

// listSQL names what can be read; partitions are read through their parent.
const listSQL = `SELECT n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), greatest(c.reltuples, 0)::bigint
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition
	AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%' AND has_schema_privilege(n.oid, 'USAGE')
	ORDER BY 1, 2`

// Tables implements port.Snapshot.
func (s *snapshot) Tables(ctx context.Context) ([]port.SourceTable, error) {
	rows, err := s.lead.Query(ctx, listSQL)
	if err != nil {
		return nil, s.src.queryError(ctx, "list tables", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t port.SourceTable, err error) {
		err = r.Scan(&t.Name.Schema, &t.Name.Name, &t.Comment, &t.Rows)
		return t, err
	})
	if err != nil {
		return nil, s.src.queryError(ctx, "list tables", err)
	}
	return out, nil
}

// Describe implements port.Snapshot. A column whose type no lake table can
// hold has PostgreSQL's type name as its type id; Read refuses it.
func (s *snapshot) Describe(ctx context.Context, name port.TableName) (port.SourceTable, error) {
	t, err := s.table(ctx, name)
	if err != nil {
		return port.SourceTable{}, err
	}
	return t.public, nil
}

// table is what Read needs to know beyond Describe.
type table struct {
	public  port.SourceTable
	sql     string // quoted name
	columns []column
	pages   int64 // of a heap that can be cut into page ranges, else 0
}

func (t *table) String() string { return t.public.Name.String() }

// quote makes an identifier of any text.
func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func (s *snapshot) table(ctx context.Context, name port.TableName) (*table, error) {
	t := &table{}
	t.sql = quote(name.Name)
	if name.Schema != "" {
		t.sql = quote(name.Schema) + "." + t.sql
	}
	var oid uint32
	var kind, method string
	var inherited bool
	var size int64
	p := &t.public
	err := s.lead.QueryRow(ctx, `SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relhassubclass, coalesce(am.amname, ''),
		greatest(c.reltuples, 0)::bigint, coalesce(obj_description(c.oid, 'pg_class'), ''),
		CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam
		WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'v', 'm', 'p', 'f')`, t.sql).
		Scan(&oid, &p.Name.Schema, &p.Name.Name, &kind, &inherited, &method, &p.Rows, &p.Comment, &size)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, s.noTable(ctx, name)
	}
	if err != nil {
		return nil, s.src.queryError(ctx, "describe "+name.String(), err)
	}
	t.sql = quote(p.Name.Schema) + "." + quote(p.Name.Name)
	if (kind == "r" || kind == "m") && method == "heap" && !inherited && s.version >= 140000 {
		t.pages = (size + s.blockSize - 1) / s.blockSize
	}
	if err := s.describe(ctx, t, oid); err != nil {
		return nil, s.src.queryError(ctx, "describe "+name.String(), err)
	}
	return t, nil
}

func (s *snapshot) noTable(ctx context.Context, name port.TableName) error {
	all, err := s.Tables(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.Name.String()
	}
	return base.Errorf(base.NotFound, "connection %s: there is no table %s", s.src.name, name).WithHint("%s", extract.Hint(name.String(), names))
}

func (s *snapshot) describe(ctx context.Context, t *table, oid uint32) error {
	types, err := s.types(ctx, oid)
	if err != nil {
		return err
	}
	loose := "coalesce(NOT co.collisdeterministic, false)"
	if s.version < 120000 {
		loose = "false"
	}
	rows, err := s.lead.Query(ctx, fmt.Sprintf(`SELECT a.attname, a.atttypid, a.atttypmod, a.attnotnull,
		coalesce(col_description(a.attrelid, a.attnum), ''), format_type(a.atttypid, a.atttypmod), %s
		FROM pg_attribute a LEFT JOIN pg_collation co ON co.oid = a.attcollation
		WHERE a.attrelid = %d AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, loose, oid))
	if err != nil {
		return err
	}
	t.columns, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (c column, err error) {
		var typ uint32
		var mod int32
		err = r.Scan(&c.field.Name, &typ, &mod, &c.field.Required, &c.field.Comment, &c.typ, &c.loose)
		types.resolve(&c, typ, mod, s.src.numText)
		return c, err
	})
	if err != nil {
		return err
	}
	for _, c := range t.columns {
		t.public.Fields = append(t.public.Fields, c.field)
	}
	t.public.Key, err = s.key(ctx, oid)
	return err
}

// types loads the types of a table's columns and what they are made of.
func (s *snapshot) types(ctx context.Context, oid uint32) (catalogTypes, error) {
	rows, err := s.lead.Query(ctx, fmt.Sprintf(`WITH RECURSIVE p AS (
		SELECT t.oid, t.typname, t.typtype::text AS kind, t.typbasetype, t.typtypmod,
			coalesce((SELECT e.oid FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid), 0) AS elem,
			(n.nspname = 'pg_catalog' OR t.typname = 'citext') AS system
		FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
	), need AS (
		SELECT p.* FROM p WHERE p.oid IN (SELECT atttypid FROM pg_attribute WHERE attrelid = %d AND attnum > 0)
		UNION SELECT p.* FROM p JOIN need ON p.oid = need.typbasetype OR p.oid = need.elem
	) SELECT oid, typname, kind, typbasetype, typtypmod, elem::oid, system FROM need`, oid))
	if err != nil {
		return nil, err
	}
	out := catalogTypes{}
	var id uint32
	var t rawType
	_, err = pgx.ForEachRow(rows, []any{&id, &t.name, &t.kind, &t.base, &t.mod, &t.elem, &t.system}, func() error {
		out[id] = t
		return nil
	})
	return out, err
}

func (s *snapshot) key(ctx context.Context, oid uint32) ([]string, error) {
	count := "i.indnkeyatts"
	if s.version < 110000 {
		count = "i.indnatts"
	}
	rows, err := s.lead.Query(ctx, fmt.Sprintf(`SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (att, pos)
		JOIN pg_attribute a ON a.attrelid = %d AND a.attnum = k.att
		WHERE i.indrelid = %d AND i.indisprimary AND k.pos <= %s ORDER BY k.pos`, oid, oid, count))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Read implements port.Snapshot.
func (s *snapshot) Read(ctx context.Context, spec port.ReadSpec) (port.Stream, error) {
	t, err := s.table(ctx, spec.Table)
	if err != nil {
		return nil, err
	}
	cols, err := t.choose(spec.Columns)
	if err != nil {
		return nil, err
	}
	where, err := t.where(spec.Where)
	if err != nil {
		return nil, err
	}
	fields := make([]base.Field, len(cols))
	for i, c := range cols {
		fields[i] = c.field
	}
	schema, err := extract.Schema(fields)
	if err != nil {
		return nil, base.Errorf(base.Invalid, "table %s: %w", t, err)
	}
	r := &reader{snap: s, table: t, cols: cols, where: where, schema: schema, ranges: s.cut(t)}
	if err := s.hold(ctx, r); err != nil {
		return nil, err
	}
	stream := extract.Start(ctx, extract.Options{
		Name: t.String(), Schema: schema, Pushed: r.query(""), Expect: t.public.Rows, Report: spec.Report,
	}, r.run)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		stream.Stop()
		return nil, base.Errorf(base.Internal, "connection %s: the snapshot is closed", s.src.name)
	}
	s.streams = append(s.streams, stream)
	return stream, nil
}

// hold plans the query on the lead connection, which locks what it reads until
// the snapshot ends: TRUNCATE and rewriting ALTERs, whose effect an older
// snapshot would see as missing rows, have to wait. It also finds what the
// server will not run before the first row.
func (s *snapshot) hold(ctx context.Context, r *reader) error {
	if _, err := s.lead.PgConn().Exec(ctx, "EXPLAIN (COSTS OFF) "+r.query("")).ReadAll(); err != nil {
		return s.src.queryError(ctx, "read "+r.table.String(), err)
	}
	return nil
}

// choose picks the columns wanted and refuses what cannot be held.
func (t *table) choose(want []string) ([]column, error) {
	var out []column
	var bad base.Errors
	take := func(c column) {
		if c.wire == wireNone {
			bad = append(bad, c.refusal(t.String()))
		}
		out = append(out, c)
	}
	if want == nil {
		for _, c := range t.columns {
			take(c)
		}
	}
	for _, name := range want {
		c, err := t.column(name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		take(*c)
	}
	if len(bad) == 1 {
		return nil, bad[0]
	}
	if len(bad) == 0 && len(out) == 0 {
		return nil, base.Errorf(base.Invalid, "table %s: no columns to read", t)
	}
	return out, bad.Err()
}

func (t *table) column(name string) (*column, *base.Error) {
	names := make([]string, len(t.columns))
	for i := range t.columns {
		if t.columns[i].field.Name == name {
			return &t.columns[i], nil
		}
		names[i] = t.columns[i].field.Name
	}
	return nil, base.Errorf(base.NotFound, "table %s has no column %q", t, name).WithHint("%s", extract.Hint(name, names))
}

// Close implements port.Snapshot.
func (s *snapshot) Close() error {
	s.mu.Lock()
	open, was := s.streams, s.closed
	s.streams, s.closed = nil, true
	s.mu.Unlock()
	for _, st := range open {
		st.Stop()
	}
	if was {
		return nil
	}
	s.src.mu.Lock()
	delete(s.src.snaps, s)
	s.src.mu.Unlock()
	hangUp(s.lead.PgConn())
	return nil
}

// hangUp closes a connection and waits, shortly, for what pgx left running on it.
func hangUp(c *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	c.Close(ctx)
	select {
	case <-c.CleanupDone():
	case <-ctx.Done():
	}
}
