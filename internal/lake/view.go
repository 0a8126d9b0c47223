package lake

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/apache/iceberg-go/view"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// ViewDialect is the dialect of views that are defined here, in the words of
// Iceberg's view metadata. Other programs add representations of their own.
const ViewDialect = "trino"

// ViewDef is a view: a SELECT under a name.
type ViewDef struct {
	Name
	// SQL is the statement in ViewDialect; empty for a view that only other
	// programs' dialects define, which Dialects lists.
	SQL      string
	Dialects []string
	// Fields are the columns as they were when the view was defined.
	Fields []base.Field
	// Catalog and Schema are where unqualified names in SQL are looked up.
	Catalog, Schema string
	Comment         string
	Properties      map[string]string
}

// storedView is a row of mulgil_view.
type storedView struct {
	name    Name
	meta    view.Metadata
	version int64 // counts changes; also in the metadata location
}

type rowQueryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func noView(n Name) error {
	return base.Errorf(base.NotFound, "view does not exist: %s", n).WithCode(CodeNoView)
}

// vacantView is an error if a view has the name, whatever its case.
func vacantView(ctx context.Context, q rowQueryer, n Name) error {
	all, err := viewNames(ctx, q, n.Database)
	if err != nil {
		return err
	}
	for _, v := range all {
		if strings.EqualFold(v, n.Table) {
			return base.Errorf(base.Exists, "view already exists: %s.%s", n.Database, v).WithCode(CodeExists)
		}
	}
	return nil
}

func viewNames(ctx context.Context, q rowQueryer, db string) ([]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT name FROM mulgil_view WHERE database = ? ORDER BY name`, db)
	if err != nil {
		return nil, fmt.Errorf("list views of %s: %w", db, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("list views of %s: %w", db, err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// ViewNames lists a database's views by name.
func (l *Lake) ViewNames(ctx context.Context, db string) ([]string, error) {
	if err := l.needDatabase(ctx, db); err != nil {
		return nil, err
	}
	return viewNames(ctx, l.store.Reader(), db)
}

func loadView(ctx context.Context, q rowQueryer, n Name) (storedView, error) {
	v := storedView{name: n}
	var text string
	err := q.QueryRowContext(ctx, `SELECT metadata, version FROM mulgil_view WHERE database = ? AND name = ?`, n.Database, n.Table).Scan(&text, &v.version)
	if errors.Is(err, sql.ErrNoRows) {
		return v, noView(n)
	}
	if err != nil {
		return v, fmt.Errorf("load view %s: %w", n, err)
	}
	if v.meta, err = view.ParseMetadataString(text); err != nil {
		return v, fmt.Errorf("read view %s: %w", n, err)
	}
	return v, nil
}

// View returns a view. A name that differs only in case is found; else
// base.NotFound names near misses in its hint.
func (l *Lake) View(ctx context.Context, n Name) (ViewDef, error) {
	v, err := loadView(ctx, l.store.Reader(), n)
	if base.CodeOf(err) == CodeNoView {
		all, lerr := viewNames(ctx, l.store.Reader(), n.Database)
		if lerr != nil {
			return ViewDef{}, lerr
		}
		if i := slices.IndexFunc(all, func(s string) bool { return strings.EqualFold(s, n.Table) }); i >= 0 {
			v, err = loadView(ctx, l.store.Reader(), Name{n.Database, all[i]})
		} else {
			return ViewDef{}, notFound("view", n.String(), qualified(n.Database, all))
		}
	}
	if err != nil {
		return ViewDef{}, err
	}
	return v.def()
}

func qualified(db string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = db + "." + n
	}
	return out
}

func (v storedView) def() (ViewDef, error) {
	fields, err := FieldsOf(v.meta.CurrentSchema())
	if err != nil {
		return ViewDef{}, base.Errorf(base.Invalid, "view %s: %w", v.name, err)
	}
	cur := v.meta.CurrentVersion()
	d := ViewDef{Name: v.name, Fields: fields, Catalog: cur.DefaultCatalog, Schema: strings.Join(cur.DefaultNamespace, "."),
		Properties: v.meta.Properties(), Comment: v.meta.Properties()[propComment]}
	for _, r := range cur.Representations {
		d.Dialects = append(d.Dialects, r.Dialect)
		if strings.EqualFold(r.Dialect, ViewDialect) {
			d.SQL = r.Sql
		}
	}
	return d, nil
}

// PutView creates a view, or with replace changes the one that exists. A table
// or view of that name is base.Exists.
func (l *Lake) PutView(ctx context.Context, d ViewDef, replace bool) error {
	if err := d.Name.check(); err != nil {
		return err
	}
	defer l.lock([]Name{d.Name, {Database: d.Database}})()
	fields := cloneFields(d.Fields, true)
	last := 0
	assignIDs(fields, &last)
	schema, err := SchemaOf(fields)
	if err != nil {
		return base.Errorf(base.Invalid, "view %s: %w", d.Name, err)
	}
	props := map[string]string{}
	for k, v := range d.Properties {
		props[k] = v
	}
	if d.Comment != "" {
		props[propComment] = d.Comment
	}
	old, err := loadView(ctx, l.store.Reader(), d.Name)
	if err == nil && !replace {
		return base.Errorf(base.Exists, "view already exists: %s", d.Name).WithCode(CodeExists)
	}
	if err != nil && base.CodeOf(err) != CodeNoView {
		return err
	}
	version, err := view.NewVersion(nextVersion(old.meta), view.LastAddedID, []view.Representation{view.NewRepresentation(d.SQL, ViewDialect)},
		table.Identifier{cmp.Or(d.Schema, d.Database)}, view.WithTimestampMS(l.clock.Now().UnixMilli()), view.WithDefaultViewCatalog(d.Catalog))
	if err != nil {
		return base.Errorf(base.Invalid, "view %s: %w", d.Name, err)
	}
	return l.storeView(ctx, old, d.Name, func(b *view.MetadataBuilder) {
		// what other programs wrote for their dialects was of the old statement
		b.SetProperties(iceberg.Properties{view.ReplaceDropDialectAllowedKey: "true"})
		b.SetProperties(props)
		b.SetCurrentVersion(version, schema)
	}, filepath.Join(l.root, d.Database, d.Table))
}

func nextVersion(m view.Metadata) int64 {
	next := int64(1)
	if m != nil {
		for _, v := range m.Versions() {
			next = max(next, v.VersionID+1)
		}
	}
	return next
}

// DropView removes a view; the name's case counts.
func (l *Lake) DropView(ctx context.Context, n Name) error {
	return l.store.Update(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM mulgil_view WHERE database = ? AND name = ?`, n.Database, n.Table)
		if err != nil {
			return fmt.Errorf("drop view %s: %w", n, err)
		}
		if k, err := res.RowsAffected(); err != nil || k == 0 {
			return errors.Join(noView(n), err)
		}
		return nil
	})
}

