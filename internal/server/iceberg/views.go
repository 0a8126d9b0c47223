package iceberg

import (
	"github.com/mulgil/mulgil/internal/lake"
)

func (c *catalog) listViews(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	names, err := c.lake.ViewNames(k.r.Context(), ns)
	if err != nil {
		return err
	}
	return k.identifiers(ns, names)
}

func (c *catalog) createView(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	var b lake.NewView
	if err := k.read(&b); err != nil {
		return err
	}
	d, err := c.lake.CreateViewDoc(k.r.Context(), ns, b)
	if err != nil {
		return err
	}
	return k.reply(answer(d))
}

func (c *catalog) loadView(k *call) error {
	n, err := k.name("view")
	if err != nil {
		return err
	}
	d, err := c.lake.LoadViewDoc(k.r.Context(), n)
	if err != nil {
		return err
	}
	return k.reply(answer(d))
}

func (c *catalog) viewExists(k *call) error {
	n, err := k.name("view")
	if err != nil {
		return err
	}
	if _, err := c.lake.LoadViewDoc(k.r.Context(), n); err != nil {
		return err
	}
	return k.done()
}

func (c *catalog) commitView(k *call) error {
	n, err := k.name("view")
	if err != nil {
		return err
	}
	var b changeBody
	if err := k.read(&b); err != nil {
		return err
	}
	change, err := b.change(n)
	if err != nil {
		return err
	}
	d, err := c.lake.CommitViewDoc(k.r.Context(), change)
	if err != nil {
		return err
	}
	return k.reply(answer(d))
}

func (c *catalog) dropView(k *call) error {
	n, err := k.name("view")
	if err == nil {
		err = c.lake.DropView(k.r.Context(), n)
	}
	if err != nil {
		return err
	}
	return k.done()
}

func (c *catalog) renameView(k *call) error {
	from, to, err := k.rename()
	if err == nil {
		err = c.lake.RenameView(k.r.Context(), from, to)
	}
	if err != nil {
		return err
	}
	return k.done()
}
