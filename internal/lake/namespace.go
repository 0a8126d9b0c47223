package lake

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

func noDatabase(db string) error {
	return base.Errorf(base.NotFound, "namespace does not exist: %s", db).WithCode(CodeNoNamespace)
}

func (l *Lake) needDatabase(ctx context.Context, db string) error {
	ok, err := l.cat.CheckNamespaceExists(ctx, table.Identifier{db})
	if err == nil && !ok {
		err = noDatabase(db)
	}
	return err
}

// CreateDatabase creates a database with properties; one that exists is
// base.Exists.
func (l *Lake) CreateDatabase(ctx context.Context, db string, props map[string]string) error {
	if err := checkPart(db); err != nil {
		return err
	}
	if err := l.checkDatabaseProperties(ctx, db, props); err != nil {
		return err
	}
	err := l.cat.CreateNamespace(ctx, table.Identifier{db}, props)
	if errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return base.Errorf(base.Exists, "namespace already exists: %s", db).WithCode(CodeExists)
	}
	return err
}

// checkDatabaseProperties: tables go where the lake puts them, so a location
// may only name a folder of the lake.
func (l *Lake) checkDatabaseProperties(ctx context.Context, db string, props map[string]string) error {
	if _, ok := props[catalogMark]; ok {
		return base.Errorf(base.Invalid, "property %q is the catalog's own", catalogMark)
	}
	loc, ok := props["location"]
	if !ok {
		return nil
	}
	f, err := l.newFence(ctx, Name{Database: db}, "")
	if err != nil {
		return err
	}
	_, err = f.path(strings.TrimRight(loc, "/"))
	return err
}

// catalogMark is how the catalog's layout marks a database without properties.
const catalogMark = "exists"

// DatabaseProperties are what was set on a database.
func (l *Lake) DatabaseProperties(ctx context.Context, db string) (map[string]string, error) {
	if err := l.needDatabase(ctx, db); err != nil {
		return nil, err
	}
	p, err := l.cat.LoadNamespaceProperties(ctx, table.Identifier{db})
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		return nil, noDatabase(db)
	}
	p = maps.Clone(p)
	delete(p, catalogMark)
	return p, err
}

// PropertiesChanged tells which keys SetDatabaseProperties set, removed, and
// did not find.
type PropertiesChanged struct {
	Updated []string `json:"updated"`
	Removed []string `json:"removed"`
	Missing []string `json:"missing"`
}

// SetDatabaseProperties sets and removes properties; a key that is in both is
// base.Usage.
func (l *Lake) SetDatabaseProperties(ctx context.Context, db string, removals []string, updates map[string]string) (PropertiesChanged, error) {
	for _, k := range removals {
		if _, both := updates[k]; both {
			return PropertiesChanged{}, base.Errorf(base.Usage, "property %q is both set and removed", k)
		}
	}
	if err := l.needDatabase(ctx, db); err != nil {
		return PropertiesChanged{}, err
	}
	if err := l.checkDatabaseProperties(ctx, db, updates); err != nil {
		return PropertiesChanged{}, err
	}
	mark := slices.Contains(removals, catalogMark)
	removals = slices.DeleteFunc(slices.Clone(removals), func(k string) bool { return k == catalogMark })
	s, err := l.cat.UpdateNamespaceProperties(ctx, table.Identifier{db}, removals, updates)
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		return PropertiesChanged{}, noDatabase(db)
	}
	if mark {
		s.Missing = append(s.Missing, catalogMark)
	}
	slices.Sort(s.Updated)
	return PropertiesChanged{Updated: s.Updated, Removed: s.Removed, Missing: s.Missing}, err
}
