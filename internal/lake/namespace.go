package lake

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// CreateDatabase creates a database with properties; one that exists is
// base.Exists.
func (l *Lake) CreateDatabase(ctx context.Context, db string, props map[string]string) error {
	if err := checkPart(db); err != nil {
		return err
	}
	err := l.cat.CreateNamespace(ctx, table.Identifier{db}, props)
	if errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return base.Errorf(base.Exists, "database %s exists", db)
	}
	return err
}

// catalogMark is how the catalog's layout marks a database without properties.
const catalogMark = "exists"

// DatabaseProperties are what was set on a database.
func (l *Lake) DatabaseProperties(ctx context.Context, db string) (map[string]string, error) {
	p, err := l.cat.LoadNamespaceProperties(ctx, table.Identifier{db})
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		return nil, base.Errorf(base.NotFound, "database %s does not exist", db)
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
		if _, both := updates[k]; both || k == catalogMark {
			return PropertiesChanged{}, base.Errorf(base.Usage, "property %q cannot be removed", k)
		}
	}
	s, err := l.cat.UpdateNamespaceProperties(ctx, table.Identifier{db}, removals, updates)
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		return PropertiesChanged{}, base.Errorf(base.NotFound, "database %s does not exist", db)
	}
	slices.Sort(s.Updated)
	return PropertiesChanged{Updated: s.Updated, Removed: s.Removed, Missing: s.Missing}, err
}
