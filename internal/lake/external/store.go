package external

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

var migrations = []string{`
CREATE TABLE external_table (
  db TEXT NOT NULL, name TEXT NOT NULL,
  definition TEXT NOT NULL, -- JSON of Table
  version INTEGER NOT NULL,
  PRIMARY KEY (db, name)
) WITHOUT ROWID;
CREATE TABLE external_partition (
  db TEXT NOT NULL, tbl TEXT NOT NULL,
  vals TEXT NOT NULL, -- JSON array of text
  location TEXT NOT NULL, created TEXT NOT NULL,
  PRIMARY KEY (db, tbl, vals),
  FOREIGN KEY (db, tbl) REFERENCES external_table (db, name) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE external_link (
  db TEXT NOT NULL, name TEXT NOT NULL,
  definition TEXT NOT NULL, -- JSON of Link
  PRIMARY KEY (db, name)
) WITHOUT ROWID;`,
	// 2: definitions name Hive's classes for their files. Older programs would
	// lose them and the declared types, so they are refused.
	`UPDATE external_table SET definition = json_set(definition,
  '$.input_format', CASE json_extract(definition, '$.format') WHEN 'parquet' THEN '` + parquetInput + `' ELSE '` + textInput + `' END,
  '$.output_format', CASE json_extract(definition, '$.format') WHEN 'parquet' THEN '` + parquetOutput + `' ELSE '` + textOutput + `' END);`}

// Store reads and writes external tables. Safe for concurrent use; changes are
// durable when a method returns.
type Store struct {
	db    port.Store
	clock base.Clock
}

// New prepares the tables inside catalog.db. The store does not close db.
func New(ctx context.Context, db port.Store, clock base.Clock) (*Store, error) {
	if err := db.Migrate(ctx, "external", migrations); err != nil {
		return nil, fmt.Errorf("external tables: %w", err)
	}
	return &Store{db: db, clock: clock}, nil
}

func (s *Store) now() time.Time { return s.clock.Now().UTC() }

// Create adds t with its first partitions in one transaction and returns it as
// stored. base.Exists if the name is taken by a table or a link.
func (s *Store) Create(ctx context.Context, t Table, parts ...Partition) (Table, error) {
	var out Table
	err := s.db.Update(ctx, func(tx *sql.Tx) (err error) {
		out, err = s.CreateIn(tx, t, parts...)
		return err
	})
	return out, err
}

// CreateIn is Create within a transaction of the catalog.
func (s *Store) CreateIn(tx *sql.Tx, t Table, parts ...Partition) (Table, error) {
	t.Database, t.Name = strings.ToLower(t.Database), strings.ToLower(t.Name)
	t.Version, t.Created, t.Updated = 1, s.now(), s.now()
	if t.Columns == nil {
		t.Columns = []base.Field{}
	}
	if t.PartitionKeys == nil {
		t.PartitionKeys = []base.Field{}
	}
	if t.InputFormat == "" {
		t.InputFormat, t.OutputFormat = classes(t.Format)
	}
	if err := checkTable(t, parts); err != nil {
		return Table{}, err
	}
	err := free(tx, t.Database, t.Name)
	if err == nil {
		_, err = tx.Exec(`INSERT INTO external_table VALUES (?, ?, ?, ?)`, t.Database, t.Name, encode(t), t.Version)
	}
	if err == nil {
		_, err = insertPartitions(tx, t, parts, s.now())
	}
	if err != nil {
		return Table{}, fmt.Errorf("create external table %s.%s: %w", t.Database, t.Name, err)
	}
	return t, nil
}

func checkTable(t Table, parts []Partition) error {
	if t.Database == "" || t.Name == "" || t.Location == "" {
		return base.Errorf(base.Invalid, "external table %q.%q at %q needs a database, a name and a location", t.Database, t.Name, t.Location)
	}
	seen := map[string]bool{}
	for _, f := range append(append([]base.Field{}, t.Columns...), t.PartitionKeys...) {
		if key := strings.ToLower(f.Name); seen[key] {
			return base.Errorf(base.Invalid, "external table %s.%s has two columns named %q", t.Database, t.Name, f.Name).
				WithHint("a partition key must not be listed among the columns")
		} else {
			seen[key] = true
		}
	}
	return checkPartitions(t, parts)
}

