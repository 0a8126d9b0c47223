package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/port"
)

// Catalog is an Iceberg catalog in a port.Store: the tables iceberg_tables and
// iceberg_namespace_properties in the layout ("V1") that pyiceberg's SqlCatalog
// and Spark's JdbcCatalog read and write too. Unlike those it commits several
// tables in one transaction, together with rows of our own.
//
// All metadata is read and written through the file system it was given, which
// must have synced a file to disk by the time its writer is closed. Safe for
// concurrent use.
type Catalog struct {
	store port.Store
	name  string
	fs    func(tableLocation string) icebergio.IO
}

var (
	_ catalog.Catalog              = (*Catalog)(nil)
	_ catalog.TransactionalCatalog = (*Catalog)(nil)
)

// catalogTables is the layout other programs expect; it never changes.
var catalogTables = []string{
	`CREATE TABLE IF NOT EXISTS iceberg_tables (
		catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,
		metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
		PRIMARY KEY (catalog_name, table_namespace, table_name));
	CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
		catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL,
		property_value VARCHAR(1000), PRIMARY KEY (catalog_name, namespace, property_key))`,
}

const (
	existsKey = "exists" // marks a namespace that has no other property
	isTable   = ` AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)`
)

// NewCatalog opens the catalog called name in store, creating its tables. fs
// returns the file system for a table's location.
func NewCatalog(ctx context.Context, store port.Store, name string, fs func(tableLocation string) icebergio.IO) (*Catalog, error) {
	if err := store.Migrate(ctx, "iceberg", catalogTables); err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	return &Catalog{store: store, name: name, fs: fs}, nil
}

// CatalogType implements catalog.Catalog.
func (c *Catalog) CatalogType() catalog.Type { return catalog.SQL }

// CreateTable creates an empty table; its location is an option that must be given.
func (c *Catalog) CreateTable(ctx context.Context, ident icetable.Identifier, schema *iceberg.Schema, opts ...catalog.CreateTableOpt) (*icetable.Table, error) {
	cfg := catalog.NewCreateTableCfg()
	for _, o := range opts {
		o(&cfg)
	}
	if cfg.Location == "" {
		return nil, fmt.Errorf("create table %s: %w: no location", strings.Join(ident, "."), iceberg.ErrInvalidArgument)
	}
	meta, err := icetable.NewMetadata(schema, cfg.PartitionSpec, cfg.SortOrder, cfg.Location, cfg.Properties)
	if err != nil {
		return nil, err
	}
	err = c.CommitWith(ctx, []icetable.TableCommit{{Identifier: ident, Requirements: []icetable.Requirement{icetable.AssertCreate()}, Updates: createUpdates(meta)}}, nil)
	if err != nil {
		return nil, err
	}
	return c.LoadTable(ctx, ident)
}

// createUpdates lists the changes that turn nothing into meta.
func createUpdates(meta icetable.Metadata) []icetable.Update {
	spec, order := meta.PartitionSpec(), meta.SortOrder()
	u := []icetable.Update{
		icetable.NewAssignUUIDUpdate(meta.TableUUID()),
		icetable.NewUpgradeFormatVersionUpdate(meta.Version()),
		icetable.NewSetLocationUpdate(meta.Location()),
		icetable.NewAddSchemaUpdate(meta.CurrentSchema()), icetable.NewSetCurrentSchemaUpdate(-1),
		icetable.NewAddPartitionSpecUpdate(&spec, true), icetable.NewSetDefaultSpecUpdate(-1),
		icetable.NewAddSortOrderUpdate(&order), icetable.NewSetDefaultSortOrderUpdate(-1),
	}
	if len(meta.Properties()) > 0 {
		u = append(u, icetable.NewSetPropertiesUpdate(meta.Properties()))
	}
	return u
}

// LoadTable implements catalog.Catalog.
func (c *Catalog) LoadTable(ctx context.Context, ident icetable.Identifier) (*icetable.Table, error) {
	loc, err := c.pointer(ctx, c.store.Reader(), ident)
	if err != nil {
		return nil, err
	}
	return c.LoadAt(ctx, ident, loc)
}

// LoadAt reads a table as the metadata file at the given location describes it.
func (c *Catalog) LoadAt(ctx context.Context, ident icetable.Identifier, metadataLocation string) (*icetable.Table, error) {
	fs := c.fs(tableDir(metadataLocation))
	t, err := icetable.NewFromLocation(ctx, ident, metadataLocation, func(context.Context) (icebergio.IO, error) { return fs, nil }, c)
	if err != nil {
		return nil, fmt.Errorf("load table %s: %w", strings.Join(ident, "."), err)
	}
	if t.Location() == tableDir(metadataLocation) {
		return t, nil
	}
	own := c.fs(t.Location())
	return icetable.New(ident, t.Metadata(), metadataLocation, func(context.Context) (icebergio.IO, error) { return own, nil }, c), nil
}

