package lake

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Properties the lake itself sets on its tables.
const (
	propWriteID = "mulgil.write-id" // the last write committed; also in its snapshot's summary
	propTable   = "mulgil.table"    // the table's name, for Recover
	propComment = "comment"
	propCreated = "mulgil.created-ms"
)

// Managed is the Kind of tables whose files the lake owns.
const Managed = "managed"

// TableInfo describes a table at one moment.
type TableInfo struct {
	Name
	Kind     string `json:"kind"`
	Comment  string `json:"comment,omitempty"`
	Location string `json:"location"`
	// Fields carry Iceberg ids and column comments.
	Fields []base.Field `json:"fields"`
	// PartitionBy names columns and transforms of them: "city", "day(ts)",
	// "bucket(16, id)". base.ParsePartitionBy reads it.
	PartitionBy []string `json:"partition_by,omitempty"`
	// SnapshotID is 0 for a table that never had a row.
	SnapshotID int64             `json:"snapshot_id"`
	Rows       int64             `json:"rows"`
	Bytes      int64             `json:"bytes"`
	Files      int64             `json:"files"`
	Properties map[string]string `json:"properties,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
	// Damage is why the metadata cannot be read, in a list of tables; only
	// Name, Kind and Location are known then.
	Damage error `json:"-"`
}

// EnsureDatabase creates a database unless it exists.
func (l *Lake) EnsureDatabase(ctx context.Context, db string) error {
	if err := checkPart(db); err != nil {
		return err
	}
	ok, err := l.cat.CheckNamespaceExists(ctx, table.Identifier{db})
	if ok || err != nil {
		return err
	}
	err = l.cat.CreateNamespace(ctx, table.Identifier{db}, nil)
	if errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return nil
	}
	return err
}

// DropDatabase removes an empty database; one with tables or views is base.Conflict.
func (l *Lake) DropDatabase(ctx context.Context, db string) error {
	defer l.lock([]Name{{Database: db}})()
	views, err := viewNames(ctx, l.store.Reader(), db)
	if err != nil {
		return err
	}
	if len(views) > 0 {
		return base.Errorf(base.Conflict, "database %s has views", db).WithCode(CodeNotEmpty)
	}
	err = l.cat.DropNamespace(ctx, table.Identifier{db})
	switch {
	case errors.Is(err, catalog.ErrNoSuchNamespace):
		return base.Errorf(base.NotFound, "database %s does not exist: %w", db, err).WithCode(CodeNoNamespace)
	case errors.Is(err, catalog.ErrNamespaceNotEmpty):
		return base.Errorf(base.Conflict, "database %s has tables: %w", db, err).WithCode(CodeNotEmpty)
	}
	return err
}

// Databases lists all databases by name.
func (l *Lake) Databases(ctx context.Context) ([]string, error) {
	list, err := l.cat.ListNamespaces(ctx, nil)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i, ns := range list {
		out[i] = ns[0]
	}
	return out, nil
}

// Tables lists a database's tables by name, those whose metadata is damaged or
// gone with the Damage.
func (l *Lake) Tables(ctx context.Context, db string) ([]TableInfo, error) {
	ok, err := l.cat.CheckNamespaceExists(ctx, table.Identifier{db})
	if err != nil {
		return nil, err
	}
	if !ok {
		all, err := l.Databases(ctx)
		if err != nil {
			return nil, err
		}
		return nil, notFound("database", db, all)
	}
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return nil, err
	}
	var out []TableInfo
	for _, n := range namesOf(ptrs) {
		if n.Database != db {
			continue
		}
		at := ptrs[n.key()]
		t, err := l.loadAt(ctx, n, at)
		if Damaged(err) {
			out = append(out, TableInfo{Name: n, Kind: Managed, Location: filepath.Dir(filepath.Dir(plainPath(at))), Damage: err})
			continue
		}
		if err != nil {
			return nil, err
		}
		info, err := infoOf(n, t)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

// Table describes one table. A name that differs only in case is found; else
// base.NotFound names near misses in its hint.
func (l *Lake) Table(ctx context.Context, name Name) (TableInfo, error) {
	n, t, err := l.find(ctx, name)
	if err != nil {
		return TableInfo{}, err
	}
	return infoOf(n, t)
}

func (n Name) key() [2]string { return [2]string{n.Database, n.Table} }

func namesOf(ptrs map[[2]string]string) []Name {
	out := make([]Name, 0, len(ptrs))
	for k := range ptrs {
		out = append(out, Name{k[0], k[1]})
	}
	return sortedNames(out)
}

func sortedNames(names []Name) []Name {
	out := slices.Clone(names)
	slices.SortFunc(out, func(a, b Name) int {
		return cmp.Or(strings.Compare(a.Database, b.Database), strings.Compare(a.Table, b.Table))
	})
	return slices.Compact(out)
}

// find loads a table at its current version, with the name as it is spelled
// in the catalog.
func (l *Lake) find(ctx context.Context, name Name) (Name, *table.Table, error) {
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return name, nil, err
	}
	n, err := lookup(ptrs, name)
	if err != nil {
		return name, nil, err
	}
	t, err := l.loadAt(ctx, n, ptrs[n.key()])
	return n, t, err
}

func lookup(ptrs map[[2]string]string, name Name) (Name, error) {
	if _, ok := ptrs[name.key()]; ok {
		return name, nil
	}
	var all []string
	var same []Name
	for _, n := range namesOf(ptrs) {
		all = append(all, n.String())
		if strings.EqualFold(n.String(), name.String()) {
			same = append(same, n)
		}
	}
	if len(same) == 1 {
		return same[0], nil
	}
	return name, notFound("table", name.String(), all)
}

// loadAt reads metadata, keeping the newest of each table in memory.
func (l *Lake) loadAt(ctx context.Context, n Name, loc string) (*table.Table, error) {
	l.mu.Lock()
	t := l.loaded[n]
	l.mu.Unlock()
	if t != nil && t.MetadataLocation() == loc {
		return t, nil
	}
	t, err := l.cat.LoadAt(ctx, n.ident(), loc)
	if err != nil {
		return nil, brokenMetadata("metadata file", loc, err)
	}
	l.mu.Lock()
	l.loaded[n] = t
	l.mu.Unlock()
	return t, nil
}

func infoOf(n Name, t *table.Table) (TableInfo, error) { return infoAt(n, t, now(t)) }

func infoAt(n Name, t *table.Table, m moment) (TableInfo, error) {
	fields, err := FieldsOf(m.schema)
	if err != nil {
		return TableInfo{}, base.Errorf(base.Invalid, "table %s: %w", n, err)
	}
	props := maps.Clone(map[string]string(t.Properties()))
	info := TableInfo{Name: n, Kind: Managed, Comment: props[propComment], Location: plainPath(t.Location()), Fields: fields,
		PartitionBy: partitionNames(t.Spec(), t.Schema()), Properties: props, UpdatedAt: time.UnixMilli(t.Metadata().LastUpdatedMillis()).UTC()}
	info.CreatedAt = createdAt(t)
	if s := m.snapshot; s != nil {
		info.SnapshotID = s.SnapshotID
		info.Rows, info.Bytes, info.Files = total(s, "total-records"), total(s, "total-files-size"), total(s, "total-data-files")
	}
	return info, nil
}

// createdAt is when the table was made: recorded, or for other programs'
// tables the oldest time its metadata tells of.
func createdAt(t *table.Table) time.Time {
	ms, err := strconv.ParseInt(t.Properties()[propCreated], 10, 64)
	if err != nil {
		ms = t.Metadata().LastUpdatedMillis()
		for _, s := range t.Metadata().Snapshots() {
			ms = min(ms, s.TimestampMs)
		}
	}
	return time.UnixMilli(ms).UTC()
}

// total is a counter of a snapshot's summary, 0 if it has none.
func total(s *table.Snapshot, key string) int64 {
	if s == nil || s.Summary == nil {
		return 0
	}
	n, _ := strconv.ParseInt(s.Summary.Properties[key], 10, 64)
	return n
}