// free says base.Exists if the name is in use.
func free(tx *sql.Tx, db, name string) error {
	var n int
	err := tx.QueryRow(`SELECT (SELECT count(*) FROM external_table WHERE db = ?1 AND name = ?2) + (SELECT count(*) FROM external_link WHERE db = ?1 AND name = ?2)`, db, name).Scan(&n)
	if err == nil && n > 0 {
		return base.Errorf(base.Exists, "table %s.%s exists", db, name).WithCode("AlreadyExistsException")
	}
	return err
}

// Change replaces a table's definition by what edit makes of it, in one
// transaction. Database, Name, Created and Version are kept out of edit's
// reach: the version grows by one. base.NotFound if there is no such table.
func (s *Store) Change(ctx context.Context, db, name string, edit func(*Table) error) (Table, error) {
	var t Table
	err := s.db.Update(ctx, func(tx *sql.Tx) error {
		old, err := getTable(tx, db, name)
		if err != nil {
			return err
		}
		t = old
		if err := edit(&t); err != nil {
			return err
		}
		t.Database, t.Name, t.Created, t.Version, t.Updated = old.Database, old.Name, old.Created, old.Version+1, s.now()
		if err := checkTable(t, nil); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE external_table SET definition = ?, version = ? WHERE db = ? AND name = ?`, encode(t), t.Version, t.Database, t.Name)
		return err
	})
	if err != nil {
		return Table{}, fmt.Errorf("change external table %s.%s: %w", db, name, err)
	}
	return t, nil
}

// Drop removes a table and its partitions from the catalog; files stay.
func (s *Store) Drop(ctx context.Context, db, name string) error {
	err := s.db.Update(ctx, func(tx *sql.Tx) error {
		r, err := tx.Exec(`DELETE FROM external_table WHERE db = ? AND name = ?`, strings.ToLower(db), strings.ToLower(name))
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n == 0 {
			return notFound(db, name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop external table %s.%s: %w", db, name, err)
	}
	return nil
}

// Get returns one table; base.NotFound if there is none of that name.
func (s *Store) Get(ctx context.Context, db, name string) (Table, error) {
	return getTable(readTx{ctx, s.db.Reader()}, db, name)
}

// List returns a database's tables by name; every database's if db is empty.
func (s *Store) List(ctx context.Context, db string) ([]Table, error) {
	return list[Table](ctx, s.db.Reader(), "external_table", db)
}

// Databases lists the databases that have an external table or a link.
func (s *Store) Databases(ctx context.Context) ([]string, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT db FROM external_table UNION SELECT db FROM external_link ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("list databases: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var d string
		if err := rows.Scan(&d); err != nil {
			return nil, fmt.Errorf("list databases: %w", err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// queryRower is what reading needs of a transaction or the read pool.
type queryRower interface {
	QueryRow(query string, args ...any) *sql.Row
}

type readTx struct {
	ctx context.Context
	db  *sql.DB
}

func (r readTx) QueryRow(q string, args ...any) *sql.Row {
	return r.db.QueryRowContext(r.ctx, q, args...)
}

func getTable(q queryRower, db, name string) (Table, error) {
	return getOne[Table](q, "external_table", db, name)
}

func getOne[T any](q queryRower, from, db, name string) (T, error) {
	var v T
	var text string
	err := q.QueryRow(`SELECT definition FROM `+from+` WHERE db = ? AND name = ?`, strings.ToLower(db), strings.ToLower(name)).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return v, notFound(db, name)
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &v)
	}
	if err != nil {
		return v, fmt.Errorf("read %s.%s: %w", db, name, err)
	}
	return v, nil
}

func list[T any](ctx context.Context, r *sql.DB, from, db string) ([]T, error) {
	rows, err := r.QueryContext(ctx, `SELECT definition FROM `+from+` WHERE ?1 = '' OR db = ?1 ORDER BY db, name`, strings.ToLower(db))
	if err != nil {
		return nil, fmt.Errorf("list tables of %q: %w", db, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var text string
		var v T
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("list tables of %q: %w", db, err)
		}
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return nil, fmt.Errorf("list tables of %q: %w", db, err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func notFound(db, name string) error {
	return base.Errorf(base.NotFound, "no external table %s.%s", db, name).WithCode("EntityNotFoundException")
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of text, numbers and times always encode
	}
	return string(b)
}