// RenameView gives a view another name.
func (l *Lake) RenameView(ctx context.Context, from, to Name) error {
	if err := to.check(); err != nil {
		return err
	}
	defer l.lock([]Name{from, to, {Database: to.Database}})()
	if _, err := loadView(ctx, l.store.Reader(), from); err != nil {
		return err
	}
	if err := l.vacant(ctx, to); err != nil {
		return err
	}
	return l.store.Update(ctx, func(tx *sql.Tx) error {
		if err := l.noTableAt(ctx, tx, to); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE mulgil_view SET database = ?, name = ? WHERE database = ? AND name = ?`, to.Database, to.Table, from.Database, from.Table)
		if err != nil {
			return fmt.Errorf("rename view %s: %w", from, err)
		}
		if k, err := res.RowsAffected(); err != nil || k == 0 {
			return errors.Join(noView(from), err)
		}
		return nil
	})
}

func (l *Lake) noTableAt(ctx context.Context, tx *sql.Tx, n Name) error {
	ptrs, err := l.cat.Pointers(ctx, tx)
	if err != nil {
		return err
	}
	for _, have := range namesOf(ptrs) {
		if strings.EqualFold(have.String(), n.String()) {
			return base.Errorf(base.Exists, "table already exists: %s", have).WithCode(CodeExists)
		}
	}
	return nil
}

// storeView writes old, or a new view at dir, with a change applied. It must not
// have been changed since old was read.
func (l *Lake) storeView(ctx context.Context, old storedView, n Name, change func(*view.MetadataBuilder), dir string) error {
	b, err := view.NewMetadataBuilder()
	if err == nil && old.meta != nil {
		b, err = view.MetadataBuilderFromBase(old.meta)
	}
	if err != nil {
		return fmt.Errorf("change view %s: %w", n, err)
	}
	if old.meta == nil {
		b.SetUUID(uuid.New()).SetLoc(dir)
	}
	change(b)
	made, err := b.Build()
	if err != nil {
		return base.Errorf(base.Invalid, "view %s: %w", n, err)
	}
	text, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("encode view %s: %w", n, err)
	}
	if old.meta == nil {
		if err := l.vacant(ctx, n); err != nil {
			return err
		}
	}
	return l.store.Update(ctx, func(tx *sql.Tx) error { return l.writeView(ctx, tx, old, n, string(text)) })
}

func (l *Lake) writeView(ctx context.Context, tx *sql.Tx, old storedView, n Name, text string) error {
	if err := l.noTableAt(ctx, tx, n); err != nil {
		return err
	}
	now := l.clock.Now().UnixMilli()
	if old.meta == nil {
		_, err := tx.ExecContext(ctx, `INSERT INTO mulgil_view VALUES (?, ?, ?, 1, ?)`, n.Database, n.Table, text, now)
		if err != nil {
			return fmt.Errorf("create view %s: %w", n, err)
		}
		return nil
	}
	res, err := tx.ExecContext(ctx, `UPDATE mulgil_view SET metadata = ?, version = version + 1, at = ? WHERE database = ? AND name = ? AND version = ?`,
		text, now, n.Database, n.Table, old.version)
	if err != nil {
		return fmt.Errorf("change view %s: %w", n, err)
	}
	if k, err := res.RowsAffected(); err != nil || k == 0 {
		return errors.Join(base.Errorf(base.Conflict, "view %s was changed by another commit", n).WithCode(CodeCommitFailed), err)
	}
	return nil
}
