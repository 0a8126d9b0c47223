package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/view"

	"github.com/mulgil/mulgil/internal/base"
)

// NewView is another program's wish for a view, in Iceberg's JSON.
type NewView struct {
	Name     string            `json:"name"`
	Location string            `json:"location"`
	Schema   json.RawMessage   `json:"schema"`
	Version  json.RawMessage   `json:"view-version"`
	Props    map[string]string `json:"properties"`
}

// LoadViewDoc returns a view's metadata. Views are kept in the catalog itself,
// so the metadata location only names the version. The name's case counts.
func (l *Lake) LoadViewDoc(ctx context.Context, n Name) (Doc, error) {
	v, err := loadView(ctx, l.store.Reader(), n)
	if err != nil {
		return Doc{}, err
	}
	body, err := json.Marshal(v.meta)
	if err != nil {
		return Doc{}, fmt.Errorf("encode view %s: %w", n, err)
	}
	loc := fmt.Sprintf("%s/metadata/%05d-%s.metadata.json", strings.TrimRight(plainPath(v.meta.Location()), "/"), v.version-1, v.meta.ViewUUID())
	return Doc{Name: n, MetadataLocation: loc, Metadata: body}, nil
}

// CreateViewDoc creates a view.
func (l *Lake) CreateViewDoc(ctx context.Context, db string, w NewView) (Doc, error) {
	n := Name{db, w.Name}
	if err := n.check(); err != nil {
		return Doc{}, err
	}
	defer l.lock([]Name{n, {Database: db}})()
	if err := l.vacant(ctx, n); err != nil {
		return Doc{}, err
	}
	var schema *iceberg.Schema
	var version *view.Version
	if err := json.Unmarshal(w.Schema, &schema); err != nil || schema == nil {
		return Doc{}, base.Errorf(base.Invalid, "view %s: read schema: %w", n, err)
	}
	if err := json.Unmarshal(w.Version, &version); err != nil || version == nil {
		return Doc{}, base.Errorf(base.Invalid, "view %s: read version: %w", n, err)
	}
	if _, err := FieldsOf(schema); err != nil {
		return Doc{}, err
	}
	dir := filepath.Join(l.root, db, w.Name)
	if w.Location != "" {
		var err error
		if dir, err = l.viewLocation(ctx, n, w.Location); err != nil {
			return Doc{}, err
		}
	}
	err := l.storeView(ctx, storedView{name: n}, n, func(b *view.MetadataBuilder) { b.SetProperties(w.Props).SetCurrentVersion(version, schema) }, dir)
	if err != nil {
		return Doc{}, err
	}
	return l.LoadViewDoc(ctx, n)
}

func (l *Lake) viewLocation(ctx context.Context, n Name, uri string) (string, error) {
	f, err := l.newFence(ctx, n, "")
	if err != nil {
		return "", err
	}
	return f.path(strings.TrimRight(uri, "/"))
}

// CommitViewDoc changes a view. A requirement that does not hold is
// base.Conflict with CodeCommitFailed.
func (l *Lake) CommitViewDoc(ctx context.Context, c Change) (Doc, error) {
	defer l.lock([]Name{c.Name})()
	old, err := loadView(ctx, l.store.Reader(), c.Name)
	if err != nil {
		return Doc{}, err
	}
	var reqs view.Requirements
	var updates view.Updates
	if len(c.Requirements) > 0 {
		if err := json.Unmarshal(c.Requirements, &reqs); err != nil {
			return Doc{}, base.Errorf(base.Invalid, "view %s: read requirements: %w", c.Name, err)
		}
	}
	if err := json.Unmarshal(c.Updates, &updates); err != nil {
		return Doc{}, base.Errorf(base.Invalid, "view %s: read updates: %w", c.Name, err)
	}
	if err := l.judgeView(ctx, c, old); err != nil {
		return Doc{}, err
	}
	for _, r := range reqs {
		if err := r.Validate(old.meta); err != nil {
			return Doc{}, base.Errorf(base.Conflict, "view %s: %w", c.Name, err).WithCode(CodeCommitFailed)
		}
	}
	var failed error
	err = l.storeView(ctx, old, c.Name, func(b *view.MetadataBuilder) {
		for _, u := range updates {
			if failed == nil {
				failed = u.Apply(b)
			}
		}
	}, "")
	if failed != nil {
		return Doc{}, base.Errorf(base.Invalid, "view %s: %w", c.Name, failed)
	}
	if err != nil {
		return Doc{}, err
	}
	return l.LoadViewDoc(ctx, c.Name)
}

func (l *Lake) judgeView(ctx context.Context, c Change, old storedView) error {
	var list []wire
	if err := json.Unmarshal(c.Updates, &list); err != nil {
		return base.Errorf(base.Invalid, "view %s: read updates: %w", c.Name, err)
	}
	for _, u := range list {
		if u.Location == "" || u.Location == old.meta.Location() {
			continue
		}
		if _, err := l.viewLocation(ctx, c.Name, u.Location); err != nil {
			return err
		}
	}
	return nil
}