// tableDir is the table location a metadata file lies under.
func tableDir(metadataLocation string) string {
	dir := metadataLocation[:max(strings.LastIndexByte(metadataLocation, '/'), 0)]
	return strings.TrimSuffix(dir, "/metadata")
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (c *Catalog) pointer(ctx context.Context, q queryer, ident icetable.Identifier) (string, error) {
	ns, name, err := split(ident)
	if err != nil {
		return "", err
	}
	var loc sql.NullString
	err = q.QueryRowContext(ctx, `SELECT metadata_location FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?`+isTable, c.name, ns, name).Scan(&loc)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !loc.Valid {
		return "", fmt.Errorf("%w: %s.%s", catalog.ErrNoSuchTable, ns, name)
	}
	if err != nil {
		return "", fmt.Errorf("look up table %s.%s: %w", ns, name, err)
	}
	return loc.String, nil
}

func split(ident icetable.Identifier) (ns, name string, err error) {
	if err := catalog.ValidateTableIdentifier(ident); err != nil {
		return "", "", err
	}
	return strings.Join(ident[:len(ident)-1], "."), ident[len(ident)-1], nil
}

// Pointers returns the current metadata location of every table, by namespace
// and name, as seen by tx; without tx in a read of its own.
func (c *Catalog) Pointers(ctx context.Context, tx *sql.Tx) (map[[2]string]string, error) {
	var q queryer = c.store.Reader()
	if tx != nil {
		q = tx
	}
	rows, err := q.QueryContext(ctx, `SELECT table_namespace, table_name, metadata_location FROM iceberg_tables WHERE catalog_name = ? AND metadata_location IS NOT NULL`+isTable, c.name)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer rows.Close()
	out := map[[2]string]string{}
	for rows.Next() {
		var k [2]string
		var loc string
		if err := rows.Scan(&k[0], &k[1], &loc); err != nil {
			return nil, fmt.Errorf("list tables: %w", err)
		}
		out[k] = loc
	}
	return out, rows.Err()
}

// Repoint moves a table's pointer within tx from the metadata location old to
// new. Empty old registers a table that does not exist, empty new drops it.
// A table that is no longer at old is icetable.ErrCommitFailed.
func (c *Catalog) Repoint(ctx context.Context, tx *sql.Tx, ident icetable.Identifier, old, new string) error {
	ns, name, err := split(ident)
	if err != nil {
		return err
	}
	if old == "" {
		return c.insert(ctx, tx, ns, name, new)
	}
	var res sql.Result
	if new == "" {
		res, err = tx.ExecContext(ctx, `DELETE FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ?`+isTable, c.name, ns, name, old)
	} else {
		res, err = tx.ExecContext(ctx, `UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ?, iceberg_type = 'TABLE'
			WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ?`+isTable, new, old, c.name, ns, name, old)
	}
	if err != nil {
		return fmt.Errorf("move pointer of %s.%s: %w", ns, name, err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("%w: table %s.%s was changed by another commit", icetable.ErrCommitFailed, ns, name), err)
	}
	return nil
}

func (c *Catalog) insert(ctx context.Context, tx *sql.Tx, ns, name, loc string) error {
	if ok, err := c.namespaceExists(ctx, tx, ns); err != nil || !ok {
		return errors.Join(fmt.Errorf("%w: %s", catalog.ErrNoSuchNamespace, ns), err)
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, iceberg_type)
		VALUES (?, ?, ?, ?, 'TABLE') ON CONFLICT DO NOTHING`, c.name, ns, name, loc)
	if err != nil {
		return fmt.Errorf("register table %s.%s: %w", ns, name, err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("%w: %w: %s.%s", icetable.ErrCommitFailed, catalog.ErrTableAlreadyExists, ns, name), err)
	}
	return nil
}

// DropTable removes the catalog's row; no file is touched.
func (c *Catalog) DropTable(ctx context.Context, ident icetable.Identifier) error {
	return c.store.Update(ctx, func(tx *sql.Tx) error {
		loc, err := c.pointer(ctx, tx, ident)
		if err != nil {
			return err
		}
		return c.Repoint(ctx, tx, ident, loc, "")
	})
}

// RenameTable implements catalog.Catalog; the files stay where they are.
func (c *Catalog) RenameTable(ctx context.Context, from, to icetable.Identifier) (*icetable.Table, error) {
	err := c.store.Update(ctx, func(tx *sql.Tx) error {
		loc, err := c.pointer(ctx, tx, from)
		if err != nil {
			return err
		}
		if err := c.Repoint(ctx, tx, to, "", loc); err != nil {
			return err
		}
		return c.Repoint(ctx, tx, from, loc, "")
	})
	if err != nil {
		return nil, err
	}
	return c.LoadTable(ctx, to)
}

// CheckTableExists implements catalog.Catalog.
func (c *Catalog) CheckTableExists(ctx context.Context, ident icetable.Identifier) (bool, error) {
	_, err := c.pointer(ctx, c.store.Reader(), ident)
	if errors.Is(err, catalog.ErrNoSuchTable) {
		return false, nil
	}
	return err == nil, err
}

// ListTables implements catalog.Catalog, by name.
func (c *Catalog) ListTables(ctx context.Context, namespace icetable.Identifier) iter.Seq2[icetable.Identifier, error] {
	return func(yield func(icetable.Identifier, error) bool) {
		ns := strings.Join(namespace, ".")
		if ok, err := c.namespaceExists(ctx, c.store.Reader(), ns); err != nil || !ok {
			yield(nil, errors.Join(fmt.Errorf("%w: %s", catalog.ErrNoSuchNamespace, ns), err))
			return
		}
		all, err := c.Pointers(ctx, nil)
		if err != nil {
			yield(nil, err)
			return
		}
		keys := slices.SortedFunc(maps.Keys(all), func(a, b [2]string) int { return strings.Compare(a[1], b[1]) })
		for _, k := range keys {
			if k[0] == ns && !yield(append(slices.Clone(namespace), k[1]), nil) {
				return
			}
		}
	}
}

// encodeMetadata is the content of a metadata file.
func encodeMetadata(m icetable.Metadata) ([]byte, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode table metadata: %w", err)
	}
	return b, nil
}
