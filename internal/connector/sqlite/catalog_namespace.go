package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icetable "github.com/apache/iceberg-go/table"
)

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func (c *Catalog) namespaceExists(ctx context.Context, q queryer, ns string) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND namespace = ?2)
		+ (SELECT count(*) FROM iceberg_tables WHERE catalog_name = ?1 AND table_namespace = ?2)`, c.name, ns).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look up namespace %s: %w", ns, err)
	}
	return n > 0, nil
}

// CheckNamespaceExists implements catalog.Catalog.
func (c *Catalog) CheckNamespaceExists(ctx context.Context, namespace icetable.Identifier) (bool, error) {
	return c.namespaceExists(ctx, c.store.Reader(), strings.Join(namespace, "."))
}

// CreateNamespace implements catalog.Catalog.
func (c *Catalog) CreateNamespace(ctx context.Context, namespace icetable.Identifier, props iceberg.Properties) error {
	if err := catalog.ValidateNamespaceIdentifier(namespace); err != nil {
		return err
	}
	if slices.ContainsFunc(namespace, func(p string) bool { return p == "" || strings.Contains(p, ".") }) {
		return fmt.Errorf("%w: namespace %q", catalog.ErrInvalidIdentifier, namespace)
	}
	ns := strings.Join(namespace, ".")
	return c.store.Update(ctx, func(tx *sql.Tx) error {
		ok, err := c.namespaceExists(ctx, tx, ns)
		if err != nil {
			return err
		}
		if ok {
			return fmt.Errorf("%w: %s", catalog.ErrNamespaceAlreadyExists, ns)
		}
		if err := c.setProperty(ctx, tx, ns, existsKey, "true"); err != nil {
			return err
		}
		for k, v := range props {
			if err := c.setProperty(ctx, tx, ns, k, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Catalog) setProperty(ctx context.Context, tx *sql.Tx, ns, key, value string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO iceberg_namespace_properties VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET property_value = excluded.property_value`, c.name, ns, key, value)
	if err != nil {
		return fmt.Errorf("set property %s of namespace %s: %w", key, ns, err)
	}
	return nil
}

// DropNamespace implements catalog.Catalog; a namespace with tables stays
// (catalog.ErrNamespaceNotEmpty).
func (c *Catalog) DropNamespace(ctx context.Context, namespace icetable.Identifier) error {
	ns := strings.Join(namespace, ".")
	return c.store.Update(ctx, func(tx *sql.Tx) error {
		if ok, err := c.namespaceExists(ctx, tx, ns); err != nil || !ok {
			return errors.Join(fmt.Errorf("%w: %s", catalog.ErrNoSuchNamespace, ns), err)
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ?`, c.name, ns).Scan(&n); err != nil {
			return fmt.Errorf("drop namespace %s: %w", ns, err)
		}
		if n > 0 {
			return fmt.Errorf("%w: %s", catalog.ErrNamespaceNotEmpty, ns)
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ?`, c.name, ns)
		return err
	})
}

// ListNamespaces implements catalog.Catalog: the direct children of parent,
// or the top level.
func (c *Catalog) ListNamespaces(ctx context.Context, parent icetable.Identifier) ([]icetable.Identifier, error) {
	rows, err := c.store.Reader().QueryContext(ctx, `SELECT namespace FROM iceberg_namespace_properties WHERE catalog_name = ?1
		UNION SELECT table_namespace FROM iceberg_tables WHERE catalog_name = ?1 ORDER BY 1`, c.name)
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	defer rows.Close()
	seen := map[string]bool{}
	var out []icetable.Identifier
	for rows.Next() {
		var ns string
		if err := rows.Scan(&ns); err != nil {
			return nil, fmt.Errorf("list namespaces: %w", err)
		}
		parts := strings.Split(ns, ".")
		if len(parts) <= len(parent) || !slices.Equal(parts[:len(parent)], parent) {
			continue
		}
		child := parts[:len(parent)+1]
		if key := strings.Join(child, "."); !seen[key] {
			seen[key] = true
			out = append(out, child)
		}
	}
	return out, rows.Err()
}

// LoadNamespaceProperties implements catalog.Catalog.
func (c *Catalog) LoadNamespaceProperties(ctx context.Context, namespace icetable.Identifier) (iceberg.Properties, error) {
	ns := strings.Join(namespace, ".")
	if ok, err := c.namespaceExists(ctx, c.store.Reader(), ns); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("%w: %s", catalog.ErrNoSuchNamespace, ns), err)
	}
	return c.properties(ctx, c.store.Reader(), ns)
}

func (c *Catalog) properties(ctx context.Context, q queryer, ns string) (iceberg.Properties, error) {
	rows, err := q.QueryContext(ctx, `SELECT property_key, coalesce(property_value, '') FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ?`, c.name, ns)
	if err != nil {
		return nil, fmt.Errorf("properties of namespace %s: %w", ns, err)
	}
	defer rows.Close()
	out := iceberg.Properties{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return nil, fmt.Errorf("properties of namespace %s: %w", ns, err)
		}
		out[k] = v
	}
	return out, rows.Err()
}

// UpdateNamespaceProperties implements catalog.Catalog.
func (c *Catalog) UpdateNamespaceProperties(ctx context.Context, namespace icetable.Identifier, removals []string, updates iceberg.Properties) (catalog.PropertiesUpdateSummary, error) {
	ns := strings.Join(namespace, ".")
	sum := catalog.PropertiesUpdateSummary{Removed: []string{}, Updated: []string{}, Missing: []string{}}
	for _, k := range removals {
		if _, both := updates[k]; both || k == existsKey {
			return sum, fmt.Errorf("%w: property %q cannot be removed here", iceberg.ErrInvalidArgument, k)
		}
	}
	err := c.store.Update(ctx, func(tx *sql.Tx) error {
		if ok, err := c.namespaceExists(ctx, tx, ns); err != nil || !ok {
			return errors.Join(fmt.Errorf("%w: %s", catalog.ErrNoSuchNamespace, ns), err)
		}
		have, err := c.properties(ctx, tx, ns)
		if err != nil {
			return err
		}
		for _, k := range removals {
			if _, ok := have[k]; !ok {
				sum.Missing = append(sum.Missing, k)
				continue
			}
			sum.Removed = append(sum.Removed, k)
			if _, err := tx.ExecContext(ctx, `DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ? AND property_key = ?`, c.name, ns, k); err != nil {
				return fmt.Errorf("remove property %s of namespace %s: %w", k, ns, err)
			}
		}
		for k, v := range updates {
			sum.Updated = append(sum.Updated, k)
			if err := c.setProperty(ctx, tx, ns, k, v); err != nil {
				return err
			}
		}
		return nil
	})
	return sum, err
}
