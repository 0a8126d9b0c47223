package keyvalue

import (
	"context"
	"fmt"
	"slices"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/port"
)

// Service answers requests on the declared tables. It is safe for concurrent use.
type Service struct {
	store  port.KeyValue
	tables []port.KeyTable
}

// New declares the tables in the store and serves them. The store stays the
// caller's to close; it may be nil if there are no tables.
func New(ctx context.Context, store port.KeyValue, tables []port.KeyTable) (*Service, error) {
	if len(tables) == 0 {
		return &Service{}, nil
	}
	if err := store.Declare(ctx, tables); err != nil {
		return nil, fmt.Errorf("open key-value tables: %w", err)
	}
	return &Service{store, tables}, nil
}

// Tables are the declared tables, in the order given to New.
func (s *Service) Tables() []port.KeyTable { return slices.Clone(s.tables) }

// Count is how many items a table holds.
func (s *Service) Count(ctx context.Context, table string) (int64, error) {
	return s.store.Count(ctx, table)
}

// Key makes a table's key of texts: N in decimal notation, B in base64. rng is
// empty for a table without a range key.
func (s *Service) Key(table, hash, rng string) (attribute.Item, error) {
	t, err := s.table(table)
	if err != nil {
		return nil, err
	}
	if (rng != "") != (t.Range.Name != "") {
		if rng == "" {
			return nil, base.Errorf(base.Usage, "the key of %s has two parts: %s and %s", t.Name, t.Hash.Name, t.Range.Name)
		}
		return nil, base.Errorf(base.Usage, "the key of %s has one part: %s", t.Name, t.Hash.Name)
	}
	key := attribute.Item{}
	for i, a := range keyAttributes(t) {
		v, err := attribute.ParseValue(map[string]any{string(a.Type): []string{hash, rng}[i]})
		if err != nil {
			return nil, base.Errorf(base.Usage, "key %s of %s: %w", a.Name, t.Name, err)
		}
		key[a.Name] = v
	}
	return key, checkKey(t, key)
}

// Scan returns up to limit items behind a key (nil: from the beginning), in
// the order of their keys; next is the key to go on behind, nil at the end.
func (s *Service) Scan(ctx context.Context, table string, after attribute.Item, limit int) (items []attribute.Item, next attribute.Item, err error) {
	t, err := s.table(table)
	if err != nil {
		return nil, nil, err
	}
	if after != nil {
		if err := checkKey(t, after); err != nil {
			return nil, nil, err
		}
	}
	items, more, err := s.store.Scan(ctx, port.KeyRange{Table: t.Name, After: after, Limit: limit})
	if err != nil || !more {
		return items, nil, err
	}
	return items, t.Key(items[len(items)-1]), nil
}

func (s *Service) table(name string) (port.KeyTable, error) {
	i := slices.IndexFunc(s.tables, func(t port.KeyTable) bool { return t.Name == name })
	if i < 0 {
		return port.KeyTable{}, base.Errorf(base.NotFound, "Requested resource not found").WithCode("ResourceNotFoundException")
	}
	return s.tables[i], nil
}
