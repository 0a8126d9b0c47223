package iceberg

import (
	"slices"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func (c *catalog) listNamespaces(k *call) error {
	if parent := k.r.URL.Query().Get("parent"); parent != "" {
		if _, err := c.lake.DatabaseProperties(k.r.Context(), parent); err != nil {
			return err
		}
		return k.reply(map[string]any{"namespaces": [][]string{}})
	}
	names, err := c.lake.Databases(k.r.Context())
	if err != nil {
		return err
	}
	slices.Sort(names)
	names, next, err := page(k.r, slices.Compact(names))
	if err != nil {
		return err
	}
	list := make([][]string, len(names))
	for i, n := range names {
		list[i] = []string{n}
	}
	return k.reply(listing(map[string]any{"namespaces": list}, next))
}

type namespaceBody struct {
	Namespace  []string          `json:"namespace"`
	Properties map[string]string `json:"properties"`
}

func (c *catalog) createNamespace(k *call) error {
	var b namespaceBody
	if err := k.read(&b); err != nil {
		return err
	}
	if len(b.Namespace) != 1 {
		return base.Errorf(base.Invalid, "namespaces have one level here, not %d", len(b.Namespace))
	}
	if err := c.lake.CreateDatabase(k.r.Context(), b.Namespace[0], b.Properties); err != nil {
		return err
	}
	return c.describeNamespace(k, b.Namespace[0])
}

func (c *catalog) loadNamespace(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	return c.describeNamespace(k, ns)
}

func (c *catalog) describeNamespace(k *call, ns string) error {
	props, err := c.lake.DatabaseProperties(k.r.Context(), ns)
	if err != nil {
		return err
	}
	return k.reply(namespaceBody{[]string{ns}, props})
}

func (c *catalog) namespaceExists(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	if _, err := c.lake.DatabaseProperties(k.r.Context(), ns); err != nil {
		return err
	}
	return k.done()
}

func (c *catalog) dropNamespace(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	if err := c.lake.DropDatabase(k.r.Context(), ns); err != nil {
		return err
	}
	return k.done()
}

func (c *catalog) updateNamespace(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	var b struct {
		Removals []string          `json:"removals"`
		Updates  map[string]string `json:"updates"`
	}
	if err := k.read(&b); err != nil {
		return err
	}
	changed, err := c.lake.SetDatabaseProperties(k.r.Context(), ns, b.Removals, b.Updates)
	if err != nil {
		return err
	}
	return k.reply(lake.PropertiesChanged{Updated: some(changed.Updated), Removed: some(changed.Removed), Missing: some(changed.Missing)})
}

// some makes a nil list an empty one in JSON.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
